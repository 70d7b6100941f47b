"""The filter language."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perla.errors import WhereError
from perla.listings import Column, Kind, Market
from perla.listings.where import LONGEST_EXPRESSION, filter_rows
from perla.words import Text

HOMES = pd.DataFrame({
    "neighbourhood": ["Laureles", "Belén", None, "El Poblado"],
    "stratum": [5.0, 3.0, 4.0, float("nan")],
    "price": [450e6, 120e6, 1e6, 900e6],
    "Único dueño": [1.0, 0.0, float("nan"), 0.0],
    "zip": ["98001", "98002", None, "98004"],
    "sold": pd.to_datetime(["2023-01-05", "2023-02-05", None, "2024-01-01"]),
    "ad": ["Casa con vista", "a 50% b", "tres_cuartos", None],
    "seen": [1, 2, 3, 4],
})  # fmt: skip
MARKET = Market(
    "homes",
    "price",
    "COP",
    (
        Column("neighbourhood", Kind.CATEGORY, label=Text("neighbourhood", "barrio")),
        Column("stratum", Kind.COUNT, label=Text("stratum", "estrato")),
        Column("price", Kind.QUANTITY, "COP"),
        Column("Único dueño", Kind.YES_NO),
        Column("zip", Kind.CATEGORY),
        Column("sold", Kind.DATE),
        Column("ad", Kind.TEXT),
        Column("seen", Kind.IGNORE),
    ),
)


def rows(expression: str, frame: pd.DataFrame = HOMES) -> list[int]:
    found = filter_rows(frame, expression, MARKET)
    assert found.dtype == bool and found.index.equals(frame.index)
    return [i for i, hit in enumerate(found) if hit]


def refusal(expression: str) -> str:
    with pytest.raises(WhereError) as caught:
        filter_rows(HOMES, expression, MARKET)
    assert caught.value.text("es")
    return str(caught.value)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("neighbourhood = 'Laureles' and stratum >= 4", [0]),
        ("neighbourhood == 'LAURELES'", [0]),
        ("neighbourhood = 'belen'", [1]),
        ("barrio = 'Belén' o barrio = 'Laureles'", [0, 1]),
        ("NEIGHBOURHOOD IN (\"belen\", 'El Poblado')", [1, 3]),
        ("neighbourhood not in ('belen')", [0, 3]),
        ("neighbourhood <> 'belen'", [0, 3]),
        ("neighbourhood is null", [2]),
        ("stratum is not null", [0, 1, 2]),
        ("stratum between 3 and 4", [1, 2]),
        ("stratum not between 3 and 4", [0]),
        ("estrato entre 3 y 4 y price < 2e8", [1, 2]),
        ("(stratum = 3 or stratum = 4) and not price < 100_000_000", [1]),
        ("stratum = 3 or stratum = 5 and price < 1", [1]),
        ("price <= 450000000", [0, 1, 2]),
        ("precio > 450000000", [3]),
        ("`Único dueño`", [0]),
        ('"unico dueno" = no', [1, 3]),
        ("not `Único dueño`", [1, 3]),
        ("zip = 98001", [0]),
        ("zip in ('98002', 98004)", [1, 3]),
        ("sold >= '2023-02-01'", [1, 3]),
        ("sold < '2023-12-31' and sold is not null", [0, 1]),
        ("ad like '%VISTA'", [0]),
        ("ad like 'a 50[%'", []),
        ("ad como 'tres_cuartos'", [2]),
        ("neighbourhood not like '%l%'", []),
        ("seen >= 3", [2, 3]),
    ],
)
def test_a_filter_keeps_the_listings_it_describes(expression: str, expected: list[int]):
    assert rows(expression) == expected


def test_cells_as_they_were_read_are_compared_as_what_they_mean():
    read = pd.DataFrame({"price": ["$ 450.000.000", "120.000.000"], "stratum": ["5", ""], "neighbourhood": ["a", "b"]})
    assert rows("price > 200000000", read) == [0]
    assert rows("stratum < 9", read) == [0]


def test_a_missing_value_matches_nothing_but_is_null():
    assert 2 not in rows("neighbourhood = 'belen'") + rows("not neighbourhood = 'belen'")
    assert 3 not in rows("stratum > 1 or stratum <= 1")
    assert rows("not (stratum > 4 and neighbourhood = 'Laureles')") == [1, 2, 3]


def test_an_unknown_column_names_the_closest():
    assert "did you mean 'stratum'" in refusal("stratun > 4")
    assert "It has: neighbourhood" in refusal("xyzzy = 1")


def test_an_unknown_value_of_a_category_names_the_closest():
    assert refusal("neighbourhood = 'Laurels'") == "neighbourhood has no 'Laurels'; did you mean 'Laureles'?"
    with pytest.raises(WhereError) as caught:
        filter_rows(HOMES, "barrio in ('x')", MARKET)
    assert caught.value.text("es").startswith("neighbourhood no tiene 'x'")
    assert "'Laureles'?" in refusal("neighbourhood != 'Laurels'")


def test_a_number_that_never_occurs_is_an_empty_answer():
    assert rows("stratum = 6") == []


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("neighbourhood < 4", "has no order"),
        ("ad >= 'a'", "has no order"),
        ("stratum > 'many'", "a number"),
        ("sold > 'soon'", "a date"),
        ("stratum like '3%'", "like is for texts"),
        ("stratum", "may stand alone"),
        ("`Único dueño` = maybe", "yes or no"),
        ("", "empty"),
        ("neighbourhood =", "at its end"),
        ("price < 450.000.000", "write numbers plain"),
        ("stratum = 4 4", "cannot be understood"),
        ("4 < stratum", "cannot be understood"),
        ("stratum = 4 and", "at its end"),
        ("(stratum = 4", "at its end"),
        ("stratum > 4; drop table homes", "cannot be understood"),
        ("__import__('os').system('ls')", "cannot be understood"),
        ("@frame.shape[0] > 1", "cannot be understood"),
        ("stratum = 4 # comment", "cannot be understood"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(expression: str, part: str):
    assert part in refusal(expression)


def test_deep_nesting_is_no_problem_and_endless_text_is_refused():
    assert rows("(" * 500 + "stratum = 3" + ")" * 500) == [1]
    assert rows("not " * 400 + "stratum = 3") == [1]
    assert str(LONGEST_EXPRESSION) not in refusal("stratum = ")
    with pytest.raises(WhereError, match="2000"):
        filter_rows(HOMES, "stratum = " + "1" * LONGEST_EXPRESSION, MARKET)


def test_a_pattern_of_many_stars_is_answered():
    frame = pd.DataFrame({"ad": ["a" * 5000] * 20})
    assert not filter_rows(frame, "ad like '" + "%a" * 200 + "b'", MARKET).any()


@pytest.mark.parametrize("kind", ["str", "category"])
@pytest.mark.parametrize(
    "expression",
    ["place = 'BELEN'", "place != 'Belén'", "place in ('belén', 'El Poblado')", "place like '%bel%'", "place is null",
     "not place is null", "place = 'Laureles' or place is null"],
)  # fmt: skip
def test_words_kept_as_words_or_as_codes_are_filtered_as_the_cells_they_were(kind: str, expression: str):
    cells = pd.Series(["Laureles", " Belén ", "N/A", None, "", "belen", "El Poblado", "-"], dtype=object)
    market = Market("m", "price", "COP", (Column("place", Kind.CATEGORY),))
    as_read = filter_rows(pd.DataFrame({"place": cells}), expression, market)
    assert filter_rows(pd.DataFrame({"place": cells.astype(kind)}), expression, market).tolist() == as_read.tolist()
    assert as_read.any() and not as_read.all()


def test_an_empty_table_matches_nothing():
    assert rows("neighbourhood = 'Nowhere'", HOMES.iloc[:0]) == []


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="stratum neighbourhood='\"`()<>!andornotinlike%.,0123é\n;", max_size=60))
def test_any_text_is_answered_or_refused_in_words(expression: str):
    try:
        assert len(filter_rows(HOMES, expression, MARKET)) == len(HOMES)
    except WhereError as refused:
        assert refused.text("es") and "\n" not in str(refused).replace(expression, "")
