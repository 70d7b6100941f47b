"""Real markets as they are, and split in time."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from perla.bargains.drift import ColumnDrift, DriftState
from perla.bargains.drift.columns import Comparison, Side, compare
from perla.listings import Listings
from perla.listings.checking import check
from perla.listings.market_file import shipped_market
from perla.prepare import Preparation
from perla.sources import read_tables
from perla.survey import look

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real tables of ../shared/data are not on this machine")


def listings_of(market: str, file: str) -> Listings:
    table = read_tables([DATA / file])
    return check(table.frame, shipped_market(market), table.origin, table.source, table.rejected)


@pytest.fixture(scope="module")
def cars() -> Listings:
    return listings_of("cars-luxembourg", "cars-luxembourg-panel/listings.csv.gz")


def compared(listings: Listings, learned: np.ndarray, new: np.ndarray) -> dict[str, ColumnDrift]:
    values = [listings.values[rows].reset_index(drop=True) for rows in (learned, new)]
    preparation = Preparation(listings.market).fit(values[0], seed=0)
    sides = [Side(v, preparation.transform(v), len(v)) for v in values]
    price, columns = compare(Comparison(sides[0], sides[1], preparation, listings.market, {}))
    return {c.column: c for c in (price, *columns)}


def test_homes_in_medellin_are_surveyed_by_neighbourhood_and_square_metre():
    survey = look(listings_of("homes-medellin", "homes-medellin/medellin_properties.csv"))
    assert survey.listings > 9_500
    assert survey.areas[0].column == "neighbourhood"
    assert 3e6 < survey.price.per_unit < 8e6
    assert survey.map is not None and 50 < len(survey.map.cells) < 1_500
    assert {"one place", "missing", "zeros", "written differently"} <= {o.kind for o in survey.oddities}
    assert survey.months == ()


def test_a_typical_home_in_king_county_rose_in_the_spring_of_2015():
    months = {m.month: m for m in look(listings_of("homes-king-county", "homes-king-county/kc_house_data.csv")).months}
    assert (min(months), max(months)) == ("2014-05", "2015-05")
    assert 1.03 < months["2015-04"].typical / months["2014-10"].typical < 1.12


def test_cars_in_luxembourg_fell_silent_on_their_power_and_the_survey_and_the_drift_say_so(cars):
    survey = look(cars)
    (odd,) = [o for o in survey.oddities if o.kind == "at times"]
    assert "potencia" in odd.told.es
    typical = [m.typical for m in survey.months]
    assert max(typical) / min(typical) < 1.08
    later = (cars.values["created_at"] >= pd.Timestamp("2025-11-01")).to_numpy(bool)
    found = compared(cars, ~later, later)
    assert {found[name].state for name in ("power", "transmission", "location", "model")} == {DriftState.DRIFTED}
    assert found["mileage"].state is DriftState.STEADY
    assert found["power"].missing_now > 0.9 > 0.3 > found["power"].missing_before


def test_a_shuffled_split_of_the_same_cars_is_steady(cars):
    for seed in range(3):
        new = np.isin(np.arange(len(cars)), np.random.default_rng(seed).permutation(len(cars))[:200])
        assert {c.state for c in compared(cars, ~new, new).values()} == {DriftState.STEADY}
