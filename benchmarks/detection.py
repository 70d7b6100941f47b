"""How well perla finds bargains planted in real listings, beside simple peers.

    python benchmarks/detection.py [--markets NAME...] [--seeds N...] [--low 0.6 --high 0.85] [--no-peers]

For every market and seed the planting script (plant.py; see benchmarks/README.md) makes reference.csv, listings.csv
and answers.csv; ``perla find listings.csv --reference reference.csv --all -o scores.csv -q`` ranks the listings; the
script scores the ranking and its own peers. Every score is kept in WORK/results.jsonl, so that a run that was stopped
goes on where it stood; a fresh folder measures everything anew. The table of means goes between markers into
benchmarks/LEADERBOARD.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import numpy as np
from leaderboard import LEADERBOARD, ROOT, commit_of_perla, table, write_block

MARKETS = ("king-county", "valencia", "medellin", "uk-cars")
SEEDS = (1, 2, 3)
LOW, HIGH = 0.60, 0.85
PERLA, RESIDUAL, CAPPED = "perla", "LightGBM residual", "LightGBM scaled, capped"
METHODS = (PERLA, RESIDUAL, CAPPED, "LightGBM scaled quantile")
FIGURES = ("AP", "P@50", "AUC", "errors in top 50", "scored", "MdAPE", "R2", "coverage", "width", "seconds")
SHOWN = {
    "AP": ".3f", "P@50": ".3f", "errors in top 50": ".1f", "MdAPE": ".4f", "R2": ".3f", "coverage": ".3f",
    "width": ".2f",
}  # fmt: skip
MEAN = "mean of markets"
LEAST_RATIO, MOST_ERRORS, COVERAGE = 2.0, 2.0, (0.87, 0.93)


@dataclass(frozen=True)
class Task:
    """Bargains at ``low`` to ``high`` of their price, planted in one market with one seed."""

    market: str
    seed: int
    low: float
    high: float


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
    """Where the planting script is, where files go, how many threads perla gets."""

    script: Path
    work: Path
    threads: int
    day: str

    def run(self, *words: str) -> str:
        return run_python(self.script, *words)


def run_python(script: Path, *words: str) -> str:
    """What a script prints; its own complaint ends the benchmark."""
    done = subprocess.run([sys.executable, str(script), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{script.name} {' '.join(words)} ended with {done.returncode}:\n{done.stderr}{done.stdout}")
    return done.stdout


def read_figures(line: str) -> tuple[str, dict[str, float]]:
    """The name and the figures of a line of the planting script.

    >>> read_figures("LightGBM residual             AP 0.1234  P@50 0.5000  errors in top 50 7  R2 -0.1000")
    ('LightGBM residual', {'AP': 0.1234, 'P@50': 0.5, 'errors in top 50': 7.0, 'R2': -0.1})
    """
    found = re.findall(rf"(?:^|\s)({'|'.join(map(re.escape, FIGURES))}) (-?[\d.]+|nan)(?=\s|$)", line)
    return line[:28].strip(), {name: float(value) for name, value in found}


def measure_perla(bench: Bench, task: Task, folder: Path) -> list[Score]:
    """One call of the command line, scored."""
    scores, begun, commit = folder / "scores.csv", time.perf_counter(), commit_of_perla()
    words = ["find", str(folder / "listings.csv"), "--reference", str(folder / "reference.csv"), "--all"]
    words += ["-o", str(scores), "-q", "--threads", str(bench.threads), "--lang", "en"]
    home = {"PERLA_HOME": str(bench.work / "home")}
    done = subprocess.run(
        [str(Path(sys.executable).with_name("perla")), *words],
        env={**os.environ, **home}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"perla ended with {done.returncode}: {done.stderr}")
    seconds = time.perf_counter() - begun
    _, figures = read_figures(bench.run("score", str(folder), str(scores)))
    return [Score(task, PERLA, {**figures, "seconds": seconds}, bench.day, commit)]


def measure_peers(bench: Bench, task: Task, folder: Path) -> list[Score]:
    """The script's own peers, which do not depend on perla."""
    lines = bench.run("peers", str(folder)).splitlines()
    return [Score(task, *read_figures(line), bench.day, commit_of_perla()) for line in lines]


def measure(bench: Bench, tasks: list[Task], with_peers: bool) -> Iterator[Score]:
    """Every score, those of an earlier run of the same folder first."""
    kept = bench.work / "results.jsonl"
    known = list(read_scores(kept))
    yield from (s for s in known if s.task in tasks and (with_peers or s.method == PERLA))
    done = {(s.task, s.method) for s in known}
    for task in tasks:
        folder = bench.work / f"{task.market}-{task.seed}-{task.low:.2f}-{task.high:.2f}"
        todo = [measure_perla] if (task, PERLA) not in done else []
        todo += [measure_peers] if with_peers and (task, RESIDUAL) not in done else []
        if todo and not (folder / "answers.csv").exists():
            bench.run("make", task.market, str(task.seed), str(folder), str(task.low), str(task.high))
        for method in todo:
            for score in method(bench, task, folder):
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(score)) + "\n")
                print(f"{task.market} {task.seed} {score.method}: {score.figures}", flush=True)
                yield score


def read_scores(path: Path) -> Iterator[Score]:
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        kept = json.loads(line)
        yield Score(**{**kept, "task": Task(**kept["task"])})


def means(scores: list[Score]) -> dict[tuple[str, str], dict[str, float]]:
    """(market, method) -> each figure's mean over the seeds; under MEAN the mean of the markets."""
    found: dict[tuple[str, str], dict[str, float]] = {}
    for method in METHODS:
        for market in dict.fromkeys(s.task.market for s in scores if s.method == method):
            own = [s.figures for s in scores if (s.task.market, s.method) == (market, method)]
            found[market, method] = {name: float(np.mean([f[name] for f in own])) for name in own[0]}
        per_market = [figures for (_, m), figures in found.items() if m == method]
        if per_market:
            shared = set.intersection(*map(set, per_market))
            found[MEAN, method] = {n: float(np.mean([f[n] for f in per_market])) for n in shared}
    return found


def make_block(scores: list[Score], command: str) -> str:
    """The table of means, then each bar and whether it is met."""
    found, rows = means(scores), []
    for market in [*(m for m in MARKETS if (m, PERLA) in found), MEAN]:
        for method in METHODS:
            if figures := found.get((market, method)):
                of_it = [s for s in scores if s.method == method and market in (s.task.market, MEAN)]
                cells = [f"{figures[n]:{form}}" if n in figures else "" for n, form in SHOWN.items()]
                days, commits = (", ".join(dict.fromkeys(values)) for values in _origins(of_it))
                rows.append([market, method, *cells, days, commits, f"`{command}`"])
    head = ["market", "method", *SHOWN, "date", "commit", "command"]
    return table(head, rows) + "\n\n" + "\n".join(f"- {line}" for line in bars(found))


def _origins(scores: list[Score]) -> tuple[list[str], list[str]]:
    return sorted(s.day for s in scores), [s.commit for s in scores]


def bars(found: dict[tuple[str, str], dict[str, float]]) -> list[str]:
    """What was asked for, what was got, and whether that is enough."""
    lines, own = [], found[MEAN, PERLA]
    if (MEAN, RESIDUAL) in found:
        ratio = own["AP"] / found[MEAN, RESIDUAL]["AP"]
        lines.append(_bar(f"mean AP / `{RESIDUAL}`, at least {LEAST_RATIO}", f"{ratio:.2f}", ratio >= LEAST_RATIO))
        ratio = own["AP"] / found[MEAN, CAPPED]["AP"]
        lines.append(_bar(f"mean AP / `{CAPPED}`, at least 1", f"{ratio:.2f}", ratio >= 1))
    of_perla = {market: figures for (market, method), figures in found.items() if method == PERLA and market != MEAN}
    errors = {market: figures["errors in top 50"] for market, figures in of_perla.items()}
    worst = max(errors, key=lambda market: errors[market])
    lines.append(
        _bar(
            f"errors in the top 50 on every market, at most {MOST_ERRORS:.0f}",
            f"{errors[worst]:.1f} ({worst})",
            errors[worst] <= MOST_ERRORS,
        )
    )
    coverage = {market: figures["coverage"] for market, figures in of_perla.items()}
    got = ", ".join(f"{market} {share:.3f}" for market, share in coverage.items())
    inside = all(COVERAGE[0] <= share <= COVERAGE[1] for share in coverage.values())
    lines.append(_bar(f"coverage on every market {COVERAGE[0]}-{COVERAGE[1]}", got, inside))
    return lines


def _bar(asked: str, got: str, met: bool) -> str:
    return f"{asked}: {got}, {'met' if met else '**missed**'}"


def read_options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--markets", nargs="+", choices=MARKETS, default=MARKETS, metavar="NAME")
    asked.add_argument("--seeds", nargs="+", type=int, default=SEEDS, metavar="N")
    asked.add_argument("--low", type=float, default=LOW, help="a bargain's least share of its true price")
    asked.add_argument("--high", type=float, default=HIGH, help="a bargain's largest share of its true price")
    asked.add_argument("--no-peers", action="store_true", help="perla alone")
    asked.add_argument("--threads", type=int, default=2, help="threads perla may use")
    asked.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench", help="folder with plant.py")
    asked.add_argument("--work", type=Path, help="folder to work in and to keep scores in (default: a new one)")
    asked.add_argument("--date", default=date.today().isoformat(), help="the day to write beside the figures")
    return asked.parse_args()


def command_of(options: argparse.Namespace) -> str:
    """The call as anyone can repeat it: what decides the figures, without this machine's folders."""
    words = ["python benchmarks/detection.py"]
    words += ["--markets", *options.markets] if tuple(options.markets) != MARKETS else []
    words += ["--seeds", *map(str, options.seeds)] if tuple(options.seeds) != SEEDS else []
    words += [f"--low {options.low:g} --high {options.high:g}"] if (options.low, options.high) != (LOW, HIGH) else []
    words += ["--no-peers"] if options.no_peers else []
    return " ".join(words)


def main() -> None:
    options = read_options()
    script = options.bench / "plant.py"
    if not script.is_file():
        sys.exit(f"The planting script must be at {script}, but is not. Name its folder with --bench FOLDER.")
    work = options.work or Path(tempfile.mkdtemp(prefix="perla-detection-"))
    work.mkdir(parents=True, exist_ok=True)
    print(f"Scores are kept in {work / 'results.jsonl'}", flush=True)
    tasks = [Task(m, s, options.low, options.high) for s in options.seeds for m in options.markets]
    scores = list(measure(Bench(script, work, options.threads, options.date), tasks, not options.no_peers))
    block = make_block(scores, command_of(options))
    print(block)
    write_block(f"detection {options.low:.2f}-{options.high:.2f}", block)
    print(f"Written into {LEADERBOARD}")


if __name__ == "__main__":
    main()
