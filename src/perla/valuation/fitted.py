"""One price model of a blend, fitted in every fold: it can be learned alone, kept, and put together with the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.valuation.price_models import PriceModel, read_choice

Floats = NDArray[np.float64]
FitsDone = Callable[[int, int], None]


def unwatched(done: int, of: int) -> None:
    """Fits nobody counts."""


@dataclass(frozen=True)
class FittedModel:
    """A price model in every fold.

    name : the text that chose it, such as ``deep(leaves=255)``. models : one per fold. out_of_fold : its log estimates
    of the n listings learned from, each by the model of the fold that never saw it.
    """

    name: str
    models: list[PriceModel]
    out_of_fold: Floats

    def state(self) -> dict[str, Any]:
        """Everything learned, as plain values, texts and arrays."""
        return {
            "model": self.name,
            "folds": [model.state() for model in self.models],
            "out_of_fold": self.out_of_fold,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> FittedModel:
        """The model whose ``state()`` this is. Raises ShelfError or UnknownNameError where it is none."""
        name = str(state["model"])
        offer = read_choice(name).offer
        return cls(name, [offer.read(fold) for fold in state["folds"]], np.asarray(state["out_of_fold"], np.float64))


def gathered(folds: NDArray[np.int64], pieces: list[Any]) -> NDArray[Any]:
    """Pieces by fold, back in the order of the listings.

    >>> gathered(np.array([1, 0, 1]), [np.array([5.0]), np.array([6.0, 7.0])])
    array([6., 5., 7.])
    """
    order = np.argsort(np.concatenate([np.flatnonzero(folds == fold) for fold in range(len(pieces))]))
    return np.asarray(np.concatenate(pieces)[order])
