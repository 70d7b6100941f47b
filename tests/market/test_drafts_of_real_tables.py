"""What a draft says of real tables, and that the shipped markets fit them."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from perla.listings import Kind, Market
from perla.listings.checking import check
from perla.listings.drafting import draft_market
from perla.listings.market_file import read_market, shipped_market, write_market
from perla.listings.proxies import find_price_proxies, mark_price_proxies
from perla.listings.where import filter_rows

DATA = Path(__file__).resolve().parents[2] / "../shared/data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}")


def csv(path: str) -> Callable[[], pd.DataFrame]:
    return lambda: pd.read_csv(DATA / path, dtype=str)


def uk_cars() -> pd.DataFrame:
    parts = [pd.read_csv(p, dtype=str).assign(file=p.stem) for p in sorted((DATA / "cars-uk").glob("*.csv"))]
    return pd.concat([part.rename(columns=str.strip) for part in parts], ignore_index=True)


TABLES: dict[str, Callable[[], pd.DataFrame]] = {
    "homes-medellin": csv("homes-medellin/medellin_properties.csv"),
    "homes-king-county": csv("homes-king-county/kc_house_data.csv"),
    "homes-valencia": lambda: pd.read_parquet(DATA / "homes-valencia/valencia_sale.parquet"),
    "homes-bogota": csv("homes-bogota/bogota_abril2023_processed.csv"),
    "cars-us": csv("cars-us-cars-com/cars.csv"),
    "cars-uk": uk_cars,
    "cars-luxembourg": csv("cars-luxembourg-panel/listings.csv.gz"),
}
EXPECTED: dict[str, tuple[str, str, dict[str, str]]] = {
    "homes-medellin": (
        "price", "COP",
        {"area": "quantity", "stratum": "count", "latitude": "latitude", "neighbourhood": "category",
         "garages": "count", "administration_price": "quantity"},
    ),
    "homes-king-county": (
        "price", "USD",
        {"id": "id", "date": "date", "zipcode": "category", "lat": "latitude", "long": "longitude",
         "waterfront": "yes/no", "sqft_lot": "quantity", "yr_built": "count", "grade": "count"},
    ),
    "homes-valencia": (
        "PRICE", "EUR",
        {"ASSETID": "id", "PERIOD": "date", "HASLIFT": "yes/no", "AMENITYID": "category",
         "FLATLOCATIONID": "category",         "CONSTRUCTEDAREA": "quantity", "BUILTTYPEID_1": "yes/no",
         "PARKINGSPACEPRICE": "quantity", "FLOORCLEAN": "count"},
    ),
    "homes-bogota": (
        "precio", "COP",
        {"codigo": "id", "area_m2": "quantity", "baños": "count", "antiguead": "category", "sauna": "yes/no",
         "barrio": "category", "parqueadero": "count"},
    ),
    "cars-us": (
        "price", "USD",
        {"Unnamed: 0": "ignore", "vin": "id", "dealer_zip": "category", "mileage": "quantity", "year": "count",
         "local_zone": "ignore", "aff_code": "ignore", "price_badge": "ignore", "trim": "category"},
    ),
    "cars-uk": (
        "price", "",
        {"model": "category", "year": "count", "mileage": "quantity", "engineSize": "quantity", "tax": "quantity",
         "file": "category"},
    ),
    "cars-luxembourg": (
        "price", "EUR",
        {"id": "id", "first_registration": "date", "power": "quantity", "created_at": "date", "scraped_date": "ignore",
         "scraped_timestamp": "ignore", "is_active": "ignore", "updated_at": "ignore",
         "title": "text", "model": "category"},
    ),
}  # fmt: skip
PROXIES = {"homes-valencia": ["UNITPRICE"], "cars-us": ["msrp"]}
SAME_THING = {
    "homes-king-county": ("id",), "homes-valencia": ("ASSETID",), "cars-us": ("vin",),
    "cars-luxembourg": ("listing_id",),
}  # fmt: skip


def proxies(market: Market) -> list[str]:
    return [c.name for c in market.columns if c.price_proxy is not None]


@pytest.mark.parametrize("name", TABLES)
def test_a_real_table_is_drafted_rightly_by_itself(name: str):
    price, currency, kinds = EXPECTED[name]
    market = draft_market(TABLES[name](), name).market
    assert (market.price, market.currency) == (price, currency)
    assert {n: market.column(n).kind.value for n in kinds} == kinds
    assert proxies(market) == PROXIES.get(name, [])
    assert market.same_thing == SAME_THING.get(name, ())
    assert read_market(write_market(market), name) == market


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("drafted", [True, False], ids=["drafted", "shipped"])
def test_a_market_keeps_nearly_every_listing_and_cell_of_its_table(name: str, drafted: bool):
    frame = TABLES[name]()
    market = draft_market(frame, name).market if drafted else shipped_market(name)
    listings = check(frame, market)
    implausible = [r for r in listings.rejected if "plausible" in r.reason.en]
    assert len(implausible) < 0.002 * len(frame)
    for column in market.columns:
        hidden = sum(d.column == column.name for d in listings.doubts)
        assert hidden < 0.01 * len(frame), column.name


@pytest.mark.parametrize("name", TABLES)
def test_a_shipped_market_names_the_columns_of_its_table(name: str):
    assert {c.name for c in shipped_market(name).columns} == set(TABLES[name]().columns)


@pytest.mark.parametrize("name", TABLES)
def test_no_column_of_a_shipped_market_gives_the_price_away_unnoticed(name: str):
    market = shipped_market(name)
    assert find_price_proxies(TABLES[name](), market) == {}
    assert mark_price_proxies(TABLES[name](), market, by_name=False) == market


def test_the_absurd_values_of_medellin_lie_outside_a_draft():
    market = draft_market(TABLES["homes-medellin"](), "m").market
    for name, value in (
        ("price", 3.1e12),
        ("price", 1.6e6),
        ("area", 2.35e7),
        ("latitude", -34.5),
        ("longitude", 23.9),
    ):
        column = market.column(name)
        assert column.low is not None and column.high is not None
        assert not column.low <= value <= column.high


def test_ads_with_text_and_nested_features_are_drafted():
    frame = pd.read_json(DATA / "homes-bogota/bogota_apartments_sample250.jsonl", lines=True)
    market = draft_market(frame, "m").market
    assert (market.price, market.currency, market.first(Kind.ID)) == ("precio_venta", "COP", "codigo")
    assert market.column("descripcion").kind is Kind.TEXT and market.column("featured_interior").kind is Kind.TEXT
    assert proxies(market) == ["precio_venta_anterior"]


def test_a_filter_finds_homes_in_laureles():
    frame = TABLES["homes-medellin"]()
    found = filter_rows(frame, "neighbourhood = 'laureles' and stratum >= 5", shipped_market("homes-medellin"))
    assert 0 < found.sum() < len(frame)
    assert set(frame.neighbourhood[found].str.casefold()) == {"laureles"}
