"""What a typical listing would ask in each month, whatever happened to stand for sale in it.

A time-dummy regression (Eurostat, *Handbook on Residential Property Prices Indices*, 2013, chapter 5): the log of the
price by the attributes and the month together; then, against mistyped prices, the median of what the attributes leave
unexplained in each month.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.listings import Column, Kind, Listings
from perla.listings.drafting.meanings import meaning_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_ROWS = 30_000
MOST_WORDS, FEWEST_OF_A_WORD = 40, 10
FEWEST_FOR_EACH_FACTOR = 5
OUTLYING = 4.0  # usual errors; such a price does not bend the regression
RIDGE = 1e-3
MOST_MISSING = 0.3  # a column told more rarely is often told at certain times only, and would take the time's part
EPOCH = pd.Timestamp("2000-01-01")
OF_THE_THING = ("registration", "built", "renovated", "year", "cadastre year")
NUMBERS = (Kind.QUANTITY, Kind.COUNT, Kind.YES_NO, Kind.LATITUDE, Kind.LONGITUDE)


def typical_levels(listings: Listings, months: Ints, count: int) -> list[float | None]:
    """For each of ``count`` months what a listing with the market's average attributes would ask, in money.

    months : (n,), the number of each listing's month, -1 for none. None everywhere where there are fewer than five
    listings for each attribute, or only one month.
    """
    rows = np.flatnonzero(months >= 0)
    rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).astype(np.int64)] if len(rows) else rows
    attributes = _attributes(listings, rows)
    present = np.unique(months[rows])
    if len(present) < 2 or len(rows) < FEWEST_FOR_EACH_FACTOR * (attributes.shape[1] + len(present)):
        return [None] * count
    log_price = np.log(listings.prices.to_numpy(np.float64)[rows])
    month = months[rows]
    explained = attributes @ _weights(attributes, log_price, np.searchsorted(present, month), len(present))
    left = pd.Series(log_price - explained).groupby(month).median()
    middle = float(np.median(explained))
    return [float(np.exp(left[k] + middle)) if k in left.index else None for k in range(count)]


def _weights(attributes: Floats, log_price: Floats, month: Ints, months: int) -> Floats:
    """What each attribute is worth, found in three rounds with ever fewer outlying prices."""
    dummies = np.eye(months)[month]
    design = np.hstack([attributes, dummies])
    penalty = np.sqrt(RIDGE * len(design)) * np.eye(design.shape[1])
    keep, found = np.full(len(design), True), np.zeros(design.shape[1])
    for _ in range(3):
        rows = np.vstack([design[keep], penalty])
        found = np.linalg.lstsq(rows, np.concatenate([log_price[keep], np.zeros(len(penalty))]), rcond=None)[0]
        off = log_price - design @ found
        usual = 1.4826 * float(np.median(np.abs(off - np.median(off))))
        keep = np.abs(off - np.median(off)) <= max(OUTLYING * usual, 1e-9)
    return np.asarray(found[: attributes.shape[1]], np.float64)


def _attributes(listings: Listings, rows: Ints) -> Floats:
    """Standardised numbers with their squares, and words that stand often enough, (rows, factors)."""
    values = listings.values.iloc[rows]
    told = [c for c in listings.market.modelled if c.name in values and values[c.name].isna().mean() <= MOST_MISSING]
    parts = [part for c in told for part in _factors(c, values[c.name])]
    return np.column_stack(parts) if parts else np.empty((len(rows), 0))


def _factors(column: Column, cells: pd.Series) -> list[Floats]:
    if column.kind is Kind.CATEGORY:
        counts = cells.value_counts()
        words = counts[counts >= FEWEST_OF_A_WORD].index[:MOST_WORDS]
        return [_standard((cells == word).to_numpy(np.float64)) for word in words]
    numbers = _numbers(column, cells)
    if numbers is None or not np.nanstd(numbers) > 0:
        return []
    known = numbers[np.isfinite(numbers)]
    if column.kind is Kind.QUANTITY and known.min() >= 0:
        numbers, known = np.log1p(numbers), np.log1p(known)
    low, high = np.quantile(known, [0.01, 0.99])
    gaps = np.isnan(numbers)
    number = _standard(np.clip(np.where(gaps, np.median(known), numbers), low, high))
    squared = [_standard(number**2)] if column.kind is not Kind.YES_NO else []
    return [number, *squared, *([_standard(gaps.astype(np.float64))] if 0.01 < gaps.mean() < 0.99 else [])]


def _numbers(column: Column, cells: pd.Series) -> Floats | None:
    """Cells as numbers; a date is the age of the thing, None where it is the time of the ad, and for words."""
    if column.kind in NUMBERS:
        return cells.to_numpy(np.float64)
    meaning = meaning_of(column.name)
    if column.kind is not Kind.DATE or meaning is None or meaning.key not in OF_THE_THING:
        return None
    return np.asarray((cells - EPOCH) / pd.Timedelta(days=1), np.float64)


def _standard(numbers: Floats) -> Floats:
    spread = float(numbers.std())
    return (numbers - numbers.mean()) / (spread if spread > 1e-12 else 1.0)
