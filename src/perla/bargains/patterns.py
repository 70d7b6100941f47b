"""The patterns of a market: what each neuron of a sparse autoencoder stands for, in words built from the listings."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from perla.anomaly import AutoencoderKind, Matrix, tune
from perla.anomaly.folds import sample
from perla.anomaly.neurons import Driver, Neuron, explain_neurons
from perla.anomaly.recipe import DEFAULTS, Recipe
from perla.anomaly.sparse import NEURONS, SparseNetwork, fit_sparse
from perla.bargains.clues import NOTHING, category_clue, cell_words, number_clue, place_clue, topic_clue
from perla.bargains.evidence import PRICE, network_matrix
from perla.bargains.experts import ONE_THREAD, Progress, silent, worth_learning
from perla.listings import Kind, Listings, Market
from perla.prepare import Preparation, Prepared, column_of
from perla.words import Text, fill, join, money, percent

MOST_EXPLAINED = 20_000
EXAMPLES = 5
CLUES_TOLD = 4
CELLS_TOLD = 4
LEAST_STRENGTH = 0.05
LEVELS_OF_A_PLACE = 8  # a category with fewer names no places
LEAST_PUSH = 0.02
COORDINATES = (Kind.LATITUDE, Kind.LONGITUDE)


@dataclass(frozen=True)
class Clue:
    """One column's part in a neuron: strength 0 to 1, way -1 to 1 (NaN: no direction), and what is said of it."""

    column: str
    title: Text
    strength: float
    way: float
    told: Text


@dataclass(frozen=True)
class Example:
    """A listing that lights the neuron: what it asks, and the cells that matter."""

    listing_id: str
    activity: float
    asking: Text
    told: Text


@dataclass(frozen=True)
class Pattern:
    """One neuron, told.

    number : from 1, the one that moves the rebuilt price most first. firing : share of the listings that light it.
    clues : strongest first. price_push : what it does to the rebuilt price of those listings, as a share.
    """

    number: int
    dead: bool
    firing: float
    listings_lit: int
    clues: tuple[Clue, ...]
    reading: Text
    price_push: float
    price_words: Text
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class Tried:
    """One penalty: how well its network rebuilt the hidden price of listings it never saw."""

    beta: float
    mdape: float
    spread: float


@dataclass(frozen=True)
class Patterns:
    """Every neuron of the network that was chosen, and how good that network is.

    columns : names and titles in table order. recipe : learning rate, beta, rho. judged_on : listings never seen.
    """

    market: Market
    columns: tuple[tuple[str, Text], ...]
    patterns: tuple[Pattern, ...]
    explained: int
    judged_on: int
    recipe: Recipe
    tuned: bool
    chosen: Tried
    tried: tuple[Tried, ...]
    notes: tuple[Text, ...] = ()

    @property
    def dead(self) -> int:
        return sum(p.dead for p in self.patterns)


def find_patterns(
    listings: Listings, neurons: int = NEURONS, seed: int = 0, trials: int = 0, progress: Progress = silent
) -> Patterns:
    """Fit a sparse autoencoder on the listings and explain each of its neurons.

    neurons : how many. trials : of tuning (learning rate, beta, rho) by the error of the hidden price; 0: beta alone is
    chosen. Raises InputError for too few listings, MissingExtraError without PyTorch (and Optuna, to tune).
    """
    progress(Text("preparing the listings", "preparando los anuncios"), 0.02)
    preparation = Preparation(listings.market).fit(listings.values, seed)
    everything = preparation.transform(listings.values)
    rows = sample(worth_learning(everything), MOST_EXPLAINED, seed)
    prepared = everything.take(rows)
    centre, spread = float(np.median(prepared.log_price)), float(max(prepared.log_price.std(), 1e-6))
    matrix, groups = network_matrix(prepared, centre, spread), listings.things.to_numpy(np.int64)[rows]
    progress(Text("fitting sparse autoencoders", "ajustando autoencoders dispersos"), 0.1)
    recipe = _tuned(matrix, groups, neurons, trials, seed) if trials else None
    learn = np.full(len(matrix), True)
    network = fit_sparse(matrix, learn, groups, neurons=neurons, recipe=recipe, seed=seed, threads=ONE_THREAD)
    progress(Text("explaining the neurons", "explicando las neuronas"), 0.85)
    teller = _Teller(listings, rows, preparation, prepared, network.activity(matrix), spread)
    told = tuple(teller.tell(i + 1, n) for i, n in enumerate(explain_neurons(network, matrix, seed)))
    return _patterns(listings.market, preparation, told, network, spread, bool(trials), len(rows))


def _tuned(matrix: Matrix, groups: NDArray[np.int64], neurons: int, trials: int, seed: int) -> Recipe:
    start = replace(DEFAULTS[AutoencoderKind.KL_SPARSE], latent=neurons)
    learn, kind = np.full(len(matrix), True), AutoencoderKind.KL_SPARSE
    return tune(matrix, learn, groups, kind, start=start, trials=trials, seconds=None, seed=seed, threads=ONE_THREAD)


def _patterns(
    market: Market, preparation: Preparation, told: tuple[Pattern, ...], network: SparseNetwork, spread: float,
    tuned: bool, explained: int,
) -> Patterns:  # fmt: skip
    seen = {column_of(name) for name in (*preparation.names_, *preparation.levels_)}
    columns = tuple((c.name, c.title) for c in market.columns if c.name in seen)
    tried = tuple(
        Tried(t.beta, float(np.expm1(np.median(t.errors) * spread)), t.spread) for t in network.trials
    )  # fmt: skip
    chosen = next(t for t in tried if t.beta == network.recipe.beta)
    judged = len(network.trials[0].errors)
    return Patterns(market, columns, told, explained, judged, network.recipe, tuned, chosen, tried)


@dataclass(frozen=True)
class _Teller:
    """Neurons to words; ``rows`` are the positions of the explained listings, ``spread`` that of their log price."""

    listings: Listings
    rows: NDArray[np.int64]
    preparation: Preparation
    prepared: Prepared
    activity: NDArray[np.float32]
    spread: float

    def tell(self, number: int, neuron: Neuron) -> Pattern:
        clues = self._clues(neuron)
        push = float(np.expm1(neuron.pushes[PRICE] * self.spread))
        return Pattern(
            number, neuron.dead, neuron.firing, len(neuron.lit), clues, self._reading(neuron, clues), push,
            push_words(push), self._examples(neuron, clues),
        )  # fmt: skip

    def _clues(self, neuron: Neuron) -> tuple[Clue, ...]:
        """One per column of the market; of a text that became several numbers the strongest speaks."""
        found: dict[str, Clue] = {}
        for driver in neuron.drivers:
            name = column_of(driver.column)
            if name not in found:
                column = self.listings.market.column(name)
                way = float("nan") if column.kind is Kind.TEXT else driver.way
                told = NOTHING if neuron.dead else self._told(driver, neuron.lit)
                found[name] = Clue(name, column.title, driver.strength, way, told)
        return tuple(found.values())

    def _told(self, driver: Driver, lit: NDArray[np.int64]) -> Text:
        name = column_of(driver.column)
        column, market = self.listings.market.column(name), self.listings.market
        if column.kind is Kind.CATEGORY:
            return category_clue(column, self.preparation.levels_[name], driver.levels)
        if column.kind is Kind.TEXT:
            part = [n for n in self.preparation.names_ if column_of(n) == name].index(driver.column)
            return topic_clue(column, self.preparation.topics_[name], part, driver.way)
        return number_clue(column, market, self.listings.values[name].iloc[self.rows], lit)

    def _reading(self, neuron: Neuron, clues: tuple[Clue, ...]) -> Text:
        if neuron.dead:
            return Text("never lights up: no listing moves it", "nunca se enciende: ningún anuncio la mueve")
        strong = [c for c in clues if c.strength >= LEAST_STRENGTH] or list(clues[:1])
        said = [c for c in strong if c.told != NOTHING][:CLUES_TOLD]
        told = [c.told for c in said]
        if place := self._place(neuron, [c.column for c in said]):
            told.append(place)
        if told:
            return fill("lights up for: {clues}", "se enciende con: {clues}", clues=join(told))
        return fill(
            "no single column lights it up, but an interplay of {columns}",
            "ninguna columna la enciende por sí sola, sino una combinación de {columns}",
            columns=join([c.title for c in strong[:3]], ", "),
        )

    def _place(self, neuron: Neuron, said: list[str]) -> Text | None:
        """Where coordinates light it up: the places that come more often, by the category with the most levels."""
        kinds = {self.listings.market.column(name).kind for name in said}
        named = {name: len(levels) for name, levels in self.preparation.levels_.items()}
        place = max(named, key=lambda name: named[name], default="")
        if not kinds & {*COORDINATES} or place in said or named.get(place, 0) < LEVELS_OF_A_PLACE:
            return None
        driver = next(d for d in neuron.drivers if d.column == place)
        told = place_clue(self.preparation.levels_[place], driver.levels)
        return told if told != NOTHING else None

    def _examples(self, neuron: Neuron, clues: tuple[Clue, ...]) -> tuple[Example, ...]:
        """The most active listings, each thing once."""
        market, listings = self.listings.market, self.listings
        shown = [
            market.column(c.column) for c in clues if market.column(c.column).kind not in (*COORDINATES, Kind.TEXT)
        ]
        examples: list[Example] = []
        things: set[int] = set()
        for place in neuron.lit:
            row = int(self.rows[place])
            if int(listings.things.iloc[row]) in things:
                continue
            things.add(int(listings.things.iloc[row]))
            cells = [cell_words(c, market, listings.values[c.name].iloc[row]) for c in shown]
            known = [c for c in cells if c.en != "-"][:CELLS_TOLD]
            asking = money(float(listings.prices.iloc[row]), market.currency)
            activity = float(self.activity[place, neuron.index])
            examples.append(Example(str(listings.ids.iloc[row]), activity, asking, join(known, ", ")))
            if len(examples) == EXAMPLES:
                break
        return tuple(examples)


def push_words(push: float) -> Text:
    """What a neuron does to the rebuilt price.

    >>> push_words(0.124).es, push_words(-0.3).en
    ('sube el precio un 12 %', 'lowers the price by 30 %')
    """
    if abs(push) < LEAST_PUSH:
        return Text("hardly moves the price", "casi no mueve el precio")
    size = percent(abs(push))
    if push > 0:
        return fill("raises the price by {size}", "sube el precio un {size}", size=size)
    return fill("lowers the price by {size}", "baja el precio un {size}", size=size)
