"""Steps that form a graph: each is done once for the same inputs, kept whole or not at all, and found again later.

What a step gave lies in ``FOLDER/NAME-KEY``; the key is the digest of its settings, of the code and of what the steps
before it gave. So a run that was killed goes on at the first unfinished step, and a later one repeats what changed.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from queue import SimpleQueue
from threading import Event, Thread
from time import monotonic
from typing import Any, Protocol

from perla.release.files import digest_of, json_bytes, read_json, replace_file, told_as_file_error
from perla.words import Text

Progress = Callable[[Text, float], None]
OUTPUT, DONE, CHECKSUMS = "output", "done.json", "checksums.json"
KEY_SIGNS = 16
PLAIN = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


class StoppedError(Exception):
    """Raised inside a step that goes on although its run ended."""


@dataclass(frozen=True)
class Done:
    """What a step gave. folder : its files, none where it only has facts. facts : JSON values, the same whenever the
    step is done again. digest : of both. seconds : what it took when it was done. fresh : whether that was this time.
    """

    step: str
    key: str
    folder: Path
    facts: dict[str, Any]
    digest: str
    seconds: float
    fresh: bool = False


Results = dict[str, Done]


@dataclass(frozen=True)
class Work:
    """What a step is given: a folder that is its own to write, what the steps before it gave, whom to tell."""

    output: Path
    results: Results
    tell: Progress


@dataclass(frozen=True)
class Step:
    """One step. name : plain, in lower case. needs : the steps before it, by name.

    settings : what else its result depends on, JSON values, from what all finished steps gave. work : does it, and
    returns its facts. holds : whether what it gave before still stands (a pointer that may have been moved since).
    """

    name: str
    told: Text
    needs: tuple[str, ...]
    settings: Callable[[Results], dict[str, Any]]
    work: Callable[[Work], dict[str, Any]]
    holds: Callable[[Done], bool] = lambda done: True


class Watcher(Protocol):
    """Who hears how the steps go; always called from the thread that called ``run_steps``, ``heard`` from any."""

    def begun(self, step: Step) -> None: ...

    def heard(self, step: Step, what: Text, share: float) -> None: ...

    def ended(self, step: Step, done: Done) -> None: ...

    def failed(self, step: Step, problem: BaseException) -> None: ...


@dataclass(frozen=True)
class StepStore:
    """The folder where what steps gave is kept."""

    folder: Path

    def find(self, name: str, key: str) -> Done | None:
        """What this step gave for these inputs, if that is there and whole."""
        home = self._home(name, key)
        try:
            told = read_json(home / DONE)
            facts, seconds = dict(told["facts"]), float(told["seconds"])
            if told["key"] != key or told["digest"] != _digest(facts, home / OUTPUT):
                return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        return Done(name, key, home / OUTPUT, facts, str(told["digest"]), seconds)

    def begin(self, name: str, key: str) -> Path:
        """An empty place for a step's files; what a crash left there is gone."""
        home = self._home(name, key)
        with told_as_file_error(self.folder):
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir(parents=True)
        return home / OUTPUT

    def keep(self, name: str, key: str, facts: dict[str, Any], seconds: float) -> Done:
        """Note that the step is done; only now it counts."""
        home = self._home(name, key)
        digest = _digest(facts, home / OUTPUT)
        told = {"step": name, "key": key, "digest": digest, "facts": facts, "seconds": round(seconds, 3)}
        with told_as_file_error(self.folder):
            replace_file(home / DONE, json_bytes(told))
        return Done(name, key, home / OUTPUT, facts, digest, seconds, fresh=True)

    def prune(self, wanted: Collection[str]) -> int:
        """Remove what is in none of the folders called ``NAME-KEY`` here; how many steps went."""
        homes = [p for p in self.folder.iterdir() if p.is_dir()] if self.folder.is_dir() else []
        old = [p for p in homes if p.name not in wanted]
        for home in old:
            (home / DONE).unlink(missing_ok=True)  # from now on it counts no more
            shutil.rmtree(home, ignore_errors=True)
        return len(old)

    def _home(self, name: str, key: str) -> Path:
        return self.folder / place_of(name, key)


def place_of(name: str, key: str) -> str:
    """The name of the folder in which a step's result is kept."""
    return f"{name}-{key[:KEY_SIGNS]}"


def run_steps(steps: Sequence[Step], store: StepStore, code: str, workers: int, watch: Watcher) -> Results:
    """Do what is not done yet, several steps side by side, and give what every step gave.

    code : the version of everything the steps are made of. Of steps that could begin, the one named first does.
    Raises what a step raised, after the others have stopped. Ctrl-C leaves at once: a step is kept whole or not at all.
    Raises ValueError for steps that wait for each other, or for one that is not there.
    """
    return _Run(check_steps(steps), store, code, max(workers, 1), watch).go()


def check_steps(steps: Sequence[Step]) -> Sequence[Step]:
    """The steps, if each is named once and plainly, and needs only steps that are there and do not wait for it."""
    names = [step.name for step in steps]
    missing = {need for step in steps for need in step.needs} - set(names)
    bad = [name for name in names if names.count(name) > 1 or not PLAIN.fullmatch(name)]
    if missing or bad:
        raise ValueError(f"Every step needs a plain name of its own, and its needs must be there: {missing or bad}.")
    try:
        TopologicalSorter({step.name: step.needs for step in steps}).prepare()
    except CycleError as circle:
        raise ValueError(f"Steps wait for each other: {circle.args[1]}.") from None
    return steps


@dataclass
class _Run:
    steps: Sequence[Step]
    store: StepStore
    code: str
    workers: int
    watch: Watcher
    results: Results = field(default_factory=dict)
    _stop: Event = field(default_factory=Event)
    _ended: SimpleQueue[tuple[Step, str, Any, float]] = field(default_factory=SimpleQueue)
    _waiting: list[Step] = field(default_factory=list)
    _running: int = 0
    _problem: BaseException | None = None

    def go(self) -> Results:
        graph = TopologicalSorter({step.name: step.needs for step in self.steps})
        graph.prepare()
        try:
            while graph.is_active() and (self._problem is None or self._running):
                if self._problem is None:
                    self._take(graph)
                if self._running:
                    self._hear(graph)
        finally:
            self._stop.set()
        if self._problem is not None:
            raise self._problem
        return self.results

    def _take(self, graph: TopologicalSorter[str]) -> None:
        """Begin what can begin; what is done already opens the way for more."""
        ready = set(graph.get_ready())
        self._waiting = [step for step in self.steps if step.name in ready or step in self._waiting]
        while self._waiting and self._running < self.workers:
            step = self._waiting.pop(0)
            key = _key(step, self.results, self.code)
            found = self.store.find(step.name, key)
            if found is None or not step.holds(found):
                self._start(step, key)
                continue
            self._finish(graph, step, found)
            ready = set(graph.get_ready())
            self._waiting = [s for s in self.steps if s.name in ready or s in self._waiting]

    def _start(self, step: Step, key: str) -> None:
        self._running += 1
        self.watch.begun(step)
        work = Work(self.store.begin(step.name, key), dict(self.results), self._tell(step))

        def do() -> None:
            begun = monotonic()
            given: dict[str, Any] | BaseException
            try:
                given = step.work(work)
            except BaseException as problem:
                given = problem
            self._ended.put((step, key, given, monotonic() - begun))

        Thread(target=do, name=step.name, daemon=True).start()

    def _tell(self, step: Step) -> Progress:
        def tell(what: Text, share: float) -> None:
            if self._stop.is_set():
                raise StoppedError
            self.watch.heard(step, what, share)

        return tell

    def _hear(self, graph: TopologicalSorter[str]) -> None:
        """Wait for a step to end; the others stop at their next word when one failed."""
        step, key, given, seconds = self._ended.get()
        self._running -= 1
        if not isinstance(given, BaseException):
            self._finish(graph, step, self.store.keep(step.name, key, given, seconds))
        elif self._problem is None:
            self._problem = given
            self._stop.set()
            self.watch.failed(step, given)

    def _finish(self, graph: TopologicalSorter[str], step: Step, done: Done) -> None:
        self.results[step.name] = done
        graph.done(step.name)
        self.watch.ended(step, done)


def _key(step: Step, results: Results, code: str) -> str:
    told = {
        "step": step.name,
        "settings": step.settings(results),
        "code": code,
        "inputs": {name: results[name].digest for name in sorted(step.needs)},
    }
    return hashlib.sha256(json_bytes(told)).hexdigest()


def _digest(facts: dict[str, Any], output: Path) -> str:
    """Of a step's facts and of its files. Raises ValueError where these are not what their checksums say."""
    digest = hashlib.sha256(json_bytes(facts))
    if output.is_dir():
        digest.update((output / CHECKSUMS).read_bytes())
        for name, told in read_json(output / CHECKSUMS)["files"].items():
            if digest_of(output / name) != (told["bytes"], told["sha256"]):
                raise ValueError(f"{name} was changed")
    return digest.hexdigest()


def digest_of_code(folder: Path, parts: Iterable[str], more: Iterable[str] = ()) -> str:
    """The version of everything in these files and folders of a package, and of what else is named (libraries)."""
    digest = hashlib.sha256("\n".join(more).encode())
    for part in parts:
        found = folder / part
        for path in sorted(found.rglob("*.py")) if found.is_dir() else [found]:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:KEY_SIGNS]
