"""How long one listing takes, without HTTP: estimated with five comparables, and seven known ones proved.

    python benchmarks/single.py [--data FOLDER] [--model FOLDER] [--listings 100] [--threads 2] [--laid-out] [--write]

Opens a model of the real homes of Medellín (trained first where no folder is given), and measures: opening it; checking
the cells of one listing; ``Edition.estimate`` of one new listing after another, each a real home with another price and
a slightly different area; ``Edition.prove`` of seven known listings that nobody has asked about, first without what
would explain their price, then, their comparables laid out by that, whole. With ``--laid-out`` the known listings'
contributions are computed first, as the service does beside its answers (6 ms each); without it only those near the
listings asked about. The reference in the same run is one row by one of the thirty price models in LightGBM. Processor
time of the asking thread stands beside the time on the clock: they differ where others use the processor, and where a
second thread helps.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from leaderboard import ROOT, commit_of_perla, table, write_block

from perla.app.markets import named_market
from perla.app.saved import load_finder, save_finder
from perla.bargains.edition import Edition, first_edition
from perla.bargains.finder import Finder
from perla.listings import Listings
from perla.listings.checking import check

HEAD = ["one listing", "p50, ms", "p99, ms", "processor p50, ms", "date", "commit", "command"]
COMMAND = "`python benchmarks/single.py --laid-out`"
SHOWN = 7
PRICES = (0.6, 1.4)


def main() -> None:
    options = read_options()
    frame = pd.read_csv(options.data / "homes-medellin" / "medellin_properties.csv")
    with tempfile.TemporaryDirectory() as folder:
        model = options.model or trained(frame, Path(folder) / "model")
        begun = time.perf_counter()
        finder = load_finder(model, options.threads)
        opened = time.perf_counter() - begun
        edition = first_edition(finder)
        lines = [("open the model", f"{opened * 1000:.0f}", "", ""), *measure(edition, frame, options)]
    block = table(HEAD, [[*line, options.date, commit_of_perla(), COMMAND] for line in lines])
    print(block)
    if options.write:
        write_block("single", block)


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--model", type=Path)
    parser.add_argument("--listings", type=int, default=100)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--laid-out", action="store_true")
    parser.add_argument("--date", default=date.today().isoformat())
    parser.add_argument("--write", action="store_true", help="into benchmarks/LEADERBOARD.md")
    return parser.parse_args()


def trained(frame: pd.DataFrame, folder: Path) -> Path:
    market = named_market("homes-medellin", folder.parent)
    save_finder(Finder(market, threads=2).fit(check(frame, market)), folder)
    return folder


def measure(edition: Edition, frame: pd.DataFrame, options: argparse.Namespace) -> list[tuple[str, str, str, str]]:
    """One line for each kind of question."""
    finder, wish = edition.finder, edition.wish(None)
    priced = np.flatnonzero(frame["price"].notna() & frame["area"].notna())
    rows = np.random.default_rng(0).permutation(priced)[: options.listings]
    raw = [frame.iloc[[row]].reset_index(drop=True) for row in rows]
    if options.laid_out:
        finder.warm()
    for number, cells in enumerate(raw):
        edition.estimate(stranger(cells, finder, number, area=1.003))
    new = [stranger(cells, finder, number, area=1.001) for number, cells in enumerate(raw)]
    best = edition.search(wish)
    sevens = [best[start : start + SHOWN].tolist() for start in range(0, 20 * SHOWN, SHOWN)]
    one = finder.experts_.preparation_.transform(new[0].values).tree_matrix
    trees: Any = finder.experts_.valuation_.members_[0][1]
    trees.trees_.predict(one)
    return [
        line("check its cells", lambda cells: check(cells, finder.market), raw),
        line("estimate it, 5 comparables", edition.estimate, new),
        line("prove 7 known ones, without what if", lambda rows: edition.prove(rows, wish, what_if=False), sevens),
        line("prove 7 known ones", lambda rows: edition.prove(rows, wish), sevens),
        line("reference: one row, one model of thirty, LightGBM", lambda _: trees.trees_.predict(one), new),
    ]


def stranger(cells: pd.DataFrame, finder: Finder, number: int, area: float) -> Listings:
    """A real home of a slightly different area, at a price nobody has seen."""
    listing = check(cells, finder.market)
    factor = np.random.default_rng(number).uniform(*PRICES)
    values = listing.values.assign(price=listing.values["price"] * factor, area=listing.values["area"] * area)
    return replace(listing, values=values)


def line(name: str, ask: Callable[[Any], object], items: Sequence[Any]) -> tuple[str, str, str, str]:
    clock, processor = [], []
    for item in items:
        begun = time.perf_counter(), time.thread_time()
        ask(item)
        clock.append(time.perf_counter() - begun[0])
        processor.append(time.thread_time() - begun[1])
    middle, worst = np.quantile(clock, [0.5, 0.99]) * 1000
    return name, f"{middle:.1f}", f"{worst:.1f}", f"{np.median(processor) * 1000:.1f}"


if __name__ == "__main__":
    main()
