"""Typing errors: which column is wrong, and what probably should stand there.

A listing is read in two ways: as it stands (ordinary, dear or a bargain), and with one number corrected by what people
mistype: a digit lost or added, thousands left out, a monthly amount or another currency for the price. Each reading is
as likely as its price, given the rest, and the corrected number, given the rest, under a heavy-tailed density of the
usual errors, times how common such a slip is. The price is estimated anew with each correction, by models that never
saw the listing. Bayesian comparison of explanations, as in record editing: Fellegi and Holt (1976).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.cells import is_year
from perla.bargains.evidence import NORMAL_90, Evidence
from perla.bargains.judge import Nature, log_odds
from perla.listings import Column, Kind, Listings, Market
from perla.listings.numbers import parse_numbers

if TYPE_CHECKING:
    from perla.bargains.experts import Experts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TAIL = 4.0  # degrees of freedom of the density of usual errors
LIKELY = 0.5
PRICE_SHARE, COLUMN_SHARE = 0.005, 0.005  # how common a slip is before looking
BARGAIN_SHARE, DEAR_SHARE = 0.02, 0.01
BARGAINS = np.log(np.linspace(0.35, 0.95, 9))
DEAR = np.log(np.linspace(1.1, 1.8, 5))
MONTHLY = np.log(np.geomspace(30.0, 500.0, 12))  # an instalment or a rent is this part of the whole price
WORTH_A_LOOK = -3.0  # log odds a correction could reach at best
MOST_LOOKS = 0.2  # corrections looked at, as a share of the listings
FEWEST_LOOKS = 60
NARROWED = 0.5  # a correction may narrow the interval to this part
PER_DOLLAR = {"COP": 4000.0, "MXN": 18.5, "ARS": 1300.0, "CLP": 950.0, "PEN": 3.7, "BRL": 5.5, "INR": 86.0, "JPY": 150.0}
CURRENCY_SPREAD = 0.2  # log: how far a rate of exchange wanders from the table's


class SlipKind(StrEnum):
    """What was mistyped."""

    NONE = ""
    SCALE = "scale"  # digits lost or added, thousands
    MONTHLY = "monthly"
    CURRENCY = "currency"


@dataclass(frozen=True)
class Slip:
    """A way of mistyping: the true value is the typed one times one of ``exp(shifts)``, equally likely."""

    kind: SlipKind
    shifts: Floats
    share: float

    @property
    def factor(self) -> float:
        """True over typed value, in the middle."""
        return float(np.exp(self.shifts.mean()))


@dataclass(frozen=True)
class Slips:
    """For n listings: the mistyped column ('' for none), its probable value (NaN where it cannot be told), the kind.

    chances : probability that a number is mistyped, by these readings alone.
    """

    columns: NDArray[np.object_]
    probable: Floats
    kinds: NDArray[np.object_]
    chances: Floats

    @property
    def found(self) -> NDArray[np.bool_]:
        return np.asarray(self.columns != "")


def _exact(factor: float, share: float) -> Slip:
    return Slip(SlipKind.SCALE, np.log([factor]), share)


COLUMN_SLIPS = tuple(
    _exact(f, s) for f, s in ((10.0, 0.4), (0.1, 0.4), (100.0, 0.05), (0.01, 0.05), (1000.0, 0.05), (0.001, 0.05))
)
COUNT_SLIPS = (_exact(0.1, 0.4), _exact(10.0, 0.4))


def price_slips(market: Market) -> tuple[Slip, ...]:
    """Ways of mistyping the price of this market, their shares near one in all.

    >>> [round(s.factor, 3) for s in price_slips(Market("cars", "price", "GBP", ()))][:3]
    [10.0, 0.1, 100.0]
    """
    exact = ((10.0, 0.45), (0.1, 0.15), (100.0, 0.08), (0.01, 0.03), (1000.0, 0.12), (0.001, 0.03))
    slips = [_exact(f, s) for f, s in exact]
    slips.append(Slip(SlipKind.MONTHLY, MONTHLY, 0.1))
    rate = PER_DOLLAR.get(market.currency.upper())
    if rate is not None and rate > 3:
        wander = CURRENCY_SPREAD * np.array([-1.0, 0.0, 1.0])
        slips.append(Slip(SlipKind.CURRENCY, np.log(rate) + wander, 0.04))
    return tuple(slips)


@dataclass(frozen=True)
class Readings:
    """Corrected readings, one per element: of which listing, which column, what would stand there, how likely (log)."""

    rows: Ints
    columns: NDArray[np.object_]
    kinds: NDArray[np.object_]
    values: Floats
    weights: Floats

    def take(self, keep: NDArray[np.bool_] | Ints) -> Readings:
        return Readings(
            self.rows[keep], self.columns[keep], self.kinds[keep], self.values[keep], self.weights[keep]
        )


def find_slips(listings: Listings, evidence: Evidence, chances: Floats, positions: Ints, experts: Experts) -> Slips:
    """Read every listing as it stands and corrected.

    chances : (n, 3), the judge's; its chance of an error and these readings each have half a say, but where a cell was
    hidden from it as implausible it has none. positions : which known listing each is (-1: none), so that its price is estimated anew by models that never saw it.
    """
    fall, width = _fall_and_width(evidence)
    stands = _as_it_stands(fall, width)
    readings = [_price_readings(listings.prices.to_numpy(np.float64), listings.market, fall, width)]
    looked = _worth_a_look(_column_readings(listings, evidence), stands, width)
    if len(looked.rows):
        readings.append(_with_the_price(looked, evidence, positions, experts))
    hidden = np.zeros(len(listings), bool)
    hidden[[d.row for d in listings.doubts if d.implausible]] = True
    return _weigh(_together(readings), stands, np.where(hidden, np.nan, chances[:, Nature.ERROR]))


def _fall_and_width(evidence: Evidence) -> tuple[Floats, Floats]:
    """Log of the asking price over the middle of its interval, and the usual error of such prices, each (n,)."""
    estimates = evidence.estimates
    width = np.maximum((estimates.high - estimates.low) / 2 / NORMAL_90, 1e-6)
    return evidence.prepared.log_price - (estimates.high + estimates.low) / 2, width


def _log_density(z: Floats) -> Floats:
    """Logarithm of the density of usual errors: Student's t, which forgives the odd large one."""
    from scipy.special import gammaln

    top = gammaln((TAIL + 1) / 2) - gammaln(TAIL / 2) - 0.5 * np.log(TAIL * np.pi)
    return np.asarray(top - (TAIL + 1) / 2 * np.log1p(z**2 / TAIL))


def _shifted(fall: Floats, width: Floats, shifts: Floats) -> Floats:
    """Log density of prices pushed by one of these shifts, equally likely, (n,)."""
    each = _log_density((fall[:, None] - shifts) / width[:, None]) - np.log(width)[:, None]
    return np.asarray(np.logaddexp.reduce(each, axis=1) - np.log(len(shifts)))


def _as_it_stands(fall: Floats, width: Floats) -> Floats:
    """Log weight of an ordinary, a cheap or a dear listing at this price, (n,)."""
    parts = [
        _shifted(fall, width, np.zeros(1)) + np.log(1 - BARGAIN_SHARE - DEAR_SHARE),
        _shifted(fall, width, BARGAINS) + np.log(BARGAIN_SHARE),
        _shifted(fall, width, DEAR) + np.log(DEAR_SHARE),
    ]
    return np.asarray(np.logaddexp.reduce(parts, axis=0))


def _price_readings(prices: Floats, market: Market, fall: Floats, width: Floats) -> Readings:
    """The price corrected in every way, for every listing."""
    slips, n = price_slips(market), len(prices)
    weights = [_shifted(fall, width, -s.shifts) + np.log(s.share * PRICE_SHARE) for s in slips]
    values = [prices * s.factor if s.kind is not SlipKind.MONTHLY else np.full(n, np.nan) for s in slips]
    return Readings(
        rows=np.tile(np.arange(n), len(slips)),
        columns=np.full(n * len(slips), market.price, object),
        kinds=np.repeat(np.array([s.kind.value for s in slips], object), n),
        values=np.concatenate(values),
        weights=np.concatenate(weights),
    )


def _column_readings(listings: Listings, evidence: Evidence) -> Readings:
    """Every number of every listing corrected in every way, weighed by itself: what it is worth for the price is open.

    The weight is the gain: log likelihood of the corrected number less that of the typed one, given the rest.
    """
    found, columns = [], _correctable(listings.market, evidence)
    for column in columns:
        typed = _typed(column, listings)
        slips = COLUMN_SLIPS if column.kind is Kind.QUANTITY else COUNT_SLIPS
        stands = _likelihood(column.name, typed, evidence)
        for slip in slips:
            value = typed * slip.factor
            gain = _likelihood(column.name, value, evidence) - stands + np.log(slip.share * COLUMN_SHARE / len(columns))
            rows = np.flatnonzero(_sensible(column, value) & np.isfinite(gain))
            found.append(_readings_of(column.name, rows, value[rows], gain[rows]))
    return _together(found)


def _correctable(market: Market, evidence: Evidence) -> list[Column]:
    named = [c for c in market.modelled if c.kind in (Kind.QUANTITY, Kind.COUNT) and not is_year(c)]
    return [c for c in named if c.name in evidence.prepared.names and c.name in evidence.surprise.columns]


def _typed(column: Column, listings: Listings) -> Floats:
    """The numbers as they were typed, those hidden as implausible too."""
    typed = listings.values[column.name].to_numpy(np.float64).copy()
    hidden = [d.row for d in listings.doubts if d.implausible and d.column == column.name]
    if hidden:
        typed[hidden] = parse_numbers(listings.original[column.name], column.unit).values.to_numpy(np.float64)[hidden]
    return np.where(typed > 0, typed, np.nan)


def _sensible(column: Column, value: Floats) -> NDArray[np.bool_]:
    """Whether a corrected value could stand there: plausible, and whole where things are counted."""
    low = -np.inf if column.low is None else column.low
    high = np.inf if column.high is None else column.high
    inside = np.isfinite(value) & (value >= low) & (value <= high)
    return inside & (np.abs(value - np.round(value)) < 1e-6) if column.kind is Kind.COUNT else inside


def _likelihood(name: str, values: Floats, evidence: Evidence) -> Floats:
    """Log density of the logarithm of these values, given the rest of each listing, (n,)."""
    scale = evidence.prepared.scales[evidence.prepared.names.index(name)]
    j = evidence.surprise.columns.index(name)
    usual = evidence.surprise.usual_errors[:, j].astype(np.float64)
    z = (scale.forward(values) - evidence.surprise.expected_numbers[:, j]) / usual
    slope = values / ((values + scale.shift) if scale.logged else 1.0) / scale.spread
    return np.asarray(_log_density(z) - np.log(usual) + np.log(slope))


def _worth_a_look(readings: Readings, stands: Floats, width: Floats) -> Readings:
    """The corrections that could win if the price then fitted perfectly, the best of them first and not too many."""
    best = _log_density(np.zeros(1)) - np.log(width[readings.rows] * NARROWED)
    odds = readings.weights + best - stands[readings.rows]
    most = max(FEWEST_LOOKS, int(MOST_LOOKS * len(stands)))
    order = np.argsort(-odds, kind="stable")[:most]
    return readings.take(order[odds[order] >= WORTH_A_LOOK])


def _with_the_price(readings: Readings, evidence: Evidence, positions: Ints, experts: Experts) -> Readings:
    """The same, their price weighed by what it should be if the correction were right."""
    rows = readings.rows
    prepared = evidence.prepared.take(rows)
    numbers = prepared.numbers.copy()
    places = [prepared.names.index(name) for name in readings.columns]
    numbers[np.arange(len(rows)), places] = readings.values
    corrected = replace(prepared, numbers=numbers)
    again = replace(evidence.take(rows), prepared=corrected, estimates=experts.estimates(corrected, positions[rows]))
    fall, width = _fall_and_width(again)
    return replace(readings, weights=readings.weights + _as_it_stands(fall, width))


def _weigh(readings: Readings, stands: Floats, judged: Floats) -> Slips:
    """The likeliest column of each listing whose readings, with the judge, outweigh the listing as it stands."""
    n = len(stands)
    table = pd.DataFrame({"row": readings.rows, "column": readings.columns, "weight": readings.weights})
    highest = np.full(n, -np.inf)
    np.maximum.at(highest, readings.rows, readings.weights)
    table["share"] = np.exp(readings.weights - highest[readings.rows])
    total = np.bincount(readings.rows, weights=table["share"], minlength=n)
    odds = highest + np.log(np.maximum(total, 1e-300)) - stands
    both = np.where(np.isnan(judged), odds, (np.clip(odds, -16, 16) + log_odds(judged)) / 2)
    columns, kinds = np.full(n, "", object), np.full(n, "", object)
    probable = np.full(n, np.nan)
    sums = table.groupby(["row", "column"])["share"].sum()
    best = table.loc[table.groupby("row")["share"].idxmax()]
    for row, column, place in zip(best["row"], best["column"], best.index, strict=True):
        if both[row] > 0 and sums[(row, column)] / total[row] > LIKELY:
            columns[row], kinds[row], probable[row] = column, readings.kinds[place], readings.values[place]
    return Slips(columns, probable, kinds, 1 / (1 + np.exp(-both)))


def _readings_of(name: str, rows: Ints, values: Floats, weights: Floats) -> Readings:
    scale = np.full(len(rows), SlipKind.SCALE.value, object)
    return Readings(rows, np.full(len(rows), name, object), scale, values, weights)


def _together(parts: list[Readings]) -> Readings:
    if not parts:
        nothing = np.empty(0, object)
        return Readings(np.empty(0, np.int64), nothing, nothing, np.empty(0), np.empty(0))
    return Readings(*(np.concatenate([getattr(p, f) for p in parts]) for f in Readings.__dataclass_fields__))
