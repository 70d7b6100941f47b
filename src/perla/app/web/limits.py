"""How much one request may ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from perla.errors import WhereError


@dataclass(frozen=True)
class Limits:
    """What keeps one caller from taking the service from the others.

    body_bytes : of a request. seconds : for one answer. working : answers made at the same time in one worker;
    waiting : requests that may wait for their turn, more are told to come back.
    """

    body_bytes: int = 2_000_000
    seconds: float = 20.0
    working: int = 8
    waiting: int = 200


# What the OpenAPI document names, the same for every service.
MOST_LISTINGS, MOST_COLUMNS, LONGEST_CELL = 100, 500, 20_000
MOST_COMPARABLES, MOST_SHOWN, MOST_PAGE, MOST_DAYS = 50, 100, 10_000, 36_500
LONGEST_WHERE, DEEPEST_WHERE, LONGEST_WISH, LONGEST_NAME, LONGEST_ID = 2_000, 30, 500, 200, 300
FDR = (0.001, 0.5)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`")
_STEP = re.compile(r"[()]|\b(?:not|no)\b", re.IGNORECASE)


def refuse_deep(where: str) -> None:
    """Raise WhereError for a filter nested deeper than anybody means.

    >>> refuse_deep("((price > 1))")
    """
    depth = deepest = denials = 0
    for step in _STEP.findall(_QUOTED.sub("''", where)):
        if step in "()":
            depth, denials = depth + (1 if step == "(" else -1), 0
        else:
            denials += 1
        deepest = max(deepest, depth, denials)
    if deepest > DEEPEST_WHERE:
        raise WhereError(
            f"A filter is nested at most {DEEPEST_WHERE} deep; this one is {deepest}. Write it flatter.",
            f"Un filtro se anida a lo sumo {DEEPEST_WHERE} veces; este, {deepest}. Escríbalo más plano.",
        )
