"""What a run says when it is over: its steps, how good the model is beside the one in service, what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from perla.app.pipeline.line import DEPLOY, GATE, PREPARE, SCORE, Line
from perla.app.pipeline.record import Outcome
from perla.app.pipeline.run import Ran
from perla.app.pipeline.table import duration, step_table
from perla.app.release_tables import conditions_table
from perla.release.gate import Decision, decision_from_state
from perla.reports.terminal import Prose
from perla.reports.untrusted import one_line
from perla.words import Lang, Text, fill, number, same

if TYPE_CHECKING:
    from rich.console import Console

    from perla.release.steps import Results

LONGEST = 1600


def show_ran(line: Line, ran: Ran, console: Console, lang: Lang) -> None:
    """The whole run on a terminal of 80 columns."""
    seconds = sum(step.seconds for step in ran.told.steps)
    title = fill("{market}: run {run}", "{market}: ejecución {run}", market=line.market.label, run=ran.told.run)
    console.print(title.text(lang), style="bold")
    console.print(step_table(ran.told.steps, lang, _said(ran)))
    all_told = fill("{time} of work in all", "{time} de trabajo en total", time=duration(seconds))
    console.print(f"   {all_told.text(lang)}\n", style="dim")
    decision = decision_from_state(ran.results[GATE].facts["decision"])
    console.print(conditions_table(decision, lang))
    console.print()
    style = "bold yellow" if ran.told.outcome is Outcome.REFUSED else "bold green"
    for place, text in enumerate((*_ending(line, ran, decision), *ran.notes)):
        console.print(Prose(one_line(text.text(lang), LONGEST), style if not place else ""))


def _said(ran: Ran) -> dict[str, tuple[Text, float]]:
    """What is to say of the steps that have something to say; the share stays unsaid."""
    results: Results = ran.results
    read, scored = results[PREPARE].facts, results[SCORE].facts
    said = {
        PREPARE: fill("{learn} + {held} held out", "{learn} + {held} reservados",
                      learn=number(read["learn"]), held=number(read["held"])),
        GATE: _decided(results),
        DEPLOY: same(results[DEPLOY].facts["release"] or "-"),
    }  # fmt: skip
    if scored["edition"]:
        said[SCORE] = fill("{all}, {bargains} bargains", "{all}, {bargains} gangas",
                           all=number(scored["listings"]), bargains=number(scored["bargains"]))  # fmt: skip
    return {name: (text, -1.0) for name, text in said.items()}


def _decided(results: Results) -> Text:
    passed = results[GATE].facts["decision"]["passed"]
    if passed:
        return Text("yes", "sí")
    return Text("no, forced", "no, forzado") if results[DEPLOY].facts["deployed"] else Text("no", "no")


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
