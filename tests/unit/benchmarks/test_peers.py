import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture
def peers(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("peers")


def _table(count: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    area, kind = rng.uniform(40, 200, count), rng.choice(["flat", "house"], count)
    price = 3000 * area * np.where(kind == "house", 1.3, 1.0) * np.exp(rng.normal(0, 0.05, count))
    ids = [f"{seed}-{i}" for i in range(count)]
    return pd.DataFrame({"listing_id": ids, "price": price, "area": area, "kind": kind, "sold_on": "2015-03-01"})


@pytest.fixture
def market(peers: ModuleType) -> object:
    new = _table(60, 2)
    new.loc[0, "price"] *= 0.5
    return peers.Market(_table(400, 1), new, "price")


def test_numbers_lie_between_nothing_and_one_and_every_category_is_an_input(peers: ModuleType, market: object) -> None:
    known, new = peers.put_in_range(market)
    assert sorted(known.columns) == ["area", "kind=flat", "kind=house", "price", "sold_on"]
    assert list(known.columns) == list(new.columns)
    assert known.min().min() >= 0
    assert known.max().max() <= 1
    assert (known[["kind=flat", "kind=house"]].sum(axis=1) == 1).all()


def test_the_study_groups_form_ranks_the_listing_of_the_wished_error_first(
    peers: ModuleType, market: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, new = peers.put_in_range(market)
    rebuilt = new.to_numpy().copy()
    rebuilt[7, list(new.columns).index("price")] += 0.4
    rebuilt[9, list(new.columns).index("price")] -= 0.9
    monkeypatch.setattr(peers, "_rebuild", lambda *_: rebuilt)
    assert int(np.argmax(peers.rank_like_the_study_group(market, {"price": -1}))) == 7
    assert int(np.argmax(peers.rank_like_the_study_group(market, {"price": 1}))) == 9


def test_a_price_model_finds_the_listing_at_half_its_price(peers: ModuleType, market: object, tmp_path: Path) -> None:
    found = peers.rank(market, peers.LIGHTGBM, tmp_path)
    assert int(found["score"].idxmax()) == 0
    assert list(found["listing_id"]) == list(market.listings["listing_id"])  # type: ignore[attr-defined]


def test_estimates_are_kept_for_other_prices_of_the_same_listings_alone(
    peers: ModuleType, market: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def estimate(given: object) -> pd.DataFrame:
        asked.append(given)
        return pd.DataFrame({"expected_price": np.ones(len(given.listings))})  # type: ignore[attr-defined]

    asked: list[object] = []
    monkeypatch.setattr(peers, "PRICE_MODELS", {peers.CATBOOST: estimate})
    reference, listings = market.reference, market.listings  # type: ignore[attr-defined]
    for prices, areas in ((1.0, 1.0), (0.5, 1.0), (1.0, 2.0)):
        other = listings.assign(price=listings["price"] * prices, area=listings["area"] * areas)
        peers.estimate_once(peers.Market(reference, other, "price"), peers.CATBOOST, tmp_path)
    assert len(asked) == 2
