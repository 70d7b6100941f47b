"""CatBoost (Prokhorenkova et al., 2018): boosted trees that ask the same question on a whole level.

Learned by the catboost package (an optional extra), kept as plain arrays and asked with numpy alone: reading a saved
model needs no catboost, and hands no foreign text to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.errors import MissingExtraError
from perla.prepare import Prepared
from perla.valuation.arrays import damaged, saved_codes, saved_floats
from perla.valuation.forest import numbers_alone
from perla.valuation.level_means import LevelMeans

Floats = NDArray[np.float64]
DEEPEST = 10


@dataclass(frozen=True)
class CatBoostSettings:
    """How it is grown: trees, learning rate, questions on the way to a leaf, pull of leaf values towards zero."""

    trees: int = 800
    rate: float = 0.06
    depth: int = 7
    pull: float = 3.0


@dataclass
class CatBoosted:
    """Symmetric trees on the attributes, the means of category levels, and what the neighbours ask."""

    settings: CatBoostSettings = field(default_factory=CatBoostSettings)
    seed: int = 0
    levels_: LevelMeans = field(default_factory=LevelMeans)
    base_: float = 0.0
    columns_: int = 0
    depths_: NDArray[np.int64] | None = None
    column_: NDArray[np.int64] | None = None
    border_: Floats | None = None
    value_: Floats | None = None

    def fit(self, prepared: Prepared, log_price: Floats, neighbours: NDArray[np.float32]) -> CatBoosted:
        """Learn from n listings, one thread. Raises MissingExtraError without the catboost package."""
        catboost = load_catboost()
        self.levels_ = LevelMeans().fit(prepared, log_price)
        matrix = numbers_alone(prepared, self.levels_.codes_to_learn(prepared, log_price, self.seed), neighbours)
        model = catboost.CatBoostRegressor(
            iterations=self.settings.trees, learning_rate=self.settings.rate, depth=self.settings.depth,
            l2_leaf_reg=self.settings.pull, random_seed=self.seed, thread_count=1, allow_writing_files=False,
            verbose=False,
        ).fit(matrix, log_price)  # fmt: skip
        self._keep(model, matrix.shape[1])
        return self

    def predict(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> Floats:
        """Expected log price, shape (n,)."""
        assert self.depths_ is not None and self.column_ is not None
        assert self.border_ is not None and self.value_ is not None
        matrix = numbers_alone(prepared, self.levels_.codes(prepared), neighbours)
        if matrix.shape[1] != self.columns_:
            raise damaged("columns")
        by_column = np.ascontiguousarray(matrix.T)
        total, question, leaf = np.full(len(matrix), self.base_), 0, 0
        for depth in self.depths_:
            place = np.full(len(matrix), leaf)
            for k in range(depth):
                place += (by_column[self.column_[question + k]] > self.border_[question + k]).astype(np.int64) << k
            total += self.value_[place]
            question, leaf = question + depth, leaf + (1 << depth)
        return total

    def _keep(self, model: Any, columns: int) -> None:
        borders = {int(j): np.array(found, np.float64) for j, found in model.get_borders().items()}
        questions = [[_question(told, borders) for told in model._get_tree_splits(t, None)]
                     for t in range(model.tree_count_)]  # fmt: skip
        scale, self.base_ = map(float, model.get_scale_and_bias())
        self.depths_ = np.array([len(tree) for tree in questions], np.int64)
        flat = [question for tree in questions for question in tree]
        self.column_ = np.array([column for column, _ in flat], np.int64)
        self.border_ = np.array([border for _, border in flat], np.float64)
        self.value_ = np.asarray(model.get_leaf_values(), np.float64) * scale
        self.columns_ = columns

    def state(self) -> dict[str, Any]:
        """The trees as arrays: depth of each, its questions (column, border), its leaf values."""
        return {
            "levels": self.levels_.state(),
            "base": self.base_,
            "columns": self.columns_,
            "depths": self.depths_,
            "column": self.column_,
            "border": self.border_,
            "value": self.value_,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> CatBoosted:
        """The model that was saved; ShelfError unless its questions and leaves are as many as its depths say."""
        columns = int(state["columns"])
        depths = saved_codes(state, "depths", 0, DEEPEST, None)
        made = cls(levels_=LevelMeans.from_state(state["levels"]), base_=float(state["base"]), columns_=columns)
        made.depths_ = depths
        made.column_ = saved_codes(state, "column", 0, columns - 1, int(depths.sum()))
        made.border_ = saved_floats(state, "border", int(depths.sum()))
        made.value_ = saved_floats(state, "value", int((1 << depths).sum()))
        return made


def load_catboost() -> Any:
    """The catboost package, or MissingExtraError with the line that installs it."""
    try:
        import catboost
    except ImportError as missing:
        raise MissingExtraError(
            "The price model catboost needs CatBoost. Install it with: pip install 'perla[catboost]'",
            "El modelo de precios catboost necesita CatBoost. Instálelo con: pip install 'perla[catboost]'",
        ) from missing
    return catboost


def _question(told: str, borders: dict[int, Floats]) -> tuple[int, float]:
    """CatBoost prints a border with six digits; the nearest one of the model is meant."""
    column, border = told.split(", bin=")
    known = borders[int(column)]
    return int(column), float(known[np.abs(known - float(border)).argmin()])
