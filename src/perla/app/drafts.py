"""``perla init``: a market drafted from a table, shown as a table a person can read, and written to be edited."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.table import Table

from perla.app.markets import draft_from
from perla.errors import FileError
from perla.listings import Column, Kind, Market
from perla.listings.drafting import Draft
from perla.listings.market_file import write_market
from perla.reports.facts import is_money, is_year
from perla.reports.untrusted import missing, one_line
from perla.reports.writing import check_writable, write_whole
from perla.sources import RawTable, read_tables
from perla.words import Lang, Text, fill, join, money, number, quantity, same

COLUMN, MEANS, RANGE, EXAMPLE = (
    Text("column", "columna"), Text("is", "es"), Text("plausible", "plausible"), Text("example", "ejemplo"),
)  # fmt: skip
THE_PRICE = Text("the price", "el precio")
KEPT_OUT = Text("gives the price away", "delata el precio")
LONGEST_EXAMPLE = 28


def write_draft(paths: tuple[Path, ...], output: Path, replace_it: bool) -> tuple[Draft, RawTable]:
    """Draft a market from the listings and write it; FileError where a file stands already and may not be replaced."""
    check_writable(output)
    if output.exists() and not replace_it:
        raise FileError(
            f"{output} exists and is not replaced. Name another file with -o, or say --force.",
            f"{output} ya existe y no se reemplaza. Indique otro archivo con -o, o use --force.",
        )
    table = read_tables(paths)
    draft = draft_from(table, paths)
    write_whole(output, write_market(draft.market).encode("utf-8"))
    return draft, table


def show_draft(draft: Draft, table: RawTable, console: Console, lang: Lang) -> None:
    """What perla guessed, a line per column, then what a reader should know about the guess."""
    market = draft.market
    said = fill(
        "{source}: {rows} listings, {columns} columns",
        "{source}: {rows} anuncios, {columns} columnas",
        source=table.source, rows=number(len(table.frame)), columns=len(table.frame.columns),
    )  # fmt: skip
    console.print(one_line(said.text(lang), 300), style="bold")
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in (COLUMN, MEANS, RANGE, EXAMPLE):
        shown.add_column(title.text(lang), overflow="fold")
    for column in market.columns:
        style = "bold" if column.name == market.price else "dim" if not column.modelled else ""
        shown.add_row(*(one_line(t.text(lang), 60) for t in _cells(column, market, table)), style=style)
    console.print(shown)
    console.print()
    for note in draft.notes:
        console.print("· " + one_line(note.text(lang), 600))


def _cells(column: Column, market: Market, table: RawTable) -> list[Text]:
    return [same(column.name), _meaning(column, market), _plausible(column, market), _example(column, table)]


def _meaning(column: Column, market: Market) -> Text:
    if column.name == market.price:
        return THE_PRICE + same(f" ({market.currency})" if market.currency else "")
    unit = same(f" ({column.unit})" if column.unit else "")
    proxy = [KEPT_OUT] if column.price_proxy is not None else []
    return join([column.kind.label + unit, *proxy], "; ")


def _plausible(column: Column, market: Market) -> Text:
    if column.kind not in (Kind.QUANTITY, Kind.COUNT) or column.low is None or column.high is None:
        return same("")
    return join([_amount(column, bound, market) for bound in (column.low, column.high)], " – ")


def _amount(column: Column, value: float, market: Market) -> Text:
    if column.name == market.price or is_money(column, market.currency):
        return money(value, market.currency)
    return same(f"{value:.0f}") if is_year(column, value) else quantity(value, column.unit, market.currency)


def _example(column: Column, table: RawTable) -> Text:
    cells = table.frame[column.name]
    cell = next((c for c in cells.head(200) if not missing(c) and str(c).strip()), "")
    return same(one_line(str(cell), LONGEST_EXAMPLE))
