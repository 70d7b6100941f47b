"""Drafting a market from names and values."""

import numpy as np
import pandas as pd
import pytest

from perla.errors import InputError
from perla.listings import Column, Kind
from perla.listings.drafting import draft_market
from perla.listings.drafting.meanings import all_meanings, covers_whole_name, meaning_of
from perla.listings.market_file import read_market, write_market
from perla.listings.names import words_of

RNG = np.random.default_rng(11)
ROWS = 300


def table(**columns: object) -> pd.DataFrame:
    price = np.exp(RNG.normal(19.8, 0.5, ROWS)).round(-6)
    return pd.DataFrame({"precio": price, **columns}, index=range(ROWS))


def drafted(name: str, cells: object) -> Column:
    return draft_market(table(**{name: cells}), "m").market.column(name)


def numbers(low: float, high: float, whole: bool = True) -> np.ndarray:
    return RNG.integers(int(low), int(high) + 1, ROWS).astype(float) if whole else RNG.uniform(low, high, ROWS)


def words(*choices: str) -> np.ndarray:
    return RNG.choice(choices, ROWS)


@pytest.mark.parametrize(
    "name",
    [
        "price", "Precio", "PRICE", "precio_venta", "asking_price", "Preis", "prix", "selling_price", "list_price",
        "Precio (COP)", "valor", "precioVenta", "price_usd",
    ],
)  # fmt: skip
def test_the_price_is_found_by_its_name(name: str):
    frame = pd.DataFrame(
        {"area": [50, 60, 70], name: [100, 200, 300], "precio_m2": [2, 3, 4], "valor_administracion": 5}
    )
    assert draft_market(frame, "m").market.price == name


def test_a_rent_a_fee_or_an_earlier_price_is_not_the_price():
    frame = pd.DataFrame({
        "precio_arriendo": [1, 2], "precio_anterior": [3, 4], "administration_price": [1, 2], "precio_m2": [1, 2],
        "precio_venta": [5, 6],
    })  # fmt: skip
    assert draft_market(frame, "m").market.price == "precio_venta"


def test_a_price_without_a_telling_name_is_found_by_its_values():
    frame = table(x=numbers(1, 9)).rename(columns={"precio": "k17"})
    assert draft_market(frame, "m").market.price == "k17"
    written = pd.DataFrame({"a": ["x", "y", "z"], "b": ["US$ 1.200", "US$ 3.400", "US$ 2.000"]})
    market = draft_market(written, "m").market
    assert (market.price, market.currency) == ("b", "USD")


def test_a_table_without_a_price_names_its_columns():
    with pytest.raises(InputError, match=r"nombre, ciudad.*--market") as caught:
        draft_market(pd.DataFrame({"nombre": ["a", "b"], "ciudad": ["c", "d"]}), "m")
    assert "Nómbrela" in caught.value.text("es")
    with pytest.raises(InputError):
        draft_market(pd.DataFrame({"x": range(50)}), "m")
    with pytest.raises(InputError, match="none"):
        draft_market(pd.DataFrame(), "m")


def test_repeated_column_names_are_refused():
    with pytest.raises(InputError, match="appear twice: a"):
        draft_market(pd.DataFrame([[1, 2, 3]], columns=["a", "a", "price"]), "m")


@pytest.mark.parametrize(
    ("frame", "currency"),
    [
        ({"price": ["€ 10.000", "€ 12.000"]}, "EUR"),
        ({"precio_cop": [1, 2]}, "COP"),
        ({"price": [1, 2], "lat": [47.5, 47.6], "long": [-122.2, -122.1]}, "USD"),
        ({"precio": [1, 2], "latitud": [4.6, 4.7], "longitud": [-74.1, -74.0]}, "COP"),
        ({"PRICE": [1, 2], "LATITUDE": [39.4, 39.5], "LONGITUDE": [-0.4, -0.3]}, "EUR"),
        ({"price": [1, 2], "lat": [51.5, 51.6], "lng": [-0.1, 0.1]}, "GBP"),
        ({"price": [1, 2], "tax(£)": [100, 120]}, "GBP"),
        ({"precio": [4e8, 5e8], "estrato": [4, 5]}, "COP"),
        ({"precio": [4e8, 5e8], "enlace": ["https://a.com.co/1", "https://a.com.co/2"]}, "COP"),
        ({"price": [1, 2]}, ""),
    ],
)
def test_the_currency_comes_from_cells_names_places_links_or_stays_unknown(frame: dict[str, object], currency: str):
    assert draft_market(pd.DataFrame(frame), "m").market.currency == currency


@pytest.mark.parametrize(
    ("name", "cells", "kind", "unit"),
    [
        ("area", numbers(40, 200), Kind.QUANTITY, "m2"),
        ("Área construida", [f"{a} m²" for a in RNG.integers(40, 200, ROWS)], Kind.QUANTITY, "m2"),
        ("sqft_living", numbers(400, 4000), Kind.QUANTITY, "ft2"),
        ("kilometraje", numbers(0, 200_000), Kind.QUANTITY, "km"),
        ("mileage", [f"{a} mi" for a in RNG.integers(9, 90_000, ROWS)], Kind.QUANTITY, "mi"),
        ("power", [f"{a} kW ({a} PS)" for a in RNG.integers(60, 200, ROWS)], Kind.QUANTITY, "kW"),
        ("engineSize", numbers(1, 4, whole=False).round(1), Kind.QUANTITY, "L"),
        ("cilindraje", numbers(900, 4000), Kind.QUANTITY, "cc"),
        ("mpg", numbers(20, 80), Kind.QUANTITY, "mpg"),
        ("valor_administracion", numbers(1e5, 9e5), Kind.QUANTITY, "COP"),
        ("habitaciones", numbers(1, 5), Kind.COUNT, ""),
        ("BATHNUMBER", numbers(1, 5), Kind.COUNT, ""),
        ("stratum_name", numbers(1, 6), Kind.COUNT, ""),
        ("año", numbers(1990, 2020), Kind.COUNT, ""),
        ("CADCONSTRUCTIONYEAR", numbers(1890, 2018), Kind.COUNT, ""),
        ("modelo", numbers(1995, 2022), Kind.COUNT, ""),
        ("modelo", words("Fiesta", "Focus"), Kind.CATEGORY, ""),
        ("HASLIFT", numbers(0, 1), Kind.YES_NO, ""),
        ("BUILTTYPEID_1", numbers(0, 1), Kind.YES_NO, ""),
        ("Único.dueño", words("Sí", "No"), Kind.YES_NO, ""),
        ("zipcode", numbers(98001, 98050), Kind.CATEGORY, ""),
        ("AMENITYID", numbers(1, 3), Kind.CATEGORY, ""),
        ("barrio", words("Laureles", "Belén", "El Poblado"), Kind.CATEGORY, ""),
        ("antiguedad", words("Entre 5 y 10 años", "Más de 20 años", "Entre 0 y 5 años"), Kind.CATEGORY, ""),
        ("gmaps_geolocations_lat", numbers(6.1, 6.3, whole=False), Kind.LATITUDE, ""),
        ("LONGITUDE", numbers(-76, -75, whole=False), Kind.LONGITUDE, ""),
        ("date", [f"2014{m:02d}13T000000" for m in RNG.integers(1, 13, ROWS)], Kind.DATE, ""),
        ("PERIOD", RNG.choice([201803, 201806, 201809], ROWS), Kind.DATE, ""),
        ("first_registration", [f"{m:02d}-2020" for m in RNG.integers(1, 13, ROWS)], Kind.DATE, ""),
        ("created_at", [f"2025-07-{d:02d} 19:01:21" for d in RNG.integers(1, 29, ROWS)], Kind.DATE, ""),
        ("enlace", [f"https://a.co/{i}" for i in range(ROWS)], Kind.LINK, ""),
        ("descripcion", [f"Casa número {i} con vista a la montaña y tres alcobas" for i in range(ROWS)], Kind.TEXT, ""),
        (
            "features",
            [[f"ascensor número {i}", "zona de juegos para niños", "portería"] for i in range(ROWS)],
            Kind.TEXT,
            "",
        ),
        ("codigo", [f"{i}-M{i * 7}" for i in range(ROWS)], Kind.ID, ""),
        ("Unnamed: 0", range(ROWS), Kind.IGNORE, ""),
        ("nothing", [None] * ROWS, Kind.IGNORE, ""),
        ("always", ["x"] * ROWS, Kind.IGNORE, ""),
        ("scraped_timestamp", numbers(1.7e9, 1.8e9), Kind.IGNORE, ""),
        ("updated_at", [f"2025-07-{d:02d}" for d in RNG.integers(1, 29, ROWS)], Kind.IGNORE, ""),
        ("is_active", numbers(0, 1), Kind.IGNORE, ""),
        ("token", [f"{i * 7919:x}zz" for i in range(ROWS)], Kind.IGNORE, ""),
    ],
)
def test_a_column_is_recognised(name: str, cells: object, kind: Kind, unit: str):
    frame = table(**{name: cells}).assign(estrato=numbers(1, 6)) if name != "estrato" else table(**{name: cells})
    column = draft_market(frame, "m").market.column(name)
    assert (column.kind, column.unit) == (kind, unit)


def test_texts_and_numbers_are_recognised_alike():
    typed = table(area=numbers(40, 200), lat=numbers(6, 7, whole=False), ascensor=numbers(0, 1), zip=numbers(1, 9))
    assert draft_market(typed, "m").market == draft_market(typed.astype(str), "m").market


def test_absurd_values_lie_outside_the_ranges_and_real_ones_inside():
    frame = table(area=np.exp(RNG.normal(4.4, 0.5, ROWS)), latitude=RNG.normal(6.2, 0.03, ROWS), rooms=numbers(1, 5))
    dirty = frame.copy()
    dirty.loc[0, ["precio", "area", "latitude", "rooms"]] = [3e12, 2e7, -34.4, 81]
    dirty.loc[1, "precio"] = 1
    market = draft_market(dirty, "m").market
    for name, absurd in (("precio", 3e12), ("precio", 1), ("area", 2e7), ("latitude", -34.4), ("rooms", 81)):
        column = market.column(name)
        assert column.low is not None and column.high is not None
        assert not column.low <= absurd <= column.high
        assert frame[name].iloc[2:].between(column.low, column.high).all()


def test_zero_stays_plausible_where_it_is_common():
    renovated = np.where(RNG.random(ROWS) < 0.9, 0, numbers(1950, 2015))
    assert drafted("yr_renovated", renovated).low == 0
    assert drafted("sqft_basement", np.where(RNG.random(ROWS) < 0.6, 0, numbers(100, 900))).low == 0


def test_a_value_that_most_share_does_not_make_the_others_implausible():
    column = drafted("PARKINGSPACEPRICE", np.where(RNG.random(ROWS) < 0.95, 1, numbers(5_000, 60_000)))
    assert column.low is not None and column.high is not None
    assert column.low <= 1 and column.high >= 60_000


def test_a_typing_error_in_a_year_lies_outside():
    years = numbers(2005, 2020)
    years[0] = 2060
    high = drafted("year", years).high
    assert high is not None and 2020 <= high < 2060


def test_one_id_is_chosen_and_repeating_ones_tell_reposted_twins():
    listing = [f"ad-{i // 2}" for i in range(ROWS)]
    vin = [f"VIN{i:014d}" for i in range(ROWS)]
    frame = table(vin=vin, listing_id=[f"L{i}" for i in range(ROWS)], anuncio_id=listing)
    market = draft_market(frame, "m").market
    assert market.first(Kind.ID) == "listing_id"
    assert market.same_thing == ("vin",)
    assert draft_market(table(id=[f"H{min(i, 290)}" for i in range(ROWS)]), "m").market.same_thing == ("id",)


def test_a_column_that_gives_the_price_away_is_kept_out_and_noted():
    frame = table(area=numbers(40, 200)).assign(precio_m2=lambda f: f.precio / f.area)
    draft = draft_market(frame, "m")
    assert draft.market.column("precio_m2").price_proxy is not None
    assert any("precio_m2 gives the price away" in n.en and "delata" in n.es for n in draft.notes)


def test_no_two_columns_share_a_label():
    frame = table(sqft=numbers(400, 900), area=numbers(40, 90), Kilometros=numbers(1, 9e4), recorrido=numbers(1, 9e4))
    labels = [c.label.en for c in draft_market(frame, "m").market.columns if c.label]
    assert len(labels) == len(set(labels))


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_table_of_few_rows_is_drafted(rows: int):
    frame = pd.DataFrame({"precio": ["$ 450.000.000"] * rows, "barrio": ["Laureles"] * rows, "area": ["83"] * rows})
    market = draft_market(frame, "m").market
    assert [c.kind for c in market.columns] == [Kind.QUANTITY, Kind.CATEGORY, Kind.QUANTITY]


@pytest.mark.parametrize("prices", [[0] * 40, [100] * 40, [float("nan"), float("inf"), -5, 1e30] * 10])
def test_prices_that_make_no_sense_are_still_the_price(prices: list[float]):
    assert draft_market(pd.DataFrame({"price": prices, "a": range(40)}), "m").market.price == "price"


def test_three_hundred_columns_and_a_hundred_thousand_categories_are_drafted():
    wide = table(**{f"c{i}": numbers(1, 9) for i in range(299)})
    assert len(draft_market(wide, "m").market.columns) == 300
    tall = pd.DataFrame({"price": np.arange(1e5) + 1, "street": [f"street {i}" for i in range(100_000)]})
    assert draft_market(tall, "m").market.column("street").kind is Kind.IGNORE


def test_column_names_need_not_be_texts():
    assert draft_market(pd.DataFrame({"price": [1, 2], 7: [3, 4]}), "m").market.columns[1].name == "7"


def test_a_draft_reads_back_from_its_file():
    frame = table(
        **{"Área m²": numbers(40, 90), 'the "odd" one\\': words("a", "b"), "fecha": words("2020-01-05", "2020-09-01")}
    )
    market = draft_market(frame, "m").market
    assert read_market(write_market(market), "m.toml") == market


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("ISPARKINGSPACEINCLUDEDINPRICE", ("is", "parking", "space", "included", "in", "price")),
        ("área_m2", ("area", "m2")),
        ("fuelType", ("fuel", "type")),
        ("Precio/m²", ("precio", "m2")),
        ("Nro..de.cilindros", ("nro", "de", "cilindros")),
        ("sqft_living15", ("sqft", "living", "15")),
        ("😀", ()),
    ],
)
def test_a_name_is_taken_apart(name: str, expected: tuple[str, ...]):
    assert words_of(name) == expected


def test_every_known_name_is_recognised_as_itself():
    for meaning in all_meanings():
        for phrase in meaning.phrases:
            found = meaning_of(phrase)
            assert found is not None and found.key == meaning.key, phrase
            assert covers_whole_name(meaning, phrase)
