"""The regression, the neighbours, the interval and the blend, each alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from perla.listings import Column, Kind, Market
from perla.prepare import Preparation, Prepared
from perla.valuation import Hedonic
from perla.valuation.blend import blend_weights
from perla.valuation.groups import Groups
from perla.valuation.interval import ConformalInterval
from perla.valuation.neighbourhood import REACH, Neighbourhood, middle_latitude, neighbour_features, place_points

COLUMNS = (
    Column("price", Kind.QUANTITY, "COP"), Column("area", Kind.QUANTITY, "m2"), Column("barrio", Kind.CATEGORY),
    Column("lat", Kind.LATITUDE), Column("lon", Kind.LONGITUDE),
)  # fmt: skip
MARKET = Market("homes", "price", "COP", COLUMNS)
PREMIUM = {"Belén": 0.0, "Laureles": 0.3, "Poblado": 0.7}


def lawful(count: int = 800, seed: int = 0) -> tuple[Prepared, pd.DataFrame]:
    """Log price is 18 + area / 100 + the neighbourhood's premium, and 0.25 less where the area is not told."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({
        "area": rng.uniform(40, 160, count), "barrio": rng.choice(list(PREMIUM), count),
        "lat": 6.2 + rng.normal(0, 0.01, count), "lon": -75.6 + rng.normal(0, 0.01, count),
    })  # fmt: skip
    law = 18 + table["area"] / 100 + table["barrio"].map(PREMIUM)
    untold = rng.random(count) < 0.1
    table["price"] = np.exp(np.where(untold, 18.75 + table["barrio"].map(PREMIUM), law))
    table.loc[untold, "area"] = np.nan
    return Preparation(MARKET).fit(table, seed=0).transform(table), table


def test_the_regression_finds_the_law_that_made_the_prices() -> None:
    prepared, table = lawful()
    model = Hedonic().fit(prepared, prepared.log_price)
    assert np.abs(model.predict(prepared) - prepared.log_price).max() < 0.03
    probe = pd.DataFrame({
        "price": 1.0, "area": [60.0, 110.0, 110.0, np.nan], "barrio": ["Belén", "Belén", "Poblado", "Poblado"],
        "lat": 6.2, "lon": -75.6,
    })  # fmt: skip
    found = model.predict(Preparation(MARKET).fit(table, seed=0).transform(probe))
    np.testing.assert_allclose(np.diff(found), [0.5, 0.7, -0.35], atol=0.03)


def test_what_each_column_adds_makes_up_the_estimate_of_the_regression() -> None:
    prepared, _ = lawful(100)
    model = Hedonic().fit(prepared, prepared.log_price)
    effects = model.effects(prepared)
    assert effects.shape == (100, len(prepared.names) + len(prepared.category_names))
    np.testing.assert_allclose(model.intercept_ + effects.sum(axis=1), model.predict(prepared))


def test_the_nearest_listings_by_place_are_the_nearest_in_metres() -> None:
    prepared, table = lawful(60)
    points = place_points(prepared, "lat", "lon", middle_latitude(prepared, "lat"))
    assert points is not None
    apart = np.linalg.norm(points - points[0], axis=1) * 1000
    north = abs(table["lat"] - table["lat"][0]) * 110_570
    east = abs(table["lon"] - table["lon"][0]) * 111_320 * np.cos(np.radians(6.2))
    np.testing.assert_allclose(apart, np.hypot(north, east), rtol=0.01, atol=1.0)
    assert place_points(prepared, None, None, middle_latitude(prepared, None)) is None


def test_a_listing_without_a_place_has_no_neighbours_and_is_nobodys() -> None:
    points = np.array([[0.0, 0], [1, 0], [np.nan, np.nan], [3, 0]])
    things = np.arange(4)
    found, apart = Neighbourhood(points, things).nearest(points, things)
    assert (found[2] == -1).all() and np.isinf(apart[2]).all()
    assert sorted(found[0][found[0] >= 0].tolist()) == [1, 3]


def test_neighbours_that_are_not_allowed_are_passed_over() -> None:
    points = np.arange(6.0)[:, None]
    found, _ = Neighbourhood(points, np.arange(6)).nearest(
        points[:1], np.array([-1]), np.array([True, False, True, False, False, False])
    )
    assert sorted(found[0][found[0] >= 0].tolist()) == [0, 2]


def test_more_twins_than_the_neighbourhood_reaches_leave_no_neighbours() -> None:
    points = np.zeros((REACH + 20, 1))
    found, _ = Neighbourhood(points, np.zeros(len(points), np.int64)).nearest(points[:1], np.array([0]))
    assert (found == -1).all()


def test_neighbours_tell_their_mean_by_nearness_and_nothing_where_there_are_none() -> None:
    found, apart = np.full((2, REACH), -1), np.full((2, REACH), np.inf)
    found[0, :4], apart[0, :4] = [2, -1, 0, 1], [0.0, np.inf, 0.05, 0.15]
    features = neighbour_features(found, apart, np.array([1.0, 4.0, 0.0]))
    weights = 1 / (np.array([0.0, 0.05, 0.15]) + 0.05)
    assert features[0, 0] == pytest.approx((weights @ [0.0, 1.0, 4.0]) / weights.sum())
    assert np.isnan(features[1]).all()


def test_the_interval_is_wider_where_prices_are_noisier_and_lopsided_where_they_are() -> None:
    rng = np.random.default_rng(0)
    expected, noise = rng.normal(12, 1, 4000), rng.choice([0.1, 0.4], 4000)
    asked = expected + rng.exponential(noise) - 0.2 * noise
    interval = ConformalInterval().fit(asked[:2000], expected[:2000], noise[:2000])
    low, high = interval.bounds(expected[2000:], noise[2000:])
    inside = (asked[2000:] >= low) & (asked[2000:] <= high)
    assert 0.87 < inside.mean() < 0.93
    quiet, noisy = inside[noise[2000:] == 0.1].mean(), inside[noise[2000:] == 0.4].mean()
    assert 0.86 < quiet < 0.94 and 0.86 < noisy < 0.94
    assert ((high - expected[2000:]) > 3 * (expected[2000:] - low)).all()


def test_an_interval_learned_from_few_listings_reaches_as_far_as_their_furthest() -> None:
    expected = np.zeros(10)
    interval = ConformalInterval().fit(np.linspace(-1, 1, 10), expected, np.ones(10))
    low, high = interval.bounds(expected[:1], np.ones(1))
    assert (low[0], high[0]) == (-1.0, 1.0)


def _two_regions(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Prices are three times as uncertain in region 1 as the noise says; listings of region 2 are few."""
    rng = np.random.default_rng(seed)
    region = rng.choice([0, 1, 2], count, p=[0.6, 0.395, 0.005])
    expected, noise = rng.normal(12, 1, count), np.full(count, 0.1)
    asked = expected + rng.normal(0, 1, count) * noise * np.where(region == 1, 3.0, 1.0)
    return asked, expected, noise, region[:, None].astype(np.int64)


def test_a_region_whose_prices_are_less_certain_gets_its_own_wider_interval() -> None:
    asked, expected, noise, region = _two_regions(3000, 0)
    interval = ConformalInterval().fit(asked, expected, noise, region)
    asked, expected, noise, region = _two_regions(6000, 1)
    low, high = interval.bounds(expected, noise, region)
    inside = (asked >= low) & (asked <= high)
    assert all(0.86 < inside[region[:, 0] == r].mean() < 0.94 for r in (0, 1))
    plain_low, plain_high = ConformalInterval().fit(asked, expected, noise).bounds(expected, noise)
    assert ((asked >= plain_low) & (asked <= plain_high))[region[:, 0] == 1].mean() < 0.86


def test_a_region_of_few_listings_or_none_falls_back_to_the_market() -> None:
    asked, expected, noise, region = _two_regions(3000, 0)
    interval = ConformalInterval().fit(asked, expected, noise, region)
    three = np.array([[2], [-1], [99]])
    low, high = interval.bounds(np.full(3, 12.0), np.full(3, 0.1), three)
    assert len(set(low)) == 1 and len(set(high)) == 1


def test_cheap_and_dear_things_are_covered_alike_even_by_the_price_they_really_ask() -> None:
    rng = np.random.default_rng(0)
    expected, noise = rng.normal(12, 0.4, 8000), np.full(8000, 0.2)
    asked = expected + rng.normal(0, 0.2, 8000)
    interval = ConformalInterval().fit(asked[:4000], expected[:4000], noise[:4000])
    low, high = interval.bounds(expected[4000:], noise[4000:])
    inside = (asked[4000:] >= low) & (asked[4000:] <= high)
    fifth = np.searchsorted(np.quantile(asked, [0.2, 0.4, 0.6, 0.8]), asked[4000:])
    assert all(0.87 < inside[fifth == g].mean() < 0.93 for g in range(5))


def test_regions_are_cells_of_about_equally_many_listings_and_a_listing_without_a_place_has_none() -> None:
    prepared, _ = lawful(2000)
    groups = Groups("lat", "lon").fit(prepared)
    found = groups.of(prepared)
    assert groups.categories_ == ("barrio",) and found.shape == (2000, 2)
    assert np.bincount(found[:, 0]).tolist() == pytest.approx([500] * 4, abs=2)
    np.testing.assert_array_equal(Groups.from_state(groups.state()).of(prepared), found)
    prepared.numbers[0, prepared.names.index("lat")] = np.nan
    assert groups.of(prepared)[0, 0] == -1 and Groups().fit(prepared).of(prepared).shape == (2000, 1)


def test_an_interval_comes_back_from_its_state_exactly() -> None:
    asked, expected, noise, region = _two_regions(1500, 0)
    interval = ConformalInterval().fit(asked, expected, noise, region)
    again = ConformalInterval.from_state(interval.state())
    np.testing.assert_array_equal(again.bounds(expected, noise, region), interval.bounds(expected, noise, region))


def test_the_blend_trusts_the_better_model_more_and_a_useless_one_not_at_all() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(18, 1, 2000)
    good, fair = truth + rng.normal(0, 0.1, 2000), truth + rng.normal(0, 0.3, 2000)
    useless = rng.normal(18, 1, 2000)
    weights = blend_weights(np.column_stack([good, fair, useless]), truth)
    assert weights[0] > 0.7 > 0.2 > weights[1] > weights[2] >= 0
    assert weights[2] < 0.01 and weights.sum() == pytest.approx(1.0)


def test_of_models_that_all_point_the_wrong_way_the_nearest_is_trusted() -> None:
    truth = np.arange(10.0)
    np.testing.assert_allclose(blend_weights(np.column_stack([-truth, -2 * truth]) - 100, truth), [1.0, 0.0], atol=1e-6)


def test_a_few_strange_listings_do_not_choose_the_blend() -> None:
    rng = np.random.default_rng(0)
    truth = rng.normal(12, 1, 400)
    good, poor = truth + rng.normal(0, 0.05, 400), truth + rng.normal(0, 0.2, 400)
    good[:4] += 2.0  # least squares would give the good model 0.43
    assert blend_weights(np.column_stack([good, poor]), truth)[0] > 0.8
