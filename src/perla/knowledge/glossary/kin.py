"""Terms that are spoken of together though they stand in different themes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files


@cache
def shipped_kin() -> Mapping[str, tuple[str, ...]]:
    """By the name of a term, the names of those it is spoken of with."""
    lines = files("perla.knowledge.glossary").joinpath("kin.txt").read_text(encoding="utf-8").splitlines()
    rows = (line.split("|") for line in lines if line.strip() and not line.startswith("#"))
    return {name.strip(): tuple(other.strip() for other in others.split(",")) for name, others in rows}
