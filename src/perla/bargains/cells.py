"""One cell of a listing in words."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from perla.listings import Column, Kind, Market
from perla.listings.drafting.meanings import covers_whole_name, meaning_of
from perla.words import Text, money, number, quantity, same

LONGEST = 60
YES, NO = Text("yes", "sí"), Text("no", "no")
YEARS = (1500, 2200)
YEAR_MEANINGS = ("year", "model", "built", "cadastre year", "renovated", "published year")


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


def is_year(column: Column) -> bool:
    """Whether a column holds years, by its name or its range: they are written whole, without a separator."""
    if column.kind not in (Kind.QUANTITY, Kind.COUNT) or column.unit not in ("", "year"):
        return False
    meaning = meaning_of(column.name)
    named = meaning is not None and meaning.key in YEAR_MEANINGS and covers_whole_name(meaning, column.name)
    return named or (column.low is not None and column.low >= YEARS[0] and (column.high or YEARS[1]) <= YEARS[1])


def expected_count(column: Column, expected: float, actual: float) -> float:
    """An expected count as a person says it: whole, unless that would hide the difference or halves are usual here.

    >>> expected_count(Column("rooms", Kind.COUNT), 2.8, 5.0), expected_count(Column("rooms", Kind.COUNT), 2.6, 3.0)
    (3.0, 2.6)
    """
    if not math.isfinite(expected):
        return expected
    whole = float(round(expected))
    if is_year(column) or (float(actual).is_integer() and whole != actual):
        return whole
    return round(expected, 1)


def _measured(column: Column, value: float, market: Market) -> Text:
    if column.unit and column.unit.upper() == market.currency.upper():
        return money(value, market.currency)
    if column.name == market.price:
        return money(value, market.currency)
    if YEARS[0] <= value <= YEARS[1] and (is_year(column) or (not column.unit and value.is_integer())):
        return same(f"{value:.0f}")
    if column.kind is Kind.COUNT:
        return number(value, 1, market.currency)
    return quantity(value, column.unit, market.currency)
