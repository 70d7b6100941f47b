"""A scorecard in the terminal: the figures beside two baselines, then the parts of the market; fits 80 columns."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from perla.bargains.evaluation import Breakdown, Evaluation
from perla.bargains.evaluation import Line as ScoreLine
from perla.reports import scorecard_rows as s
from perla.reports.terminal import Prose
from perla.reports.untrusted import one_line
from perla.words import Lang, Text, fill, number, same

MOST_LINES = {"segment": 5, "region": 9}
MOST_PERIODS = 6
LONGEST_NAME = 22
SHORT_HEDONIC, SHORT_COMPARABLES = Text("hedonic", "hedónica"), Text("comparables", "comparables")
SHORT_INTERVAL = Text("in 90 %", "en 90 %")


def show_evaluation(evaluation: Evaluation, console: Console, lang: Lang) -> None:
    """Print how good the estimates are, beside the baselines and the limits, and by part of the market."""
    card, currency = evaluation.scorecard, evaluation.market.currency
    title = s.TITLE + same(" · ") + evaluation.market.label
    console.print(Prose(one_line(title.text(lang), 200), "bold"))
    source = fill("{source}, by a model that ", "{source}, por un modelo que ", source=evaluation.source)
    learned = fill(s.LEARNED_FROM.en, s.LEARNED_FROM.es, name=evaluation.learned_from)
    console.print(Prose(one_line((source + learned).text(lang), 200), "dim"))
    console.print()
    console.print(_figures(card.overall, currency, lang))
    console.print()
    console.print(_parts([evaluation.splits, *card.breakdowns], lang))
    console.print()
    for told in (*card.how, s.extremes(card), s.LIMITS_TOLD):
        if told is not None:
            console.print(Prose(one_line((same("· ") + told).text(lang), 500), "dim", "  "))
    console.print(Prose(s.outcome(card).text(lang), "bold"))


def _figures(line: ScoreLine, currency: str, lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(s.MEASURE.text(lang), no_wrap=True)
    for name in (s.PERLA, SHORT_HEDONIC, SHORT_COMPARABLES, s.LIMIT):
        table.add_column(name.text(lang), justify="right", no_wrap=True)
    for measure in s.MEASURES:
        mine, *others = s.models(line)
        keeps = measure.keeps(mine)
        style = "bold" if keeps is None else "bold green" if keeps else "bold yellow"
        table.add_row(
            measure.name.text(lang),
            Line(measure.write(mine, currency).text(lang), style=style),
            *(Line(measure.write(other, currency).text(lang)) for other in others),
            Line(measure.limits_told.text(lang) if measure.limits_told else "", style="dim"),
        )
    return table


def _parts(breakdowns: list[Breakdown], lang: Lang) -> Table:
    """One table for all parts, each way of parting under its own heading; the typical error by all three."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(s.TYPICAL_ERROR.text(lang), no_wrap=True, max_width=LONGEST_NAME + 2, overflow="ellipsis")
    for name in (Text("n", "n"), s.PERLA, SHORT_HEDONIC, SHORT_COMPARABLES, Text("COD", "COD"), SHORT_INTERVAL):
        table.add_column(name.text(lang), justify="right", no_wrap=True)
    for breakdown in breakdowns:
        table.add_row(Line(one_line(breakdown.title.text(lang), 60), style="bold dim"))
        lines = _most_telling(breakdown)
        for line in lines:
            table.add_row(*_part_cells(line, lang))
        if more := len(breakdown.lines) - len(lines):
            told = fill("and {count} more", "y {count} más", count=more)
            table.add_row(Line("  " + told.text(lang), style="dim"))
    return table


def _most_telling(breakdown: Breakdown) -> tuple[ScoreLine, ...]:
    """The latest periods; of regions and segments the first, which are the largest; all of anything else."""
    if breakdown.kind == "time":
        return breakdown.lines[-MOST_PERIODS:]
    return breakdown.lines[: MOST_LINES.get(breakdown.kind)]


def _part_cells(line: ScoreLine, lang: Lang) -> list[Line]:
    mine, hedonic, comparables = s.models(line)
    best = mine.mdape <= min(hedonic.mdape, comparables.mdape)
    return [
        Line("  " + one_line(line.name.text(lang), LONGEST_NAME)),
        Line(number(mine.listings).text(lang), style="dim"),
        Line(s.share(mine.mdape).text(lang), style="bold green" if best else "bold yellow"),
        Line(s.share(hedonic.mdape).text(lang)),
        Line(s.share(comparables.mdape).text(lang)),
        Line(s.plain(mine.cod, 1).text(lang)),
        Line(s.share(mine.coverage).text(lang)),
    ]
