"""One listing asked about alone gets what the plain way of asking gives it, from several threads at once too."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perla.bargains.edition import Edition, first_edition
from perla.bargains.finder import Finder
from perla.bargains.findings import Bargain
from perla.listings import Listings
from perla.listings.checking import check


@pytest.fixture(scope="module")
def quick(finder: Finder) -> Edition:
    """A saved finder: it asks all trees at once, in two threads; the fitted one asks LightGBM, model by model."""
    return first_edition(Finder.from_state(finder.state(), threads=2))


@pytest.fixture(scope="module")
def strangers(city) -> list[Listings]:
    """Homes nobody has seen, one by one: other prices, an area ten times too large, cells missing, unknown words."""
    frame = city.frame.iloc[::43].reset_index(drop=True).assign(id=lambda t: "new-" + t["id"])
    listings = check(frame, city.market)
    values = listings.values.assign(precio=listings.values["precio"] * np.linspace(0.4, 1.6, len(listings)))
    values.loc[1, "area_m2"] *= 10
    values.loc[2, "area_m2"] = np.nan
    listings = replace(listings, values=values)
    rows = range(len(listings))
    return [listings.take(pd.Series([row == own for row in rows], index=values.index)) for own in rows]


def assert_alike(one: Bargain, other: Bargain) -> None:
    assert (one.verdict, one.reasons) == (other.verdict, other.reasons)
    for name in ("asking_price", "expected_price", "low", "high", "discount", "chance", "score"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-9, abs=1e-9)
    assert [c.listing_id for c in one.comparables] == [c.listing_id for c in other.comparables]
    assert [c.adjusted_price for c in one.comparables] == pytest.approx([c.adjusted_price for c in other.comparables])
    assert [d.column for d in one.drivers] == [d.column for d in other.drivers]


def test_all_trees_at_once_judge_as_each_model_by_itself(
    finder: Finder, quick: Edition, strangers: list[Listings]
) -> None:
    plain = first_edition(finder)
    for listing in strangers:
        assert_alike(quick.estimate(listing)[0], plain.estimate(listing)[0])


def test_an_estimate_differs_from_the_whole_proof_in_counterfactuals_alone(
    quick: Edition, strangers: list[Listings]
) -> None:
    whole, _ = quick.finder.explain(strangers[0], strangers[0].ids.iloc[0])
    (short,) = quick.estimate(strangers[0])
    assert short.counterfactuals == ()
    assert replace(whole, counterfactuals=()) == short


def test_asked_from_several_threads_at_once_each_gets_its_own_answer(finder: Finder, strangers: list[Listings]) -> None:
    fresh = first_edition(Finder.from_state(finder.state(), threads=2))
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(fresh.estimate, strangers))
    again = first_edition(Finder.from_state(finder.state(), threads=1))
    for listing, found in zip(strangers, together, strict=True):
        assert_alike(found[0], again.estimate(listing)[0])


def test_what_is_laid_out_beforehand_changes_no_answer(
    finder: Finder, quick: Edition, strangers: list[Listings]
) -> None:
    warmed = Finder.from_state(finder.state(), threads=1)
    asked: list[bool] = []

    def after_some() -> bool:
        asked.append(True)
        return len(asked) > 5

    warmed.warm(after_some)
    assert len(asked) == 6
    assert_alike(first_edition(warmed).estimate(strangers[3])[0], quick.estimate(strangers[3])[0])
