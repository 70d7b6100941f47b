"""What a recogniser made of terms it did not know, found by sound, oddness and company.

Every window of one to four words that are no ordinary words together is compared with the English names of the
glossary: by the consonants in the classes that recognisers confuse, by the frame of consonants and vowels, and by all
sounds (normalised Levenshtein similarity, in compiled code). How like it sounds is not enough: "queda" sounds like CUDA
and is a word of every sentence. So each place where it stands is judged: by how often recognisers take the one sound
for the other, by whether a dictionary knows the words, and by whether the talk there is of the term or its theme.

Some forms no sound leads to: they were seen before, ship with the glossary and are looked for as they stand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from perla.knowledge.company import Company, Spots
from perla.knowledge.glossary import Glossary, Misheard, shipped_misheard
from perla.knowledge.likelihood import (
    Floats,
    Talk,
    forms_of,
    is_inflection,
    is_padded,
    is_plain_part,
    is_spanish,
    is_spelled,
    probabilities,
    standings_of,
)
from perla.knowledge.windows import (
    LEADING,
    Candidate,
    Window,
    exact_places,
    odd_windows,
    ordinary_words,
    places_of,
    sounding_alike,
)

LEAST_PROBABILITY = 0.04
TRUSTED = 0.75  # the shipped operating point: these are told as repairs (benchmarks/aliases.py: nine in ten are right)
STEPS = (TRUSTED, 0.3, LEAST_PROBABILITY)  # places of like probability are one finding
BEYOND_DOUBT = 0.9  # such findings tell what the talk is of
SMALL_WORD = 0.1  # by which a finding without a small word at its beginning may be less likely
SPELLED = 0.98  # a name of the term, written otherwise
TELLING = 0.6  # forms seen before, of which so many were the term, tell what the talk is of


class Rule(StrEnum):
    """Where a finding comes from."""

    SOUND = "sound"
    CONFIRMED = "confirmed"
    SPELLING = "spelling"  # a name of the term, written otherwise; right as it stands
    COMPANY = "company"  # ordinary words; only where the talk is of the term's theme
    KNOWN = "known"  # seen before as what a recogniser makes of the term


@dataclass(frozen=True)
class Place:
    """Words first..last (not included) of a source."""

    source: str
    first: int
    last: int


@dataclass(frozen=True)
class Finding:
    """A mangled term. original : folded words as heard. score : probability that ``canonical`` was said.

    confirmed_by : who said so, empty for nobody.
    """

    original: str
    canonical: str
    score: float
    rule: Rule
    places: tuple[Place, ...] = field(repr=False)
    confirmed_by: str = ""


def find_aliases(
    texts: Mapping[str, Sequence[str]],
    glossary: Glossary,
    is_word: Mapping[str, bool],
    misheard: Sequence[Misheard] | None = None,
) -> list[Finding]:
    """Mangled terms in the folded words of each source, the likeliest first.

    is_word : for every word that stands in the texts, whether a dictionary knows it. misheard : forms that are known
    beforehand, by default the shipped ones.
    """
    misheard = shipped_misheard() if misheard is None else misheard
    ordinary = ordinary_words(texts)
    exact = exact_places(texts, glossary, ordinary)
    windows = odd_windows(texts, ordinary, exact)
    candidates = [c for c in sounding_alike(windows, glossary, ordinary) if may_be(c, is_word)]
    spots = places_of({one.words for one in misheard}, texts)
    telling = (one for one in misheard if not one.plain and one.chance >= TELLING)
    sure = [(one.canonical, spots[one.words]) for one in telling if one.words in spots]
    hearing = Hearing.of(candidates, Talk.of(texts, is_word, windows))
    found = hearing.findings(Company.of(texts, exact, glossary, sure))
    heard = [(f.canonical, [(p.source, p.first) for p in f.places]) for f in found if f.score >= BEYOND_DOUBT]
    company = Company.of(texts, exact, glossary, [*sure, *heard])
    found = [*known(misheard, spots, company), *hearing.findings(company)]
    return sorted(without_overlaps(found), key=lambda f: (-f.score, f.original))


def known(misheard: Iterable[Misheard], spots: Mapping[Window, Spots], company: Company) -> list[Finding]:
    """Forms that were seen before; plain words count only where the term may well be meant."""
    found = []
    for one in misheard:
        there = spots.get(one.words, ())
        if one.plain:
            there = company.about(one.canonical, there)
        places = tuple(Place(source, first, first + len(one.words)) for source, first in there)
        if places and one.chance >= LEAST_PROBABILITY:
            found.append(Finding(" ".join(one.words), one.canonical, one.chance, Rule.KNOWN, places))
    return found


def may_be(candidate: Candidate, is_word: Mapping[str, bool]) -> bool:
    """Whether a window can be told from plain speech: no words of the term as they are, and no other form of one."""
    if is_spelled(candidate):
        return True
    return not (is_padded(candidate) or is_plain_part(candidate) or is_inflection(candidate, is_word))


@dataclass(frozen=True)
class Hearing:
    """Windows and the terms they sound like. rules : what each is found by. forms : what is known of each, wherever
    it stands."""

    candidates: Sequence[Candidate]
    rules: Sequence[Rule]
    talk: Talk
    forms: Floats

    @classmethod
    def of(cls, candidates: Sequence[Candidate], talk: Talk) -> Hearing:
        return cls(candidates, [_rule_of(one, talk.is_word) for one in candidates], talk, forms_of(candidates, talk))

    def weigh(self, company: Company) -> tuple[list[tuple[int, str, int]], Floats]:
        """Each place of each candidate, (candidate, source, first word), and what is known of it, (places, EVIDENCE).

        Words of every day are a term only where it may well be meant.
        """
        places: list[tuple[int, str, int]] = []
        standings = []
        for number, one in enumerate(self.candidates):
            spots = self.talk.windows[one.window]
            if self.rules[number] is Rule.COMPANY:
                spots = company.about(one.term.name, spots)
            places += [(number, source, first) for source, first in spots]
            standings += standings_of(one.term.name, one.term.theme, len(one.window), spots, company, self.talk)
        forms = self.forms[[number for number, *_ in places]]
        return places, np.column_stack([forms, standings]) if places else np.zeros((0, 0))

    def findings(self, company: Company) -> list[Finding]:
        """Each window, where it stands, as the term it most probably is, if any."""
        places, evidence = self.weigh(company)
        best: dict[tuple[int, str, int], tuple[float, int]] = {}
        for (number, source, first), chance in zip(places, probabilities(evidence).tolist(), strict=True):
            one = self.candidates[number]
            chance = SPELLED if self.rules[number] is Rule.SPELLING else chance
            key = len(one.window), source, first
            if chance >= LEAST_PROBABILITY and chance > best.get(key, (0.0, 0))[0]:
                best[key] = chance, number
        groups: dict[tuple[int, float], list[tuple[float, Place]]] = defaultdict(list)
        for (length, source, first), (chance, number) in best.items():
            step = next(step for step in STEPS if chance >= step)
            groups[number, step].append((chance, Place(source, first, first + length)))
        return [self._finding(number, held) for (number, _), held in groups.items()]

    def _finding(self, number: int, held: Sequence[tuple[float, Place]]) -> Finding:
        """Places of like probability, with their mean."""
        one, score = self.candidates[number], sum(chance for chance, _ in held) / len(held)
        places = tuple(place for _, place in held)
        return Finding(" ".join(one.window), one.term.name, round(score, 4), self.rules[number], places)


def _rule_of(candidate: Candidate, is_word: Mapping[str, bool]) -> Rule:
    if is_spelled(candidate):
        return Rule.SPELLING
    return Rule.COMPANY if all(is_word.get(word, True) for word in candidate.window) else Rule.SOUND


def without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Each word is of one finding of a term, the likeliest, and of none beside a trusted one."""
    taken: dict[tuple[str, int], dict[str, float]] = defaultdict(dict)
    kept = []
    for finding in sorted(findings, key=_standing):
        free = tuple(place for place in finding.places if not _is_taken(place, finding.canonical, taken))
        if not free:
            continue
        kept.append(Finding(finding.original, finding.canonical, finding.score, finding.rule, free))
        for place in free:
            for word in range(place.first, place.last):
                taken[place.source, word][finding.canonical] = finding.score
    return kept


def _standing(finding: Finding) -> tuple[bool, int, float, int]:
    """What comes first: mangled words beyond doubt, then right ones, then the doubtful; of equals the shorter.

    Of several words that were seen together before, the more the sooner. A small word at the beginning counts against a
    finding that is told anyway: what is left of it may be enough.
    """
    sure = finding.rule is Rule.SPELLING or finding.score >= TRUSTED
    score = BEYOND_DOUBT if finding.rule is Rule.SPELLING else finding.score
    if sure and finding.original.split()[0] in LEADING:
        score -= SMALL_WORD
    together = finding.original.count(" ") if sure and finding.rule is Rule.KNOWN else 0
    return not sure, -together, -round(score, 2), len(finding.original)


def _is_taken(place: Place, canonical: str, taken: Mapping[tuple[str, int], Mapping[str, float]]) -> bool:
    held = [taken.get((place.source, word), {}) for word in range(place.first, place.last)]
    return any(canonical in names or any(score >= TRUSTED for score in names.values()) for names in held)


def known_words(texts: Mapping[str, Sequence[str]], written: Mapping[str, Sequence[str]]) -> dict[str, bool]:
    """For every word, whether a Spanish dictionary knows it as it was written (simplemma).

    written : for a folded word the ways it is written, with accents.
    """
    ordinary = ordinary_words(texts)
    words = {word for said in texts.values() for word in said}
    return {word: word in ordinary or word.isdigit() or is_spanish(tuple(written.get(word, (word,)))) for word in words}
