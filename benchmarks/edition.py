"""How fast an edition answers, with 10,000 and with 500,000 stored listings, and how much memory it needs.

    python benchmarks/edition.py [--model FOLDER] [--listings 10000 500000] [--calls 200] [--date DAY]

The market is simulated (1,500 listings are learned from) unless a model is named. An edition larger than what the
model learned from is made of its listings over and over, each copy with an id of its own and a random day among the
last 120 on which it was seen; what the models say of a listing is copied with it (the evidence is tiled, not judged
anew), so the figures are about asking, not about judging. In a process of its own for
each size: writing the edition, opening it again (every checksum verified), then calls one after the other, each a
search, the proof of the first seven and five comparables of each; the first call of a kind, which works things out,
is told apart. Proofs are remembered: the same seven cost nothing when asked for again, seven others are proved anew.
The bar: 150 ms (p99), and a start of 4 seconds with the model.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from leaderboard import commit_of_perla, table, write_block

from perla.app.saved import load_finder, save_finder
from perla.bargains.edition import Edition, first_edition
from perla.bargains.examined import Judged
from perla.bargains.finder import Finder
from perla.listings import Kind
from perla.listings.checking import check
from perla.sources.simulated import simulate_market
from perla.storage import read_folder, write_folder

LEARNED, SHOWN, COMPARABLES = 1_500, 7, 5
DAYS, NEWEST = 120, pd.Timestamp("2026-01-31")
MIB = 1024
HEAD = ("listings", "what", "first", "p50", "p99", "asked", "date", "commit", "command")
COMMAND = "`python benchmarks/edition.py`"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--model", type=Path)
    parser.add_argument("--listings", type=int, nargs="+", default=[10_000, 500_000])
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--date", default=date.today().isoformat())
    parser.add_argument("--write", action="store_true", help="put the figures into the leaderboard")
    parser.add_argument("--one", type=Path, help=argparse.SUPPRESS)
    call = parser.parse_args()
    if call.one:
        _ask(call.model, call.one, call.calls)
        return
    with tempfile.TemporaryDirectory() as folder:
        model = call.model or _learn(Path(folder, "model"))
        rows = [row for n in call.listings for row in _measure(model, n, call.calls, Path(folder))]
    block = table(HEAD, [[*row, call.date, commit_of_perla(), COMMAND] for row in rows])
    print(block)
    if call.write:
        write_block("edition", block)


def _learn(folder: Path) -> Path:
    simulated = simulate_market(LEARNED, seed=3)
    save_finder(Finder(simulated.market, seed=0, threads=1).fit(check(simulated.frame, simulated.market)), folder)
    return folder


def _measure(model: Path, listings: int, calls: int, folder: Path) -> list[list[str]]:
    """An edition of so many listings on the disk, asked by a process of its own."""
    kept = folder / str(listings)
    edition = tiled(first_edition(load_finder(model, 1)), listings)
    began = time.perf_counter()
    write_folder(kept, "edition", edition.state(), {})
    written = time.perf_counter() - began
    size = sum(p.stat().st_size for p in kept.rglob("*") if p.is_file()) / MIB**2
    del edition
    words = [sys.executable, __file__, "--model", str(model), "--one", str(kept), "--calls", str(calls)]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip().splitlines()
    told = [line.split("|") for line in said]
    shown = f"{listings:,}"
    return [[shown, f"written, {size:,.0f} MiB", f"{written:.1f} s", "", "", ""], *([shown, *line] for line in told)]


def tiled(edition: Edition, listings: int) -> Edition:
    """As many listings, copies of these; the evidence is copied, not judged anew."""
    rng = np.random.default_rng(0)
    rows = np.arange(listings) % len(edition)
    own = edition._take(rows)
    ids = pd.Series(np.char.add("x", np.arange(listings).astype(str)), dtype="str")
    values = own.values
    id_column = edition.market.first(Kind.ID)
    if id_column:
        values = values.assign(**{id_column: ids})
    examined, decided = edition.examined.take(rows), edition.answer(edition.wish(None)).judged.decided.take(rows)
    last = NEWEST - pd.to_timedelta(rng.integers(0, DAYS, listings), unit="D")
    first = last - pd.to_timedelta(rng.integers(0, DAYS, listings), unit="D")
    seen = pd.DataFrame({"first_seen": first.astype("datetime64[s]"), "last_seen": last.astype("datetime64[s]")})
    changes = np.sort(rng.integers(0, listings, 3 * listings))
    prices = pd.DataFrame({"row": changes, "seen_on": seen["first_seen"].to_numpy()[changes],
                           "price": values[edition.market.price].to_numpy()[changes]})  # fmt: skip
    things = pd.Series(np.arange(listings))
    made = Edition(edition.finder, replace(own, values=values, ids=ids, things=things), seen, prices)
    made._examined.recall(None, lambda: examined)
    made._low.recall(None, lambda: made._ordered(made.wish(None), decided))
    for name in edition._wishable():
        judged = _copied(edition._judge_wished(name), rows)
        made._wished.recall(name, partial(_kept, judged))
    return made


def _copied(judged: Judged, rows: Any) -> Judged:
    """The verdicts on the copies of the rows that were judged."""
    copies = np.flatnonzero(np.isin(rows, judged.rows))
    return Judged(copies, judged.decided.take(np.searchsorted(judged.rows, rows[copies])))


def _kept(judged: Judged) -> Judged:
    return judged


def _ask(model: Path, kept: Path, calls: int) -> None:
    """Open an edition and ask it; one line for each figure."""
    began = time.perf_counter()
    finder = load_finder(model, 1)
    loaded = time.perf_counter()
    before = _memory_mib()
    edition = Edition.from_state(read_folder(kept, "edition")[0], finder)
    opened = time.perf_counter()
    print(f"the model opened|{loaded - began:.2f} s|||<= 4 s with the edition")
    print(f"the edition opened, {_memory_mib() - before:,.0f} MiB|{opened - loaded:.2f} s|||")
    for what, ask in _questions(edition).items():
        took = []
        for turn in range(calls):
            began = time.perf_counter()
            ask(turn)
            took.append(1000 * (time.perf_counter() - began))
        p50, p99 = np.percentile(took[1:], [50, 99])
        print(f"{what}|{took[0]:.0f} ms|{p50:.0f} ms|{p99:.0f} ms|<= 150 ms (p99)")
    print(f"the process at its largest, {_memory_mib('VmHWM'):,.0f} MiB||||")


def _questions(edition: Edition) -> dict[str, Callable[[int], Any]]:
    """What is asked, each a function of the turn."""
    market = edition.market
    low = edition.wish(None)
    wished = next(c for c in market.modelled if c.wishable and c.kind is Kind.QUANTITY)
    both = edition.wish(f'{market.price} low, "{wished.name}" high')
    place = next(c.name for c in market.modelled if c.kind is Kind.CATEGORY)
    common = edition.listings.values[place].value_counts().index[0]
    area = edition.listings.values[wished.name]
    where = f'"{place}" = \'{common}\' and "{wished.name}" >= {area.quantile(0.3):g}'
    since = edition.since(60, NEWEST)

    def ask(wish: Any, where: str = "", since: Any = None) -> Any:
        return edition.prove(edition.search(wish, where, since)[:SHOWN], wish, COMPARABLES)

    return {
        "the 7 best, proved": lambda turn: ask(low),
        "7 never proved before": lambda turn: edition.prove(
            edition.search(low)[SHOWN * turn :][:SHOWN], low, COMPARABLES - 1
        ),
        "the 7 best, not proved": lambda turn: edition.table(edition.search(low)[:SHOWN], low),
        "of a category and a size": lambda turn: ask(low, where),
        "of the last 60 days": lambda turn: ask(low, since=since),
        f"{wished.name} high too": lambda turn: ask(both),
        "all of these together": lambda turn: ask(both, where, since),
        "a new filter each time": lambda turn: ask(
            low, f'"{place}" = \'{common}\' and "{wished.name}" >= {area.quantile(0.1 + 0.8 * turn / 1000):.3f}'
        ),
        "a price history": lambda turn: edition.prices_of(turn * 37 % len(edition)),
        "a listing by its id": lambda turn: edition.row_of(f"x{turn * 37 % len(edition)}"),
    }


def _memory_mib(which: str = "VmRSS") -> float:
    """Of this process alone, resident now or (VmHWM) at its largest; what getrusage tells is its parent's as well."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(which):
            return int(line.split()[1]) / MIB
    return 0.0


if __name__ == "__main__":
    main()
