"""Market files: read, written, and every mistake named."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perla.errors import MarketFileError
from perla.listings import Column, Kind, Market
from perla.listings.floors import Floors, Rule
from perla.listings.market_file import (
    COLUMN_KEYS,
    COMPOUND_UNITS,
    GATE_KEYS,
    TABLE_KEYS,
    read_market,
    shipped_market,
    shipped_markets,
    write_market,
)
from perla.words import Text

HOMES = """
name = "homes"
title = { en = "Homes", es = "Viviendas" }
currency = "COP"
price = "precio"
price_range = [30_000_000, 20_000_000_000]
same_thing = ["codigo"]
[columns.precio]
is = "quantity"
label = { en = "price", es = "precio" }
[columns."área m2"]
is = "quantity"
unit = "m²"
range = [15, inf]
wish = true
[columns.codigo]
is = "id"
[columns.cuota]
is = "quantity"
gives_price_away = "an instalment"
"""
DOCS = Path(__file__).resolve().parents[3] / "docs" / "market-files.md"


def refusal(text: str) -> str:
    with pytest.raises(MarketFileError) as caught:
        read_market(text, "homes.toml")
    assert caught.value.text("es") != caught.value.text("en")
    return str(caught.value)


def test_a_market_file_says_what_each_column_means():
    market = read_market(HOMES, "folder/homes.toml")
    area = market.column("área m2")
    assert (market.name, market.price, market.currency, market.price_high) == ("homes", "precio", "COP", 2e10)
    assert (area.kind, area.unit, area.low, area.high, area.wishable) == (Kind.QUANTITY, "m2", 15.0, None, True)
    assert market.column("cuota").price_proxy == Text("an instalment", "an instalment")
    assert market.column("precio") == Column("precio", Kind.QUANTITY, "COP", 3e7, 2e10, True, Text("price", "precio"))


def test_the_price_need_not_be_described_as_a_column():
    market = read_market('price = "p"\ncurrency = "EUR"\nprice_range = [1, 9]\n', "folder/cars.toml")
    assert market.columns == (Column("p", Kind.QUANTITY, "EUR", 1.0, 9.0, True),)
    assert market.name == "cars"


def test_a_written_market_reads_back_the_same():
    market = read_market(HOMES, "homes.toml")
    assert read_market(write_market(market), "again.toml") == market


NAMES = st.text(min_size=1, max_size=12).filter(lambda n: not any(0xD800 <= ord(c) <= 0xDFFF for c in n))


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=5, unique=True), NAMES)
def test_any_column_name_and_label_survive_writing(names: list[str], label: str):
    columns = tuple(Column(n, Kind.QUANTITY, "km", -0.5, 1e22, True, Text(label, n)) for n in names)
    price = Column("the price", Kind.QUANTITY, "EUR", wishable=True)
    market = Market("m", "the price", "EUR", (price, *(c for c in columns if c.name != price.name)), Text(label, label))
    assert read_market(write_market(market), "m.toml") == market


def test_an_unknown_key_names_the_closest_one_and_its_line():
    message = refusal(HOMES.replace('unit = "m²"', 'units = "m2"'))
    assert "line 13" in message and "units" in message and "did you mean 'unit'" in message
    assert "did you mean 'currency'" in refusal('price = "p"\ncurency = "COP"\n')


def test_an_unknown_kind_names_the_closest_one():
    message = refusal('price = "p"\n[columns.barrio]\nis = "categry"\n')
    assert "homes.toml, line 3, [columns.barrio] is" in message and "did you mean 'category'" in message


def test_a_second_price_column_is_refused():
    assert "price" in refusal('price = ["a", "b"]\n')
    assert 'price = "..." at the top' in refusal('price = "a"\n[columns.b]\nis = "price"\n')
    assert "must name the price column" in refusal('currency = "COP"\n')


def test_an_unknown_unit_names_the_closest_one():
    assert "did you mean 'mpg'" in refusal('price = "p"\n[columns.a]\nis = "quantity"\nunit = "mgp"\n')


@pytest.mark.parametrize("kind", ["count", "category", "yes/no", "date", "id"])
def test_only_a_quantity_has_a_unit(kind: str):
    assert "unit" in refusal(f'price = "p"\n[columns.a]\nis = "{kind}"\nunit = "m2"\n')


@pytest.mark.parametrize(
    "unit", ["m2", "ft2", "ha", "km", "mi", "kW", "hp", "PS", "cc", "L", "mpg", "%", "years", "COP"]
)
def test_the_usual_units_are_known(unit: str):
    text = f'price = "p"\n[columns.a]\nis = "quantity"\nunit = "{unit}"\n'
    assert read_market(text, "x").column("a").unit == unit


@pytest.mark.parametrize("unit", COMPOUND_UNITS)
def test_compound_units_are_known(unit: str):
    assert read_market(f'price = "p"\n[columns.a]\nis = "quantity"\nunit = "{unit}"\n', "x").column("a").unit == unit


@pytest.mark.parametrize("bounds", ["[5, 2]", "[3, 3]", "[1]", '["a", "b"]', "7", "[nan, 2]", "[true, false]"])
def test_a_range_that_nothing_can_lie_in_is_refused(bounds: str):
    assert "range" in refusal(f'price = "p"\n[columns.a]\nis = "quantity"\nrange = {bounds}\n')


def test_a_latitude_beyond_the_poles_is_refused():
    assert "[-90, 90]" in refusal('price = "p"\n[columns.a]\nis = "latitude"\nrange = [0, 100]\n')


@pytest.mark.parametrize(
    "line",
    ['wish = "yes"', "label = 3", 'label = { en = "a" }', "unit = 5", "gives_price_away = true", "is = 1"],
)
def test_a_value_of_the_wrong_type_is_refused(line: str):
    key = line.split(" ", maxsplit=1)[0]
    kind = "" if key == "is" else 'is = "quantity"\n'
    assert f"[columns.a] {key}" in refusal(f'price = "p"\n[columns.a]\n{kind}{line}\n')


def test_words_cannot_be_wished_for():
    assert "wish" in refusal('price = "p"\n[columns.a]\nis = "category"\nwish = true\n')


def test_a_currency_is_a_code_of_three_letters():
    assert read_market('price = "p"\ncurrency = "chf"\n', "x").currency == "CHF"
    assert read_market('price = "p"\ncurrency = "THB"\n', "x").currency == "THB"
    assert "currency" in refusal('price = "p"\ncurrency = "pesos"\n')


def test_same_thing_names_a_described_column():
    assert "did you mean 'codigo'" in refusal(HOMES.replace('["codigo"]', '["codgo"]'))


def test_a_file_that_is_no_toml_names_the_line():
    assert "line 2" in refusal('price = "p"\nthis is not toml\n')
    assert "TOML" in refusal("a = " + "[" * 5000)


def test_a_column_described_twice_is_refused():
    assert "homes.toml" in refusal('price = "p"\n[columns.a]\nis = "id"\n[columns.a]\nis = "id"\n')


def test_an_unknown_shipped_market_names_the_closest():
    with pytest.raises(MarketFileError, match="Did you mean 'homes-medellin'"):
        shipped_market("homes-medelin")


@pytest.mark.parametrize("name", shipped_markets())
def test_every_shipped_market_is_complete_in_both_languages(name: str):
    market = shipped_market(name)
    assert market.name == name and market.title is not None and market.currency
    assert market.price_low is not None and market.price_high is not None
    assert all(c.label is not None for c in market.columns if c.modelled), "a column without a label"
    assert read_market(write_market(market), name) == market


GATE = """price = "p"
[gate]
r2 = 0.8
mdape = 0.12
coverage = [0.85, 0.95]
median_ratio = [0.9, 1.1]
cod = 20
listings = 100
better = "not worse"
margin = 0.01
[columns.a]
is = "id"
"""


def test_a_market_file_says_what_a_model_must_reach():
    market = read_market(GATE, "x")
    assert market.floors == Floors(0.8, 0.12, (0.85, 0.95), (0.9, 1.1), 20.0, 100, Rule.NOT_WORSE, 0.01)
    assert read_market(write_market(market), "x") == market
    assert read_market('price = "p"\n', "x").floors == Floors()


@pytest.mark.parametrize(
    "line",
    ["r2 = 1.2", 'r2 = "0.9"', "r2 = nan", "mdape = -1", "coverage = 0.9", "coverage = [0.9, 0.8]", "coverage = [0, 2]",
     "median_ratio = [1.05]", "cod = true", "listings = 0", "listings = 1.5", 'better = "best"', "margin = 2"],
)  # fmt: skip
def test_a_floor_that_makes_no_sense_is_refused_with_its_line(line: str):
    key = line.split(" ", maxsplit=1)[0]
    assert f"homes.toml, line 4, [gate] {key}: " in refusal(f'price = "p"\n[gate]\n\n{line}\n')


def test_an_unknown_floor_names_the_closest_one():
    assert "did you mean 'median_ratio'" in refusal('price = "p"\n[gate]\nmedian_ration = [1, 2]\n')
    assert "[gate]" in refusal('gate = 3\nprice = "p"\n')


def documented_keys(heading: str) -> set[str]:
    section = DOCS.read_text(encoding="utf-8").split(f"## {heading}")[1].split("\n## ")[0]
    return {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")}


def test_the_documented_keys_are_the_keys():
    assert documented_keys("Keys of the table") == set(TABLE_KEYS)
    assert documented_keys("Keys of a column") == set(COLUMN_KEYS)
    assert documented_keys("Keys of the gate") == set(GATE_KEYS)
    assert documented_keys("What a column is") == {k.value for k in Kind}


def test_the_documented_example_reads():
    example = DOCS.read_text(encoding="utf-8").split("```toml\n")[1].split("```")[0]
    assert read_market(example, "example").column("area").unit == "m2"
