"""Passages that answer a question, by several signals fused.

A question is taken apart into content units: a term of the glossary with all its names, its mangled forms and what it
is called in the other language is one unit, every other telling word is one with its everyday synonyms. A passage is
scored by how much it says of each unit, weighted by the unit's rarity; by how much of all units it and its neighbours
cover; by runs of letters and of consonants as they sound, which reach over misspelled and split words; and by how much
its source speaks of the question. The signals are brought to one scale and added (a normalised weighted sum).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.knowledge.glossary import Everyday, Term, shipped_everyday
from perla.knowledge.index import Index
from perla.knowledge.passages import Hit, SourceKind
from perla.knowledge.words import grams, skeletons, stem, stop_words, telling, words_of

Floats = NDArray[np.float32]
OTHER_NAME, SYNONYM = 0.8, 0.4  # what another name of a term, or an everyday synonym, counts
HELD = 0.3  # from which on a passage says something of a unit
MOST_OF_ONE = 2.2  # one unit said many times counts no more than this
NEIGHBOURS = ((1, 0.7), (2, 0.63), (3, 0.42))  # passages away, and how much they count in covering a question
LOOKED_AT = 400


@dataclass(frozen=True)
class Weights:
    """What each signal counts, all brought to 0..1; chosen on questions made by program (benchmarks/questions.py)."""

    units: float = 1.0
    coverage: float = 1.0
    grams: float = 0.6
    skeletons: float = 0.3
    source: float = 0.3


WEIGHTS = Weights()


@dataclass(frozen=True)
class Unit:
    """One thing a question asks for. words : as asked. names : canonical names of the terms, empty for a plain word.

    rarity : its weight. said : (n,), how much each passage says of it.
    """

    words: str
    names: tuple[str, ...]
    rarity: float
    said: Floats


@dataclass(frozen=True)
class Found:
    """Every passage judged by one question. scores : (n,). covered : share of the units, by rarity, (n,)."""

    units: tuple[Unit, ...]
    scores: Floats
    covered: Floats
    parts: dict[str, Floats]


def search(
    index: Index,
    question: str,
    count: int = 5,
    kinds: Collection[SourceKind] = (),
    sources: Collection[str] = (),
    weights: Weights = WEIGHTS,
    everyday: Everyday | None = None,
) -> list[Hit]:
    """The best passages that do not overlap, best first.

    kinds, sources : only of these, by kind or by the source's name; empty: of all.
    """
    if not len(index):
        return []
    found = judge(index, question, weights, everyday)
    return best(index, found, count, allowed(index, kinds, sources))


def judge(index: Index, question: str, weights: Weights = WEIGHTS, everyday: Everyday | None = None) -> Found:
    """Every passage of the index judged by a question."""
    words = words_of(question)
    said = telling(words)
    units = units_of(index, words, everyday or shipped_everyday())
    covered = coverage(index, units)
    parts = {
        "units": _to_one(sum((u.rarity * np.minimum(u.said, MOST_OF_ONE) for u in units), _none(index))),
        "coverage": covered,
        "grams": _to_one(index.grams.score(grams(said))),
        "skeletons": _to_one(index.skeletons.score(skeletons(said))),
        "source": of_sources(index, units),
    }
    total = sum(weights.__dict__.values())
    scores = sum((getattr(weights, name) * part for name, part in parts.items()), _none(index)) / total
    return Found(tuple(units), np.asarray(scores, np.float32), covered, parts)


def best(index: Index, found: Found, count: int, keep: NDArray[np.bool_] | None = None) -> list[Hit]:
    """The best passages that do not overlap; those that say nothing of the question are left out."""
    scores = found.scores if keep is None else np.where(keep, found.scores, -1.0)
    hits: list[Hit] = []
    for row in np.argsort(-scores, kind="stable")[:LOOKED_AT]:
        if len(hits) == count or scores[row] <= 0:
            break
        passage = index.passages[row]
        if not any(passage.overlaps(hit.passage) for hit in hits):
            hits.append(Hit(passage, float(scores[row]), {n: float(p[row]) for n, p in found.parts.items()}))
    return hits


def allowed(index: Index, kinds: Collection[SourceKind], sources: Collection[str]) -> NDArray[np.bool_]:
    """Which passages are of these kinds and sources, (n,)."""
    fits = [(not kinds or s.kind in kinds) and (not sources or s.name in sources) for s in index.sources]
    return np.array(fits, bool)[index.of_source]


def units_of(index: Index, words: Sequence[str], everyday: Everyday) -> list[Unit]:
    """What a question asks for, and what every passage says of it."""
    mentions = index.glossary.mentions(words)
    taken = {place for m in mentions for place in range(m.first, m.last)}
    units = [_term_unit(index, words[m.first : m.last], m.terms) for m in mentions]
    silent = stop_words()
    rest = dict.fromkeys(w for place, w in enumerate(words) if place not in taken and w not in silent)
    return units + [_word_unit(index, word, everyday) for word in rest]


def _term_unit(index: Index, words: Sequence[str], terms: Sequence[Term]) -> Unit:
    said = phrase(index, [stem(w) for w in words])
    for term in terms:
        for name in term.names:
            said = np.maximum(said, OTHER_NAME * phrase(index, [stem(w) for w in words_of(name)]))
        if term.name in index.aliases:
            rows, chances = index.aliases[term.name]
            said[rows] = np.maximum(said[rows], chances)
    return Unit(" ".join(words), tuple(t.name for t in terms), _rarity(index, int((said > HELD).sum())), said)


def _word_unit(index: Index, word: str, everyday: Everyday) -> Unit:
    root = stem(word)
    said = index.stems.weights_of(root)
    held = int((said > 0).sum())
    for other in everyday.of(root):
        said = np.maximum(said, SYNONYM * phrase(index, list(other)))
    held = held or int((said > 0.1).sum())
    return Unit(word, (), _rarity(index, held) if held else 0.0, said)


def phrase(index: Index, roots: Sequence[str]) -> Floats:
    """How much each passage says of all these stems together, (n,): their mean by rarity, less where one is absent."""
    roots = [root for root in roots if root not in stop_words()]
    if not roots:
        return _none(index)
    rarity = np.array([index.stems.rarity_of(root) for root in roots])
    each = [index.stems.weights_of(root) for root in roots]
    said = np.asarray(rarity @ np.array(each) / rarity.sum())
    if len(roots) == 1:
        return np.asarray(said, np.float32)
    there = (np.array(each) > 0).mean(axis=0)
    return np.asarray(said * there**0.7, np.float32)


def coverage(index: Index, units: Sequence[Unit]) -> Floats:
    """The share of a question's units, by rarity, that each passage and its neighbours hold, (n,)."""
    total = sum(unit.rarity for unit in units)
    if not total:
        return _none(index)
    held = sum((u.rarity * np.minimum(_with_neighbours(index, u.said), 1) for u in units), _none(index))
    return np.asarray(held / total, np.float32)


def _with_neighbours(index: Index, said: Floats) -> Floats:
    out, own = said.copy(), index.of_source
    for away, share in NEIGHBOURS:
        if away >= len(said):
            break
        same = own[away:] == own[:-away]
        out[away:] = np.maximum(out[away:], share * said[:-away] * same)
        out[:-away] = np.maximum(out[:-away], share * said[away:] * same)
    return out


def of_sources(index: Index, units: Sequence[Unit]) -> Floats:
    """How much each passage's source speaks of the question, 1 for the most, (n,)."""
    spoken = np.zeros(len(index.sources))
    for unit in units:
        held = np.bincount(index.of_source, weights=unit.said > HELD, minlength=len(index.sources))
        spoken += unit.rarity * np.log1p(held)
    return np.asarray(_to_one(spoken)[index.of_source], np.float32)


def _rarity(index: Index, held: int) -> float:
    return float(np.log(1 + (len(index) - held + 0.5) / (held + 0.5)))


def _to_one(values: NDArray[Any]) -> Floats:
    most = float(values.max()) if len(values) else 0.0
    return np.asarray(values / most if most > 0 else values, np.float32)


def _none(index: Index) -> Floats:
    return np.zeros(len(index), np.float32)
