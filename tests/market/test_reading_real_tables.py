"""Real tables are read whole, with what is wrong in them set aside."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from perla.errors import InputError
from perla.listings import Column, Kind, Listings, Market
from perla.listings.checking import check
from perla.listings.dates import parse_dates
from perla.listings.numbers import parse_numbers
from perla.sources import RawTable, read_tables

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the real data (../shared/data) is not here")


def read(pattern: str) -> RawTable:
    return read_tables(sorted(DATA.glob(pattern)))


def checked(table: RawTable, market: Market) -> Listings:
    found = check(table.frame, market, table.origin, table.source, table.rejected, table.rejected_original)
    assert len(found) + len(found.rejected) == sum(f.rows for f in table.files)
    return found


@pytest.mark.parametrize(
    ("pattern", "rows", "price"),
    [
        ("homes-medellin/medellin_properties.csv", 9_928, "price"),
        ("cars-us-cars-com/cars.csv", 2_020, "price"),
        ("cars-uk/*.csv", 94_327, "price"),
        ("homes-king-county/kc_house_data.csv", 21_613, "price"),
        ("homes-valencia/valencia_sale.parquet", 33_622, "PRICE"),
        ("homes-bogota/*.csv", 21_234, "precio"),
        ("homes-bogota/*.jsonl", 250, "precio_venta"),
        ("cars-luxembourg-panel/listings.csv.gz", 6_816, "price"),
        ("cars-colombia-luv-panel/*.gz", 2_576, "precio"),
        ("cars-kijiji-panel/*.parquet", 161_073, "list_price"),
    ],
)
def test_a_real_table_is_read_whole(pattern: str, rows: int, price: str) -> None:
    table = read(pattern)
    assert len(table.frame) == rows
    assert table.rejected == ()
    assert pd.api.types.is_numeric_dtype(table.frame[price].dtype)


def test_the_file_name_is_the_make_where_each_file_is_one_make() -> None:
    table = read("cars-uk/*.csv")
    assert sorted(table.frame["file"].unique()) == ["audi", "bmw", "ford", "merc", "skoda", "toyota", "vauxhall", "vw"]
    assert (table.frame["file"] + ".csv" == table.origin).all()


def test_the_column_that_counts_the_cars_is_left_out_and_zip_codes_keep_their_zeros() -> None:
    table = read("cars-us-cars-com/cars.csv")
    assert table.frame.columns[0] == "msrp"
    assert any("only counts the rows" in note.en for note in table.notes)
    assert table.frame["dealer_zip"].str.startswith("0").any()


def test_king_county_ids_keep_their_leading_zeros_and_dates_are_dates() -> None:
    frame = read("homes-king-county/kc_house_data.csv").frame
    assert frame["id"].str.len().max() == 10
    assert frame["id"].str.startswith("0").any()
    dates = parse_dates(frame["date"])
    assert not dates.unreadable.any()
    assert dates.values.dt.year.isin([2014, 2015]).all()


def test_valencia_periods_are_quarters_and_asset_ids_tell_what_is_advertised_again() -> None:
    table = read("homes-valencia/*.parquet")
    assert sorted(parse_dates(table.frame["PERIOD"]).values.dt.strftime("%Y-%m").unique()) == [
        "2018-03", "2018-06", "2018-09", "2018-12",
    ]  # fmt: skip
    columns = (Column("ASSETID", Kind.ID), Column("CONSTRUCTEDAREA", Kind.QUANTITY, "m2"))
    listings = checked(table, Market("valencia", "PRICE", "EUR", columns, same_thing=("ASSETID",)))
    assert listings.things.nunique() == table.frame["ASSETID"].nunique() == 27_391
    assert listings.ids.is_unique


def test_luxembourg_power_is_in_kw_and_a_new_car_has_no_registration() -> None:
    table = read("cars-luxembourg-panel/listings.csv.gz")
    power = parse_numbers(table.frame["power"])
    assert power.unit == "kW"
    assert power.values.median() == 110
    assert not power.unreadable.any()
    assert not parse_dates(table.frame["first_registration"]).unreadable.any()
    columns = (Column("mileage", Kind.QUANTITY, "km", 0, 600_000), Column("make", Kind.CATEGORY))
    listings = checked(table, Market("cars", "price", "EUR", columns, price_low=500))
    assert {r.reason.en for r in listings.rejected} >= {"price €1: below the plausible €500"}
    assert {d.column for d in listings.doubts} == {"mileage"}


def test_medellin_prices_of_billions_and_places_on_other_continents_are_not_believed() -> None:
    columns = (
        Column("neighbourhood", Kind.CATEGORY), Column("latitude", Kind.LATITUDE, low=5.9, high=6.6),
        Column("longitude", Kind.LONGITUDE, low=-76, high=-75), Column("area", Kind.QUANTITY, "m2", 15, 3_000),
        Column("rooms", Kind.COUNT), Column("administration_price", Kind.QUANTITY, "COP"),
    )  # fmt: skip
    listings = checked(
        read("homes-medellin/medellin_properties.csv"),
        Market("medellin", "price", "COP", columns, price_low=2e7, price_high=5e10),
    )
    assert listings.prices.between(2e7, 5e10).all()
    assert {d.column for d in listings.doubts} == {"latitude", "longitude", "area"}
    names = listings.values["neighbourhood"]
    assert names.nunique() < listings.original["neighbourhood"].nunique() * 0.8
    assert 0 < len(listings) - listings.things.nunique() < 500


def test_bogota_files_with_other_columns_are_joined_but_other_tables_are_refused() -> None:
    table = read("homes-bogota/*.csv")
    floors = parse_numbers(table.frame["piso"])
    assert set(table.frame["piso"][floors.unreadable]) <= {"o", "a"}
    with pytest.raises(InputError, match="do not hold the same kind of table"):
        read_tables([DATA / "cars-luxembourg-panel"])
    with pytest.raises(InputError, match="do not hold the same kind of table"):
        read_tables([DATA / "homes-medellin"])
