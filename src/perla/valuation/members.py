"""All price models of all folds, asked together: about a few listings at once in a grove, about many each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared
from perla.valuation.boosted import Boosted, side_by_side
from perla.valuation.grove import FEW, Grove, Planted
from perla.valuation.hedonic import Hedonic, predict_all
from perla.valuation.price_models import PriceModel, TreePrice

Floats = NDArray[np.float64]


@dataclass
class Members:
    """models : for each fold the price models, all folds the same kinds. noises : for each fold the noise model."""

    models: list[list[PriceModel]]
    noises: list[Boosted]

    def __post_init__(self) -> None:
        self._prices = Planted(
            [m.trees_ for fold in self.models for m in fold if isinstance(m, TreePrice) and m.trees_]
        )
        self._noises = Planted(self.noises)

    @cached_property
    def _are_trees(self) -> NDArray[np.bool_]:
        return np.array([isinstance(model, TreePrice) for model in self.models[0]])

    def plant(self) -> None:
        """Make ready for questions about a few listings."""
        self._prices.make()
        self._noises.make()

    def tell(self, prepared: Prepared, extra: NDArray[np.float32], folds: Sequence[int], threads: int) -> Floats:
        """What each model of these folds expects, in log price, (n, folds, models). extra : what the neighbours ask."""
        grove = self._prices.grove if len(prepared) <= FEW and self._are_trees.any() else None
        if grove is not None:
            return self._tell_few(grove, prepared, extra, folds)
        models = [model for fold in folds for model in self.models[fold]]
        told = side_by_side(lambda k: models[k].predict(prepared, extra), range(len(models)), threads)
        return np.column_stack(told).reshape(len(prepared), len(folds), -1)

    def _tell_few(self, grove: Grove, prepared: Prepared, extra: NDArray[np.float32], folds: Sequence[int]) -> Floats:
        n, trees = len(prepared), int(self._are_trees.sum())
        found = np.empty((n, len(folds), len(self._are_trees)))
        asked = (np.array(folds)[:, None] * trees + np.arange(trees)).ravel()
        told = grove.sums(_wide(prepared, extra), np.repeat(np.arange(n), len(asked)), np.tile(asked, n))
        found[:, :, self._are_trees] = told.reshape(n, len(folds), trees)
        for j in np.flatnonzero(~self._are_trees):
            models = [self.models[fold][j] for fold in folds]
            rulers = [model for model in models if isinstance(model, Hedonic)]
            if len(rulers) == len(models):
                found[:, :, j] = predict_all(rulers, prepared)
            else:
                found[:, :, j] = np.column_stack([model.predict(prepared, extra) for model in models])
        return found

    def tell_noise(self, matrices: Sequence[NDArray[np.float32]], folds: Sequence[int]) -> Floats:
        """The usual size of the error, in log price, by the models of these folds, (n,): their mean.

        matrices : what the model of each fold sees, (n, columns).
        """
        n = len(matrices[0])
        grove = self._noises.grove if n * len(folds) <= FEW else None
        if grove is None:
            return np.mean([np.exp(self.noises[f].predict(m)) for f, m in zip(folds, matrices, strict=True)], axis=0)
        rows = np.arange(n * len(folds))
        told = grove.sums(np.vstack(matrices), rows, np.repeat(np.array(folds), n))
        return np.asarray(np.exp(told).reshape(len(folds), n).mean(axis=0))


def _wide(prepared: Prepared, extra: NDArray[np.float32]) -> NDArray[np.float32]:
    """The columns of all tree models: those that look at no neighbours know the first of them."""
    return np.hstack([prepared.tree_matrix, extra])
