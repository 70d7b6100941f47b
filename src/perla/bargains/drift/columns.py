"""Every column of new listings against the same column of those learned from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.comparables import PLACE
from perla.bargains.drift import telling as tell
from perla.bargains.drift.facts import ColumnDrift, DriftState
from perla.bargains.drift.shift import Shift, counts_of, number_bins, shift_of, word_bins
from perla.listings import Column, Kind, Market
from perla.listings.drafting.meanings import meaning_of
from perla.prepare import Preparation, Prepared, column_of
from perla.valuation.market_parts import NOT_OF_THE_AD
from perla.words import Text

Floats = NDArray[np.float64]
PSI_WATCH, PSI_DRIFTED = 0.10, 0.25
UNKNOWN_WATCH, UNKNOWN_DRIFTED = 0.05, 0.20
SURE = 3.29  # standard errors; luck goes beyond them once in a thousand
TIME_OF_THE_AD = ("published year", "published month")
GRAVITY = {DriftState.TOO_FEW: 0, DriftState.STEADY: 0, DriftState.WATCH: 1, DriftState.DRIFTED: 2}


def worst(states: Iterable[DriftState]) -> DriftState:
    return max(states, key=lambda state: GRAVITY[state], default=DriftState.STEADY)


def outside(value: float, watch: tuple[float, float], drifted: tuple[float, float]) -> DriftState:
    if not drifted[0] <= value <= drifted[1]:
        return DriftState.DRIFTED
    return DriftState.STEADY if watch[0] <= value <= watch[1] else DriftState.WATCH


@dataclass(frozen=True)
class Side:
    """n listings, as checked cells and as numbers. things : how many different ones; re-posts tell nothing new."""

    values: pd.DataFrame
    prepared: Prepared
    things: int

    def gaps(self, name: str) -> float:
        """Share of empty cells in a column."""
        return float(self.values[name].isna().mean())

    def numbers(self, name: str) -> Floats:
        """A prepared column, (n,)."""
        return self.prepared.numbers[:, self.prepared.names.index(name)].astype(np.float64)

    def words(self, name: str) -> NDArray[Any]:
        """A column's cells as texts, None for missing, (n,)."""
        cells = self.values[name].astype(object)
        return np.array([None if gap else str(cell) for cell, gap in zip(cells, cells.isna(), strict=True)], object)


@dataclass(frozen=True)
class Comparison:
    """What is compared: the listings learned from, the new ones, and what the columns mean.

    importance : share of each column in moving the price, empty where nobody asked.
    """

    before: Side
    now: Side
    preparation: Preparation
    market: Market
    importance: Mapping[str, float]

    @property
    def sizes(self) -> tuple[int, int]:
        return self.before.things, self.now.things

    @property
    def looks(self) -> int:
        """How many columns are looked at together, parts of texts and the price included."""
        made = self.preparation
        return len(made.names_) + len(made.levels_) + len(made.left_out_) + 1

    def shift(self, before: NDArray[np.int64], now: NDArray[np.int64]) -> tuple[Shift, NDArray[np.int64]]:
        """How far two sets of bins lie apart, and the bins' numbers."""
        first, second, bins = counts_of(before, now)
        return shift_of(first, second, self.sizes, self.looks), bins

    def weight(self, column: Column) -> float:
        """The column's share in moving the price; latitude and longitude count as one place."""
        names = (column.name, PLACE) if column.kind in (Kind.LATITUDE, Kind.LONGITUDE) else (column.name,)
        return float(sum(share for name, share in self.importance.items() if column_of(name) in names))


def compare(what: Comparison) -> tuple[ColumnDrift, tuple[ColumnDrift, ...]]:
    """The price, and every column a model may see but the time of the ad, the most shifted first."""
    columns = [c for c in what.market.modelled if not _tells_time(c)]
    made = [_column(c, what) for c in columns]
    made.sort(key=lambda c: (-GRAVITY[c.state], -c.psi))
    return _price(what), tuple(made)


def _tells_time(column: Column) -> bool:
    """Whether a column is of the time of the ad, not of the thing."""
    meaning = meaning_of(column.name)
    key = "" if meaning is None else meaning.key
    return key in TIME_OF_THE_AD or (column.kind is Kind.DATE and key not in NOT_OF_THE_AD)


def _column(column: Column, what: Comparison) -> ColumnDrift:
    parts = [name for name in what.preparation.names_ if column_of(name) == column.name]
    if column.kind is Kind.CATEGORY or not parts:
        return _words(column, what)
    shifts = [_numbers(what.before.numbers(name), what.now.numbers(name), what) for name in parts]
    strongest = max(shifts, key=lambda s: (s.real, s.psi))
    gaps = what.before.gaps(column.name), what.now.gaps(column.name)
    told = tell.numbers(column, what.before.numbers(parts[0]), what.now.numbers(parts[0]), gaps, what.market.currency)
    return _made(column, strongest, gaps, what, told)


def _numbers(before: Floats, now: Floats, what: Comparison) -> Shift:
    return what.shift(*number_bins(before, now, min(what.sizes)))[0]


def _words(column: Column, what: Comparison) -> ColumnDrift:
    """Words by their frequency; a column that was the same everywhere while learning is taken for words too."""
    before, now = what.before.words(column.name), what.now.words(column.name)
    first, second, places = word_bins(before, now, min(what.sizes))
    found, bins = what.shift(first, second)
    unknown = _unknown(before, now)
    gaps = what.before.gaps(column.name), what.now.gaps(column.name)
    names = [places[b] if b < len(places) else None for b in bins]
    told = tell.words(column, names, found.before, found.now, gaps, unknown)
    return _made(column, found, gaps, what, told, unknown, _unknown_state(*unknown, what.now.things))


def _unknown(before: NDArray[Any], now: NDArray[Any]) -> tuple[float, float]:
    """Share of words never seen before, and the share to be expected: of words seen once (Good, 1953)."""
    known = pd.Series(before, dtype=object).dropna().value_counts()
    asked = pd.Series(now, dtype=object).dropna()
    return float((~asked.isin(known.index)).sum()) / max(len(now), 1), float((known == 1).sum()) / max(len(before), 1)


def _unknown_state(unknown: float, usual: float, things: int) -> DriftState:
    """More unknown words than are to be expected, beyond luck."""
    more = unknown - usual
    if more <= SURE * np.sqrt(max(usual, 1 / things) * (1 - min(usual, 0.99)) / things):
        return DriftState.STEADY
    return outside(more, (-1.0, UNKNOWN_WATCH), (-1.0, UNKNOWN_DRIFTED))


def _made(
    column: Column,
    found: Shift,
    gaps: tuple[float, float],
    what: Comparison,
    told: Text,
    unknown: tuple[float | None, float | None] = (None, None),
    at_least: DriftState = DriftState.STEADY,
) -> ColumnDrift:
    shifted = outside(found.psi, (-1.0, PSI_WATCH), (-1.0, PSI_DRIFTED)) if found.real else DriftState.STEADY
    state = worst([shifted, at_least])
    return ColumnDrift(
        column=column.name, title=column.title, state=state, psi=found.psi, luck=found.luck, weight=what.weight(column),
        missing_before=gaps[0], missing_now=gaps[1], unknown=unknown[0], unknown_usual=unknown[1],
        told=tell.alike(column) if state is DriftState.STEADY else told,
    )  # fmt: skip


def _price(what: Comparison) -> ColumnDrift:
    market = what.market
    column = Column(market.price, Kind.QUANTITY, market.currency, label=market.column(market.price).title)
    before, now = what.before.prepared.log_price, what.now.prepared.log_price
    told = tell.numbers(column, np.exp(before), np.exp(now), (0.0, 0.0), market.currency)
    return _made(column, _numbers(before, now, what), (0.0, 0.0), what, told)
