"""How long learning takes and how much memory, how fast what was learned opens, and whether a kill leaves it whole.

    python benchmarks/learning.py PATH... [--runs 3] [--kills 0] [--seed 1]

Every run is a process of its own with a home of its own: the paths are learned, learned again (nothing changed), and
opened in a process that starts cold. Wall and processor seconds and the highest resident memory are medians over the
runs. With ``--kills``, the paths are learned anew so many times into a home that holds an index, each killed (SIGKILL)
at a random moment, and the index is opened after each. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LEARN = """
import json, resource, sys, time
from pathlib import Path
began, used = time.perf_counter(), time.process_time()
from perla.knowledge.library import Library
done = Library(Path(sys.argv[1])).learn(sys.argv[3:], anew=sys.argv[2] == "anew")
told = {"wall": time.perf_counter() - began, "processor": time.process_time() - used, "sources": len(done.sources),
        "read": len(done.read), "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}
print(json.dumps(told))
"""
OPEN = """
import json, sys, time
from pathlib import Path
began = time.perf_counter()
from perla.knowledge.library import Library
loaded = time.perf_counter()
index = Library(Path(sys.argv[1])).open()
told = {"imports": loaded - began, "open": time.perf_counter() - loaded, "passages": len(index),
        "findings": len(index.findings)}
print(json.dumps(told))
"""


def told_by(script: str, *words: object) -> dict[str, float]:
    """What a process of its own prints as JSON."""
    done = subprocess.run([sys.executable, "-c", script, *map(str, words)], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measure(paths: list[str]) -> dict[str, float]:
    """One run: learned, learned again, opened."""
    with tempfile.TemporaryDirectory() as home:
        first, again = (told_by(LEARN, home, "more", *paths) for _ in range(2))
        opened = told_by(OPEN, home)
        size = sum(path.stat().st_size for path in Path(home).rglob("*") if path.is_file())
    return {
        "sources": first["sources"], "passages": opened["passages"], "findings": opened["findings"],
        "learning, s": first["wall"], "learning, s of processor": first["processor"], "learning, MiB": first["memory"],
        "learning again, s": again["wall"], "opening, s": opened["open"], "imports before it, s": opened["imports"],
        "on disk, MiB": size / 2**20,
    }  # fmt: skip


def kill_at_random(paths: list[str], kills: int, seed: int) -> tuple[int, int]:
    """How many of so many kills hit a run that was learning, and after how many the index was not as before."""
    draw, hit, broken = random.Random(seed), 0, 0
    with tempfile.TemporaryDirectory() as home:
        long = told_by(LEARN, home, "more", *paths)["wall"]
        before = told_by(OPEN, home)["passages"]
        for _ in range(kills):
            words = [sys.executable, "-c", LEARN, home, "anew", *paths]
            run = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(draw.uniform(0.2, 1.0) * long)
            hit += run.poll() is None
            run.send_signal(signal.SIGKILL)
            run.wait()
            broken += told_by(OPEN, home)["passages"] != before
    return hit, broken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    call = parser.parse_args()
    runs = [measure(call.paths) for _ in range(call.runs)]
    print("| what | median | lowest | highest |\n|---|---|---|---|")
    for what in runs[0]:
        values = [run[what] for run in runs]
        print("| " + " | ".join([what, *(f"{f(values):,.3g}" if f(values) < 1000 else f"{f(values):,.0f}"
                                         for f in (statistics.median, min, max))]) + " |")  # fmt: skip
    if call.kills:
        hit, broken = kill_at_random(call.paths, call.kills, call.seed)
        print(f"\nKilled {call.kills} times, {hit} while learning: the index was not as before after {broken}.")


if __name__ == "__main__":
    main()
