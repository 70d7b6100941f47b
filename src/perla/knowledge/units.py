"""What a question asks for, thing by thing, and how much every passage says of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perla.knowledge.glossary import Everyday, Term
from perla.knowledge.glossary.everyday import LONGEST_PHRASE
from perla.knowledge.index import Index
from perla.knowledge.words import stem, stop_words, words_of
from perla.words import Lang

Floats = NDArray[np.float32]
OTHER_NAME, INEXACT = 0.8, 0.4  # what another name of a term counts, and where the question says it only nearly
SYNONYM, TRANSLATION = 0.5, 0.85  # what an everyday synonym, and a word of the other language, counts
SPOKEN = 0.4  # what a way to say it in talk counts, less where that way is commoner than the word
HELD, TOUCHED = 0.3, 0.1  # from which on a passage says something of a unit, or anything at all
ENOUGH_APART = 100  # passages, from which on words are counted apart in English and in the rest
MISSING_WORD = 0.7  # power of the share of a phrase's words that stand in a passage
_TALK = (  # words that only say that something was said: they count half
    "explicar explico explican explicaron explica mencionar menciono mencionan mencionaron menciona recomendar "
    "recomendo recomiendan recomendaron recomienda comentar comento comentan comentaron hablar hablo hablan "
    "hablaron habla decir dijeron contar conto contaron cuenta cuentan mostrar mostro muestran mostraron muestra "
    "proponen propuso proponer ponen puso pusieron plantear planteo sesion reunion grupo video explain explains "
    "explained mention mentions mentioned recommend recommended say says talk talked tell told show shows showed "
    "shown propose proposed session group"
)
TALK = frozenset(_TALK.split())


@dataclass(frozen=True)
class Unit:
    """One thing a question asks for. words : as asked. names : canonical names of the terms, empty for a plain word.

    rarity : its weight. said : (n,), how much each passage says of it.
    """

    words: str
    names: tuple[str, ...]
    rarity: float
    said: Floats


def units_of(index: Index, words: Sequence[str], everyday: Everyday, lang: Lang = "es") -> list[Unit]:
    """What a question asks for, and what every passage says of it."""
    mentions = index.glossary.mentions(words)
    taken = {place for m in mentions for place in range(m.first, m.last)}
    units = [_term_unit(index, words[m.first : m.last], m.terms, everyday, lang) for m in mentions]
    if lang == "en":
        for first, last in _phrases(words, taken, everyday):
            units.append(_phrase_unit(index, words[first:last], everyday))
            taken.update(range(first, last))
    silent = stop_words()
    rest = dict.fromkeys(w for place, w in enumerate(words) if place not in taken and w not in silent)
    return units + [_word_unit(index, word, everyday, lang) for word in rest]


def _term_unit(index: Index, words: Sequence[str], terms: Sequence[Term], everyday: Everyday, lang: Lang) -> Unit:
    said = phrase(index, [stem(w) for w in words])
    for term in terms:
        share = OTHER_NAME if len(words) > 1 or _is_name(words[0], term) else INEXACT
        for name in term.names:
            said = np.maximum(said, share * phrase(index, [stem(w) for w in words_of(name)]))
        if term.name in index.aliases:
            rows, chances = index.aliases[term.name]
            said[rows] = np.maximum(said[rows], chances * (share / OTHER_NAME))
    if len(words) == 1:
        ways = everyday.in_spanish(words) if lang == "en" else everyday.of(stem(words[0]))
        said = _or_said(index, said, ways, SYNONYM)
        said = _or_english(index, said, everyday.in_english(words[0], lang))
    rarity, shares = _weight(index, words, said)
    if len(words) == 1 and lang == "es":
        said = _or_spoken(index, said, everyday.spoken_as(stem(words[0])), rarity)
    return Unit(" ".join(words), tuple(t.name for t in terms), rarity, said * shares)


def _is_name(word: str, term: Term) -> bool:
    """Whether a folded word is a name of a term, in singular or plural; stems alone take "mapa" for MAPE."""
    names = (words_of(name) for name in term.names)
    return any(len(name) == 1 and _singular(name[0]) & _singular(word) for name in names)


def _singular(word: str) -> set[str]:
    return {word, word.removesuffix("s"), word.removesuffix("es")}


def _word_unit(index: Index, word: str, everyday: Everyday, lang: Lang) -> Unit:
    root = stem(word)
    said = _or_english(index, index.stems.weights_of(root), everyday.in_english(word, lang))
    ways = everyday.in_spanish([word]) if lang == "en" else ()
    if ways:
        said = _or_said(index, said, ways, TRANSLATION)
        rarity, shares = _weight(index, [word], said)
        return Unit(word, (), rarity, said * shares)
    held = said > 0
    said = _or_said(index, said, everyday.of(root), SYNONYM)
    rarity, shares = _weight(index, [word], said, held)
    if lang == "es":
        said = _or_spoken(index, said, everyday.spoken_as(root), rarity)
    if not rarity:
        rarity, shares = _weight(index, [word], said)
    return Unit(word, (), rarity, said * shares)


def _phrases(words: Sequence[str], taken: set[int], everyday: Everyday) -> Iterable[tuple[int, int]]:
    """Where English phrases of several words stand that have a Spanish name, the longest first."""
    first = 0
    while first < len(words):
        for last in range(min(first + LONGEST_PHRASE, len(words)), first + 1, -1):
            if taken.isdisjoint(range(first, last)) and everyday.in_spanish(words[first:last]):
                yield first, last
                first = last - 1
                break
        first += 1


def _phrase_unit(index: Index, words: Sequence[str], everyday: Everyday) -> Unit:
    said = _or_said(index, none(index), everyday.in_spanish(words), TRANSLATION)
    rarity, shares = _weight(index, words, said)
    return Unit(" ".join(words), (), rarity, said * shares)


def _or_said(index: Index, said: Floats, ways: Iterable[Sequence[str]], share: float) -> Floats:
    """What is said of a thing when it may also be said in these ways, each counting a share."""
    for way in ways:
        said = np.maximum(said, share * phrase(index, list(way)))
    return said


def _or_english(index: Index, said: Floats, ways: Iterable[tuple[Sequence[str], float]]) -> Floats:
    """What is said of a thing when English code and documents may call it so, each way counting its share."""
    if not index.is_english.any():
        return said
    for way, share in ways:
        said = np.maximum(said, np.float32(share) * phrase(index, list(way)) * index.is_english)
    return said


def _or_spoken(index: Index, said: Floats, ways: Iterable[str], rarity: float) -> Floats:
    """What is said of a thing when people who talk say it in these ways. rarity : of the thing, 0 where unheard of."""
    for way in ways:
        if index.stems.holds(way):
            share = SPOKEN * min(1.0, index.stems.rarity_of(way) / rarity) if rarity else SPOKEN
            said = np.maximum(said, np.float32(share) * index.stems.weights_of(way))
    return said


def phrase(index: Index, roots: Sequence[str]) -> Floats:
    """How much each passage says of all these stems together, (n,): their mean by rarity, less where one is absent."""
    roots = [root for root in roots if root not in stop_words()]
    if not roots:
        return none(index)
    if len(roots) == 1:
        return index.stems.weights_of(roots[0])
    rarity = np.array([index.stems.rarity_of(root) for root in roots], np.float32)
    each = np.array([index.stems.weights_of(root) for root in roots])
    there = (each > 0).mean(axis=0)
    return np.asarray(rarity @ each / rarity.sum() * there**MISSING_WORD, np.float32)


def _weight(
    index: Index, words: Sequence[str], said: Floats, held: NDArray[np.bool_] | None = None
) -> tuple[float, Floats]:
    """How rare a unit is, nothing where no passage says anything of it, and what share of that counts for each passage.

    held : which passages say it, if not by how much they say. A word may be common in code and rare in speech, so
    English passages and the others are counted apart.
    """
    held = held if held is not None and held.any() else said > HELD
    held = held if held.any() else said > TOUCHED
    english = index.is_english
    apart = min(english.sum(), len(index) - english.sum()) >= ENOUGH_APART
    rarities = np.array([_rarity(held[~english]), _rarity(held[english])] if apart else [_rarity(held)] * 2)
    rarity = float(rarities.max())
    shares = (rarities / (rarity or 1)).astype(np.float32)[english.astype(int)]
    return (rarity / 2 if TALK.issuperset(words) else rarity), shares


def _rarity(held: NDArray[np.bool_]) -> float:
    count = int(held.sum())
    return float(np.log(1 + (len(held) - count + 0.5) / (count + 0.5))) if count else 0.0


def none(index: Index) -> Floats:
    """Nothing said, (n,)."""
    return np.zeros(len(index), np.float32)
