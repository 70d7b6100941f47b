"""Findings in the terminal: a table that fits 80 columns, and one listing explained."""

from __future__ import annotations

import math
from collections.abc import Iterable
from textwrap import wrap

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.measure import Measurement
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text as Line

from perla.bargains.findings import Bargain, Comparable, Findings, Surprise, Verdict
from perla.reports import wording as w
from perla.reports.facts import (
    accuracy,
    below,
    drivers_told,
    estimate,
    explanations,
    found,
    heading,
    is_simulated,
    opinions_in_short,
    range_of,
    rejected_counts,
    request,
    typing_errors,
    unbroken,
    why,
)
from perla.reports.naming import identity
from perla.reports.untrusted import one_line, safe_link
from perla.words import Lang, Text, fill, join, money, number, percent, same

COLOURS = {
    Verdict.GREAT: "bold green", Verdict.GOOD: "green", Verdict.FAIR: "default", Verdict.HIGH: "yellow",
    Verdict.OVERPRICED: "red", Verdict.SUSPICIOUS: "magenta", Verdict.NOT_RATED: "dim",
}  # fmt: skip
WIDE = 110
BAR_HALF = 10
LARGEST_SURPRISE = 6.0


def show_findings(findings: Findings, console: Console, lang: Lang) -> None:
    """Print the bargains as a table, then what was examined and set aside, and how good the estimates are."""
    _show_heading(findings, console, lang)
    if findings.bargains:
        console.print(_bargain_table(findings, console.width, lang))
        console.print()
    for line in _closing_lines(findings):
        console.print(_prose(line, lang, "dim"))
    for note in findings.card.notes:
        console.print(_prose(same("· ") + note, lang, "yellow"))


def show_listing(bargain: Bargain, findings: Findings, console: Console, lang: Lang) -> None:
    """Print one listing explained: estimate, reasons, surprise per column, comparables, why it was shown or not."""
    _show_heading(findings, console, lang)
    console.print(_price_panel(bargain, findings, lang))
    standing, place = _standing(bargain, findings)
    console.print(_line(standing, lang, "bold"))
    for reason in (*place, *bargain.reasons):
        console.print(Padding(Prose(one_line((same("• ") + reason).text(lang), 600), "", "  "), (0, 0, 0, 2)))
    _show_makings(bargain, findings, console, lang)
    _show_surprises(bargain, console, lang)
    _show_comparables(bargain, findings, console, lang)
    console.print(_prose(accuracy(findings), lang, "dim"))


def _standing(bargain: Bargain, findings: Findings) -> tuple[Text, list[Text]]:
    """Whether the listing is shown; a good one can be left out only because others are better."""
    if any(b.row == bargain.row for b in findings.bargains):
        return w.SHOWN, []
    if bargain.verdict not in (Verdict.GREAT, Verdict.GOOD) or bargain.rank < 1:
        return w.NOT_SHOWN, []
    rated = number(int(findings.table["rank"].notna().sum()))
    told = [fill("place {rank} of {rated}", "puesto {rank} de {rated}", rank=number(bargain.rank), rated=rated)]
    if findings.bargains:
        count = number(len(findings.bargains))
        told.append(fill("only the best {count} are shown", "solo se muestran las {count} mejores", count=count))
    return w.IS_BARGAIN, told


class Prose:
    """Sentences wrapped between words, never inside an amount: rich would also break at a no-break space."""

    def __init__(self, words: str, style: str, hang: str = "") -> None:
        self.hang = hang
        self.words, self.style = unbroken(words), style

    def __rich_measure__(self, console: Console, options: ConsoleOptions) -> Measurement:
        longest = max(map(cell_len, self.words.split(" ")), default=0)
        return Measurement(min(longest, options.max_width), min(cell_len(self.words), options.max_width))

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in wrap(
            self.words, max(1, options.max_width), subsequent_indent=self.hang, break_on_hyphens=False
        ) or [""]:
            yield Line(line.replace("\u00a0", " "), style=self.style)


def _prose(text: Text, lang: Lang, style: str = "", longest: int = 600) -> Prose:
    return Prose(one_line(text.text(lang), longest), style)


def _line(text: Text, lang: Lang, style: str = "", longest: int = 600) -> Line:
    """A sentence as inert text: no markup is read in it."""
    return Line(one_line(text.text(lang), longest), style=style)


def _show_heading(findings: Findings, console: Console, lang: Lang) -> None:
    console.print(_line(heading(findings), lang, "bold yellow" if is_simulated(findings) else "bold"))
    console.print(_line(request(findings), lang, "dim"))
    console.print()


def _bargain_table(findings: Findings, width: int, lang: Lang) -> Table:
    wide = width >= WIDE
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1 if not wide else 0, 0), header_style="bold", expand=wide)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(w.LISTING.text(lang), ratio=3 if wide else None, overflow="fold")
    table.add_column(w.ASKING.text(lang), justify="right", no_wrap=True)
    if wide:
        table.add_column(w.EXPECTED.text(lang), justify="right", no_wrap=True)
    table.add_column(w.VERDICT.text(lang), no_wrap=True)
    if wide:
        table.add_column(w.WHY.text(lang), ratio=3, overflow="fold")
    for bargain in findings.bargains:
        table.add_row(*_bargain_cells(findings, bargain, wide, lang))
    return table


def _bargain_cells(findings: Findings, bargain: Bargain, wide: bool, lang: Lang) -> list[Line | Group | Prose]:
    """The cells of one bargain; a narrow terminal gets the reason under the listing."""
    currency = findings.listings.market.currency
    what = Prose(one_line(identity(findings, bargain.original).text(lang), 90), "bold")
    name = Line(one_line(bargain.listing_id, 40), style="dim")
    short = _prose(why(bargain), lang, "" if wide else "dim", 200)
    asking = _line(money(bargain.asking_price, currency), lang, "bold")
    expected = _line(estimate(bargain.expected_price, currency), lang)
    interval = _line(same("[") + range_of(bargain, currency) + same("]"), lang, "dim")
    style = COLOURS[bargain.verdict]
    verdict = Group(_line(bargain.verdict.label, lang, style), _line(_discount(bargain), lang, style))
    rank = Line(str(bargain.rank), style="bold")
    opinions = [_prose(opinions_in_short(bargain, currency), lang, "dim")] if bargain.agreement else []
    if wide:
        return [rank, Group(what, name), asking, Group(expected, interval), verdict, Group(short, *opinions)]
    should = _line(same("→ ") + estimate(bargain.expected_price, currency), lang)
    return [
        rank,
        Group(what, name, short, *opinions),
        Group(asking, should, *_short_interval(bargain, currency, lang)),
        verdict,
    ]


def _short_interval(bargain: Bargain, currency: str, lang: Lang) -> list[Line]:
    """The interval on two lines, so that long amounts fit a narrow terminal."""
    low, high = estimate(bargain.low, currency), estimate(bargain.high, currency)
    return [_line(same("[") + low + same(" –"), lang, "dim"), _line(high + same("]"), lang, "dim")]


def _discount(bargain: Bargain) -> Text:
    return percent(-bargain.discount)


def _closing_lines(findings: Findings) -> Iterable[Text]:
    currency = findings.listings.market.currency

    def told(count: int) -> Text:
        return number(count, currency=currency)

    yield found(findings)
    yield join(
        [told(count) + same(" ") + verdict.label for verdict, count in findings.counts().items() if count], " · "
    )
    if findings.listings.rejected:
        count = told(len(findings.listings.rejected))
        reasons = join([told(n) + same(" ") + reason for reason, n in rejected_counts(findings)[:3]], ", ")
        yield w.REJECTED + same(": ") + count + same(" (") + reasons + same(")")
    if findings.listings.doubts:
        yield w.DOUBTS + same(": ") + told(len(findings.listings.doubts))
    if (mistyped := typing_errors(findings)) is not None:
        yield mistyped
    yield accuracy(findings)


def _price_panel(bargain: Bargain, findings: Findings, lang: Lang) -> Panel:
    currency = findings.listings.market.currency
    style = COLOURS[bargain.verdict]
    rows = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    rows.add_column(style="dim", no_wrap=True)
    rows.add_column()
    rows.add_row(_line(w.ASKING, lang), _line(money(bargain.asking_price, currency), lang, "bold"))
    if math.isfinite(bargain.expected_price):
        rows.add_row(_line(w.EXPECTED, lang), _line(estimate(bargain.expected_price, currency), lang, "bold"))
        rows.add_row(_line(w.INTERVAL, lang), _line(range_of(bargain, currency), lang))
        rows.add_row(_line(w.DISCOUNT, lang), _line(below(bargain), lang, style))
    if math.isfinite(bargain.chance):
        rows.add_row(_line(w.CHANCE, lang), Group(_line(percent(bargain.chance), lang), _chance_told(lang)))
    if bargain.agreement:
        rows.add_row(_line(w.OPINIONS, lang), _prose(opinions_in_short(bargain, currency), lang))
    rows.add_row(_line(w.VERDICT, lang), _line(bargain.verdict.label, lang, style))
    if link := safe_link(bargain.link):
        rows.add_row(_line(w.LINK, lang), Line(link, overflow="fold"))
    what = Prose(one_line(identity(findings, bargain.original).text(lang), 160), "bold")
    title = Line(one_line(bargain.listing_id, 60), style="bold")
    return Panel(Group(what, Line(""), rows), title=title, title_align="left", border_style="dim")


def _chance_told(lang: Lang) -> Prose:
    """What the chance means; its own name stands beside it already."""
    return Prose(w.CHANCE_TOLD.text(lang).partition(": ")[2], "dim")


def _show_makings(bargain: Bargain, findings: Findings, console: Console, lang: Lang) -> None:
    """What makes the expected price, and what would explain the asked one."""
    currency = findings.listings.market.currency
    parts = [
        (w.DRIVERS, [drivers_told(bargain, currency)] if bargain.drivers else []),
        (w.EXPLANATIONS, [same("• ") + told for told in explanations(bargain)]),
    ]
    for title, lines in parts:
        if lines:
            console.print()
            console.print(_line(title, lang, "bold"))
        for line in lines:
            console.print(Padding(Prose(one_line(line.text(lang), 600), "", "  "), (0, 0, 0, 2)))


def _show_surprises(bargain: Bargain, console: Console, lang: Lang) -> None:
    finite = [s for s in bargain.surprises if math.isfinite(s.z)]
    if not finite:
        return
    console.print()
    console.print(_line(w.SURPRISE, lang, "bold"))
    console.print(_line(w.SURPRISE_TOLD, lang, "dim"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for title in (w.COLUMN, w.STANDS, w.USUAL):
        table.add_column(title.text(lang), overflow="ellipsis", max_width=24)
    table.add_column(w.UNITS.text(lang), no_wrap=True, min_width=2 * BAR_HALF + 8)
    for surprise in sorted(finite, key=lambda s: (not s.wished, -abs(s.z)))[:14]:
        cells = [_prose(t, lang, longest=60) for t in (surprise.title, surprise.actual, surprise.expected)]
        table.add_row(*cells, _bar(surprise, lang))
    console.print(table)


def _bar(surprise: Surprise, lang: Lang) -> Line:
    """A small bar to the left or right of the middle, and the figure."""
    shown = 0.0 if abs(surprise.z) < 0.05 else surprise.z
    length = round(min(abs(surprise.z), LARGEST_SURPRISE) / LARGEST_SURPRISE * BAR_HALF)
    left = ("█" * length if surprise.z < 0 else "").rjust(BAR_HALF)
    right = ("█" * length if surprise.z >= 0 else "").ljust(BAR_HALF)
    style = "green" if surprise.wished else "yellow" if abs(surprise.z) > 2 else "dim"
    sign = "+" if surprise.z >= 0.05 else ""
    return Line.assemble((left, style), ("│", "dim"), (right, style), f" {sign}{number(shown, 1).text(lang)}")


def _show_comparables(bargain: Bargain, findings: Findings, console: Console, lang: Lang) -> None:
    console.print()
    console.print(_line(w.COMPARABLES, lang, "bold"))
    if not bargain.comparables:
        console.print(_line(w.NO_COMPARABLES, lang, "dim"))
        return
    console.print(_line(w.COMPARABLES_TOLD, lang, "dim"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(w.LISTING.text(lang), overflow="fold")
    for title in (w.SIMILARITY, w.ASKING, w.ADJUSTED):
        table.add_column(title.text(lang), justify="right")
    for comparable in bargain.comparables:
        table.add_row(*_comparable_cells(comparable, findings, lang))
    console.print(table)
    console.print()


def _comparable_cells(comparable: Comparable, findings: Findings, lang: Lang) -> list[Line | Group | Prose]:
    currency = findings.listings.market.currency
    name = Line(one_line(comparable.listing_id, 40), style="dim")
    what = Prose(one_line(identity(findings, comparable.original).text(lang), 90), "")
    return [
        Group(what, name),
        _line(percent(comparable.similarity), lang),
        _line(money(comparable.asking_price, currency), lang),
        _line(estimate(comparable.adjusted_price, currency), lang, "bold"),
    ]
