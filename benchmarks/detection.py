"""How well perla finds bargains planted in real listings, beside simple peers, in one run.

    python benchmarks/detection.py [--all-depths] [--wishes] [--jobs 2] [--markets NAME...] [--seeds N...] ...

For every market and seed the planting script (plant.py; see benchmarks/README.md) makes reference.csv, listings.csv
and answers.csv. ``perla train reference.csv`` learns once; ``perla find listings.csv --model MODEL --all`` then ranks
the listings of each depth, as ``perla find --reference`` would. The planting script scores the ranking, its
own peers and those of peers.py; figures.py adds what the script does not know. Every score is kept in
WORK/results.jsonl, so that a run that was stopped goes on where it stood; perla is measured anew when its code changed.
The tables of means and the bars go between markers into benchmarks/LEADERBOARD.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pandas as pd
import peers
import wishes
from figures import join, own_figures
from leaderboard import LEADERBOARD, ROOT, state_of_perla, write_block
from planting import MARKETS, PERLA, SEEDS, SIZES, Bench, Score, Task, run_python, script_lines
from verdicts import DEEP, MIDDLE, MILD, OTHERS, QUANTILE, make_block, make_own_block, make_wish_block

PEERS = Path(__file__).with_name("peers.py")
WISH = "wish"


def measure_perla(bench: Bench, task: Task, folder: Path) -> list[Score]:
    """perla by its command line: the planting script's figures and our own."""
    scores = folder / "scores.csv"
    bench.search(task, folder, scores)
    figures = bench.score(folder, scores)
    if peers.scores_path(folder, peers.LIGHTGBM).exists():
        tables = (
            folder / "answers.csv",
            scores,
            *(peers.scores_path(folder, n) for n in (peers.LIGHTGBM, peers.CATBOOST)),
        )
        whole = join(*(pd.read_csv(path, low_memory=False) for path in tables))
        figures |= own_figures(whole, SIZES[task.market])
    return [bench.keep(task, PERLA, figures)]


def measure_own_peers(bench: Bench, task: Task, folder: Path) -> list[Score]:
    """The peers of peers.py, scored by the planting script."""
    run_python(PEERS, str(folder), "--estimates", str(bench.work / "estimates"))
    return [bench.keep(task, name, bench.score(folder, peers.scores_path(folder, name))) for name in OTHERS]


def measure_script_peers(bench: Bench, task: Task, folder: Path) -> list[Score]:
    """The planting script's own peers."""
    lines = run_python(bench.script, "peers", str(folder))
    return [bench.keep(task, name, figures) for name, figures in script_lines(lines)]


def measure(bench: Bench, task: Task, options: argparse.Namespace, kept: dict[tuple[Task, str], Score]) -> list[Score]:
    """The scores of one task, those of an earlier run of the same folder first."""
    plain = Task(task.market, task.seed, task.low, task.high)
    if task.kind == WISH:
        steps = {wishes.METHODS[1]: wishes.measure_perla, wishes.METHODS[3]: wishes.measure_group}
    else:
        steps = {OTHERS[-1]: measure_own_peers, QUANTILE: measure_script_peers, PERLA: measure_perla}
    scores = [score for (of, _), score in kept.items() if of == task]
    for last, step in steps.items():
        wanted = not options.peers_only if last.startswith(PERLA) else not options.no_peers
        if wanted and (task, last) not in kept:
            folder = bench.plant(plain)
            scores += step(bench, task, wishes.make(bench, task, folder) if task.kind == WISH else folder)
    return scores


def tasks_of(options: argparse.Namespace) -> list[list[Task]]:
    """The tasks by market and seed: those share what perla learns, and run one after the other."""
    depths = (MIDDLE, DEEP, MILD) if options.all_depths else ((options.low, options.high),)
    shapes = [(low, high, "plain") for low, high in depths] + ([(*MIDDLE, WISH)] if options.wishes else [])
    return [[Task(m, s, *shape) for shape in shapes] for s in options.seeds for m in options.markets]


def measure_all(bench: Bench, options: argparse.Namespace) -> list[Score]:
    kept = bench.kept_scores()

    def measure_group(tasks: list[Task]) -> list[Score]:
        return [score for task in tasks for score in measure(bench, task, options, kept)]

    with ThreadPoolExecutor(options.jobs) as pool:
        return [score for scores in pool.map(measure_group, tasks_of(options)) for score in scores]


def make_blocks(scores: list[Score], command: str) -> dict[str, str]:
    """Name -> block of the leaderboard: a section for each depth of the plants, and one for the wishes."""
    plain, wished = ([s for s in scores if (s.task.kind == WISH) is wish] for wish in (False, True))
    blocks = {}
    for low, high in dict.fromkeys((s.task.low, s.task.high) for s in plain):
        of_depth = [s for s in plain if (s.task.low, s.task.high) == (low, high)]
        title = f"## Planted bargains, {low:.0%} to {high:.0%} of the true price".replace("%", " %")
        blocks[f"detection {low:.2f}-{high:.2f}"] = f"{title}\n\n{make_block(of_depth, command, (low, high))}"
        if own := make_own_block(of_depth, command):
            blocks[f"figures {low:.2f}-{high:.2f}"] = own
    if wished:
        blocks["wishes"] = f"## Wishes on two columns: cheap and large\n\n{make_wish_block(wished, command)}"
    return blocks


def read_options() -> argparse.Namespace:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--markets", nargs="+", choices=MARKETS, default=MARKETS, metavar="NAME")
    asked.add_argument("--seeds", nargs="+", type=int, default=SEEDS, metavar="N")
    asked.add_argument("--low", type=float, default=MIDDLE[0], help="a bargain's least share of its true price")
    asked.add_argument("--high", type=float, default=MIDDLE[1], help="a bargain's largest share of its true price")
    asked.add_argument("--all-depths", action="store_true", help="ordinary, deep and mild bargains")
    asked.add_argument("--wishes", action="store_true", help="also plants that are cheap and large")
    asked.add_argument("--no-peers", action="store_true", help="perla alone")
    asked.add_argument("--peers-only", action="store_true", help="the peers alone")
    asked.add_argument("--jobs", type=int, default=1, help="how many markets to measure at a time")
    asked.add_argument(
        "--threads", type=int, help="threads each call of perla may use (default: 2, or 1 with more jobs)"
    )
    asked.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench", help="folder with plant.py")
    asked.add_argument("--work", type=Path, help="folder to work in and to keep scores in (default: a new one)")
    asked.add_argument("--date", default=date.today().isoformat(), help="the day to write beside the figures")
    asked.add_argument("--no-write", action="store_true", help="leave the leaderboard as it is")
    return asked.parse_args()


def command_of(options: argparse.Namespace) -> str:
    """The call as anyone can repeat it: what decides the figures, without this machine's folders."""
    words = ["python benchmarks/detection.py"]
    words += ["--markets", *options.markets] if tuple(options.markets) != MARKETS else []
    words += ["--seeds", *map(str, options.seeds)] if tuple(options.seeds) != SEEDS else []
    if options.all_depths:
        words += ["--all-depths"]
    elif (options.low, options.high) != MIDDLE:
        words += [f"--low {options.low:g} --high {options.high:g}"]
    words += [f"--{name.replace('_', '-')}" for name in ("wishes", "no_peers", "peers_only") if getattr(options, name)]
    return " ".join(words)


def main() -> None:
    options = read_options()
    script = options.bench / "plant.py"
    if not script.is_file():
        sys.exit(f"The planting script must be at {script}, but is not. Name its folder with --bench FOLDER.")
    work = (options.work or Path(tempfile.mkdtemp(prefix="perla-detection-"))).resolve()
    work.mkdir(parents=True, exist_ok=True)
    threads = options.threads or (2 if options.jobs == 1 else 1)
    bench = Bench(script.resolve(), work, threads, options.date, state_of_perla())
    print(f"Scores are kept in {bench.kept}", flush=True)
    scores = measure_all(bench, options)
    for name, block in make_blocks(scores, command_of(options)).items():
        print(f"\n{name}\n\n{block}")
        if not options.no_write:
            write_block(name, block)
    print("" if options.no_write else f"Written into {LEADERBOARD}")


if __name__ == "__main__":
    main()
