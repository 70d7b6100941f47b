"""The sheet of all listings: the flat table, verdict words in the reader's language."""

from __future__ import annotations

import pandas as pd

from perla.bargains.findings import RESULT_COLUMNS, Verdict
from perla.reports import wording as w
from perla.reports.facts import is_simulated
from perla.reports.rows import listing_rows
from perla.reports.untrusted import one_line
from perla.reports.workbook.book import Book, Sheet
from perla.words import fill, number

LARGEST_COUNT = 1_000_000  # Excel holds 1,048,576 rows
STYLES = {"asking_price": "money", "expected_price": "money", "low": "money", "high": "money", "discount": "percent",
          "score": "number", "probable_value": "number", "chance": "percent"}  # fmt: skip


def write(book: Book) -> None:
    """Write the sheet."""
    rows = listing_rows(book.findings, book.lang, True)
    widths = [15 if name != "reasons" else 50 for name in RESULT_COLUMNS] + [14] * (
        len(rows.columns) - len(RESULT_COLUMNS)
    )
    sheet = Sheet(book, book.say(w.ALL_LISTINGS), widths, book.say(w.ALL_LISTINGS))
    if is_simulated(book.findings):
        sheet.line([w.SIMULATED_TOLD, *[""] * (len(RESULT_COLUMNS) - 1)], ["simulated"])
    if len(rows) > LARGEST_COUNT:
        sheet.note(book.say(fill(*w.MORE_ROWS, count=number(LARGEST_COUNT))))
    _write_rows(sheet, rows.head(LARGEST_COUNT))


def _write_rows(sheet: Sheet, rows: pd.DataFrame) -> None:
    book, first = sheet.book, sheet.row
    sheet.header([*_titles(book), *(one_line(name, 80) for name in rows.columns[len(RESULT_COLUMNS) :])])
    labels = {v.value: book.say(v.label) for v in Verdict}
    styles = [book.style(STYLES.get(name, "raw"), "plain") for name in rows.columns]
    place = list(rows.columns).index("verdict")
    for values in rows.itertuples(index=False, name=None):
        cells = [*values[:place], labels.get(values[place], values[place]), *values[place + 1 :]]
        sheet.line(cells, styles)
    sheet.sheet.freeze_panes(first + 1, 1)
    sheet.sheet.repeat_rows(first)
    sheet.sheet.autofilter(first, 0, max(first, sheet.row - 1), len(rows.columns) - 1)


def _titles(book: Book) -> list[str]:
    from perla.words import Text

    told = (
        w.LISTING,
        w.RANK,
        w.VERDICT,
        Text("Score", "Puntaje"),
        w.ASKING,
        w.EXPECTED,
        w.LOW,
        w.HIGH,
        w.DISCOUNT,
        w.CHANCE,
        w.P_VALUE,
        w.REASONS,
        w.ERROR_COLUMN,
        w.PROBABLE_VALUE,
    )
    return [book.say(t) for t in told]
