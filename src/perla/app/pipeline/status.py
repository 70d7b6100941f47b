"""What is in service and how the last runs went, on a terminal of 80 columns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from perla.app.pipeline.record import Outcome, RunTold, State
from perla.app.pipeline.run import is_running, records_of
from perla.app.pipeline.table import duration, step_table
from perla.errors import PerlaError
from perla.release.deployments import Deployed, Deployments
from perla.release.places import RECORD, RUNS, SERVICE, market_folder
from perla.release.records import record_from_state
from perla.reports.terminal import Prose
from perla.reports.untrusted import one_line
from perla.words import Lang, Text, fill, number, same

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from perla.app.settings import Settings

MOST_RUNS, LONGEST = 8, 400
STYLES = {
    Outcome.RUNNING: "cyan", Outcome.DEPLOYED: "green", Outcome.UNCHANGED: "dim", Outcome.REFUSED: "yellow",
    Outcome.FAILED: "red", Outcome.STOPPED: "yellow", Outcome.INTERRUPTED: "yellow",
}  # fmt: skip
NO_RUNS = Text(
    "No run of the pipeline yet. Begin with: perla pipeline run MARKET LISTINGS",
    "Todavía no hay ejecuciones. Empiece con: perla pipeline run MERCADO ANUNCIOS",
)


def show_status(market: str | None, settings: Settings, console: Console) -> None:
    """Of one market, its last run step by step; else of every market in turn, in a few lines."""
    from perla.app.markets import named_market

    folders = _folders(settings.home)
    if market:
        folders = [market_folder(settings.home, named_market(market, settings.home).name)]
    shown = False
    for folder in folders:
        runs = records_of(settings.home, folder).all()
        if runs or Deployments(folder).in_service() is not None:
            if shown:
                console.print()
            _show_market(folder, runs, bool(market), console, settings.lang)
            shown = True
    if not shown:
        console.print(Prose(NO_RUNS.text(settings.lang), ""))


def _folders(home: Path) -> list[Path]:
    found = {path.parent.parent.parent for path in (home / SERVICE).glob(f"*/{RUNS}/*/{RECORD}")}
    found |= {path.parent for path in (home / SERVICE).glob("*/in-service.json")}
    return sorted(found)


def _show_market(folder: Path, runs: Sequence[RunTold], whole: bool, console: Console, lang: Lang) -> None:
    name = runs[-1].market if runs else folder.name
    console.print(Prose(one_line(name, 80), "bold"))
    console.print(Prose(_serving(folder).text(lang), ""))
    told = [_as_it_is(run, folder, last=run is runs[-1]) for run in runs[-MOST_RUNS:]]
    if told:
        console.print()
        console.print(_runs_table(told, lang))
    if told and whole:
        last = told[-1]
        title = fill("Run {run}, step by step", "Ejecución {run}, paso a paso", run=last.run)
        console.print()
        console.print(Prose(title.text(lang), "bold"))
        console.print(step_table(last.steps, lang))
        if last.why.en and last.outcome is not Outcome.DEPLOYED:
            console.print(Prose(one_line(last.why.text(lang), LONGEST), "dim"))
        if last.outcome in (Outcome.STOPPED, Outcome.INTERRUPTED, Outcome.FAILED):
            go_on = Text("The same call goes on at the first unfinished step.",
                         "La misma llamada sigue en el primer paso sin terminar.")  # fmt: skip
            console.print(Prose(go_on.text(lang), ""))


def _as_it_is(run: RunTold, folder: Path, last: bool) -> RunTold:
    """A run that says it goes on while nobody is at work was killed."""
    if run.outcome is Outcome.RUNNING and not (last and is_running(folder)):
        run.outcome = Outcome.INTERRUPTED
        for step in run.steps:
            step.state = State.STOPPED if step.state is State.RUNNING else step.state
    return run


def _serving(folder: Path) -> Text:
    try:
        serving = Deployments(folder).in_service()
    except PerlaError as problem:
        return problem.message
    if serving is None:
        return Text("Nothing is in service.", "No hay nada en servicio.")
    return fill("In service: {release}, since {since}{good}.", "En servicio: {release}, desde {since}{good}.",
                release=serving.release, since=_moment(serving.since), good=_good(serving))  # fmt: skip


def _good(serving: Deployed) -> Text:
    figures = record_from_state(serving.record).figures
    if figures is None:
        return same("")
    return fill(
        "; median error {mdape} %, R2 {r2}", "; error mediano {mdape} %, R2 {r2}",
        mdape=number(100 * figures.mdape, 1), r2=number(figures.r2, 3),
    )  # fmt: skip


def _runs_table(runs: Sequence[RunTold], lang: Lang) -> Table:
    from rich.table import Table
    from rich.text import Text as Line

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    heads = (Text("run", "ejecución"), Text("begun", "empezó"), Text("outcome", "resultado"), Text("took", "tardó"))
    for head, justify in zip(heads, ("left", "left", "left", "right"), strict=True):
        table.add_column(head.text(lang), justify=justify, no_wrap=True)  # type: ignore[arg-type]
    table.add_column(Text("listings", "anuncios").text(lang), justify="right", no_wrap=True)
    table.add_column(Text("release", "versión").text(lang), no_wrap=True)
    for run in reversed(runs):
        seconds, rows = sum(step.seconds for step in run.steps), run.record.get("rows") or 0
        table.add_row(
            run.run, _moment(run.started), Line(run.outcome.label.text(lang), style=STYLES[run.outcome]),
            duration(seconds).text(lang), number(rows).text(lang) if rows else "-", run.release or "-",
        )  # fmt: skip
    return table


def _moment(iso: str) -> str:
    return iso[:16].replace("T", " ") or "-"
