"""Which sentences of a session matter, and where it turns to something else; no language model.

A sentence is its telling stems and its terms (by their canonical names, mangled or not), each weighted by how often the
session says it and how rarely other sessions do. Sentences that share them are joined in a graph and ranked by random
walk (TextRank, Mihalcea and Tarau 2004); the session is parted where neighbouring stretches share least (TextTiling,
Hearst 1997); sentences are taken by maximal marginal relevance (Carbonell and Goldstein 1998), part by part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAMPING, ROUNDS, STEADY = 0.85, 60, 1e-7
LEAST_ALIKE = 0.08  # sentences less alike are not joined
BLOCK = 12  # sentences on either side of a possible border
SAME_AS_CHOSEN = 0.55  # sentences more alike say the same
NOVELTY = 0.35  # what being unlike those chosen counts, 0 to 1


@dataclass(frozen=True)
class Parted:
    """Sentences first..last (not included) that hang together."""

    first: int
    last: int


def vectors(tokens: Sequence[Sequence[str]], rarity: Mapping[str, float]) -> Floats:
    """One row of length 1 for each sentence, (sentences, tokens). rarity : by token; absent: 1.

    >>> vectors([["a", "b"], ["a"], []], {}).shape
    (3, 2)
    """
    said = Counter(token for row in tokens for token in row)
    kept = {token: place for place, token in enumerate(t for t, n in said.items() if n > 1 or len(tokens) < 20)}
    out = np.zeros((len(tokens), max(len(kept), 1)))
    for row, own in enumerate(tokens):
        for token, count in Counter(own).items():
            if token in kept:
                out[row, kept[token]] = min(count, 2) * np.log1p(said[token]) * rarity.get(token, 1.0)
    lengths = np.linalg.norm(out, axis=1, keepdims=True)
    return np.asarray(out / np.where(lengths > 0, lengths, 1))


def rank(rows: Floats) -> Floats:
    """How central each sentence is, (sentences,), the most central 1.

    >>> rank(np.array([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [0.9, 0.43]])).argmax()
    np.int64(1)
    """
    if not len(rows):
        return np.zeros(0)
    alike = rows @ rows.T
    np.fill_diagonal(alike, 0.0)
    alike[alike < LEAST_ALIKE] = 0.0
    out = alike.sum(axis=1, keepdims=True)
    steps = np.divide(alike, out, out=np.full_like(alike, 1 / len(rows)), where=out > 0)
    found = np.full(len(rows), 1 / len(rows))
    for _ in range(ROUNDS):
        new = (1 - DAMPING) / len(rows) + DAMPING * (found @ steps)
        moved, found = float(np.abs(new - found).sum()), new
        if moved < STEADY:
            break
    return np.asarray(found / found.max())


def part(rows: Floats, count: int) -> list[Parted]:
    """At most ``count`` parts, ended where the stretches before and after share least.

    >>> turn = np.repeat(np.eye(2), 30, axis=0)
    >>> part(turn, 2)
    [Parted(first=0, last=30), Parted(first=30, last=60)]
    """
    number = len(rows)
    if not number:
        return []
    depth = _depths(rows)
    apart = max(BLOCK, number // (3 * max(count, 1)))
    borders: list[int] = []
    for place in np.argsort(-depth, kind="stable"):
        if len(borders) == count - 1 or depth[place] <= 0:
            break
        if apart <= place <= number - apart and all(abs(place - other) >= apart for other in borders):
            borders.append(int(place))
    edges = [0, *sorted(borders), number]
    return [Parted(a, b) for a, b in pairwise(edges)]


def _depths(rows: Floats) -> Floats:
    """How deep the cohesion falls before each sentence, (sentences,)."""
    number = len(rows)
    cohesion = np.ones(number)
    for place in range(1, number):
        before, after = rows[max(0, place - BLOCK) : place].sum(axis=0), rows[place : place + BLOCK].sum(axis=0)
        length = np.linalg.norm(before) * np.linalg.norm(after)
        cohesion[place] = before @ after / length if length else 0.0
    depth = np.zeros(number)
    for place in range(1, number):
        left, right = cohesion[max(1, place - 2 * BLOCK) : place + 1], cohesion[place : place + 2 * BLOCK]
        depth[place] = left.max() + right.max() - 2 * cohesion[place]
    return depth


def choose(scores: Floats, rows: Floats, candidates: Sequence[int], count: int, taken: Sequence[int]) -> list[int]:
    """Up to ``count`` of the candidates, each good and unlike those taken before.

    >>> choose(np.array([1.0, 0.9, 0.5]), np.array([[1.0, 0], [1, 0], [0, 1]]), [0, 1, 2], 2, [])
    [0, 2]
    """
    chosen: list[int] = []
    left = [place for place in candidates if scores[place] > 0]
    while left and len(chosen) < count:
        others = [*taken, *chosen]
        alike = rows[left] @ rows[others].T if others else np.zeros((len(left), 1))
        nearest = alike.max(axis=1)
        worth = np.where(
            nearest > SAME_AS_CHOSEN, -1.0, (1 - NOVELTY) * scores[left] - NOVELTY * nearest * scores[left]
        )
        best = int(worth.argmax())
        if worth[best] <= 0:
            break
        chosen.append(left.pop(best))
    return chosen
