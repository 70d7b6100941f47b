"""Simple peers of perla: each reads a planted market and ranks its listings by how much of a bargain they are.

    python benchmarks/peers.py FOLDER [--estimates FOLDER]

FOLDER holds reference.csv and listings.csv, and answers.csv, of which only the name of the price column is read.
Every peer is fitted on the reference and writes FOLDER/peers/NAME.csv: listing_id, score (higher = more of a bargain)
and, where it has them, expected_price, low and high. The price models are told everything but the price, so their
estimates serve every depth at which the same rows are planted; --estimates keeps them for the next folder.

No peer depends on perla, and each runs in one thread.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

CATBOOST = "CatBoost residual"
LIGHTGBM = "LightGBM 5 and 95 % quantiles"
GROUP = "autoencoder + nearest neighbours (the study group's form)"
SPARSE = "the same, KL-sparse"
FOREST, ECOD = "PyOD isolation forest", "PyOD ECOD"
NAMES = {
    CATBOOST: "catboost", LIGHTGBM: "lightgbm", GROUP: "group", SPARSE: "group-sparse", FOREST: "forest", ECOD: "ecod",
}  # fmt: skip
ID, ANSWERS = "listing_id", "answers.csv"
# A column of words may have a thousand kinds; the rarer ones share one input.
MOST_KINDS = 200


@dataclass(frozen=True)
class Market:
    """What is known and what is to be ranked; ``price`` names the column of the asking price."""

    reference: pd.DataFrame
    listings: pd.DataFrame
    price: str

    @property
    def inputs(self) -> list[str]:
        return [c for c in self.reference.columns if c not in (ID, self.price)]

    @property
    def words(self) -> list[str]:
        return [c for c in self.reference.columns if c != ID and not pd.api.types.is_numeric_dtype(self.reference[c])]


def read_market(folder: Path) -> Market:
    price = str(pd.read_csv(folder / ANSWERS, nrows=1, usecols=["price_column"]).iat[0, 0])
    return Market(pd.read_csv(folder / "reference.csv"), pd.read_csv(folder / "listings.csv"), price)


# The price models: the log price from everything else.


def estimate_with_catboost(market: Market) -> pd.DataFrame:
    """CatBoost as it comes, categories as categories."""
    from catboost import CatBoostRegressor

    words = [c for c in market.inputs if c in market.words]
    known, new = (d[market.inputs].copy() for d in (market.reference, market.listings))
    for table in (known, new):
        table[words] = table[words].astype(object).where(table[words].notna(), "missing").astype(str)
    model = CatBoostRegressor(thread_count=1, random_seed=0, verbose=False, allow_writing_files=False)
    model.fit(known, np.log(market.reference[market.price]), cat_features=words)
    return pd.DataFrame({"expected_price": np.exp(model.predict(new))})


def estimate_with_lightgbm(market: Market) -> pd.DataFrame:
    """Mean and 5 and 95 % quantiles, with the settings of the planting script's own LightGBM peers."""
    import lightgbm as lgb

    known, new = market.reference[market.inputs].copy(), market.listings[market.inputs].copy()
    for column in (c for c in market.inputs if c in market.words):
        kinds = pd.Categorical(known[column]).categories
        known[column] = pd.Categorical(known[column], kinds)
        new[column] = pd.Categorical(new[column].where(new[column].isin(kinds)), kinds)
    settings = {
        "num_threads": 1, "learning_rate": 0.04, "num_leaves": 63, "subsample": 0.8, "subsample_freq": 1,
        "colsample_bytree": 0.7, "verbose": -1, "random_state": 0,
    }  # fmt: skip
    log_price = np.log(market.reference[market.price])
    mean = lgb.LGBMRegressor(n_estimators=800, **settings).fit(known, log_price).predict(new)
    low, high = (
        lgb.LGBMRegressor(objective="quantile", alpha=q, n_estimators=500, **settings)
        .fit(known, log_price)
        .predict(new)
        for q in (0.05, 0.95)
    )
    return np.exp(pd.DataFrame({"expected_price": mean, "low": low, "high": high}))


Estimate = Callable[[Market], pd.DataFrame]
PRICE_MODELS: Mapping[str, Estimate] = {CATBOOST: estimate_with_catboost, LIGHTGBM: estimate_with_lightgbm}


def estimate_once(market: Market, name: str, shelf: Path) -> pd.DataFrame:
    """The estimates of a price model, from the shelf where it saw the same tables before."""
    new = market.listings.drop(columns=market.price)
    seen = (
        pd.util.hash_pandas_object(market.reference).values.tobytes() + pd.util.hash_pandas_object(new).values.tobytes()
    )
    kept = shelf / f"{NAMES[name]}-{hashlib.sha256(seen).hexdigest()[:16]}.csv"
    if not kept.exists():
        shelf.mkdir(parents=True, exist_ok=True)
        begun = time.perf_counter()
        PRICE_MODELS[name](market).assign(**{ID: market.listings[ID]}).to_csv(kept, index=False)
        print(f"{name}: {time.perf_counter() - begun:.0f} s", flush=True)
    return pd.read_csv(kept)


def rank_by_estimate(market: Market, estimates: pd.DataFrame) -> pd.DataFrame:
    """Score = log of the estimate over the asking price."""
    score = np.log(estimates["expected_price"]) - np.log(market.listings[market.price])
    return estimates.assign(score=score)


# Everything as numbers, the price among them.


def put_in_range(market: Market) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Numbers linearly from the reference's least to its largest, one input per category, missing at the median.

    Returns reference and listings; a number keeps its column's name, a category becomes ``column=kind``.
    """
    known, new = _number_dates(market)
    words = [c for c in known.columns if not pd.api.types.is_numeric_dtype(known[c])]
    numbers = [c for c in known.columns if c not in words]
    least, most, middle = known[numbers].min(), known[numbers].max(), known[numbers].median()
    spread = (most - least).where(most > least, 1.0)
    tables = []
    for table in (known, new):
        parts = [(table[numbers].fillna(middle) - least) / spread]
        for column in words:
            kinds = known[column].value_counts().index[:MOST_KINDS]
            parts.append(pd.DataFrame({f"{column}={k}": (table[column] == k) * 1.0 for k in kinds}, index=table.index))
        tables.append(pd.concat(parts, axis=1).astype(float))
    return tables[0], tables[1]


def _number_dates(market: Market) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both tables without their ids, columns of dates as days."""
    known, new = (d.drop(columns=ID).copy() for d in (market.reference, market.listings))
    for column in market.words:
        days = pd.to_datetime(known[column], format="%Y-%m-%d", errors="coerce")
        if days.notna().mean() > 0.9:
            for table in (known, new):
                stamps = pd.to_datetime(table[column], format="%Y-%m-%d", errors="coerce")
                table[column] = (stamps - pd.Timestamp(0)).dt.days
    return known, new


def rank_like_the_study_group(market: Market, wish: Mapping[str, int], sparse: bool = False) -> np.ndarray:
    """Minus the distance of a listing's error vector to the wished one, higher = nearer.

    wish : column -> -1 (lower than it should be) or 1 (higher). The autoencoder sees every column, the price as well;
    the error of a column is what stands there minus what was rebuilt; the wished vector has the most extreme error
    among the listings in the wished columns and zero in all others.
    """
    known, new = put_in_range(market)
    error = new.to_numpy() - _rebuild(known.to_numpy(), new.to_numpy(), sparse)
    wished = np.zeros(error.shape[1])
    for column, sign in wish.items():
        place = list(new.columns).index(column)
        wished[place] = error[:, place].max() if sign > 0 else error[:, place].min()
    return -np.linalg.norm(error - wished, axis=1)


def _rebuild(known: np.ndarray, new: np.ndarray, sparse: bool, passes: int = 40, batch: int = 256) -> np.ndarray:
    """An autoencoder on the mean squared error; the sparse one has 64 sigmoid neurons held at 5 %, with beta 0.5."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    width = known.shape[1]
    wide = [nn.Linear(width, 64), nn.ReLU(), nn.Linear(64, 16), nn.ReLU()]
    encode = nn.Sequential(nn.Linear(width, 64), nn.Sigmoid()) if sparse else nn.Sequential(*wide)
    decode = nn.Linear(64, width) if sparse else nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, width))
    steps = torch.optim.Adam([*encode.parameters(), *decode.parameters()], lr=1e-3)
    rows = torch.tensor(known, dtype=torch.float32)
    for _ in range(passes):
        for part in torch.randperm(len(rows)).split(batch):
            hidden = encode(rows[part])
            loss = nn.functional.mse_loss(decode(hidden), rows[part])
            if sparse:
                active = hidden.mean(0).clamp(1e-4, 1 - 1e-4)
                loss = loss + 0.5 * (0.05 * (0.05 / active).log() + 0.95 * (0.95 / (1 - active)).log()).sum()
            steps.zero_grad()
            loss.backward()
            steps.step()
    with torch.no_grad():
        return np.asarray(decode(encode(torch.tensor(new, dtype=torch.float32))).numpy(), dtype=float)


def rank_by_oddness(market: Market, name: str) -> np.ndarray:
    """PyOD's score on all columns, the log price among them; words by how often they occur in the reference."""
    from pyod.models import ecod, iforest

    known, new = _number_dates(market)
    for column in known.columns:
        if not pd.api.types.is_numeric_dtype(known[column]):
            share = known[column].value_counts(normalize=True)
            known[column], new[column] = (t[column].map(share).astype(float).fillna(0.0) for t in (known, new))
    for table in (known, new):
        table[market.price] = np.log(table[market.price])
    middle = known.median()
    model = iforest.IForest(random_state=0) if name == FOREST else ecod.ECOD()
    model.fit(known.fillna(middle).to_numpy(float))
    return np.asarray(model.decision_function(new.fillna(middle).to_numpy(float)))


def rank(market: Market, name: str, shelf: Path) -> pd.DataFrame:
    """One peer's table: listing_id, score and what it estimates."""
    if name in PRICE_MODELS:
        return rank_by_estimate(market, estimate_once(market, name, shelf))
    if name in (GROUP, SPARSE):
        score = rank_like_the_study_group(market, {market.price: -1}, sparse=name == SPARSE)
    else:
        score = rank_by_oddness(market, name)
    return pd.DataFrame({ID: market.listings[ID], "score": score})


def scores_path(folder: Path, name: str) -> Path:
    return folder / "peers" / f"{NAMES[name]}.csv"


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--estimates", type=Path, help="folder to keep price models' estimates in")
    options = asked.parse_args()
    market = read_market(options.folder)
    for name in NAMES:
        path = scores_path(options.folder, name)
        if not path.exists():
            begun = time.perf_counter()
            found = rank(market, name, options.estimates or options.folder / "estimates")
            path.parent.mkdir(exist_ok=True)
            found.to_csv(path, index=False)
            print(f"{name}: {time.perf_counter() - begun:.0f} s", flush=True)


if __name__ == "__main__":
    main()
