"""How long perla takes and how much memory it needs, beside a five-fold LightGBM cross-validation of the same table.

    python benchmarks/speed.py [--tables NAME...] [--threads 2] [--data FOLDER] [--date DAY]

For every table of real listings, in processes of their own, one after the other: the cross-validation (the settings
of the planting script's peers, 800 trees, as many threads as perla, on perla's own prepared matrix; reading and
preparing are not counted), ``perla find TABLE -o bargains.xlsx -o bargains.html``, the cross-validation again (the mean
of the two counts), ``perla train`` on all but 2,000 listings and ``perla find --model`` on those. Before that, ten
times ``perla --help``; after it, ``perla train`` on the smallest table with one thread and with two. Seconds are by the
wall clock, from start to exit; memory is the largest resident size of the process. ``others`` is what other processes
took of the machine meanwhile: above a few hundredths the seconds are too high, so measure again. The table goes between
markers into benchmarks/LEADERBOARD.md.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

from leaderboard import LEADERBOARD, ROOT, commit_of_perla, table, write_block

TABLES = {
    "cars-uk": "cars-uk/*.csv",
    "king-county": "homes-king-county/kc_house_data.csv",
    "medellin": "homes-medellin/medellin_properties.csv",
}
NEW_LISTINGS = 2_000
MIB = 1024 * 1024
MOST_TIMES, MOST_MIB, MOST_SECONDS_NEW, MOST_SECONDS_HELP = 8.0, 2048, 5.0, 0.3
HEAD = ("what", "table", "seconds", "CPU seconds", "peak MiB", "beside", "asked", "others", "date", "commit", "command")
PEERS = {
    "n_estimators": 800, "learning_rate": 0.04, "num_leaves": 63, "subsample": 0.8, "subsample_freq": 1,
    "colsample_bytree": 0.7, "verbose": -1, "random_state": 0,
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One process from start to exit. others : the share of the machine that other processes took meanwhile."""

    seconds: float
    cpu_seconds: float
    peak_mib: float
    others: float
    said: str


@dataclass(frozen=True)
class Bench:
    """Where tables are read from and files go, and how many threads everything gets."""

    data: Path
    work: Path
    threads: int

    def files(self, name: str) -> list[Path]:
        return sorted(self.data.glob(TABLES[name]))

    def perla(self, *words: str | Path, threads: int | None = None) -> Run:
        program = Path(sys.executable).with_name("perla")
        options = [] if words == ("--help",) else ["-q", "--lang", "en", "--threads", str(threads or self.threads)]
        return run([program, *words, *options], self.work)

    def cross_validate(self, name: str) -> Run:
        words = ["--cross-validate", *self.files(name), "--threads", str(self.threads)]
        return run([Path(sys.executable), Path(__file__).resolve(), *words], self.work)


def run(words: Sequence[str | Path], work: Path) -> Run:
    """Run a program; one that fails ends the benchmark."""
    environment = {**os.environ, "PERLA_HOME": str(work / "home")}
    busy, begun = _busy_seconds(), time.perf_counter()
    with (work / "said").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen([str(w) for w in words], stdout=said, stderr=subprocess.STDOUT, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds, busy = time.perf_counter() - begun, _busy_seconds() - busy
        said.seek(0)
        text = said.read()
    if process.returncode:
        sys.exit(f"{words[0]} {words[1]} ended with {process.returncode}: {text}")
    cpu = usage.ru_utime + usage.ru_stime
    others = max(0.0, busy - cpu) / (seconds * (os.cpu_count() or 1))
    peak = usage.ru_maxrss if sys.platform == "darwin" else usage.ru_maxrss * 1024
    return Run(seconds, cpu, peak / MIB, others, text)


def _busy_seconds() -> float:
    """Seconds all processors of the machine have worked since it started (0 where the system does not tell)."""
    told = Path("/proc/stat")
    if not told.exists():
        return 0.0
    user, nice, system, _, _, irq, softirq = map(int, told.read_text(encoding="ascii").split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


def cross_validate(files: Sequence[Path], threads: int) -> tuple[float, int]:
    """Seconds of five fits and predictions on the matrix perla's trees see, and its rows."""
    import numpy as np

    from perla.app.road import Search, make_ready
    from perla.app.settings import Settings, limit_threads
    from perla.prepare import Preparation

    with tempfile.TemporaryDirectory() as home, limit_threads(threads):
        import lightgbm

        ready = make_ready(Search(tuple(files)), Settings("en", Path(home), threads), lambda what, share: None)
        values = ready.known.values
        prepared = Preparation(ready.market).fit(values, 0).transform(values)
        target, p = prepared.log_price, len(prepared.names)
        categorical = list(range(p, p + len(prepared.category_names)))
        matrix = prepared.tree_matrix[:, : p + len(categorical)]  # without what perla adds of its own
        parts = np.array_split(np.random.default_rng(0).permutation(len(target)), 5)
        begun = time.perf_counter()
        for part in parts:
            rest = np.setdiff1d(np.arange(len(target)), part)
            model = lightgbm.LGBMRegressor(num_threads=threads, **PEERS)
            model.fit(matrix[rest], target[rest], categorical_feature=categorical).predict(matrix[part])
        return time.perf_counter() - begun, len(target)


def hold_out(files: Sequence[Path], folder: Path) -> tuple[list[Path], list[Path]]:
    """The table without NEW_LISTINGS drawn from it (as many of every file), and those, as files of the same names."""
    each, known, new = NEW_LISTINGS // len(files), [], []
    for file in files:
        with file.open(newline="", encoding="utf-8") as lines:
            head, *rows = csv.reader(lines)
        random.Random(0).shuffle(rows)
        for made, part, name in ((known, rows[:-each], "known"), (new, rows[-each:], "new")):
            (folder / name).mkdir(parents=True, exist_ok=True)
            made.append(folder / name / file.name)
            with made[-1].open("w", newline="", encoding="utf-8") as lines:
                csv.writer(lines).writerows([head, *part])
    return known, new


def measure_table(bench: Bench, name: str) -> Iterator[list[str]]:
    """Rows of the whole search beside the cross-validation, and of a search with a kept model."""
    folder = bench.work / name
    folder.mkdir(parents=True, exist_ok=True)
    outputs = ["-o", folder / "bargains.xlsx", "-o", folder / "bargains.html"]
    before = json.loads(bench.cross_validate(name).said.splitlines()[-1])
    whole = bench.perla("find", *bench.files(name), *outputs)
    after = json.loads(bench.cross_validate(name).said.splitlines()[-1])
    beside = (before["seconds"] + after["seconds"]) / 2
    times, limit = whole.seconds / beside, f"at most {MOST_TIMES:.0f} times, {MOST_MIB} MiB"
    met = _met(times <= MOST_TIMES and whole.peak_mib <= MOST_MIB)
    beside_it = f"{beside:.1f} s ({before['seconds']:.1f}, {after['seconds']:.1f}): {times:.1f} times"
    rows = f"{name}, {before['rows']:,} rows"
    yield _row("`perla find`", rows, whole, beside_it, f"{limit}: {met}")
    known, new = hold_out(bench.files(name), folder)
    model = folder / "model"
    yield _row("`perla train`", rows, bench.perla("train", *known, "-o", model), "", "")
    found = bench.perla("find", *new, "--model", model)
    asked = f"at most {MOST_SECONDS_NEW:.0f} s: {_met(found.seconds <= MOST_SECONDS_NEW)}"
    yield _row("`perla find --model`", f"{name}, {NEW_LISTINGS:,} new", found, "", asked)


def measure_help(bench: Bench) -> Iterator[list[str]]:
    """Ten calls for help: the best and the median."""
    runs = sorted((bench.perla("--help") for _ in range(10)), key=lambda r: r.seconds)
    middle = median(r.seconds for r in runs)
    asked = f"at most {MOST_SECONDS_HELP} s: {_met(middle <= MOST_SECONDS_HELP)}"
    row = _row("`perla --help`, ten times", "", runs[0], "", asked)
    yield [*row[:2], f"best {runs[0].seconds:.2f}, median {middle:.2f}", *row[3:]]


def measure_threads(bench: Bench, name: str) -> Iterator[list[str]]:
    """The same learning with one thread and with two."""
    for threads in (1, 2):
        model = bench.work / name / f"model-{threads}"
        learned = bench.perla("train", *bench.files(name), "-o", model, threads=threads)
        yield _row(f"`perla train --threads {threads}`", name, learned, "", "")


def _row(what: str, rows: str, done: Run, beside: str, asked: str) -> list[str]:
    figures = [f"{done.seconds:.1f}", f"{done.cpu_seconds:.1f}", f"{done.peak_mib:.0f}"]
    return [what, rows, *figures, beside, asked, f"{done.others:.2f}"]


def _met(met: bool) -> str:
    return "met" if met else "**missed**"


def read_options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--tables", nargs="+", choices=TABLES, default=list(TABLES), metavar="NAME")
    asked.add_argument("--threads", type=int, default=2, help="threads of perla and of the cross-validation")
    asked.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data", help="folder with the tables")
    asked.add_argument("--work", type=Path, help="folder to work in (default: a new one)")
    asked.add_argument("--date", default=date.today().isoformat(), help="the day to write beside the figures")
    asked.add_argument("--cross-validate", nargs="+", type=Path, metavar="FILE", help=argparse.SUPPRESS)
    return asked.parse_args()


def main() -> None:
    options = read_options()
    if options.cross_validate:
        seconds, rows = cross_validate(options.cross_validate, options.threads)
        print(json.dumps({"seconds": seconds, "rows": rows}))
        return
    work = options.work or Path(tempfile.mkdtemp(prefix="perla-speed-"))
    work.mkdir(parents=True, exist_ok=True)
    bench = Bench(options.data, work, options.threads)
    for name in options.tables:
        if not bench.files(name):
            sys.exit(f"{TABLES[name]} must lie in {options.data}, but does not. Name the folder with --data FOLDER.")
    words = ["python benchmarks/speed.py"] + (["--tables", *options.tables] if options.tables != list(TABLES) else [])
    words += ["--threads", str(options.threads)] if options.threads != 2 else []
    origin, rows = [options.date, commit_of_perla(), f"`{' '.join(words)}`"], []
    small = min(options.tables, key=lambda name: sum(f.stat().st_size for f in bench.files(name)))
    parts = [measure_table(bench, name) for name in options.tables]
    for part in (measure_help(bench), *parts, measure_threads(bench, small)):
        for row in part:
            rows.append([*row, *origin])
            print(" | ".join(rows[-1]), flush=True)
    block = f"{os.cpu_count()} processors, {options.threads} threads.\n\n{table(HEAD, rows)}"
    write_block("speed", block)
    print(f"Written into {LEADERBOARD}")


if __name__ == "__main__":
    main()
