"""Everyday words that say the same, so that a question need not use the words of the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from perla.knowledge.words import stem, words_of

Stems = tuple[str, ...]


@dataclass(frozen=True)
class Everyday:
    """For the stem of a word, the stems of Spanish words and phrases that say the same."""

    others: Mapping[str, tuple[Stems, ...]]

    def of(self, root: str) -> tuple[Stems, ...]:
        """Ways to say a stem, the stem itself not among them."""
        return self.others.get(root, ())


@cache
def shipped_everyday() -> Everyday:
    """The everyday words that come with perla, Spanish and English."""
    found: dict[str, dict[Stems, None]] = defaultdict(dict)
    for line in files("perla.knowledge.glossary").joinpath("everyday.txt").read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        spanish, english = ([_stems(word) for word in cell.split(",")] for cell in line.split("|"))
        for said in (*spanish, *english):
            for other in spanish:
                if len(said) == 1 and other != said:
                    found[said[0]][other] = None
    return Everyday({root: tuple(ways) for root, ways in found.items()})


def _stems(phrase: str) -> Stems:
    return tuple(map(stem, words_of(phrase)))
