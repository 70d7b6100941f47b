"""Small, narrow and strange markets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from perla.bargains.finder import Finder
from perla.bargains.findings import Findings
from perla.errors import InputError, WishError
from perla.listings import Column, Kind, Listings, Market
from perla.listings.checking import check
from perla.listings.wish import parse_wish

PRICE = Column("price", Kind.QUANTITY, "COP", wishable=True)
AREA = Column("area", Kind.QUANTITY, "m2", wishable=True)


def homes(count: int, **others) -> pd.DataFrame:
    """Two million the square metre, more or less."""
    rng = np.random.default_rng(0)
    area = rng.uniform(40, 200, count).round(1)
    price = area * 2e6 * np.exp(rng.normal(0, 0.1, count))
    table = {"price": [f"{p:.0f}" for p in price], "area": area.astype(str), **others}
    return pd.DataFrame(table, dtype="str")


def checked(table: pd.DataFrame, *columns: Column, same_thing: tuple[str, ...] = ()) -> Listings:
    return check(table, Market("homes", "price", "COP", columns or (PRICE, AREA), same_thing=same_thing))


def learn(listings: Listings) -> Finder:
    return Finder(listings.market, seed=0, threads=1).fit(listings)


def assert_sane(findings: Findings) -> None:
    assert sum(findings.counts().values()) == len(findings.table) > 0
    assert np.isfinite(findings.table[["score", "expected_price", "low", "high"]].to_numpy(float)).all()


def test_a_market_of_one_column_without_places_or_words_is_searched():
    listings = checked(homes(110))
    findings = learn(listings).find(listings)
    assert_sane(findings)
    assert findings.bargains and all(len(b.comparables) == 5 for b in findings.bargains)
    assert [name for name, _ in findings.card.drivers] == ["area"]
    assert any("small market" in n.en and "pequeño" in n.es for n in findings.card.notes)


def test_the_same_seed_finds_the_same_again():
    listings = checked(homes(60))
    one, other = (learn(listings).find(listings, shown=2) for _ in range(2))
    pd.testing.assert_frame_equal(one.table, other.table)
    pd.testing.assert_frame_equal(one.surprise, other.surprise)


@pytest.fixture(scope="module")
def rough() -> tuple[Finder, Listings]:
    """A column with a slash in its name, one that is empty, one that is the same everywhere, one of lone words."""
    rng = np.random.default_rng(1)
    table = homes(
        100, **{"km/l": rng.uniform(5, 20, 100).round(1).astype(str)},
        rooms=[None] * 100, floor=["3"] * 100, street=[f"street {i}" for i in range(100)],
        ad=["casa grande con patio y garaje" if i % 2 else "apartamento con vista al parque" for i in range(100)],
    )  # fmt: skip
    listings = checked(
        table, PRICE, AREA, Column("km/l", Kind.QUANTITY, "km/l", wishable=True),
        Column("rooms", Kind.COUNT, wishable=True), Column("floor", Kind.COUNT, wishable=True),
        Column("street", Kind.CATEGORY), Column("ad", Kind.TEXT),
    )  # fmt: skip
    return learn(listings), listings


def test_a_column_with_a_slash_in_its_name_is_a_column_like_any_other(rough: tuple[Finder, Listings]):
    finder, listings = rough
    findings = finder.find(listings, parse_wish("price low, km/l high", listings.market))
    assert_sane(findings)
    assert {"price", "area", "km/l", "street"} == set(findings.surprise.columns)
    assert {"km/l", "ad"} <= {name for name, _ in findings.card.drivers}


def test_empty_columns_and_columns_that_are_the_same_everywhere_are_told_on_the_card(rough: tuple[Finder, Listings]):
    assert {name for name, _ in rough[0].card_.left_out} == {"rooms", "floor"}


@pytest.mark.parametrize("name", ["rooms", "floor"])
def test_a_wish_for_a_column_that_says_nothing_is_refused_by_name(rough: tuple[Finder, Listings], name: str):
    finder, listings = rough
    wish = parse_wish(f"price low, {name} high", listings.market)
    for call in (lambda: finder.find(listings, wish), lambda: finder.explain(listings, "1", wish)):
        with pytest.raises(WishError, match=name) as caught:
            call()
        assert "deseada" in caught.value.text("es")


def test_without_pytorch_trees_tell_what_is_usual_and_the_card_says_so(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("perla.anomaly.choice.find_spec", lambda name: None)
    listings = checked(homes(70))
    finder = learn(listings)
    assert_sane(finder.find(listings, shown=1))
    assert any("perla[deep]" in n.en and "perla[deep]" in n.es for n in finder.card_.notes)
    assert_sane(Finder.from_state(finder.state(), threads=1).find(listings, shown=1))


def refused(listings: Listings) -> InputError:
    with pytest.raises(InputError) as caught:
        learn(listings)
    assert caught.value.text("en") != caught.value.text("es")
    return caught.value


def test_too_few_listings_are_refused_and_the_number_is_told():
    assert "at least 40" in (error := refused(checked(homes(25)))).text("en") and "25" in error.text("es")


def test_prices_that_are_all_equal_are_refused():
    assert "son iguales" in refused(checked(homes(60).assign(price="100000000"))).text("es")


def test_a_table_of_prices_alone_is_refused():
    assert "besides the price" in refused(checked(homes(60)[["price"]], PRICE)).text("en")


@pytest.mark.parametrize("things", [1, 4, 9])
def test_a_few_things_advertised_again_and_again_are_too_few(things: int):
    table = homes(60).assign(vin=[f"VIN{i % things}" for i in range(60)])
    listings = checked(table, PRICE, AREA, Column("vin", Kind.ID), same_thing=("vin",))
    assert f"advertise {things}" in refused(listings).text("en")


def test_one_wild_price_is_not_learned_from_and_is_called_suspicious():
    table = homes(80)
    table.loc[7, "price"] = "1" + "0" * 15
    listings = checked(table)
    finder = learn(listings)
    assert 7 not in finder.experts_.learned_
    assert finder.find(listings, shown=1).table.loc[7, "verdict"] in ("suspicious", "overpriced")
