"""The surprise matrix in the market's own columns, and one listing's surprises in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.cells import cell_text, expected_count, is_year
from perla.bargains.evidence import PRICE, Evidence
from perla.bargains.findings import Surprise
from perla.listings import Column, Kind, Market
from perla.listings.wish import Wish
from perla.prepare import column_of
from perla.words import Text, money, rounded, same

MOST = 12


def surprise_table(evidence: Evidence, market: Market, index: pd.Index) -> pd.DataFrame:
    """Signed surprise of the price and of every modelled column, float32 (n, columns).

    Of a column that became several numbers (the topics of a text) the oddest stands for it.
    """
    names = market.price, *told_columns(evidence)
    return pd.DataFrame({name: surprise_of(evidence, name, market) for name in names}, index=index)


def told_columns(evidence: Evidence) -> list[str]:
    """The market's columns, without the price, whose surprise is told of."""
    names = dict.fromkeys(column_of(name) for name in evidence.surprise.columns if name != PRICE)
    return [name for name in names if evidence.limits.get(name, 1.0) > 0]


def surprise_of(evidence: Evidence, name: str, market: Market) -> NDArray[np.float32]:
    """Signed surprise of the price or of one modelled column, float32 (n,)."""
    if name == market.price:
        return evidence.price_z.astype(np.float32)
    columns = evidence.surprise.columns
    z = evidence.surprise.z[:, [j for j, n in enumerate(columns) if n != PRICE and column_of(n) == name]]
    if z.shape[1] == 1:
        return z[:, 0]
    oddest = np.abs(np.nan_to_num(z)).argmax(axis=1)
    return np.asarray(np.take_along_axis(z, oddest[:, None], axis=1)[:, 0])


def surprises_of(row: int, evidence: Evidence, values: Mapping[str, Any], wish: Wish, market: Market) -> list[Surprise]:
    """Those of the listing in this row, whose checked cells are these: the price first, then the oddest columns."""
    evidence, row = evidence.take(np.array([row])), 0
    expected = float(np.exp(evidence.estimates.expected[row]))
    price = Surprise(
        market.price,
        _price_title(market),
        money(float(values[market.price]), market.currency),
        money(rounded(expected), market.currency),
        float(evidence.price_z[row]),
        wish.direction(market.price) != 0,
    )
    others = []
    for name in told_columns(evidence):
        z = float(surprise_of(evidence, name, market)[row])
        if name == market.price or not np.isfinite(z):
            continue
        column = market.column(name)
        should_be = _expected_text(row, column, evidence, market, values[name])
        actual = cell_text(column, values[name], market)
        others.append(Surprise(name, column.title, actual, should_be, z, wish.direction(name) != 0))
    others.sort(key=lambda s: (not s.wished, -abs(s.z)))
    return [price, *others[:MOST]]


def _price_title(market: Market) -> Text:
    known = {c.name for c in market.columns}
    return market.column(market.price).title if market.price in known else Text("asking price", "precio pedido")


def _expected_text(row: int, column: Column, evidence: Evidence, market: Market, actual: Any) -> Text:
    prepared, surprise = evidence.prepared, evidence.surprise
    if column.kind is Kind.CATEGORY and column.name in prepared.category_names:
        j = prepared.category_names.index(column.name)
        code = int(surprise.expected_categories[row, j])
        levels = evidence.levels.get(column.name, ())
        return same(levels[code]) if 0 <= code < len(levels) else Text("another", "otro")
    if column.kind in (Kind.QUANTITY, Kind.COUNT, Kind.YES_NO, Kind.LATITUDE, Kind.LONGITUDE):
        scale = prepared.scales[prepared.names.index(column.name)]
        scaled = surprise.expected_numbers[row, surprise.columns.index(column.name)]
        value = float(scale.back(np.array([float(scaled)]))[0])
        if column.kind is Kind.COUNT or is_year(column):
            return cell_text(column, expected_count(column, value, actual), market)
        return cell_text(column, round(value, 1) if not column.unit else rounded(value), market)
    return same("-")
