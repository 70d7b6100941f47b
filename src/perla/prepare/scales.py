"""One scale per number column: roughly bell-shaped, centred, of unit spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LIMIT = 12.0  # a value further out carries no more information than this


@dataclass(frozen=True)
class Scale:
    """``(f(x) - centre) / spread`` with f the logarithm of ``x + shift`` for skewed columns, else x itself.

    >>> scale = fit_scale(np.array([50.0, 60, 80, 100, 400, 1000]))
    >>> scale.logged, bool(abs(scale.back(scale.forward(np.array([80.0])))[0] - 80) < 1e-9)
    (True, True)
    """

    logged: bool
    shift: float
    centre: float
    spread: float

    def forward(self, values: Floats) -> Floats:
        """Values on the scale, never further than LIMIT from 0."""
        shaped = np.log(np.maximum(values + self.shift, self.shift * 1e-3 + 1e-12)) if self.logged else values
        return np.clip((shaped - self.centre) / self.spread, -LIMIT, LIMIT)

    def back(self, scaled: Floats) -> Floats:
        """The values again, in their own unit."""
        shaped = scaled * self.spread + self.centre
        return np.exp(shaped) - self.shift if self.logged else shaped

    def state(self) -> list[float]:
        """Four plain numbers."""
        return [float(self.logged), self.shift, self.centre, self.spread]

    @classmethod
    def from_state(cls, state: list[float]) -> Scale:
        """The scale whose ``state()`` this is."""
        return cls(bool(state[0]), float(state[1]), float(state[2]), float(state[3]))


def _spread(values: Floats) -> float:
    quartiles = np.quantile(values, [0.25, 0.75])
    spread = float(quartiles[1] - quartiles[0]) / 1.349
    return max(spread, float(values.std()) / 3, 1e-9)


def fit_scale(values: Floats) -> Scale:
    """The scale of one column; missing values are ignored, a column without values gets the identity."""
    seen = values[np.isfinite(values)]
    if seen.size == 0:
        return Scale(False, 0.0, 0.0, 1.0)
    middle, high, low = np.median(seen), np.quantile(seen, 0.99), seen.min()
    logged = bool(low >= 0 and high > 3 * max(middle, 1e-12))
    shift = (0.0 if low > 0 else max(float(np.median(seen[seen > 0])) * 0.1, 1e-6)) if logged else 0.0
    shaped = np.log(seen + shift) if logged else seen
    return Scale(logged, shift, float(np.median(shaped)), _spread(shaped))
