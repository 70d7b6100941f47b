"""What becomes of each kind of column: numbers, dates, categories, free text."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from perla.errors import ShelfError
from perla.listings import Column, Kind, Market
from perla.prepare import Preparation, Prepared, column_of
from perla.words import Text

PRICE = Column("price", Kind.QUANTITY, "COP")
TEXTS = (
    "apartamento luminoso con balcón y vista al parque",
    "casa amplia con patio, garaje y cocina remodelada",
    "apartaestudio cerca del metro, ideal para estudiantes",
)


def market(*columns: Column) -> Market:
    return Market("homes", "price", "COP", (PRICE, *columns))


def homes(count: int = 90, seed: int = 3) -> pd.DataFrame:
    """Every kind of column, with gaps."""
    rng = np.random.default_rng(seed)
    area = rng.uniform(30, 200, count)
    area[::11] = np.nan
    barrio = pd.Series(rng.choice(["Laureles", "Belén", "Poblado"], count), dtype="str")
    barrio[5] = np.nan
    return pd.DataFrame({
        "price": rng.uniform(1e8, 9e8, count),
        "area": area,
        "lift": rng.choice([0.0, 1.0, np.nan], count),
        "barrio": barrio,
        "listed": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, count), unit="D"),
        "ad": pd.Series([TEXTS[i % 3] for i in range(count)], dtype="str"),
    })  # fmt: skip


def homes_market() -> Market:
    return market(
        Column("area", Kind.QUANTITY, "m2"),
        Column("lift", Kind.YES_NO),
        Column("barrio", Kind.CATEGORY),
        Column("listed", Kind.DATE),
        Column("ad", Kind.TEXT),
    )


def only(column: Column, cells: Any, prices: Any = None) -> Prepared:
    """A table of one column and a price, prepared by what was fitted on it."""
    table = pd.DataFrame({"price": np.arange(1.0, len(cells) + 1) if prices is None else prices, column.name: cells})
    return Preparation(market(column)).fit(table, seed=0).transform(table)


def assert_same(one: Prepared, other: Prepared) -> None:
    np.testing.assert_array_equal(one.numbers, other.numbers)
    np.testing.assert_array_equal(one.scaled, other.scaled)
    np.testing.assert_array_equal(one.categories, other.categories)
    np.testing.assert_array_equal(one.log_price, other.log_price)
    assert (one.names, one.category_names, one.category_sizes) == (
        other.names,
        other.category_names,
        other.category_sizes,
    )


def test_a_number_that_is_missing_stays_missing():
    found = only(Column("area", Kind.QUANTITY, "m2"), [50.0, np.nan, 80.0])
    assert np.isnan(found.numbers[:, 0]).tolist() == np.isnan(found.scaled[:, 0]).tolist() == [False, True, False]


def test_a_category_that_is_missing_rare_or_never_seen_is_minus_one():
    learned = pd.DataFrame({"price": [1.0] * 6, "barrio": ["A", "A", "A", "B", "B", "once"]})
    made = Preparation(market(Column("barrio", Kind.CATEGORY))).fit(learned, seed=0)
    new = pd.DataFrame({"price": [1.0] * 5, "barrio": ["A", "B", "once", "never seen", np.nan]})
    assert made.transform(new).categories[:, 0].tolist() == [0, 1, -1, -1, -1]


def test_what_was_not_among_the_rows_learned_from_changes_nothing():
    table = homes()
    first = table.iloc[:60].reset_index(drop=True)
    strange = first.assign(area=1e9, barrio="Saturn", price=1e15, ad="platillo volador " * 40)
    alone = Preparation(homes_market()).fit(first, seed=0)
    assert set(alone.levels_["barrio"]) == {"Poblado", "Belén", "Laureles"}
    both = alone.transform(pd.concat([first, strange], ignore_index=True))
    assert_same(both.take(np.arange(60)), alone.transform(first))
    assert (both.categories[60:] == -1).all()


def test_a_column_that_is_the_same_everywhere_or_empty_is_left_out():
    table = homes().assign(area=70.0, lift=np.nan, barrio="Laureles")
    made = Preparation(homes_market()).fit(table, seed=0)
    assert made.left_out_ == ("area", "lift", "barrio")
    found = made.transform(homes())
    assert found.category_names == ()
    assert {column_of(name) for name in found.names} == {"listed", "ad"}


def test_a_date_is_days_since_2000_and_a_missing_one_is_missing():
    found = only(Column("listed", Kind.DATE), pd.to_datetime(["2000-01-02", None, "2001-01-01"]))
    np.testing.assert_array_equal(found.numbers[:, 0], [1.0, np.nan, 366.0])


def test_a_price_that_is_missing_or_not_positive_has_no_logarithm():
    found = only(Column("area", Kind.QUANTITY), [1.0, 2.0, 3.0, 4.0], prices=[np.e, 0.0, -5.0, np.nan])
    np.testing.assert_allclose(found.log_price, [1.0, np.nan, np.nan, np.nan])


def test_a_column_absent_from_new_listings_counts_as_missing_everywhere():
    table = homes()
    made = Preparation(homes_market()).fit(table, seed=0)
    found = made.transform(table[["price", "area"]])
    assert found.names == made.names_
    assert np.isnan(found.numbers[:, 1:]).all() and (found.categories == -1).all()
    np.testing.assert_array_equal(found.numbers[:, 0], made.transform(table).numbers[:, 0])


def test_neither_ids_nor_links_nor_columns_that_give_the_price_away_are_prepared():
    columns = (
        Column("code", Kind.ID), Column("url", Kind.LINK), Column("note", Kind.IGNORE),
        Column("per_m2", Kind.QUANTITY, price_proxy=Text("price per m2", "precio por m2")),
        Column("area", Kind.QUANTITY),
    )  # fmt: skip
    table = pd.DataFrame({name: ["1", "2", "3"] for name in ("code", "url", "note")} | {
        "price": [1.0, 2.0, 3.0], "per_m2": [1.0, 2.0, 3.0], "area": [4.0, 5.0, 6.0],
    })  # fmt: skip
    assert Preparation(market(*columns)).fit(table, seed=0).transform(table).tree_names == ("area",)


def test_digits_in_an_ad_never_reach_the_models():
    prices = np.arange(60) ** 4 * 1000.0 + 100
    ads = [f"Apartamento en venta ${p:,.0f}, llame al {p:.0f}" for p in prices]
    found = only(Column("ad", Kind.TEXT), pd.Series(ads, dtype="str"), prices)
    assert found.numbers.shape[0] == 60
    assert (found.numbers == found.numbers[0]).all(), "every ad says the same words"


def test_two_ads_that_say_the_same_are_close_and_two_that_do_not_are_apart():
    made = Preparation(market(Column("ad", Kind.TEXT)))
    cells = pd.Series([TEXTS[i % 3] + (" en venta" if i % 2 else "") for i in range(60)], dtype="str")
    topics = made.fit(pd.DataFrame({"price": 1.0, "ad": cells}), seed=0).topics_["ad"].transform(cells)[:, :-1]
    same, other = np.linalg.norm(topics[0] - topics[3]), np.linalg.norm(topics[0] - topics[1])
    assert same < other / 2


def test_an_ad_that_is_missing_is_missing_in_every_topic():
    cells = pd.Series([TEXTS[i % 3] for i in range(30)], dtype="str")
    cells[4] = np.nan
    found = only(Column("ad", Kind.TEXT), cells)
    assert np.isnan(found.numbers[4]).all() and np.isfinite(found.numbers[[0, 1, 2, 3]]).all()


def test_hostile_and_empty_ads_are_text_like_any_other():
    cells = pd.Series([TEXTS[i % 3] for i in range(30)], dtype="str")
    cells[:4] = ["=cmd()", "<script>alert(1)</script>", "\u202eojo 🏠\u202c", ""]
    assert np.isfinite(only(Column("ad", Kind.TEXT), cells).numbers).all()


def test_three_hundred_columns_are_prepared():
    rng = np.random.default_rng(0)
    columns = [Column(f"c{j}", Kind.QUANTITY) for j in range(300)]
    table = pd.DataFrame(rng.normal(size=(50, 300)), columns=[c.name for c in columns]).assign(price=1.0)
    found = Preparation(market(*columns)).fit(table, seed=0).transform(table)
    assert found.numbers.shape == (50, 300) and np.isfinite(found.scaled).all()


def test_a_column_of_a_hundred_thousand_different_words_keeps_only_those_seen_again():
    words = pd.Series([f"word {i}" for i in range(100_000)] + ["common"] * 50, dtype="str")
    found = only(Column("barrio", Kind.CATEGORY), words)
    assert found.category_sizes == (1,)
    assert (found.categories[:100_000] == -1).all() and (found.categories[100_000:] == 0).all()


def test_a_preparation_comes_back_from_plain_values_and_arrays_exactly():
    table = homes()
    made = Preparation(homes_market()).fit(table, seed=0)
    again = Preparation.from_state(homes_market(), through_json(made.state()))
    assert_same(made.transform(table), again.transform(table))
    assert again.left_out_ == made.left_out_


def test_prepared_listings_come_back_from_plain_values_and_arrays_exactly():
    table = homes()
    found = Preparation(homes_market()).fit(table, seed=0).transform(table)
    assert_same(found, Prepared.from_state(through_json(found.state())))


def test_a_state_of_another_market_is_refused_in_both_languages():
    state = Preparation(homes_market()).fit(homes(), seed=0).state()
    with pytest.raises(ShelfError) as caught:
        Preparation.from_state(market(Column("mileage", Kind.QUANTITY)), state)
    assert "train" in caught.value.text("en") and "entrene" in caught.value.text("es")


def test_a_derived_column_knows_whose_part_it_is():
    found = only(Column("ad/long", Kind.TEXT), pd.Series([TEXTS[i % 3] for i in range(30)], dtype="str"))
    assert len(found.names) > 1 and {column_of(n) for n in found.names} == {"ad/long"}


def through_json(value: Any) -> Any:
    """Arrays as they are, everything else through JSON text."""
    if isinstance(value, np.ndarray):
        return value
    if isinstance(value, dict):
        return {k: through_json(v) for k, v in value.items()}
    if isinstance(value, list) and any(isinstance(v, dict | list | np.ndarray) for v in value):
        return [through_json(v) for v in value]
    return json.loads(json.dumps(value))


def test_the_trees_also_see_the_place_on_turned_axes_and_all_its_parts_belong_to_the_latitude():
    columns = (Column("lat", Kind.LATITUDE), Column("lon", Kind.LONGITUDE))
    table = pd.DataFrame({"price": [1e8, 2e8, 3e8], "lat": [6.0, 6.1, 6.2], "lon": [-75.6, -75.5, -75.4]})
    prepared = Preparation(market(*columns)).fit(table, seed=0).transform(table)
    turned = [j for j, name in enumerate(prepared.tree_names) if name not in ("lat", "lon")]
    assert {column_of(prepared.tree_names[j]) for j in turned} == {"lat"} and len(turned) == 4
    aslant = 0.1 * (np.cos(np.radians(30)) * np.cos(np.radians(6.1)) + np.sin(np.radians(30)))
    np.testing.assert_allclose(prepared.tree_matrix[:, turned[0]], [-aslant, 0.0, aslant], atol=1e-5)


def test_without_a_longitude_no_place_is_turned():
    table = pd.DataFrame({"price": [1e8, 2e8, 3e8], "lat": [6.0, 6.1, 6.2]})
    prepared = Preparation(market(Column("lat", Kind.LATITUDE))).fit(table, seed=0).transform(table)
    assert prepared.tree_names == ("lat",) and prepared.tree_matrix.shape == (3, 1)
