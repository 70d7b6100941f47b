"""Mangled terms worth a person's look, by how much it matters: how often said, how unsure, how rare the term."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perla.knowledge.aliases import Finding, Place, Rule
from perla.knowledge.index import Index
from perla.knowledge.passages import NAN, Passage
from perla.knowledge.repair import words_with_places
from perla.knowledge.search import phrase
from perla.knowledge.words import stem, words_of

AROUND = 8  # words shown to each side
MOST_MOMENTS, MOST_NAMES = 3, 4
HELD = 0.3  # from which on a passage says a term
LEAST = 0.2  # less likely ones are asked only when nothing else is left
TWO_SENSES = 0.6  # forms seen before that are the term less often than this: no one answer is right of them all


@dataclass(frozen=True)
class Moment:
    """A place where the words stand, verbatim. start_s : seconds into the recording, not a number elsewhere."""

    source: str
    start_s: float
    before: str
    words: str
    after: str


@dataclass(frozen=True)
class Doubt:
    """A finding that a person should judge. weight : how much it matters, above 0."""

    finding: Finding
    weight: float
    moments: tuple[Moment, ...]

    @property
    def said(self) -> int:
        """How often the words stand there."""
        return len(self.finding.places)


def find_doubts(index: Index, count: int = 0) -> list[Doubt]:
    """What nobody judged yet, what matters most first; count : how many, 0 for all of them."""
    open_ones = [f for f in index.findings if _is_open(f)]
    rarity = _Rarity(index)
    weighed = sorted(((_weight(f, rarity), f) for f in open_ones), key=lambda w: (-w[0], w[1].original))
    rows = _rows(index)
    return [Doubt(f, weight, moments_of(index, f, rows)) for weight, f in weighed[: count or None]]


def _is_open(finding: Finding) -> bool:
    """Whether a person could say yes or no to it."""
    if finding.rule is Rule.KNOWN:
        return finding.score >= TWO_SENSES
    return finding.rule in (Rule.SOUND, Rule.COMPANY)


def _weight(finding: Finding, rarity: _Rarity) -> float:
    """How often said x how unsure x how rare; the first times count most."""
    unsure = 4 * finding.score * (1 - finding.score)
    likely = 1.0 if finding.score >= LEAST else 0.5
    return math.log1p(len(finding.places)) * unsure * likely * rarity.of(finding.canonical)


class _Rarity:
    """How rare a term is in what was learned, 0 to 1; each term is looked up once."""

    def __init__(self, index: Index) -> None:
        self.index, self.known = index, dict[str, float]()
        self.terms = {term.name: term for term in index.glossary.terms}

    def of(self, canonical: str) -> float:
        if canonical not in self.known:
            term, n = self.terms.get(canonical), max(len(self.index), 1)
            names = term.names[:MOST_NAMES] if term else (canonical,)
            said = np.zeros(len(self.index), bool)
            for name in names:
                said |= phrase(self.index, [stem(word) for word in words_of(name)]) > HELD
            self.known[canonical] = math.log1p(n / (1 + int(said.sum()))) / math.log1p(n)
        return self.known[canonical]


Rows = dict[str, tuple[list[int], list[int]]]


def _rows(index: Index) -> Rows:
    """For each source its passages, and the first word of each."""
    rows: dict[str, list[int]] = defaultdict(list)
    for row, passage in enumerate(index.passages):
        rows[passage.source].append(row)
    return {source: (own, [index.passages[row].first_word for row in own]) for source, own in rows.items()}


def moments_of(index: Index, finding: Finding, rows: Rows | None = None) -> tuple[Moment, ...]:
    """Places of a finding, spread over where it stands."""
    rows = _rows(index) if rows is None else rows
    step = max(1, len(finding.places) // MOST_MOMENTS)
    found = (_moment(index, place, finding.original.split(), rows) for place in finding.places[::step])
    return tuple(moment for moment in found if moment is not None)[:MOST_MOMENTS]


def _moment(index: Index, place: Place, original: Sequence[str], rows: Rows) -> Moment | None:
    own, firsts = rows.get(place.source, ([], []))
    if not own:
        return None
    last = int(np.searchsorted(firsts, max(place.first - AROUND, 0), side="right")) - 1
    passage = index.passages[own[max(last, 0)]]
    words, spans = words_with_places(passage.text)
    expected, length = place.first - passage.first_word, len(original)
    near = [i for i in range(len(words) - length + 1) if words[i : i + length] == list(original)]
    if not near:
        return None
    at = min(near, key=lambda i: abs(i - expected))
    begin, end = spans[at][0], spans[at + length - 1][1]
    first, until = spans[max(at - AROUND, 0)][0], spans[min(at + length + AROUND, len(words)) - 1][1]
    text = passage.text
    return Moment(place.source, _second(passage, at, len(words)), text[first:begin], text[begin:end], text[end:until])


def _second(passage: Passage, word: int, words: int) -> float:
    if not math.isfinite(passage.start_s):
        return NAN
    return passage.start_s + (passage.end_s - passage.start_s) * word / max(words, 1)
