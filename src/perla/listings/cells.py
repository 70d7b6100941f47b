"""One column's cells -> typed values and the doubts about them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.listings.dates import parse_dates
from perla.listings.listings import Doubt
from perla.listings.market import Column, Kind
from perla.listings.numbers import is_empty, parse_numbers, parse_yes_no
from perla.words import Text, fill, number, quantity, same

_LIMITS = {Kind.LATITUDE: 90.0, Kind.LONGITUDE: 180.0}
_LONGEST_SHOWN = 60
_LARGEST_WHOLE = 1e15
_BLANKS = re.compile(r"\s+")


@dataclass(frozen=True)
class CheckedColumn:
    """Typed values of one column (NaN where missing or hidden) and a doubt for every hidden cell."""

    values: pd.Series
    doubts: tuple[Doubt, ...] = ()


def check_column(cells: pd.Series, column: Column, currency: str = "") -> CheckedColumn:
    """The cells of a column as its kind says; a cell that cannot be what it says is hidden, with a doubt.

    >>> area = Column("area", Kind.QUANTITY, unit="m2", low=10, high=1_000)
    >>> found = check_column(pd.Series(["83 m²", "2.000.000", "?", "big"]), area)
    >>> found.values.tolist(), [d.row for d in found.doubts]
    ([83.0, nan, nan, nan], [1, 3])
    """
    if len(cells) == 1 and cells.index[0] == 0 and isinstance(cells.iat[0], str | int | float):
        return _check_alone(cells.iat[0], str(cells.dtype), column, currency)
    return _check(cells, column, currency)


@lru_cache(maxsize=20_000)
def _check_alone(cell: str | float, dtype: str, column: Column, currency: str) -> CheckedColumn:
    """One listing's cell: a service is sent the same words and counts again and again."""
    return _check(pd.Series([cell], dtype=dtype), column, currency)


def _check(cells: pd.Series, column: Column, currency: str) -> CheckedColumn:
    if column.kind in (Kind.QUANTITY, Kind.COUNT, Kind.LATITUDE, Kind.LONGITUDE):
        return _check_numbers(cells, column, currency)
    if column.kind is Kind.YES_NO:
        parsed = parse_yes_no(cells)
        return CheckedColumn(parsed.values, _unreadable(cells, parsed.unreadable.to_numpy(bool), column, _NO_YES_NO))
    if column.kind is Kind.DATE:
        dates = parse_dates(cells)
        return CheckedColumn(dates.values, _unreadable(cells, dates.unreadable.to_numpy(bool), column, _NO_DATE))
    return CheckedColumn(unify_words(cells) if column.kind is Kind.CATEGORY else as_words(cells))


_NO_NUMBER = ("{title}: {value!r} cannot be read as a number", "{title}: {value!r} no se puede leer como número")
_NO_YES_NO = ("{title}: {value!r} is neither yes nor no", "{title}: {value!r} no es ni sí ni no")
_NO_DATE = ("{title}: {value!r} cannot be read as a date", "{title}: {value!r} no se puede leer como fecha")


def _check_numbers(cells: pd.Series, column: Column, currency: str) -> CheckedColumn:
    parsed = parse_numbers(cells, column.unit)
    values = parsed.values
    plain = values.to_numpy()
    limit = _LIMITS.get(column.kind, float("inf"))
    low = max(-limit, float("-inf") if column.low is None else column.low)
    high = min(limit, float("inf") if column.high is None else column.high)
    too_low, too_high = plain < low, plain > high

    def below(value: object) -> Text:
        return _outside(column, float(str(value)), low, Text("below", "por debajo de"), currency)

    def above(value: object) -> Text:
        return _outside(column, float(str(value)), high, Text("above", "por encima de"), currency)

    doubts = (
        *_unreadable(cells, parsed.unreadable.to_numpy(bool), column, _NO_NUMBER),
        *_doubts(cells, too_low, column, below, values),
        *_doubts(cells, too_high, column, above, values),
    )
    inside = values.mask(too_low | too_high) if doubts else values
    return CheckedColumn(inside, tuple(sorted(doubts, key=lambda d: d.row)))


def _outside(column: Column, value: float, bound: float, side: Text, currency: str) -> Text:
    if column.kind in _LIMITS:
        shown, limit = number(value, 6, currency), number(bound, 6, currency)
    elif column.kind is Kind.COUNT and not column.unit:
        shown, limit = _counted(value, currency), _counted(bound, currency)
    else:
        shown, limit = quantity(value, column.unit, currency), quantity(bound, column.unit, currency)
    return fill(
        "{title} {value}: {side} the plausible {limit}",
        "{title} {value}: {side} lo plausible ({limit})",
        title=column.title, value=shown, side=side, limit=limit,
    )  # fmt: skip


def _counted(value: float, currency: str) -> Text:
    """A count; 2060 may be a year, so four digits are not grouped."""
    return same(f"{value:.0f}") if 1_000 <= value < 10_000 and float(value).is_integer() else number(value, 2, currency)


def _unreadable(
    cells: pd.Series, where: NDArray[np.bool_], column: Column, words: tuple[str, str]
) -> tuple[Doubt, ...]:
    def reason(value: object) -> Text:
        return fill(*words, title=column.title, value=shown_cell(value))

    return _doubts(cells, where, column, reason, cells, implausible=False)


def _doubts(
    cells: pd.Series,
    where: NDArray[np.bool_],
    column: Column,
    reason: Callable[[object], Text],
    about: pd.Series,
    implausible: bool = True,
) -> tuple[Doubt, ...]:
    """A doubt for each cell where ``where``; each distinct cell's reason is written once."""
    places = np.flatnonzero(where)
    if not len(places):
        return ()
    reasons: dict[object, Text] = {}
    doubts = []
    for row, cell, value in zip(places, cells.iloc[places], about.iloc[places], strict=True):
        if value not in reasons:
            reasons[value] = reason(value)
        doubts.append(Doubt(int(row), column.name, shown_cell(cell), reasons[value], implausible))
    return tuple(doubts)


def shown_cell(value: object) -> str:
    """A cell as a report shows it: one line, not endless."""
    text = _BLANKS.sub(" ", plain_text(value))
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"


def plain_text(value: object) -> str:
    """A cell as text; 123.0 as ``123``.

    >>> plain_text(123.0), plain_text("=cmd()")
    ('123', '=cmd()')
    """
    if isinstance(value, float) and abs(value) < _LARGEST_WHOLE and value.is_integer():
        return str(int(value))
    return str(value)


def as_words(cells: pd.Series) -> pd.Series:
    """Cells as text, as they stand but without blanks at the ends; an empty-like cell is missing."""
    codes, distinct = pd.factorize(cells.astype(object))
    texts = pd.Series([plain_text(v).strip() for v in distinct], dtype="str")
    texts = texts.mask(is_empty(texts))
    return _spread(texts, codes, cells.index)


def unify_words(cells: pd.Series) -> pd.Series:
    """Categories: blanks made single, spellings that differ in case or accents unified to the most frequent one.

    >>> unify_words(pd.Series(["Belén", "belen ", "Belén", " N/A", "Laureles"])).tolist()
    ['Belén', 'Belén', 'Belén', nan, 'Laureles']
    """
    codes, distinct = pd.factorize(cells.astype(object))
    texts = pd.Series([_BLANKS.sub(" ", plain_text(v)).strip() for v in distinct], dtype="str")
    if len(texts) < 2:  # one listing alone: nothing to unify
        return _spread(texts.mask(is_empty(texts)), codes, cells.index)
    keys = pd.Series([_key(t) for t in texts], dtype="str")
    if keys.is_unique:
        return _spread(texts.mask(is_empty(texts)), codes, cells.index)
    counts = pd.Series(np.bincount(codes[codes >= 0], minlength=len(distinct)))
    spellings = pd.DataFrame({"key": keys, "text": texts, "count": counts}).groupby(["key", "text"], sort=False).sum()
    best = spellings.reset_index().sort_values("count", ascending=False, kind="stable").drop_duplicates("key")
    unified = keys.map(best.set_index("key")["text"]).astype("str")
    return _spread(unified.mask(is_empty(texts)), codes, cells.index)


def _key(text: str) -> str:
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return text.casefold()


def _spread(distinct: pd.Series, codes: np.ndarray, index: pd.Index) -> pd.Series:
    """Values of the distinct cells put back in every row; NaN for missing cells (code -1)."""
    found = distinct.reindex(codes)
    found.index = index
    return found
