"""Everyday words that say the same, so that a question need not use the words of the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from perla.knowledge.words import english_base, english_stem, stem, stems, words_of
from perla.words import Lang

Stems = tuple[str, ...]
LONGEST_PHRASE = 3
TRANSLATION, KIN = 0.85, 0.6  # what a word of the other language counts, and another English word of its line


@dataclass(frozen=True)
class Everyday:
    """Ways to say everyday words.

    others : for the stem of a word, the stems of Spanish words and phrases that say the same. spanish : for the stems
    of an English word or phrase, those of what it is called in Spanish. spoken : for the stem of a word, the stems that
    tell how people say it when they talk; vaguer than ``others``. english : for the stem of a Spanish word, and kin :
    for that of an English one, the stems of what it may be called in English code and documents.
    """

    others: Mapping[str, tuple[Stems, ...]]
    spanish: Mapping[Stems, tuple[Stems, ...]] = field(default_factory=dict)
    spoken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    english: Mapping[str, tuple[Stems, ...]] = field(default_factory=dict)
    kin: Mapping[str, tuple[Stems, ...]] = field(default_factory=dict)

    def of(self, root: str) -> tuple[Stems, ...]:
        """Ways to say a stem, the stem itself not among them."""
        return self.others.get(root, ())

    def spoken_as(self, root: str) -> tuple[str, ...]:
        """Stems by which people who talk say a stem, or by which is written what they say.

        >>> "embarr" in shipped_everyday().spoken_as("equivoc"), "equivoc" in shipped_everyday().spoken_as("embarr")
        (True, True)
        """
        return self.spoken.get(root, ())

    def in_spanish(self, words: Sequence[str]) -> tuple[Stems, ...]:
        """What folded English words are called in Spanish, by stems; nothing where nobody knows.

        >>> ("bot",) in shipped_everyday().in_spanish(["thrown", "away"])
        True
        """
        return self.spanish.get(tuple(map(english_stem, words)), ())

    def in_english(self, word: str, lang: Lang) -> tuple[tuple[Stems, float], ...]:
        """What a folded word may be called in English, by stems, each with what it counts.

        >>> (("fold",), 0.85) in shipped_everyday().in_english("carpetas", "es")
        True
        """
        if lang == "es":
            return tuple((way, TRANSLATION) for way in self.english.get(stem(word), ()))
        kin = tuple((way, KIN) for way in self.kin.get(english_stem(word), ()))
        return (((stem(english_base(word)),), 1.0), *kin)


@cache
def shipped_everyday() -> Everyday:
    """The everyday words that come with perla, Spanish and English."""
    others: dict[str, dict[Stems, None]] = defaultdict(dict)
    spanish: dict[Stems, dict[Stems, None]] = defaultdict(dict)
    for ours, theirs in rows_of("everyday.txt"):
        for said in map(_stems, (*ours, *theirs)):
            if len(said) == 1:
                others[said[0]].update((way, None) for way in map(_stems, ours) if way != said)
    for ours, theirs in (*rows_of("everyday.txt"), *rows_of("english.txt")):
        for phrase in theirs:
            said = tuple(map(english_stem, words_of(phrase)))
            spanish[said].update((way, None) for way in map(_stems, ours))
    return Everyday(_fixed(others), _fixed(spanish), _spoken(), *_english())


def _english() -> tuple[dict[str, tuple[Stems, ...]], dict[str, tuple[Stems, ...]]]:
    """For Spanish stems, and for English ones, what they may be called in English."""
    english: dict[str, dict[Stems, None]] = defaultdict(dict)
    kin: dict[str, dict[Stems, None]] = defaultdict(dict)
    for ours, theirs in (*rows_of("english.txt"), *rows_of("code.txt")):
        ways = {phrase: tuple(stem(english_base(word)) for word in words_of(phrase)) for phrase in theirs}
        for said in map(_stems, ours):
            if len(said) == 1:
                english[said[0]].update((way, None) for way in ways.values() if way)
        for phrase in ways:
            if len(words_of(phrase)) == 1:
                others = (way for other, way in ways.items() if way and other != phrase)
                kin[english_stem(words_of(phrase)[0])].update((way, None) for way in others)
    return _fixed(english), _fixed(kin)


def _fixed(found: Mapping[Any, Mapping[Stems, None]]) -> dict[Any, tuple[Stems, ...]]:
    return {key: tuple(ways) for key, ways in found.items()}


def _spoken() -> dict[str, tuple[str, ...]]:
    """For each stem of a line the stems of the other side, and of its own where it is the left one."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for asked, said in rows_of("spoken.txt"):
        left, right = ([_telling(way) for way in side if way.strip()] for side in (asked, said))
        for root in left:
            found[root].update((way, None) for way in (*left, *right) if way != root)
        for root in right:
            found[root].update((way, None) for way in left if way != root)
    return {root: tuple(ways) for root, ways in found.items()}


def _telling(way: str) -> str:
    """The stem of the one word of a way that says something."""
    (found,) = stems(words_of(way))
    return found


def rows_of(name: str) -> Iterator[tuple[list[str], list[str]]]:
    """The words of both sides of each line."""
    for line in files("perla.knowledge.glossary").joinpath(name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            ours, theirs = (cell.split(",") for cell in line.split("|"))
            yield ours, theirs


def _stems(phrase: str) -> Stems:
    return tuple(map(stem, words_of(phrase)))
