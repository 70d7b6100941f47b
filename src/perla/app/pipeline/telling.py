"""What a run says when it is over: its steps, how good the model is beside the one in service, what was decided."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from perla.app.pipeline.line import DEPLOY, EVALUATE, GATE, PREPARE, SCORE, Line
from perla.app.pipeline.record import Outcome, State
from perla.app.pipeline.run import Ran
from perla.app.pipeline.table import STATES, duration, step_table
from perla.listings.floors import Floors
from perla.release.gate import Decision, Name, decision_from_state
from perla.words import Lang, Text, fill, number, same

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from perla.release.steps import Results

FIGURES = (
    ("listings", Text("listings judged", "anuncios juzgados"), 1, 0, Name.LISTINGS),
    ("r2", Text("R2", "R2"), 1, 3, Name.ACCURACY),
    ("mdape", Text("median error, %", "error mediano, %"), 100, 1, Name.ACCURACY),
    ("coverage", Text("in the 90 % interval, %", "en el intervalo del 90 %, %"), 100, 1, Name.COVERAGE),
    ("median_ratio", Text("typical estimate / price", "estimación típica / precio"), 1, 3, Name.LEVEL),
    ("cod", Text("scatter (COD)", "dispersión (COD)"), 1, 1, Name.UNIFORMITY),
)


def show_ran(line: Line, ran: Ran, console: Console, lang: Lang) -> None:
    """The whole run on a terminal of 80 columns."""
    seconds = sum(step.seconds for step in ran.told.steps)
    title = fill("{market}: run {run}", "{market}: ejecución {run}", market=line.market.label, run=ran.told.run)
    console.print(title.text(lang), style="bold")
    console.print(step_table(ran.told.steps, lang, _said(ran)))
    all_told = fill("{time} of work in all", "{time} de trabajo en total", time=duration(seconds))
    console.print(f"   {all_told.text(lang)}\n", style="dim")
    decision = decision_from_state(ran.results[GATE].facts["decision"])
    show_figures(ran.results[EVALUATE].facts, line.market.floors, decision, console, lang)
    for text in (*_ending(line, ran, decision), *ran.notes):
        console.print(text.text(lang), soft_wrap=False)


def _said(ran: Ran) -> dict[str, tuple[Text, float]]:
    """What is to say of the steps that have something to say; the share stays unsaid."""
    results: Results = ran.results
    read, scored = results[PREPARE].facts, results[SCORE].facts
    said = {
        PREPARE: fill("{learn} to learn from, {held} held out", "{learn} para aprender, {held} reservados",
                      learn=number(read["learn"]), held=number(read["held"])),
        GATE: _decided(results),
        DEPLOY: same(results[DEPLOY].facts["release"] or "-"),
    }  # fmt: skip
    if scored["edition"]:
        said[SCORE] = fill("{all} judged, {bargains} to show", "{all} juzgados, {bargains} para mostrar",
                           all=number(scored["listings"]), bargains=number(scored["bargains"]))  # fmt: skip
    unchanged = {step.name for step in ran.told.steps if step.state is State.UNCHANGED}
    return {name: (_also(text, name in unchanged), -1.0) for name, text in said.items()}


def _also(text: Text, unchanged: bool) -> Text:
    return text + same(" · ") + STATES[State.UNCHANGED] if unchanged else text


def _decided(results: Results) -> Text:
    passed = results[GATE].facts["decision"]["passed"]
    if passed:
        return Text("yes", "sí")
    return Text("no, forced", "no, forzado") if results[DEPLOY].facts["deployed"] else Text("no", "no")


def show_figures(facts: Mapping[str, Any], floors: Floors, decision: Decision, console: Console, lang: Lang) -> None:
    """How good the model is, beside the one in service and what the market file asks."""
    table = _grid()
    heads = [Text("held-out listings", "anuncios reservados"), Text("new", "nuevo")]
    old = facts["old_figures"]
    heads += [Text("in service", "en servicio")] if old else []
    table.add_row("", *(_bold(head.text(lang)) for head in (*heads, Text("asked", "se pide"))))
    failed = {condition.name for condition in decision.failed}
    for name, title, times, decimals, asked in FIGURES:
        told = [_figure(values.get(name), times, decimals).text(lang) for values in (facts["figures"], old) if values]
        table.add_row(_mark(asked in failed), title.text(lang), *told, _asked(name, floors).text(lang))
    console.print(table)
    for condition in decision.conditions:
        if condition.name is Name.BETTER:
            console.print(
                _mark(not condition.passed), Text("better, beyond chance", "mejor, más allá del azar").text(lang)
            )
    console.print()


def _grid() -> Table:
    from rich.table import Table

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=3, justify="right")
    table.add_column(no_wrap=True)
    for _ in range(3):
        table.add_column(no_wrap=True, justify="right")
    return table


def _asked(name: str, floors: Floors) -> Text:
    least, most = Text("at least {n}", "al menos {n}"), Text("at most {n}", "máximo {n}")
    low_high = {"coverage": (floors.coverage, 100, 0), "median_ratio": (floors.median_ratio, 1, 2)}
    if name in low_high:
        (low, high), times, decimals = low_high[name]
        return fill("{a} to {b}", "{a} a {b}", a=number(low * times, decimals), b=number(high * times, decimals))
    one = {"listings": (least, floors.listings, 0), "r2": (least, floors.r2, 3), "cod": (most, floors.cod, 1),
           "mdape": (Text("or at most {n}", "o máximo {n}"), floors.mdape * 100, 1)}  # fmt: skip
    words, value, decimals = one[name]
    return fill(words.en, words.es, n=number(value, decimals))


def _figure(value: float | None, times: int, decimals: int) -> Text:
    return number(math.nan if value is None else value * times, decimals)


def _ending(line: Line, ran: Ran, decision: Decision) -> Iterator[Text]:
    serving = line.deployments.in_service()
    stays = serving.release if serving is not None else ""
    if ran.told.outcome is Outcome.REFUSED:
        yield fill("Refused: {why}", "Rechazado: {why}", why=decision.told)
        yield _stays(stays)
        return
    if not decision.passed and ran.told.outcome is Outcome.DEPLOYED:
        yield fill("Forced ({reason}): {why}", "Forzado ({reason}): {why}", reason=line.reason, why=decision.told)
    now = fill("In service: {release}", "En servicio: {release}", release=stays)
    unchanged = Text(
        " since an earlier run; nothing had changed.", " desde una ejecución anterior; nada había cambiado."
    )
    yield now + (unchanged if ran.told.outcome is Outcome.UNCHANGED else same("."))


def _stays(release: str) -> Text:
    if not release:
        return Text(
            "Nothing was in service, and nothing is. To put it in service all the same: --force --reason TEXT",
            "No había nada en servicio, y sigue sin haber. Para ponerlo en servicio de todos modos: --force --reason "
            "TEXTO",
        )
    return fill("In service stays {release}, untouched; it judged the listings.",
                "Sigue en servicio {release}, intacto; con él se juzgaron los anuncios.", release=release)  # fmt: skip


def _mark(failed: bool) -> Any:
    from rich.text import Text as Styled

    return Styled("  ✗" if failed else "  ✓", style="red" if failed else "green")


def _bold(words: str) -> Any:
    from rich.text import Text as Styled

    return Styled(words, style="dim")
