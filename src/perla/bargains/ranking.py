"""Scores, ranks and the table of every listing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.evidence import Evidence
from perla.bargains.findings import RESULT_COLUMNS
from perla.bargains.judge import Nature, log_odds
from perla.bargains.reasons import short_reasons
from perla.bargains.ruling import Ruling, likelihood_of_shift
from perla.bargains.slips import Slips
from perla.bargains.surprises import surprise_of
from perla.listings import Listings, Market
from perla.listings.wish import Wish

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BEHIND = 20.0  # log odds: a suspicious listing comes after every other
WISHED_Z = 0.5  # a wished column must at least lean the wished way


def score_listings(evidence: Evidence, chances: Floats, wish: Wish, market: Market) -> Floats:
    """Log odds of being the desired anomaly, (n,): of a bargain, plus what each further wished column says."""
    score = -log_odds(np.clip(chances[:, Nature.ERROR], 0, 1)).clip(-BEHIND, 0)
    for name, direction in wish.directions:
        if name == market.price and direction < 0:
            score = log_odds(chances[:, Nature.BARGAIN])
    for name, direction in wish.directions:
        if name != market.price or direction > 0:
            score = score + likelihood_of_shift(direction * _leaning(evidence, name, market))
    return score


def rank_listings(
    listings: Listings,
    evidence: Evidence,
    chances: Floats,
    ruling: Ruling,
    slips: Slips,
    wish: Wish,
    p_values: Floats,
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The table of all listings (RESULT_COLUMNS), and the rows worth showing, best first.

    Ranks run over the rated listings: those worth showing first, then the others, each by score. p_values : (n,), told
    of the rated.
    """
    market = listings.market
    score = score_listings(evidence, chances, wish, market) - BEHIND * ruling.suspicious
    order, best = order_listings(score, worth_showing(evidence, wish, market), ruling)
    estimates = evidence.estimates
    expected = np.exp(estimates.expected)
    asking = listings.prices.to_numpy(np.float64)
    table = pd.DataFrame(
        {
            "listing_id": listings.ids.to_numpy(),
            "rank": _places(order, len(score)),
            "verdict": ruling.verdicts.astype(str),
            "score": score,
            "asking_price": asking,
            "expected_price": expected,
            "low": np.exp(estimates.low),
            "high": np.exp(estimates.high),
            "discount": 1 - asking / expected,
            "chance": chances[:, Nature.BARGAIN],
            "p_value": np.where(ruling.rated, p_values, np.nan),
            "error_column": slips.columns.astype(str),
            "probable_value": slips.probable,
        },
        index=listings.values.index,
    )
    reasons = pd.Series(short_reasons(table, ruling, evidence, listings, slips), index=table.index, dtype=object)
    table.insert(RESULT_COLUMNS.index("reasons"), "reasons", reasons)
    return table, best


def order_listings(score: Floats, wished: NDArray[np.bool_], ruling: Ruling) -> tuple[Ints, Ints]:
    """All rated rows, those worth showing first, each by score; and the rows worth showing alone.

    wished : what :func:`worth_showing` says, (n,).
    """
    worthy = ruling.rated & wished
    order = np.lexsort((-score, ~worthy, ~ruling.rated))[: int(ruling.rated.sum())]
    return order, order[: int(worthy.sum())]


def _places(order: NDArray[np.int64], count: int) -> Any:
    """The place of each listing, 1 for the first of the order; missing for those not in it."""
    places = pd.array(np.full(count, pd.NA), dtype="Int64")
    places[order] = np.arange(1, len(order) + 1)
    return places


def worth_showing(evidence: Evidence, wish: Wish, market: Market) -> NDArray[np.bool_]:
    """Of a cheapness wish those asking below their interval; of any other wished column those that lean that way."""
    ask, estimates = evidence.prepared.log_price, evidence.estimates
    price = wish.direction(market.price)
    inside = (ask > estimates.high) if price > 0 else (ask <= estimates.high)
    shown = (ask < estimates.low) if price < 0 else inside
    return np.asarray(shown & leaning_as_wished(evidence, wish, market))


def leaning_as_wished(evidence: Evidence, wish: Wish, market: Market) -> NDArray[np.bool_]:
    """Listings in which every wished column but the price leans the wished way, (n,)."""
    least = 1.645 if len(wish.directions) == 1 else WISHED_Z
    leaning = np.full(len(evidence.prepared), True)
    for name, direction in wish.directions:
        if name != market.price:
            leaning &= direction * _leaning(evidence, name, market) >= least
    return leaning


def _leaning(evidence: Evidence, name: str, market: Market) -> Floats:
    """The surprise of a wished column, 0 where nothing stands there, (n,)."""
    return np.nan_to_num(surprise_of(evidence, name, market).astype(np.float64))
