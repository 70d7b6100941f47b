"""What a run leaves behind: ``runs/RUN/record.json``, written anew at every step, and a row among the operations."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from perla.errors import PerlaError
from perla.release.files import json_bytes, read_json, replace_file, told_as_file_error
from perla.release.places import RECORD, RUNS
from perla.words import Text

STEPS = "steps"
NOTHING = Text("", "")


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    DEPLOYED = "deployed"
    UNCHANGED = "unchanged"  # the very model was put in service by an earlier run
    REFUSED = "refused"
    FAILED = "failed"
    STOPPED = "stopped"  # by Ctrl-C
    INTERRUPTED = "interrupted"  # killed, or the machine went down

    @property
    def label(self) -> Text:
        spanish = {
            "running": "en curso", "deployed": "desplegado", "unchanged": "sin cambios", "refused": "rechazado",
            "failed": "falló", "stopped": "detenido", "interrupted": "interrumpido",
        }  # fmt: skip
        return Text(self.value, spanish[self.value])


class State(StrEnum):
    """How far a step is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass
class StepTold:
    """One step of a run. place : the folder of what it gave, among the steps."""

    name: str
    title: Text
    needs: tuple[str, ...]
    state: State = State.WAITING
    seconds: float = 0.0
    place: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "title": [self.title.en, self.title.es], "needs": list(self.needs),
            "state": self.state.value, "seconds": round(self.seconds, 3), "place": self.place,
        }  # fmt: skip

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> StepTold:
        en, es = told["title"]
        needs = tuple(map(str, told["needs"]))
        state, seconds = State(told["state"]), float(told["seconds"])
        return cls(str(told["name"]), Text(str(en), str(es)), needs, state, seconds, str(told["place"]))


@dataclass
class RunTold:
    """One run as its record tells it. record : the rest, as ``perla.release.records`` writes it."""

    run: str
    market: str
    started: str
    outcome: Outcome = Outcome.RUNNING
    finished: str = ""
    why: Text = NOTHING
    release: str = ""
    steps: list[StepTold] = field(default_factory=list)
    record: dict[str, Any] = field(default_factory=dict)

    def step(self, name: str) -> StepTold:
        return next(step for step in self.steps if step.name == name)

    def as_json(self) -> dict[str, Any]:
        return {
            **self.record, "run": self.run, "market": self.market, "started": self.started, "finished": self.finished,
            "outcome": self.outcome.value, "why": [self.why.en, self.why.es], "release": self.release,
            STEPS: [step.as_json() for step in self.steps],
        }  # fmt: skip


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True)
class RunRecords:
    """The records of a market's runs, in its folder; runs have numbers that count up. operations : the file of all
    markets' runs."""

    folder: Path
    operations: Path

    def begin(self, market: str, steps: list[StepTold]) -> RunTold:
        """A new run; one that was killed is noted as interrupted."""
        before = self.all()
        for run in before:
            if run.outcome is Outcome.RUNNING:
                self._end_interrupted(run)
        number = max((int(run.run) for run in before), default=0) + 1
        made = RunTold(f"{number:04d}", market, _now(), steps=steps)
        self.write(made)
        self._note(made)
        return made

    def write(self, run: RunTold) -> None:
        place = self.folder / RUNS / run.run / RECORD
        with told_as_file_error(self.folder):
            place.parent.mkdir(parents=True, exist_ok=True)
            replace_file(place, json_bytes(run.as_json()))

    def end(self, run: RunTold) -> None:
        """Write how it ended."""
        run.finished = _now()
        self.write(run)
        self._note(run)

    def all(self) -> list[RunTold]:
        """Every run whose record can be read, oldest first."""
        places = sorted((self.folder / RUNS).glob(f"[0-9]*/{RECORD}"))
        return [run for run in map(_read, places) if run is not None]

    def _end_interrupted(self, run: RunTold) -> None:
        run.outcome = Outcome.INTERRUPTED
        for step in run.steps:
            step.state = State.STOPPED if step.state is State.RUNNING else step.state
        self.end(run)

    def _note(self, run: RunTold) -> None:
        """A row among the operations; a run is not lost because that file cannot be written."""
        from perla.storage.operations import Operations

        name = f"{self.folder.name}/{run.run}"
        with suppress(PerlaError), Operations(self.operations) as operations:
            if run.outcome is Outcome.RUNNING:
                operations.start_run(name, run.market, datetime.fromisoformat(run.started))
            else:
                finished = datetime.fromisoformat(run.finished)
                operations.finish_run(name, run.outcome.value, finished, run.as_json())


def _read(place: Path) -> RunTold | None:
    try:
        told = read_json(place)
        en, es = told["why"]
        steps = [StepTold.from_json(step) for step in told[STEPS]]
        known = {name: str(told[name]) for name in ("market", "started", "finished", "release")}
        int(place.parent.name)
        return RunTold(
            run=place.parent.name, outcome=Outcome(told["outcome"]), why=Text(str(en), str(es)), steps=steps,
            record=told, **known,
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
