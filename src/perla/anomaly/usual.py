"""What error is usual for each column, learned from listings the networks never saw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.anomaly.levels import Levels
from perla.anomaly.matrix import Codes, Floats, Matrix, SurpriseMatrix
from perla.anomaly.plain_state import floats_of

GRID = 513  # quantiles kept per category column
FARTHEST = 100.0  # no cell is called odder than this


@dataclass(frozen=True)
class Rebuilt:
    """What a model says should stand in each cell.

    numbers, scales : (n, p), expected value and the model's own relative guess of its error (1 if it makes none).
    best : int32 (n, q), most likely reduced code; best_probability, probability : (n, q), of it and of what
    stands there.
    """

    numbers: Floats
    scales: Floats
    best: Codes
    best_probability: Floats
    probability: Floats

    def take(self, rows: NDArray[np.int64]) -> Rebuilt:
        """Only these rows."""
        return Rebuilt(*(part[rows] for part in self._parts))

    @property
    def _parts(self) -> tuple[NDArray[Any], ...]:
        return self.numbers, self.scales, self.best, self.best_probability, self.probability

    @property
    def margin(self) -> Floats:
        """How much less likely the category is than the most likely one, in log units; 0 where it is that one."""
        ratio = np.log(np.maximum(self.best_probability, 1e-12)) - np.log(np.maximum(self.probability, 1e-12))
        return np.maximum(ratio, 0).astype(np.float32)


def join_rebuilt(pieces: list[tuple[NDArray[np.int64], Rebuilt]]) -> Rebuilt:
    """Pieces put back in the order of the rows they are about."""
    order = np.argsort(np.concatenate([rows for rows, _ in pieces]))
    parts = zip(*(piece._parts for _, piece in pieces), strict=True)
    return Rebuilt(*(np.concatenate(part)[order] for part in parts))


@dataclass(frozen=True)
class UsualErrors:
    """The yardsticks: out-of-fold errors of number columns and out-of-fold margins of category columns.

    factors : (p,), what the model's own scale is multiplied by. floors : (p,), the smallest scale believed.
    margins : (q, GRID), quantiles of the margin.
    """

    factors: Floats
    floors: Floats
    margins: Floats

    def surprise(self, matrix: Matrix, rebuilt: Rebuilt, levels: Levels) -> SurpriseMatrix:
        """The rebuilt cells laid against the real ones."""
        usual = (np.maximum(rebuilt.scales, self.floors) * self.factors).astype(np.float32)
        z = np.hstack([(matrix.numbers - rebuilt.numbers) / usual, self._category_z(rebuilt.margin)])
        z = np.where(matrix.present, np.clip(z, -FARTHEST, FARTHEST), np.nan).astype(np.float32)
        known = matrix.categories >= 0
        probability = np.where(known, rebuilt.probability, np.nan).astype(np.float32)
        best = levels.restore(rebuilt.best)
        return SurpriseMatrix(z, rebuilt.numbers, usual, best, probability, matrix.columns)

    def _category_z(self, margin: Floats) -> Floats:
        """The share of usual margins below this one, as the |z| that as many normal values lie below."""
        from scipy.special import ndtri

        z = np.zeros(margin.shape, np.float32)
        for j, grid in enumerate(self.margins):
            share = np.searchsorted(grid, margin[:, j], side="left") / (len(grid) + 1)
            beyond = np.maximum(margin[:, j] - grid[-1], 0)
            z[:, j] = ndtri((1 + share) / 2) * (margin[:, j] > 1e-6) + np.minimum(beyond, 5.0)
        return z

    def state(self) -> dict[str, Any]:
        return {"factors": self.factors, "floors": self.floors, "margins": self.margins}


def usual_from_state(state: dict[str, Any], p: int, q: int) -> UsualErrors:
    """Checked on the way in: right shapes, finite, positive; ShelfError otherwise."""
    return UsualErrors(
        floats_of(state, "factors", (p,), low=1e-9),
        floats_of(state, "floors", (p,), low=0.0),
        floats_of(state, "margins", (q, GRID), low=0.0),
    )


def fit_usual(matrix: Matrix, rebuilt: Rebuilt) -> UsualErrors:
    """Yardsticks from out-of-fold rebuilt cells: robust, so that a few wild values do not stretch them.

    The scale of a number is the largest of the normal-consistent median absolute error, half the root mean square of
    the errors without the worst half percent, and a fifth of the error that half a percent exceeds: a column that is
    nearly always the same (a rare yes) needs the last two.
    """
    p, q = len(matrix.names), len(matrix.category_names)
    floors = np.array([0.3 * np.median(rebuilt.scales[:, j]) for j in range(p)], np.float32)
    ratios = (matrix.numbers - rebuilt.numbers) / np.maximum(rebuilt.scales, floors)
    factors = np.array([_usual(ratios[:, j]) for j in range(p)], np.float32)
    present = matrix.present[:, p:]
    margins = [_grid(rebuilt.margin[present[:, j], j]) for j in range(q)]
    return UsualErrors(factors, floors, np.array(margins, np.float32).reshape(q, GRID))


def _usual(ratios: NDArray[Any]) -> float:
    size = np.abs(ratios[np.isfinite(ratios)])
    if not len(size):
        return 1.0
    rare = np.quantile(size, 0.995)
    common = size[size <= rare]
    return max(float(1.4826 * np.median(size)), 0.5 * float(np.sqrt(np.mean(common**2))), float(rare) / 5, 1e-3)


def _grid(margins: NDArray[Any]) -> NDArray[Any]:
    if not len(margins):
        return np.zeros(GRID, np.float32)
    return np.quantile(margins, np.linspace(0, 1, GRID)).astype(np.float32)
