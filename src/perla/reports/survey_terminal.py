"""A survey in the terminal: what the market asks, by area and month, what stands in each column; fits 80 columns."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from perla.reports.scorecard_rows import amount
from perla.reports.terminal import Prose
from perla.reports.untrusted import one_line
from perla.survey import Month, PriceLine, Prices, Survey
from perla.survey.attributes import small_share
from perla.words import Lang, Text, fill, join, money, number, quantity, rounded, same

HALF, MIDDLE = Text("Half below", "La mitad bajo"), Text("Middle half", "Mitad central")
COUNT, MONTH, TYPICAL = Text("n", "n"), Text("Month", "Mes"), Text("Typical", "Típico")
IS_ODD, COLUMNS = Text("What is odd", "Lo raro"), Text("Columns", "Columnas")
NOTHING_ODD = Text("Nothing stands out.", "Nada llama la atención.")
FEW = Text("* few listings: the figure may be off by much", "* pocos anuncios: la cifra puede estar muy lejos")
SIMULATED = Text("SIMULATED DATA", "DATOS SIMULADOS")
LONGEST_NAME, LONGEST_TOLD = 24, 400
MOST_MONTHS, MOST_WEEKS, MOST_LINES, MOST_REASONS = 13, 8, 10, 3
BAR = 14


def show_survey(survey: Survey, console: Console, lang: Lang) -> None:
    """Print the market as it is."""
    simulated = fill("{word} · ", "{word} · ", word=SIMULATED) if survey.simulated else same("")
    title = simulated + Text("The market · ", "El mercado · ") + survey.title
    console.print(Prose(one_line(title.text(lang), 200), "bold yellow" if survey.simulated else "bold"))
    for line in _opening(survey):
        console.print(_prose(line, lang))
    for prices in (*survey.areas, *survey.kinds):
        console.print()
        console.print(_price_table(prices, survey, lang))
    if any(line.few for prices in (*survey.areas, *survey.kinds) for line in prices.lines):
        console.print(_prose(FEW, lang, "dim"))
    _show_times(survey, console, lang)
    console.print()
    console.print(_column_table(survey, lang))
    console.print()
    console.print(_prose(IS_ODD, lang, "bold"))
    for odd in [oddity.told for oddity in survey.oddities] or [NOTHING_ODD]:
        console.print(_prose(same("· ") + odd, lang, hang="  "))


def _prose(text: Text, lang: Lang, style: str = "", hang: str = "") -> Prose:
    return Prose(one_line(text.text(lang), LONGEST_TOLD), style, hang)


def _table(*columns: Text, lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for place, name in enumerate(columns):
        table.add_column(name.text(lang), justify="left" if place == 0 else "right", no_wrap=True)
    return table


def _opening(survey: Survey) -> list[Text]:
    counted = fill("{n} listings", "{n} anuncios", n=number(survey.listings))
    if survey.twins:
        counted += fill(", {n} of them repeat another", ", {n} de ellos repiten otro", n=number(survey.twins))
    counted += fill(" ({source}).", " ({source}).", source=survey.source) if survey.source else same(".")
    lines = [counted]
    if survey.rejected:
        why = [fill("{n} {why}", "{n} {why}", n=number(c.listings), why=c.name) for c in survey.rejected_why]
        more = same(", ...") if len(why) > MOST_REASONS else same("")
        lines.append(fill("{n} rows were set aside: {why}.", "Se apartaron {n} filas: {why}.",
                          n=number(survey.rejected), why=join(why[:MOST_REASONS], ", ") + more))  # fmt: skip
    return [*lines, *_asked(survey.price, survey)]


def _asked(price: PriceLine, survey: Survey) -> list[Text]:
    if price.median is None:
        return []
    told = fill("Half ask less than {middle}", "La mitad pide menos de {middle}", middle=_money(price.median, survey))
    if price.low is not None and price.high is not None:
        told += fill("; the middle half {low} to {high}", "; la mitad central, de {low} a {high}",
                     low=_money(price.low, survey), high=_money(price.high, survey))  # fmt: skip
    if price.per_unit is not None:
        told += fill("; typically {price} for one {unit} of {size}", "; lo típico es {price} por {unit} de {size}",
                     price=_money(price.per_unit, survey), unit=_unit(survey), size=survey.size_title)  # fmt: skip
    return [told + same(".")]


def _unit(survey: Survey) -> Text:
    return same(quantity(1, survey.size_unit).en.removeprefix("1 "))


def _money(value: float | None, survey: Survey) -> Text:
    return same("-") if value is None else money(rounded(value), survey.currency)


def _short(value: float | None, survey: Survey) -> Text:
    return same("-") if value is None else amount(value, survey.currency)


def _price_table(prices: Prices, survey: Survey, lang: Lang) -> Table:
    heads = [prices.title, COUNT, HALF, MIDDLE]
    if survey.size:
        heads.append(fill("per {unit}", "por {unit}", unit=_unit(survey)))
    table = _table(*heads, lang=lang)
    table.columns[0].max_width = LONGEST_NAME
    table.columns[0].overflow = "ellipsis"
    rest = [line for line in (prices.others, prices.unknown) if line is not None]
    for line in (*prices.lines[:MOST_LINES], *_hidden_lines(prices), *rest):
        table.add_row(*(Line(cell.text(lang)) for cell in _price_cells(line, survey)), style="dim" if line.few else "")
    return table


def _hidden_lines(prices: Prices) -> Sequence[PriceLine]:
    """Those between the first and the others, where they are few enough to be shown after all."""
    left = prices.lines[MOST_LINES:]
    return left if prices.others is None or left else ()


def _price_cells(line: PriceLine, survey: Survey) -> list[Text]:
    mark = same("*") if line.few else same("")
    middle = same("-")
    if line.low is not None and line.high is not None:
        middle = join([_short(line.low, survey), _short(line.high, survey)], " – ")
    name = Text(one_line(line.name.en, LONGEST_NAME), one_line(line.name.es, LONGEST_NAME))
    cells = [name, number(line.listings), _short(line.median, survey) + mark, middle]
    return [*cells, _short(line.per_unit, survey)] if survey.size else cells


def _show_times(survey: Survey, console: Console, lang: Lang) -> None:
    if survey.months and survey.time is not None:
        console.print()
        console.print(_month_table(survey, lang))
        console.print(_prose(_capital(survey.time) + same("."), lang, "dim"))
    whole = [week for week in survey.weeks if week.whole]
    if whole:
        shown = whole[-MOST_WEEKS:]
        console.print(_prose(fill(
            "New per week, the last {k} whole weeks: {counts}.",
            "Nuevos por semana, las últimas {k} semanas completas: {counts}.",
            k=len(shown), counts=join([number(week.new) for week in shown], ", "),
        ), lang))  # fmt: skip
    if survey.cuts is not None:
        console.print(_prose(cuts_told(survey), lang))


def cuts_told(survey: Survey) -> Text:
    """The price changes in one sentence."""
    cuts = survey.cuts
    if cuts is None:
        return same("")
    told = fill(
        "Of {all} listings seen on more than one day, {cut} lowered their price ({share})",
        "De {all} anuncios vistos más de un día, {cut} bajaron de precio ({share})",
        all=number(cuts.followed), cut=number(cuts.cut), share=small_share(cuts.cut / max(cuts.followed, 1)),
    )  # fmt: skip
    if cuts.median_cut is not None:
        told += fill("; half of the {n} cuts are of {size} or more",
                     "; la mitad de las {n} rebajas es del {size} o más",
                     n=number(cuts.cuts), size=number(cuts.median_cut * 100, 1) + same(" %"))  # fmt: skip
    return told + same(".")


def _capital(text: Text) -> Text:
    return Text(text.en[:1].upper() + text.en[1:], text.es[:1].upper() + text.es[1:])


def _month_table(survey: Survey, lang: Lang) -> Table:
    shown = survey.months[-MOST_MONTHS:]
    comparable = any(month.typical is not None for month in shown)
    heads = [MONTH, COUNT, HALF, *([TYPICAL] if comparable else []), same("")]
    table = _table(*heads, lang=lang)
    table.columns[-1].justify = "left"
    for month in shown:
        cells = [same(month.month), number(month.listings), _short(month.median, survey) + same("*" * month.few)]
        cells += [_short(month.typical, survey)] if comparable else []
        table.add_row(*(Line(cell.text(lang)) for cell in cells), Line(_bar(month, shown), style="cyan"))
    return table


def _bar(month: Month, shown: Sequence[Month]) -> str:
    return "▇" * round(BAR * month.listings / max(1, *(m.listings for m in shown)))


def _column_table(survey: Survey, lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(COLUMNS.text(lang), no_wrap=True, max_width=LONGEST_NAME, overflow="ellipsis")
    table.add_column("")
    for column in survey.attributes:
        told = Prose(one_line(column.told.text(lang), LONGEST_TOLD), "")
        table.add_row(Line(one_line(column.title.text(lang), LONGEST_NAME)), told)
    return table
