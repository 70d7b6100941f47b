"""Steps are done once for the same inputs, side by side where they can be, and go on after any interruption."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from perla.release.steps import Done, Results, Step, StepStore, Work, check_steps, digest_of_code, run_steps
from perla.storage import write_folder
from perla.words import Text, same


class Heard:
    """What a watcher was told, in order."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str]] = []

    def begun(self, step: Step) -> None:
        self.told.append(("begun", step.name))

    def heard(self, step: Step, what: Text, share: float) -> None:
        self.told.append(("heard", step.name))

    def ended(self, step: Step, done: Done) -> None:
        self.told.append(("done" if done.fresh else "unchanged", step.name))

    def failed(self, step: Step, problem: BaseException) -> None:
        self.told.append(("failed", step.name))

    def those(self, what: str) -> list[str]:
        return [name for told, name in self.told if told == what]


def step(name: str, *needs: str, work: Any = None, **settings: Any) -> Step:
    return Step(name, same(name), needs, lambda results: settings, work or writes(name))


def writes(words: str) -> Any:
    """A step that keeps a folder with these words, and says how long they are."""

    def work(told: Work) -> dict[str, Any]:
        write_folder(told.output, "words", {"words": words}, {})
        return {"length": len(words)}

    return work


def fails(told: Work) -> dict[str, Any]:
    raise OSError("no")


def go(folder: Path, *steps: Step, code: str = "1", workers: int = 1) -> tuple[Results, Heard]:
    heard = Heard()
    return run_steps(steps, StepStore(folder), code, workers, heard), heard


def test_a_second_run_with_the_same_inputs_repeats_nothing(tmp_path: Path):
    steps = step("read"), step("learn", "read"), step("judge", "learn", "read")
    first, _ = go(tmp_path, *steps)
    second, heard = go(tmp_path, *steps)
    assert heard.those("unchanged") == ["read", "learn", "judge"] and not heard.those("begun")
    assert {name: done.digest for name, done in first.items()} == {name: done.digest for name, done in second.items()}


def test_a_changed_setting_repeats_its_step_and_what_follows_from_it(tmp_path: Path):
    go(tmp_path, step("read"), step("learn", "read", seed=0), step("other", "read"), step("judge", "learn"))
    changed = step("read"), step("learn", "read", seed=1, work=writes("better")), step("other", "read")
    _, heard = go(tmp_path, *changed, step("judge", "learn"))
    assert heard.those("begun") == ["learn", "judge"]
    assert set(heard.those("unchanged")) == {"read", "other"}


def test_a_step_that_gives_the_same_again_repeats_nothing_after_it(tmp_path: Path):
    go(tmp_path, step("read", file="a.csv"), step("learn", "read"))
    _, heard = go(tmp_path, step("read", file="b.csv"), step("learn", "read"))
    assert heard.those("begun") == ["read"] and heard.those("unchanged") == ["learn"]


def test_other_code_repeats_every_step(tmp_path: Path):
    go(tmp_path, step("read"), step("learn", "read"))
    _, heard = go(tmp_path, step("read"), step("learn", "read"), code="2")
    assert heard.those("begun") == ["read", "learn"]


def test_a_damaged_result_is_made_again(tmp_path: Path):
    results, _ = go(tmp_path, step("read"), step("learn", "read"))
    (results["learn"].folder / "state.json").write_text("{}")
    _, heard = go(tmp_path, step("read"), step("learn", "read"))
    assert heard.those("unchanged") == ["read"] and heard.those("done") == ["learn"]


def test_a_result_that_no_longer_holds_is_made_again(tmp_path: Path):
    go(tmp_path, step("read"))
    gone = Step("read", same("read"), (), lambda results: {}, writes("read"), lambda done: False)
    assert go(tmp_path, gone)[1].those("begun") == ["read"]


def test_after_a_failure_the_next_run_goes_on_at_the_step_that_failed(tmp_path: Path):
    with pytest.raises(OSError, match="no"):
        go(tmp_path, step("read"), step("learn", "read", work=fails), step("judge", "learn"))
    _, heard = go(tmp_path, step("read"), step("learn", "read"), step("judge", "learn"))
    assert heard.those("unchanged") == ["read"] and heard.those("begun") == ["learn", "judge"]


def test_a_failure_is_told_and_nothing_begins_after_it(tmp_path: Path):
    heard = Heard()
    with pytest.raises(OSError, match="no"):
        run_steps((step("read", work=fails), step("other", "read")), StepStore(tmp_path), "1", 2, heard)
    assert heard.those("failed") == ["read"] and heard.those("begun") == ["read"]


def test_steps_that_wait_for_nothing_go_on_side_by_side(tmp_path: Path):
    both = threading.Barrier(2)

    def meets(told: Work) -> dict[str, Any]:
        both.wait(timeout=30)  # breaks unless the other one gets here too
        return {}

    results, _ = go(tmp_path, step("one", work=meets), step("two", work=meets), workers=2)
    assert set(results) == {"one", "two"}


def test_what_comes_after_waits_for_all_it_needs(tmp_path: Path):
    _, heard = go(tmp_path, step("end", "one", "two"), step("one"), step("two"), workers=2)
    assert heard.those("begun")[-1] == "end"


def test_old_results_go_and_wanted_ones_stay(tmp_path: Path):
    results, _ = go(tmp_path, step("read"), step("learn", "read"))
    store, wanted = StepStore(tmp_path), results["read"].folder.parent.name
    assert store.prune({wanted}) == 1
    assert [p.name for p in tmp_path.iterdir()] == [wanted]


@pytest.mark.parametrize(
    "steps", [(step("a", "b"), step("b", "a")), (step("a", "b"),), (step("a"), step("a")), (step("../a"),)]
)
def test_steps_that_cannot_be_done_are_refused(steps: tuple[Step, ...]):
    with pytest.raises(ValueError, match=r"[Ss]tep"):
        check_steps(steps)


def test_the_version_of_the_code_changes_with_any_file_and_any_library(tmp_path: Path):
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "one.py").write_text("x = 1\n")
    first = digest_of_code(tmp_path, ["models"], ["numpy 2"])
    assert digest_of_code(tmp_path, ["models"], ["numpy 3"]) != first
    (tmp_path / "models" / "one.py").write_text("x = 2\n")
    assert digest_of_code(tmp_path, ["models"], ["numpy 2"]) != first


KILLED = """
import sys, time
from pathlib import Path
sys.path.insert(0, {here!r})
from test_steps import Heard, step, writes
from perla.release.steps import StepStore, run_steps

def hangs(told):
    writes("half")(told)
    print("learning", flush=True)
    time.sleep(60)
    return {{}}

run_steps((step("read"), step("learn", "read", work=hangs), step("judge", "learn")), StepStore(Path({home!r})), "1", 2,
          Heard())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are those of POSIX")
@pytest.mark.parametrize("how", ["SIGKILL", "SIGINT"])
def test_a_run_killed_in_the_middle_of_a_step_goes_on_there(tmp_path: Path, how: str):
    program = KILLED.format(here=str(Path(__file__).parent), home=str(tmp_path))
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == b"learning\n"
        os.kill(process.pid, getattr(signal, how))
        process.wait(timeout=30)
    _, heard = go(tmp_path, step("read"), step("learn", "read"), step("judge", "learn"))
    assert heard.those("unchanged") == ["read"] and heard.those("begun") == ["learn", "judge"]


def test_a_step_still_at_work_after_a_failure_is_stopped_at_its_next_word(tmp_path: Path):
    reached = threading.Event()

    def goes_on(told: Work) -> dict[str, Any]:
        reached.set()
        for _ in range(3000):
            told.tell(same("at it"), 0.5)
            time.sleep(0.01)
        return {}

    def fails_later(told: Work) -> dict[str, Any]:
        reached.wait(30)
        raise OSError("no")

    with pytest.raises(OSError, match="no"):
        go(tmp_path, step("long", work=goes_on), step("bad", work=fails_later), workers=2)
    assert not list(tmp_path.glob("long-*/done.json"))
