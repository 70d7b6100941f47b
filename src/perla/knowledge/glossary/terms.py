"""The glossary: what a term is called in English and in Spanish, and which terms a text names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from perla.knowledge.words import stem, stop_words, words_of

LONGEST_NAME = 6  # words


@dataclass(frozen=True)
class Term:
    """One thing with names.

    name : the one it is told by. english, spanish : all its names, ``name`` is the first English one. theme : terms of
    one theme are said in one breath; empty where nobody knows. origin : ``shipped``, ``yours`` (from the user's code or
    documents) or ``added``.
    """

    name: str
    english: tuple[str, ...]
    spanish: tuple[str, ...] = ()
    theme: str = ""
    origin: str = "shipped"

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.english, *self.spanish)


@dataclass(frozen=True)
class Mention:
    """Terms that words first..last (not included) of a text name."""

    terms: tuple[Term, ...]
    first: int
    last: int


@dataclass(frozen=True)
class Glossary:
    """Terms, found in texts by the stems of their names."""

    terms: tuple[Term, ...]
    _by_stems: dict[tuple[str, ...], tuple[Term, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[tuple[str, ...], dict[str, Term]] = defaultdict(dict)
        for term in self.terms:
            for name in term.names:
                found[tuple(map(stem, words_of(name)))][term.name] = term
        object.__setattr__(self, "_by_stems", {k: tuple(v.values()) for k, v in found.items() if k})

    def with_terms(self, terms: Iterable[Term]) -> Glossary:
        """The glossary with more terms; one of a name that is there already is left out."""
        known = {term.name.casefold() for term in self.terms}
        return Glossary((*self.terms, *(t for t in terms if t.name.casefold() not in known)))

    def joined(self, terms: Iterable[Term]) -> Glossary:
        """The glossary with more terms; one of a name that is there already gives it its other names."""
        known = {term.name.casefold(): term for term in self.terms}
        for term in terms:
            old = known.get(term.name.casefold())
            known[term.name.casefold()] = term if old is None else _together(old, term)
        return Glossary(tuple(known.values()))

    def mentions(self, words: Sequence[str]) -> list[Mention]:
        """The terms that folded words name, the longest name first, none inside another.

        >>> glossary = Glossary((Term("random forest", ("random forest",), ("bosque aleatorio",)),))
        >>> [(m.terms[0].name, m.first, m.last) for m in glossary.mentions(["los", "bosques", "aleatorios"])]
        [('random forest', 1, 3)]
        """
        roots, silent = [stem(word) for word in words], stop_words()
        found, place = [], 0
        while place < len(words):
            for length in range(min(LONGEST_NAME, len(words) - place), 0, -1):
                terms = self._by_stems.get(tuple(roots[place : place + length]))
                if terms and not (length == 1 and words[place] in silent):
                    found.append(Mention(terms, place, place + length))
                    place += length
                    break
            else:
                place += 1
        return found


def _together(term: Term, other: Term) -> Term:
    english, spanish = (*term.english, *other.english), (*term.spanish, *other.spanish)
    return Term(term.name, tuple(dict.fromkeys(english)), tuple(dict.fromkeys(spanish)), term.theme, term.origin)


@cache
def shipped_glossary() -> Glossary:
    """The terms of machine learning and programming that come with perla."""
    terms, theme = [], ""
    for line in files("perla.knowledge.glossary").joinpath("terms.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# ---"):
            theme = line.removeprefix("# ---").strip()
        elif line.strip() and not line.startswith("#"):
            name, english, spanish = (cell.strip() for cell in line.split("|"))
            terms.append(Term(name, (name, *_names(english)), tuple(_names(spanish)), theme))
    return Glossary(tuple(terms))


def _names(cell: str) -> list[str]:
    return [name.strip() for name in cell.split(",") if name.strip()]
