"""A market in parts a reader knows: fifths of price, its main categories, its regions, its months."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.listings import Column, Kind, Market
from perla.listings.drafting.meanings import meaning_of
from perla.words import Text, fill, money, rounded, same

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
FEWEST, MOST = 20, 8  # listings of a part worth a line; parts besides the others
MOST_SEGMENTS = 2
MOST_COUNTS = 12
FEWEST_FOR_FIFTHS = 50
MOSTLY = 0.5
OTHERS, UNKNOWN = Text("others", "otros"), Text("not told", "sin dato")
REGIONS = ("city", "locality", "sector", "neighbourhood", "region", "postcode", "location")
SEGMENTS = ("property type", "type", "make", "segment", "body")
NOT_OF_THE_AD = ("registration", "built", "renovated", "year", "cadastre year")
LONGEST_IN_MONTHS, LONGEST_IN_QUARTERS = 18, 72  # months
SIDES = (
    (Text("south-west", "suroccidente"), Text("south", "sur"), Text("south-east", "suroriente")),
    (Text("west", "occidente"), Text("centre", "centro"), Text("east", "oriente")),
    (Text("north-west", "noroccidente"), Text("north", "norte"), Text("north-east", "nororiente")),
)


@dataclass(frozen=True)
class Part:
    """One way to part n listings. codes : (n,), the place of each one's name in ``names``."""

    kind: str
    title: Text
    names: tuple[Text, ...]
    codes: Ints


def market_parts(
    values: pd.DataFrame, market: Market, value: Floats, importance: Mapping[str, float], date: str | None
) -> list[Part]:
    """Every way in which these listings can be parted in at least two.

    values : checked cells (n, columns). value : log of what each is worth, (n,). importance : share of each column in
    moving the price. date : the column that tells when a listing stood, or None (see ``date_column``).
    """
    region = _region_column(values, market, importance)
    parts = [_fifths(value, market)]
    parts += [_by_words("segment", c, values) for c in _segment_columns(values, market, importance, region)]
    parts.append(_regions(region, values, market))
    parts.append(_periods(values[date]) if date is not None else None)
    return [part for part in parts if part is not None and len(part.names) > 1]


def date_column(values: pd.DataFrame, market: Market) -> str | None:
    """The column that tells when a listing stood: the first date that is not of the thing itself, or None.

    A car's first registration and the year a home was built say nothing of the time of the ad.
    """
    for name in market.named(Kind.DATE):
        meaning = meaning_of(name)
        if (meaning is None or meaning.key not in NOT_OF_THE_AD) and values[name].nunique() > 1:
            return name
    return None


def _fifths(value: Floats, market: Market) -> Part | None:
    if len(value) < FEWEST_FOR_FIFTHS or np.ptp(value) <= 0:
        return None
    edges = np.unique(np.quantile(value, [0.2, 0.4, 0.6, 0.8]))
    told = [_amount(float(np.exp(e)), market.currency) for e in edges]
    names = (
        fill("up to {price}", "hasta {price}", price=told[0]),
        *(fill("{low} to {high}", "{low} a {high}", low=a, high=b) for a, b in pairwise(told)),
        fill("from {price}", "desde {price}", price=told[-1]),
    )
    title = Text("by fifth of price", "por quinto de precio")
    return Part("fifth", title, names, np.searchsorted(edges, value, side="left").astype(np.int64))


def _amount(amount: float, currency: str) -> Text:
    """To three figures, large ones in millions."""
    return money(rounded(amount) / 1e6, currency) + same(" M") if amount >= 1e8 else money(rounded(amount), currency)


def _region_column(values: pd.DataFrame, market: Market, importance: Mapping[str, float]) -> Column | None:
    named = [c for c in _categories(values, market) if _key(c) in REGIONS]
    return max(named, key=lambda c: importance.get(c.name, 0.0), default=None)


def _regions(column: Column | None, values: pd.DataFrame, market: Market) -> Part | None:
    """By name where a few names hold most listings, else by the compass where there are coordinates."""
    compass = _compass(values, market)
    if column is None:
        return compass
    named = _by_words("region", column, values)
    listed = np.isin(named.codes, [k for k, name in enumerate(named.names) if name not in (OTHERS, UNKNOWN)])
    return named if compass is None or listed.mean() >= MOSTLY else compass


def _segment_columns(
    values: pd.DataFrame, market: Market, importance: Mapping[str, float], region: Column | None
) -> list[Column]:
    """Type and make where there are such, else the words, else the counts, that move the price most."""
    words = [c for c in _categories(values, market) if c is not region and _key(c) not in REGIONS]
    words.sort(key=lambda c: (_key(c) not in SEGMENTS, -importance.get(c.name, 0.0)))
    counts = [
        c
        for c in market.modelled
        if c.kind is Kind.COUNT and c.name in values and 1 < values[c.name].nunique() <= MOST_COUNTS
    ]
    return words[:MOST_SEGMENTS] or sorted(counts, key=lambda c: -importance.get(c.name, 0.0))[:1]


def _categories(values: pd.DataFrame, market: Market) -> list[Column]:
    """Modelled words of which at least one stands in enough listings."""
    words = [c for c in market.modelled if c.kind is Kind.CATEGORY and c.name in values]
    return [c for c in words if (values[c.name].value_counts() >= FEWEST).any() and values[c.name].nunique() > 1]


def _key(column: Column) -> str:
    meaning = meaning_of(column.name)
    return "" if meaning is None else meaning.key


def _by_words(kind: str, column: Column, values: pd.DataFrame) -> Part:
    """The most frequent values of a column, each with enough listings, then all others."""
    cells = values[column.name]
    counts = cells.value_counts()
    shown: list[Any] = [v for v, n in counts.items() if n >= FEWEST][:MOST]
    shown = sorted(shown) if column.kind is Kind.COUNT else shown
    place = {value: k for k, value in enumerate(shown)}
    codes = cells.map(place).astype(float).to_numpy(np.float64, na_value=np.nan)
    numbered: Ints = np.where(np.isnan(codes), len(shown) + cells.isna().to_numpy(), codes).astype(np.int64)
    names = [same(f"{v:g}" if isinstance(v, float) else v) for v in shown]
    return _present(Part(kind, _by(column), (*names, OTHERS, UNKNOWN), numbered))


def _by(column: Column) -> Text:
    return fill("by {column}", "por {column}", column=_lower(column.title))


def _lower(title: Text) -> Text:
    return Text(title.en[:1].lower() + title.en[1:], title.es[:1].lower() + title.es[1:])


def _compass(values: pd.DataFrame, market: Market) -> Part | None:
    """Thirds of latitude by thirds of longitude, named by the compass."""
    names = market.first(Kind.LATITUDE), market.first(Kind.LONGITUDE)
    if names[0] not in values or names[1] not in values:
        return None
    lat, lon = (values[str(n)].to_numpy(np.float64) for n in names)
    known = np.isfinite(lat) & np.isfinite(lon)
    if known.sum() < FEWEST:
        return None
    rows = np.searchsorted(np.quantile(lat[known], [1 / 3, 2 / 3]), lat)
    columns = np.searchsorted(np.quantile(lon[known], [1 / 3, 2 / 3]), lon)
    codes = np.where(known, rows * 3 + columns, 9).astype(np.int64)
    title = Text("by part of the map", "por zona del mapa")
    return _present(Part("region", title, (*(t for row in SIDES for t in row), UNKNOWN), codes))


def _periods(dates: pd.Series) -> Part | None:
    """Months, quarters or years, so that there are not too many."""
    known = dates.dropna()
    if known.nunique() < 2:
        return None
    months = (known.max().year - known.min().year) * 12 + known.max().month - known.min().month + 1
    step = "M" if months <= LONGEST_IN_MONTHS else "Q" if months <= LONGEST_IN_QUARTERS else "Y"
    periods = dates.dt.to_period(step)
    every = sorted(periods.dropna().unique())
    codes = periods.map({p: k for k, p in enumerate(every)}).astype(float).fillna(len(every)).to_numpy(np.int64)
    title = {
        "M": Text("by month", "por mes"), "Q": Text("by quarter", "por trimestre"), "Y": Text("by year", "por año"),
    }[step]  # fmt: skip
    return _present(Part("time", title, (*(_period_name(p, step) for p in every), UNKNOWN), codes))


def _period_name(period: pd.Period, step: str) -> Text:
    if step == "Q":
        return Text(f"{period.year} Q{period.quarter}", f"{period.year} T{period.quarter}")
    return same(str(period))


def _present(part: Part) -> Part:
    """Without the names no listing has."""
    kept, codes = np.unique(part.codes, return_inverse=True)
    return Part(part.kind, part.title, tuple(part.names[k] for k in kept), codes.astype(np.int64))
