"""What recognisers of Spanish speech were seen to write for terms that sound does not lead to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Misheard:
    """One way a term is written by mistake.

    words : as heard, folded. canonical : the term. plain : words that anybody may say meaning just themselves, which
    are the term only where it may well be meant. times, right : how often the words stood in recordings that
    were read, and how often they were the term.
    """

    words: tuple[str, ...]
    canonical: str
    plain: bool = False
    right: int = 1
    times: int = 1

    @property
    def chance(self) -> float:
        """How probably the words are the term in a recording that was not read for this list.

        The share of times they were, drawn towards what a form comes to that was never seen: 0.05 of plain words, 0.2
        of others, which weigh like half a time and a quarter of one (likeliest on 32 hours of talk, each session
        judged by the others).

        >>> Misheard(("fase", "py"), "FastAPI").chance, Misheard(("la", "tuna"), "Optuna", plain=True).chance
        (0.84, 0.6833)
        """
        usual, weight = (0.05, 0.5) if self.plain else (0.2, 0.25)
        return round((self.right + weight * usual) / (self.times + weight), 4)


@cache
def shipped_misheard() -> tuple[Misheard, ...]:
    """The mishearings that come with perla, each pair of words and term once.

    >>> any(one.canonical == "Optuna" and one.words == ("oxx",) for one in shipped_misheard())
    True
    """
    text = files("perla.knowledge.glossary").joinpath("misheard.txt").read_text(encoding="utf-8")
    rows = (line.split("|") for line in text.splitlines() if line.strip() and not line.startswith("#"))
    return tuple(misheard for canonical, *cells in rows for misheard in _of(canonical.strip(), cells))


def _of(canonical: str, cells: Iterable[str]) -> Iterator[Misheard]:
    """The forms of one line: first those that nobody would say, then plain ones; "words 3/4" are right 3 of 4 times."""
    for plain, cell in enumerate(cells):
        for form in filter(str.strip, cell.split(",")):
            *words, last = form.split()
            if "/" in last:
                right, times = map(int, last.split("/"))
            else:
                words, right, times = [*words, last], 1, 1
            yield Misheard(tuple(words), canonical, bool(plain), right, times)
