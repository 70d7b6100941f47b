"""The price models, behind one contract. To add one: a class that keeps it, and one line in PRICE_MODELS.

A choice of models is a tuple of texts, each a model's id, or its id with settings: ``deep(leaves=255, leaf_rows=5)``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from perla.errors import UnknownNameError, closest
from perla.prepare import Prepared
from perla.valuation.boosted import Boosted, Settings
from perla.valuation.catboosted import CatBoosted, CatBoostSettings
from perla.valuation.comparables import Comparables
from perla.valuation.forest import Forest, ForestSettings
from perla.valuation.hedonic import Hedonic
from perla.valuation.network import Network, NetworkSettings
from perla.words import Text

Floats = NDArray[np.float64]
SMOOTH = Settings(trees=600, rate=0.05, leaves=63, leaf_rows=20, column_share=0.7, objective="regression_l1")
DEEP = Settings(trees=250, rate=0.05, leaves=511, leaf_rows=3, column_share=0.4)


class PriceModel(Protocol):
    """Learns the log price of listings, and is asked only about listings it never saw.

    prepared : n listings. neighbours : float32 (n, k), what similar listings ask
    (:mod:`perla.valuation.neighbourhood`); a model may ignore it. ``state`` holds plain values, texts and arrays.
    """

    def fit(self, prepared: Prepared, log_price: Floats, neighbours: NDArray[np.float32]) -> PriceModel: ...

    def predict(self, prepared: Prepared, neighbours: NDArray[np.float32]) -> Floats: ...

    def state(self) -> dict[str, Any]: ...


Given = Mapping[str, float]


@dataclass(frozen=True)
class Setting:
    """One setting of a model that may be given, and between which values; ``log``: the search steps by factors."""

    name: str
    low: float
    high: float
    log: bool = False

    @property
    def whole(self) -> bool:
        return isinstance(self.low, int)


@dataclass(frozen=True)
class Offer:
    """A price model on offer.

    id : a short name that never changes. make : a new one, from the number of rows to learn from, the seed and the
    settings that were given (those not given keep the model's own). read : a saved one. package : what must be
    installed to fit it ("": nothing more).
    """

    id: str
    name: Text
    make: Callable[[int, int, Given], PriceModel]
    read: Callable[[dict[str, Any]], PriceModel]
    settings: tuple[Setting, ...] = ()
    package: str = ""


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


TREE_SETTINGS = (
    Setting("trees", 100, 2000, log=True), Setting("rate", 0.01, 0.3, log=True), Setting("leaves", 7, 2047, log=True),
    Setting("leaf_rows", 2, 100, log=True), Setting("column_share", 0.2, 1.0),
)  # fmt: skip


def _trees(model_id: str, name: Text, settings: Settings, compared: bool, place: int) -> Offer:
    def make(rows: int, seed: int, given: Given) -> TreePrice:
        chosen = _with(settings, given)
        return TreePrice(replace(chosen, leaf_rows=leaf_rows(chosen, rows), seed=seed + place), compared)

    def read(state: dict[str, Any]) -> TreePrice:
        return TreePrice(settings, compared, Boosted.from_state(state, settings))

    return Offer(model_id, name, make, read, TREE_SETTINGS)


def _with(settings: Any, given: Given) -> Any:
    return replace(settings, **given)


def leaf_rows(settings: Settings, rows: int) -> int:
    """Fewer listings to a leaf where the market is small."""
    return max(2, min(settings.leaf_rows, rows // 40))


def categorical_columns(prepared: Prepared) -> tuple[int, ...]:
    """Where the category codes stand in ``Prepared.tree_matrix``."""
    p = len(prepared.names)
    return tuple(range(p, p + len(prepared.category_names)))


BASELINE, SHOWN = 0, 1  # the model all others are laid beside; the one whose contributions explain an estimate
ALWAYS = ("hedonic", "smooth")  # these two, in this order, at the front of every choice
DEFAULT_MODELS = ("hedonic", "smooth", "compared", "deep")
PRICE_MODELS: tuple[Offer, ...] = (
    Offer(
        "hedonic",
        Text("hedonic regression (baseline)", "regresión hedónica (referencia)"),
        lambda rows, seed, given: Hedonic(),
        Hedonic.from_state,
    ),
    _trees("smooth", Text("boosted trees", "árboles potenciados"), SMOOTH, False, 0),
    _trees("compared", Text("boosted trees with comparables", "árboles potenciados con comparables"), SMOOTH, True, 1),
    _trees("deep", Text("deep trees", "árboles profundos"), DEEP, False, 2),
    Offer(
        "comparables",
        Text("comparables (nearest neighbours)", "comparables (vecinos más cercanos)"),
        lambda rows, seed, given: Comparables(),
        Comparables.from_state,
    ),
    Offer(
        "forest",
        Text("random forest", "bosque aleatorio"),
        lambda rows, seed, given: Forest(_with(ForestSettings(), given), seed + 4),
        Forest.from_state,
        (Setting("trees", 20, 300, log=True), Setting("leaf_rows", 1, 20, log=True),
         Setting("column_share", 0.15, 1.0)),
    ),
    Offer(
        "catboost",
        Text("CatBoost", "CatBoost (árboles simétricos)"),
        lambda rows, seed, given: CatBoosted(_with(CatBoostSettings(), given), seed + 5),
        CatBoosted.from_state,
        (Setting("trees", 100, 3000, log=True), Setting("rate", 0.01, 0.3, log=True), Setting("depth", 3, 10),
         Setting("pull", 0.5, 30.0, log=True)),
        "catboost",
    ),
    Offer(
        "network",
        Text("neural network", "red neuronal"),
        lambda rows, seed, given: Network(_with(NetworkSettings(), given), seed + 6),
        Network.from_state,
        (Setting("width", 16, 512, log=True), Setting("blocks", 1, 5), Setting("level_size", 2, 32, log=True),
         Setting("dropout", 0.0, 0.5), Setting("rate", 1e-4, 2e-2, log=True), Setting("rounds", 5, 200, log=True)),
        "torch",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Chosen:
    """A model of a choice: what is offered, and the settings given to it."""

    offer: Offer
    given: tuple[tuple[str, float], ...] = ()

    def make(self, rows: int, seed: int) -> PriceModel:
        return self.offer.make(rows, seed, dict(self.given))

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value:.6g}" for name, value in self.given)
        return f"{self.offer.id}({told})" if told else self.offer.id


def choose_models(models: Iterable[str]) -> tuple[Chosen, ...]:
    """The models these texts name, each once; the regression and the smooth trees are always part, at the front.

    Raises UnknownNameError for an unknown model or setting, or a value outside its range.

    >>> [str(chosen) for chosen in choose_models(["forest", "deep(leaves=255)"])]
    ['hedonic', 'smooth', 'forest', 'deep(leaves=255)']
    """
    read = [read_choice(text) for text in models]
    named = {chosen.offer.id: chosen for chosen in [*map(read_choice, ALWAYS), *read]}
    return tuple(named.values())


def read_choice(text: str) -> Chosen:
    """One model of a choice, from its text.

    >>> read_choice("catboost(rate=0.1, depth=6)").given
    (('rate', 0.1), ('depth', 6))
    """
    model_id, _, rest = text.strip().partition("(")
    offer = next((o for o in PRICE_MODELS if o.id == model_id.strip()), None)
    if offer is None or (rest and not rest.endswith(")")):
        raise _unknown(text, "model", "modelo", model_id.strip(), [o.id for o in PRICE_MODELS])
    pairs = [part.partition("=") for part in rest.removesuffix(")").split(",") if part.strip()]
    return Chosen(offer, tuple(_setting(text, offer, name.strip(), value.strip()) for name, _, value in pairs))


def _setting(text: str, offer: Offer, name: str, value: str) -> tuple[str, float]:
    known = next((s for s in offer.settings if s.name == name), None)
    if known is None:
        raise _unknown(text, "setting", "ajuste", name, [s.name for s in offer.settings])
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not known.low <= number <= known.high or (known.whole and number != int(number)):
        raise UnknownNameError(
            f"In {text!r}, {name} must be a number from {known.low} to {known.high}; got {value!r}.",
            f"En {text!r}, {name} debe ser un número de {known.low} a {known.high}; se dio {value!r}.",
        )
    return name, int(number) if known.whole else number


def _unknown(text: str, en: str, es: str, name: str, known: list[str]) -> UnknownNameError:
    near = closest(name, known)
    hint = Text(f" Did you mean {near!r}?", f" ¿Quiso decir {near!r}?") if near else Text("", "")
    return UnknownNameError(
        f"In {text!r}, {name!r} is no {en} of a price estimate. There are: {', '.join(known) or 'none'}.{hint.en}",
        f"En {text!r}, {name!r} no es un {es} de estimación de precios. Hay: {', '.join(known) or 'ninguno'}.{hint.es}",
    )
