"""A finder whose models were learned one by one, kept and read back, is the very finder learned in one piece."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perla.bargains.experts import FittedNetwork
from perla.bargains.finder import Finder
from perla.listings import Listings
from perla.listings.checking import check
from perla.sources.simulated import simulate_market
from perla.storage import read_folder, write_folder
from perla.valuation.fitted import FittedModel

MODELS = ("smooth(trees=100)", "compared(trees=100)", "deep(trees=100)")


@pytest.fixture(scope="module")
def homes() -> Listings:
    simulated = simulate_market(160, seed=5)
    return check(simulated.frame, simulated.market)


@pytest.fixture(scope="module")
def whole(homes: Listings) -> Finder:
    return Finder(homes.market, seed=3, models=MODELS).fit(homes)


@pytest.fixture(scope="module")
def from_parts(homes: Listings, tmp_path_factory: pytest.TempPathFactory) -> Finder:
    """The parts in another order, in two finders, through folders on the shelf."""
    folder = tmp_path_factory.mktemp("parts")
    first, second = Finder(homes.market, seed=3, models=MODELS), Finder(homes.market, seed=3, models=MODELS)
    ground = first.begin(homes)
    valuation = first.experts_.valuation_
    network = FittedNetwork.from_state(kept(folder / "network", first.experts_.fit_network(ground).state()))
    parts = [valuation.fit_models([chosen])[0] for chosen in reversed(valuation.chosen)]
    models = [FittedModel.from_state(kept(folder / str(k), part.state())) for k, part in enumerate(reversed(parts))]
    return second.assemble(homes, second.begin(homes), network, models)


def kept(folder: Path, state: dict[str, Any]) -> dict[str, Any]:
    write_folder(folder, "part", state, {})
    return read_folder(folder, "part")[0]


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Everything in a state by where it stands; arrays as their bytes, tables as their cells."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return {place: leaf for key, inner in items for place, leaf in leaves(inner, f"{path}/{key}").items()}
    if isinstance(value, np.ndarray):
        return {path: (value.dtype, value.shape, value.tobytes())}
    return {path: value.to_csv() if isinstance(value, pd.DataFrame) else repr(value)}


def test_it_saves_the_very_same_numbers(whole: Finder, from_parts: Finder):
    one, other = leaves(whole.state()), leaves(from_parts.state())
    assert one.keys() == other.keys()
    assert [place for place, leaf in one.items() if leaf != other[place]] == []


def test_it_finds_the_same_among_the_listings_it_learned(whole: Finder, from_parts: Finder, homes: Listings):
    one, other = whole.find(homes, shown=2), from_parts.find(homes, shown=2)
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    pd.testing.assert_frame_equal(one.surprise, other.surprise, check_exact=True)
    assert [b.listing_id for b in one.bargains] == [b.listing_id for b in other.bargains]


def test_every_fit_is_counted(homes: Listings):
    finder = Finder(homes.market, seed=3, models=MODELS)
    finder.begin(homes)
    valuation, heard = finder.experts_.valuation_, []
    valuation.fit_models(valuation.chosen[:1], lambda done, of: heard.append((done, of)))
    folds = len(valuation.fold_numbers)
    assert heard == [(k, folds) for k in range(folds + 1)]
    assert np.isfinite(finder.experts_.centre_)
