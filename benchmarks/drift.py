"""How the population stability index, chi-squared and Kolmogorov-Smirnov tell drift from luck on real markets.

    python benchmarks/drift.py [--seeds 20]

Needs the tables of ../shared/data; no model is fitted. Shuffled splits must be steady, splits in time need not be. A
column is flagged by perla (from "watch"), by the plain index at its usual bound, and by tests at 1 % over all columns.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.drift.columns import Comparison, Side, compare
from perla.bargains.drift.facts import DriftState
from perla.bargains.drift.shift import counts_of, word_bins
from perla.listings import Kind, Listings, Market
from perla.listings.checking import check
from perla.listings.market_file import shipped_market
from perla.prepare import Preparation
from perla.sources import read_tables

DATA = Path(__file__).resolve().parents[1] / ".." / "shared" / "data"
FILES = {
    "homes-medellin": "homes-medellin/medellin_properties.csv",
    "homes-king-county": "homes-king-county/kc_house_data.csv",
    "cars-luxembourg": "cars-luxembourg-panel/listings.csv.gz",
    "cars-uk": "cars-uk",
}
MOST_ROWS = 20_000
BATCHES = (60, 500, 2_000)
PSI_BOUND, SURE = 0.10, 0.01


@dataclass(frozen=True)
class Split:
    """A market parted in what is learned from and what is new, as bools (n,)."""

    name: str
    learned: NDArray[np.bool_]
    new: NDArray[np.bool_]


@dataclass(frozen=True)
class Flags:
    """How many of the columns each rule flags, and the columns perla calls drifted or to be watched."""

    columns: int
    perla: int
    plain: int
    tests: int
    named: tuple[str, ...]


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=20)
    seeds = asked.parse_args().seeds
    print("| market | split | new | columns | perla | plain index from 0.10 | KS and chi-squared | perla names |")
    print("|---|---|---|---|---|---|---|---|")
    for name in FILES:
        listings = _read(name)
        for batch in BATCHES:
            _tell_shuffled(name, listings, batch, seeds)
        for split in _in_time(listings):
            flags = compare_split(listings, split)
            shown = ", ".join(flags.named)
            print(f"| {name} | {split.name} | {split.new.sum()} | {flags.columns} | {flags.perla} | {flags.plain} | "
                  f"{flags.tests} | {shown} |")  # fmt: skip


def _read(name: str) -> Listings:
    table = read_tables([DATA / FILES[name]])
    keep = np.random.default_rng(0).permutation(len(table.frame))[:MOST_ROWS]
    return check(table.frame.iloc[np.sort(keep)].reset_index(drop=True), shipped_market(name))


def _tell_shuffled(name: str, listings: Listings, batch: int, seeds: int) -> None:
    made = []
    for seed in range(seeds):
        order = np.random.default_rng(seed).permutation(len(listings))
        new = np.isin(np.arange(len(listings)), order[:batch])
        made.append(compare_split(listings, Split("shuffled", ~new, new)))
    perla, plain, tests = (sum(getattr(f, rule) > 0 for f in made) for rule in ("perla", "plain", "tests"))
    print(f"| {name} | shuffled, {seeds} seeds: splits with any flag | {batch} | {made[0].columns} | {perla} | "
          f"{plain} | {tests} | |")  # fmt: skip


def _in_time(listings: Listings) -> Iterator[Split]:
    values, name = listings.values, listings.market.name
    if name == "homes-king-county":
        yield _after(values["date"], "2014-11-01", "from November on")
        yield _after(values["date"], "2015-03-01", "from March on")
    if name == "cars-luxembourg":
        yield _after(values["created_at"], "2025-11-01", "first seen from November on")
    if name == "cars-uk":
        year = values["year"].to_numpy(np.float64)
        yield Split("built from 2019 on", year < 2019, year >= 2019)


def _after(days: pd.Series, day: str, name: str) -> Split:
    later = (days >= day).to_numpy(bool)
    return Split(name, ~later & days.notna().to_numpy(bool), later)


def compare_split(listings: Listings, split: Split) -> Flags:
    """Compare the two parts column by column."""
    values = [listings.values[rows].reset_index(drop=True) for rows in (split.learned, split.new)]
    preparation = Preparation(listings.market).fit(values[0], seed=0)
    things = [int(listings.things[rows].nunique()) for rows in (split.learned, split.new)]
    sides = [Side(v, preparation.transform(v), n) for v, n in zip(values, things, strict=True)]
    price, columns = compare(Comparison(sides[0], sides[1], preparation, listings.market, {}))
    flagged = [c for c in (price, *columns) if c.state in (DriftState.WATCH, DriftState.DRIFTED)]
    names = [c.column for c in (price, *columns)]
    plain = sum(_plain_index(listings.market, sides, name) >= PSI_BOUND for name in names)
    tests = sum(_p_value(listings.market, sides, name) < SURE / len(names) for name in names)
    return Flags(len(names), len(flagged), plain, tests, tuple(f"{c.column} ({c.state}, {c.psi:.2f})" for c in flagged))


def _bins(market: Market, sides: list[Side], name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Tenths or words, ten bins whatever the size: the index as it is usually computed."""
    cells = [side.values[name] for side in sides]
    if name != market.price and market.column(name).kind in (Kind.CATEGORY, Kind.TEXT):
        first, second, _ = word_bins(sides[0].words(name), sides[1].words(name), 10**9)
        return first, second
    numbers = [pd.to_numeric(c).to_numpy(np.float64) for c in cells]
    edges = np.unique(np.nanquantile(numbers[0], np.arange(1, 10) / 10))
    first, second = (np.where(np.isnan(x), len(edges) + 1, np.searchsorted(edges, x, side="left")) for x in numbers)
    return first, second


def _plain_index(market: Market, sides: list[Side], name: str) -> float:
    first, second, _ = counts_of(*_bins(market, sides, name))
    p, q = np.maximum(first / first.sum(), 1e-4), np.maximum(second / second.sum(), 1e-4)
    return float(((q - p) * np.log(q / p)).sum())


def _p_value(market: Market, sides: list[Side], name: str) -> float:
    from scipy.stats import chi2_contingency, ks_2samp

    first, second, _ = counts_of(*_bins(market, sides, name))
    if name != market.price and market.column(name).kind in (Kind.CATEGORY, Kind.TEXT):
        return float(chi2_contingency(np.array([first, second])).pvalue) if len(first) > 1 else 1.0
    known = [pd.to_numeric(side.values[name]).dropna().to_numpy(np.float64) for side in sides]
    return float(ks_2samp(*known).pvalue) if len(known[0]) and len(known[1]) else 1.0


if __name__ == "__main__":
    main()
