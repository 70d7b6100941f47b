"""What the models say of n listings: estimates of the price, and the surprise of every attribute."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.anomaly import Matrix, SurpriseMatrix
from perla.prepare import Prepared, column_of
from perla.valuation import Estimates

Floats = NDArray[np.float64]
PRICE = "(price)"  # the price's name among the columns of a surprise matrix; no column of a table is called so
NORMAL_90 = 1.6449
BELIEVABLE = 6.0  # usual errors


@dataclass(frozen=True)
class Evidence:
    """Arrays with one row per listing.

    surprise : attributes judged with the price hidden, so a wrong price makes no attribute look odd. network_expected :
    log price the anomaly model expects. levels : the words of the category codes.
    limits : the largest surprise that counts, by column (a place is never odd in itself; a rare yes only mildly).
    """

    prepared: Prepared
    estimates: Estimates
    surprise: SurpriseMatrix
    network_expected: Floats
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limits: Mapping[str, float] = field(default_factory=dict)

    @property
    def fall(self) -> Floats:
        """Log of asking price over expected price, (n,); negative is cheap."""
        return self.prepared.log_price - self.estimates.expected

    @property
    def price_z(self) -> Floats:
        """The price's own surprise: the fall in units in which nine tenths of ordinary listings lie within 1.645."""
        half = (self.estimates.high - self.estimates.low) / 2 / NORMAL_90
        middle = (self.estimates.high + self.estimates.low) / 2
        return (self.prepared.log_price - middle) / np.maximum(half, 1e-6)

    @property
    def network_fall(self) -> Floats:
        """The same fall by the anomaly model's own estimate of the price: an unrelated second opinion."""
        return self.prepared.log_price - self.network_expected

    @property
    def attribute_z(self) -> Floats:
        """Surprise of each attribute, (n, p + q), missing cells 0, none beyond its column's limit."""
        keep = [j for j, name in enumerate(self.surprise.columns) if name != PRICE]
        limits = np.array([self.limits.get(column_of(self.surprise.columns[j]), np.inf) for j in keep])
        return np.clip(np.nan_to_num(self.surprise.z[:, keep].astype(np.float64), nan=0.0), -limits, limits)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the columns of ``attribute_z``."""
        return tuple(name for name in self.surprise.columns if name != PRICE)

    @property
    def oddness(self) -> Floats:
        """How odd the listing is apart from its price: root mean square of its three oddest attributes, (n,)."""
        z = np.sort(np.abs(self.attribute_z), axis=1)[:, -3:]
        return np.sqrt((z**2).mean(axis=1)) if z.shape[1] else np.zeros(len(self.prepared))

    def forgive(self, columns: Collection[str]) -> Evidence:
        """The same listings with these columns not odd at all: what is wished for is no fault.

        A surprise beyond BELIEVABLE stays, it is more likely an error than a wish come true.
        """
        z = self.surprise.z.copy()
        for j, name in enumerate(self.surprise.columns):
            if name in columns:
                z[:, j] = np.where(np.abs(z[:, j]) <= BELIEVABLE, 0.0, z[:, j])
        return replace(self, surprise=replace(self.surprise, z=z))

    def take(self, rows: NDArray[Any]) -> Evidence:
        """Only these rows (positions or bools)."""
        return replace(
            self,
            prepared=self.prepared.take(rows),
            estimates=self.estimates.take(rows),
            surprise=self.surprise.take(rows),
            network_expected=self.network_expected[rows],
        )


def network_matrix(prepared: Prepared, centre: float, spread: float) -> Matrix:
    """The listings as the anomaly model sees them: the scaled log price first, then every attribute."""
    price = (prepared.log_price - centre) / spread
    numbers = np.column_stack([price, prepared.scaled]).astype(np.float32)
    return Matrix(
        numbers,
        (PRICE, *prepared.names),
        prepared.categories,
        prepared.category_names,
        prepared.category_sizes,
        PRICE,
    )
