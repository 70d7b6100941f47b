"""A finder that was saved finds the same again, and knows which listings it has seen."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perla.bargains.finder import Finder
from perla.bargains.findings import Findings
from perla.listings import Listings
from perla.listings.checking import check


@pytest.fixture(scope="module")
def reloaded(finder: Finder) -> Finder:
    return Finder.from_state(through_json(finder.state()), threads=1)


@pytest.fixture(scope="module")
def copy(city) -> Listings:
    """The learned listings read again: the same rows, another table."""
    return check(city.frame, city.market)


@pytest.fixture(scope="module")
def strangers(city) -> Listings:
    """The same homes under ids nobody has seen."""
    return check(city.frame.assign(id="new-" + city.frame["id"]), city.market)


def through_json(value: Any) -> Any:
    """Arrays and tables as they are, everything else through JSON text."""
    if isinstance(value, np.ndarray | pd.DataFrame):
        return value
    if isinstance(value, dict):
        return {k: through_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [through_json(v) for v in value]
    return json.loads(json.dumps(value))


def assert_same(one: Findings, other: Findings) -> None:
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.surprise, other.surprise)
    assert [b.listing_id for b in one.bargains] == [b.listing_id for b in other.bargains]


def test_the_saved_finder_says_the_same_of_the_listings_it_learned(finder: Finder, reloaded: Finder, copy: Listings):
    one, other = finder.find(copy, shown=3), reloaded.find(copy, shown=3)
    assert_same(one, other)
    for mine, theirs in zip(one.bargains, other.bargains, strict=True):
        assert [c.listing_id for c in mine.comparables] == [c.listing_id for c in theirs.comparables]
        assert mine.reasons == theirs.reasons and mine.drivers == theirs.drivers


def test_the_saved_finder_says_the_same_of_new_listings(finder: Finder, reloaded: Finder, strangers: Listings):
    assert_same(finder.find(strangers, shown=2), reloaded.find(strangers, shown=2))


def test_the_card_comes_back_as_it_was(finder: Finder, reloaded: Finder):
    # By their texts, which tell every digit: a baseline without an interval has NaN there, and no NaN equals another.
    assert repr(reloaded.card_) == repr(finder.card_) and reloaded.market == finder.market


def test_a_listing_that_was_learned_is_judged_by_the_price_models_that_never_saw_it_also_under_another_id(
    reloaded: Finder, findings: Findings, copy: Listings, strangers: Listings
):
    once = ~copy.ids.str.startswith("again-")  # of two with the same content either may be recognised
    for listings, rows in ((copy, copy.ids.notna()), (strangers, once)):
        again = reloaded.find(listings, shown=0).table
        for column in ("expected_price", "low", "high"):
            np.testing.assert_allclose(again[column][rows], findings.table[column][rows], rtol=1e-9)


def test_the_models_know_what_they_learned_better_than_what_they_did_not(finder: Finder, findings: Findings):
    """The reason why a learned listing must be recognised."""
    prepared = finder.experts_.preparation_.transform(findings.listings.values)
    seen = finder.experts_.valuation_.predict(prepared).expected

    def usual_miss(log_expected) -> float:
        return float(np.median(np.abs(prepared.log_price - log_expected)))

    assert usual_miss(seen) < 0.7 * usual_miss(np.log(findings.table["expected_price"].to_numpy()))


def test_a_listing_whose_price_was_cut_since_is_judged_by_its_new_price(reloaded: Finder, city, copy: Listings):
    row = int(np.flatnonzero((reloaded.find(copy, shown=0).table["verdict"] == "fair").to_numpy())[0])
    name = copy.ids[row]
    cheaper = city.frame.copy()
    cheaper.loc[cheaper["id"] == name, "precio"] = f"{copy.prices[row] * 0.6:.0f}"
    before, after = (
        reloaded.find(table, shown=0).table.set_index("listing_id").loc[name]
        for table in (copy, check(cheaper, city.market))
    )
    assert after["expected_price"] == pytest.approx(before["expected_price"], rel=1e-9)
    assert after["score"] > before["score"] and after["verdict"] in ("great", "good")


def test_a_learned_id_is_never_among_its_own_comparables(reloaded: Finder, copy: Listings):
    thing = dict(zip(copy.ids, copy.things, strict=True))
    for bargain in reloaded.find(copy, shown=8).bargains:
        others = [c.listing_id for c in bargain.comparables]
        assert others and bargain.listing_id not in others
        assert thing[bargain.listing_id] not in {thing[o] for o in others}
