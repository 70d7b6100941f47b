"""The autoencoder family side by side, beside the study group's setting, on markets planted in memory.

    python benchmarks/autoencoders.py [--markets king-county medellin] [--rows 6000] [--seed 101] [--tune TRIALS]

Of every market ROWS real listings are drawn, one in five is new, and of the new 2 % are made bargains (60 to 85 % of
their price), 1 % dear, 1 % get a typing error, by the protocol of the planting script. Every model is fitted on the
known ones (two folds, judged out of fold) and ranks the new ones by the surprise of their price alone. The table goes
between markers into benchmarks/LEADERBOARD.md.

Columns: MdAPE of the price, rebuilt without seeing it (the group's setting sees it); mean absolute error of the other
numbers, in standard deviations, and share of categories whose likeliest level is wrong: both rebuilt unseen by the
masked kind and the trees, seen by all others, so not comparable between the two; spread of the rebuilt price over that
of the price (logarithms; the group's: money); average precision of the ranking, plain and without what lies below 45 %
of its rebuilt price; seconds of fit.
"""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import historical
import numpy as np
import pandas as pd
from leaderboard import ROOT, commit_of_perla, table, write_block
from sklearn.metrics import average_precision_score

from perla.anomaly import AutoencoderKind, AutoencoderSurprise, BoostedSurprise, Matrix, SurpriseModel, tune
from perla.anomaly.folds import split_groups
from perla.anomaly.networks.tensors import torch_threads

DEEPEST = np.log(0.45)
HEAD = (
    "market",
    "model",
    "MdAPE",
    "other numbers",
    "categories wrong",
    "spread",
    "AP",
    "AP, capped",
    "seconds",
    "date",
    "commit",
    "command",
)


@dataclass(frozen=True)
class Planted:
    """Known and new listings; ``bargain`` says which of the new ones were made bargains."""

    market: str
    known: Matrix
    new: Matrix
    spread: float
    prices: tuple[np.ndarray, np.ndarray]
    bargain: np.ndarray


def plant(
    market: str, make: Callable[[], tuple[pd.DataFrame, str, tuple[str, float]]], rows: int, seed: int
) -> Planted:
    """A sample of a real market, planted by the script's protocol."""
    listings, price, (size, factor) = make()
    rng = np.random.default_rng(seed)
    listings = listings.iloc[rng.permutation(len(listings))[:rows]].reset_index(drop=True)
    listings = listings.rename(columns={price: "price"}).astype({"price": float, size: float})
    count = len(listings) // 5
    new, known = listings[:count].copy(), listings[count:]
    bounds = np.cumsum([int(0.02 * count), int(0.01 * count), int(0.01 * count)])
    bargains, dear, errors = np.split(rng.permutation(count)[: bounds[-1]], bounds[:-1])
    new.loc[bargains, "price"] *= rng.uniform(0.60, 0.85, len(bargains))
    new.loc[dear, "price"] *= rng.uniform(1.2, 1.6, len(dear))
    wrong_price = rng.random(len(errors)) < 0.5
    new.loc[errors[wrong_price], "price"] *= 0.1
    new.loc[errors[~wrong_price], size] *= factor
    prices = known["price"].to_numpy(), new["price"].to_numpy()
    is_bargain = np.isin(np.arange(count), bargains)
    return Planted(market, *prepare(known, new), prices, is_bargain)


def prepare(known: pd.DataFrame, new: pd.DataFrame) -> tuple[Matrix, Matrix, float]:
    """Both tables as matrices on the scale of the known one, and the spread of the log price."""
    table = pd.concat([known, new], ignore_index=True)
    learned = np.arange(len(table)) < len(known)
    numbers, categories = {"price": np.log(table.pop("price"))}, {}
    for name, cells in table.items():
        if name == "sold_on":
            numbers[name] = (pd.to_datetime(cells) - pd.Timestamp("2000-01-01")).dt.days.astype(float)
        elif pd.api.types.is_numeric_dtype(cells) and name != "zipcode":
            long_tail = cells[learned].min() >= 0 and cells[learned].skew() > 1
            numbers[name] = np.log1p(cells) if long_tail else cells.astype(float)
        else:
            categories[name] = pd.factorize(cells)[0]
    spread = float(numbers["price"][learned].std())
    scaled = np.column_stack([(c - c[learned].mean()) / c[learned].std() for c in numbers.values()])
    codes = np.column_stack(list(categories.values()))
    sizes = tuple(int(c) + 1 for c in codes.max(axis=0))
    both = Matrix(scaled, tuple(numbers), codes, tuple(categories), sizes, "price")
    return both.take(learned), both.take(~learned), spread


def measure(model: SurpriseModel, planted: Planted) -> list[str]:
    known, new = planted.known, planted.new
    begun = time.perf_counter()
    model.fit(known, np.full(len(known), True), np.arange(len(known)))
    seconds = time.perf_counter() - begun
    judged, found = model.out_of_fold(), model.surprise(new)
    wrong = np.abs(known.numbers - judged.expected_numbers)
    others = f"{np.nanmean(wrong[:, 1:]):.3f}"
    missed = judged.expected_categories != known.categories
    categories = f"{missed[known.categories >= 0].mean():.3f}"
    below = (new.numbers[:, 0] - found.expected_numbers[:, 0]) * planted.spread
    error = np.median(np.abs(np.expm1((judged.expected_numbers[:, 0] - known.numbers[:, 0]) * planted.spread)))
    spread = judged.expected_numbers[:, 0].std() / known.numbers[:, 0].std()
    return [
        f"{error:.4f}", others, categories, f"{spread:.2f}",
        *_precision(planted.bargain, -found.column("price"), below), f"{seconds:.0f}",
    ]  # fmt: skip


def _precision(bargain: np.ndarray, score: np.ndarray, below: np.ndarray) -> list[str]:
    """Average precision of a ranking, plain and without what lies below DEEPEST of its estimate."""
    capped = np.where(below < DEEPEST, score.min() - 1, score)
    return [f"{average_precision_score(bargain, s):.2f}" for s in (score, capped)]


def measure_historical(planted: Planted, beta: float, seed: int, threads: int) -> list[str]:
    begun = time.perf_counter()
    price, asked = planted.prices
    known, new = historical.inputs(planted.known, planted.new, price, asked)
    with torch_threads(threads):
        rebuilt, expected = historical.rebuild_prices(known, new, beta, seed)
    seconds = time.perf_counter() - begun
    low, span = price.min(), np.ptp(price)
    money = np.maximum(expected * span + low, 1.0)
    return [
        f"{np.median(np.abs((rebuilt * span + low) / price - 1)):.4f}", "", "",
        f"{rebuilt.std() / known[:, 0].std():.1g}",
        *_precision(planted.bargain, expected - new[:, 0], np.log(asked / money)), f"{seconds:.0f}",
    ]  # fmt: skip


def measure_lightgbm(planted: Planted, seed: int, threads: int) -> list[str]:
    import lightgbm

    known, price = planted.known, planted.known.numbers[:, 0]
    features, begun = np.hstack([known.numbers[:, 1:], known.categories]), time.perf_counter()
    parts, expected = split_groups(np.arange(len(known)), 2, seed), np.zeros(len(known))
    for fold in range(2):
        model = lightgbm.LGBMRegressor(n_estimators=500, learning_rate=0.05, n_jobs=threads, verbose=-1, seed=seed)
        expected[parts == fold] = model.fit(features[parts != fold], price[parts != fold]).predict(
            features[parts == fold]
        )
    error = np.median(np.abs(np.expm1((expected - price) * planted.spread)))
    spread = f"{expected.std() / price.std():.2f}"
    return [f"{error:.4f}", "", "", spread, "", "", f"{time.perf_counter() - begun:.0f}"]


def measure_all(planted: Planted, options: argparse.Namespace) -> Iterator[tuple[str, list[str]]]:
    seed, threads = options.seed, options.threads
    yield "LightGBM, price only", measure_lightgbm(planted, seed, threads)
    for beta in historical.BETAS:
        yield f"the group's setting, beta {beta:g}", measure_historical(planted, beta, seed, threads)
    yield "boosted, a model per column", measure(BoostedSurprise(seed, threads=threads), planted)
    everyone = np.full(len(planted.known), True), np.arange(len(planted.known))
    for kind in AutoencoderKind:
        yield str(kind), measure(AutoencoderSurprise(kind, seed, threads=threads), planted)
        if options.tune:
            recipe = tune(planted.known, *everyone, kind, trials=options.tune, seconds=None, seed=seed, threads=threads)
            model = AutoencoderSurprise(kind, seed, recipe=recipe, threads=threads)
            chosen = f"tuned: rate {recipe.learning_rate:.2g}, beta {recipe.beta:.2g}, rho {recipe.rho:.2g}"
            yield f"{kind}, {chosen}", measure(model, planted)


def markets_of(bench: Path) -> dict[str, Callable[[], tuple[pd.DataFrame, str, tuple[str, float]]]]:
    """The real tables, read and cleaned by the planting script."""
    script = importlib.util.spec_from_file_location("plant", bench / "plant.py")
    if script is None or script.loader is None or not (bench / "plant.py").exists():
        raise SystemExit(f"{bench / 'plant.py'} is missing; see benchmarks/README.md.")
    module = importlib.util.module_from_spec(script)
    script.loader.exec_module(module)
    markets: dict[str, Callable[[], tuple[pd.DataFrame, str, tuple[str, float]]]] = module.MARKETS
    return markets


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--markets", nargs="+", default=["king-county", "medellin"])
    asked.add_argument("--rows", type=int, default=6000)
    asked.add_argument("--threads", type=int, default=1)
    asked.add_argument("--seed", type=int, default=101)
    asked.add_argument("--bench", type=Path, default=ROOT.parent / "shared" / "bench")
    asked.add_argument("--tune", type=int, default=0, metavar="TRIALS", help="also tune every kind")
    options = asked.parse_args()
    made, rows = markets_of(options.bench), []
    command = "`python benchmarks/autoencoders.py" + (f" --tune {options.tune}`" if options.tune else "`")
    measured = [str(date.today()), commit_of_perla(), command]
    for market in options.markets:
        planted = plant(market, made[market], options.rows, options.seed)
        for name, figures in measure_all(planted, options):
            rows.append([market, name, *figures, *measured])
            print(" | ".join(rows[-1]), flush=True)
    block = f"## The autoencoder family\n\n{options.rows:,} listings of each market, seed {options.seed}.\n\n"
    write_block("autoencoders", block + table(HEAD, rows))


if __name__ == "__main__":
    main()
