"""How unusual a bargain is among ordinary listings, and lists with few false ones."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perla.bargains.discoveries import Ordinary, check_countable, discover
from perla.errors import WishError
from perla.listings import Column, Kind, Market
from perla.listings.wish import parse_wish

MARKET = Market(
    "m", "price", "COP", (Column("price", Kind.QUANTITY), Column("area", Kind.QUANTITY, "m2", wishable=True))
)
NEW = np.full(1, -1)


def test_a_new_listing_is_compared_with_every_learned_one_and_ties_count_against_it() -> None:
    ordinary = Ordinary(np.array([0.1, 0.3, 0.3, 0.3, 0.6]))
    assert ordinary.p_values(np.array([0.3]), NEW)[0] == pytest.approx(5 / 6)
    assert ordinary.p_values(np.array([0.31]), NEW)[0] == pytest.approx(2 / 6)
    assert ordinary.p_values(np.array([0.9]), NEW)[0] == pytest.approx(1 / 6)


def test_a_suspicious_learned_listing_is_compared_with_nothing() -> None:
    judged = np.array([[0.9, 0.1, 0.0], [0.1, 0.8, 0.1], [0.7, 0.3, 0.0]])
    ordinary = Ordinary.of(judged, np.array([False, True, False]))
    assert ordinary.p_values(np.array([0.5]), NEW)[0] == pytest.approx(1 / 3)


def test_a_learned_listing_is_not_compared_with_itself() -> None:
    ordinary = Ordinary(np.array([0.0, 0.0, 0.5]))
    assert ordinary.p_values(np.array([0.5]), np.array([2]))[0] == pytest.approx(1 / 3)
    cheaper_now = ordinary.p_values(np.array([0.9]), np.array([2]))[0]
    assert cheaper_now == pytest.approx(1 / 3)


def test_a_learned_listing_can_stand_out_beside_others_that_are_bargains_too() -> None:
    chances = np.concatenate([np.full(20, 0.98), np.random.default_rng(0).uniform(0, 0.02, 980)])
    own = Ordinary(chances).p_values(chances, np.arange(1000))
    assert discover(own, 0.1)[:20].all() and discover(own, 0.1)[20:].sum() <= 2
    assert not discover(Ordinary(chances).p_values(chances, np.full(1000, -1)), 0.1).any()


@given(st.lists(st.sampled_from([0.0, 0.1, 0.1, 0.5, 0.9]), min_size=1, max_size=30), st.integers(0, 5))
def test_p_values_are_above_zero_at_most_one_and_never_rise_with_the_chance(known: list[float], seed: int) -> None:
    ordinary = Ordinary(np.array(known))
    chances = np.sort(np.random.default_rng(seed).random(20))
    p = ordinary.p_values(chances, np.full(20, -1))
    assert (p > 0).all() and (p <= 1).all() and (np.diff(p) <= 0).all()
    own = ordinary.p_values(np.array(known), np.arange(len(known)))
    assert (own > 0).all() and (own <= 1).all()


def test_of_ordinary_listings_hardly_any_list_is_made_and_few_of_a_list_are_false() -> None:
    rng = np.random.default_rng(0)
    empty, false = 0, []
    for _ in range(200):
        ordinary = Ordinary(rng.random(1000) * 0.5)
        nobody = ordinary.p_values(rng.random(200) * 0.5, np.full(200, -1))
        empty += not discover(nobody, 0.1).any()
        chances = np.concatenate([rng.uniform(0.45, 1.0, 20), rng.random(180) * 0.5])
        found = discover(ordinary.p_values(chances, np.full(200, -1)), 0.1)
        false.append(found[20:].sum() / max(found.sum(), 1))
    assert empty >= 170 and np.mean(false) <= 0.1


def test_listings_without_a_p_value_are_never_discovered_nor_counted() -> None:
    p = np.array([0.009, np.nan, np.nan, 0.5])
    assert discover(p, 0.1).tolist() == [True, False, False, False]
    assert not discover(np.full(3, np.nan), 0.1).any() and not discover(np.empty(0), 0.1).any()


def test_equal_p_values_are_discovered_together() -> None:
    assert discover(np.array([0.02, 0.02, 0.02, 0.9]), 0.03).tolist() == [True, True, True, False]


def test_false_discoveries_can_only_be_counted_where_low_prices_are_wished_for() -> None:
    check_countable(parse_wish("price low, area high", MARKET), "price")
    for wish in ("area high", "price high"):
        with pytest.raises(WishError, match="--fdr"):
            check_countable(parse_wish(wish, MARKET), "price")


def test_what_is_compared_with_comes_back_from_its_state() -> None:
    ordinary = Ordinary(np.array([0.1, np.nan, 0.4]))
    again = Ordinary.from_state(ordinary.state())
    np.testing.assert_array_equal(again.chances, ordinary.chances)
