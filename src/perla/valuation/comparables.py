"""The comparables approach of an appraiser: the regression's estimate, and what the neighbours ask beyond theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared
from perla.valuation.arrays import saved_floats
from perla.valuation.neighbourhood import FEATURES, NEAREST

Floats = NDArray[np.float64]
LEVELS = len(NEAREST)


@dataclass
class Comparables:
    """Nearest neighbours, by likeness and by place: no tree, no network.

    The estimate is that of the regression (last neighbour column) plus a weighted sum of the mean unexplained price
    of the 3, 10 and 30 nearest of each neighbourhood; the weights are learned, none is negative.
    """

    usual_: float = 0.0
    weights_: Floats | None = None

    def fit(self, prepared: Prepared, log_price: Floats, neighbours: NDArray[np.float32]) -> Comparables:
        """Learn from n listings and what their neighbours, never they themselves or their twins, ask."""
        from scipy.optimize import nnls

        self.usual_ = float(log_price.mean())
        beyond = _beyond(neighbours)
        self.weights_ = np.asarray(nnls(beyond, log_price - self._regression(neighbours))[0], np.float64)
        return self

    def predict(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> Floats:
        """Expected log price, shape (n,)."""
        assert self.weights_ is not None
        return self._regression(neighbours) + (_beyond(neighbours) * self.weights_).sum(axis=1)

    def _regression(self, neighbours: NDArray[np.float32]) -> Floats:
        own = neighbours[:, -1].astype(np.float64)
        return np.where(np.isfinite(own), own, self.usual_)

    def state(self) -> dict[str, Any]:
        """What was learned, as plain values and arrays."""
        assert self.weights_ is not None
        return {"usual": self.usual_, "parts": len(self.weights_), "weights": self.weights_}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Comparables:
        """The model whose ``state()`` this is."""
        return cls(float(state["usual"]), saved_floats(state, "weights", int(state["parts"])))


def _beyond(neighbours: NDArray[np.float32]) -> Floats:
    """Mean unexplained log prices, nothing where there is no neighbour: (n, 3 per neighbourhood)."""
    starts = range(0, neighbours.shape[1] - 1, FEATURES)
    columns = [neighbours[:, start : start + LEVELS] for start in starts]
    return np.nan_to_num(np.hstack(columns).astype(np.float64), nan=0.0)
