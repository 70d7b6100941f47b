"""What each neuron of a sparse autoencoder stands for: the columns that drive it, the listings that light it up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.matrix import Floats, Matrix
from perla.anomaly.sparse import SparseNetwork

Ints = NDArray[np.int64]
DEAD_RANGE = 0.02  # a neuron whose activity varies less than this says nothing
REST, PEAK = 0.05, 0.995  # quantiles of a neuron's activity
MOST_SHUFFLED = 4000
SHUFFLES = 2
MOST_LEVELS_TOLD = 3
CLEARLY_MORE = 1.2  # times as frequent among the lit listings
LEAST_LEVEL = 0.05  # share of the lit listings


@dataclass(frozen=True)
class Level:
    """A level of a category that is more frequent among the lit listings: its code, its share there and in all."""

    code: int
    share_lit: float
    share_all: float


@dataclass(frozen=True)
class Driver:
    """How one column drives a neuron.

    strength : share of the variation of the neuron's activity that goes through the column, 0 to 1: half the mean
        squared change of the activity when the column's cells are shuffled among the listings, over its variance
        (the total effect of Jansen 1999; interplay counts for every column in it, so shares may sum to more than 1).
    way : correlation of the activity with a number column, -1 to 1; NaN for a category or a constant.
    levels : of a category, the most over-represented among the lit listings.
    """

    column: str
    strength: float
    way: float
    levels: tuple[Level, ...] = ()


@dataclass(frozen=True)
class Neuron:
    """One neuron of a fitted network, over n listings.

    index : its place in the network. rest, peak : its usual lowest and highest activity (quantiles 0.05 and 0.995).
    lit : positions of the listings that light it up (activity over the middle of rest and peak), the most active
        first. firing : their share.
    drivers : every column but the price, strongest first.
    pushes : by column, mean change of the rebuilt number over the lit listings, on the matrix's scale, against the
        same listings with the neuron at rest.
    weight : root mean square of the change of the rebuilt price over all listings, same comparison.
    """

    index: int
    rest: float
    peak: float
    firing: float
    lit: Ints
    drivers: tuple[Driver, ...]
    pushes: dict[str, float]
    weight: float

    @property
    def dead(self) -> bool:
        """Whether no listing moves it."""
        return self.peak - self.rest < DEAD_RANGE


def explain_neurons(model: SparseNetwork, matrix: Matrix, seed: int = 0) -> tuple[Neuron, ...]:
    """Every neuron of the network, the one that moves the rebuilt price most first, dead ones last.

    matrix : listings of the kind it was fitted on, (n, p + q); ``seed`` is of the shuffles (of at most 4,000 rows).
    """
    activity = model.activity(matrix)
    strengths = _strengths(model, matrix, seed)
    ways = _ways(activity, matrix)
    neurons = [_explain(k, model, matrix, activity, strengths, ways) for k in range(activity.shape[1])]
    return tuple(sorted(neurons, key=lambda neuron: (neuron.dead, -neuron.weight)))


def _explain(k: int, model: SparseNetwork, matrix: Matrix, activity: Floats, strengths: Floats, ways: Floats) -> Neuron:
    own = activity[:, k]
    rest, peak = (float(v) for v in np.quantile(own, [REST, PEAK]))
    lit = np.flatnonzero(own > (rest + peak) / 2) if peak - rest >= DEAD_RANGE else np.empty(0, np.int64)
    lit = lit[np.argsort(-own[lit], kind="stable")]
    resting = activity.copy()
    resting[:, k] = rest
    moved = model.rebuilt(activity) - model.rebuilt(resting)
    pushes = moved[lit].mean(axis=0) if len(lit) else np.zeros(len(matrix.names))
    place = matrix.names.index(matrix.price)
    drivers = [
        Driver(name, float(strengths[j, k]), float(ways[j, k]), _levels(matrix, j, lit))
        for j, name in enumerate(matrix.columns)
        if name != matrix.price
    ]
    return Neuron(
        k, rest, peak, len(lit) / max(len(matrix), 1), lit,
        tuple(sorted(drivers, key=lambda d: -d.strength)),
        dict(zip(matrix.names, map(float, pushes), strict=True)),
        float(np.sqrt((moved[:, place] ** 2).mean())),
    )  # fmt: skip


def _strengths(model: SparseNetwork, matrix: Matrix, seed: int) -> Floats:
    """Jansen's total effect of every column on every neuron, (p + q, neurons)."""
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(matrix))[:MOST_SHUFFLED]
    sampled = matrix.take(rows)
    before = model.activity(sampled)
    variance = np.maximum(before.var(axis=0), 1e-12)
    out = np.zeros((len(matrix.columns), before.shape[1]), np.float32)
    for j in range(len(matrix.columns)):
        changes = [model.activity(_shuffled(sampled, j, rng.permutation(len(rows)))) - before for _ in range(SHUFFLES)]
        out[j] = np.mean([(c**2).mean(axis=0) for c in changes], axis=0) / (2 * variance)
    return np.minimum(out, 1.0)


def _shuffled(matrix: Matrix, j: int, order: Ints) -> Matrix:
    from dataclasses import replace

    p = len(matrix.names)
    numbers, categories = matrix.numbers.copy(), matrix.categories.copy()
    if j < p:
        numbers[:, j] = numbers[order, j]
    else:
        categories[:, j - p] = categories[order, j - p]
    return replace(matrix, numbers=numbers, categories=categories)


def _ways(activity: Floats, matrix: Matrix) -> Floats:
    """Correlation of every number with every activity, over the listings where it is known; NaN for categories."""
    out = np.full((len(matrix.columns), activity.shape[1]), np.nan, np.float32)
    for j, column in enumerate(matrix.numbers.T):
        known = np.isfinite(column)
        x, y = column[known].astype(np.float64), activity[known].astype(np.float64)
        if len(x) < 3 or x.std() < 1e-9:
            continue
        spread = np.maximum(y.std(axis=0), 1e-12)
        out[j] = ((x - x.mean())[:, None] * (y - y.mean(axis=0))).mean(axis=0) / (x.std() * spread)
    return out


def _levels(matrix: Matrix, j: int, lit: Ints) -> tuple[Level, ...]:
    """The levels that are more frequent among the lit listings than in all, the largest difference first."""
    p = len(matrix.names)
    if j < p or not len(lit):
        return ()
    codes, size = matrix.categories[:, j - p], matrix.category_sizes[j - p]
    inside, everywhere = _shares(codes[lit], size), _shares(codes, size)
    order = np.argsort(-(inside - everywhere), kind="stable")[:MOST_LEVELS_TOLD]
    return tuple(
        Level(int(code), float(inside[code]), float(everywhere[code]))
        for code in order
        if inside[code] >= LEAST_LEVEL and inside[code] > CLEARLY_MORE * everywhere[code]
    )


def _shares(codes: NDArray[np.int32], size: int) -> NDArray[np.float64]:
    return np.bincount(codes[codes >= 0], minlength=size) / max(len(codes), 1)
