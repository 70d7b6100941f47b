"""The one promise of a Preparation: a listing alone becomes the numbers it becomes among others."""

from __future__ import annotations

import numpy as np
import pytest

from perla.listings import Listings
from perla.listings.checking import check
from perla.prepare import Preparation
from perla.sources.simulated import simulate_market


@pytest.fixture(scope="module")
def listings() -> Listings:
    city = simulate_market(300)
    return check(city.frame, city.market)


@pytest.fixture(scope="module")
def preparation(listings: Listings) -> Preparation:
    return Preparation(listings.market).fit(listings.values.iloc[:200], seed=0)


@pytest.mark.parametrize("row", [0, 7, 199, 250, -1])
def test_one_listing_alone_becomes_what_it_becomes_among_others(
    listings: Listings, preparation: Preparation, row: int
) -> None:
    among = preparation.transform(listings.values).take(np.array([row]))
    alone = preparation.transform(listings.values.iloc[[row]])
    np.testing.assert_array_equal(alone.numbers, among.numbers)
    np.testing.assert_array_equal(alone.scaled, among.scaled)
    np.testing.assert_array_equal(alone.categories, among.categories)
    np.testing.assert_array_equal(alone.log_price, among.log_price)


def test_the_order_of_the_columns_and_of_the_rows_does_not_matter(listings: Listings, preparation: Preparation) -> None:
    order = np.random.default_rng(0).permutation(len(listings))
    shuffled = listings.values.iloc[order][list(listings.values.columns[::-1])]
    found, expected = preparation.transform(shuffled), preparation.transform(listings.values).take(order)
    np.testing.assert_array_equal(found.tree_matrix, expected.tree_matrix)


def test_the_price_of_a_listing_changes_none_of_its_numbers(listings: Listings, preparation: Preparation) -> None:
    dearer = listings.values.assign(**{listings.market.price: listings.prices * 5})
    np.testing.assert_array_equal(
        preparation.transform(dearer).tree_matrix, preparation.transform(listings.values).tree_matrix
    )


def test_fitting_twice_with_one_seed_gives_the_same_preparation(listings: Listings, preparation: Preparation) -> None:
    again = Preparation(listings.market).fit(listings.values.iloc[:200], seed=0)
    np.testing.assert_array_equal(
        again.transform(listings.values).tree_matrix, preparation.transform(listings.values).tree_matrix
    )
    assert again.scales_ == preparation.scales_
