"""The models that testify: preparation, price models and anomaly model, fitted together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.anomaly import Matrix, SurpriseMatrix, SurpriseModel, from_state, surprise_model
from perla.bargains.evidence import PRICE, Evidence, network_matrix
from perla.bargains.judge import corrupt
from perla.errors import InputError
from perla.listings import Kind, Listings, Market
from perla.prepare import Preparation, Prepared
from perla.valuation import DEFAULT_MODELS, Estimates, Hedonic, Valuation, side_by_side
from perla.valuation.fitted import FittedModel
from perla.valuation.search import Budget, Found, ModelSearch
from perla.words import Text

Progress = Callable[[Text, float], None]
Ints = NDArray[np.int64]
FEWEST_LISTINGS = 40
FEWEST_THINGS = 10  # listings of one thing count once
GROSS = 6.0  # a listing this many usual errors from a plain regression teaches the models nothing
LEAST_GROSS = 1.2  # log price
ONE_THREAD = 1  # a second one of PyTorch, beside those of LightGBM, was seen to turn 0.3 seconds into 10
SOON_PROVED = 4  # listings asked about alone are laid open next
RARE_YES = 4.0  # usual errors; a rare word or a rare yes is no more suspicious than this


def silent(step: Text, share: float) -> None:
    """Progress nobody watches."""


@dataclass(frozen=True)
class Ground:
    """What the models learn from: n prepared listings, the things they are, corrupted copies of those at ``rows``."""

    prepared: Prepared
    things: Ints
    rows: Ints
    corrupted: Prepared


@dataclass(frozen=True)
class FittedNetwork:
    """The anomaly model, and the surprises of the listings learned from and of the corrupted copies, all unseen."""

    model: SurpriseModel
    own: SurpriseMatrix
    corrupted: SurpriseMatrix

    def state(self) -> dict[str, Any]:
        """Everything learned, as plain values, texts and arrays."""
        note = None if self.model.note is None else [self.model.note.en, self.model.note.es]
        own, corrupted = self.own.state(), self.corrupted.state()
        return {"model": self.model.state(), "note": note, "own": own, "corrupted": corrupted}

    @classmethod
    def from_state(cls, state: dict[str, Any]) -> FittedNetwork:
        """The network whose ``state()`` this is. Raises ShelfError when anything in it is off."""
        model = from_state(state["model"], ONE_THREAD)
        model.note = None if state["note"] is None else Text(*state["note"])
        return cls(model, *(SurpriseMatrix.from_state(state[name]) for name in ("own", "corrupted")))


@dataclass
class Experts:
    """Fitted on n listings; ``learned_`` are the positions of those the models learned from.

    models : which price models, by id. budget : search for them first; ``searched_`` is what was found.
    """

    market: Market
    seed: int = 0
    threads: int = 1
    models: tuple[str, ...] = DEFAULT_MODELS
    budget: Budget | None = None
    searched_: Found | None = None
    preparation_: Preparation = field(init=False)
    valuation_: Valuation = field(init=False)
    network_: SurpriseModel = field(init=False)
    centre_: float = 0.0
    spread_: float = 1.0
    learned_: Ints = field(default_factory=lambda: np.empty(0, np.int64))

    def fit(self, listings: Listings, progress: Progress = silent) -> tuple[Evidence, Evidence, Ints]:
        """Learn; returns out-of-fold evidence on the learned listings and on corrupted copies, and whose copies."""
        ground = self.begin(listings, progress)
        progress(
            Text("learning what things cost and what is usual", "aprendiendo cuánto cuestan y qué es lo usual"), 0.08
        )
        parts: list[Callable[[], Any]] = [lambda: self.fit_network(ground), lambda: self._fit_prices(ground)]
        network, models = side_by_side(lambda part: parts[part](), range(2), self.threads)
        return self.assemble(ground, network, models)

    def begin(self, listings: Listings, progress: Progress = silent) -> Ground:
        """What every part is learned from; the parts may then be fitted apart, and put together by ``assemble``."""
        progress(Text("preparing the listings", "preparando los anuncios"), 0.02)
        self.preparation_ = Preparation(self.market).fit(listings.values, self.seed)
        everything = self.preparation_.transform(listings.values)
        _check_attributes(everything)
        self.learned_ = worth_learning(everything)
        prepared, things = everything.take(self.learned_), _labels(listings, self.learned_)
        _check_different(things)
        latitude, longitude = self.market.first(Kind.LATITUDE), self.market.first(Kind.LONGITUDE)
        models = self._choose_models(prepared, things, progress)
        self.valuation_ = Valuation(latitude, longitude, self.seed, self.threads, models)
        self.centre_, self.spread_ = float(np.median(prepared.log_price)), float(max(prepared.log_price.std(), 1e-6))
        rows, corrupted = corrupt(prepared, self._corruptible(prepared), self.seed)
        return Ground(prepared, things, rows, corrupted)

    def fit_network(self, ground: Ground) -> FittedNetwork:
        """The anomaly model, and how it judges the learned and the corrupted listings, none of which it saw."""
        things, n = np.concatenate([ground.things, ground.things[ground.rows]]), len(ground.prepared)
        both = _stacked([self._matrix(ground.prepared), self._matrix(ground.corrupted)])
        network = surprise_model(None, self.seed, ONE_THREAD, know_price=False)
        network.fit(both, np.arange(len(things)) < n, things)
        judged = network.out_of_fold(all_rows=True)
        return FittedNetwork(network, judged.take(np.arange(n)), judged.take(np.arange(n, len(things))))

    def assemble(
        self, ground: Ground, network: FittedNetwork, models: Sequence[FittedModel]
    ) -> tuple[Evidence, Evidence, Ints]:
        """Put the parts together; ``valuation_`` must have begun with this ground. Returns what ``fit`` does."""
        self.network_ = network.model
        self.valuation_.assemble(models)
        assert self.valuation_.out_of_fold_ is not None
        evidence = self._evidence(ground.prepared, self.valuation_.out_of_fold_, network.own)
        estimates = self.estimates(ground.corrupted, ground.rows)
        return evidence, self._evidence(ground.corrupted, estimates, network.corrupted), ground.rows

    def _fit_prices(self, ground: Ground) -> list[FittedModel]:
        self.valuation_.begin(ground.prepared, ground.things)
        return self.valuation_.fit_models(self.valuation_.chosen)

    def _choose_models(self, prepared: Prepared, things: Ints, progress: Progress) -> tuple[str, ...]:
        """The price models asked for, or what a search finds within its budget."""
        if self.budget is None:
            return self.models
        place = self.market.first(Kind.LATITUDE), self.market.first(Kind.LONGITUDE)
        self.searched_ = ModelSearch(self.budget, *place, self.seed, self.threads, progress).fit(prepared, things)
        return self.searched_.models

    def evidence(self, listings: Listings, positions: Ints | None = None) -> Evidence:
        """What the models say of listings; ``positions`` of known listings they are (-1: none) keep them unseen."""
        prepared = self.preparation_.transform(listings.values)
        seen = np.full(len(prepared), -1, np.int64) if positions is None else positions
        if len(prepared) <= SOON_PROVED:
            self.valuation_.anticipate(prepared, self.proving_folds(seen))
        estimates = self.estimates(prepared, seen)
        return self._evidence(prepared, estimates, self.network_.surprise(self._matrix(prepared)))

    def proving_folds(self, seen: Ints) -> Ints:
        """By which fold's contributions each listing is explained: by one that never saw it, (n,)."""
        assert self.valuation_.folds_ is not None
        return np.where(seen >= 0, self.valuation_.folds_[seen], 0)

    def estimates(self, prepared: Prepared, seen: Ints) -> Estimates:
        """New listings by all folds' models together; a known one by those of its fold, which never saw it."""
        valuation = self.valuation_
        assert valuation.things_ is not None and valuation.folds_ is not None
        folds = np.where(seen >= 0, valuation.folds_[seen], -1)
        things = np.where(seen >= 0, valuation.things_[seen], -1)
        rows = {int(fold): np.flatnonzero(folds == fold) for fold in np.unique(folds)} or {-1: np.empty(0, np.int64)}
        pieces = [
            valuation.predict(prepared.take(r), things[r], None if fold < 0 else fold) for fold, r in rows.items()
        ]
        return _joined(pieces).take(np.argsort(np.concatenate(list(rows.values()))))

    def _matrix(self, prepared: Prepared) -> Matrix:
        return network_matrix(prepared, self.centre_, self.spread_)

    def _evidence(self, prepared: Prepared, estimates: Estimates, surprise: Any) -> Evidence:
        expected = surprise.expected_numbers[:, surprise.columns.index(PRICE)].astype(np.float64)
        return Evidence(
            prepared,
            estimates,
            surprise,
            expected * self.spread_ + self.centre_,
            self.preparation_.levels_,
            self._limits(),
        )

    def _limits(self) -> dict[str, float]:
        never_odd = dict.fromkeys(self.market.named(Kind.LATITUDE, Kind.LONGITUDE, Kind.TEXT), 0.0)
        return never_odd | dict.fromkeys(self.market.named(Kind.YES_NO, Kind.CATEGORY, Kind.DATE), RARE_YES)

    def _corruptible(self, prepared: Prepared) -> list[int]:
        """Quantities that a lost digit could make ten times too large or small."""
        names = {c.name for c in self.market.modelled if c.kind is Kind.QUANTITY}
        return [j for j, name in enumerate(prepared.names) if name in names and _varied(prepared.numbers[:, j])]

    def state(self) -> dict[str, Any]:
        """Everything learned, as plain values, texts and arrays."""
        return {
            "preparation": self.preparation_.state(),
            "valuation": self.valuation_.state(),
            "network": self.network_.state(),
            "price": [self.centre_, self.spread_],
            "learned": self.learned_,
        }

    @classmethod
    def from_state(cls, market: Market, state: dict[str, Any], threads: int) -> Experts:
        """The experts whose ``state()`` this is."""
        made = cls(market, threads=threads)
        made.preparation_ = Preparation.from_state(market, state["preparation"])
        made.valuation_ = Valuation.from_state(state["valuation"], threads)
        made.network_ = from_state(state["network"], ONE_THREAD)
        made.centre_, made.spread_ = map(float, state["price"])
        made.learned_ = state["learned"]
        return made


def worth_learning(prepared: Prepared) -> Ints:
    """Positions of the listings whose price is not grossly off a plain regression, found in two rounds.

    Raises InputError where too few listings, or no two different prices, are left to learn from.
    """
    kept = np.flatnonzero(np.isfinite(prepared.log_price))
    _check_enough(prepared.log_price[kept])
    for _ in range(2):
        model = Hedonic().fit(prepared.take(kept), prepared.log_price[kept])
        off = prepared.log_price - model.predict(prepared)
        usual = 1.4826 * np.median(np.abs(off[kept] - np.median(off[kept])))
        kept = np.flatnonzero(np.abs(off) <= max(GROSS * usual, LEAST_GROSS))
    _check_enough(prepared.log_price[kept])
    return kept.astype(np.int64)


def _check_enough(log_price: NDArray[np.float64]) -> None:
    if len(log_price) < FEWEST_LISTINGS:
        raise InputError(
            f"Learning what things cost needs at least {FEWEST_LISTINGS} listings with a usable price; got "
            f"{len(log_price)}. Give more, for example with --reference.",
            f"Para aprender cuánto cuestan las cosas se necesitan al menos {FEWEST_LISTINGS} anuncios con un precio "
            f"utilizable; hay {len(log_price)}. Dé más, por ejemplo con --reference.",
        )
    if float(np.ptp(log_price)) < 1e-9:
        raise InputError(
            f"Prices must differ to be learned; all {len(log_price)} are equal. Check which column is the price.",
            f"Los precios deben variar para poder aprenderlos; los {len(log_price)} son iguales. Revise cuál columna "
            "es el precio.",
        )


def _check_attributes(prepared: Prepared) -> None:
    if not len(prepared.names) + sum(prepared.category_sizes):
        raise InputError(
            "Learning what things cost needs at least one column besides the price that differs between the listings; "
            "there is none. Give a table with more columns, or check what the market file says of them.",
            "Para aprender cuánto cuestan las cosas se necesita al menos una columna, además del precio, que varíe "
            "entre los anuncios; no hay ninguna. Dé una tabla con más columnas o revise qué dice de ellas el archivo "
            "de mercado.",
        )


def _check_different(things: Ints) -> None:
    different = len(np.unique(things))
    if different < FEWEST_THINGS:
        raise InputError(
            f"Learning what things cost needs listings of at least {FEWEST_THINGS} different things; these "
            f"{len(things)} advertise {different}. Give more, or check same_thing in the market file.",
            f"Para aprender cuánto cuestan las cosas se necesitan anuncios de al menos {FEWEST_THINGS} cosas "
            f"distintas; estos {len(things)} anuncian {different}. Dé más, o revise same_thing en el archivo de "
            "mercado.",
        )


def _varied(numbers: NDArray[np.float32]) -> bool:
    seen = numbers[np.isfinite(numbers)]
    return bool(len(seen) and seen.min() >= 0 and len(np.unique(seen)) > 15)


def _labels(listings: Listings, rows: Ints) -> Ints:
    return listings.things.to_numpy(np.int64)[rows]


def _joined(pieces: list[Estimates]) -> Estimates:
    names = ("members", "expected", "noise", "low", "high")
    return Estimates(**{name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in names})


def _stacked(parts: list[Matrix]) -> Matrix:
    return replace(
        parts[0],
        numbers=np.vstack([p.numbers for p in parts]),
        categories=np.vstack([p.categories for p in parts]),
    )
