"""What the talk is of, stretch by stretch: a mangled term stands where its theme is spoken of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from perla.knowledge.glossary import Glossary, shipped_kin
from perla.knowledge.words import words_of

STRETCH = 40  # words
AROUND = (-2, -1, 0, 1, 2)  # stretches to each side that speak of the same
NOTHING: frozenset[tuple[str, int]] = frozenset()
FEWEST_KIN = 2  # terms spoken of together with one, that stand in for it

Stretches = frozenset[tuple[str, int]]
Spots = Sequence[tuple[str, int]]  # source and first word


@dataclass(frozen=True)
class Company:
    """Which stretches of the texts speak of a theme, of a term or two of its kin, and how many stretches there are.

    sources : by term, those that name it. theme_of : by term. spelled : by term and source, the first words of where
    it is spelled right, in order. count : of the sources.
    """

    themes: Mapping[str, Stretches]
    terms: Mapping[str, Stretches]
    stretches: int
    sources: Mapping[str, frozenset[str]]
    theme_of: Mapping[str, str]
    spelled: Mapping[str, Mapping[str, Sequence[int]]]
    count: int

    @classmethod
    def of(
        cls,
        texts: Mapping[str, Sequence[str]],
        exact: Mapping[str, Mapping[str, Sequence[tuple[int, int]]]],
        glossary: Glossary,
        heard: Iterable[tuple[str, Spots]] = (),
    ) -> Company:
        """From the terms that are spelled right. heard : terms and where they stand, mangled beyond doubt."""
        theme_of = {term.name: term.theme for term in glossary.terms}
        spelled = _by_term(exact, glossary)
        terms: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for term_name, places in spelled.items():
            terms[term_name] |= _around((source, first) for source, firsts in places.items() for first in firsts)
        for term_name, spots in heard:
            terms[term_name] |= _around(spots)
        sources = {term_name: frozenset(source for source, _ in around) for term_name, around in terms.items()}
        themes: dict[str, set[tuple[str, int]]] = defaultdict(set)
        kin: dict[str, set[tuple[str, int]]] = {}
        for term_name, around in terms.items():
            themes[theme_of.get(term_name, "")] |= around
        for term_name, others in shipped_kin().items():
            spoken = Counter(stretch for other in others for stretch in terms.get(other, ()))
            kin[term_name] = {stretch for stretch, count in spoken.items() if count >= FEWEST_KIN}
        for term_name, around in kin.items():
            terms[term_name] |= around
        count = sum(len(words) // STRETCH + 1 for words in texts.values())
        return cls(_frozen(themes), _frozen(terms), max(count, 1), sources, theme_of, spelled, max(len(texts), 1))

    def theme_share(self, theme: str) -> float:
        """The share of the stretches that speak of a theme."""
        return len(self.themes.get(theme, NOTHING)) / self.stretches

    def term_share(self, term: str) -> float:
        """The share of the stretches that speak of a term."""
        return len(self.terms.get(term, NOTHING)) / self.stretches

    def source_share(self, term: str) -> float:
        """The share of the sources that name a term."""
        return len(self.spelled.get(term, ())) / self.count

    def near(self, term: str, spots: Spots) -> list[tuple[str, int]]:
        """The places where a term is spoken of."""
        held = self.terms.get(term, NOTHING)
        return [(source, first) for source, first in spots if (source, first // STRETCH) in held]

    def about(self, term: str, spots: Spots) -> list[tuple[str, int]]:
        """The places where a term may well be meant: it, its theme or a term of its kin is spoken of, or its source
        names it anywhere."""
        held = [self.terms.get(name, NOTHING) for name in (term, *shipped_kin().get(term, ()))]
        held.append(self.themes.get(self.theme_of.get(term, ""), NOTHING))
        sources = self.sources.get(term, frozenset())
        return [
            (source, first)
            for source, first in spots
            if source in sources or any((source, first // STRETCH) in around for around in held)
        ]


def _by_term(
    exact: Mapping[str, Mapping[str, Sequence[tuple[int, int]]]], glossary: Glossary
) -> dict[str, dict[str, list[int]]]:
    """By term and source, the first words of where one of its names is spelled right, in order."""
    named: dict[str, list[str]] = defaultdict(list)
    for term in glossary.terms:
        for name in term.names:
            named[" ".join(words_of(name))].append(term.name)
    found: dict[str, dict[str, list[int]]] = defaultdict(dict)
    for source, names in exact.items():
        for name, places in names.items():
            for term_name in named[name]:
                found[term_name].setdefault(source, []).extend(first for first, _ in places)
    return {term: {source: sorted(firsts) for source, firsts in held.items()} for term, held in found.items()}


def _around(spots: Iterable[tuple[str, int]]) -> set[tuple[str, int]]:
    return {(source, first // STRETCH + step) for source, first in spots for step in AROUND}


def _frozen(sets: Mapping[str, set[tuple[str, int]]]) -> dict[str, Stretches]:
    return {name: frozenset(held) for name, held in sets.items()}
