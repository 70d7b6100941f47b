"""Windows of words that are no ordinary words together, and the terms that sound like them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perla.knowledge.glossary import Glossary, Term
from perla.knowledge.sound import Sound, consonants_of, english, hear_name, sound_of, spanish
from perla.knowledge.words import stop_words, words_of

Window = tuple[str, ...]
Heard = tuple[Window, int]  # a window, and by which language's spelling it is read: 0 Spanish, 1 English

LONGEST_WINDOW, LONGEST_WORD = 4, 30
FEWEST_CONSONANTS, MOST_CONSONANTS = 3, 16
LONGEST_NAME = 60  # letters of a name that is listened for
ALIKE, SOUNDS_LIKE = 0.70, 0.72  # consonants alone; all three together
EVERYWHERE = 0.6  # of the sources; a word said in so many is ordinary here
LEADING = frozenset(["de", "a", "el", "la", "o", "y", "e"])  # small words that a term may be heard to begin with
TRAILING = frozenset(["y", "i", "a", "o", "ye", "te"])
BATCH = 4_000
TONGUES = (spanish, english)


@dataclass(frozen=True)
class Candidate:
    """A window and a term that sounds like it. name : the one of its names that does. consonants : of that name."""

    window: Window
    term: Term
    name: str
    alike: float
    consonants: int


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
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    heard, named = _heard_windows(windows), _heard_names(glossary, ordinary)
    keys: dict[int, list[str]] = defaultdict(list)
    for key in heard:
        keys[len(key)].append(key)
    found: dict[tuple[Window, str], Candidate] = {}
    for length, own in keys.items():
        wanted = [name for name in named if ALIKE * length <= len(name) <= length / ALIKE]
        for start in range(0, len(own) if wanted else 0, BATCH):
            part = own[start : start + BATCH]
            alike = process.cdist(
                part, wanted, scorer=Levenshtein.normalized_similarity, score_cutoff=ALIKE, dtype=np.float32
            )
            for i, j in zip(*(axis.tolist() for axis in np.nonzero(alike)), strict=True):
                _compare(heard[part[i]], named[wanted[j]], float(alike[i, j]), found)
    return list(found.values())


def _compare(
    windows: Sequence[Heard],
    names: Sequence[tuple[Term, str, Sound]],
    consonants: float,
    found: dict[tuple[Window, str], Candidate],
) -> None:
    from rapidfuzz.distance import Levenshtein

    similar = Levenshtein.normalized_similarity
    for window, tongue in windows:
        sound = sound_of("".join(map(TONGUES[tongue], window)))
        for term, name, its in names:
            alike = 0.35 * consonants + 0.35 * similar(sound.frame, its.frame)
            if alike + 0.3 < SOUNDS_LIKE:
                continue
            alike += 0.3 * similar(sound.sounds, its.sounds)
            before = found.get((window, term.name))
            if alike >= SOUNDS_LIKE and (before is None or before.alike < alike):
                found[window, term.name] = Candidate(window, term, name, alike, len(its.consonants))


def _heard_windows(windows: Mapping[Window, object]) -> dict[str, list[Heard]]:
    """By their consonants; those of a window are those of its words, one after another."""
    words = {word for window in windows for word in window}
    read = [{word: consonants_of(tongue(word)) for word in words} for tongue in TONGUES]
    heard: dict[str, list[Heard]] = defaultdict(list)
    for window in windows:
        both = ["".join([reading[word] for word in window]) for reading in read]
        for tongue, key in enumerate(both):
            if FEWEST_CONSONANTS <= len(key) <= MOST_CONSONANTS:
                heard[key].append((window, tongue))
    return heard


def _heard_names(glossary: Glossary, ordinary: frozenset[str]) -> dict[str, list[tuple[Term, str, Sound]]]:
    """The sounds of the English names; Spanish ones are heard right."""
    heard: dict[str, list[tuple[Term, str, Sound]]] = defaultdict(list)
    for term in glossary.terms:
        for name in term.english:
            if len(name) > LONGEST_NAME or all(word in ordinary for word in words_of(name)):
                continue
            for sound in hear_name(name):
                if len(sound.consonants) >= FEWEST_CONSONANTS:
                    heard[sound.consonants].append((term, name, sound))
    return heard
