"""Wishes on two columns: cheap and large (a car: little driven) among those that are one of the two.

Planted on the untouched new listings of the planting script, for each market and seed:

- 2 % cheap and large: price x 0.60-0.85, and floor area + 25 % (a car: mileage - 40 %); these are to be found;
- 2 % cheap only, price x 0.60-0.85; 2 % large only, + 25 % (- 40 %): one of the two alone does not tell them;
- 1 % typing errors as the planting script makes them.

Run by ``python benchmarks/detection.py --wishes``.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from peers import GROUP, ID, rank_like_the_study_group, read_market
from planting import ERROR_FACTORS, PERLA, SIZES, Bench, Score, Task

LARGE = {"king-county": 1.25, "valencia": 1.25, "medellin": 1.25, "uk-cars": 0.60}
JOINT, ALONE = "both wished", "price alone"
SHARE, ERROR_SHARE = 0.02, 0.01
METHODS = tuple(f"{name}, {wish}" for name in (PERLA, GROUP) for wish in (JOINT, ALONE))


def restore(listings: pd.DataFrame, answers: pd.DataFrame, market: str) -> pd.DataFrame:
    """The listings as they were before the planting script touched them."""
    price, size = str(answers["price_column"].iat[0]), SIZES[market]
    true = listings[[ID]].merge(answers, on=ID, validate="1:1")
    wrong_size = ((true["kind"] == "error") & ~np.isclose(true["factor"], 0.1)).to_numpy()
    sizes = listings[size].where(~wrong_size, (listings[size] / ERROR_FACTORS[market]).round(6))
    return listings.assign(**{price: true["true_price"].to_numpy(float), size: sizes})


def plant_wished(
    listings: pd.DataFrame, price: str, market: str, seed: int, cheap: tuple[float, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Listings with plants, and the answers: ``bargain`` where cheap and large, else cheap, large, error, untouched."""
    rng, rows, size = np.random.default_rng([seed, 20]), len(listings), SIZES[market]
    few = int(SHARE * rows)
    ends = np.cumsum([few, few, few, int(ERROR_SHARE * rows)])
    both, cheap_only, large_only, errors = np.split(rng.permutation(rows)[: ends[-1]], ends[:-1])
    kind, prices = np.full(rows, "untouched", dtype=object), np.ones(rows)
    sizes = np.ones(rows)
    for name, chosen in (("bargain", both), ("cheap", cheap_only), ("large", large_only), ("error", errors)):
        kind[chosen] = name
    low_priced, large = np.concatenate([both, cheap_only]), np.concatenate([both, large_only])
    prices[low_priced] = rng.uniform(*cheap, len(low_priced))
    sizes[large] = LARGE[market]
    in_price = rng.random(len(errors)) < 0.5
    prices[errors[in_price]], sizes[errors[~in_price]] = 0.1, ERROR_FACTORS[market]
    answers = pd.DataFrame({
        ID: listings[ID], "kind": kind, "factor": prices, "true_price": listings[price], "price_column": price,
    })  # fmt: skip
    return listings.assign(**{price: listings[price] * prices, size: listings[size] * sizes}), answers


def make(bench: Bench, task: Task, plain: Path) -> Path:
    """The folder of a wish task, planted on the new listings of the plain folder; it shares that folder's reference."""
    folder = bench.place(task)
    if not (folder / "answers.csv").exists():
        folder.mkdir(parents=True, exist_ok=True)
        given = pd.read_csv(plain / "answers.csv")
        untouched = restore(pd.read_csv(plain / "listings.csv"), given, task.market)
        price = str(given["price_column"].iat[0])
        listings, answers = plant_wished(untouched, price, task.market, task.seed, (task.low, task.high))
        (folder / "reference.csv").write_bytes((plain / "reference.csv").read_bytes())
        listings.to_csv(folder / "listings.csv", index=False)
        answers.to_csv(folder / "answers.csv", index=False)
    return folder


def wish_of(market: str) -> dict[str, int]:
    """Directions in the columns beside the price."""
    return {SIZES[market]: -1 if LARGE[market] < 1 else 1}


def measure_perla(bench: Bench, task: Task, folder: Path) -> list[Score]:
    """The two wishes, both answered by one saved model."""
    (column, way), found = next(iter(wish_of(task.market).items())), []
    for name, wish in ((JOINT, f"price low, {column} {'high' if way > 0 else 'low'}"), (ALONE, "price low")):
        scores = folder / f"scores-{name.replace(' ', '-')}.csv"
        bench.search(task, folder, scores, "--wish", wish)
        found.append(bench.keep(task, f"{PERLA}, {name}", bench.score(folder, scores)))
    return found


def measure_group(bench: Bench, task: Task, folder: Path) -> list[Score]:
    """The study group's form with the same two wishes."""
    market, found = read_market(folder), []
    for name, others in ((JOINT, wish_of(task.market)), (ALONE, {})):
        score = rank_like_the_study_group(market, {market.price: -1, **others})
        path = folder / f"group-{name.replace(' ', '-')}.csv"
        pd.DataFrame({ID: market.listings[ID], "score": score}).to_csv(path, index=False)
        found.append(bench.keep(task, f"{GROUP}, {name}", bench.score(folder, path)))
    return found
