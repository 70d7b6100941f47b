"""A table as it was read -> listings of a market: every row is either usable or set aside with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import pandas as pd

from perla.errors import InputError, closest
from perla.listings.cells import CheckedColumn, as_words, check_column, shown_cell
from perla.listings.listings import Doubt, Listings, Rejected
from perla.listings.market import Column, Kind, Market
from perla.listings.numbers import parse_numbers
from perla.listings.twins import label_things
from perla.listings.units import conversion, known_unit
from perla.words import Text, fill, join, money

HIGHEST_PRICE = 1e15
_NO_PRICE = Text("no price", "sin precio")
_NO_ISLAND = Text("latitude and longitude 0, 0: no place", "latitud y longitud 0, 0: no es un lugar")


def check(
    frame: pd.DataFrame,
    market: Market,
    origin: pd.Series | None = None,
    source: str = "",
    already_rejected: Sequence[Rejected] = (),
    already_rejected_original: pd.DataFrame | None = None,
    allow_missing: bool = False,
) -> Listings:
    """Check a table against a market: typed values, and whatever cannot be used set aside with its reason.

    frame : DataFrame, the cells as they were read. origin : Series of str on the same index, the file of each row.
    already_rejected, already_rejected_original : rows that could not even be cut into cells.
    allow_missing : a column the market declares and the table lacks is all missing instead of an error (for new
    listings scored with a saved model; see :func:`missing_columns`). The price is needed in any case.

    A row is set aside when its price is missing, no number, not above zero or implausible, or when the whole row
    stands in the table already. A cell outside the plausible range, unreadable, or a coordinate that is none is hidden
    (NaN) and gets a Doubt. Rows are counted from 1 (the first under the header), those already set aside included; that
    number is the id of a listing without one. Every row of the input ends up in ``values`` or in ``rejected``.

    Raises InputError for a column that is missing or stands twice, and for a table without rows.

    >>> homes = pd.DataFrame({"precio": ["$ 450.000.000", "consultar"], "area": ["83 m²", "60 m²"]})
    >>> columns = (Column("precio", Kind.QUANTITY), Column("area", Kind.QUANTITY, "m2"))
    >>> market = Market("homes", "precio", "COP", columns)
    >>> listings = check(homes, market)
    >>> listings.values.values.tolist(), [(r.row, str(r.reason)) for r in listings.rejected]
    ([[450000000.0, 83.0]], [(2, "no price ('consultar')")])
    """
    _refuse_bad_table(frame, market, allow_missing)
    frame = frame.reset_index(drop=True)
    origins = pd.Series("", index=frame.index) if origin is None else origin.reset_index(drop=True)
    rows = _row_numbers(len(frame), already_rejected)
    prices, reasons = _check_prices(frame[market.price], market)
    reasons |= _repeats(frame, reasons, rows)
    kept = np.array([i not in reasons for i in range(len(frame))], dtype=bool)
    usable = frame if kept.all() else frame[kept].reset_index(drop=True)
    values, doubts = _check_cells(usable, market)
    values[market.price] = prices[kept].to_numpy()
    listing_ids = _ids(frame, market, rows)
    rejected = [
        Rejected(int(rows[i]), listing_ids.iloc[i], reason, str(origins.iloc[i])) for i, reason in reasons.items()
    ]
    all_rejected, rejected_original = _in_order(
        [*already_rejected, *rejected], already_rejected_original, frame.iloc[list(reasons)]
    )
    return Listings(
        market=market,
        values=values,
        original=usable,
        ids=_unique(listing_ids[kept].reset_index(drop=True)),
        things=label_things(values, market),
        rejected=all_rejected,
        rejected_original=rejected_original,
        doubts=tuple(doubts),
        source=source,
    )


def missing_columns(frame: pd.DataFrame, market: Market) -> list[str]:
    """The columns a market declares (ignored ones aside) and a table lacks.

    >>> missing_columns(pd.DataFrame({"price": [1]}), Market("m", "price", "EUR", (Column("km", Kind.QUANTITY),)))
    ['km']
    """
    wanted = [market.price, *(c.name for c in market.columns if c.kind is not Kind.IGNORE)]
    return [name for name in dict.fromkeys(wanted) if name not in frame.columns]


def _refuse_bad_table(frame: pd.DataFrame, market: Market, allow_missing: bool) -> None:
    if not frame.columns.is_unique:
        name = frame.columns[frame.columns.duplicated()][0]
        said = fill(
            "Every column of the table needs its own name, but {name!r} stands more than once. Rename one of them.",
            "Cada columna de la tabla necesita su propio nombre, pero {name!r} aparece más de una vez. Cambie una.",
            name=name,
        )
        raise InputError(said.en, said.es)
    missing = [m for m in missing_columns(frame, market) if m == market.price or not allow_missing]
    if missing:
        said = _missing(missing[0], [str(c) for c in frame.columns], market)
        raise InputError(said.en, said.es)
    if frame.empty:
        raise InputError(
            "The table has column names but no rows: there must be one line for each listing.",
            "La tabla tiene nombres de columnas pero ninguna fila: debe haber una línea por anuncio.",
        )


def _missing(name: str, known: list[str], market: Market) -> Text:
    close = closest(name, known)
    what = Text("price column", "la columna de precio") if name == market.price else Text("column", "la columna")
    hint = fill(" Did you mean {close!r}?", " ¿Quiso decir {close!r}?", close=close) if close else Text("", "")
    said = fill(
        "The market {market!r} needs the {what} {name!r}, which the table lacks.",
        "El mercado {market!r} necesita {what} {name!r}, que la tabla no tiene.",
        market=market.name, what=what, name=name,
    )  # fmt: skip
    has = fill(
        " It has: {known}.", " Tiene: {known}.", known=", ".join(known[:12]) + (", ..." if len(known) > 12 else "")
    )
    return said + hint + has


def _row_numbers(count: int, already_rejected: Sequence[Rejected]) -> np.ndarray:
    """The rows' numbers in the input, from 1; the numbers of the rows already set aside are taken."""
    taken = {r.row for r in already_rejected}
    return np.array([n for n in range(1, count + len(taken) + 1) if n not in taken][:count], dtype=np.int64)


def _check_prices(cells: pd.Series, market: Market) -> tuple[pd.Series, dict[int, Text]]:
    """Prices, and for every row without a usable one its reason."""
    parsed = parse_numbers(cells, market.currency)
    low = market.price_low or 0.0
    high = min(market.price_high or HIGHEST_PRICE, HIGHEST_PRICE)
    usable = (parsed.values > 0) & (parsed.values >= low) & (parsed.values <= high)
    reasons: dict[int, Text] = {}
    for i in np.flatnonzero(~usable.to_numpy()):
        if parsed.unreadable.iloc[i]:
            reasons[int(i)] = _no_number(shown_cell(cells.iloc[i]), market.currency)
        elif np.isnan(parsed.values.iloc[i]):
            reasons[int(i)] = _no_price(cells.iloc[i])
        else:
            reasons[int(i)] = _implausible(float(parsed.values.iloc[i]), low, high, market.currency)
    return parsed.values, reasons


def _no_price(cell: object) -> Text:
    if pd.isna(cell) or not str(cell).strip():  # type: ignore[call-overload]
        return _NO_PRICE
    return _NO_PRICE + fill(" ({cell!r})", " ({cell!r})", cell=shown_cell(cell))


@lru_cache(maxsize=4096)
def _no_number(cell: str, currency: str) -> Text:
    other = parse_numbers(pd.Series([cell])).unit
    unit = known_unit(other)
    if unit is not None and unit.dimension == "money" and conversion(other, currency) is None:
        return fill(
            "the price {cell!r} is not in {own}", "el precio {cell!r} no está en {own}", cell=cell, own=currency
        )
    return fill(
        "the price {cell!r} cannot be read as a number", "el precio {cell!r} no se puede leer como número", cell=cell
    )


@lru_cache(maxsize=4096)
def _implausible(price: float, low: float, high: float, currency: str) -> Text:
    shown = fill("price {price}", "precio {price}", price=money(price, currency))
    if price <= 0:
        return shown + Text(": a price must be above zero", ": un precio debe ser mayor que cero")
    if price < low:
        return shown + fill(
            ": below the plausible {low}", ": por debajo de lo plausible ({low})", low=money(low, currency)
        )
    return shown + fill(
        ": above the plausible {high}", ": por encima de lo plausible ({high})", high=money(high, currency)
    )


def _repeats(frame: pd.DataFrame, reasons: dict[int, Text], rows: np.ndarray) -> dict[int, Text]:
    """Rows equal to an earlier usable row in every cell."""
    usable = np.array([i not in reasons for i in range(len(frame))], dtype=bool)
    places = np.flatnonzero(usable)
    if len(places) <= 1:
        return {}
    codes = pd.factorize(pd.util.hash_pandas_object(frame[usable], index=False))[0]
    first = places[np.unique(codes, return_index=True)[1]]
    original = first[codes]
    return {
        int(i): fill("the same as row {row}", "igual a la fila {row}", row=int(rows[j]))
        for i, j in zip(places, original, strict=True)
        if i != j
    }


def _check_cells(frame: pd.DataFrame, market: Market) -> tuple[pd.DataFrame, list[Doubt]]:
    """Typed values of the price's place and every declared column, and the doubts in order of rows."""
    checked: dict[str, pd.Series] = {market.price: pd.Series(np.nan, index=frame.index)}
    doubts: list[Doubt] = []
    for column in market.columns:
        if column.kind is Kind.IGNORE or column.name == market.price:
            continue
        found = _check_present(frame, column, market)
        checked[column.name] = found.values
        doubts += found.doubts
    values = pd.DataFrame(checked, index=frame.index)
    doubts += _hide_zero_island(values, market)
    return values, sorted(doubts, key=lambda d: d.row)


def _check_present(frame: pd.DataFrame, column: Column, market: Market) -> CheckedColumn:
    if column.name in frame.columns:
        return check_column(frame[column.name], column, market.currency)
    empty = pd.Series(np.nan, index=frame.index, dtype="float64" if column.kind in _FLOATS else "str")
    return CheckedColumn(pd.to_datetime(empty) if column.kind is Kind.DATE else empty)


_FLOATS = (Kind.QUANTITY, Kind.COUNT, Kind.LATITUDE, Kind.LONGITUDE, Kind.YES_NO, Kind.DATE)


def _hide_zero_island(values: pd.DataFrame, market: Market) -> list[Doubt]:
    """0, 0 is what programs write for an unknown place."""
    names = [market.first(Kind.LATITUDE), market.first(Kind.LONGITUDE)]
    latitude, longitude = names
    if latitude is None or longitude is None:
        return []
    nowhere = (values[latitude] == 0) & (values[longitude] == 0)
    if not nowhere.any():
        return []
    values.loc[nowhere, [latitude, longitude]] = np.nan
    return [Doubt(int(i), name, "0", _NO_ISLAND) for i in np.flatnonzero(nowhere) for name in (latitude, longitude)]


def _ids(frame: pd.DataFrame, market: Market, rows: np.ndarray) -> pd.Series:
    """The id column's cells, or the row's number where there is none."""
    numbers = pd.Series(rows.astype(str), index=frame.index, dtype="str")
    name = market.first(Kind.ID)
    return numbers if name is None or name not in frame.columns else as_words(frame[name]).fillna(numbers)


def _unique(ids: pd.Series) -> pd.Series:
    """A repeated id gets ``#2``, ``#3``."""
    if ids.is_unique and ids.notna().all():
        return ids.astype("str")
    times = ids.groupby(ids).cumcount() + 1
    found = ids.where(times == 1, ids + "#" + times.astype("str"))
    while found.duplicated().any():
        again = found.duplicated()
        found = found.where(~again, found + "#" + (found.groupby(found).cumcount() + 1).astype("str"))
    return found.astype("str")


def _in_order(
    rejected: list[Rejected], first: pd.DataFrame | None, second: pd.DataFrame
) -> tuple[tuple[Rejected, ...], pd.DataFrame]:
    """Everything that was set aside, by row."""
    if not rejected and first is None:
        return (), second.astype(object).reset_index(drop=True)
    earlier = pd.DataFrame(index=range(len(rejected) - len(second))) if first is None else first
    cells = pd.concat([earlier.astype(object), second.astype(object)], ignore_index=True)
    order = np.argsort([r.row for r in rejected], kind="stable")
    columns = [*second.columns, *(c for c in cells.columns if c not in second.columns)]
    return tuple(rejected[i] for i in order), cells.reindex(columns=columns).iloc[order].reset_index(drop=True)


def summarize_rejected(rejected: Sequence[Rejected], most: int = 3) -> Text:
    """The commonest reasons in one line, for an error or a log.

    >>> summarize_rejected([Rejected(1, "1", _NO_PRICE), Rejected(2, "2", _NO_PRICE)]).en
    'no price (2)'
    """
    counts: dict[Text, int] = {}
    for r in rejected:
        counts[r.reason] = counts.get(r.reason, 0) + 1
    best = sorted(counts.items(), key=lambda kv: -kv[1])[:most]
    return join([fill("{reason} ({n})", "{reason} ({n})", reason=reason, n=n) for reason, n in best])
