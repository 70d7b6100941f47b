"""One run of the pipeline: the steps of its line, its record, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import perla
from perla.app.pipeline.judging import decision_of
from perla.app.pipeline.line import ASSEMBLE, DEPLOY, EVALUATE, GATE, KEEP, PREPARE, SCORE, Line, code_version
from perla.app.pipeline.record import Outcome, RunRecords, RunTold, State, StepTold
from perla.app.settings import limit_threads
from perla.errors import InputError, PerlaError
from perla.listings.market_file import write_market
from perla.release.files import only_one, told_as_file_error
from perla.release.gate import Figures
from perla.release.places import market_folder
from perla.release.records import Record, code_commit
from perla.release.steps import Done, Results, Step, StepStore, place_of, run_steps
from perla.words import Text, fill, number

LOCK, STEPS = "pipeline.lock", "steps"
KEPT_RUNS = 3  # newest runs whose steps' results stay on the disk
INTERRUPTIONS = (KeyboardInterrupt, SystemExit)


class Screen(Protocol):
    """Where a person sees how a run goes; called from any thread."""

    def show(self, run: RunTold) -> None: ...

    def heard(self, step: str, what: Text, share: float) -> None: ...


@dataclass
class Ran:
    """A run that came to its end. results : what each step gave. notes : what the reader should know besides."""

    told: RunTold
    results: Results
    notes: tuple[Text, ...]


def run_line(line: Line, screen: Screen) -> Ran:
    """Run every step that is not done yet. Raises what a step raised; the record tells how it ended in every case."""
    folder = market_folder(line.settings.home, line.market.name)
    with limit_threads(line.settings.threads), only_one_run(folder):
        return _Run(line, folder, screen).go()


@contextmanager
def only_one_run(folder: Path) -> Iterator[None]:
    """Nobody else runs this market's pipeline; InputError where somebody does."""
    with told_as_file_error(folder):
        inside = only_one(folder / LOCK)
        try:
            inside.__enter__()
        except InputError:
            raise InputError(
                f"Only one run of the pipeline may work on {folder.name} at a time, and another one is at work. See "
                "it with: perla pipeline status",
                f"Solo una ejecución puede trabajar en {folder.name} a la vez, y hay otra en curso. Véala con: perla "
                "pipeline status",
            ) from None
    try:
        yield
    finally:
        inside.__exit__(None, None, None)


def is_running(folder: Path) -> bool:
    """Whether somebody runs this market's pipeline now."""
    if not (folder / LOCK).exists():
        return False
    try:
        with only_one_run(folder):
            return False
    except PerlaError:
        return True


def records_of(home: Path, folder: Path) -> RunRecords:
    from perla.storage.operations import OPERATIONS

    return RunRecords(folder, home / OPERATIONS)


@dataclass
class _Run:
    """Hears the steps, and writes what it hears into the record."""

    line: Line
    folder: Path
    screen: Screen
    told: RunTold = field(init=False)
    results: Results = field(default_factory=dict)

    def go(self) -> Ran:
        steps, records = self.line.steps(), records_of(self.line.settings.home, self.folder)
        self.line.about = self._about
        self.records = records
        self.told = records.begin(self.line.market.name, [StepTold(s.name, s.told, s.needs) for s in steps])
        self.told.record = self._about(self.results)
        self.screen.show(self.told)
        try:
            store = StepStore(self.folder / STEPS)
            results = run_steps(steps, store, code_version(), self.line.settings.threads, self)
        except BaseException as problem:
            self._end_badly(problem)
            raise
        return self._end(results)

    def begun(self, step: Step) -> None:
        self._note(step, State.RUNNING)

    def heard(self, step: Step, what: Text, share: float) -> None:
        self.screen.heard(step.name, what, share)

    def ended(self, step: Step, done: Done) -> None:
        self.results[step.name] = done
        told = self.told.step(step.name)
        told.seconds, told.place = done.seconds if done.fresh else 0.0, place_of(done.step, done.key)
        self._note(step, State.DONE if done.fresh else State.UNCHANGED)

    def failed(self, step: Step, problem: BaseException) -> None:
        self._note(step, State.FAILED)

    def _note(self, step: Step, state: State) -> None:
        self.told.step(step.name).state = state
        self.told.record = self._about(self.results)
        self.records.write(self.told)
        self.screen.show(self.told)

    def _about(self, results: Results) -> dict[str, Any]:
        """The record so far."""
        line = self.line
        facts = {name: done.facts for name, done in results.items()}
        read, judged = facts.get(PREPARE, {}), facts.get(EVALUATE)
        decision = decision_of(results) if GATE in results else None
        record = Record(
            market=line.market.name,
            market_file=write_market(line.market),
            source=read.get("source", ""),
            data_hash=facts.get(ASSEMBLE, {}).get("data_hash", ""),
            rows=read.get("learn", 0),
            rows_left=read.get("held", 0),
            first_day=read.get("first_day", ""),
            last_day=read.get("last_day", ""),
            commit=code_commit(Path(perla.__file__).resolve().parent),
            made_on=datetime.now(UTC).isoformat(timespec="seconds"),
            seed=line.seed,
            settings={"models": ", ".join(map(str, line.chosen)), "threads": line.settings.threads},
            timings={name: done.seconds for name, done in results.items()},
            figures=Figures.of(judged["figures"]) if judged else None,
            judged_on=_held_out(read),
            decision=decision,
            forced=bool(line.reason) and decision is not None and not decision.passed,
            reason=line.reason,
        )
        return {**record.state(), "code": code_version(), "deployed_release": facts.get(DEPLOY, {}).get("release", "")}

    def _end_badly(self, problem: BaseException) -> None:
        stopped = isinstance(problem, INTERRUPTIONS)
        self.told.outcome = Outcome.STOPPED if stopped else Outcome.FAILED
        for step in self.told.steps:
            step.state = State.STOPPED if step.state is State.RUNNING else step.state
        if isinstance(problem, PerlaError):
            self.told.why = problem.message
        elif not stopped:
            self.told.why = Text(repr(problem)[:300], repr(problem)[:300])
        self.records.end(self.told)
        self.screen.show(self.told)

    def _end(self, results: Results) -> Ran:
        deployed, serving = results[DEPLOY], self.line.deployments.in_service()
        self.told.release = deployed.facts["release"]
        self.told.why = decision_of(results).told
        if not deployed.facts["deployed"]:
            self.told.outcome = Outcome.REFUSED
        else:
            self.told.outcome = Outcome.DEPLOYED if deployed.fresh else Outcome.UNCHANGED
        self.records.end(self.told)
        notes = [*_notes(results), *self._prune()]
        if serving is not None and deployed.facts["deployed"] and serving.release != deployed.facts["release"]:
            notes.append(_taken_out(deployed.facts["release"], serving.release))
        return Ran(self.told, results, tuple(notes))

    def _prune(self) -> list[Text]:
        """What older runs' steps gave goes; their records stay."""
        runs = self.records.all()
        wanted = {step.place for run in runs[-KEPT_RUNS:] for step in run.steps} - {""}
        gone = StepStore(self.folder / STEPS).prune(wanted)
        if not gone:
            return []
        return [
            fill(
                "Removed from the disk: {gone} step results of runs older than the newest {kept}; their records stay.",
                "Se quitaron del disco {gone} resultados de pasos de ejecuciones anteriores a las {kept} más nuevas; "
                "sus registros quedan.",
                gone=number(gone), kept=number(KEPT_RUNS),
            )
        ]  # fmt: skip


def _held_out(read: dict[str, Any]) -> Text:
    return Text(*read["how"]) if "how" in read else Text("", "")


def _notes(results: Results) -> list[Text]:
    """What steps that were done now, or before with the same input, want the reader to know."""
    notes = [Text(*note) for note in results[PREPARE].facts["notes"]]
    notes += [Text(*note) for note in results[EVALUATE].facts["notes"]]
    if results[DEPLOY].fresh:
        notes += [Text(*note) for note in results[DEPLOY].facts.get("notes", [])]
    if KEEP in results and results[KEEP].fresh:
        notes += [Text(*line) for line in results[KEEP].facts["told"]]
    if SCORE in results and not results[SCORE].facts["edition"]:
        notes.append(Text("No model is in service, so the listings were not judged.",
                          "No hay un modelo en servicio, así que los anuncios no se juzgaron."))  # fmt: skip
    return notes


def _taken_out(release: str, serving: str) -> Text:
    return fill(
        "This model was deployed before as {release} and was taken out of service since; in service stays {serving}.",
        "Este modelo ya se había desplegado como {release} y después se retiró; sigue en servicio {serving}.",
        release=release, serving=serving,
    )  # fmt: skip
