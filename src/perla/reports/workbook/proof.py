"""The proof of one bargain: the subject in the first row, its comparables beneath, each difference in money."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from perla.bargains.findings import Bargain, Comparable
from perla.listings.market import MODELLED, Column
from perla.reports import wording as w
from perla.reports.facts import below, estimate, explanations, is_simulated, main_columns, real_differences, rest_of
from perla.reports.naming import identity
from perla.reports.untrusted import one_line, safe_link
from perla.reports.workbook import cells
from perla.reports.workbook.book import Book, Sheet
from perla.words import join, money, rounded, same

FIXED = (w.LISTING, w.ASKING, w.ADJUSTED, w.SIMILARITY, w.LINK)
LARGEST_COUNT_OF_COLUMNS = 24
SMALLEST_REST = 0.005  # of the asking price: smaller remainders of a grid are rounding

SURPRISE_BAR = {
    "type": "data_bar", "bar_solid": True, "bar_color": "#7CC7BD", "bar_negative_color": "#E8A65D", "min_type": "num",
    "min_value": -6, "max_type": "num", "max_value": 6, "bar_axis_position": "middle",
}  # fmt: skip


def write(book: Book, bargain: Bargain, name: str) -> None:
    """Write the sheet of one bargain."""
    columns = main_columns(book.findings, LARGEST_COUNT_OF_COLUMNS, MODELLED)
    sheet = Sheet(
        book, name, (26, 24, 20, 20, 20, *(max(19, cells.width(book, c)) for c in columns)), _title(book, bargain)
    )
    if is_simulated(book.findings):
        sheet.line([w.SIMULATED_TOLD, *[""] * 7], ["simulated"])
    sheet.line(["", _price_line(book, bargain)], ["link", "plain"])
    sheet.link(0, sheet.row - 1, f"internal:'{book.say(w.BARGAINS)}'!A1", book.say(w.BACK))
    _write_listings(sheet, bargain, columns)
    _write_reasons(sheet, bargain)
    _write_opinions(sheet, bargain)
    _write_explanations(sheet, bargain)
    _write_drivers(sheet, bargain)
    _write_grid(sheet, bargain)
    _write_surprises(sheet, bargain)


def _title(book: Book, bargain: Bargain) -> str:
    what = book.say(identity(book.findings, bargain.original))
    return f"{bargain.rank} · {one_line(bargain.listing_id, 40)} · {what}"


def _price_line(book: Book, bargain: Bargain) -> str:
    parts = [
        bargain.verdict.label,
        w.ASKS + same(" ") + money(bargain.asking_price, book.currency),
        w.SHOULD_COST + same(" ") + estimate(bargain.expected_price, book.currency),
        below(bargain),
    ]
    return book.say(join(parts, " · "))


def _write_listings(sheet: Sheet, bargain: Bargain, columns: Sequence[Column]) -> None:
    book = sheet.book
    sheet.header([*map(book.say, FIXED), *(cells.title(book, c) for c in columns)])
    sheet.sheet.freeze_panes(sheet.row, 1)
    cells_of = [cells.cell(book, c, bargain.original.get(c.name)) for c in columns]
    styles = [book.style(s, "subject") for s in ("raw", "money", "money", "percent", "raw", *(s for _, s in cells_of))]
    row = sheet.row
    fixed = [one_line(bargain.listing_id, 80), bargain.asking_price, "", w.SUBJECT, ""]
    values = [*fixed, *(v for v, _ in cells_of)]
    sheet.line(values, styles, sheet.height(values))
    _link(sheet, row, bargain.link)
    for comparable in bargain.comparables:
        _write_comparable(sheet, bargain, comparable, columns)
    if bargain.comparables:
        middle = rounded(median(c.adjusted_price for c in bargain.comparables))
        sheet.line([w.MEDIAN_ADJUSTED, "", middle], [book.style("raw", "total"), book.style("money", "total")])


def _write_comparable(sheet: Sheet, bargain: Bargain, comparable: Comparable, columns: Sequence[Column]) -> None:
    book, row = sheet.book, sheet.row
    values: list[object] = [
        one_line(comparable.listing_id, 80), comparable.asking_price, rounded(comparable.adjusted_price),
        comparable.similarity, "",
    ]  # fmt: skip
    styles = [book.style(name) for name in ("raw", "money", "money", "percent", "raw")]
    for column in columns:
        mine, theirs = bargain.original.get(column.name), comparable.original.get(column.name)
        value, style = cells.cell(book, column, theirs)
        values.append(value)
        styles.append(book.style(style, "wrap" if cells.alike(column, mine, theirs) else "differs"))
    sheet.line(values, styles, sheet.height(values))
    _link(sheet, row, comparable.link)


def _link(sheet: Sheet, row: int, link: str) -> None:
    if url := safe_link(link):
        sheet.link(len(FIXED) - 1, row, url, sheet.book.say(w.OPEN_AD))


def _write_reasons(sheet: Sheet, bargain: Bargain) -> None:
    sheet.section(sheet.book.say(w.REASONS))
    for reason in bargain.reasons:
        sheet.line([same("• ") + reason], ["plain"])


def _write_grid(sheet: Sheet, bargain: Bargain) -> None:
    """Attributes down, comparables across: what each says and the money its difference is worth."""
    if not bargain.comparables:
        return
    book = sheet.book
    sheet.section(book.say(w.GRID))
    names = [one_line(c.listing_id, 40) for c in bargain.comparables]
    sheet.header(
        [book.say(w.ATTRIBUTE), book.say(w.SUBJECT), *(n for name in names for n in (name, book.say(w.ADJUSTMENT)))]
    )
    sheet.line(
        [w.ASKING, bargain.asking_price, *(v for c in bargain.comparables for v in (c.asking_price, ""))],
        ["bold", book.style("money")],
    )
    for column in dict.fromkeys(name for c in bargain.comparables for name in real_differences(c)):
        _write_difference(sheet, bargain, column)
    rest = [rest_of(c) for c in bargain.comparables]
    if any(abs(r) > SMALLEST_REST * c.asking_price for r, c in zip(rest, bargain.comparables, strict=True)):
        change = book.style("change")
        sheet.line([w.EVERYTHING_ELSE, "", *(v for r in rest for v in ("", rounded(r)))], ["bold", change])
    total = book.style("money", "total")
    sheet.line(
        [w.ADJUSTED, "", *(v for c in bargain.comparables for v in (rounded(c.adjusted_price), ""))],
        [book.style("raw", "total"), total],
    )


def _write_difference(sheet: Sheet, bargain: Bargain, column: str) -> None:
    book = sheet.book
    found = [real_differences(c).get(column) for c in bargain.comparables]
    told = next(d for d in found if d is not None)
    values: list[object] = [told.title, one_line(book.say(told.subject), 80)]
    styles = [book.style("bold"), book.style("wrap")]
    for difference in found:
        values += (
            [one_line(book.say(difference.comparable), 80), rounded(difference.adjustment)] if difference else ["", ""]
        )
        styles += [book.style("wrap"), book.style("change")]
    sheet.line(values, styles, sheet.height(values))


def _write_surprises(sheet: Sheet, bargain: Bargain) -> None:
    book = sheet.book
    sheet.section(book.say(w.SURPRISE))
    sheet.note(book.say(w.SURPRISE_TOLD))
    sheet.header([book.say(t) for t in (w.COLUMN, w.STANDS, w.USUAL, w.UNITS)])
    first = sheet.row
    for s in bargain.surprises:
        title = s.title + (same(" (") + w.WISHED + same(")") if s.wished else same(""))
        shown = [one_line(book.say(t), 120) for t in (s.actual, s.expected)]
        values: list[object] = [title, *shown, round(s.z, 1) + 0.0]
        sheet.line(values, ["name", "wrap", "wrap", book.style("z")], sheet.height(values))
    if bargain.surprises:
        sheet.sheet.conditional_format(first, 3, sheet.row - 1, 3, SURPRISE_BAR)


def _write_drivers(sheet: Sheet, bargain: Bargain) -> None:
    if not bargain.drivers:
        return
    book = sheet.book
    sheet.section(book.say(w.DRIVERS))
    sheet.note(book.say(w.DRIVERS_TOLD))
    for driver in bargain.drivers:
        values: list[object] = [driver.title, one_line(book.say(driver.actual), 80), rounded(driver.amount)]
        sheet.line(values, ["name", "wrap", book.style("change")], sheet.height(values))


def _write_opinions(sheet: Sheet, bargain: Bargain) -> None:
    """A row of names and a row of what each kind of model expects."""
    if not bargain.agreement:
        return
    book = sheet.book
    sheet.section(book.say(w.OPINIONS))
    sheet.header([book.say(a.name) for a in bargain.agreement])
    sheet.line([rounded(a.estimate) for a in bargain.agreement], [book.style("money")])


def _write_explanations(sheet: Sheet, bargain: Bargain) -> None:
    told = explanations(bargain)
    if not told:
        return
    sheet.section(sheet.book.say(w.EXPLANATIONS))
    sheet.note(sheet.book.say(w.EXPLANATIONS_TOLD))
    for line in told:
        sheet.line([same("• ") + line], ["plain"])
