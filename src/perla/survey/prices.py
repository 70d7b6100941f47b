"""What listings ask: overall, by the words of a column, and on the map."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.listings import Column, Kind, Listings, Market
from perla.listings.drafting.meanings import covers_whole_name, meaning_of
from perla.survey.facts import Cell, Map, PriceLine, Prices
from perla.words import Text, same

Floats = NDArray[np.float64]
FEW = 10  # below so many listings a median is marked: it may be off by a fifth
FEWEST_SHOWN = 3  # below so many none is told
MOST_LINES = 12
AREAS = ("region", "city", "locality", "sector", "neighbourhood", "postcode", "location")  # the widest first
KINDS = ("property type", "type", "make", "model", "body", "segment")
SIZES = ("area", "lot")
LEAST_FILLED = 0.3
ALL, OTHERS, UNKNOWN = Text("all", "todos"), Text("others", "otros"), Text("not told", "sin dato")
ACROSS = 20  # cells on the longer side of the middle of the map
STEPS = (1.0, 2.0, 2.5, 5.0)
FAR = 3.0  # spans of the middle nine tenths
MOST_CELLS = 1500


@dataclass(frozen=True)
class Asked:
    """Asking prices of n listings, and their sizes, both (n,); NaN for a size not known."""

    price: Floats
    size: Floats | None

    def line(self, name: Text, rows: NDArray[np.bool_] | None = None) -> PriceLine:
        """What all of them, or those in ``rows``, ask."""
        price = self.price if rows is None else self.price[rows]
        size = self.size if rows is None or self.size is None else self.size[rows]
        n = len(price)
        if n < FEWEST_SHOWN:
            return PriceLine(name, n, None, None, None, None, True)
        low, median, high = (float(q) for q in np.quantile(price, [0.25, 0.5, 0.75]))
        few = n < FEW
        return PriceLine(name, n, median, None if few else low, None if few else high, _per_unit(price, size), few)


def asked(listings: Listings, size: Column | None) -> Asked:
    """The prices and sizes of listings."""
    known = None if size is None else listings.values[size.name].to_numpy(np.float64)
    return Asked(listings.prices.to_numpy(np.float64), known)


def _per_unit(price: Floats, size: Floats | None) -> float | None:
    if size is None:
        return None
    known = size > 0
    return float(np.median(price[known] / size[known])) if known.sum() >= FEWEST_SHOWN else None


def size_column(listings: Listings) -> Column | None:
    """The column prices are divided by: a floor area, else the area of a lot; None where there is none."""
    for key in SIZES:
        found = [
            c
            for c in listings.market.modelled
            if c.kind is Kind.QUANTITY and c.name in listings.values and _key(c) == key
        ]
        found.sort(key=lambda c: (not _says_no_more(c), len(c.name)))
        filled = [c for c in found if (listings.values[c.name] > 0).mean() >= LEAST_FILLED]
        if filled:
            return filled[0]
    return None


def _says_no_more(column: Column) -> bool:
    meaning = meaning_of(column.name)
    return meaning is not None and covers_whole_name(meaning, column.name)


def _key(column: Column) -> str:
    """What a column means, by its name, else by what people call it; empty where nobody knows."""
    meaning = meaning_of(column.name) or meaning_of(column.title.en)
    return "" if meaning is None else meaning.key


def prices_by(listings: Listings, prices: Asked, keys: tuple[str, ...]) -> tuple[Prices, ...]:
    """Prices by every word column of these meanings that parts the listings, in the order of the meanings."""
    columns = [c for c in listings.market.modelled if c.kind is Kind.CATEGORY and _key(c) in keys]
    columns = [c for c in columns if _key(c) != "location" or _says_no_more(c)]  # a floor's is no place
    columns = [c for c in columns if c.name in listings.values and listings.values[c.name].nunique() > 1]
    columns.sort(key=lambda c: keys.index(_key(c)))
    return tuple(_by_words(c, listings.values[c.name], prices) for c in columns)


def _by_words(column: Column, cells: pd.Series, prices: Asked) -> Prices:
    codes, words = pd.factorize(cells)
    counts = np.bincount(codes[codes >= 0], minlength=len(words))
    order = sorted(range(len(words)), key=lambda k: (-counts[k], str(words[k])))
    shown = order[:MOST_LINES]
    lines = tuple(prices.line(same(str(words[k])), codes == k) for k in shown)
    rest = (codes >= 0) & ~np.isin(codes, shown)
    others = prices.line(OTHERS, rest) if rest.any() else None
    unknown = prices.line(UNKNOWN, codes < 0) if (codes < 0).any() else None
    return Prices(column.name, column.title, lines, others, unknown, len(words))


def price_map(values: pd.DataFrame, market: Market, prices: Asked) -> Map | None:
    """The listings by rectangles of about equal height and width in kilometres; None where there are no places."""
    names = market.first(Kind.LATITUDE), market.first(Kind.LONGITUDE)
    if names[0] not in values or names[1] not in values:
        return None
    lat, lon = (values[str(name)].to_numpy(np.float64) for name in names)
    placed = np.isfinite(lat) & np.isfinite(lon)
    if not placed.any():
        return None
    drawn = placed & _near(lat, placed) & _near(lon, placed)
    squeeze = max(0.1, math.cos(math.radians(float(np.median(lat[placed])))))
    step = _step(max(_span(lat[drawn]), _span(lon[drawn]) * squeeze) / ACROSS)
    wide = step / squeeze
    rows, columns = (np.floor(a[drawn] / s).astype(np.int64) for a, s in ((lat, step), (lon, wide)))
    at = np.flatnonzero(drawn)
    grid = pd.DataFrame({"row": rows, "column": columns}).groupby(["row", "column"], sort=False).ngroup()
    cells = []
    for places in grid.groupby(grid).indices.values():
        first = int(places[0])
        cells.append(_cell((int(rows[first]), int(columns[first])), step, wide, prices, at[places]))
    cells.sort(key=lambda c: (-c.listings, c.south, c.west))
    return Map(step, tuple(cells[:MOST_CELLS]), int(placed.sum()), int((~placed).sum()), int((placed & ~drawn).sum()))


def _cell(place: tuple[int, int], step: float, wide: float, prices: Asked, rows: NDArray[np.int64]) -> Cell:
    (row, column), price = place, prices.price[rows]
    told = len(rows) >= FEWEST_SHOWN
    per_unit = _per_unit(price, None if prices.size is None else prices.size[rows]) if told else None
    sides = (row * step, column * wide, (row + 1) * step, (column + 1) * wide)
    south, west, north, east = (round(side, 6) for side in sides)
    median = float(np.median(price)) if told else None
    return Cell(south, west, north, east, len(rows), median, per_unit, len(rows) < FEW)


def _near(places: Floats, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which places are not far outside the middle nine tenths."""
    low, high = np.quantile(places[known], [0.05, 0.95])
    margin = FAR * max(high - low, 1e-3)
    return np.asarray((places >= low - margin) & (places <= high + margin))


def _span(places: Floats) -> float:
    low, high = np.quantile(places, [0.02, 0.98])
    return float(high - low)


def _step(wanted: float) -> float:
    """The nearest round number of degrees from above."""
    wanted = max(wanted, 0.001)
    power = 10.0 ** math.floor(math.log10(wanted))
    return next((s * power for s in STEPS if s * power >= wanted * (1 - 1e-9)), 10 * power)
