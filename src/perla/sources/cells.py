"""Cells as a file holds them -> typed columns: numbers only where every cell plainly is one, text otherwise."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

# At most 15 digits before the point, so that no digit is lost; a leading zero makes a code (a zip), not a number.
_WHOLE = r"^-?(0|[1-9][0-9]{0,14})$"
_DECIMAL = r"^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?$"
# 1.228 may be a thousand as well as a decimal: a column of such cells only stays text and is decided later.
_PERHAPS_THOUSANDS = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$"
_MAX_SAFE_WHOLE = 2**53
FEW = 16
_IS_WHOLE, _IS_DECIMAL, _IS_THOUSANDS = (
    re.compile(p.removesuffix("$") + r"\Z", re.ASCII).match for p in (_WHOLE, _DECIMAL, _PERHAPS_THOUSANDS)
)


def typed_text(column: Any) -> pd.Series:
    """A pyarrow string column as whole numbers, decimals or text; an empty cell is missing.

    >>> import pyarrow as pa
    >>> typed_text(pa.chunked_array([["1", "", "3"]])).tolist(), typed_text(pa.chunked_array([["01801"]])).tolist()
    ([1, <NA>, 3], ['01801'])
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(column)
    filled = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    if filled.null_count == len(filled):
        return pd.Series(np.nan, index=range(len(filled)), dtype="str")
    if _all(filled, _WHOLE):
        whole = pc.cast(filled, pa.int64())
        return (
            whole.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get) if whole.null_count else whole.to_pandas()
        )
    if _all(filled, _DECIMAL) and not _only_perhaps_thousands(filled):
        return pc.cast(filled, pa.float64()).to_pandas()
    return _as_str(pc.if_else(pc.is_null(filled), pa.scalar(None, pa.string()), column))


def _all(column: Any, pattern: str) -> bool:
    """Whether every cell that is not missing matches; the first cells are looked at first."""
    import pyarrow.compute as pc

    for cells in (column.slice(0, 200), column):
        if pc.all(pc.match_substring_regex(cells, pattern), min_count=0).as_py() is False:
            return False
    return True


def _only_perhaps_thousands(column: Any) -> bool:
    import pyarrow.compute as pc

    with_point = pc.filter(column, pc.fill_null(pc.match_substring(column, "."), False))
    return len(with_point) > 0 and bool(pc.all(pc.match_substring_regex(with_point, _PERHAPS_THOUSANDS)).as_py())


def _as_str(column: Any) -> pd.Series:
    return pd.Series(column.to_pandas(), dtype="str")


def typed_values(values: Sequence[object]) -> pd.Series:
    """Python values (of a workbook or of JSON) as the narrowest column that loses nothing; mixed cells stay.

    >>> typed_values([1.0, None, 3]).tolist(), typed_values(["5", 2]).tolist()
    ([1, <NA>, 3], ['5', 2])
    """
    cells = [None if _is_nothing(v) else v for v in values]
    kinds = {type(v) for v in cells if v is not None}
    if not kinds:
        return pd.Series(np.nan, index=range(len(cells)), dtype="str")
    if kinds == {bool}:
        return pd.Series(cells, dtype="bool" if None not in cells else "boolean")
    if kinds <= {int, float}:
        return _typed_numbers(cells)
    if kinds == {str} and len(cells) == 1:
        return _typed_one(_clean(cells[0]))
    if kinds == {str} and len(cells) <= FEW:
        return _typed_few([_clean(v) for v in cells])
    if kinds == {str}:
        import pyarrow as pa

        return typed_text(pa.chunked_array([pa.array([_clean(v) for v in cells], type=pa.string())]))
    if kinds <= {datetime.datetime, datetime.date}:
        return pd.to_datetime(pd.Series(cells, dtype=object), errors="coerce", utc=True).dt.tz_localize(None)
    plain = (bool, int, float, str)
    return pd.Series([v if v is None or isinstance(v, plain) else str(v) for v in cells], dtype=object)


@lru_cache(maxsize=20_000)
def _typed_one(text: str) -> pd.Series:
    return _typed_few([text])


def _typed_few(texts: list[str]) -> pd.Series:
    """What ``typed_text`` makes of a few texts, without a pyarrow column for each."""
    trimmed = [text.strip() for text in texts]
    filled = [text for text in trimmed if text]
    if not filled:
        return pd.Series(np.nan, index=range(len(texts)), dtype="str")
    if all(_IS_WHOLE(text) for text in filled):
        whole = [int(text) if text else None for text in trimmed]
        return pd.Series(whole, dtype="int64" if len(filled) == len(texts) else "Int64")
    with_point = [text for text in filled if "." in text]
    if all(_IS_DECIMAL(text) for text in filled) and not (with_point and all(map(_IS_THOUSANDS, with_point))):
        return pd.Series([float(text) if text else math.nan for text in trimmed], dtype="float64")
    return pd.Series([text if kept else None for text, kept in zip(texts, trimmed, strict=True)], dtype="str")


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _clean(value: Any) -> str:
    """Text without half characters (lone surrogates), which no file can hold."""
    return "" if value is None else value.encode("utf-8", "replace").decode("utf-8")


def _typed_numbers(cells: Sequence[Any]) -> pd.Series:
    present = [v for v in cells if v is not None]
    if any(isinstance(v, int) and abs(v) >= 2**63 for v in present):
        return pd.Series([None if v is None else str(v) for v in cells], dtype="str")
    if all(isinstance(v, int) or (v.is_integer() and abs(v) < _MAX_SAFE_WHOLE) for v in present):
        whole = [None if v is None else int(v) for v in cells]
        return pd.Series(whole, dtype="int64" if None not in whole else "Int64")
    return pd.Series([math.nan if v is None else float(v) for v in cells], dtype="float64")
