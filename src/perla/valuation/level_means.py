"""Categories as numbers: what the listings of each level ask on average, for models that only split numbers.

Target statistics (Micci-Barreca, 2001), shrunk towards the mean of all. Where a listing is learned from, its number
comes from listings of other fifths of the table, so a rare level cannot repeat the listing's own price.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared
from perla.valuation.arrays import saved_floats

Floats = NDArray[np.float64]
SHRINK = 5.0  # a level counts as much as the mean of all from this many listings on
PARTS = 5


@dataclass
class LevelMeans:
    """One mean for each level of each category, the last of each for missing or unknown."""

    means_: tuple[Floats, ...] = ()

    def fit(self, prepared: Prepared, log_price: Floats) -> LevelMeans:
        self.means_ = _means(prepared, log_price)
        return self

    def codes(self, prepared: Prepared) -> NDArray[np.float32]:
        """The means of new listings, float32 (n, q)."""
        return _looked_up(self.means_, prepared.categories)

    def codes_to_learn(self, prepared: Prepared, log_price: Floats, seed: int) -> NDArray[np.float32]:
        """The means of the listings learned from, each without its own fifth, float32 (n, q)."""
        part = np.random.default_rng(seed).integers(0, PARTS, len(prepared))
        codes = np.empty(prepared.categories.shape, np.float32)
        for k in range(PARTS):
            others = part != k
            means = _means(prepared.take(others), log_price[others]) if others.any() else self.means_
            codes[~others] = _looked_up(means, prepared.categories[~others])
        return codes

    def state(self) -> list[Floats]:
        return list(self.means_)

    @classmethod
    def from_state(cls, state: list[Any]) -> LevelMeans:
        return cls(tuple(saved_floats({"levels": means}, "levels", None) for means in state))


def _means(prepared: Prepared, log_price: Floats) -> tuple[Floats, ...]:
    overall = float(log_price.mean())
    found = []
    for j, size in enumerate(prepared.category_sizes):
        codes = np.where(prepared.categories[:, j] < 0, size, prepared.categories[:, j])
        count, total = np.bincount(codes, minlength=size + 1), np.bincount(codes, log_price, minlength=size + 1)
        found.append((total + SHRINK * overall) / (count + SHRINK))
    return tuple(found)


def _looked_up(means: tuple[Floats, ...], categories: NDArray[np.int32]) -> NDArray[np.float32]:
    columns = [column[categories[:, j]] for j, column in enumerate(means)]
    return np.column_stack(columns).astype(np.float32) if columns else np.empty((len(categories), 0), np.float32)
