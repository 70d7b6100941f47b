"""Columns that give the price away, and those that only look like it."""

import numpy as np
import pandas as pd
import pytest

from perla.listings import Column, Kind, Market
from perla.listings.proxies import find_price_proxies, mark_price_proxies, proxy_by_name


def homes(rows: int = 400) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    area = np.exp(rng.normal(4.4, 0.4, rows)).round(1)
    price = (area * np.exp(rng.normal(15, 0.3, rows))).round(-5)
    return pd.DataFrame({"price": price, "area": area, "rooms": rng.integers(1, 6, rows).astype(float)})


def market(frame: pd.DataFrame, **units: str) -> Market:
    columns = tuple(Column(n, Kind.QUANTITY, units.get(n, ""), wishable=True) for n in frame)
    return Market("homes", "price", "COP", columns)


def found(frame: pd.DataFrame, **units: str) -> dict[str, str]:
    return {name: str(why) for name, why in find_price_proxies(frame, market(frame, area="m2", **units)).items()}


@pytest.mark.parametrize(
    "name",
    [
        "UNITPRICE", "precio_m2", "price_per_m2", "PricePerSqft", "valor_m2", "price/ft2", "cuota", "monthly_payment",
        "valor cuota", "price_drop", "descuento", "discount_percent", "price_old", "previous_price", "precio_anterior",
        "precio_venta_anterior", "original_price", "price_usd", "precio_eur", "predicted_price", "zestimate",
        "valor_estimado", "price_raw", "market_value",
    ],
)  # fmt: skip
def test_a_name_can_say_that_a_column_gives_the_price_away(name: str):
    assert proxy_by_name(name) is not None


@pytest.mark.parametrize("name", ["price_badge", "deal_rating", "price_rating", "deal badge", "price_drop_text"])
def test_a_badge_gives_the_price_away(name: str):
    assert proxy_by_name(name, Kind.CATEGORY) is not None


@pytest.mark.parametrize(
    "name",
    [
        "area", "administration_price", "administracion", "cuota_administracion", "PARKINGSPACEPRICE", "tax", "tax(£)",
        "ISPARKINGSPACEINCLUDEDINPRICE", "precio_arriendo", "year", "mileage", "price_currency", "fecha_precio",
        "hoa_fee", "avaluo_catastral", "first_registration", "power",
    ],
)  # fmt: skip
def test_a_fee_a_tax_or_an_area_is_honest(name: str):
    assert proxy_by_name(name) is None


def test_offering_finance_says_nothing_of_the_price():
    assert proxy_by_name("Doy.financiamiento", Kind.YES_NO) is None


def test_a_price_divided_by_an_area_is_found_by_its_numbers():
    frame = homes()
    frame["x"] = (frame.price / frame.area).round(2)
    assert found(frame) == {"x": "the price divided by area"}


def test_a_nearly_equal_amount_is_found_even_where_only_some_rows_have_it():
    frame = homes()
    rng = np.random.default_rng(1)
    frame["msrp"] = frame.price * np.exp(rng.normal(0.2, 0.3, len(frame)))
    new = frame.index < 120
    frame.loc[new, "msrp"] = frame.price[new] * 1.01
    frame.loc[frame.index > 330, "msrp"] = 0
    assert list(found(frame)) == ["msrp"]


def test_an_amount_that_moves_with_the_price_is_found():
    frame = homes()
    frame["amount"] = frame.price / 120 * 1.07
    assert found(frame) == {"amount": "moves exactly with the price"}


def test_cells_as_they_were_read_are_understood():
    frame = homes().astype(str)
    frame["amount"] = [f"$ {float(p):,.0f}" for p in frame.price]
    assert list(found(frame)) == ["amount"]


def test_what_follows_the_price_honestly_is_kept():
    frame = homes()
    rng = np.random.default_rng(2)
    frame["administracion"] = (frame.price * 0.001 * np.exp(rng.normal(0, 0.15, len(frame)))).round(-3)
    frame["tax"] = (frame.price * 0.005 * np.exp(rng.normal(0, 0.1, len(frame)))).round()
    frame["year"] = rng.integers(1980, 2020, len(frame)).astype(float)
    assert found(frame) == {}


def test_an_area_is_kept_even_where_the_price_is_exactly_so_much_per_m2():
    frame = homes()
    frame["price"] = frame.area * 5_000_000
    frame["plot"] = frame.area * 2
    assert found(frame, plot="m2") == {}


def test_the_price_of_a_parking_space_is_not_the_price_of_the_home():
    frame = homes()
    frame["PARKINGSPACEPRICE"] = np.where(frame.index % 20 == 0, 25_001.0, 1.0)
    assert found(frame) == {}


def test_few_rows_prove_nothing():
    frame = homes(3)
    frame["x"] = frame.price
    assert found(frame) == {}


@pytest.mark.parametrize("prices", [0.0, 100.0, float("nan")])
def test_a_price_that_never_changes_proves_nothing(prices: float):
    frame = homes()
    frame["x"] = frame.price
    frame["price"] = prices
    assert found(frame) == {}


def test_columns_the_models_never_see_are_not_accused():
    frame = homes()
    frame["code"] = frame.price
    columns = (Column("price", Kind.QUANTITY), Column("code", Kind.IGNORE))
    assert find_price_proxies(frame, Market("m", "price", "COP", columns)) == {}


def test_in_a_market_a_person_wrote_only_numbers_accuse():
    frame = homes().assign(old_price=1.0, x=lambda f: f.price * 1.001)
    marked = mark_price_proxies(frame, market(frame, area="m2"), by_name=False)
    assert [c.name for c in marked.columns if c.price_proxy is not None] == ["x"]
    assert not marked.column("x").wishable and marked.column("old_price").wishable
