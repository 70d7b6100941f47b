"""How a market is parted for the scorecard, and what a scorecard keeps."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from perla.listings import Column, Kind, Market
from perla.valuation.market_parts import date_column, market_parts
from perla.valuation.scorecard import Judged, make_scorecard, scorecard_from_state

COLUMNS = (
    Column("price", Kind.QUANTITY),
    Column("type", Kind.CATEGORY),
    Column("neighbourhood", Kind.CATEGORY),
    Column("latitude", Kind.LATITUDE),
    Column("longitude", Kind.LONGITUDE),
    Column("first_registration", Kind.DATE),
    Column("published", Kind.DATE),
)
MARKET = Market("cars", "price", "COP", COLUMNS)
COUNT = 600
RNG = np.random.default_rng(0)
VALUES = pd.DataFrame(
    {
        "price": np.exp(RNG.normal(18, 0.5, COUNT)),
        "type": np.where(np.arange(COUNT) % 3 == 0, "house", "flat"),
        "neighbourhood": np.where(np.arange(COUNT) % 2 == 0, "Laureles", "Robledo"),
        "latitude": 6.2 + RNG.uniform(0, 0.1, COUNT),
        "longitude": -75.6 + RNG.uniform(0, 0.1, COUNT),
        "first_registration": pd.Timestamp("2015-01-01") + pd.to_timedelta(RNG.integers(0, 900, COUNT), "D"),
        "published": pd.Timestamp("2025-01-05") + pd.to_timedelta(np.arange(COUNT) % 90, "D"),
    }
)
LOG = np.log(VALUES["price"].to_numpy())


def kinds(market: Market, values: pd.DataFrame) -> dict:
    return {p.kind: p for p in market_parts(values, market, LOG, {}, date_column(values, market))}


def test_a_market_is_parted_by_price_type_neighbourhood_and_month():
    parts = kinds(MARKET, VALUES)
    assert list(parts) == ["fifth", "segment", "region", "time"]
    assert [n.en for n in parts["segment"].names] == ["flat", "house"]
    assert [n.en for n in parts["region"].names] == ["Laureles", "Robledo"]
    assert [n.en for n in parts["time"].names] == ["2025-01", "2025-02", "2025-03", "2025-04"]
    assert set(np.bincount(parts["fifth"].codes)) == {COUNT // 5}


def test_every_listing_stands_in_exactly_one_part_of_each_kind():
    for part in kinds(MARKET, VALUES).values():
        assert len(part.codes) == COUNT and set(part.codes) == set(range(len(part.names)))


def test_the_date_of_a_first_registration_is_not_the_time_of_the_ad():
    assert date_column(VALUES, MARKET) == "published"
    assert date_column(VALUES, Market("m", "price", "COP", COLUMNS[:-1])) is None


def test_where_no_name_holds_most_listings_the_map_is_parted_by_the_compass():
    many = VALUES.assign(neighbourhood=[f"block {i // 2}" for i in range(COUNT)])
    names = [n.es for n in kinds(MARKET, many)["region"].names]
    assert len(names) == 9 and names[0] == "suroccidente" and names[4] == "centro"
    south_west = many[kinds(MARKET, many)["region"].codes == 0]
    assert south_west["latitude"].max() < many["latitude"].median() > 0
    assert south_west["longitude"].max() < many["longitude"].median()


def test_rare_values_are_told_together_and_missing_ones_apart():
    rare = VALUES["type"].where(np.arange(COUNT) >= 5, "boat").where(np.arange(COUNT) < COUNT - 30)
    part = kinds(MARKET, VALUES.assign(type=rare))["segment"]
    assert [n.en for n in part.names] == ["flat", "house", "others", "not told"]
    assert np.bincount(part.codes)[2:].tolist() == [5, 30]


@pytest.mark.parametrize(("days", "first"), [(90, "2025-01"), (900, "2025 Q1"), (4000, "2025")])
def test_long_times_are_told_in_longer_periods(days, first):
    published = pd.Timestamp("2025-01-05") + pd.to_timedelta(np.arange(COUNT) * days // COUNT, "D")
    assert kinds(MARKET, VALUES.assign(published=published))["time"].names[0].en == first


def test_a_scorecard_survives_being_kept():
    off = RNG.normal(0, 0.1, COUNT)
    judged = Judged(LOG, LOG + off, LOG - 0.2, LOG + 0.2, LOG + 2 * off, LOG + 3 * off)
    card = make_scorecard(judged, kinds(MARKET, VALUES).values())
    kept = scorecard_from_state(json.loads(json.dumps(asdict(card))))
    assert json.dumps(asdict(kept)) == json.dumps(asdict(card))
    assert card.overall.perla.mdape < card.overall.hedonic.mdape < card.overall.comparables.mdape
    assert sum(card.picture.perla) == pytest.approx(1, abs=1e-3)
    assert sum(line.perla.listings for line in card.breakdown("region").lines) == COUNT


def test_a_fifth_of_price_is_not_made_of_errors():
    noisy = Judged(LOG, LOG[::-1].copy(), LOG - 1, LOG + 1, LOG, LOG)
    by_price = np.median((noisy.expected - noisy.log_price)[noisy.log_price < np.quantile(LOG, 0.2)])
    by_value = np.median((noisy.expected - noisy.log_price)[noisy.value < np.quantile(noisy.value, 0.2)])
    assert abs(by_value) < 0.5 * abs(by_price)
