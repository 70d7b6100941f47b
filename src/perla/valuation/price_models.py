"""The price models, behind one contract. To add one: a class that keeps it, and one line in PRICE_MODELS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared
from perla.valuation.boosted import Boosted, Settings
from perla.valuation.hedonic import Hedonic
from perla.words import Text

Floats = NDArray[np.float64]
SMOOTH = Settings(trees=600, rate=0.05, leaves=63, leaf_rows=20, column_share=0.7)
DEEP = Settings(trees=250, rate=0.05, leaves=511, leaf_rows=3, column_share=0.4)


class PriceModel(Protocol):
    """Learns the log price of listings, and is asked only about listings it never saw.

    prepared : n listings. neighbours : float32 (n, k), what similar listings ask
    (:mod:`perla.valuation.neighbourhood`); a model may ignore it. ``state`` holds plain values, texts and arrays.
    """

    def fit(self, prepared: Prepared, log_price: Floats, neighbours: NDArray[np.float32]) -> PriceModel: ...

    def predict(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> Floats: ...

    def state(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Offer:
    """A price model on offer: its name, how a new one is made (rows to learn from, seed), how a saved one is read."""

    name: Text
    make: Callable[[int, int], PriceModel]
    read: Callable[[dict[str, Any]], PriceModel]


@dataclass
class TreePrice:
    """Boosted trees on the attributes, with or without what the neighbours ask."""

    settings: Settings
    compared: bool = False
    trees_: Boosted | None = None

    def fit(self, prepared: Prepared, log_price: Floats, neighbours: NDArray[np.float32]) -> TreePrice:
        categorical = categorical_columns(prepared)
        self.trees_ = Boosted(self.settings, categorical).fit(self._matrix(prepared, neighbours), log_price)
        return self

    def predict(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> Floats:
        assert self.trees_ is not None
        return self.trees_.predict(self._matrix(prepared, neighbours))

    def _matrix(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.hstack([prepared.tree_matrix, neighbours]) if self.compared else prepared.tree_matrix

    def state(self) -> dict[str, Any]:
        assert self.trees_ is not None
        return self.trees_.state()


def _trees(name: Text, settings: Settings, compared: bool, place: int) -> Offer:
    def make(rows: int, seed: int) -> TreePrice:
        return TreePrice(replace(settings, leaf_rows=leaf_rows(settings, rows), seed=seed + place), compared)

    def read(state: dict[str, Any]) -> TreePrice:
        return TreePrice(settings, compared, Boosted.from_state(state, settings))

    return Offer(name, make, read)


def leaf_rows(settings: Settings, rows: int) -> int:
    """Fewer listings to a leaf where the market is small."""
    return max(2, min(settings.leaf_rows, rows // 40))


def categorical_columns(prepared: Prepared) -> tuple[int, ...]:
    """Where the category codes stand in ``Prepared.tree_matrix``."""
    p = len(prepared.names)
    return tuple(range(p, p + len(prepared.category_names)))


BASELINE, SHOWN = 0, 1  # the model all others are laid beside; the one whose contributions explain an estimate
PRICE_MODELS: tuple[Offer, ...] = (
    Offer(
        Text("hedonic regression (baseline)", "regresión hedónica (referencia)"),
        lambda rows, seed: Hedonic(),
        Hedonic.from_state,
    ),
    _trees(Text("boosted trees", "árboles potenciados"), SMOOTH, False, 0),
    _trees(Text("boosted trees with comparables", "árboles potenciados con comparables"), SMOOTH, True, 1),
    _trees(Text("deep trees", "árboles profundos"), DEEP, False, 2),
)
