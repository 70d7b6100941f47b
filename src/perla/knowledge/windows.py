"""Windows of words that are no ordinary words together, and the terms that sound like them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perla.knowledge.glossary import Glossary, Term
from perla.knowledge.sound import Sound, consonants_of, english, hear_name, sound_of, spanish
from perla.knowledge.words import stop_words, words_of

Window = tuple[str, ...]
Places = NDArray[np.int64]
Floats = NDArray[np.float64]

LONGEST_WINDOW, LONGEST_WORD = 4, 30
FEWEST_CONSONANTS, MOST_CONSONANTS = 2, 16
LONGEST_NAME = 60  # letters of a name that is listened for
ALIKE, SOUNDS_LIKE = 0.60, 0.68  # consonants alone; all three together
EVERYWHERE = 0.6  # of the sources; a word said in so many is ordinary here
LEADING = frozenset(["de", "a", "el", "la", "o", "y", "e"])  # small words that a term may be heard to begin with
TRAILING = frozenset(["y", "i", "a", "o", "ye", "te"])
BATCH = 2_000
TONGUES = (spanish, english)


@dataclass(frozen=True)
class Candidate:
    """A window and a term that sounds like it. name : the one of its names that does. heard, meant : the readings of
    the window and of the name that are alike."""

    window: Window
    term: Term
    name: str
    alike: float
    heard: Sound
    meant: Sound


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
    found: dict[str, dict[str, list[tuple[int, int]]]] = {source: defaultdict(list) for source in texts}
    for name, spots in places_of(names, texts).items():
        for source, first in spots:
            found[source][" ".join(name)].append((first, first + len(name)))
    return found


def places_of(windows: Iterable[Window], texts: Mapping[str, Sequence[str]]) -> dict[Window, list[tuple[str, int]]]:
    """Where folded words stand one after another: for each that does, (source, first word).

    >>> places_of([("la", "tuna")], {"one": ["con", "la", "tuna", "y", "la", "tuna"]})
    {('la', 'tuna'): [('one', 1), ('one', 4)]}
    """
    heads: dict[str, list[Window]] = defaultdict(list)
    for window in windows:
        heads[window[0]].append(window)
    found: dict[Window, list[tuple[str, int]]] = defaultdict(list)
    for source, words in texts.items():
        for first, word in enumerate(words):
            for window in heads.get(word, ()):
                if tuple(words[first : first + len(window)]) == window:
                    found[window].append((source, first))
    return dict(found)


def odd_windows(
    texts: Mapping[str, Sequence[str]],
    ordinary: frozenset[str],
    exact: Mapping[str, Mapping[str, Sequence[tuple[int, int]]]],
) -> dict[Window, list[tuple[str, int]]]:
    """Windows that hold a word that is not ordinary and no term spelled right, and where they stand."""
    found: dict[Window, list[tuple[str, int]]] = defaultdict(list)
    for source, words in texts.items():
        ends_at = _reach(words, exact[source])
        odd = np.concatenate([[0], np.cumsum([w not in ordinary for w in words])]).tolist()
        begins, ends = _borders(words)
        for i in range(len(words)):
            for j in range(i + 1, min(i + LONGEST_WINDOW, ends_at[i]) + 1):
                if odd[j] > odd[i] and (j == i + 1 or (begins[i] and ends[j - 1])):
                    found[tuple(words[i:j])].append((source, i))
    return found


def _reach(words: Sequence[str], exact: Mapping[str, Sequence[tuple[int, int]]]) -> list[int]:
    """For each word how far a window from it may go: to the next term spelled right, or a word too long."""
    stops = np.array([len(word) > LONGEST_WORD for word in words], bool)
    for places in exact.values():
        for first, last in places:
            stops[first:last] = True
    until, reach = len(words), [0] * len(words)
    for place in range(len(words) - 1, -1, -1):
        until = place if stops[place] else until
        reach[place] = until
    return reach


def _borders(words: Sequence[str]) -> tuple[list[bool], list[bool]]:
    """Which words a window of several may begin with, and end with."""
    silent = stop_words()
    begins = {w: w not in silent or w in LEADING for w in set(words)}
    ends = {w: w not in silent or w in TRAILING or len(w) > 3 for w in begins}
    return [begins[w] for w in words], [ends[w] for w in words]


def sounding_alike(windows: Mapping[Window, object], glossary: Glossary, ordinary: frozenset[str]) -> list[Candidate]:
    """Windows and terms whose readings are alike, each pair once, by the name that is likest."""
    heard, meant = _heard_windows(windows), _heard_names(glossary, ordinary)
    said, named = Readings.of(heard), Readings.of(meant)
    found: dict[tuple[Window, str], Candidate] = {}
    for one, other, consonants in _pairs(said, named):
        alike, close = _likest(said, named, one, other, consonants)
        for i, j, likeness in zip(one[close].tolist(), other[close].tolist(), alike.tolist(), strict=True):
            its, name_sound = sound_of(said.sounds[i]), sound_of(named.sounds[j])
            for window in heard[said.sounds[i]]:
                for term, name in meant[named.sounds[j]]:
                    before = found.get((window, term.name))
                    if before is None or before.alike < likeness:
                        found[window, term.name] = Candidate(window, term, name, likeness, its, name_sound)
    return list(found.values())


@dataclass(frozen=True)
class Readings:
    """Different readings, those of the same consonants side by side. first, count : of each run of consonants."""

    sounds: Sequence[str]
    keys: Sequence[str]
    first: Places
    count: Places

    @classmethod
    def of(cls, sounds: Iterable[str]) -> Readings:
        runs: dict[str, list[str]] = defaultdict(list)
        for one in sounds:
            runs[consonants_of(one)].append(one)
        count = np.array([len(run) for run in runs.values()], np.int64)
        return cls([one for run in runs.values() for one in run], list(runs), np.cumsum(count) - count, count)

    def by_length(self) -> dict[int, Places]:
        """The runs of so many consonants."""
        lengths = np.array([len(key) for key in self.keys], np.int64)
        return {length: np.flatnonzero(lengths == length) for length in np.unique(lengths).tolist()}


def _pairs(said: Readings, named: Readings) -> Iterator[tuple[Places, Places, Floats]]:
    """Pairs of readings, by their places, whose consonants are alike, and how much."""
    lengths = np.array([len(key) for key in named.keys], np.int64)
    for length, runs in said.by_length().items():
        wanted = np.flatnonzero((lengths >= ALIKE * length) & (lengths <= length / ALIKE))
        names = [named.keys[j] for j in wanted.tolist()]
        for start in range(0, len(runs) if names else 0, BATCH):
            part = runs[start : start + BATCH]
            alike = _all_similar([said.keys[i] for i in part.tolist()], names)
            i, j = np.nonzero(alike > 0)
            own, its = part[i], wanted[j]
            many = said.count[own] * named.count[its]
            within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            across = np.repeat(named.count[its], many)
            one = np.repeat(said.first[own], many) + within // across
            other = np.repeat(named.first[its], many) + within % across
            yield one, other, np.repeat(alike[i, j].astype(np.float64), many)


def _likest(said: Readings, named: Readings, one: Places, other: Places, consonants: Floats) -> tuple[Floats, Places]:
    """Of the pairs that are alike by all three: how much, and which they are."""
    frames = [{i: sound_of(side.sounds[i]).frame for i in np.unique(which).tolist()}
              for side, which in ((said, one), (named, other))]  # fmt: skip
    alike = 0.35 * consonants
    alike += 0.35 * _similar([frames[0][i] for i in one.tolist()], [frames[1][j] for j in other.tolist()])
    likely = np.flatnonzero(alike + 0.3 >= SOUNDS_LIKE)
    sounds = [said.sounds[i] for i in one[likely].tolist()], [named.sounds[j] for j in other[likely].tolist()]
    alike = alike[likely] + 0.3 * _similar(*sounds)
    return alike[alike >= SOUNDS_LIKE], likely[alike >= SOUNDS_LIKE]


def _similar(some: Sequence[str], others: Sequence[str]) -> Floats:
    """Of each pair, normalised Levenshtein similarity."""
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    if not some:
        return np.zeros(0)
    similar = process.cpdist(some, others, scorer=Levenshtein.normalized_similarity, dtype=np.float64, workers=-1)
    return np.asarray(similar, np.float64)


def _all_similar(some: Sequence[str], others: Sequence[str]) -> NDArray[np.float32]:
    """Of each with each, normalised Levenshtein similarity; 0 below ALIKE."""
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    similar = Levenshtein.normalized_similarity
    return np.asarray(process.cdist(some, others, scorer=similar, score_cutoff=ALIKE, dtype=np.float32, workers=-1))


def _heard_windows(windows: Mapping[Window, object]) -> dict[str, list[Window]]:
    """By how they sound; a window sounds like its words, one after another."""
    words = {word for window in windows for word in window}
    read = [{word: tongue(word) for word in words} for tongue in TONGUES]
    heard: dict[str, list[Window]] = defaultdict(list)
    for window in windows:
        for sounds in dict.fromkeys("".join([reading[word] for word in window]) for reading in read):
            if FEWEST_CONSONANTS <= len(consonants_of(sounds)) <= MOST_CONSONANTS:
                heard[sounds].append(window)
    return heard


def _heard_names(glossary: Glossary, ordinary: frozenset[str]) -> dict[str, list[tuple[Term, str]]]:
    """The English names by how they sound; Spanish ones are heard right."""
    heard: dict[str, list[tuple[Term, str]]] = defaultdict(list)
    for term in glossary.terms:
        for name in term.english:
            if len(name) > LONGEST_NAME or all(word in ordinary for word in words_of(name)):
                continue
            for sound in hear_name(name):
                if len(sound.consonants) >= FEWEST_CONSONANTS:
                    heard[sound.sounds].append((term, name))
    return heard
