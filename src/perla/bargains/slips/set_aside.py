"""Rows set aside for an implausible price, read again with the models: what was probably meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.slips.readings import Slips, find_slips
from perla.bargains.slips.telling import tell_guess
from perla.listings import Listings, Market, Rejected
from perla.listings.checking import check
from perla.words import join, money

if TYPE_CHECKING:
    from perla.bargains.experts import Experts

MOST = 2_000  # rows read again


def read_set_aside(listings: Listings, experts: Experts) -> Listings:
    """The same listings; where the price of a row set aside was probably mistyped, its reason now says how.

    The row stays set aside. One whose price no slip brings back among the plausible ones keeps its reason as it was.
    """
    places, odd = _implausible(listings)
    if not len(places):
        return listings
    nowhere = np.full(len(places), -1, np.int64)
    slips = find_slips(odd, experts.evidence(odd, nowhere), nowhere, experts).told({}, np.ones(len(places)))
    rejected = list(listings.rejected)
    for i, place in enumerate(places):
        if slips.columns[i] == listings.market.price and not _outside(slips.probable[i : i + 1], listings.market)[0]:
            rejected[place] = _told(rejected[place], slips, i, listings.market)
    return replace(listings, rejected=tuple(rejected))


def _told(row: Rejected, slips: Slips, i: int, market: Market) -> Rejected:
    reason = join([row.reason, tell_guess(slips, i, market)])
    return replace(row, reason=reason, error_column=market.price, probable_value=float(slips.probable[i]))


def _implausible(listings: Listings) -> tuple[NDArray[np.int64], Listings]:
    """Which rows were set aside only because their price is outside the plausible range, and these rows as listings."""
    market, frame = listings.market, listings.rejected_original.head(MOST).reset_index(drop=True)
    nothing = np.empty(0, np.int64)
    if not len(frame) or market.price not in frame.columns or (market.price_low is None and market.price_high is None):
        return nothing, listings
    again = check(frame, replace(market, price_low=None, price_high=None), allow_missing=True)
    places = np.setdiff1d(np.arange(len(frame)), [r.row - 1 for r in again.rejected])
    prices = again.prices.to_numpy(np.float64)
    same_price = [
        money(p, market.currency).en in listings.rejected[i].reason.en for p, i in zip(prices, places, strict=True)
    ]
    odd = _outside(prices, market) & np.array(same_price, bool)
    return places[odd], again.take(pd.Series(odd, index=again.values.index))


def _outside(prices: NDArray[np.float64], market: Market) -> NDArray[np.bool_]:
    low = -np.inf if market.price_low is None else market.price_low
    high = np.inf if market.price_high is None else market.price_high
    return np.asarray((prices < low) | (prices > high))
