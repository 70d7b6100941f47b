"""What each listing should cost: several price models, blended, each judged on listings it never saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perla.prepare import Prepared
from perla.valuation.blend import blend_weights
from perla.valuation.boosted import Boosted, Settings, side_by_side
from perla.valuation.contributions import MOST_KEPT, KeptContributions
from perla.valuation.fitted import FitsDone, FittedModel, gathered, unwatched
from perla.valuation.folds import fold_count, split_folds
from perla.valuation.groups import Groups
from perla.valuation.hedonic import Hedonic
from perla.valuation.interval import ConformalInterval
from perla.valuation.members import Members
from perla.valuation.price_models import (
    DEFAULT_MODELS,
    SHOWN,
    Chosen,
    PriceModel,
    TreePrice,
    categorical_columns,
    choose_models,
    leaf_rows,
)
from perla.valuation.surroundings import Surroundings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
NOISE = Settings(trees=200, rate=0.04, leaves=15, leaf_rows=60, column_share=0.7)
LEAST_NOISE = 0.02
LAID_OUT_AT_ONCE = 8  # listings


@dataclass(frozen=True)
class Estimates:
    """For n listings, in log price: each model's estimate (n, models), the blend, the local noise, the interval."""

    members: Floats
    expected: Floats
    noise: Floats
    low: Floats
    high: Floats

    def take(self, rows: NDArray[Any]) -> Estimates:
        """Only these rows (positions or bools)."""
        return Estimates(self.members[rows], self.expected[rows], self.noise[rows], self.low[rows], self.high[rows])


@dataclass
class Valuation:
    """Fit on listings whose asking price is known; ``out_of_fold_`` are their own estimates, each without itself.

    latitude, longitude : names of the coordinate columns among the prepared numbers, or None.
    models : which price models, by id (:mod:`perla.valuation.price_models`); kept with what was learned.
    Even the ruler that says who is whose neighbour is learned anew in each fold, so no model of the blend is told a
    listing's own price in any way; the blend's few weights are the only thing learned from all listings.
    """

    latitude: str | None = None
    longitude: str | None = None
    seed: int = 0
    threads: int = 1
    models: tuple[str, ...] = DEFAULT_MODELS
    hedonic_: Hedonic = field(default_factory=Hedonic)
    hedonics_: list[Hedonic] = field(default_factory=list)
    members_: list[list[PriceModel]] = field(default_factory=list)
    noises_: list[Boosted] = field(default_factory=list)
    weights_: Floats | None = None
    groups_: Groups = field(default_factory=Groups)
    interval_: ConformalInterval = field(default_factory=ConformalInterval)
    known_: Prepared | None = None
    things_: Ints | None = None
    folds_: Ints | None = None
    out_of_fold_: Estimates | None = None
    _columns: list[NDArray[np.float32]] = field(default_factory=list, repr=False)
    _surroundings: Surroundings | None = field(default=None, repr=False)
    _members: Members | None = field(default=None, repr=False)
    _contributions: KeptContributions = field(default_factory=KeptContributions, repr=False)

    @property
    def chosen(self) -> tuple[Chosen, ...]:
        """The price models, in the order of the columns of ``Estimates.members``."""
        return choose_models(self.models)

    @property
    def fold_numbers(self) -> range:
        """The folds, counted from 0."""
        assert self.things_ is not None
        return range(fold_count(len(self.things_)))

    def fit(self, prepared: Prepared, things: Ints) -> Valuation:
        """Learn from n prepared listings; equal ``things`` never stand on both sides of a fold."""
        self.begin(prepared, things)
        return self.assemble(self.fit_models(self.chosen))

    def begin(self, prepared: Prepared, things: Ints) -> list[NDArray[np.float32]]:
        """Set the folds and return what the neighbours ask in each, float32 (n, k), without fitting any model."""
        self.known_, self.things_ = prepared, things
        self.folds_ = split_folds(things, fold_count(len(things)), self.seed)
        self.hedonic_ = Hedonic().fit(prepared, prepared.log_price)
        begun = side_by_side(lambda fold: self._fold_columns(prepared, things, fold), self.fold_numbers, self.threads)
        self.hedonics_, self._columns = [hedonic for hedonic, _ in begun], [columns for _, columns in begun]
        return self._columns

    def fit_models(self, chosen: Sequence[Chosen], tell: FitsDone = unwatched) -> list[FittedModel]:
        """These price models, each fitted in every fold; after :meth:`begin`, together or one by one, in any order.

        tell : hears before each fit, and after the last, how many were done, of how many.
        """
        assert self.known_ is not None and self.folds_ is not None
        folds, pairs = self.folds_, [(fold, model) for fold in self.fold_numbers for model in chosen]
        done = count()

        def fit(place: int) -> tuple[PriceModel, Floats]:
            tell(next(done), len(pairs))
            return self._fit_in_fold(pairs[place][1], pairs[place][0])

        fitted = side_by_side(fit, range(len(pairs)), self.threads)
        tell(len(pairs), len(pairs))
        own = [fitted[place :: len(chosen)] for place in range(len(chosen))]
        return [
            FittedModel(str(model), [fit for fit, _ in parts], gathered(folds, [told for _, told in parts]))
            for model, parts in zip(chosen, own, strict=True)
        ]

    def assemble(self, fitted: Sequence[FittedModel]) -> Valuation:
        """Blend the fitted models and learn the intervals; after :meth:`begin` on the same listings and things.

        fitted : one of each of ``chosen``, in that order.
        """
        prepared, folds = self.known_, self.folds_
        assert prepared is not None and folds is not None
        assert [model.name for model in fitted] == [str(chosen) for chosen in self.chosen]
        self.members_ = [[model.models[fold] for model in fitted] for fold in self.fold_numbers]
        self._contributions = KeptContributions()
        members = np.column_stack([model.out_of_fold for model in fitted])
        extra = gathered(folds, [columns[folds == fold] for fold, columns in enumerate(self._columns)])
        self._columns = []
        self.weights_ = blend_weights(members, prepared.log_price)
        expected = members @ self.weights_
        noise = self._fit_noise(prepared, extra, members, expected)
        self.groups_ = Groups(self.latitude, self.longitude).fit(prepared)
        groups = self.groups_.of(prepared)
        self.interval_ = ConformalInterval().fit(prepared.log_price, expected, noise, groups)
        self.out_of_fold_ = Estimates(members, expected, noise, *self.interval_.bounds(expected, noise, groups))
        return self

    def predict(self, prepared: Prepared, things: Ints | None = None, fold: int | None = None) -> Estimates:
        """Estimates for any listings: the average of the fold models, or one fold's alone."""
        assert self.weights_ is not None and self.known_ is not None
        things = np.full(len(prepared), -1, np.int64) if things is None else things
        hedonic = self.hedonic_ if fold is None else self.hedonics_[fold]
        allowed = None if fold is None else np.asarray(self.folds_ != fold)
        extra = self._neighbour_columns(prepared, things, hedonic, allowed)
        folds = [*range(len(self.members_))] if fold is None else [fold]
        asked = self._asked()
        found = asked.tell(prepared, extra, folds, self.threads)
        own = np.hstack([prepared.tree_matrix, extra])
        noise = asked.tell_noise([_beside(own, found[:, k]) for k in range(len(folds))], folds)
        members = found.mean(axis=1)
        expected = members @ self.weights_
        return Estimates(members, expected, noise, *self.interval_.bounds(expected, noise, self.groups_.of(prepared)))

    def contributions(self, prepared: Prepared, fold: int) -> Floats:
        """What each tree column adds to the log price by one fold's smooth trees, (n, p + q + 1); last: the base."""
        return self._contributions.of(prepared.tree_matrix, fold, self._smooth_trees(fold).contributions)

    def anticipate(self, prepared: Prepared, folds: Ints) -> None:
        """Begin with the contributions of a few listings, each by this fold, where there is a thread to spare."""
        if self.threads > 1:
            for row, fold in zip(prepared.tree_matrix, folds.tolist(), strict=True):
                self._contributions.begin(row[None], fold, self._smooth_trees(fold).contributions)

    def lay_out_known(self, stop: Callable[[], bool], fold: int = 0, most: int = MOST_KEPT // 2) -> None:
        """Compute the contributions of the known listings, a few at a time, as far as they are kept."""
        assert self.known_ is not None
        matrix = self.known_.tree_matrix[:most]
        for start in range(0, len(matrix), LAID_OUT_AT_ONCE):
            if stop():
                return
            self._contributions.of(
                matrix[start : start + LAID_OUT_AT_ONCE], fold, self._smooth_trees(fold).contributions
            )

    def _smooth_trees(self, fold: int) -> Boosted:
        shown = self.members_[fold][SHOWN]
        assert isinstance(shown, TreePrice) and shown.trees_ is not None
        return shown.trees_

    def fold_of(self, position: int) -> int:
        """The fold whose models never saw the known listing at this position."""
        assert self.folds_ is not None
        return int(self.folds_[position])

    def nearest_known(self, prepared: Prepared, things: Ints) -> tuple[Ints, Floats]:
        """Positions and log-price distances of the most alike known listings, nearest first, each (n, REACH)."""
        assert self.known_ is not None and self.things_ is not None
        found, apart = self._around().alike(prepared, things, self.hedonic_)
        order = np.argsort(apart, axis=1, kind="stable")
        return np.take_along_axis(found, order, 1), np.take_along_axis(apart, order, 1).astype(np.float64)

    def unexplained(self) -> Floats:
        """What the hedonic regression leaves of the log prices of the known listings, (known,)."""
        return self._around().view(self.hedonic_).unexplained

    def make_ready(self) -> None:
        """Do ahead of time what the first questions about a few new listings would wait for."""
        self._around().view(self.hedonic_)
        self._asked().plant()
        self.lay_out_known(lambda: False, most=1)

    def state(self) -> dict[str, Any]:
        """Everything learned, as plain values, texts and arrays."""
        assert self.known_ is not None
        return {
            "place": [self.latitude, self.longitude],
            "seed": self.seed,
            "models": [str(chosen) for chosen in self.chosen],
            "hedonic": self.hedonic_.state(),
            "hedonics": [h.state() for h in self.hedonics_],
            "members": [[m.state() for m in models] for models in self.members_],
            "noises": [m.state() for m in self.noises_],
            "weights": self.weights_,
            "groups": self.groups_.state(),
            "interval": self.interval_.state(),
            "known": self.known_.state(),
            "things": self.things_,
            "folds": self.folds_,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], threads: int) -> Valuation:
        """The valuation that was saved (without its out-of-fold estimates)."""
        latitude, longitude = state["place"]
        made = cls(latitude, longitude, int(state["seed"]), threads, tuple(map(str, state["models"])))
        made.hedonic_ = Hedonic.from_state(state["hedonic"])
        made.hedonics_ = [Hedonic.from_state(h) for h in state["hedonics"]]
        made.members_ = [_read_models(made.chosen, models) for models in state["members"]]
        made.noises_ = [Boosted.from_state(m, NOISE) for m in state["noises"]]
        made.weights_ = state["weights"]
        made.groups_ = Groups.from_state(state["groups"])
        made.interval_ = ConformalInterval.from_state(state["interval"])
        made.known_ = Prepared.from_state(state["known"])
        made.things_, made.folds_ = state["things"], state["folds"]
        return made

    def _fit_in_fold(self, chosen: Chosen, fold: int) -> tuple[PriceModel, Floats]:
        """A model that never sees the listings of a fold, and what it says of these."""
        prepared, columns = self.known_, self._columns[fold]
        assert prepared is not None and self.folds_ is not None
        learn = self.folds_ != fold
        model = chosen.make(len(prepared), self.seed * 1000 + fold * 10)
        model.fit(prepared.take(learn), prepared.log_price[learn], columns[learn])
        return model, model.predict(prepared.take(~learn), columns[~learn])

    def _fold_columns(self, prepared: Prepared, things: Ints, fold: int) -> tuple[Hedonic, NDArray[np.float32]]:
        """The ruler that never saw a fold, and what it says the neighbours ask."""
        assert self.folds_ is not None
        learn = self.folds_ != fold
        hedonic = Hedonic().fit(prepared.take(learn), prepared.log_price[learn])
        return hedonic, self._neighbour_columns(prepared, things, hedonic, learn)

    def _around(self) -> Surroundings:
        """The known listings as neighbours."""
        assert self.known_ is not None and self.things_ is not None
        if self._surroundings is None or self._surroundings.known is not self.known_:
            self._surroundings = Surroundings(self.known_, self.things_, self.latitude, self.longitude)
        return self._surroundings

    def _asked(self) -> Members:
        """The fitted models, ready to be asked together."""
        if self._members is None or self._members.models is not self.members_:
            self._members = Members(self.members_, self.noises_)
        return self._members

    def _neighbours(self, prepared: Prepared, things: Ints, ruler: Hedonic) -> list[tuple[Ints, Floats]]:
        return self._around().neighbours(prepared, things, ruler)

    def _neighbour_columns(
        self, prepared: Prepared, things: Ints, hedonic: Hedonic, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.float32]:
        return self._around().columns(prepared, things, hedonic, allowed)

    def _fit_noise(self, prepared: Prepared, extra: Any, members: Floats, expected: Floats) -> Floats:
        assert self.folds_ is not None
        target = np.log(np.abs(prepared.log_price - expected) + LEAST_NOISE)
        matrix = _noise_matrix(prepared, extra, members)
        folds, categorical = self.folds_, categorical_columns(prepared)

        def fit(fold: int) -> Boosted:
            learn = folds != fold
            return Boosted(
                replace(NOISE, leaf_rows=leaf_rows(NOISE, len(prepared)), seed=self.seed * 1000 + 100 + fold),
                categorical,
            ).fit(matrix[learn], target[learn])

        self.noises_ = side_by_side(fit, self.fold_numbers, self.threads)
        noise = np.empty(len(prepared))
        for fold, model in enumerate(self.noises_):
            noise[folds == fold] = np.exp(model.predict(matrix[folds == fold]))
        return noise


def _read_models(chosen: tuple[Chosen, ...], states: list[dict[str, Any]]) -> list[PriceModel]:
    return [model.offer.read(state) for model, state in zip(chosen, states, strict=True)]


def _noise_matrix(prepared: Prepared, extra: Any, members: Floats) -> NDArray[np.float32]:
    return _beside(np.hstack([prepared.tree_matrix, extra]), members)


def _beside(own: NDArray[np.float32], members: Floats) -> NDArray[np.float32]:
    """What the noise model sees: the columns of the listing, the estimate, how far apart the members are."""
    apart = members[:, SHOWN:] - members[:, SHOWN:].mean(axis=1, keepdims=True)
    return np.hstack([own, members[:, SHOWN : SHOWN + 1], apart, np.abs(apart)]).astype(np.float32)
