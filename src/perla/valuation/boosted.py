"""Gradient-boosted trees (LightGBM; Ke et al., 2017) behind one small class that saves itself as text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from threading import Lock
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from perla.errors import ShelfError
from perla.valuation.trees import Trees, read_trees
from perla.words import Text, same

Floats = NDArray[np.float64]
T = TypeVar("T")


@dataclass(frozen=True)
class Settings:
    """How a boosted model is grown, always by one thread (see :func:`side_by_side`)."""

    trees: int = 600
    rate: float = 0.05
    leaves: int = 63
    leaf_rows: int = 20
    column_share: float = 0.7
    row_share: float = 0.8
    objective: str = "regression"
    classes: int = 1
    forest: bool = False
    seed: int = 0

    def as_lightgbm(self) -> dict[str, Any]:
        """The same in LightGBM's own words."""
        settings = {
            "objective": self.objective,
            "learning_rate": self.rate,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.leaf_rows,
            "bagging_fraction": self.row_share,
            "bagging_freq": 1 if self.row_share < 1 else 0,
            "num_threads": 1,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "verbosity": -1,
        }
        share = "feature_fraction_bynode" if self.forest else "feature_fraction"
        settings[share] = self.column_share
        if self.forest:
            settings |= {"boosting": "rf", "max_cat_threshold": 64, "min_data_per_group": 5, "cat_smooth": 2}
        if self.classes > 1:
            settings["num_class"] = self.classes
        return settings


def side_by_side(work: Callable[[int], T], items: Iterable[int], threads: int) -> list[T]:
    """The results of independent fits, in order, several at a time.

    LightGBM lets go of the interpreter while it grows trees, so whole fits run beside each other on plain threads. Two
    OpenMP threads inside one fit wait for each other after every split: beside other busy processes that was seen to
    take several times as long as one thread.

    >>> side_by_side(lambda n: n * n, range(3), threads=2)
    [0, 1, 4]
    """
    items = list(items)
    if threads <= 1 or len(items) <= 1:
        return [work(item) for item in items]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


def load_lightgbm() -> Any:
    """LightGBM without its scikit-learn wrappers, which perla does not use and which cost a second to import."""
    import sys

    if "lightgbm" in sys.modules or "sklearn" in sys.modules:
        return import_module("lightgbm")
    sys.modules["sklearn"] = None  # type: ignore[assignment]  # LightGBM takes it for not installed
    try:
        return import_module("lightgbm")
    finally:
        del sys.modules["sklearn"]


@dataclass
class Boosted:
    """One fitted booster; ``categorical`` are the positions of category codes among the columns.

    A saved one is looked at as a whole when it is read, and given to LightGBM when it is first asked by itself.
    """

    settings: Settings
    categorical: tuple[int, ...] = ()
    booster_: Any = None
    was_read: bool = False
    _text: str = field(default="", repr=False)
    _trees: Trees | None = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def fit(self, matrix: NDArray[np.float32], target: Floats, weight: Floats | None = None) -> Boosted:
        """Learn from (n, p) with NaN or a negative code for missing, and a target of shape (n,)."""
        lightgbm = load_lightgbm()

        data = lightgbm.Dataset(
            matrix,
            target,
            weight=weight,
            categorical_feature=list(self.categorical),
            params={"verbosity": -1, "max_bin": 255},
            free_raw_data=True,
        )
        self.booster_ = lightgbm.train(self.settings.as_lightgbm(), data, num_boost_round=self.settings.trees)
        return self

    def predict(self, matrix: NDArray[np.float32]) -> Floats:
        """Shape (n,), or (n, classes) for a classifier; n may be 0."""
        if not len(matrix):
            return np.empty((0, self.settings.classes) if self.settings.classes > 1 else 0)
        return np.asarray(self._booster().predict(matrix, num_threads=1), np.float64)

    def contributions(self, matrix: NDArray[np.float32]) -> Floats:
        """What each column adds to the prediction (SHAP; Lundberg et al., 2020), shape (n, p + 1): last is the base."""
        return np.asarray(self._booster().predict(matrix, pred_contrib=True, num_threads=1), np.float64)

    def state(self) -> dict[str, Any]:
        """The trees as LightGBM writes them, and which columns are categories."""
        return {"trees": self._written(), "categorical": list(self.categorical)}

    def _written(self) -> str:
        with self._lock:
            return self._text or str(self.booster_.model_to_string())

    def trees(self) -> Trees:
        """The trees as arrays; those of a saved model are at hand once, later they are read again."""
        trees, self._trees = self._trees, None
        trees = trees or read_trees(self._written(), self.settings.classes)
        assert trees is not None
        return trees

    @classmethod
    def from_state(cls, state: dict[str, Any], settings: Settings) -> Boosted:
        """The saved model; ShelfError when the text is not a complete model."""
        text = state["trees"]
        trees = read_trees(text, settings.classes)
        if trees is None:
            raise _unreadable(Text("it is cut or changed", "está cortado o cambiado"))
        return cls(settings, tuple(state["categorical"]), was_read=True, _text=text, _trees=trees)

    def _booster(self) -> Any:
        """What LightGBM makes of the text, which is then let go. Raises ShelfError where it refuses it."""
        with self._lock:
            if self.booster_ is None:
                lightgbm = load_lightgbm()
                try:
                    self.booster_, self._text = lightgbm.Booster(model_str=self._text), ""
                except lightgbm.basic.LightGBMError as fault:
                    raise _unreadable(same(fault)) from fault
            return self.booster_


def _unreadable(why: Text) -> ShelfError:
    return ShelfError(
        f"A saved tree model cannot be read ({why.en}); train again.",
        f"No se puede leer un modelo de árboles guardado ({why.es}); entrene de nuevo.",
    )
