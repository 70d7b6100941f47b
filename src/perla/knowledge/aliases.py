"""What a recogniser made of terms it did not know, found by sound, oddness and company.

Every window of one to four words that are no ordinary words together is compared with the English names of the
glossary: by the consonants in the classes that recognisers confuse, by the frame of consonants and vowels, and by all
sounds (normalised Levenshtein similarity, in compiled code). How like it sounds is not enough: "queda" sounds like CUDA
and is a word of every sentence. So a finding also weighs how long the term is, whether the window is made of words
that no dictionary knows, and whether it stands in the company of the term's own theme.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from perla.knowledge.glossary import Glossary, Term
from perla.knowledge.sound import Sound, hear, hear_name
from perla.knowledge.words import stop_words, words_of

LONGEST_WINDOW = 4
FEWEST_CONSONANTS, MOST_CONSONANTS = 3, 16
ALIKE, SOUNDS_LIKE = 0.70, 0.72  # consonants alone; all three together
EVERYWHERE = 0.6  # of the sources; a word said in so many is ordinary here
COMPANY = 40  # words
LEADING = frozenset(["de", "a", "el", "la", "o", "y", "e"])  # small words that a term may be heard to begin with
TRAILING = frozenset(["y", "i", "a", "o", "ye", "te"])
BATCH = 20_000
LEAST_PROBABILITY = 0.08
TRUSTED = 0.85  # the shipped operating point: these are told as repairs


class Rule(StrEnum):
    """Where a finding comes from."""

    SOUND = "sound"
    CONFIRMED = "confirmed"
    SPELLING = "spelling"  # a name of the term, written otherwise; right as it stands
    COMPANY = "company"  # ordinary words; only where the talk is of the term's theme


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


@dataclass(frozen=True)
class Candidate:
    """A window and a term that sounds like it."""

    window: tuple[str, ...]
    term: Term
    alike: float
    consonants: int


def find_aliases(texts: Mapping[str, Sequence[str]], glossary: Glossary, is_word: Mapping[str, bool]) -> list[Finding]:
    """Mangled terms in the folded words of each source, the likeliest first.

    is_word : for every word that stands in the texts, whether a dictionary knows it.
    """
    ordinary = ordinary_words(texts)
    exact = exact_places(texts, glossary, ordinary)
    windows = odd_windows(texts, ordinary, exact)
    candidates = sounding_alike(windows, glossary, ordinary)
    company = Company.of(texts, exact, glossary)
    best: dict[tuple[str, ...], tuple[float, Candidate]] = {}
    for candidate in candidates:
        chance = probability(candidate, windows[candidate.window], company, is_word)
        if chance >= LEAST_PROBABILITY and chance > best.get(candidate.window, (0.0, None))[0]:
            best[candidate.window] = (chance, candidate)
    found = [_finding(chance, candidate, windows[window]) for window, (chance, candidate) in best.items()]
    return sorted(found, key=lambda f: (-f.score, f.original))


def _finding(chance: float, candidate: Candidate, places: list[tuple[str, int]]) -> Finding:
    length = len(candidate.window)
    where = tuple(Place(source, first, first + length) for source, first in places)
    return Finding(" ".join(candidate.window), candidate.term.name, round(chance, 4), Rule.SOUND, where)


def ordinary_words(texts: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """Words said in most sources, and those that say nothing."""
    seen = Counter(word for words in texts.values() for word in set(words))
    most = max(2.0, EVERYWHERE * len(texts))
    return frozenset(word for word, count in seen.items() if count >= most) | stop_words()


def exact_places(
    texts: Mapping[str, Sequence[str]], glossary: Glossary, ordinary: frozenset[str]
) -> dict[str, dict[str, list[tuple[int, int]]]]:
    """Where names of terms are spelled right: by source, by name, (first, last)."""
    names = {tuple(words_of(name)) for term in glossary.terms for name in term.names}
    names = {n for n in names if n and not all(w in ordinary for w in n)}
    heads: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for name in names:
        heads[name[0]].append(name)
    found: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for source, words in texts.items():
        here: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for i, word in enumerate(words):
            for name in heads.get(word, ()):
                if tuple(words[i : i + len(name)]) == name:
                    here[" ".join(name)].append((i, i + len(name)))
        found[source] = here
    return found


def odd_windows(
    texts: Mapping[str, Sequence[str]],
    ordinary: frozenset[str],
    exact: Mapping[str, Mapping[str, Sequence[tuple[int, int]]]],
) -> dict[tuple[str, ...], list[tuple[str, int]]]:
    """Windows that hold a word that is not ordinary and no term spelled right, and where they stand."""
    silent = stop_words()
    found: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    for source, words in texts.items():
        taken = np.zeros(len(words) + 1, np.int64)
        for places in exact[source].values():
            for first, last in places:
                taken[first:last] = 1
        before = np.concatenate([[0], np.cumsum(taken[: len(words)])])
        odd = np.concatenate([[0], np.cumsum([w not in ordinary for w in words])])
        begins = [w not in silent or w in LEADING for w in words]
        ends = [w not in silent or w in TRAILING or len(w) > 3 for w in words]
        for length in range(1, LONGEST_WINDOW + 1):
            for i in range(len(words) - length + 1):
                j = i + length
                if before[j] > before[i] or odd[j] == odd[i]:
                    continue
                if length == 1 or (begins[i] and ends[j - 1]):
                    found[tuple(words[i:j])].append((source, i))
    return found


def sounding_alike(
    windows: Mapping[tuple[str, ...], object], glossary: Glossary, ordinary: frozenset[str]
) -> list[Candidate]:
    """Windows and terms whose readings are alike."""
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    heard = _heard_windows(windows)
    named = _heard_names(glossary, ordinary)
    keys, wanted = list(heard), list(named)
    found: dict[tuple[tuple[str, ...], str], Candidate] = {}
    for start in range(0, len(keys), BATCH):
        part = keys[start : start + BATCH]
        alike = process.cdist(
            part, wanted, scorer=Levenshtein.normalized_similarity, score_cutoff=ALIKE, dtype=np.float32, workers=-1
        )
        for i, j in zip(*np.nonzero(alike), strict=True):
            _compare(heard[part[i]], named[wanted[j]], float(alike[i, j]), found)
    return list(found.values())


def _compare(
    windows: Sequence[tuple[tuple[str, ...], Sound]],
    names: Sequence[tuple[Term, Sound]],
    consonants: float,
    found: dict[tuple[tuple[str, ...], str], Candidate],
) -> None:
    from rapidfuzz.distance import Levenshtein

    similar = Levenshtein.normalized_similarity
    for window, sound in windows:
        for term, name in names:
            alike = 0.35 * consonants + 0.35 * similar(sound.frame, name.frame)
            if alike + 0.3 < SOUNDS_LIKE:
                continue
            alike += 0.3 * similar(sound.sounds, name.sounds)
            before = found.get((window, term.name))
            if alike >= SOUNDS_LIKE and (before is None or before.alike < alike):
                found[window, term.name] = Candidate(window, term, alike, len(name.consonants))


def _heard_windows(windows: Mapping[tuple[str, ...], object]) -> dict[str, list[tuple[tuple[str, ...], Sound]]]:
    heard: dict[str, list[tuple[tuple[str, ...], Sound]]] = defaultdict(list)
    for window in windows:
        for sound in hear(window):
            if FEWEST_CONSONANTS <= len(sound.consonants) <= MOST_CONSONANTS:
                heard[sound.consonants].append((window, sound))
    return heard


def _heard_names(glossary: Glossary, ordinary: frozenset[str]) -> dict[str, list[tuple[Term, Sound]]]:
    """The sounds of the English names; Spanish ones are heard right."""
    heard: dict[str, list[tuple[Term, Sound]]] = defaultdict(list)
    for term in glossary.terms:
        for name in term.english:
            if all(word in ordinary for word in words_of(name)):
                continue
            for sound in hear_name(name):
                if len(sound.consonants) >= FEWEST_CONSONANTS:
                    heard[sound.consonants].append((term, sound))
    return heard


@dataclass(frozen=True)
class Company:
    """Which stretches of the texts speak of a theme or a term, and how usual that is."""

    themes: Mapping[str, frozenset[tuple[str, int]]]
    terms: Mapping[str, frozenset[tuple[str, int]]]
    stretches: int

    @classmethod
    def of(
        cls,
        texts: Mapping[str, Sequence[str]],
        exact: Mapping[str, Mapping[str, Sequence[tuple[int, int]]]],
        glossary: Glossary,
    ) -> Company:
        """From the terms that are spelled right."""
        named: dict[str, list[Term]] = defaultdict(list)
        for term in glossary.terms:
            for name in term.names:
                named[" ".join(words_of(name))].append(term)
        themes: dict[str, set[tuple[str, int]]] = defaultdict(set)
        terms: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for source, names in exact.items():
            for name, places in names.items():
                around = {(source, first // COMPANY + step) for first, _ in places for step in (-2, -1, 0, 1, 2)}
                for term in named[name]:
                    terms[term.name] |= around
                    themes[term.theme] |= around
        count = sum(len(words) // COMPANY + 1 for words in texts.values())
        return cls(
            {k: frozenset(v) for k, v in themes.items()}, {k: frozenset(v) for k, v in terms.items()}, max(count, 1)
        )

    def lift(self, stretches: frozenset[tuple[str, int]], places: Sequence[tuple[str, int]]) -> float:
        """How much more often than by chance these places lie in such stretches."""
        inside = sum((source, first // COMPANY) in stretches for source, first in places) / len(places)
        return inside / (len(stretches) / self.stretches + 0.01)


NOTHING: frozenset[tuple[str, int]] = frozenset()


def probability(
    candidate: Candidate, places: Sequence[tuple[str, int]], company: Company, is_word: Mapping[str, bool]
) -> float:
    """That the term was said where the window stands, by a logistic rule."""
    window, term = candidate.window, candidate.term
    unknown = sum(not is_word.get(word, True) for word in window)
    lexicon = 1.5 if unknown == len(window) else 0.3 if unknown else -2.5
    theme = company.lift(company.themes.get(term.theme, NOTHING), places)
    own = company.lift(company.terms.get(term.name, NOTHING), places)
    evidence = 12 * (candidate.alike - 0.86) + 0.5 * (candidate.consonants - 4.5) + lexicon
    evidence += 0.5 * math.log(theme + 0.2) + 0.5 * math.log(own + 0.3) - 0.3 * (len(window) - 1) - 1.0
    return 1 / (1 + math.exp(-evidence))


def known_words(texts: Mapping[str, Sequence[str]], written: Mapping[str, Sequence[str]]) -> dict[str, bool]:
    """For every word, whether a Spanish dictionary knows it as it was written (simplemma).

    written : for a folded word the ways it is written, with accents.
    """
    import simplemma

    ordinary = ordinary_words(texts)
    words = {word for said in texts.values() for word in said}
    return {
        word: word in ordinary
        or word.isdigit()
        or any(simplemma.is_known(way, lang="es") for way in written.get(word, (word,)))
        for word in words
    }
