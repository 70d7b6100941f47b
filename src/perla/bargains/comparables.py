"""Comparables: the listings most like the subject in what matters for the price, laid out as an appraiser's grid.

Two listings are alike when each attribute moves their expected price by the same amount (SHAP contributions of the
boosted trees; Lundberg et al., 2020), so a difference in something that costs nothing here counts for nothing. The
same amounts say what each difference is worth, and they add up to the comparable's adjusted price.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.cells import cell_text
from perla.bargains.findings import Comparable, Difference
from perla.bargains.known import Known
from perla.listings import Kind, Market
from perla.prepare import Prepared, column_of
from perla.valuation import Valuation
from perla.words import Text, fill, number, same

Floats = NDArray[np.float64]
POOL = 12  # the most alike by the hedonic ruler, among whom the trees' contributions choose
ALIKE = 0.5  # log-price distance at which similarity has fallen to 1/e
PLACE = "(place)"  # latitude and longitude count as one thing
OTHER_LEVEL = 0.05  # a different category is a difference even where it costs the same
MOST_DIFFERENCES = 8
PLACE_TITLE, HERE = Text("place", "ubicación"), Text("here", "aquí")


@dataclass(frozen=True)
class Contributions:
    """What each column of the market adds to the log price of n listings, (n, columns); ``base``: the typical one."""

    columns: tuple[str, ...]
    values: Floats
    base: float = 0.0

    def take(self, rows: NDArray[np.int64]) -> Contributions:
        """Only these rows."""
        return Contributions(self.columns, self.values[rows], self.base)


def contributions(valuation: Valuation, prepared: Prepared, fold: int) -> Contributions:
    """Parts of one column (the topics of a text) count together; so do the coordinates, as PLACE."""
    told = valuation.contributions(prepared, fold)
    values, base = told[:, :-1], float(told[0, -1]) if len(told) else 0.0
    coordinates = (valuation.latitude, valuation.longitude)
    owners = [PLACE if column_of(name) in coordinates else column_of(name) for name in prepared.tree_names]
    columns = tuple(dict.fromkeys(owners))
    summed = np.column_stack([values[:, [o == c for o in owners]].sum(axis=1) for c in columns])
    return Contributions(columns, summed, base)


def find_comparables(
    known: Known, subject: Mapping[str, Any], pool: NDArray[np.int64], parts: Contributions, count: int
) -> tuple[Comparable, ...]:
    """The ``count`` most similar of a pool of known listings.

    subject : the subject's checked values. pool : positions in ``known``, none of them the subject or its
    twin. parts : contributions of the subject (row 0) and of the pool (rows 1..).
    """
    apart = np.abs(parts.values[1:] - parts.values[0]).sum(axis=1) + OTHER_LEVEL * _other_levels(known, subject, pool)
    order = np.argsort(apart, kind="stable")[:count]
    return tuple(
        _comparable(known, subject, int(pool[k]), parts.columns, parts.values[0] - parts.values[k + 1], apart[k])
        for k in order
    )


def _other_levels(known: Known, values: Mapping[str, Any], pool: NDArray[np.int64]) -> Floats:
    names = [c.name for c in known.listings.market.modelled if c.kind is Kind.CATEGORY]
    rows = [known.rows.row(int(place)) for place in pool]
    return np.array([sum(row[name] != values[name] for name in names) for row in rows], np.float64)


def _comparable(
    known: Known, subject: Mapping[str, Any], row: int, columns: tuple[str, ...], worth: Floats, apart: float
) -> Comparable:
    own, original, market = known.rows.row(row), known.originals.row(row), known.listings.market
    asking = float(own[market.price])
    total = float(worth.sum())
    per_unit = asking * (np.expm1(total) / total if abs(total) > 1e-9 else 1.0)
    link = market.first(Kind.LINK)
    return Comparable(
        listing_id=str(known.listings.ids.array[row]),
        original=original,
        asking_price=asking,
        adjusted_price=asking * float(np.exp(total)),
        similarity=float(np.exp(-apart / ALIKE)),
        differences=_differences(market, subject, own, columns, worth * per_unit),
        link=str(original[link]) if link and pd.notna(original[link]) else "",
    )


def _differences(
    market: Market, subject: Mapping[str, Any], other: Mapping[str, Any], columns: tuple[str, ...], money: Floats
) -> tuple[Difference, ...]:
    """The lines that differ, most money first; the lines after the first few are one line together."""
    lines = []
    for name, amount in zip(columns, money, strict=True):
        if name == PLACE:
            lines.append(Difference(name, PLACE_TITLE, HERE, _distance(market, subject, other), float(amount)))
            continue
        column = market.column(name)
        mine, theirs = cell_text(column, subject[name], market), cell_text(column, other[name], market)
        lines.append(Difference(name, column.title, mine, theirs, float(amount)))
    lines.sort(key=lambda line: -abs(line.adjustment))
    return tuple(lines[:MOST_DIFFERENCES]) + _rest(lines[MOST_DIFFERENCES:])


def title_of(name: str, market: Market) -> Text:
    """What a person calls a column of Contributions."""
    return PLACE_TITLE if name == PLACE else market.column(name).title


def _distance(market: Market, subject: Mapping[str, Any], other: Mapping[str, Any]) -> Text:
    """How far away the other listing is, on the sphere."""
    names = [market.first(Kind.LATITUDE), market.first(Kind.LONGITUDE)]
    here, there = (np.radians([float(row[str(n)]) for n in names]) for row in (subject, other))
    if not np.isfinite([*here, *there]).all():
        return same("-")
    across = (there[1] - here[1]) * np.cos((here[0] + there[0]) / 2)
    metres = 6_371_000 * float(np.hypot(there[0] - here[0], across))
    shown = number(round(metres, -1)) + same(" m") if metres < 950 else number(metres / 1000, 1) + same(" km")
    return fill("{far} away", "a {far}", far=shown)


def _rest(lines: list[Difference]) -> tuple[Difference, ...]:
    if not lines:
        return ()
    title = Text(f"{len(lines)} smaller differences", f"{len(lines)} diferencias menores")
    return (Difference("", title, same("-"), same("-"), sum(line.adjustment for line in lines)),)
