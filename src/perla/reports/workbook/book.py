"""An Excel workbook written from top to bottom, in which no text can become a formula or a link by itself."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from perla.bargains.findings import Findings, Verdict
from perla.reports.facts import heading
from perla.reports.untrusted import clean, distinct, missing
from perla.words import Lang, Text, money

LONGEST_CELL = 32_000
LONGEST_SHEET_NAME = 31
LINE_HEIGHT, LARGEST_COUNT_OF_LINES = 15.5, 12
CREATED = datetime(2000, 1, 1)  # a fixed date: equal findings give equal bytes
INK, MUTED, HEADER, RULE = "#1D2430", "#5C6675", "#0F5C57", "#D5DAE1"
VERDICT_COLOURS = {
    Verdict.GREAT: ("#0B6B43", "#D9F2E4"), Verdict.GOOD: ("#2F6B1E", "#E6F3DC"), Verdict.FAIR: ("#475569", "#EDF0F4"),
    Verdict.HIGH: ("#92500A", "#FCEBD3"), Verdict.OVERPRICED: ("#991B1B", "#FBDFDF"),
    Verdict.SUSPICIOUS: ("#5B21B6", "#EBE3FB"), Verdict.NOT_RATED: ("#475569", "#EDF0F4"),
}  # fmt: skip
BOX: dict[str, Any] = {"border": 1, "border_color": RULE, "align": "left", "indent": 1}
STYLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 16, "font_color": HEADER},
    "section": {"bold": True, "font_size": 12, "font_color": HEADER, "bottom": 1, "bottom_color": HEADER},
    "simulated": {"bold": True, "font_color": "#92500A", "bg_color": "#FCEBD3"},
    "muted": {"font_color": MUTED, "italic": True},
    "header": {
        **BOX, "bold": True, "font_color": "#FFFFFF", "bg_color": HEADER, "text_wrap": True, "valign": "vcenter",
    },
    "cell": {**BOX, "valign": "top"},
    "wrap": {**BOX, "valign": "top", "text_wrap": True},
    "bold": {**BOX, "valign": "top", "bold": True},
    "name": {**BOX, "valign": "top", "bold": True, "text_wrap": True},
    "link": {**BOX, "valign": "top", "font_color": "#0B5CAD", "underline": 1},
    "plain": {},
}  # fmt: skip
NUMBERS = {
    "percent": "0 %", "share": "0.0 %", "whole": "#,##0", "number": "#,##0.##", "year": "0", "z": "+0.0;-0.0;0.0",
    "raw": "General", "point": "0.00000",
}  # fmt: skip


class Book:
    """The workbook being made: its formats by name, its language and the findings it tells."""

    def __init__(self, workbook: Any, findings: Findings, lang: Lang, reserved: Sequence[str]) -> None:
        self.workbook, self.findings, self.lang = workbook, findings, lang
        self.currency = findings.listings.market.currency
        self._formats: dict[tuple[str, str], Any] = {}
        self._names = {"history", *(name.casefold() for name in reserved)}

    def say(self, text: Text) -> str:
        return text.text(self.lang)

    def sheet_name(self, wanted: str) -> str:
        """A name Excel accepts: at most 31 characters, none of ``[]:*?/\\``, not taken."""
        plain = " ".join(re.sub(r"[\[\]:*?/\\']", " ", clean(wanted)).split())[:LONGEST_SHEET_NAME] or "-"

        def change(name: str, attempt: int) -> str:
            suffix = f" ({attempt})"
            return name[: LONGEST_SHEET_NAME - len(suffix)] + suffix

        return distinct(plain, self._names, change)

    def style(self, name: str, base: str = "cell") -> Any:
        """A format: a style of STYLES, a number format on a base, or a verdict's colours."""
        if (name, base) not in self._formats:
            self._formats[name, base] = self.workbook.add_format(self._description(name, base))
        return self._formats[name, base]

    def _description(self, name: str, base: str) -> dict[str, Any]:
        if name in STYLES:
            return {"font_color": INK, **STYLES[name]}
        under = {"font_color": INK, **_base(base), "align": "left" if name == "raw" else "right"}
        if name in VERDICT_COLOURS:
            ink, paper = VERDICT_COLOURS[Verdict(name)]
            return {**under, "font_color": ink, "bg_color": paper, "bold": True, "align": "left"}
        if name == "money":
            return {**under, "num_format": money_format(self.currency, self.lang)}
        if name == "change":
            plain = money_format(self.currency, self.lang)
            return {**under, "num_format": f"+{plain};-{plain};0"}
        return {**under, "num_format": NUMBERS[name]}


def _base(base: str) -> dict[str, Any]:
    """A cell, the subject's cell, or a cell that differs from the subject's."""
    extra: dict[str, dict[str, Any]] = {
        "subject": {"bold": True, "bg_color": "#E0F2EF"},
        "differs": {"bg_color": "#FFF3C9"},
        "total": {"bold": True, "top": 2, "top_color": HEADER},
    }
    return {**STYLES["cell"], "text_wrap": base in ("subject", "differs", "wrap"), **extra.get(base, {})}


class Sheet:
    """One worksheet, written row by row; ``row`` is the next free one."""

    def __init__(self, book: Book, name: str, widths: Sequence[float], title: str = "") -> None:
        self.book, self.row, self.widths = book, 0, widths
        self.sheet = book.workbook.add_worksheet(name)
        for place, width in enumerate(widths):
            self.sheet.set_column(place, place, width)
        self.sheet.hide_gridlines(2)
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.sheet.set_margins(0.4, 0.4, 0.6, 0.6)
        self.sheet.set_footer("&L&8perla&R&8&P / &N")
        label = book.say(heading(book.findings))
        self.sheet.set_header("&L&8" + label.replace("&", "&&")[:200])
        self.line([label + (f" · {title}" if title else "")], ["title"], height=26)

    def line(self, values: Sequence[object], styles: Sequence[Any], height: float | None = None) -> None:
        """One row; a style is the name of one or a format. A style list shorter than the values repeats its last."""
        if height:
            self.sheet.set_row(self.row, height)
        for place, value in enumerate(values):
            style = styles[min(place, len(styles) - 1)]
            self.put(place, value, self.book.style(style) if isinstance(style, str) else style)
        self.row += 1

    def header(self, titles: Sequence[str]) -> None:
        self.line(titles, ["header"], self.height(titles) + 4)

    def height(self, values: Sequence[object]) -> float:
        """The height in which every wrapped text of a row can be read."""
        lines = 1
        for value, width in zip(values, self.widths, strict=False):
            text = self.book.say(value) if isinstance(value, Text) else value if isinstance(value, str) else ""
            lines = max(lines, sum(math.ceil((len(part) + 1) / max(width * 1.0, 1)) for part in text.split("\n")))
        return LINE_HEIGHT * min(lines, LARGEST_COUNT_OF_LINES)

    def section(self, title: str, columns: int = 6) -> None:
        """A blank row and a heading with a rule under it."""
        self.row += 1
        self.line([title, *[""] * (columns - 1)], ["section"], height=20)

    def note(self, text: str) -> None:
        self.line([text], ["muted"])

    def put(self, column: int, value: object, style: Any) -> None:
        """A number as a number, everything else as inert text."""
        if isinstance(value, Text):
            value = self.book.say(value)
        if missing(value) or value == "":
            self.sheet.write_blank(self.row, column, None, style)
        elif isinstance(value, pd.Timestamp):
            self.sheet.write_string(self.row, column, value.isoformat(" ").removesuffix(" 00:00:00"), style)
        elif _is_number(value):
            self.sheet.write_number(self.row, column, float(value), style)  # type: ignore[arg-type]
        else:
            self.sheet.write_string(self.row, column, clean(value)[:LONGEST_CELL], style)

    def link(self, column: int, row: int, url: str, words: str) -> None:
        """A link that was found safe, in words."""
        self.sheet.write_url(row, column, url, self.book.style("link"), string=words)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def money_format(currency: str, lang: Lang) -> str:
    """Excel's number format for whole amounts of a currency.

    >>> money_format("COP", "es"), money_format("EUR", "es")
    ('"$ "#,##0', '#,##0" €"')
    """
    sample = money(1, clean(currency).replace('"', "")[:10]).text(lang)
    before, _, after = sample.partition("1")
    return (f'"{before}"' if before else "") + "#,##0" + (f'"{after}"' if after else "")


def make_workbook(findings: Findings, lang: Lang, reserved: Sequence[str], fill_in: Callable[[Book], None]) -> bytes:
    """A workbook that ``fill_in`` fills from top to bottom, as bytes."""
    from xlsxwriter import Workbook

    buffer = BytesIO()
    with TemporaryDirectory(prefix="perla-") as scratch:
        rules = {"constant_memory": True, "tmpdir": scratch, "nan_inf_to_errors": False}
        inert = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        workbook = Workbook(buffer, {**rules, **inert})
        workbook.set_properties({"created": CREATED, "title": heading(findings).text(lang)[:250], "author": "perla"})
        fill_in(Book(workbook, findings, lang, reserved))
        workbook.close()
    return buffer.getvalue()
