"""The first sheet: one row per bargain, best first, with links to the ad and to its proof."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from perla.bargains.findings import Bargain
from perla.listings.market import Column, Kind
from perla.reports import wording as w
from perla.reports.facts import found, is_simulated, request, shown_columns
from perla.reports.naming import identity
from perla.reports.untrusted import one_line, safe_link
from perla.reports.workbook import cells
from perla.reports.workbook.book import Book, Sheet
from perla.words import fill, join, number, rounded

FIXED = (w.RANK, w.LISTING, w.ID, w.VERDICT, w.ASKING, w.EXPECTED, w.LOW, w.HIGH, w.DISCOUNT, w.SAVING, w.CHANCE)
WIDTHS = (9, 34, 22, 14, 18, 18, 18, 18, 13, 18, 15)


def write(book: Book, proofs: Sequence[str]) -> None:
    """Write the sheet; ``proofs`` are the names of the bargains' own sheets, in order."""
    columns = [c for c in shown_columns(book.findings, 8) if c.kind is not Kind.TEXT]
    widths = (*WIDTHS, *(cells.width(book, c) for c in columns), 52, 14, 14)
    sheet = Sheet(book, book.say(w.BARGAINS), widths, book.say(w.BARGAINS))
    if is_simulated(book.findings):
        sheet.line([w.SIMULATED_TOLD, *[""] * 9], ["simulated"])
    sheet.note(book.say(request(book.findings)))
    sheet.note(book.say(found(book.findings)))
    if book.findings.bargains:
        sheet.note(book.say(w.CHANCE_TOLD))
    if len(proofs) < len(book.findings.bargains):
        sheet.note(book.say(fill(*w.MORE_SHEETS, count=number(len(proofs)))))
    first = sheet.row
    linked = any(safe_link(b.link) for b in book.findings.bargains)
    last = (w.WHY, w.DETAILS, w.LINK) if linked else (w.WHY, w.DETAILS)
    titles = [*map(book.say, FIXED), *(cells.title(book, c) for c in columns), *map(book.say, last)]
    sheet.header(titles)
    for place, bargain in enumerate(book.findings.bargains):
        _write_bargain(sheet, bargain, columns, proofs[place] if place < len(proofs) else "")
    sheet.sheet.freeze_panes(first + 1, 2)
    sheet.sheet.repeat_rows(first)
    sheet.sheet.autofilter(first, 0, max(first, sheet.row - 1), len(titles) - 1)
    sheet.sheet.activate()


def _write_bargain(sheet: Sheet, bargain: Bargain, columns: Sequence[Column], proof: str) -> None:
    book = sheet.book
    values, styles = _figures(book, bargain)
    for column in columns:
        value, style = cells.cell(book, column, bargain.original.get(column.name))
        values.append(value)
        styles.append(book.style(style, "wrap"))
    why = book.say(join(bargain.reasons, "\n"))
    row = sheet.row
    cells_of_row = [*values, why, ""]
    sheet.line(cells_of_row, [*styles, "wrap", "cell"], sheet.height(cells_of_row))
    if link := safe_link(bargain.link):
        sheet.link(len(values) + 2, row, link, book.say(w.OPEN_AD))
    if proof:
        sheet.link(len(values) + 1, row, f"internal:'{proof}'!A1", book.say(w.DETAILS))


def _figures(book: Book, bargain: Bargain) -> tuple[list[Any], list[Any]]:
    estimates = [rounded(v) for v in (bargain.expected_price, bargain.low, bargain.high)]
    values = [
        bargain.rank, identity(book.findings, bargain.original), one_line(bargain.listing_id, 80),
        bargain.verdict.label, bargain.asking_price, *estimates,
        bargain.discount, rounded(bargain.gap), bargain.chance,
    ]  # fmt: skip
    names = ["raw", "name", "wrap", bargain.verdict.value, *["money"] * 4, "percent", "money", "percent"]
    return values, [name if name in ("name", "wrap") else book.style(name) for name in names]
