"""A few cells get the types that many would."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_series_equal

from perla.sources.cells import _typed_few, typed_text

written = st.one_of(
    st.text(alphabet="0123456789.,-+eE \t\n$m²%nax", max_size=9),
    st.integers(-(10**17), 10**17).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.sampled_from(["", " ", "1.228", "950", "01801", " 5 ", "1e400", "-0", "0.0", "\u3000\u0663", "12.500", "á "]),
)  # fmt: skip


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(written, min_size=1, max_size=5))
def test_a_few_texts_are_typed_as_a_column_of_a_file_would_be(texts):
    assert_series_equal(_typed_few(texts), typed_text(pa.chunked_array([pa.array(texts, type=pa.string())])))
