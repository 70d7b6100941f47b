"""Numbers are written as Babel writes them, without asking it each time."""

from __future__ import annotations

from babel.numbers import format_decimal
from hypothesis import example, given
from hypothesis import strategies as st

from perla.words import TOO_LARGE_TO_WRITE_OUT, number

LOCALES = {"COP": "es_CO", "MXN": "es_MX", "USD": "es_US", "EUR": "es_ES", "CLP": "es_CL", "": "es_CO"}
below = st.floats(-TOO_LARGE_TO_WRITE_OUT, TOO_LARGE_TO_WRITE_OUT, exclude_min=True, exclude_max=True)


@given(below | st.integers(-(10**6), 10**14), st.integers(0, 2), st.sampled_from(sorted(LOCALES)))
@example(0.5, 0, "COP")
@example(-0.4, 0, "COP")
@example(2.675, 2, "EUR")
@example(-0.0, 1, "MXN")
def test_a_number_reads_as_babel_writes_it_in_both_languages(value: float, decimals: int, currency: str):
    pattern = "#,##0" + ("." + "#" * decimals if decimals else "")
    written = number(value, decimals, currency)
    assert written.en == format_decimal(value, pattern, locale="en_US")
    assert written.es == format_decimal(value, pattern, locale=LOCALES[currency])
