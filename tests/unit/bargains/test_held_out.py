"""A tenth that no model sees: the newest, or drawn by lot, never with a re-post on the other side."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from perla.bargains.finder import Finder
from perla.bargains.held_out import estimate_held_out, hold_out
from perla.listings import Listings


def days_of(listings: Listings, newest: int) -> pd.Series:
    """The last so many listings were first seen a month later, one a day."""
    days = pd.Series(pd.Timestamp("2026-01-05"), index=listings.values.index)
    days.iloc[-newest:] = pd.date_range("2026-02-05", periods=newest)
    return days


def apart(listings: Listings, held: np.ndarray) -> bool:
    things = listings.things.to_numpy()
    return not set(things[held]) & set(things[~held])


def test_without_days_a_tenth_is_drawn_by_lot_whole_things_together(city):
    listings = city.listings
    split = hold_out(listings, None, seed=0)
    assert split.held.sum() == pytest.approx(len(listings) / 10, abs=2)
    assert apart(listings, split.held) and not split.since and "lot" in split.how.en and "azar" in split.how.es


def test_the_same_seed_draws_the_same_and_another_one_others(city):
    first, again, other = (hold_out(city.listings, None, seed).held for seed in (4, 4, 5))
    assert (first == again).all() and (first != other).any()


def test_where_days_are_known_the_newest_are_held_out(city):
    listings = city.listings
    split = hold_out(listings, days_of(listings, 80), seed=0)
    late = np.arange(len(listings)) >= len(listings) - 80
    assert split.held.any() and not (split.held & ~late).any()
    assert split.since >= "2026-02-05" and split.since in split.how.en and split.since in split.how.es


def test_a_repost_of_an_older_listing_is_not_held_out(city):
    listings = city.listings
    days = days_of(listings, 80)
    split = hold_out(listings, days, seed=0)
    assert apart(listings, split.held)
    reposted, newest = listings.ids.isin(list(city.reposts)).to_numpy(), (days >= split.since).to_numpy()
    assert (reposted & newest & ~split.held).any()


def test_one_day_for_all_is_no_order(city):
    days = pd.Series(pd.Timestamp("2026-01-05"), index=city.listings.values.index)
    assert not hold_out(city.listings, days, seed=0).since


def test_known_listings_are_judged_by_models_that_never_saw_them(finder: Finder, city):
    """They are estimated as badly as new ones, not as well as models know their own lessons."""
    listings = city.listings
    estimated = estimate_held_out(finder, listings)
    own = finder.experts_.valuation_.out_of_fold_
    assert own is not None
    learned = finder.experts_.learned_
    at = np.isin(estimated.rows, learned)
    blind = np.abs(own.expected - finder.experts_.valuation_.known_.log_price)
    np.testing.assert_allclose(np.sort(estimated.errors[at]), np.sort(blind), rtol=1e-6)


def test_a_market_file_that_changed_since_still_lets_the_old_model_judge(finder: Finder, city):
    from dataclasses import replace

    from perla.listings.checking import check

    market = city.market
    label = replace(market.columns[1], low=None, high=None, wishable=not market.columns[1].wishable)
    changed = replace(market, columns=(market.columns[0], label, *market.columns[2:]))
    listings = check(city.frame, changed)
    estimated = estimate_held_out(finder, listings)
    same = estimate_held_out(finder, city.listings)
    assert len(estimated.rows) == len(same.rows)
    np.testing.assert_allclose(estimated.errors, same.errors, rtol=1e-6)
