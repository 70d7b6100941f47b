"""Mistyped numbers are found, told with the probable value, and told apart from bargains."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perla.bargains.finder import Finder
from perla.bargains.findings import Findings
from perla.bargains.slips import SlipKind, Slips, learn_bars, read_set_aside, tell_slip
from perla.bargains.slips.kinds import price_slips
from perla.listings import Column, Kind, Market
from perla.listings.checking import check

COUNT = 12
PRICES = {
    "lost": 0.1,
    "added": 10.0,
    "thousands": 0.001,
    "rent": 1 / 220,
    "dollars": 1 / 4000,
    "deep": 0.4,
    "half": 0.5,
}


@pytest.fixture(scope="module")
def typed(finder: Finder, city) -> pd.DataFrame:
    """What is found of listings whose price or area was changed in one way each; a row is named after the change."""
    wide = replace(city.market, price_low=None, price_high=None)
    values = city.listings.values.set_index("id")
    touched = {*city.lost_zeros, *city.vast_areas, *city.bargains, *city.reposts, *city.reposts.values()}
    plain = [name for name in values.index if name not in touched and 45 <= values.loc[name, "area_m2"] <= 110]
    rows = city.frame.set_index("id", drop=False).loc[plain[:COUNT]]
    parts = []
    for what, factor in {**PRICES, "as it was": 1.0, "area": 1.0}.items():
        part = rows.assign(id=[f"{what} {name}" for name in rows["id"]])
        part["precio"] = [f"{values.loc[name, 'precio'] * factor:.0f}" for name in rows.index]
        if what == "area":
            part["area_m2"] = [f"{values.loc[name, 'area_m2'] * 10:g}".replace(".", ",") for name in rows.index]
        parts.append(part)
    table = finder.find(check(pd.concat(parts, ignore_index=True), wide)).table
    table["what"] = [name.rsplit(" ", 1)[0] for name in table["listing_id"]]
    return table.set_index("what")


@pytest.mark.parametrize(("what", "factor"), [("lost", 10), ("added", 0.1), ("thousands", 1000)])
def test_a_price_off_by_digits_is_told_with_the_probable_price(typed: pd.DataFrame, what: str, factor: float):
    found = typed.loc[what]
    right = (found["error_column"] == "precio") & np.isclose(found["probable_value"], found["asking_price"] * factor)
    assert right.mean() >= 0.9
    assert (found["verdict"] == "suspicious")[right].all()


def test_a_monthly_rent_typed_as_the_price_is_called_one_and_no_price_is_made_up(typed: pd.DataFrame):
    found = typed.loc["rent"]
    rents = [r for r in found["reasons"] if "monthly rent" in r.en]
    assert len(rents) >= COUNT / 2 and all("arriendo mensual" in r.es for r in rents)
    assert found["probable_value"][["monthly" in r.en for r in found["reasons"]]].isna().all()
    assert (found["error_column"] == "precio").all()


def test_a_price_in_dollars_is_told_as_dollars(typed: pd.DataFrame):
    found = typed.loc["dollars"]
    assert (found["error_column"] == "precio").all()
    assert sum("US dollars" in r.en and "dólares" in r.es for r in found["reasons"]) >= COUNT / 2


@pytest.mark.parametrize("what", ["deep", "half", "as it was"])
def test_a_deep_bargain_or_an_ordinary_listing_has_no_mistyped_number(typed: pd.DataFrame, what: str):
    assert set(typed.loc[what, "error_column"]) == {""}
    assert typed.loc[what, "probable_value"].isna().all()


def test_an_area_ten_times_too_large_is_told_with_the_true_area_hidden_by_its_range_or_not(typed: pd.DataFrame):
    found = typed.loc["area"]
    right = (found["error_column"] == "area_m2") & found["probable_value"].between(45, 110)
    assert right.mean() >= 0.9


def test_no_ordinary_listing_learned_from_is_told_wrong_more_than_once_in_a_hundred(findings: Findings, city):
    planted = {*city.lost_zeros, *city.vast_areas}
    told = findings.table[findings.table["error_column"] != ""]
    assert planted <= set(told["listing_id"])
    assert len(set(told["listing_id"]) - planted) <= 0.01 * len(findings.table)


def test_a_saved_finder_tells_the_same_slips(finder: Finder, city):
    again = Finder.from_state(finder.state(), threads=1)
    assert again.slip_bars_ == finder.slip_bars_


def test_a_price_set_aside_as_implausible_is_told_with_what_was_meant_and_stays_set_aside(finder: Finder, city):
    values = city.listings.values.set_index("id")
    rows = city.frame.set_index("id", drop=False).iloc[:COUNT]
    narrow = replace(city.market, price_low=float(values["precio"].min()) / 2)
    prices = [f"{values.loc[name, 'precio'] / 1000:.0f}" for name in rows.index]
    listings = check(rows.assign(precio=prices, id=[f"new {name}" for name in rows["id"]]), narrow)
    assert not len(listings) and all(r.error_column == "" for r in listings.rejected)
    again = read_set_aside(listings, finder.experts_)
    told = [r for r in again.rejected if r.error_column == "precio"]
    assert len(told) >= 0.8 * COUNT and len(again.rejected) == COUNT
    assert all("below the plausible" in r.reason.en and "; probably" in r.reason.en for r in told)
    assert [r.probable_value for r in told] == [1000 * float(prices[r.row - 1]) for r in told]


def test_a_repeated_row_or_one_without_a_price_keeps_its_reason(finder: Finder, city):
    frame = city.frame.head(30)
    frame = pd.concat([frame, frame.head(2), frame.head(1).assign(precio="consultar")], ignore_index=True)
    listings = check(frame, replace(city.market, price_low=1.0))
    assert len(listings.rejected) >= 3
    assert read_set_aside(listings, finder.experts_).rejected == listings.rejected


def _slips(columns: list[str], odds: list[float]) -> Slips:
    n = len(columns)
    kinds = np.full(n, SlipKind.SCALE.value, object)
    return Slips(np.array(columns, object), np.ones(n), np.full(n, 10.0), kinds, np.array(odds))


def test_a_column_in_which_ordinary_listings_look_mistyped_accuses_later(city):
    listings, n = city.listings, len(city.listings)
    market = listings.market
    odd = _slips(["area_m2"] * n, list(np.linspace(-9, 2.5, n)))
    bars = learn_bars(odd, listings, {"area_m2": 0.5})
    assert bars["area_m2"] > 2 and bars[market.price] == 0.0
    quiet = learn_bars(_slips(["area_m2"] * n, [-9.0] * n), listings, {"area_m2": 0.5})
    assert quiet["area_m2"] < 0


def test_only_slips_beyond_their_bar_are_told_unless_the_judge_is_sure_of_an_error():
    slips = _slips(["area", "area", "area", "area"], [1.5, 0.5, 0.5, -5.0])
    told = slips.told({"area": 1.0}, np.array([0.0, 0.0, 0.9, 0.9]))
    assert told.columns.tolist() == ["area", "", "area", ""]
    assert np.isnan(told.probable).tolist() == [False, True, False, True]


def test_the_instalment_of_a_car_is_not_called_a_rent():
    market = Market("cars", "price", "GBP", (Column("price", Kind.QUANTITY), Column("mileage", Kind.QUANTITY, "mi")))
    kinds = np.array([SlipKind.MONTHLY.value], object)
    slips = Slips(np.array(["price"], object), np.array([250.0]), np.array([np.nan]), kinds, np.ones(1))
    assert tell_slip(slips, 0, market).en == "price £250: looks like a monthly instalment, not the price"


def test_dollars_are_thought_of_only_where_a_dollar_is_many_of_the_own_currency():
    def kinds(currency: str) -> set[SlipKind]:
        return {s.kind for s in price_slips(Market("m", "price", currency, ()))}

    assert SlipKind.CURRENCY in kinds("COP") and SlipKind.CURRENCY not in kinds("EUR")
