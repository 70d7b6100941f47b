"""Texts as words: folded, without what says nothing, by their stems; every word knows where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from perla.knowledge.sound import fold, spanish

WORD = re.compile(r"[a-zñ0-9]+")
SHORTEST_ENGLISH = 5
GRAM = 4


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order.

    >>> words_of("¿Qué es el K-Means?")
    ['que', 'es', 'el', 'k', 'means']
    """
    return WORD.findall(fold(text))


@cache
def stop_words() -> frozenset[str]:
    """Words that say nothing of a topic, folded."""
    lines = files("perla.knowledge").joinpath("stop_words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def telling(words: Iterable[str]) -> list[str]:
    """The words that say something."""
    silent = stop_words()
    return [word for word in words if word not in silent]


@cache
def _stemmers() -> tuple[object, object]:
    import Stemmer

    return Stemmer.Stemmer("spanish"), Stemmer.Stemmer("english")


@lru_cache(maxsize=300_000)
def stem(word: str) -> str:
    """The stem of a folded word: by the Spanish rules, and by the English ones where those change nothing.

    Snowball (Porter 2001).

    >>> stem("predicciones") == stem("prediccion"), stem("books") == stem("book")
    (True, True)
    """
    spanish_stemmer, english_stemmer = _stemmers()
    found: str = spanish_stemmer.stemWord(word)  # type: ignore[attr-defined]
    if found == word and len(word) >= SHORTEST_ENGLISH and word.endswith(("s", "ing", "ed")):
        found = english_stemmer.stemWord(word)  # type: ignore[attr-defined]
    return found


def stems(words: Iterable[str]) -> list[str]:
    """Stems of the words that say something."""
    return [stem(word) for word in telling(words)]


def grams(words: Sequence[str]) -> list[str]:
    """Runs of GRAM letters of the telling words, blanks between them.

    >>> grams(["red", "lstm"])
    [' red', 'red ', 'ed l', 'd ls', ' lst', 'lstm', 'stm ']
    """
    text = f" {' '.join(words)} "
    return [text[i : i + GRAM] for i in range(len(text) - GRAM + 1)]


def skeletons(words: Sequence[str]) -> list[str]:
    """Runs of GRAM consonants as they sound, across the borders of words.

    >>> skeletons(["fast", "api"]) == skeletons(["fas", "tapi"])
    True
    """
    text = "".join(_skeleton(word) for word in words)
    return [text[i : i + GRAM] for i in range(len(text) - GRAM + 1)]


@lru_cache(maxsize=200_000)
def _skeleton(word: str) -> str:
    return re.sub("[aeiou]", "", spanish(word))
