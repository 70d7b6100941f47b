"""Planted bargains: the tasks, the planting script that makes and scores them, and the scores that are kept."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

MARKETS = ("king-county", "valencia", "medellin", "uk-cars")
SEEDS = (1, 2, 3)
# The column of which a typing error plants ten times, or for cars a tenth, of the truth.
SIZES = {"king-county": "sqft_living", "valencia": "CONSTRUCTEDAREA", "medellin": "area", "uk-cars": "mileage"}
ERROR_FACTORS = {"king-county": 10.0, "valencia": 10.0, "medellin": 10.0, "uk-cars": 0.1}
PERLA = "perla"
_FIGURES = ("AP", "P@50", "AUC", "errors in top 50", "scored", "MdAPE", "R2", "coverage", "width")


@dataclass(frozen=True)
class Task:
    """Bargains at ``low`` to ``high`` of their price, planted in one market with one seed; ``kind``: plain, or wish."""

    market: str
    seed: int
    low: float
    high: float
    kind: str = "plain"

    @property
    def folder(self) -> str:
        name = f"{self.market}-{self.seed}-{self.low:.2f}-{self.high:.2f}"
        return name if self.kind == "plain" else f"{name}-{self.kind}"


@dataclass(frozen=True)
class Score:
    """What one method scored at a task, on which day, with which commit of perla."""

    task: Task
    method: str
    figures: dict[str, float]
    day: str
    commit: str


@dataclass(frozen=True)
class Bench:
    """Where the planting script is, where files go, how many threads perla gets, what of perla is measured."""

    script: Path
    work: Path
    threads: int
    day: str
    commit: str
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def kept(self) -> Path:
        return self.work / "results.jsonl"

    def place(self, task: Task) -> Path:
        return self.work / task.folder

    def plant(self, task: Task) -> Path:
        """The folder of a plain task, made where it is not there yet."""
        folder = self.place(task)
        if not (folder / "answers.csv").exists():
            run_python(self.script, "make", task.market, str(task.seed), str(folder), str(task.low), str(task.high))
        return folder

    def score(self, folder: Path, scores: Path) -> dict[str, float]:
        """The planting script's figures for a table of scores."""
        return read_figures(run_python(self.script, "score", str(folder), str(scores)))[1]

    def keep(self, task: Task, method: str, figures: dict[str, float]) -> Score:
        """Write a score down, so that a stopped run goes on after it."""
        score = Score(task, method, figures, self.day, self.commit)
        with self._lock, self.kept.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(score)) + "\n")
        print(f"{task.folder} {method}: " + ", ".join(f"{k} {v:.4g}" for k, v in figures.items()), flush=True)
        return score

    def kept_scores(self) -> dict[tuple[Task, str], Score]:
        """The last score of every task and method; perla's only where it is of the commit measured now."""
        lines = self.kept.read_text(encoding="utf-8").splitlines() if self.kept.exists() else []
        scores = [Score(**{**kept, "task": Task(**kept["task"])}) for kept in map(json.loads, lines)]
        return {
            (s.task, s.method): s for s in scores if not s.method.startswith(PERLA) or s.commit == self.commit
        }  # fmt: skip

    def call_perla(self, *words: str) -> float:
        """Seconds a call of the command line took, as a person would make it; its complaint ends the benchmark."""
        program, begun = Path(sys.executable).with_name("perla"), time.perf_counter()
        _run([str(program), *words, "-q", "--threads", str(self.threads), "--lang", "en"], self.work / "home")
        return time.perf_counter() - begun

    def model_of(self, task: Task, folder: Path) -> Path:
        """What perla learned of the task's reference, which is the same however bargains are planted."""
        model = self.work / "models" / f"{task.market}-{task.seed}-{self.commit}"
        if not model.exists():
            model.parent.mkdir(parents=True, exist_ok=True)
            self.call_perla("train", str(folder / "reference.csv"), "-o", str(model))
        return model

    def search(self, task: Task, folder: Path, scores: Path, *words: str) -> None:
        """Rank the listings of a folder with the model of its reference."""
        model = str(self.model_of(task, folder))
        self.call_perla("find", str(folder / "listings.csv"), "--model", model, "--all", "-o", str(scores), *words)


def run_python(script: Path, *words: str) -> str:
    """What a script prints; its own complaint ends the benchmark."""
    return _run([sys.executable, str(script), *words], None)


def _run(words: list[str], home: Path | None) -> str:
    settings = {**os.environ, **({"PERLA_HOME": str(home)} if home else {"OMP_NUM_THREADS": "1"})}
    done = subprocess.run(words, env=settings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
    return done.stdout


def read_figures(line: str) -> tuple[str, dict[str, float]]:
    """The name and the figures of a line of the planting script.

    >>> read_figures("LightGBM residual             AP 0.1234  P@50 0.5000  errors in top 50 7  R2 -0.1000")
    ('LightGBM residual', {'AP': 0.1234, 'P@50': 0.5, 'errors in top 50': 7.0, 'R2': -0.1})
    """
    found = re.findall(rf"(?:^|\s)({'|'.join(map(re.escape, _FIGURES))}) (-?[\d.]+|nan)(?=\s|$)", line)
    return line[:28].strip(), {name: float(value) for name, value in found}


def script_lines(text: str) -> Iterator[tuple[str, dict[str, float]]]:
    yield from map(read_figures, text.splitlines())
