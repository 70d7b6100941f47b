"""Numbers, yes and no, and dates as people write them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perla.listings.dates import parse_dates
from perla.listings.numbers import Convention, is_empty, parse_numbers, parse_yes_no
from perla.listings.units import conversion, known_unit


def read(*cells: object, unit: str = "") -> list[float]:
    return parse_numbers(pd.Series(list(cells)), unit).values.tolist()


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (["$ 450.000.000", "$1.200.000"], [450e6, 1.2e6]),
        (["450,000,000", "95,000"], [450e6, 95e3]),
        (["120.000 km", "95.500 km"], [120e3, 95_500]),
        (["12,5 m²", "80 m2"], [12.5, 80]),
        (["85 kW (116 PS)", "100 kW (136 PS)"], [85, 100]),
        (["€ 12.500,-", "€ 9.900,-"], [12_500, 9_900]),
        (["450 millones", "350 MM", "1,2 M"], [450e6, 350e6, 1.2e6]),
        (["$ 1.2M", "$ 850k"], [1.2e6, 850e3]),
        (["12 mil", "3 mil millones"], [12e3, 3e9]),
        (["10%", "5,5 %"], [10, 5.5]),
        (["1'234'567", "1 234 567", "1\u00a0234\u202f567"], [1_234_567] * 3),
        (["٣٤٥", "１２"], [345, 12]),
        (["(450)", "450-", "-450", "−450"], [-450] * 4),
        (["1e5", "2.5e-3"], [1e5, 0.0025]),
        (["3 habitaciones", "2 alcobas", "4"], [3, 2, 4]),
        (["\u200f450\u200f km", "\ufeff12 km"], [450, 12]),
    ],
)
def test_numbers_are_read_as_people_write_them(cells: list[str], values: list[float]) -> None:
    parsed = parse_numbers(pd.Series(cells))
    assert parsed.values.tolist() == pytest.approx(values)
    assert not parsed.unreadable.any()


def test_a_lone_separator_is_thousand_or_decimal_for_the_whole_column() -> None:
    assert read("1.228", "950", "2.450") == [1228, 950, 2450]
    assert read("1.228", "0.5", "12.25") == [1.228, 0.5, 12.25]
    assert read("1,228", "12.5") == [1228, 12.5]
    assert read("1.228", "12,5") == [1228, 12.5]
    assert read("1.228", "1500", "2.741") == [1.228, 1500, 2.741]


def test_one_slip_does_not_turn_a_column_of_thousands_into_decimals() -> None:
    cells = [f"{n}.{n + 100}" for n in range(100, 200)]
    parsed = parse_numbers(pd.Series([*cells, "12.5"]))
    assert parsed.convention is Convention.COMMA
    assert parsed.values.iloc[0] == 100_200
    assert parsed.values.iloc[-1] == 12.5


@given(st.lists(st.integers(min_value=1, max_value=10**13), min_size=1, max_size=30))
def test_grouped_whole_numbers_come_back_whatever_the_separator(numbers: list[int]) -> None:
    for mark in ".,' ":
        cells = [f"{n:,}".replace(",", mark) for n in [*numbers, 1_000_000]]
        assert read(*cells) == [*numbers, 1_000_000]


@given(st.lists(st.one_of(st.text(max_size=90), st.floats(), st.integers(), st.none(), st.booleans()), max_size=20))
def test_any_cells_give_finite_numbers_or_missing(cells: list[object]) -> None:
    parsed = parse_numbers(pd.Series(cells, dtype=object))
    assert parsed.values.dtype == np.float64
    assert not np.isinf(parsed.values).any()
    assert not (parsed.unreadable & parsed.values.notna()).any()


@pytest.mark.parametrize(
    "cell", ["", " ", "-", "N/A", "null", "None", "sin dato", "NaN", "inf", "-Infinity", "consultar"]
)
def test_words_for_nothing_are_missing_and_not_unreadable(cell: str) -> None:
    parsed = parse_numbers(pd.Series([cell, "5"]))
    assert math.isnan(parsed.values[0])
    assert not parsed.unreadable.any()


@pytest.mark.parametrize(
    "cell",
    [
        "hola",
        "A1",
        "4x4",
        "12 Main St",
        "2018-03-01",
        "Entre 0 y 5 años",
        "=cmd()",
        "<script>1</script>",
        "😀",
        "1e999",
    ],
)
def test_text_that_is_no_number_is_unreadable(cell: str) -> None:
    assert parse_numbers(pd.Series([cell, "5", "6", "7"])).unreadable.tolist() == [True, False, False, False]


def test_cells_in_another_unit_are_converted_to_the_one_most_cells_have() -> None:
    parsed = parse_numbers(pd.Series(["100 km", "50 km", "10 mi", "70"]))
    assert parsed.unit == "km"
    assert parsed.values.tolist() == pytest.approx([100, 50, 16.09344, 70])
    assert read("1000 sq ft", "900 sqft", unit="m2") == pytest.approx([92.90304, 83.612736])


def test_another_currency_is_never_taken_for_the_columns_own() -> None:
    parsed = parse_numbers(pd.Series(["$ 400.000.000", "$ 350.000.000", "US$ 120.000"]))
    assert parsed.unreadable.tolist() == [False, False, True]
    assert parse_numbers(pd.Series(["450.000.000", "USD 90.000"]), "COP").unreadable.tolist() == [False, True]


def test_numbers_stay_numbers_whatever_their_dtype() -> None:
    for dtype in ("int64", "Int64", "float32", "bool", "Float64"):
        assert parse_numbers(pd.Series([1, 0], dtype=dtype)).values.tolist() == [1.0, 0.0]
    assert read(1, "2", 3.5, None, float("inf"))[:3] == [1, 2, 3.5]
    assert parse_numbers(pd.Series(["1", "2,5"], dtype="category")).values.tolist() == [1, 2.5]
    assert read() == []


def test_yes_and_no_are_read_in_several_languages() -> None:
    cells = pd.Series(
        ["Sí", "si", "YES", "ja", "x", "true", "1", "1.0", "No", "nein", "0", "false", "", None, "tal vez"]
    )
    parsed = parse_yes_no(cells)
    assert parsed.values[:12].tolist() == [1.0] * 8 + [0.0] * 4
    assert parsed.values[12:].isna().all()
    assert parsed.unreadable.tolist() == [False] * 14 + [True]
    assert parse_yes_no(pd.Series([1, 0, 2])).unreadable.tolist() == [False, False, True]


def test_units_have_one_name_and_convert_only_within_what_they_measure() -> None:
    assert [u.name for u in map(known_unit, ["m²", "Mts2", "km.", "PS", "£"]) if u] == ["m2", "m2", "km", "PS", "GBP"]
    assert conversion("kW", "km") is None
    assert conversion("EUR", "COP") is None


def test_empty_cells_are_known_in_any_column() -> None:
    assert is_empty(pd.Series(["Laureles", "", " n/a ", None, "sin información"])).tolist() == [
        False,
        True,
        True,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (["20141013T000000", "2025-07-08T04:35:13.335975"], ["2014-10-13", "2025-07-08"]),
        (["05-2020", "12/2019"], ["2020-05-01", "2019-12-01"]),
        (["13/04/2023", "05/04/2023"], ["2023-04-13", "2023-04-05"]),
        (["04/13/2023", "05/04/2023"], ["2023-04-13", "2023-05-04"]),
        (["Mon Apr  3 03:34:00 2023", "3 de abril de 2023"], ["2023-04-03", "2023-04-03"]),
        (["03-abr-2023", "Abr 2023"], ["2023-04-03", "2023-04-01"]),
        ([201803, 201812], ["2018-03-01", "2018-12-01"]),
        (["20180331", "2018"], ["2018-03-31", "2018-01-01"]),
        ([1751949313], ["2025-07-08"]),
        (["2023-06-19T23:43:49-05:00"], ["2023-06-20"]),
    ],
)
def test_dates_are_read_as_people_and_machines_write_them(cells: list[object], days: list[str]) -> None:
    parsed = parse_dates(pd.Series(cells))
    assert parsed.values.dt.strftime("%Y-%m-%d").tolist() == days
    assert not parsed.unreadable.any()


def test_what_is_no_date_is_unreadable_and_an_empty_cell_is_missing() -> None:
    parsed = parse_dates(pd.Series(["2020-13-45", "=cmd()", "45 de mayo 2020", "", "N/A", "nuevo", None]))
    assert parsed.values.isna().all()
    assert parsed.unreadable.tolist() == [True] * 3 + [False] * 4
    assert parse_dates(pd.Series([1e30, np.inf, np.nan])).unreadable.tolist() == [True, False, False]


@given(
    st.lists(
        st.one_of(st.text(max_size=60), st.none(), st.from_regex(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}")), max_size=10
    )
)
@example(cells=["❶ de enero de 2020"])
def test_any_cells_give_dates_or_missing(cells: list[object]) -> None:
    assert str(parse_dates(pd.Series(cells, dtype=object)).values.dtype) == "datetime64[us]"
