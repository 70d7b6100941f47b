"""Passages that answer a question, by several signals fused.

A question is taken apart into content units: a term of the glossary with all its names, its mangled forms and what it
is called in the other language is one unit, every other telling word is one with its everyday synonyms and the ways
people say it when they talk. A passage is scored by how much it says of each unit, weighted by the unit's rarity; by
how much of all units it and its neighbours cover; by runs of letters and of consonants as they sound, which reach over
misspelled and split words; and by how much its source speaks of the question. The signals are brought to one scale and
added (a normalised weighted sum).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.knowledge.asked import Wanted, language_of, wanted_in
from perla.knowledge.glossary import Everyday, shipped_everyday
from perla.knowledge.index import Index
from perla.knowledge.passages import Hit, SourceKind
from perla.knowledge.units import OTHER_NAME, SYNONYM, Unit, none, phrase, units_of
from perla.knowledge.words import grams, skeletons, telling, words_of

__all__ = [
    "OTHER_NAME", "SYNONYM", "Found", "Unit", "Weights", "allowed", "best", "coverage", "judge", "of_sources", "phrase",
    "search",
]  # fmt: skip

Floats = NDArray[np.float32]
MOST_OF_ONE = 2.2  # one unit said many times counts no more than this
NEIGHBOURS = ((2, 0.7), (4, 0.63), (6, 0.42))  # passages away, and how much they count in covering a question
MOST_OF_A_PASSAGE, SMOOTHING = 1.5, 0.3  # of what a source says: what one passage adds, what all say
LOOKED_AT = 400


@dataclass(frozen=True)
class Weights:
    """What each signal counts, all brought to 0..1; chosen on questions made by program (benchmarks/questions.py)."""

    units: float = 1.0
    coverage: float = 1.0
    grams: float = 0.6
    skeletons: float = 0.3
    source: float = 0.3
    number: float = 0.3


WEIGHTS = Weights()


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
    units = units_of(index, words, everyday or shipped_everyday(), language_of(question))
    covered = coverage(index, units)
    parts = {
        "units": _to_one(sum((u.rarity * np.minimum(u.said, MOST_OF_ONE) for u in units), none(index))),
        "coverage": covered,
        "grams": _to_one(index.grams.score(grams(said))),
        "skeletons": _to_one(index.skeletons.score(skeletons(said))),
        "source": of_sources(index, units),
        "number": numbers(index) if wanted_in(question) is Wanted.NUMBER else none(index),
    }
    total = sum(weights.__dict__.values())
    scores = sum((getattr(weights, name) * part for name, part in parts.items()), none(index)) / total
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


def coverage(index: Index, units: Sequence[Unit]) -> Floats:
    """The share of a question's units, by rarity, that each passage and its neighbours hold, (n,)."""
    total = sum(unit.rarity for unit in units)
    if not total:
        return none(index)
    held = sum((u.rarity * np.minimum(_with_neighbours(index, u.said), 1) for u in units), none(index))
    return np.asarray(held / total, np.float32)


def _with_neighbours(index: Index, said: Floats) -> Floats:
    out, own = said.copy(), np.where(index.is_code, -1 - np.arange(len(said)), index.of_source)
    for away, share in NEIGHBOURS:
        if away >= len(said):
            break
        same = own[away:] == own[:-away]
        out[away:] = np.maximum(out[away:], share * said[:-away] * same)
        out[:-away] = np.maximum(out[:-away], share * said[away:] * same)
    return out


def of_sources(index: Index, units: Sequence[Unit]) -> Floats:
    """How much more than others each passage's source speaks of the question, 0 the least and 1 the most, (n,).

    The logarithm of how likely a source says each unit, smoothed by all of them (Jelinek and Mercer 1980).
    """
    count = len(index.sources)
    passages = np.maximum(np.bincount(index.of_source, minlength=count), 1)
    likely = np.zeros(count)
    for unit in units:
        spoken = np.bincount(index.of_source, weights=np.minimum(unit.said, MOST_OF_A_PASSAGE), minlength=count)
        usual = spoken.sum() / len(index)
        if usual > 0:
            likely += unit.rarity * np.log(spoken / passages / usual + SMOOTHING)
    return np.asarray(_to_one(likely - likely.min())[index.of_source], np.float32)


def numbers(index: Index) -> Floats:
    """Which passages hold a number in digits, (n,)."""
    held = np.zeros(len(index), np.float32)
    for token in index.stems.heard.tokens:
        if token[0].isdigit():
            held[index.stems.heard.rows_of(token)] = 1
    return held


def _to_one(values: NDArray[Any]) -> Floats:
    most = float(values.max()) if len(values) else 0.0
    return np.asarray(values / most if most > 0 else values, np.float32)
