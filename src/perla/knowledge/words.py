"""Texts as words: folded, without what says nothing, by their stems; every word knows where it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib.resources import files

from perla.knowledge.sound import fold, spanish

WORD = re.compile(r"[a-zñ0-9]+")
SHORTEST_ENGLISH = 5
GRAM, SKELETON = 3, 4
SPANISH_ENDINGS = (
    "o as a amos an e es emos en i iste io imos ieron iendo iera ieran iese are ara aron ando ado ada ados adas "
    "ido ida on oto os arlo arla ia ias ian ire ira iran era eran emos eron iente"
)


def words_of(text: str) -> list[str]:
    """The folded words of a text, in order.

    >>> words_of("¿Qué es el K-Means?")
    ['que', 'es', 'el', 'k', 'means']
    """
    return [word for piece in text.split() for word in _words_in(piece)]


@lru_cache(maxsize=200_000)
def _words_in(piece: str) -> tuple[str, ...]:
    """The folded words between two blanks; the same pieces come again and again."""
    return tuple(WORD.findall(fold(piece)))


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

    Snowball (Porter 2001); the forms of verbs whose roots change have the stem of their infinitive.

    >>> stem("predicciones") == stem("prediccion"), stem("books") == stem("book"), stem("cuenta") == stem("contar")
    (True, True, True)
    """
    spanish_stemmer, english_stemmer = _stemmers()
    found: str = spanish_stemmer.stemWord(word)  # type: ignore[attr-defined]
    if found in _changed_roots():
        return _changed_roots()[found]
    if found == word and len(word) >= SHORTEST_ENGLISH and word.endswith(("s", "ing", "ed")):
        found = english_stemmer.stemWord(word)  # type: ignore[attr-defined]
    return found


@lru_cache(maxsize=50_000)
def english_stem(word: str) -> str:
    """The stem of a folded English word, of a verb's irregular forms that of the verb.

    >>> english_stem("thrown"), english_stem("labels")
    ('throw', 'label')
    """
    stemmed: str = _stemmers()[1].stemWord(_irregular().get(word, word))  # type: ignore[attr-defined]
    return stemmed


@lru_cache(maxsize=50_000)
def english_base(word: str) -> str:
    """A folded word of an English text as it is looked up: without an ending that the Spanish rules leave on.

    >>> english_base("estimated") == english_base("estimates"), english_base("kept"), english_base("books")
    (True, 'keep', 'books')
    """
    based = english_stem(word)
    return word if stem(based) == stem(word) else based


@cache
def _changed_roots() -> dict[str, str]:
    """For the stems of the changed forms of Spanish verbs, the stem of the infinitive."""
    stemmer = _stemmers()[0]
    verbs = _verbs()[0]
    regular = {infinitive: stemmer.stemWord(infinitive) for infinitive in verbs}  # type: ignore[attr-defined]
    found: dict[str, str] = {}
    for infinitive, roots in verbs.items():
        forms = (root + ending for root in roots for ending in ("", *SPANISH_ENDINGS.split()))
        for changed in map(stemmer.stemWord, forms):  # type: ignore[attr-defined]
            if changed not in regular.values() and len(changed) > 2:
                found.setdefault(changed, regular[infinitive])
    return found


@cache
def _irregular() -> dict[str, str]:
    """English irregular forms with their verb."""
    return {form: verb for verb, forms in _verbs()[1].items() for form in forms}


@cache
def _verbs() -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Spanish verbs with their changed roots, English ones with their irregular forms."""
    text = files("perla.knowledge").joinpath("verbs.txt").read_text(encoding="utf-8")
    spanish_part, english_part = text.split("# English\n")
    rows = [[line.split() for line in part.splitlines() if line[:1] != "#"] for part in (spanish_part, english_part)]
    return {row[0]: row[1:] for row in rows[0]}, {row[0]: row[1:] for row in rows[1]}


def stems(words: Iterable[str]) -> list[str]:
    """Stems of the words that say something."""
    return [stem(word) for word in telling(words)]


def grams(words: Sequence[str]) -> list[str]:
    """Runs of GRAM letters of the telling words, blanks between them.

    >>> grams(["red", "lstm"])
    [' re', 'red', 'ed ', 'd l', ' ls', 'lst', 'stm', 'tm ']
    """
    text = f" {' '.join(words)} "
    return [text[i : i + GRAM] for i in range(len(text) - GRAM + 1)]


def skeletons(words: Sequence[str]) -> list[str]:
    """Runs of SKELETON consonants as they sound, across the borders of words.

    >>> skeletons(["fast", "api"]) == skeletons(["fas", "tapi"])
    True
    """
    text = "".join(_skeleton(word) for word in words)
    return [text[i : i + SKELETON] for i in range(len(text) - SKELETON + 1)]


@lru_cache(maxsize=200_000)
def _skeleton(word: str) -> str:
    return re.sub("[aeiou]", "", spanish(word))
