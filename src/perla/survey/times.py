"""A market over time: what its months ask, how many listings come, how prices are lowered."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.listings import Kind, Listings, Market
from perla.listings.drafting.meanings import meaning_of
from perla.survey.facts import Cuts, Month, Week
from perla.survey.prices import FEW, Asked
from perla.survey.typical import OF_THE_THING, typical_levels
from perla.words import Text, fill

Floats = NDArray[np.float64]
MOST_MONTHS, MOST_WEEKS = 120, 260
STOCK = 5.0  # the first day holds so many times an ordinary day's listings: they stood there before
LARGEST_CHANGE = 0.5  # a change of more than half is probably a mistyped price
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Dated:
    """When n listings came: ``days`` (n,), NaT where nobody knows. told : whose dates these are.

    noted : they are first sightings. stock : first day of the record, if what stood before it was all noted on it.
    """

    days: pd.Series
    told: Text
    noted: bool
    stock: pd.Timestamp | None = None


def dates_of(listings: Listings, seen: pd.DataFrame | None) -> Dated | None:
    """First sightings where there are such on two days at least, else the column that tells the time of the ad."""
    if seen is not None and "first_seen" in seen and seen["first_seen"].nunique() > 1:
        days = (
            pd.Series(seen["first_seen"].to_numpy(), index=listings.values.index).astype("datetime64[s]").dt.floor("D")
        )
        told = Text("by the month each was first seen", "según el mes en que se vio cada uno por primera vez")
        return Dated(days, told, True, _stock(days))
    name = date_column(listings.values, listings.market)
    if name is None:
        return None
    column, days = listings.market.column(name), listings.values[name].astype("datetime64[s]").dt.floor("D")
    told = fill("by month of: {column}", "por mes de: {column}", column=column.title)
    meaning = meaning_of(name)
    noted = meaning is not None and meaning.key == "first seen"
    return Dated(days, told, noted, _stock(days) if noted else None)


def date_column(values: pd.DataFrame, market: Market) -> str | None:
    """The column that tells when a listing stood: the first date that is not of the thing itself, or None."""
    for name in market.named(Kind.DATE):
        meaning = meaning_of(name)
        if name in values and (meaning is None or meaning.key not in OF_THE_THING) and values[name].nunique() > 1:
            return name
    return None


def _stock(days: pd.Series) -> pd.Timestamp | None:
    """The first day, where it holds far more than days do that have any listing at all."""
    counts = days.value_counts()
    first = counts.index.min()
    others = counts[counts.index != first]
    return first if len(others) and counts[first] > STOCK * others.median() and counts[first] >= 20 else None


def months(listings: Listings, dated: Dated, prices: Asked) -> tuple[Month, ...]:
    """What the listings of each month ask; those that stood before the record began are left out."""
    days = dated.days if dated.stock is None else dated.days.where(dated.days != dated.stock)
    known = days.notna().to_numpy()
    if not known.any():
        return ()
    number = (days.dt.year * 12 + days.dt.month - 1).fillna(-1).to_numpy(np.int64)
    first, last = max(int(number[known].min()), int(number.max()) - MOST_MONTHS + 1), int(number.max())
    place = np.where(known & (number >= first), number - first, -1)
    typical = typical_levels(listings, place, last - first + 1)
    return tuple(_month(first + k, prices, place == k, typical[k]) for k in range(last - first + 1))


def _month(number: int, prices: Asked, rows: NDArray[np.bool_], typical: float | None) -> Month:
    line = prices.line(Text("", ""), rows)
    name = f"{number // 12:04d}-{number % 12 + 1:02d}"
    return Month(name, line.listings, line.median, line.per_unit, typical if line.listings >= FEW else None, line.few)


def weeks(dated: Dated) -> tuple[Week, ...]:
    """Listings first seen in each week, empty weeks included, without those that stood before the record began."""
    if not dated.noted:
        return ()
    days = dated.days.dropna()
    begin, end = days.min(), days.max()
    if dated.stock is not None:
        days, begin = days[days != dated.stock], dated.stock + DAY
    if days.empty:
        return ()
    mondays = days - pd.to_timedelta(days.dt.day_of_week, unit="D")
    counts = mondays.value_counts()
    last = mondays.max()
    every = pd.date_range(max(mondays.min(), last - (MOST_WEEKS - 1) * 7 * DAY), last, freq="7D")
    return tuple(
        Week(monday.date().isoformat(), int(counts.get(monday, 0)), bool(monday >= begin and monday + 6 * DAY <= end))
        for monday in every
    )


def cuts(prices: pd.DataFrame | None, seen: pd.DataFrame | None) -> Cuts | None:
    """The price changes of the listings followed, or None where no price was seen more than once.

    prices : ``row``, ``seen_on``, ``price``, every price a listing has had.
    """
    if prices is None or prices.empty:
        return None
    ordered = prices.sort_values(["row", "seen_on"], kind="stable")
    before = ordered.groupby("row")["price"].shift()
    change = (ordered["price"] / before - 1)[before.notna() & (before > 0) & (ordered["price"] != before)]
    doubtful = (change < -LARGEST_CHANGE) | (change > 1 / (1 - LARGEST_CHANGE) - 1)
    believed = change[~doubtful]
    lower = believed[believed < 0]
    followed = _followed(ordered, seen)
    if not followed:
        return None
    cut = int(ordered.loc[lower.index, "row"].nunique())
    size = None if lower.empty else float(-lower.median())
    return Cuts(max(followed, cut), cut, len(lower), int((believed > 0).sum()), size, int(doubtful.sum()))


def _followed(prices: pd.DataFrame, seen: pd.DataFrame | None) -> int:
    """How many listings were seen on two days at least."""
    changed = prices["row"].value_counts()
    rows = set(changed.index[changed > 1])
    if seen is not None and {"first_seen", "last_seen"} <= set(seen.columns):
        rows |= set(np.flatnonzero((seen["last_seen"] > seen["first_seen"]).to_numpy()).tolist())
    return len(rows)
