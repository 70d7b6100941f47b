"""Hedonic regression: the logarithm of the price as a sum of what each attribute is worth (Rosen, 1974).

The baseline every other model must beat, and the ruler by which comparables are chosen: its coefficients say how
much of the price a difference in each attribute explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared

Floats = NDArray[np.float64]
PENALTY = 2.0
NEAR = 4.0  # scaled values are trusted to be linear this far out


@dataclass
class Hedonic:
    """Ridge regression of log price on scaled numbers, missing flags and category levels."""

    intercept_: float = 0.0
    number_weights_: Floats | None = None
    missing_weights_: Floats | None = None
    level_weights_: tuple[Floats, ...] = ()

    def fit(self, prepared: Prepared, log_price: Floats, neighbours: object = None) -> Hedonic:
        """Learn from n listings; ``log_price`` has shape (n,) and no missing value; neighbours are not looked at."""
        from sklearn.linear_model import Ridge

        design = _design(prepared)
        model = Ridge(alpha=PENALTY, solver="sparse_cg", tol=1e-5).fit(design, log_price)
        p = len(prepared.names)
        cuts = np.cumsum([p, p, *prepared.category_sizes])[:-1]
        self.intercept_ = float(model.intercept_)
        parts = np.split(model.coef_.astype(np.float64), cuts)
        self.number_weights_, self.missing_weights_, self.level_weights_ = parts[0], parts[1], tuple(parts[2:])
        return self

    def predict(self, prepared: Prepared, neighbours: object = None) -> Floats:
        """Expected log price, shape (n,)."""
        return self.intercept_ + self.effects(prepared).sum(axis=1)

    def effects(self, prepared: Prepared) -> Floats:
        """What each column adds to the log price, shape (n, p + q)."""
        assert self.number_weights_ is not None and self.missing_weights_ is not None
        missing = np.isnan(prepared.scaled)
        numbers = _linear(prepared) * self.number_weights_ + missing * self.missing_weights_
        levels = [np.append(weights, 0.0)[prepared.categories[:, j]] for j, weights in enumerate(self.level_weights_)]
        return np.column_stack([numbers, *levels]) if levels else numbers

    def state(self) -> dict[str, Any]:
        """What was learned, as plain values and arrays."""
        return {
            "intercept": self.intercept_,
            "numbers": self.number_weights_,
            "missing": self.missing_weights_,
            "levels": [np.asarray(w) for w in self.level_weights_],
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Hedonic:
        """The regression whose ``state()`` this is."""
        return cls(float(state["intercept"]), state["numbers"], state["missing"], tuple(state["levels"]))


def predict_all(models: Sequence[Hedonic], prepared: Prepared) -> Floats:
    """What each of several regressions of the same columns expects, (n, models)."""
    pairs = [(m.number_weights_, m.missing_weights_) for m in models]
    weights = np.array([np.concatenate([n, w]) for n, w in pairs if n is not None and w is not None]).T
    told = np.hstack([_linear(prepared), np.isnan(prepared.scaled)]) @ weights + [m.intercept_ for m in models]
    for j in range(len(prepared.category_names)):
        levels = np.array([np.append(m.level_weights_[j], 0.0) for m in models])
        told += levels[:, prepared.categories[:, j]].T
    return np.asarray(told)


def _linear(prepared: Prepared) -> Floats:
    return np.clip(np.nan_to_num(prepared.scaled, nan=0.0), -NEAR, NEAR).astype(np.float64)


def _design(prepared: Prepared) -> Any:
    """Numbers, missing flags, then one column per level, as a sparse matrix (n, 2 p + levels)."""
    from scipy import sparse

    blocks = [sparse.csr_matrix(_linear(prepared)), sparse.csr_matrix(np.isnan(prepared.scaled).astype(np.float64))]
    n = len(prepared)
    for j, size in enumerate(prepared.category_sizes):
        codes = prepared.categories[:, j]
        known = np.flatnonzero(codes >= 0)
        blocks.append(sparse.csr_matrix((np.ones(len(known)), (known, codes[known])), shape=(n, size)))
    return sparse.hstack(blocks).tocsr()
