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

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.drift import telling as tell
from perla.bargains.drift.columns import GRAVITY, SURE, Comparison, Side, compare, outside, worst
from perla.bargains.drift.facts import ColumnDrift, Drift, DriftState
from perla.bargains.evaluation import DISPUTED, unseen_positions
from perla.bargains.finder import Finder
from perla.listings import Listings
from perla.words import Text

Ints = NDArray[np.int64]
RATIO_WATCH, RATIO_DRIFTED = (0.95, 1.05), (0.90, 1.10)
COVERAGE_WATCH, COVERAGE_DRIFTED = (0.87, 0.93), 0.80
MATTERS, MATTERS_LITTLE = 0.02, 0.005  # share of a column in moving the price
FEWEST = 20  # things; fewer cannot be told from luck at all
MOST_COMPARED, MOST_JUDGED = 50_000, 2_000
SEED = 0


def measure(finder: Finder, listings: Listings, judged: pd.DataFrame | None = None) -> Drift:
    """Compare listings with those a finder learned from, and judge its estimates of them, each unseen.

    listings : of the finder's market; of more than 50,000 so many are compared, of more than 2,000 so many estimated.
    judged : the estimates of all of them, where a search has made them (``Findings.table``); nothing is estimated then.

    >>> from perla.listings.checking import check
    >>> from perla.sources.simulated import simulate_market
    >>> homes = simulate_market(200)
    >>> finder = Finder(homes.market).fit(check(homes.frame[:150], homes.market))
    >>> str(measure(finder, check(homes.frame[150:], homes.market)).verdict)
    'steady'
    """
    order = np.random.default_rng(SEED).permutation(len(listings))
    compared = _taken(listings, order[:MOST_COMPARED])
    if judged is not None:
        estimates = _estimated(judged, listings.things)
    else:
        estimates = _judge(finder, _taken(listings, order[:MOST_JUDGED]))
    price, columns = compare(_comparison(finder, compared))
    few = compared.things.nunique() < FEWEST
    found = [
        *tell_estimates(estimates, finder.card_.coverage),
        *_counting(columns, finder.experts_.preparation_.left_out_),
    ]
    verdict = DriftState.TOO_FEW if few else worst(state for state, _ in found)
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


def _comparison(finder: Finder, listings: Listings) -> Comparison:
    valuation, preparation = finder.experts_.valuation_, finder.experts_.preparation_
    assert valuation.known_ is not None and valuation.things_ is not None
    values = listings.values.reindex(columns=[c.name for c in finder.market.columns])
    before = Side(finder.known_.listings.values, valuation.known_, len(np.unique(valuation.things_)))
    now = Side(values, preparation.transform(values), int(listings.things.nunique()))
    return Comparison(before, now, preparation, finder.market, finder.importance_)


def _counting(columns: tuple[ColumnDrift, ...], constant: tuple[str, ...]) -> list[tuple[DriftState, Text]]:
    """The shifted columns that move the price, none worse than its share in that allows.

    One that was the same everywhere while learning, and no longer is, moved nothing then and may now: watch it.
    """
    found: list[tuple[DriftState, Text]] = []
    for column in columns:
        if column.state is DriftState.STEADY or (column.weight < MATTERS_LITTLE and column.column not in constant):
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
    logs = {"asking_price": prepared.log_price, "expected_price": estimates.expected, "low": estimates.low,
            "high": estimates.high}  # fmt: skip
    table = pd.DataFrame({name: np.exp(log) for name, log in logs.items()})
    return _estimated(table, listings.things[usable].reset_index(drop=True))


def _estimated(judged: pd.DataFrame, things: pd.Series) -> Estimated:
    """judged : asking_price, expected_price, low and high of each listing, in money."""
    names = ["asking_price", "expected_price", "low", "high"]
    asked, expected, low, high = (np.log(judged[name].to_numpy(np.float64)) for name in names)
    known = np.isfinite(asked) & np.isfinite(expected)
    if not known.any():
        return Estimated()
    off, inside = (expected - asked)[known], ((asked >= low) & (asked <= high))[known]
    return Estimated(
        judged=int(known.sum()),
        things=int(things[known].nunique()),
        ratio=float(np.exp(np.median(off))),
        spread=1.4826 * float(np.median(np.abs(off - np.median(off)))),
        coverage=float(inside.mean()),
        error=float(np.median(np.abs(np.expm1(off)))),
    )


def tell_estimates(found: Estimated, coverage_usual: float) -> list[tuple[DriftState, Text]]:
    """What is wrong with the level and the intervals of the estimates, beyond luck."""
    told: list[tuple[DriftState, Text]] = []
    if found.ratio is None or found.coverage is None or found.things < FEWEST:
        return told
    luck = SURE * 1.2533 * found.spread / np.sqrt(found.things)  # of a median, in log price
    if abs(np.log(found.ratio)) > luck:
        state = outside(found.ratio, RATIO_WATCH, RATIO_DRIFTED)
        told += [(state, tell.level(found.ratio))] if state is not DriftState.STEADY else []
    luck = SURE * np.sqrt(0.09 / found.things)
    if abs(found.coverage - coverage_usual) > luck:
        state = outside(found.coverage, COVERAGE_WATCH, (COVERAGE_DRIFTED, 1.0))
        told += [(state, tell.coverage(found.coverage))] if state is not DriftState.STEADY else []
    return told
