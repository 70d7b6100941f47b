"""A table checked against its market: nothing is lost, nothing impossible reaches a model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perla.errors import InputError
from perla.listings import Column, Kind, Market, Rejected
from perla.listings.checking import check, missing_columns
from perla.words import same

HOMES = Market(
    "homes",
    "price",
    "COP",
    (
        Column("code", Kind.ID),
        Column("barrio", Kind.CATEGORY),
        Column("area", Kind.QUANTITY, "m2", low=10, high=2_000),
        Column("fee", Kind.QUANTITY, "COP"),
        Column("rooms", Kind.COUNT, low=0, high=20),
        Column("built", Kind.COUNT, low=1900, high=2030),
        Column("lift", Kind.YES_NO),
        Column("lat", Kind.LATITUDE),
        Column("lon", Kind.LONGITUDE),
        Column("posted", Kind.DATE),
        Column("ad", Kind.TEXT),
        Column("notes", Kind.IGNORE),
    ),
    price_low=20e6,
    price_high=50e9,
)


def homes(count: int = 3, **columns: object) -> pd.DataFrame:
    rows = np.arange(count)
    table: dict[str, object] = {
        "price": 300e6 + rows * 1e6,
        "code": [f"h{i}" for i in rows],
        "barrio": "Laureles",
        "area": 60.0 + rows,
        "fee": 200_000 + rows,
        "rooms": 3,
        "built": 2010,
        "lift": "sí",
        "lat": 6.2 + rows / 1000,
        "lon": -75.5,
        "posted": "2024-02-01",
        "ad": [f"ad {i}" for i in rows],
    }
    return pd.DataFrame(table | columns)


def test_a_clean_table_is_typed_and_complete() -> None:
    listings = check(homes(), HOMES)
    assert len(listings) == 3
    assert listings.rejected == listings.doubts == ()
    assert listings.ids.tolist() == ["h0", "h1", "h2"]
    assert "notes" not in listings.values
    assert listings.values["lift"].tolist() == [1.0] * 3
    assert {c: str(t) for c, t in listings.values.dtypes.items()} == {
        "price": "float64", "code": "str", "barrio": "str", "area": "float64", "fee": "float64", "rooms": "float64",
        "built": "float64",
        "lift": "float64", "lat": "float64", "lon": "float64", "posted": "datetime64[us]", "ad": "str",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("price", "reason"),
    [
        (None, "no price"),
        ("consultar", "no price ('consultar')"),
        ("muy barato", "the price 'muy barato' cannot be read as a number"),
        ("USD 90.000", "the price 'USD 90.000' is not in COP"),
        ("0", "price COP 0: a price must be above zero"),
        ("-300000000", "price COP -300,000,000: a price must be above zero"),
        ("1", "price COP 1: below the plausible COP 20,000,000"),
        ("60000000000", "price COP 60,000,000,000: above the plausible COP 50,000,000,000"),
        (float("nan"), "no price"),
        (float("inf"), "no price ('inf')"),
        (1e30, "price COP 1e+30: above the plausible COP 50,000,000,000"),
    ],
)
def test_a_row_without_a_usable_price_is_set_aside_with_its_reason(price: object, reason: str) -> None:
    frame = homes(price=pd.Series([300e6, price, 400e6], dtype=object))
    listings = check(frame, HOMES, origin=pd.Series(["a.csv"] * 3), source="a.csv")
    assert [(r.row, r.listing_id, str(r.reason), r.source) for r in listings.rejected] == [(2, "h1", reason, "a.csv")]
    assert listings.rejected_original["code"].tolist() == ["h1"]
    assert listings.ids.tolist() == ["h0", "h2"]


def test_a_price_of_1e30_is_set_aside_even_where_the_market_names_no_limit() -> None:
    market = Market("any", "price", "", (Column("area", Kind.QUANTITY),))
    listings = check(pd.DataFrame({"price": [1e30, 5.0, 1e999], "area": [1, 2, 3]}), market)
    assert listings.prices.tolist() == [5.0]


def test_numeric_prices_with_nan_infinity_and_negatives_never_reach_the_values() -> None:
    listings = check(homes(5, price=[np.nan, np.inf, -np.inf, -5.0, 300e6]), HOMES)
    assert listings.prices.tolist() == [300e6]
    assert len(listings.rejected) == 4


def test_a_row_that_stands_twice_is_kept_once() -> None:
    frame = pd.concat([homes(3), homes(2)], ignore_index=True)
    listings = check(frame, HOMES)
    assert [(r.row, r.reason.en, r.reason.es) for r in listings.rejected] == [
        (4, "the same as row 1", "igual a la fila 1"),
        (5, "the same as row 2", "igual a la fila 2"),
    ]


def test_rows_set_aside_while_reading_keep_their_place_in_the_count() -> None:
    torn = Rejected(2, "2", same("the row has 3 cells"), "a.csv")
    frame = homes(3, price=[300e6, 0, 310e6]).drop(columns="code")
    market = Market("m", "price", "COP", tuple(c for c in HOMES.columns if c.name != "code"))
    listings = check(frame, market, already_rejected=(torn,), already_rejected_original=pd.DataFrame({"barrio": ["x"]}))
    assert listings.ids.tolist() == ["1", "4"]
    assert [r.row for r in listings.rejected] == [2, 3]
    assert listings.rejected_original["barrio"].tolist() == ["x", "Laureles"]


def test_an_impossible_cell_is_hidden_with_a_doubt_and_stands_in_the_original() -> None:
    frame = homes(4, area=["60 m²", "20.000.000", "mucha", ""], rooms=[3, 99, 2, 1])
    listings = check(frame, HOMES)
    assert listings.values["area"].isna().tolist() == [False, True, True, True]
    assert [(d.row, d.column, d.value, d.reason.en, d.reason.es) for d in listings.doubts] == [
        (1, "area", "20.000.000", "area 20,000,000 m²: above the plausible 2,000 m²",
         "area 20.000.000 m²: por encima de lo plausible (2.000 m²)"),
        (1, "rooms", "99", "rooms 99: above the plausible 20", "rooms 99: por encima de lo plausible (20)"),
        (2, "area", "mucha", "area: 'mucha' cannot be read as a number", "area: 'mucha' no se puede leer como número"),
    ]  # fmt: skip
    assert listings.original["area"].tolist()[1:3] == ["20.000.000", "mucha"]


def test_a_year_is_written_as_a_year() -> None:
    listings = check(homes(2, built=[2060, 2000]), HOMES)
    assert listings.doubts[0].reason.en == "built 2060: above the plausible 2030"


def test_coordinates_that_are_no_place_are_hidden() -> None:
    listings = check(homes(4, lat=[6.2, 95.0, 0.0, 6.3], lon=[-75.5, -75.5, 0.0, -190.0]), HOMES)
    assert listings.values["lat"].isna().tolist() == [False, True, True, False]
    assert listings.values["lon"].isna().tolist() == [False, False, True, True]
    assert [(d.row, d.column) for d in listings.doubts] == [(1, "lat"), (2, "lat"), (2, "lon"), (3, "lon")]


def test_spellings_of_one_category_become_the_commonest_one() -> None:
    barrios = ["Belén", " belen", "BELÉN ", "Belén", "El  Poblado", "N/A", None]
    listings = check(homes(7, barrio=barrios), HOMES)
    assert listings.values["barrio"].tolist()[:5] == ["Belén"] * 4 + ["El Poblado"]
    assert listings.values["barrio"].isna().tolist()[5:] == [True, True]


def test_repeated_and_missing_ids_become_unique() -> None:
    listings = check(homes(6, code=[7.0, 7.0, None, 8.0, 7.0, 3.0]), HOMES)
    assert listings.ids.tolist() == ["7", "7#2", "3", "8", "7#3", "3#2"]
    assert check(homes(4, code=["a", "a", "a#2", "a"]), HOMES).ids.is_unique


def test_a_home_posted_again_at_a_lower_price_is_the_same_thing() -> None:
    frame = pd.concat([homes(20), homes(1, price=250e6, code="new", ad="rebajado", posted="2024-05-01")])
    things = check(frame, HOMES).things
    assert things.iloc[20] == things.iloc[0]
    assert things.nunique() == 20


def test_homes_alike_at_a_place_few_share_are_the_same_thing() -> None:
    frame = homes(60, area=60, fee=0, lat=[6.2] * 20 + [6.3] * 40)
    assert check(frame, HOMES).things.value_counts().max() == 20


def test_things_that_are_merely_alike_are_not_the_same_thing() -> None:
    alike = homes(40, area=60, fee=0, lat=6.2)
    assert check(alike, HOMES).things.nunique() == 40


def test_an_equal_vin_or_asset_id_means_one_thing_and_another_one_means_another() -> None:
    market = Market("cars", "price", "USD", (
        Column("vin", Kind.CATEGORY), Column("plate", Kind.CATEGORY), Column("km", Kind.QUANTITY),
        Column("year", Kind.COUNT), Column("make", Kind.CATEGORY),
    ), same_thing=("vin", "plate"))  # fmt: skip
    frame = pd.DataFrame({
        "price": [1, 2, 3, 4, 5], "vin": ["A", "A", None, "C", "D"], "plate": [None, "p", "p", None, None],
        "km": [10, 20, 30, 77, 77], "year": 2020, "make": "Fiat",
    })  # fmt: skip
    things = check(frame, market).things.tolist()
    assert things[0] == things[1] == things[2]
    assert len(set(things)) == 3


def test_untrusted_text_survives_unharmed_as_text() -> None:
    texts = ["=cmd()|'/c calc'!A0", "<script>alert(1)</script>", "casa 😀 \u202eabc"]
    listings = check(homes(ad=texts, barrio=texts), HOMES)
    assert listings.values["ad"].tolist() == texts
    assert listings.values["barrio"].tolist() == texts
    assert listings.original["ad"].tolist() == texts


def test_dates_as_text_become_dates_and_what_is_none_a_doubt() -> None:
    listings = check(homes(posted=["13/04/2023", "3 de mayo de 2023", "pronto"]), HOMES)
    assert listings.values["posted"].dt.month.tolist()[:2] == [4, 5]
    assert [d.reason.es for d in listings.doubts] == ["posted: 'pronto' no se puede leer como fecha"]


def test_a_missing_price_or_column_is_an_error_that_names_the_closest() -> None:
    with pytest.raises(InputError, match=r"price column 'price', which the table lacks. Did you mean 'prices'\?"):
        check(homes().rename(columns={"price": "prices"}), HOMES)
    with pytest.raises(InputError, match=r"column 'area', which the table lacks. Did you mean 'aera'\?"):
        check(homes().rename(columns={"area": "aera"}), HOMES)
    with pytest.raises(InputError, match="price"):
        check(homes().drop(columns="price"), HOMES, allow_missing=True)


def test_new_listings_may_lack_columns_that_a_saved_model_knows() -> None:
    frame = homes().drop(columns=["area", "posted", "barrio"])
    listings = check(frame, HOMES, allow_missing=True)
    assert missing_columns(frame, HOMES) == ["barrio", "area", "posted"]
    assert listings.values[["area", "posted", "barrio"]].isna().all().all()
    assert str(listings.values["posted"].dtype).startswith("datetime64")


def test_a_table_without_rows_or_with_a_repeated_column_is_refused() -> None:
    with pytest.raises(InputError, match="no rows"):
        check(homes(0), HOMES)
    doubled = homes()
    doubled.columns = pd.Index(["price" if c == "fee" else c for c in doubled.columns])
    with pytest.raises(InputError, match="'price' stands more than once"):
        check(doubled, HOMES)


def test_all_prices_zero_leaves_no_listing_and_every_reason() -> None:
    listings = check(homes(3, price=0), HOMES)
    assert len(listings) == 0
    assert len(listings.rejected) == 3


def test_wide_tables_and_endless_categories_are_checked_whole() -> None:
    wide = pd.DataFrame({f"c{i}": np.arange(50.0) + i for i in range(300)}).assign(price=5.0)
    market = Market("wide", "price", "EUR", tuple(Column(f"c{i}", Kind.QUANTITY) for i in range(300)))
    assert check(wide, market).values.shape == (50, 301)
    many = pd.DataFrame({"price": np.arange(1, 100_001), "word": [f"w{i}" for i in range(100_000)]})
    listings = check(many, Market("many", "price", "EUR", (Column("word", Kind.CATEGORY),)))
    assert listings.values["word"].nunique() == 100_000


_CELLS = st.one_of(st.none(), st.floats(), st.integers(), st.text(max_size=20), st.sampled_from(["300.000.000", "$ 5"]))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_CELLS, _CELLS, _CELLS, _CELLS), min_size=1, max_size=25))
def test_every_row_ends_up_in_the_values_or_among_the_rejected(rows: list[tuple[object, ...]]) -> None:
    frame = pd.DataFrame(rows, columns=["price", "area", "code", "barrio"], dtype=object)
    listings = check(frame, HOMES, allow_missing=True)
    assert len(listings) + len(listings.rejected) == len(frame)
    assert len(listings.rejected_original) == len(listings.rejected)
    assert (listings.prices > 0).all()
    assert np.isfinite(listings.prices).all()
    assert listings.ids.is_unique
    assert listings.values.index.equals(listings.things.index)
    assert sorted([r.row for r in listings.rejected]) == [r.row for r in listings.rejected]
    assert all(0 <= d.row < len(listings) for d in listings.doubts)
