"""Cells become texts and come back as they were."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perla.history.cells import Cell, Layout, digests, read_cells, read_layout, stack, write_cells

WORDS = st.one_of(
    st.none(), st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00\x1f"), min_size=1)
)
WHOLE = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))
DECIMAL = st.floats(allow_infinity=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(WORDS, WHOLE, DECIMAL, st.booleans(), st.one_of(WORDS, st.integers(), st.booleans())),
                min_size=1, max_size=6))  # fmt: skip
def test_every_table_comes_back_cell_by_cell(rows):
    words, whole, decimal, truth, mixed = map(list, zip(*rows, strict=True))
    frame = pd.DataFrame({
        "w": pd.Series(words, dtype="str"), "n": pd.array(whole, dtype="Int64"), "d": decimal, "t": truth,
        "m": pd.Series(mixed, dtype=object),
    })  # fmt: skip
    layout, texts = write_cells(frame)
    back = read_cells(read_layout(layout.written()), texts)
    assert back["w"].tolist() == frame["w"].tolist() or back["w"].equals(frame["w"])
    pd.testing.assert_series_equal(back["n"].astype("Int64"), frame["n"])
    np.testing.assert_array_equal(back["d"].to_numpy(), frame["d"].to_numpy())
    assert back["t"].tolist() == truth and back["m"].tolist() == mixed


def test_an_empty_text_counts_as_missing_and_separators_become_blanks():
    layout, texts = write_cells(pd.DataFrame({"a": ["", "x\x1fy\x00z"], "b": [1, 2]}))
    assert read_cells(layout, texts)["a"].isna().tolist() == [True, False]
    assert read_cells(layout, texts)["a"][1] == "x y z"


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_times_keep_their_moment(unit):
    times = pd.Series(pd.to_datetime(["2026-03-01 12:30:05", None])).astype(f"datetime64[{unit}]")
    layout, texts = write_cells(pd.DataFrame({"t": times, "z": times.dt.tz_localize("UTC")}))
    back = read_cells(layout, texts)
    assert back["t"].tolist()[0] == times[0] and back["z"].tolist()[0] == times[0] and back["t"].isna()[1]


def test_a_table_without_rows_or_columns_is_no_trouble():
    layout, texts = write_cells(pd.DataFrame({"a": pd.Series(dtype="str"), "b": pd.Series(dtype="float64")}))
    assert read_cells(layout, texts).shape == (0, 2)
    layout, texts = write_cells(pd.DataFrame(index=range(3)))
    assert read_cells(layout, texts).shape == (3, 0)


def test_texts_that_do_not_fit_their_layout_are_refused():
    _, texts = write_cells(pd.DataFrame({"a": ["x"], "b": ["y"]}))
    with pytest.raises(ValueError, match="must be 3 pieces"):
        read_cells(Layout((("a", Cell.TEXT), ("b", Cell.TEXT), ("c", Cell.TEXT))), texts)


def test_digests_differ_by_text_and_by_salt():
    _, texts = write_cells(pd.DataFrame({"a": ["x", "y", "x"]}))
    plain, salted = digests(texts), digests(texts, "salt")
    assert plain[0] == plain[2] != plain[1] and plain[0] != salted[0]


def test_stacked_tables_keep_numbers_where_all_are_numbers():
    found = stack([pd.DataFrame({"a": [1], "b": [2]}), pd.DataFrame({"a": [1.5], "c": ["x"]})])
    assert found["a"].dtype == "float64" and found["b"].isna().tolist() == [False, True]
    assert list(found.columns) == ["a", "b", "c"]
