"""Wishes: a direction for each column."""

import pytest

from perla.errors import WishError
from perla.listings import Column, Kind, Market
from perla.listings.wish import DEFAULT_WISH, Wish, parse_wish
from perla.words import Text

HOMES = Market(
    "homes",
    "precio_venta",
    "COP",
    (
        Column("precio_venta", Kind.QUANTITY, "COP", wishable=True, label=Text("price", "precio")),
        Column("Área_m2", Kind.QUANTITY, "m2", wishable=True, label=Text("floor area", "área")),
        Column("km", Kind.QUANTITY, "km", wishable=True, label=Text("mileage", "kilometraje")),
        Column("HASLIFT", Kind.YES_NO, wishable=True, label=Text("lift", "ascensor")),
        Column("rooms", Kind.COUNT, label=Text("rooms", "habitaciones")),
        Column("barrio", Kind.CATEGORY),
        Column("codigo", Kind.ID),
        Column("descripcion", Kind.TEXT),
        Column("precio_m2", Kind.QUANTITY, wishable=True, price_proxy=Text("the price per area", "el precio por área")),
    ),
)


def directions(text: str) -> tuple[tuple[str, int], ...]:
    return parse_wish(text, HOMES).directions


def refusal(text: str) -> str:
    with pytest.raises(WishError) as caught:
        parse_wish(text, HOMES)
    assert caught.value.text("es") != str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (DEFAULT_WISH, (("precio_venta", -1),)),
        ("price low, area m2 high", (("precio_venta", -1), ("Área_m2", 1))),
        ("price:low,Área_m2:high", (("precio_venta", -1), ("Área_m2", 1))),
        ("precio bajo, área alta", (("precio_venta", -1), ("Área_m2", 1))),
        ("PRECIO BAJO; kilometraje menor", (("precio_venta", -1), ("km", -1))),
        ("low price, high floor area", (("precio_venta", -1), ("Área_m2", 1))),
        ("precio_venta = low", (("precio_venta", -1),)),
        ("price-, mileage -", (("precio_venta", -1), ("km", -1))),
        ('"floor area" high', (("Área_m2", 1),)),
        ("lift high", (("HASLIFT", 1),)),
        ("price low, price low", (("precio_venta", -1),)),
        ("  price   low , ", (("precio_venta", -1),)),
    ],
)
def test_a_wish_is_read_in_both_languages(text: str, expected: tuple[tuple[str, int], ...]):
    assert directions(text) == expected


def test_a_wish_is_described_in_both_languages():
    said = parse_wish("price low, area_m2 high", HOMES).describe()
    assert said.en == "price below what is expected, floor area above what is expected"
    assert said.es == "precio por debajo de lo esperado, área por encima de lo esperado"


def test_a_wish_tells_the_direction_of_each_column():
    wish = parse_wish("price low", HOMES)
    assert (wish.direction("precio_venta"), wish.direction("km")) == (-1, 0)
    assert wish == Wish((("precio_venta", -1),))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "empty"),
        (" , ;", "empty"),
        ("price", "low or high"),
        ("price lowish", "low or high"),
        ("low", "low or high"),
        ("price low, price high", "both low and high"),
        ("floor aera high", "Did you mean 'Área_m2'"),
        ("xyzzy low", "It can be about: precio_venta, Área_m2, km, HASLIFT"),
        ("barrio high", "a category"),
        ("codigo low", "an id"),
        ("descripcion low", "free text"),
        ("rooms high", "may be wished for"),
        ("precio_m2 low", "gives the price away (the price per area)"),
    ],
)
def test_a_wish_that_cannot_be_fulfilled_is_refused(text: str, part: str):
    assert part in refusal(text)
