"""Typing errors: which column is wrong, and what probably should stand there.

A listing is read in two ways: as it stands (ordinary, dear or a bargain), and with one number corrected by what people
mistype: a digit lost or added, thousands left out, a monthly amount or another currency for the price. Each reading is
as likely as its price, given the rest, and the corrected number, given the rest, under a heavy-tailed density of the
usual errors, times how common such a slip is. The price is estimated anew with each correction, by models that never
saw the listing. Bayesian comparison of explanations, as in record editing: Fellegi and Holt (1976).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from perla.bargains.cells import is_year
from perla.bargains.evidence import NORMAL_90, Evidence
from perla.bargains.slips.kinds import COLUMN_SLIPS, COUNT_SLIPS, SlipKind, price_slips
from perla.listings import Column, Kind, Listings, Market
from perla.listings.numbers import parse_numbers

if TYPE_CHECKING:
    from perla.bargains.experts import Experts

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
TAIL = 4.0  # degrees of freedom of the density of usual errors
PRICE_SHARE, COLUMN_SHARE = 0.005, 0.01  # how common a slip is before looking
HIDDEN = np.log(20.0)  # a number that cannot be right is mistyped that much more often
ACCUSED = 0.001  # share of ordinary listings that may be told wrong
LOWEST_BAR, HIGHEST_BAR = -2.0, 3.0  # log odds
LOWEST_PRICE_BAR = 0.0  # a deep bargain is not told wrong on less than even odds
MATTERS, LEAST_PART = 0.1, 0.2  # a column with less of the price than this may accuse fewer listings, down to this part
SURELY_WRONG = 0.5  # the judge's chance of an error
BARGAIN_SHARE, DEAR_SHARE = 0.02, 0.01
BARGAINS = np.log(np.linspace(0.35, 0.95, 9))
DEAR = np.log(np.linspace(1.1, 1.8, 5))
MOST_APART = 5.0  # times; what "probably should stand there" is no further from what the rest says
WORTH_A_LOOK = -3.0  # log odds a correction could reach at best
MOST_LOOKS = 0.2  # corrections looked at, as a share of the listings
FEWEST_LOOKS = 60
AT_ONCE = 500_000  # corrections weighed at once
NARROWED = 0.5  # a correction may narrow the interval to this part


@dataclass(frozen=True)
class Slips:
    """For n listings the number most likely mistyped.

    columns : its column, '' where no correction explains anything. typed, probable : what stands there and what
    probably should, NaN where it cannot be told. kinds : values of SlipKind. odds : log odds that it was mistyped
    rather than stands right.
    """

    columns: NDArray[np.object_]
    typed: Floats
    probable: Floats
    kinds: NDArray[np.object_]
    odds: Floats

    def told(self, bars: Mapping[str, float], error: Floats) -> Slips:
        """Only the slips whose log odds reach their column's bar; where the judge finds an error, a low one will do.

        bars : by column, even odds for any other. error : the judge's chance of an error, (n,).
        """
        bar = np.array([bars.get(str(name), 0.0) for name in self.columns])
        found = self.odds >= np.where(error >= SURELY_WRONG, np.minimum(bar, LOWEST_BAR), bar)
        return replace(
            self,
            columns=np.where(found, self.columns, ""),
            probable=np.where(found, self.probable, np.nan),
            kinds=np.where(found, self.kinds, SlipKind.NONE.value),
        )

    @property
    def found(self) -> NDArray[np.bool_]:
        """Which listings have a mistyped number, (n,)."""
        return np.asarray(self.columns != "", np.bool_)


@dataclass(frozen=True)
class Readings:
    """Corrected readings, one per element: of which listing, which column, what stands there, what would stand there,
    how likely that is (log)."""

    rows: Ints
    columns: NDArray[np.object_]
    kinds: NDArray[np.object_]
    typed: Floats
    values: Floats
    weights: Floats

    def take(self, keep: NDArray[np.bool_] | Ints) -> Readings:
        """Only these."""
        return Readings(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


def find_slips(listings: Listings, evidence: Evidence, positions: Ints, experts: Experts) -> Slips:
    """Read every listing as it stands and corrected.

    positions : which known listing each is (-1: none), so that its price is estimated anew by models that never saw it.
    """
    fall, width = _fall_and_width(evidence)
    stands = _as_it_stands(fall, width)
    prices = _price_readings(listings.prices.to_numpy(np.float64), listings.market, fall, width)
    readings, least = [prices.take(prices.weights >= stands[prices.rows] + WORTH_A_LOOK)], _least_gain(stands, width)
    looked = _most_promising(_column_readings(listings, evidence, least), least)
    if len(looked.rows):
        readings.append(_with_the_price(looked, evidence, positions, experts))
    return _weigh(_together(readings), stands)


def learn_bars(slips: Slips, listings: Listings, importance: Mapping[str, float]) -> dict[str, float]:
    """For each column the log odds that one in a thousand ordinary listings reaches, from which it is told wrong.

    slips : of listings learned from, each judged by models that never saw it. importance : share of each column in
    moving the price; a column that moves it little may accuse fewer. The densities are each told by a few numbers and
    are not right far out; ordinary listings say what odds are worth.
    """
    market, whole = listings.market, np.ones(len(listings), bool)
    whole[[d.row for d in listings.doubts if d.implausible]] = False
    bars = {}
    for name in (market.price, *(c.name for c in market.modelled)):
        part = 1.0 if name == market.price else np.clip(importance.get(name, 0.0) / MATTERS, LEAST_PART, 1.0)
        reached = np.where(slips.columns[whole] == name, slips.odds[whole], -np.inf)
        if len(reached):
            bar = np.quantile(reached, 1 - ACCUSED * part, method="higher")
            bars[name] = float(np.clip(bar, LOWEST_PRICE_BAR if name == market.price else LOWEST_BAR, HIGHEST_BAR))
    return bars


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
        typed=np.tile(prices, len(slips)),
        values=np.concatenate(values),
        weights=np.concatenate(weights),
    )


def _column_readings(listings: Listings, evidence: Evidence, least: Floats) -> Readings:
    """Every number of every listing corrected in every way, weighed by itself: what it is worth for the price is open.

    The weight is the gain: log likelihood of the corrected number less that of the typed one, given the rest; what
    gains less than the least, (n,), is left out.
    """
    columns = _correctable(listings.market, evidence)
    typed = {c.name: _typed(c, listings) for c in columns}
    digits = {name: 1 + max(0.0, float(np.log10(np.nanmedian(t)))) for name, t in typed.items() if np.isfinite(t).any()}
    found = []
    for column in (c for c in columns if c.name in digits):
        hidden = np.isfinite(typed[column.name]) & listings.values[column.name].isna().to_numpy()
        common = np.log(COLUMN_SHARE * digits[column.name] / sum(digits.values())) + np.where(hidden, HIDDEN, 0.0)
        stands = _likelihood(column.name, typed[column.name], evidence)
        slips = COLUMN_SLIPS if column.kind is Kind.QUANTITY else COUNT_SLIPS
        step = max(1, AT_ONCE // max(1, len(least)))
        for some in (slips[start : start + step] for start in range(0, len(slips), step)):
            values = typed[column.name] * np.array([[slip.factor] for slip in some])
            shares = np.log([[slip.share] for slip in some])
            gains = _likelihood(column.name, values, evidence) - stands + shares + common
            usual = _near_the_expected(column.name, values, evidence)
            for value, gain, keep in zip(
                values, gains, _sensible(column, values) & usual & (gains >= least), strict=True
            ):
                rows = np.flatnonzero(keep)
                found.append(_readings_of(column.name, rows, typed[column.name][rows], value[rows], gain[rows]))
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
    """Log density of the logarithm of these values, given the rest of each listing, in their shape."""
    scale = evidence.prepared.scales[evidence.prepared.names.index(name)]
    j = evidence.surprise.columns.index(name)
    usual = evidence.surprise.usual_errors[:, j].astype(np.float64)
    z = (scale.forward(values) - evidence.surprise.expected_numbers[:, j]) / usual
    slope = values / ((values + scale.shift) if scale.logged else 1.0) / scale.spread
    return np.asarray(_log_density(z) - np.log(usual) + np.log(slope))


def _near_the_expected(name: str, values: Floats, evidence: Evidence) -> NDArray[np.bool_]:
    """Whether these values are within a factor of what the rest of each listing says, in the shape of the values."""
    scale = evidence.prepared.scales[evidence.prepared.names.index(name)]
    told = evidence.surprise.expected_numbers[:, evidence.surprise.columns.index(name)].astype(np.float64)
    expected = scale.back(told)
    return np.asarray((values <= MOST_APART * expected) & (values * MOST_APART >= expected))


def _least_gain(stands: Floats, width: Floats) -> Floats:
    """The gain from which a correction could win if the price then fitted perfectly, (n,)."""
    best = _log_density(np.zeros(1)) - np.log(width * NARROWED)
    return np.asarray(WORTH_A_LOOK - best + stands)


def _most_promising(readings: Readings, least: Floats) -> Readings:
    """Not too many, those furthest above the least gain first."""
    most = max(FEWEST_LOOKS, int(MOST_LOOKS * len(least)))
    return readings.take(np.argsort(least[readings.rows] - readings.weights, kind="stable")[:most])


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


def _weigh(readings: Readings, stands: Floats) -> Slips:
    """The likeliest column of each listing, and what all its readings together weigh against it as it stands."""
    n = len(stands)
    highest = np.full(n, -np.inf)
    np.maximum.at(highest, readings.rows, readings.weights)
    share = np.exp(readings.weights - highest[readings.rows])
    total = np.bincount(readings.rows, weights=share, minlength=n)
    first = np.lexsort((-readings.weights, readings.rows))
    first = first[np.unique(readings.rows[first], return_index=True)[1]]
    rows, best = readings.rows[first], readings.take(first)
    columns, kinds = np.full(n, "", object), np.full(n, SlipKind.NONE.value, object)
    typed, probable = np.full(n, np.nan), np.full(n, np.nan)
    columns[rows], kinds[rows], typed[rows], probable[rows] = best.columns, best.kinds, best.typed, best.values
    odds = highest + np.log(np.maximum(total, 1e-300)) - stands
    return Slips(columns, typed, _rounded(probable), kinds, odds)


def _rounded(values: Floats) -> Floats:
    """Without the dust of multiplying: 120.00000000000001 is 120."""
    return np.array([float(f"{v:.12g}") for v in values])


def _readings_of(name: str, rows: Ints, typed: Floats, values: Floats, weights: Floats) -> Readings:
    scale = np.full(len(rows), SlipKind.SCALE.value, object)
    return Readings(rows, np.full(len(rows), name, object), scale, typed, values, weights)


def _together(parts: list[Readings]) -> Readings:
    if not parts:
        nothing, none = np.empty(0, object), np.empty(0)
        return Readings(np.empty(0, np.int64), nothing, nothing, none, none, none)
    return Readings(*(np.concatenate([getattr(p, f) for p in parts]) for f in Readings.__dataclass_fields__))
