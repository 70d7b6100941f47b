"""A random forest (Breiman, 2001), grown by scikit-learn, kept as plain arrays and asked with numpy alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared
from perla.valuation.arrays import damaged, saved_codes, saved_floats
from perla.valuation.level_means import LevelMeans

Floats = NDArray[np.float64]
ABSENT = -1e30  # stands for a missing number: below every other


@dataclass(frozen=True)
class ForestSettings:
    """How the forest is grown: trees, listings in the smallest leaf, share of columns looked at for each split."""

    trees: int = 80
    leaf_rows: int = 2
    column_share: float = 0.4


@dataclass
class Forest:
    """Trees on the attributes, the means of category levels, and what the neighbours ask."""

    settings: ForestSettings = field(default_factory=ForestSettings)
    seed: int = 0
    levels_: LevelMeans = field(default_factory=LevelMeans)
    roots_: NDArray[np.int64] | None = None
    left_: NDArray[np.int64] | None = None
    right_: NDArray[np.int64] | None = None
    column_: NDArray[np.int64] | None = None
    threshold_: Floats | None = None
    value_: Floats | None = None
    columns_: int = 0

    def fit(self, prepared: Prepared, log_price: Floats, neighbours: NDArray[np.float32]) -> Forest:
        """Learn from n listings; whole trees on bootstrap samples, one thread."""
        from sklearn.ensemble import RandomForestRegressor

        self.levels_ = LevelMeans().fit(prepared, log_price)
        matrix = numbers_alone(prepared, self.levels_.codes_to_learn(prepared, log_price, self.seed), neighbours)
        grown = RandomForestRegressor(
            self.settings.trees, min_samples_leaf=self.settings.leaf_rows, max_features=self.settings.column_share,
            random_state=self.seed, n_jobs=1,
        ).fit(matrix, log_price)  # fmt: skip
        self._keep([tree.tree_ for tree in grown.estimators_], matrix.shape[1])
        return self

    def predict(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> Floats:
        """Expected log price, shape (n,): the mean of the trees."""
        assert self.roots_ is not None
        matrix = numbers_alone(prepared, self.levels_.codes(prepared), neighbours)
        if matrix.shape[1] != self.columns_:
            raise damaged("columns")
        total = np.zeros(len(prepared))
        for root in self.roots_:
            total += self._fall(matrix, int(root))
        return total / len(self.roots_)

    def _keep(self, trees: list[Any], columns: int) -> None:
        sizes = [tree.node_count for tree in trees]
        self.roots_ = np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
        start = np.repeat(self.roots_, sizes)
        left = np.concatenate([tree.children_left for tree in trees])
        self.left_ = np.where(left < 0, -1, left + start)
        self.right_ = np.where(left < 0, -1, np.concatenate([tree.children_right for tree in trees]) + start)
        self.column_ = np.where(left < 0, 0, np.concatenate([tree.feature for tree in trees])).astype(np.int64)
        self.threshold_ = np.concatenate([tree.threshold for tree in trees])
        self.value_ = np.concatenate([tree.value[:, 0, 0] for tree in trees])
        self.columns_ = columns

    def _fall(self, matrix: NDArray[np.float32], root: int) -> Floats:
        """The leaf value each listing falls to."""
        assert self.left_ is not None and self.right_ is not None and self.column_ is not None
        assert self.threshold_ is not None and self.value_ is not None
        node = np.full(len(matrix), root)
        moving = np.flatnonzero(self.left_[node] >= 0)
        while len(moving):
            at = node[moving]
            low = matrix[moving, self.column_[at]] <= self.threshold_[at]
            node[moving] = np.where(low, self.left_[at], self.right_[at])
            moving = moving[self.left_[node[moving]] >= 0]
        return self.value_[node]

    def state(self) -> dict[str, Any]:
        """The trees as arrays of nodes, laid end to end."""
        assert self.roots_ is not None and self.left_ is not None and self.right_ is not None
        assert self.column_ is not None
        return {
            "levels": self.levels_.state(),
            "columns": self.columns_,
            "trees": len(self.roots_),
            "roots": self.roots_.astype(np.int32),
            "left": self.left_.astype(np.int32),
            "right": self.right_.astype(np.int32),
            "column": self.column_.astype(np.int16),
            "threshold": self.threshold_,
            "value": self.value_,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> Forest:
        """The forest that was saved; ShelfError unless every node goes down to one that is there."""
        value = saved_floats(state, "value", None)
        n, columns = len(value), int(state["columns"])
        left, right = saved_codes(state, "left", -1, n - 1, n), saved_codes(state, "right", -1, n - 1, n)
        inner = left >= 0
        own = np.arange(n)[inner]
        if not n or ((right >= 0) != inner).any() or (left[inner] <= own).any() or (right[inner] <= own).any():
            raise damaged("left")
        made = cls(levels_=LevelMeans.from_state(state["levels"]), columns_=columns)
        made.roots_ = saved_codes(state, "roots", 0, n - 1, max(1, int(state["trees"])))
        made.left_, made.right_, made.value_ = left, right, value
        made.column_ = saved_codes(state, "column", 0, columns - 1, n)
        made.threshold_ = saved_floats(state, "threshold", n)
        return made


def numbers_alone(
    prepared: Prepared, levels: NDArray[np.float32], neighbours: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Numbers, level means, neighbour columns: float32, a number far below all others for what is missing."""
    return np.nan_to_num(np.hstack([prepared.numbers, levels, neighbours]), nan=ABSENT).astype(np.float32)
