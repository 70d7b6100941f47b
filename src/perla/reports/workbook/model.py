"""The sheet on the model: how wrong it usually is beside the baseline, what it learned from, what it was not shown."""

from __future__ import annotations

from collections.abc import Iterable

from perla.reports import wording as w
from perla.reports.facts import is_simulated
from perla.reports.untrusted import one_line
from perla.reports.workbook.book import Book, Sheet
from perla.words import Text


def write(book: Book, made_on: str | None) -> None:
    """Write the sheet."""
    sheet = Sheet(book, book.say(w.MODEL), (44, 26, 16, 16, 40), book.say(w.MODEL))
    if is_simulated(book.findings):
        sheet.line([w.SIMULATED_TOLD, *[""] * 4], ["simulated"])
    _write_fits(sheet)
    _write_record(sheet, made_on)
    _write_shares(sheet)
    _write_columns(sheet, w.KEPT_OUT, book.findings.card.kept_out)
    _write_columns(sheet, w.LEFT_OUT, book.findings.card.left_out)
    _write_lines(sheet, w.NOTES, book.findings.card.notes)
    _write_lines(sheet, w.LIMITS, w.LIMITS_TOLD)


def _write_fits(sheet: Sheet) -> None:
    book, card = sheet.book, sheet.book.findings.card
    sheet.section(book.say(w.HOW_WELL), 5)
    sheet.note(book.say(w.HOW_WELL_TOLD))
    sheet.header([book.say(t) for t in (w.MODEL, w.ERROR, w.WITHIN_10, w.FIT)])
    share, fit_style = book.style("share"), book.style("number")
    for fit in card.fits:
        sheet.line([fit.name, fit.mdape, fit.within_10, fit.r2], ["bold", share, share, fit_style])
    sheet.line([w.COVERAGE, card.coverage], ["bold", share])
    sheet.line([w.WIDTH, card.interval_width], ["bold", fit_style])


def _write_record(sheet: Sheet, made_on: str | None) -> None:
    book, card = sheet.book, sheet.book.findings.card
    sheet.section(book.say(w.LEARNED_FROM), 5)
    whole = book.style("whole")
    sheet.line([w.LEARNED_FROM, one_line(card.learned_from, 300)], ["bold", "cell"])
    sheet.line([w.LEARNED, card.listings_learned], ["bold", whole])
    sheet.line([w.NOT_LEARNED, card.listings_not_learned], ["bold", whole])
    sheet.line([w.VERSION, card.perla_version], ["bold", "cell"])
    sheet.line([w.SEED, card.seed], ["bold", book.style("year")])
    sheet.line([w.HASH, card.data_hash], ["bold", "cell"])
    if made_on:
        sheet.line([w.MADE_ON, made_on], ["bold", "cell"])


def _write_shares(sheet: Sheet) -> None:
    book, card = sheet.book, sheet.book.findings.card
    if card.weights:
        sheet.section(book.say(w.WEIGHTS), 5)
    for name, share in card.weights:
        sheet.line([one_line(name, 80), share], ["bold", book.style("share")])
    if card.drivers:
        sheet.section(book.say(w.MAIN_DRIVERS), 5)
    for name, effect in card.drivers[:20]:
        sheet.line([one_line(name, 80), effect], ["bold", book.style("number")])


def _write_columns(sheet: Sheet, title: Text, columns: Iterable[tuple[str, Text]]) -> None:
    sheet.section(sheet.book.say(title), 5)
    empty = True
    for name, reason in columns:
        sheet.line([one_line(name, 80), sheet.book.say(reason)], ["bold", "plain"])
        empty = False
    if empty:
        sheet.note(sheet.book.say(w.NONE))


def _write_lines(sheet: Sheet, title: Text, lines: Iterable[Text]) -> None:
    told = list(lines)
    if told:
        sheet.section(sheet.book.say(title), 5)
    for line in told:
        sheet.line([line], ["plain"])
