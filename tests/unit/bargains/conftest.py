"""One simulated city, with errors and re-posted twins planted in it, learned once for all tests of this room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from perla.bargains.finder import Finder
from perla.bargains.findings import Findings
from perla.listings import Listings, Market
from perla.listings.checking import check
from perla.sources.simulated import simulate_market


@dataclass(frozen=True)
class City:
    """Listings and what was done to them: ids of planted bargains, of prices without a zero, of areas ten times too
    large (inside the plausible range), and of re-posts by the id of what they repeat."""

    market: Market
    frame: pd.DataFrame
    listings: Listings
    bargains: tuple[str, ...]
    lost_zeros: tuple[str, ...]
    vast_areas: tuple[str, ...]
    reposts: dict[str, str]


@pytest.fixture(scope="session")
def city() -> City:
    simulated = simulate_market(600)
    frame, truth = simulated.frame.copy(), simulated.truth.set_index("listing_id")
    first = check(frame, simulated.market)
    values = first.values.set_index("id").loc[truth.index[truth["kind"] == "ordinary"]]
    rng = np.random.default_rng(0)
    small = rng.choice(values.index[values["area_m2"].between(40, 58)], 3, replace=False).tolist()
    others = rng.permutation(values.index.difference(small))
    cheap, twice = others[:3].tolist(), others[3:33].tolist()
    frame = frame.set_index("id", drop=False)
    for name in cheap:
        frame.loc[name, "precio"] = f"{values.loc[name, 'precio'] / 10:.0f}"
    for name in small:
        frame.loc[name, "area_m2"] = f"{values.loc[name, 'area_m2'] * 10:g}".replace(".", ",")
    again = frame.loc[twice].assign(id=[f"again-{name}" for name in twice])
    frame = pd.concat([frame, again], ignore_index=True)
    return City(
        simulated.market, frame, check(frame, simulated.market),
        tuple(truth.index[truth["kind"] == "bargain"]), tuple(cheap), tuple(small),
        {f"again-{name}": name for name in twice},
    )  # fmt: skip


@pytest.fixture(scope="session")
def finder(city: City) -> Finder:
    return Finder(city.market, seed=0, threads=1).fit(city.listings)


@pytest.fixture(scope="session")
def findings(finder: Finder, city: City) -> Findings:
    return finder.find(city.listings, shown=20)
