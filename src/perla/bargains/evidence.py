"""What the models say of n listings, gathered for the judge: estimates of the price and the surprise of every attribute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.anomaly import Matrix, SurpriseMatrix
from perla.prepare import Prepared
from perla.valuation import Estimates

Floats = NDArray[np.float64]
PRICE = "(price)"  # the price's name among the columns of a surprise matrix; no column of a table is called so
NORMAL_90 = 1.6449


@dataclass(frozen=True)
class Evidence:
    """Arrays with one row per listing.

    surprise : attributes judged with the price hidden, so a wrong price makes no attribute look odd. network_expected :
    log price the anomaly model expects.
    """

    prepared: Prepared
    estimates: Estimates
    surprise: SurpriseMatrix
    network_expected: Floats

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
        """Surprise of each attribute, (n, p + q), missing cells 0."""
        keep = [j for j, name in enumerate(self.surprise.columns) if name != PRICE]
        return np.nan_to_num(self.surprise.z[:, keep].astype(np.float64), nan=0.0)

    @property
    def attributes(self) -> tuple[str, ...]:
        return tuple(name for name in self.surprise.columns if name != PRICE)

    @property
    def oddness(self) -> Floats:
        """How odd the listing is apart from its price: root mean square of its three oddest attributes, (n,)."""
        z = np.sort(np.abs(self.attribute_z), axis=1)[:, -3:]
        return np.sqrt((z**2).mean(axis=1)) if z.shape[1] else np.zeros(len(self.prepared))

    def take(self, rows: NDArray[Any]) -> Evidence:
        """Only these rows (positions or bools)."""
        return Evidence(
            self.prepared.take(rows), self.estimates.take(rows), self.surprise.take(rows), self.network_expected[rows]
        )


def network_matrix(prepared: Prepared, centre: float, spread: float, with_price: bool) -> Matrix:
    """The listings as the anomaly model sees them: the scaled price first, then every attribute.

    Without the price (``with_price`` False) every attribute is judged as if the price were not known.
    """
    price = (prepared.log_price - centre) / spread if with_price else np.full(len(prepared), np.nan)
    numbers = np.column_stack([price, prepared.scaled]).astype(np.float32)
    return Matrix(
        numbers,
        (PRICE, *prepared.names),
        prepared.categories,
        prepared.category_names,
        prepared.category_sizes,
        PRICE,
    )
