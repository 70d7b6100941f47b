"""Which listings advertise the same thing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from perla.listings.market import Kind, Market

FEWEST_EQUAL_COLUMNS = 4
_RARE_ROWS = 5
_RARE_ROWS_OF_PLACE = 20
_RARE_SHARE = 0.0002
_MEASURED = (Kind.QUANTITY, Kind.LATITUDE, Kind.LONGITUDE)


def label_things(values: pd.DataFrame, market: Market) -> pd.Series:
    """A number for each listing, equal for listings of one thing.

    Where the market names columns that tell (``same_thing``: an asset id, a VIN), listings with an equal value in any
    of them are one thing. A listing without such a value is a re-posted twin of another when both are equal in every
    modelled column other than the price, dates and text, so that a re-post at a lower price is found. Because many
    things are alike (a brand-new car of one model, flats of one building), that counts only when

    - at least four of those columns hold a value, and
    - one measured value they share is rare: at most 5 listings (or one in five thousand) have that mileage, floor area
      or fee, or at most 20 stand at that place. Two 2017 Fiestas with 43,872 miles are one car; two with 10 miles are
      not, and neither are two flats at the centre of a neighbourhood unless their area or fee is unusual.
    """
    if len(values) == 1:
        return pd.Series([0], index=values.index, dtype="int64")
    parents = np.arange(len(values))
    known = np.zeros(len(values), dtype=bool)
    for name in (c for c in market.same_thing if c in values.columns):
        codes = pd.factorize(values[name])[0]
        known |= codes >= 0
        parents = _merged(parents, codes)
    parents = _merged(parents, np.where(known, -1, _twin_codes(values, market)))
    return pd.Series(pd.factorize(parents)[0], index=values.index, dtype="int64")


def _twin_codes(values: pd.DataFrame, market: Market) -> np.ndarray:
    """Equal codes for possible twins, -1 where equality would mean nothing."""
    compared = [c for c in market.modelled if c.kind not in (Kind.DATE, Kind.TEXT) and c.name in values.columns]
    names = [c.name for c in compared]
    if len(names) < FEWEST_EQUAL_COLUMNS or values.empty:
        return np.full(len(values), -1)
    full_enough = values[names].notna().sum(axis=1).to_numpy() >= FEWEST_EQUAL_COLUMNS
    rare = np.zeros(len(values), dtype=bool)
    for column in compared:
        if column.kind in _MEASURED:
            rows = _RARE_ROWS if column.kind is Kind.QUANTITY else _RARE_ROWS_OF_PLACE
            rare |= _is_rare(values[column.name], rows)
    codes = pd.factorize(pd.util.hash_pandas_object(values[names], index=False))[0]
    return np.where(full_enough & rare, codes, -1)


def _is_rare(cells: pd.Series, rows: int) -> np.ndarray:
    most = max(rows, int(len(cells) * _RARE_SHARE))
    codes = pd.factorize(cells)[0]
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return (codes >= 0) & (counts[codes] <= most)


def _merged(parents: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """Group labels after joining the groups that share a code >= 0; the label is the smallest old one."""
    linked = codes >= 0
    while linked.any():
        least = np.full(codes.max() + 1, len(parents))
        np.minimum.at(least, codes[linked], parents[linked])
        target = np.arange(len(parents))
        np.minimum.at(target, parents[linked], least[codes[linked]])
        joined = target[parents]
        if (joined == parents).all():
            break
        parents = joined
    return parents
