"""The sheet of what was set aside: counts first, then every case with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from perla.bargains.findings import Findings
from perla.reports import wording as w
from perla.reports.facts import is_simulated, rejected_counts, suspicious_rows
from perla.reports.rows import said
from perla.reports.untrusted import missing, one_line
from perla.reports.workbook.book import Book, Sheet
from perla.words import fill, number

LARGEST_COUNT = 20_000


def write(book: Book) -> None:
    """Write the sheet."""
    sheet = Sheet(book, book.say(w.SET_ASIDE), (22, 24, 24, 70, 30), book.say(w.SET_ASIDE))
    if is_simulated(book.findings):
        sheet.line([w.SIMULATED_TOLD, *[""] * 4], ["simulated"])
    _write_counts(sheet)
    _write_suspicious(sheet)
    _write_rejected(sheet)
    _write_doubts(sheet)


def _write_counts(sheet: Sheet) -> None:
    book, findings = sheet.book, sheet.book.findings
    sheet.header([book.say(w.VERDICT), book.say(w.COUNT)])
    for verdict, count in findings.counts().items():
        sheet.line([verdict.label, count], [verdict.value, book.style("whole")])
    sheet.line([w.REJECTED, len(findings.listings.rejected)], ["wrap", book.style("whole")])
    for reason, count in rejected_counts(findings)[:50]:
        sheet.line(["", count, one_line(book.say(reason))], ["plain", book.style("whole"), "plain"])
    sheet.line([w.DOUBTS, len(findings.listings.doubts)], ["wrap", book.style("whole")])


def _write_suspicious(sheet: Sheet) -> None:
    book, rows = sheet.book, suspicious_rows(sheet.book.findings)
    if rows.empty:
        return
    sheet.section(book.say(w.SUSPICIOUS), 5)
    sheet.note(book.say(w.SUSPICIOUS_TOLD))
    cases = (
        (
            one_line(r.listing_id, 80),
            r.asking_price,
            r.expected_price,
            said(r.reasons, book.lang),
            "" if missing(r.probable_value) else r.probable_value,
        )
        for r in rows.head(LARGEST_COUNT).itertuples()
    )
    money, titles = book.style("money"), (w.LISTING, w.ASKING, w.EXPECTED, w.WHY, w.PROBABLE_VALUE)
    _write_cases(sheet, titles, cases, ["bold", money, money, "wrap", "number"], len(rows))


def _write_rejected(sheet: Sheet) -> None:
    book, rejected = sheet.book, sheet.book.findings.listings.rejected
    if not rejected:
        return
    sheet.section(book.say(w.REJECTED), 5)
    cases = (
        (one_line(r.listing_id, 80), r.row, "", book.say(r.reason), one_line(r.source, 80))
        for r in rejected[:LARGEST_COUNT]
    )
    titles = (w.LISTING, w.ROW, None, w.REASON, w.FILE)
    _write_cases(sheet, titles, cases, ["bold", book.style("whole"), "cell", "wrap"], len(rejected))


def _write_doubts(sheet: Sheet) -> None:
    book, listings = sheet.book, sheet.book.findings.listings
    if not listings.doubts:
        return
    sheet.section(book.say(w.DOUBTS), 5)
    sheet.note(book.say(w.DOUBTS_TOLD))
    cases = (
        (_id(book.findings, d.row), one_line(d.column, 80), one_line(d.value, 120), book.say(d.reason), "")
        for d in listings.doubts[:LARGEST_COUNT]
    )
    _write_cases(sheet, (w.LISTING, w.COLUMN, w.VALUE, w.REASON), cases, ["bold", "cell", "wrap"], len(listings.doubts))


def _id(findings: Findings, row: int) -> str:
    return one_line(findings.listings.ids.get(row, ""), 80)


def _write_cases(
    sheet: Sheet, titles: Sequence[object], cases: Iterable[Sequence[object]], styles: Sequence[object], count: int
) -> None:
    sheet.header(["" if t is None else str(sheet.book.say(t)) for t in titles])  # type: ignore[arg-type]
    for case in cases:
        shown = case[: max(len(titles), 4)]
        sheet.line(shown, styles, sheet.height(shown))
    if count > LARGEST_COUNT:
        sheet.note(sheet.book.say(fill(*w.AND_MORE, count=number(count - LARGEST_COUNT))))
