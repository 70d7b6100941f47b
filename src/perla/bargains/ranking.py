"""Scores, ranks and the table of every listing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.evidence import Evidence
from perla.bargains.findings import RESULT_COLUMNS
from perla.bargains.judge import Nature, log_odds
from perla.bargains.reasons import short_reasons
from perla.bargains.ruling import Ruling, likelihood_of_shift
from perla.bargains.surprises import surprise_table
from perla.listings import Listings, Market
from perla.listings.wish import Wish

Floats = NDArray[np.float64]
BEHIND = 20.0  # log odds: a suspicious listing comes after every other
WISHED_Z = 0.5  # a wished column must at least lean the wished way


def score_listings(evidence: Evidence, chances: Floats, wish: Wish, market: Market) -> Floats:
    """Log odds of being the desired anomaly, (n,): of a bargain, plus what each further wished column says."""
    z = surprise_table(evidence, market, pd.RangeIndex(len(chances)))
    score = -log_odds(np.clip(chances[:, Nature.ERROR], 0, 1)).clip(-BEHIND, 0)
    for name, direction in wish.directions:
        if name == market.price and direction < 0:
            score = log_odds(chances[:, Nature.BARGAIN])
    for name, direction in wish.directions:
        if name != market.price or direction > 0:
            score = score + likelihood_of_shift(direction * np.nan_to_num(z[name].to_numpy(np.float64)))
    return score


def rank_listings(
    listings: Listings,
    evidence: Evidence,
    chances: Floats,
    ruling: Ruling,
    wish: Wish,
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """The table of all listings (RESULT_COLUMNS), and the rows worth showing, best first.

    Ranks run over the rated listings: those worth showing first, then the others, each by score.
    """
    market = listings.market
    score = score_listings(evidence, chances, wish, market) - BEHIND * ruling.suspicious
    worthy = ruling.rated & _worth_showing(evidence, wish, market)
    order = np.lexsort((-score, ~worthy, ~ruling.rated))[: int(ruling.rated.sum())]
    rank = pd.array(np.full(len(score), pd.NA), dtype="Int64")
    rank[order] = np.arange(1, len(order) + 1)
    estimates = evidence.estimates
    expected = np.exp(estimates.expected)
    asking = listings.prices.to_numpy(np.float64)
    table = pd.DataFrame(
        {
            "listing_id": listings.ids.to_numpy(),
            "rank": rank,
            "verdict": ruling.verdicts.astype(str),
            "score": score,
            "asking_price": asking,
            "expected_price": expected,
            "low": np.exp(estimates.low),
            "high": np.exp(estimates.high),
            "discount": 1 - asking / expected,
        },
        index=listings.values.index,
    )
    table["reasons"] = pd.Series(short_reasons(table, ruling, evidence, listings), index=table.index, dtype=object)
    return table[list(RESULT_COLUMNS)], order[: int(worthy.sum())]


def _worth_showing(evidence: Evidence, wish: Wish, market: Market) -> NDArray[np.bool_]:
    """Of a cheapness wish those asking below their interval; of any other wished column those that lean that way."""
    ask, estimates = evidence.prepared.log_price, evidence.estimates
    z = surprise_table(evidence, market, pd.RangeIndex(len(ask)))
    wants_dear = wish.direction(market.price) > 0
    shown = np.full(len(ask), True) if wants_dear else ask <= estimates.high
    alone = len(wish.directions) == 1
    for name, direction in wish.directions:
        if name == market.price:
            shown &= (ask < estimates.low) if direction < 0 else (ask > estimates.high)
        else:
            shown &= direction * np.nan_to_num(z[name].to_numpy(np.float64)) >= (1.645 if alone else WISHED_Z)
    return np.asarray(shown)
