"""A calibrated 90 % interval: split-conformal prediction on residuals scaled by the local noise of prices.

Normalised nonconformity scores (Papadopoulos et al., 2008) on out-of-fold residuals, the lower and the upper end
calibrated apart because prices err more upwards than downwards, and within fifths of the expected price (Mondrian;
Vovk et al., 2005) where the market is large enough.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
COVERAGE = 0.90
FEWEST_IN_A_FIFTH = 200


@dataclass
class ConformalInterval:
    """Learned edges between groups of expected price, and each group's lower and upper quantile of residual / noise.

    >>> rng = np.random.default_rng(0)
    >>> expected, noise = rng.normal(12, 1, 2000), np.full(2000, 0.2)
    >>> asked = expected + rng.normal(0, 0.2, 2000)
    >>> low, high = ConformalInterval().fit(asked, expected, noise).bounds(expected, noise)
    >>> bool(0.88 < ((asked >= low) & (asked <= high)).mean() < 0.92)
    True
    """

    edges_: Floats | None = None
    low_: Floats | None = None
    high_: Floats | None = None

    def fit(self, log_price: Floats, expected: Floats, noise: Floats) -> ConformalInterval:
        """All of shape (n,), out of fold, in log price."""
        scaled = (log_price - expected) / noise
        fifths = np.quantile(expected, [0.2, 0.4, 0.6, 0.8]) if len(expected) >= 5 * FEWEST_IN_A_FIFTH else np.empty(0)
        self.edges_ = fifths
        group = np.searchsorted(fifths, expected)
        self.low_ = np.array([_quantile(-scaled[group == g]) for g in range(len(fifths) + 1)]) * -1
        self.high_ = np.array([_quantile(scaled[group == g]) for g in range(len(fifths) + 1)])
        return self

    def bounds(self, expected: Floats, noise: Floats) -> tuple[Floats, Floats]:
        """Lower and upper end of the interval in log price, each (n,)."""
        assert self.edges_ is not None and self.low_ is not None and self.high_ is not None
        group = np.searchsorted(self.edges_, expected)
        return expected + self.low_[group] * noise, expected + self.high_[group] * noise

    def state(self) -> dict[str, Any]:
        """What was learned, as arrays."""
        return {"edges": self.edges_, "low": self.low_, "high": self.high_}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> ConformalInterval:
        """The interval whose ``state()`` this is."""
        return cls(state["edges"], state["low"], state["high"])


def _quantile(scores: Floats) -> float:
    """The conformal quantile of one side: rank ceil((n + 1) (1 - alpha / 2)), at most the largest score."""
    n = len(scores)
    if n == 0:
        return 3.0
    rank = min(int(np.ceil((n + 1) * (0.5 + COVERAGE / 2))), n)
    return float(np.partition(scores, rank - 1)[rank - 1])
