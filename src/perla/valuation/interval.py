"""A calibrated 90 % interval: conformal prediction on scaled residuals, adapted to region, segment and price level.

Normalised nonconformity scores (Papadopoulos et al., 2008) on out-of-fold residuals, the lower and the upper end
calibrated apart because prices err more upwards than downwards. Each group (a fifth of the expected price, a cell of
the map, a make) stretches the ends by its own conformal quantile (Mondrian; Vovk et al., 2005), drawn towards the
market's as far as its few listings leave it uncertain (empirical Bayes; Morris, 1983). Last, a stretch by the price
at the end itself evens out the coverage between cheap and dear things, which those by the expected price cannot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
COVERAGE = 0.90
FEWEST_IN_A_FIFTH = 200
FEWEST_IN_A_GROUP = 50
LUCK = (
    1.7  # variance of the log of a 95 % quantile of n scores is about this over n: between a normal and a Laplace law
)
LEAST_STRETCH = 0.2
FIFTHS = (0.2, 0.4, 0.6, 0.8)
ROUNDS = 12
LOW, HIGH = 0, 1


@dataclass
class ConformalInterval:
    """Learned: two quantiles of residual / noise, and how each group and each price level stretches them.

    >>> rng = np.random.default_rng(0)
    >>> expected, noise = rng.normal(12, 1, 2000), np.full(2000, 0.2)
    >>> asked = expected + rng.normal(0, 0.2, 2000)
    >>> low, high = ConformalInterval().fit(asked, expected, noise).bounds(expected, noise)
    >>> bool(0.88 < ((asked >= low) & (asked <= high)).mean() < 0.92)
    True

    edges_ : expected prices between the fifths. ends_ : (2,), the quantiles. stretches_ : for the low and the high end,
    for each kind of group, the log of the stretch of each group. levels_, by_level_ : the log of the stretch at some
    prices; between them it is interpolated.
    """

    edges_: Floats | None = None
    ends_: Floats = field(default_factory=lambda: np.ones(2))
    stretches_: tuple[list[Floats], list[Floats]] = field(default_factory=lambda: ([], []))
    levels_: Floats = field(default_factory=lambda: np.zeros(1))
    by_level_: Floats = field(default_factory=lambda: np.zeros(1))

    def fit(self, log_price: Floats, expected: Floats, noise: Floats, groups: Ints | None = None) -> ConformalInterval:
        """All of shape (n,), out of fold, in log price. groups : (n, kinds), each listing's groups, -1 for none."""
        enough = len(expected) >= 5 * FEWEST_IN_A_FIFTH
        self.edges_ = np.quantile(expected, FIFTHS) if enough else np.empty(0)
        kinds = self._kinds(expected, groups)
        scaled = (log_price - expected) / noise
        for side, scores in ((LOW, -scaled), (HIGH, scaled)):
            self.stretches_[side][:] = _fit_stretches(scores, kinds)
            self.ends_[side] = _quantile(scores / np.exp(_sum_of(self.stretches_[side], kinds)), 0.5 + COVERAGE / 2)
        reach = self._reach(expected, groups)
        self._fit_levels(log_price, np.maximum(-scaled / reach[LOW], scaled / reach[HIGH]), enough)
        return self

    def bounds(self, expected: Floats, noise: Floats, groups: Ints | None = None) -> tuple[Floats, Floats]:
        """Lower and upper end of the interval in log price, each (n,); ``groups`` as in ``fit``."""
        reach = self._reach(expected, groups)
        return self._end(expected, -reach[LOW] * noise), self._end(expected, reach[HIGH] * noise)

    def _end(self, expected: Floats, distance: Floats) -> Floats:
        """The price whose own level stretches the distance so that it is reached."""
        end = expected + distance
        for _ in range(ROUNDS):
            end = (end + expected + distance * np.exp(np.interp(end, self.levels_, self.by_level_))) / 2
        return end

    def _kinds(self, expected: Floats, groups: Ints | None) -> list[Ints]:
        assert self.edges_ is not None
        fifth = np.searchsorted(self.edges_, expected).astype(np.int64)
        return [fifth, *([] if groups is None else groups.T)]

    def _reach(self, expected: Floats, groups: Ints | None) -> Floats:
        """How far the ends lie from the expected price in units of its noise, before the price level: (2, n)."""
        kinds = self._kinds(expected, groups)
        return np.array([self.ends_[side] * np.exp(_sum_of(self.stretches_[side], kinds)) for side in (LOW, HIGH)])

    def _fit_levels(self, log_price: Floats, distance: Floats, enough: bool) -> None:
        """Stretch so that nine in ten lie inside at every level; ``distance`` is 1 at either end."""
        fifth = np.searchsorted(np.quantile(log_price, FIFTHS), log_price) if enough else np.zeros(len(log_price), int)
        used = np.unique(fifth)
        self.levels_ = np.array([np.median(log_price[fifth == g]) for g in used])
        self.by_level_ = np.array([np.log(_quantile(distance[fifth == g], COVERAGE)) for g in used])
        self.by_level_ += np.log(
            _quantile(distance / np.exp(np.interp(log_price, self.levels_, self.by_level_)), COVERAGE)
        )

    def state(self) -> dict[str, Any]:
        """What was learned, as arrays."""
        return {
            "edges": self.edges_,
            "ends": self.ends_,
            "stretches": list(self.stretches_),
            "levels": self.levels_,
            "by_level": self.by_level_,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> ConformalInterval:
        """The interval whose ``state()`` this is."""
        low, high = state["stretches"]
        return cls(state["edges"], state["ends"], (list(low), list(high)), state["levels"], state["by_level"])


def _fit_stretches(scores: Floats, kinds: list[Ints]) -> list[Floats]:
    """For each kind of group the log of each group's stretch, what the kinds before it explain taken out."""
    found = []
    for group in kinds:
        found.append(_stretches(scores, group))
        scores = scores / np.exp(_sum_of(found[-1:], [group]))
    return found


def _stretches(scores: Floats, group: Ints) -> Floats:
    sizes = np.bincount(group[group >= 0])
    stretch = np.zeros(len(sizes))
    large = np.flatnonzero(sizes >= FEWEST_IN_A_GROUP)
    if len(large) < 2:
        return stretch
    usual = _quantile(scores, 0.5 + COVERAGE / 2)
    own = np.array([_quantile(scores[group == g], 0.5 + COVERAGE / 2) for g in large])
    raw = np.log(np.maximum(own / usual, LEAST_STRETCH))
    luck = LUCK / sizes[large]
    real = max(0.0, float(np.average(raw**2 - luck, weights=1 / (luck + luck.min()))))
    stretch[large] = raw * real / (real + luck)
    return stretch


def _sum_of(stretches: list[Floats], kinds: list[Ints]) -> Floats:
    """Log of all stretches of each listing together; a group never seen has none."""
    total = np.zeros(len(kinds[0]))
    for stretch, group in zip(stretches, kinds, strict=True):
        known = (group >= 0) & (group < len(stretch))
        total[known] += stretch[group[known]]
    return total


def _quantile(scores: Floats, share: float) -> float:
    """The conformal quantile: the score of rank ceil((n + 1) share), at most the largest, and never quite zero."""
    n = len(scores)
    rank = min(int(np.ceil((n + 1) * share)), n)
    return max(float(np.partition(scores, rank - 1)[rank - 1]), 1e-6)
