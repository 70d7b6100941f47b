"""The autoencoder family side by side on planted markets.

    python benchmarks/autoencoders.py FOLDER... [--threads 1] [--seed 0] [--tune TRIALS]

Each FOLDER holds reference.csv, listings.csv and answers.csv as the planting script writes them. Every model is
fitted on the reference (two folds, judged out of fold) and ranks the listings by the surprise of their price.
Columns: R2 and mean absolute error of the hidden log price; mean R2 of the other numbers (hidden in the masked kind and
the trees, visible in the others); spread of the rebuilt price over that of the price; average precision of the ranking,
plain and without what lies below 45 % of its rebuilt price; seconds of fit.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score

from perla.anomaly import AutoencoderKind, AutoencoderSurprise, BoostedSurprise, Matrix, SurpriseModel, tune
from perla.anomaly.folds import split_groups

DEEPEST = np.log(0.45)
HEAD = "| market | model | R2 | MAE | other columns R2 | spread | AP | AP, capped | seconds |\n" + "|---" * 9 + "|"


def prepare(known: pd.DataFrame, new: pd.DataFrame) -> tuple[Matrix, Matrix, float]:
    """Both tables as matrices on the scale of the known one, and the spread of the log price."""
    table = pd.concat([known, new], ignore_index=True).drop(columns="listing_id")
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


def r2(actual: np.ndarray, expected: np.ndarray) -> float:
    known = np.isfinite(actual)
    return float(1 - np.mean((actual - expected)[known] ** 2) / np.var(actual[known]))


def measure(model: SurpriseModel, known: Matrix, new: Matrix, spread: float, bargain: np.ndarray) -> str:
    begun = time.perf_counter()
    model.fit(known, np.full(len(known), True), np.arange(len(known)))
    seconds = time.perf_counter() - begun
    expected, found = model.out_of_fold().expected_numbers, model.surprise(new)
    others = np.mean([r2(known.numbers[:, j], expected[:, j]) for j in range(1, len(known.names))])
    below = (new.numbers[:, 0] - found.expected_numbers[:, 0]) * spread
    score = -found.column("price")
    capped = np.where(below < DEEPEST, -99.0, score)
    error = np.abs(known.numbers[:, 0] - expected[:, 0]).mean() * spread
    return (
        f"{r2(known.numbers[:, 0], expected[:, 0]):.3f} | {error:.4f} | {others:.3f} | "
        f"{expected[:, 0].std() / known.numbers[:, 0].std():.2f} | {average_precision_score(bargain, score):.2f} | "
        f"{average_precision_score(bargain, capped):.2f} | {seconds:.0f}"
    )


def measure_lightgbm(known: Matrix, spread: float, seed: int, threads: int) -> str:
    import lightgbm

    table, price = np.hstack([known.numbers[:, 1:], known.categories]), known.numbers[:, 0]
    parts, expected, begun = split_groups(np.arange(len(known)), 2, seed), np.zeros(len(known)), time.perf_counter()
    for fold in range(2):
        model = lightgbm.LGBMRegressor(n_estimators=500, learning_rate=0.05, n_jobs=threads, verbose=-1, seed=seed)
        expected[parts == fold] = model.fit(table[parts != fold], price[parts != fold]).predict(table[parts == fold])
    error = np.abs(price - expected).mean() * spread
    seconds = time.perf_counter() - begun
    return f"{r2(price, expected):.3f} | {error:.4f} | - | {expected.std() / price.std():.2f} | - | - | {seconds:.0f}"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folders", nargs="+", type=Path)
    asked.add_argument("--threads", type=int, default=1)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument(
        "--tune", type=int, default=0, metavar="TRIALS", help="also tune every kind, with this many trials"
    )
    options = asked.parse_args()
    print(HEAD)
    for folder in options.folders:
        known_table, new_table = pd.read_csv(folder / "reference.csv"), pd.read_csv(folder / "listings.csv")
        answers = pd.read_csv(folder / "answers.csv").set_index("listing_id")
        bargain = (answers.loc[new_table.listing_id, "kind"] == "bargain").to_numpy()
        known, new, spread = prepare(known_table, new_table)
        line = f"| {new_table.listing_id[0].rsplit('-', 1)[0]} |"
        lightgbm_row = measure_lightgbm(known, spread, options.seed, options.threads)
        print(f"{line} LightGBM, price only | {lightgbm_row} |", flush=True)
        boosted = BoostedSurprise(options.seed, threads=options.threads)
        print(f"{line} boosted | {measure(boosted, known, new, spread, bargain)} |", flush=True)
        masked = AutoencoderSurprise(seed=options.seed, know_price=False, threads=options.threads)
        print(f"{line} masked, others without the price | {measure(masked, known, new, spread, bargain)} |", flush=True)
        everyone = np.full(len(known), True), np.arange(len(known))
        for kind in AutoencoderKind:
            model = AutoencoderSurprise(kind, options.seed, threads=options.threads)
            print(f"{line} {kind} | {measure(model, known, new, spread, bargain)} |", flush=True)
            if options.tune:
                budget = {"trials": options.tune, "seconds": None, "seed": options.seed, "threads": options.threads}
                recipe = tune(known, *everyone, kind, **budget)
                model = AutoencoderSurprise(kind, options.seed, recipe=recipe, threads=options.threads)
                chosen = f"tuned: rate {recipe.learning_rate:.2g}, beta {recipe.beta:.2g}, rho {recipe.rho:.2g}"
                print(f"{line} {kind}, {chosen} | {measure(model, known, new, spread, bargain)} |", flush=True)


if __name__ == "__main__":
    main()
