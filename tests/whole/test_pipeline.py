"""From listings to a model in service: killed on the way, gone on with, repeated, refused, forced."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from perla.app.cli import main
from perla.listings.market_file import write_market
from perla.release.deployments import Deployments
from perla.release.places import market_folder
from perla.sources.simulated import simulate_market

LENIENT = """
[gate]
r2 = 0.3
mdape = 0.5
coverage = [0.5, 1.0]
median_ratio = [0.5, 2.0]
cod = 80.0
listings = 10
"""
MODELS = ("--models", "smooth(trees=100)")  # two quick price models instead of four
LONGEST_WAIT = 120


@dataclass(frozen=True)
class Week:
    """Files of a small market, a home of its own, and calls of the command line there."""

    folder: Path
    first: Path
    second: Path
    market: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def kept(self) -> Path:
        return market_folder(self.home, "simulated")

    @property
    def environment(self) -> dict[str, str | None]:
        unset = dict.fromkeys(("LC_ALL", "LC_MESSAGES", "LANG", "NO_COLOR", "COLUMNS", "PERLA_DATABASE_URL"))
        return {**unset, "PERLA_HOME": str(self.home), "PERLA_THREADS": "2", "OMP_NUM_THREADS": "1"}

    def call(self, *words: object) -> Result:
        return CliRunner().invoke(main, [str(w) for w in words], env=self.environment)

    def run(self, *words: object) -> Result:
        return self.call("pipeline", "run", self.market, *words, *MODELS)

    def start(self, *words: object) -> subprocess.Popen[bytes]:
        """The same as a process of its own."""
        call = [sys.executable, "-m", "perla.app.cli", "pipeline", "run", self.market, *words, *MODELS]
        environment = {k: v for k, v in {**os.environ, **self.environment}.items() if v is not None}
        return subprocess.Popen(
            list(map(str, call)), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def record(self, run: str) -> dict[str, Any]:
        return json.loads((self.kept / "runs" / run / "record.json").read_text())

    def states(self, run: str) -> dict[str, str]:
        """How far each step is."""
        return {step["name"]: step["state"] for step in self.record(run)["steps"]}


@dataclass(frozen=True)
class Story:
    """What happened, one after the other."""

    week: Week
    stopped: dict[str, str]
    stopped_with: tuple[int, str]
    killed: dict[str, str]
    resumed: Result
    repeated: Result
    judged: Result
    release: str
    answers: str


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Week:
    folder = tmp_path_factory.mktemp("week")
    simulated = simulate_market(240, seed=3)
    made = Week(folder, folder / "first.csv", folder / "second.csv", folder / "market.toml")
    simulated.frame[:140].to_csv(made.first, index=False)
    simulated.frame[140:].to_csv(made.second, index=False)
    written = write_market(simulated.market)
    made.market.write_text(written.replace("[columns", LENIENT + "\n[columns", 1), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def story(week: Week) -> Story:
    """One home: stopped by Ctrl-C, killed, gone on with, repeated; then other listings."""
    stopped_with = interrupt(week, "0001", signal.SIGINT, lambda states: states["train-autoencoder"] == "running")
    interrupt(week, "0002", signal.SIGKILL, lambda states: bool(learned(states)) and states["assemble"] == "waiting")
    stopped, killed = week.states("0001"), week.states("0002")
    resumed = week.run(week.first)
    serving = Deployments(week.kept).in_service()
    assert serving is not None, resumed.output
    answers = json.loads((week.kept / "edition.json").read_text())["release"]
    repeated, judged = week.run(week.first), week.run(week.second, "--lang", "es")
    return Story(week, stopped, stopped_with, killed, resumed, repeated, judged, serving.release, answers)


def interrupt(week: Week, run: str, how: signal.Signals, when: Callable[[dict[str, str]], bool]) -> tuple[int, str]:
    """Start a run, and end it when its steps have come so far; its exit code, and what it said."""
    with week.start(week.first) as process:
        wait_until(lambda: (week.kept / "runs" / run / "record.json").is_file() and when(week.states(run)), process)
        process.send_signal(how)
        _, said = process.communicate(timeout=LONGEST_WAIT)
        return process.returncode, said.decode()


def learned(states: dict[str, str]) -> set[str]:
    """The models that are learned."""
    return {name for name, state in states.items() if name.startswith("train-") and state in ("done", "unchanged")}


def wait_until(reached: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + LONGEST_WAIT
    while not reached():
        assert process.poll() is None and time.monotonic() < until, (process.poll(), process.stderr)
        time.sleep(0.02)


def test_ctrl_c_leaves_at_once_and_says_so(story: Story):
    code, said = story.stopped_with
    assert code == 130 and said.count("\n") == 1 and "The same call goes on" in said
    assert story.week.record("0001")["outcome"] == "stopped"
    assert story.stopped["train-autoencoder"] == "stopped" and story.stopped["assemble"] == "waiting"


def test_a_killed_run_goes_on_at_the_first_unfinished_step(story: Story):
    assert learned(story.killed) and story.killed["assemble"] == "waiting"
    assert story.week.record("0002")["outcome"] == "interrupted"
    states = story.week.states("0003")
    assert states["keep"] == states["prepare"] == "unchanged"
    assert all(states[name] == "unchanged" for name in learned(story.killed))
    assert states["assemble"] == states["deploy"] == states["score"] == "done"


def test_the_first_good_model_is_put_in_service_and_judges_the_listings(story: Story):
    assert story.resumed.exit_code == 0, story.resumed.output
    assert f"In service: {story.release}" in story.resumed.output
    assert story.answers == story.release


def test_the_same_again_repeats_nothing_and_says_so(story: Story):
    assert story.repeated.exit_code == 0, story.repeated.output
    assert set(story.week.states("0004").values()) == {"unchanged"}
    assert story.repeated.output.count("unchanged") >= len(story.week.states("0004"))
    assert story.week.record("0004")["outcome"] == "unchanged"


def test_other_listings_are_judged_beside_the_model_in_service(story: Story):
    record = story.week.record("0005")
    names = [condition["name"] for condition in record["decision"]["conditions"]]
    assert "better" in names
    assert story.judged.exit_code == {"deployed": 0, "refused": 3}[record["outcome"]], story.judged.output
    assert ("Rechazado" in story.judged.output) == (record["outcome"] == "refused")


def test_a_refusal_leaves_what_is_in_service_and_judges_the_listings_with_it(story: Story, week: Week):
    strict = week.market.read_text().replace("r2 = 0.3", "r2 = 0.9999").replace("mdape = 0.5", "mdape = 0.0")
    week.market.write_text(strict)
    before = Deployments(week.kept).in_service()
    refused = week.run(week.second)
    after = Deployments(week.kept).in_service()
    assert refused.exit_code == 3 and before is not None and after is not None
    assert before.release == after.release and f"In service stays {after.release}" in refused.output
    assert "Refused" in refused.output and "accuracy" in refused.output.lower()
    last = sorted(p.name for p in (week.kept / "runs").iterdir())[-1]
    assert week.states(last)["score"] in ("done", "unchanged")
    assert week.states(last)["assemble"] == "unchanged", "other floors, the same model"


def test_a_refused_model_can_be_forced_with_a_reason_that_is_kept(story: Story, week: Week):
    refused = week.run(week.second, "--force")
    assert refused.exit_code == 2 and "--reason" in refused.output
    forced = week.run(week.second, "--force", "--reason", "prices moved")
    serving = Deployments(week.kept).in_service()
    assert forced.exit_code == 0 and serving is not None, forced.output
    assert serving.record["forced"] and serving.record["reason"] == serving.reason == "prices moved"
    last = sorted(p.name for p in (week.kept / "runs").iterdir())[-1]
    assert week.record(last)["release"] == serving.release


def test_every_run_leaves_a_record_of_what_it_was_made_of(story: Story):
    record = story.week.record("0003")
    assert record["market_file"].strip() and record["data_hash"] and record["code"] and record["perla"]
    assert record["rows"] + record["rows_left"] > 130 and record["seed"] == 0
    assert record["timings"].keys() == {step["name"] for step in record["steps"]}
    assert record["figures"]["mdape"] > 0 and record["decision"]["passed"] and record["release"] == story.release


def test_every_run_is_a_row_among_the_operations(story: Story):
    from perla.storage.operations import Operations

    with Operations(story.week.home / "operations.sqlite") as operations:
        outcomes = {run.run: run.outcome for run in operations.list_runs("simulated")}
    assert outcomes["simulated/0002"] == "interrupted" and outcomes["simulated/0003"] == "deployed"


def test_the_status_tells_what_is_in_service_and_how_the_runs_went(story: Story):
    told = story.week.call("pipeline", "status", story.week.market, "--lang", "es")
    assert told.exit_code == 0 and "En servicio" in told.output
    assert all(word in told.output for word in ("detenido", "interrumpido", "desplegado", "sin cambios"))
    assert max(map(len, told.output.splitlines())) <= 80


def test_the_store_alone_is_enough(story: Story):
    told = story.week.run()
    assert told.exit_code in (0, 3), told.output
    last = sorted(p.name for p in (story.week.kept / "runs").iterdir())[-1]
    assert "keep" not in story.week.states(last) and story.week.record(last)["rows"] > 150


def test_a_market_without_listings_says_what_to_do(week: Week, tmp_path: Path):
    told = week.call("pipeline", "run", week.market, "--home", tmp_path)
    assert told.exit_code == 2 and "perla add" in told.output
