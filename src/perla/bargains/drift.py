"""Whether new listings still are such as a model learned from, and whether its estimates still hold for them.

Thresholds, each counting only beyond what luck explains:

- a column's PSI from 0.10: watch; from 0.25: drifted (Siddiqi, *Credit Risk Scorecards*, 2006, the usual reading);
- words never seen while learning, beyond the share expected (Good, 1953: the share of words seen once): watch from
  0.05 more, drifted from 0.20 more;
- median ratio of estimate to asking price: watch outside 0.95 to 1.05, drifted outside 0.90 to 1.10 (International
  Association of Assessing Officers, *Standard on Ratio Studies*, 2013, level of appraisal);
- coverage of the 90 % interval: watch outside 0.87 to 0.93, drifted below 0.80: twice as many misses as promised.

A column counts as far as it moves the price: one that moves it by less than a fiftieth can make a batch no worse than
"watch". The time of the ad is no sign: new listings always are newer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains import drift_telling as tell
from perla.bargains.comparables import PLACE
from perla.bargains.evaluation import DISPUTED, unseen_positions
from perla.bargains.finder import Finder
from perla.bargains.shift import Shift, counts_of, number_bins, shift_of, word_bins
from perla.listings import Column, Kind, Listings
from perla.listings.drafting.meanings import meaning_of
from perla.prepare import Prepared, column_of
from perla.valuation.market_parts import NOT_OF_THE_AD
from perla.words import Text

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
PSI_WATCH, PSI_DRIFTED = 0.10, 0.25
UNKNOWN_WATCH, UNKNOWN_DRIFTED = 0.05, 0.20
RATIO_WATCH, RATIO_DRIFTED = (0.95, 1.05), (0.90, 1.10)
COVERAGE_WATCH, COVERAGE_DRIFTED = (0.87, 0.93), 0.80
MATTERS, MATTERS_LITTLE = 0.02, 0.005  # share of a column in moving the price
FEWEST = 20  # things; fewer cannot be told from luck at all
SURE = 3.29  # standard errors; luck goes beyond them once in a thousand
MOST_COMPARED, MOST_JUDGED = 50_000, 3_000
TIME_OF_THE_AD = ("published year", "published month")
SEED = 0


class DriftState(StrEnum):
    """How like the listings learned from some others are."""

    STEADY = "steady"
    WATCH = "watch"
    DRIFTED = "drifted"
    TOO_FEW = "too few"

    @property
    def label(self) -> Text:
        spanish = {"steady": "estable", "watch": "atención", "drifted": "cambió", "too few": "muy pocos"}
        return Text(self.value, spanish[self.value])


@dataclass(frozen=True)
class ColumnDrift:
    """One column of the new listings against those learned from.

    psi : population stability index without what luck adds. luck : what luck alone may reach. weight : share of the
    column in moving the price (0 for the price itself). missing_before, missing_now : shares of empty cells. unknown,
    unknown_usual : share of words never seen while learning, and the share to be expected; None for numbers. told :
    what changed, in one sentence.
    """

    column: str
    title: Text
    state: DriftState
    psi: float
    luck: float
    weight: float
    missing_before: float
    missing_now: float
    unknown: float | None
    unknown_usual: float | None
    told: Text


@dataclass(frozen=True)
class Drift:
    """New listings against what a model learned from.

    listings, learned : how many. known : how many of the new ones the model learned from. judged : estimates below are
    of so many, each by models that never saw it; None where there are none. median_ratio : estimate over asking price.
    coverage : share of asking prices inside their 90 % interval. error : typical error (MdAPE). The ``_usual`` ones are
    of the listings learned from, unseen too. price : the asking price itself; columns : the most shifted first.
    told : the whole in one sentence; reasons : what exactly, the gravest first.
    """

    market: str
    source: str
    verdict: DriftState
    listings: int
    learned: int
    known: int
    judged: int
    median_ratio: float | None
    coverage: float | None
    coverage_usual: float
    error: float | None
    error_usual: float
    price: ColumnDrift
    columns: tuple[ColumnDrift, ...]
    told: Text
    reasons: tuple[Text, ...]

    @property
    def warning(self) -> Text | None:
        """One line for a report; None where all is well or nothing can be told."""
        if self.verdict not in (DriftState.WATCH, DriftState.DRIFTED):
            return None
        return tell.warning(self.told, self.reasons)

    def state(self) -> dict[str, Any]:
        """Everything in it, as plain values."""
        return asdict(self) | {
            "verdict": self.verdict.value,
            "price": _column_state(self.price),
            "columns": [_column_state(column) for column in self.columns],
            "reasons": [asdict(reason) for reason in self.reasons],
        }

    @classmethod
    def from_state(cls, state: Mapping[str, Any]) -> Drift:
        """The drift whose ``state()`` this is."""
        made = {
            "verdict": DriftState(state["verdict"]),
            "price": _column_from_state(state["price"]),
            "columns": tuple(map(_column_from_state, state["columns"])),
            "told": _text(state["told"]),
            "reasons": tuple(map(_text, state["reasons"])),
        }
        return cls(**{**state, **made})


def _column_state(column: ColumnDrift) -> dict[str, Any]:
    return asdict(column) | {"state": column.state.value}


def _column_from_state(state: Mapping[str, Any]) -> ColumnDrift:
    texts = {name: _text(state[name]) for name in ("title", "told")}
    return ColumnDrift(**{**state, **texts, "state": DriftState(state["state"])})


def _text(state: Mapping[str, Any]) -> Text:
    return Text(str(state["en"]), str(state["es"]))


def measure(finder: Finder, listings: Listings) -> Drift:
    """Compare listings with those a finder learned from, and judge its estimates of them, each unseen.

    listings : of the finder's market; of more than 50,000 so many are compared, of more than 3,000 so many estimated.

    >>> from perla.listings.checking import check
    >>> from perla.sources.simulated import simulate_market
    >>> homes = simulate_market(200)
    >>> finder = Finder(homes.market).fit(check(homes.frame[:150], homes.market))
    >>> str(measure(finder, check(homes.frame[150:], homes.market)).verdict)
    'steady'
    """
    order = np.random.default_rng(SEED).permutation(len(listings))
    compared = _taken(listings, order[:MOST_COMPARED])
    estimates = _judge(finder, _taken(listings, order[:MOST_JUDGED]))
    price, columns = _compare(finder, compared)
    few = compared.things.nunique() < FEWEST
    found = [*tell_estimates(estimates, finder.card_.coverage), *_counting(columns)]
    verdict = DriftState.TOO_FEW if few else _worst(state for state, _ in found)
    reasons = () if few else tuple(told for _, told in sorted(found, key=lambda pair: -GRAVITY[pair[0]]))
    error = finder.card_.fits[0].mdape
    return Drift(
        market=finder.market.name, source=listings.source, verdict=verdict, listings=len(listings),
        learned=finder.card_.listings_learned, known=int((finder.known_.positions_of(listings) >= 0).sum()),
        judged=estimates.judged, median_ratio=estimates.ratio, coverage=estimates.coverage,
        coverage_usual=finder.card_.coverage, error=estimates.error, error_usual=error, price=price, columns=columns,
        told=tell.overall(verdict.value, len(listings)), reasons=reasons,
    )  # fmt: skip


def _taken(listings: Listings, rows: Ints) -> Listings:
    if len(rows) == len(listings):
        return listings
    keep = np.zeros(len(listings), bool)
    keep[rows] = True
    return listings.take(pd.Series(keep, index=listings.values.index))


GRAVITY = {DriftState.TOO_FEW: 0, DriftState.STEADY: 0, DriftState.WATCH: 1, DriftState.DRIFTED: 2}


def _worst(states: Iterable[DriftState]) -> DriftState:
    return max(states, key=lambda state: GRAVITY[state], default=DriftState.STEADY)


def _counting(columns: tuple[ColumnDrift, ...]) -> list[tuple[DriftState, Text]]:
    """The shifted columns that move the price, none worse than its share in that allows."""
    found: list[tuple[DriftState, Text]] = []
    for column in columns:
        if column.state is DriftState.STEADY or column.weight < MATTERS_LITTLE:
            continue
        found.append((column.state if column.weight >= MATTERS else DriftState.WATCH, column.told))
    return found


@dataclass(frozen=True)
class Estimated:
    """How the estimates of some listings, each unseen, did; None where none was judged. things : different ones."""

    judged: int = 0
    things: int = 0
    ratio: float | None = None
    spread: float = 0.0
    coverage: float | None = None
    error: float | None = None


def _judge(finder: Finder, listings: Listings) -> Estimated:
    positions = unseen_positions(finder, listings)
    usable = positions != DISPUTED
    if not usable.any():
        return Estimated()
    prepared = finder.experts_.preparation_.transform(listings.values).take(usable)
    estimates = finder.experts_.estimates(prepared, positions[usable])
    off = estimates.expected - prepared.log_price
    inside = (prepared.log_price >= estimates.low) & (prepared.log_price <= estimates.high)
    spread = 1.4826 * float(np.median(np.abs(off - np.median(off))))
    return Estimated(
        int(usable.sum()), int(listings.things[usable].nunique()), float(np.exp(np.median(off))), spread,
        float(inside.mean()), float(np.median(np.abs(np.expm1(off)))),
    )  # fmt: skip


def tell_estimates(found: Estimated, coverage_usual: float) -> list[tuple[DriftState, Text]]:
    """What is wrong with the level and the intervals of the estimates, beyond luck."""
    told: list[tuple[DriftState, Text]] = []
    if found.ratio is None or found.coverage is None or found.things < FEWEST:
        return told
    luck = SURE * 1.2533 * found.spread / np.sqrt(found.things)  # of a median, in log price
    if abs(np.log(found.ratio)) > luck:
        state = _outside(found.ratio, RATIO_WATCH, RATIO_DRIFTED)
        told += [(state, tell.level(found.ratio))] if state is not DriftState.STEADY else []
    luck = SURE * np.sqrt(0.09 / found.things)
    if abs(found.coverage - coverage_usual) > luck:
        state = _outside(found.coverage, COVERAGE_WATCH, (COVERAGE_DRIFTED, 1.0))
        told += [(state, tell.coverage(found.coverage))] if state is not DriftState.STEADY else []
    return told


def _outside(value: float, watch: tuple[float, float], drifted: tuple[float, float]) -> DriftState:
    if not drifted[0] <= value <= drifted[1]:
        return DriftState.DRIFTED
    return DriftState.STEADY if watch[0] <= value <= watch[1] else DriftState.WATCH


@dataclass(frozen=True)
class Sides:
    """The listings learned from and the new ones, as cells and as numbers; how many different things each holds."""

    before: pd.DataFrame
    now: pd.DataFrame
    prepared_before: Prepared
    prepared_now: Prepared
    sizes: tuple[int, int]
    looks: int

    @property
    def smaller(self) -> int:
        return min(self.sizes)

    def numbers(self, name: str) -> tuple[Floats, Floats]:
        """A prepared column of both, (n,) and (m,)."""
        at = self.prepared_before.names.index(name)
        first, second = (p.numbers[:, at].astype(np.float64) for p in (self.prepared_before, self.prepared_now))
        return first, second

    def words(self, name: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """A column's cells of both as texts, None for missing."""
        first, second = (
            cells[name].astype(object).where(cells[name].notna(), None) for cells in (self.before, self.now)
        )
        return tuple(cells.map(str, na_action="ignore").to_numpy(object) for cells in (first, second))  # type: ignore[return-value]


def _compare(finder: Finder, listings: Listings) -> tuple[ColumnDrift, tuple[ColumnDrift, ...]]:
    valuation, preparation = finder.experts_.valuation_, finder.experts_.preparation_
    assert valuation.known_ is not None and valuation.things_ is not None
    columns = [c for c in finder.market.modelled if not _tells_time(c)]
    sizes = len(np.unique(valuation.things_)), int(listings.things.nunique())
    looks = len(preparation.names_) + len(preparation.levels_) + len(preparation.left_out_) + 1
    values = listings.values.reindex(columns=[c.name for c in finder.market.columns])
    prepared = preparation.transform(values)
    sides = Sides(finder.known_.listings.values, values, valuation.known_, prepared, sizes, looks)
    made = [_column(c, sides, finder) for c in columns]
    made.sort(key=lambda c: (-GRAVITY[c.state], -c.psi))
    return _price(sides, finder), tuple(made)


def _tells_time(column: Column) -> bool:
    """Whether a column is of the time of the ad, not of the thing."""
    meaning = meaning_of(column.name)
    key = "" if meaning is None else meaning.key
    return key in TIME_OF_THE_AD or (column.kind is Kind.DATE and key not in NOT_OF_THE_AD)


def _column(column: Column, sides: Sides, finder: Finder) -> ColumnDrift:
    preparation = finder.experts_.preparation_
    parts = [name for name in preparation.names_ if column_of(name) == column.name]
    if column.kind is Kind.CATEGORY or not parts:
        return _words(column, sides, finder)
    shifts = [_numbers(*sides.numbers(name), sides) for name in parts]
    worst = max(shifts, key=lambda s: (s.real, s.psi))
    before, now = sides.numbers(parts[0]) if len(parts) == 1 else (np.empty(0), np.empty(0))
    gaps = float(sides.before[column.name].isna().mean()), float(sides.now[column.name].isna().mean())
    told = tell.numbers(column, before, now, gaps, finder.market.currency)
    return _made(column, worst, gaps, finder, told)


def _numbers(before: Floats, now: Floats, sides: Sides) -> Shift:
    first, second, _ = counts_of(*number_bins(before, now, sides.smaller))
    return shift_of(first, second, sides.sizes, sides.looks)


def _words(column: Column, sides: Sides, finder: Finder) -> ColumnDrift:
    """Words by their frequency; a column that was the same everywhere while learning is taken for words too."""
    before, now = sides.words(column.name)
    codes = word_bins(before, now, sides.smaller)
    first, second, bins = counts_of(codes[0], codes[1])
    found = shift_of(first, second, sides.sizes, sides.looks)
    known = pd.Series(before[[w is not None for w in before]], dtype=object).value_counts()
    usual = float((known == 1).sum()) / max(len(before), 1)
    asked = pd.Series(now, dtype=object).dropna()
    unknown = float((~asked.isin(known.index)).sum()) / max(len(now), 1)
    gaps = float(sides.before[column.name].isna().mean()), float(sides.now[column.name].isna().mean())
    names = [codes[2][b] if b < len(codes[2]) else None for b in bins]
    told = tell.words(column, names, found.before, found.now, gaps, (unknown, usual))
    state = _unknown_state(unknown, usual, sides.sizes[1])
    return _made(column, found, gaps, finder, told, (unknown, usual), state)


def _unknown_state(unknown: float, usual: float, things: int) -> DriftState:
    """More unknown words than are to be expected, beyond luck."""
    more = unknown - usual
    if more <= SURE * np.sqrt(max(usual, 1 / things) * (1 - min(usual, 0.99)) / things):
        return DriftState.STEADY
    return _outside(more, (-1.0, UNKNOWN_WATCH), (-1.0, UNKNOWN_DRIFTED))


def _made(
    column: Column,
    found: Shift,
    gaps: tuple[float, float],
    finder: Finder,
    told: Text,
    unknown: tuple[float, float] | None = None,
    at_least: DriftState = DriftState.STEADY,
) -> ColumnDrift:
    shifted = _outside(found.psi, (-1.0, PSI_WATCH), (-1.0, PSI_DRIFTED)) if found.real else DriftState.STEADY
    state = _worst([shifted, at_least])
    as_named = PLACE if column.kind in (Kind.LATITUDE, Kind.LONGITUDE) else column.name
    weight = sum(share for name, share in finder.importance_.items() if column_of(name) in (column.name, as_named))
    return ColumnDrift(
        column.name, column.title, state, found.psi, found.luck, float(weight), *gaps,
        None if unknown is None else unknown[0], None if unknown is None else unknown[1],
        tell.alike(column) if state is DriftState.STEADY else told,
    )  # fmt: skip


def _price(sides: Sides, finder: Finder) -> ColumnDrift:
    market = finder.market
    column = Column(market.price, Kind.QUANTITY, market.currency, label=market.column(market.price).title)
    before, now = sides.prepared_before.log_price, sides.prepared_now.log_price
    told = tell.numbers(column, np.exp(before), np.exp(now), (0.0, 0.0), market.currency)
    return _made(column, _numbers(before, now, sides), (0.0, 0.0), finder, told)
