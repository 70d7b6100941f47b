"""One cell of a listing in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from perla.listings import Column, Kind, Market
from perla.words import Text, money, number, quantity, same

LONGEST = 60
YES, NO = Text("yes", "sí"), Text("no", "no")
YEARS = (1500, 2200)


def cell_text(column: Column, value: Any, market: Market) -> Text:
    """The value with its unit; ``-`` when missing.

    >>> area = Column("area", Kind.QUANTITY, "m2")
    >>> cell_text(area, 83.0, Market("m", "price", "COP", (area,))).es
    '83 m²'
    """
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return same("-")
    if column.kind is Kind.YES_NO:
        return YES if float(value) >= 0.5 else NO
    if column.kind is Kind.DATE:
        return same(pd.Timestamp(value).date().isoformat())
    if column.kind in (Kind.LATITUDE, Kind.LONGITUDE):
        return same(f"{float(value):.4f}")
    if column.kind in (Kind.QUANTITY, Kind.COUNT):
        return _measured(column, float(value), market)
    text = " ".join(str(value).split())
    return same(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def _measured(column: Column, value: float, market: Market) -> Text:
    if column.unit and column.unit.upper() == market.currency.upper():
        return money(value, market.currency)
    if column.name == market.price:
        return money(value, market.currency)
    if not column.unit and value.is_integer() and YEARS[0] <= value <= YEARS[1]:
        return same(f"{value:.0f}")
    if column.kind is Kind.COUNT:
        return number(value, 1, market.currency)
    return quantity(value, column.unit, market.currency)
