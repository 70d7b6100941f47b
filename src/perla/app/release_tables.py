"""Models in service, drawn in the terminal: the gate's conditions, releases, a record, two records; fits 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from perla.app.judging import Judgement
from perla.listings import Market
from perla.release.deployments import Deployed
from perla.release.gate import Condition, Decision
from perla.release.records import JUDGED_ON, Record, Row, describe_record, record_from_state
from perla.reports.terminal import Prose
from perla.reports.untrusted import one_line
from perla.words import Lang, Text, fill, join, number, percent

YES, NO = Text("yes", "sí"), Text("NO", "NO")
LONGEST = 400
MOST_LINES = 40


@dataclass(frozen=True)
class Listed:
    """One release as the list shows it. serving : whether it is in service."""

    deployed: Deployed
    serving: bool
    damaged: bool = False


def show_judgement(judgement: Judgement, market: Market, console: Console, lang: Lang) -> None:
    """Print what the gate asked and what the model has, then the outcome in one line."""
    title = fill("May it go in service for {market}?", "¿Puede entrar en servicio para {market}?", market=market.label)
    console.print(Prose(one_line(title.text(lang), LONGEST), "bold"))
    on = fill("Judged on {what}.", "Se juzgó con {what}.", what=judgement.judged_on)
    console.print(Prose(one_line(on.text(lang), LONGEST), "dim"))
    console.print()
    console.print(conditions_table(judgement.decision, lang))
    console.print()
    decision = judgement.decision
    if decision.passed:
        console.print(Prose(decision.told.text(lang), "bold green"))
        return
    console.print(Prose(one_line(decision.told.text(lang), 4 * LONGEST), "bold yellow"))


def conditions_table(decision: Decision, lang: Lang) -> Table:
    """A line for each condition: what it is about, what the model has, what is asked, whether it holds."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    heads = Text("condition", "condición"), Text("this model", "este modelo"), Text("asked", "se pide")
    for head, ratio in zip(heads, (5, 8, 7), strict=True):
        table.add_column(head.text(lang), ratio=ratio)
    table.add_column(Text("holds", "cumple").text(lang), no_wrap=True)
    for condition in decision.conditions:
        table.add_row(*_cells(condition, lang))
    return table


def _cells(condition: Condition, lang: Lang) -> list[Line]:
    style = "green" if condition.passed else "bold yellow"
    return [
        Line(condition.name.label.text(lang)),
        Line(condition.has.text(lang), style=style),
        Line(condition.asked.text(lang)),
        Line((YES if condition.passed else NO).text(lang), style=style),
    ]


def show_releases(markets: dict[str, list[Listed]], console: Console, lang: Lang) -> None:
    """Print every release of every market: since when, whether it is in service, how good it was."""
    for place, (market, releases) in enumerate(markets.items()):
        if place:
            console.print()
        console.print(Prose(one_line(market, 80), "bold"))
        console.print(_releases_table(releases, lang))
    if not markets:
        told = Text(
            "No model is in service yet. Put one in service: perla deploy MODEL",
            "Todavía no hay un modelo en servicio. Ponga uno: perla deploy MODELO",
        )
        console.print(Prose(told.text(lang), ""))


def _releases_table(releases: Sequence[Listed], lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column(Text("release", "versión").text(lang), no_wrap=True)
    table.add_column(Text("since", "desde").text(lang), no_wrap=True)
    for head in (Text("listings", "anuncios"), Text("error", "error"), Text("in 90 %", "en 90 %")):
        table.add_column(head.text(lang), justify="right", no_wrap=True)
    table.add_column("", overflow="fold")
    for listed in reversed(releases):
        table.add_row(*_release_cells(listed, lang))
    return table


def _release_cells(listed: Listed, lang: Lang) -> list[Line]:
    record = record_from_state(listed.deployed.record)
    figures = record.figures
    style = "bold" if listed.serving else ""
    since = listed.deployed.since[:16].replace("T", " ") or "-"
    error = number(100 * figures.mdape, 1).text(lang) + " %" if figures else "-"
    inside = percent(figures.coverage).text(lang) if figures else "-"
    rows = number(record.rows).text(lang) if record.rows else "-"
    return [
        Line(listed.deployed.release, style=style), Line(since), Line(rows), Line(error), Line(inside),
        Line(_remarks(listed, record, lang), style="bold yellow" if listed.damaged else style or "dim"),
    ]  # fmt: skip


def _remarks(listed: Listed, record: Record, lang: Lang) -> str:
    told: list[Text] = []
    if listed.serving:
        told.append(Text("IN SERVICE", "EN SERVICIO"))
    elif not listed.deployed.since:
        told.append(Text("never in service", "nunca estuvo en servicio"))
    if listed.damaged:
        told.append(Text("DAMAGED", "DAÑADA"))
    if record.forced:
        told.append(Text("forced", "forzada"))
    reason = [one_line(listed.deployed.reason, 120)] if listed.deployed.reason else []
    return ": ".join([", ".join(t.text(lang) for t in told), *reason]).removeprefix(": ")


def show_record(listed: Listed, console: Console, lang: Lang) -> None:
    """Print everything known of one release."""
    record = record_from_state(listed.deployed.record)
    console.print(Prose(f"{one_line(record.market, 60)} {listed.deployed.release}", "bold"))
    console.print(Prose(_remarks(listed, record, lang), "dim"))
    console.print()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in describe_record(record):
        table.add_row(Line(label.text(lang)), Line(one_line(value.text(lang), LONGEST)))
    console.print(table)
    if record.decision is not None:
        console.print()
        console.print(conditions_table(record.decision, lang))


def show_comparison(
    names: tuple[str, str], rows: Sequence[Row], market_lines: Sequence[str], console: Console, lang: Lang
) -> None:
    """Print two records side by side, only what differs, and what changed in the market file."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("", style="dim")
    for name in names:
        table.add_column(name, overflow="fold")
    for row in (row for row in rows if row.differs):
        one, other = (Line(one_line(value.text(lang), LONGEST)) for value in (row.one, row.other))
        table.add_row(Line(row.label.text(lang)), one, other)
    console.print(table)
    alike = join((row.label for row in rows if not row.differs), ", ")
    console.print()
    console.print(Prose(fill("Alike: {what}.", "Iguales: {what}.", what=alike).text(lang), "dim"))
    if any(row.differs and row.label == JUDGED_ON for row in rows):
        told = Text(
            "They were judged on different listings, so their figures do not compare; perla deploy judges both on the "
            "same.",
            "Se juzgaron con anuncios distintos, así que sus cifras no se comparan; perla deploy juzga a ambos con los "
            "mismos.",
        )
        console.print(Prose(told.text(lang), "yellow"))
    if market_lines:
        console.print()
        told = Text("Changed in the market file:", "Cambios en el archivo de mercado:")
        console.print(Prose(told.text(lang), ""))
        for line in market_lines[:MOST_LINES]:
            console.print(Prose(one_line(line, 200), "dim", "  "))
