"""Cells as they were read <-> one text per listing, with the layout that says what each piece is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

BETWEEN = "\x1f"  # ASCII's own unit separator; in a cell it becomes a blank, as does the zero byte
DIGEST_BYTES = 16


class Cell(StrEnum):
    """How the cells of one column were read."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    YES_NO = "yes/no"
    TIME = "time"
    MIXED = "mixed"  # each its own kind, written as JSON


@dataclass(frozen=True)
class Layout:
    """The columns of a table in order, and how their cells were read."""

    columns: tuple[tuple[str, Cell], ...]

    def written(self) -> str:
        """As the database keeps it.

        >>> Layout((("rooms", Cell.WHOLE),)).written()
        '[["rooms", "whole"]]'
        """
        return json.dumps([[name, cell.value] for name, cell in self.columns], ensure_ascii=False)


def read_layout(written: str) -> Layout:
    """The reverse of :meth:`Layout.written`."""
    return Layout(tuple((str(name), Cell(cell)) for name, cell in json.loads(written)))


def write_cells(frame: pd.DataFrame) -> tuple[Layout, pa.Array]:
    """One text per row, and the layout to read it back; an empty text counts as missing.

    >>> homes = pd.DataFrame({"price": ["$ 450", None], "rooms": [3, 2]})
    >>> layout, texts = write_cells(homes)
    >>> read_cells(layout, texts).values.tolist()
    [['$ 450', 3], [nan, 2]]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    layout = Layout(tuple((str(name), _cell(frame[name])) for name in frame.columns))
    pieces = [_written(frame[name], cell) for name, cell in layout.columns]
    if not pieces:
        return layout, pa.array([""] * len(frame), pa.large_string())
    separator = pa.scalar(BETWEEN, pa.large_string())
    texts = pc.binary_join_element_wise(*pieces, separator, null_handling="replace", null_replacement="")
    return layout, texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _cell(cells: pd.Series) -> Cell:
    kind = cells.dtype
    if isinstance(kind, pd.BooleanDtype) or kind.kind == "b":
        return Cell.YES_NO
    if pd.api.types.is_integer_dtype(kind):
        return Cell.WHOLE
    if pd.api.types.is_float_dtype(kind):
        return Cell.DECIMAL
    if pd.api.types.is_datetime64_any_dtype(kind):
        return Cell.TIME
    return Cell.TEXT if isinstance(kind, pd.StringDtype) else Cell.MIXED


def _written(cells: pd.Series, cell: Cell) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    if cell is Cell.MIXED:
        return pa.array([_as_json(v) for v in cells], pa.large_string())
    if cell is Cell.TIME:
        cells = cells.dt.tz_localize(None) if getattr(cells.dt, "tz", None) else cells
        return pa.array(cells, from_pandas=True).cast(pa.timestamp("us"), safe=False).cast(pa.large_string())
    array = pa.array(cells, from_pandas=True)
    written = (array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array).cast(pa.large_string())
    return pc.replace_substring_regex(written, "[\\x00\\x1f]", " ") if cell is Cell.TEXT else written


def _as_json(value: Any) -> str | None:
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    plain = value.item() if isinstance(value, np.generic) else value
    return json.dumps(plain if isinstance(plain, (bool, int, float, str)) else str(plain))


def read_cells(layout: Layout, texts: pa.Array) -> pd.DataFrame:
    """The cells as they were read: whole numbers, decimals, texts (NaN where missing), times."""
    import pyarrow as pa
    import pyarrow.compute as pc

    width, count = len(layout.columns), len(texts)
    if not width:
        return pd.DataFrame(index=range(count))
    flat = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    pieces = pc.list_flatten(pc.split_pattern(flat.cast(pa.large_string()), BETWEEN))
    if len(pieces) != width * count:
        raise ValueError(f"The kept cells of a listing must be {width} pieces; they are not.")
    missing = pc.if_else(pc.equal(pieces, ""), pa.scalar(None, pa.large_string()), pieces)
    places = np.arange(count, dtype=np.int64) * width
    return pd.DataFrame(
        {name: _read(missing.take(pa.array(places + i)), cell) for i, (name, cell) in enumerate(layout.columns)}
    )


def _read(pieces: pa.Array, cell: Cell) -> pd.Series:
    import pyarrow as pa

    if cell is Cell.WHOLE:
        whole = pieces.cast(pa.int64())
        return whole.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get if whole.null_count else None)
    if cell is Cell.DECIMAL:
        return pieces.cast(pa.float64()).to_pandas()
    if cell is Cell.YES_NO:
        truth = pieces.cast(pa.bool_())
        return truth.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get if truth.null_count else None)
    if cell is Cell.TIME:
        return pieces.cast(pa.timestamp("us")).to_pandas()
    if cell is Cell.MIXED:
        return pd.Series([None if v is None else json.loads(v) for v in pieces.to_pylist()], dtype=object)
    return pd.Series(pieces.to_pandas(), dtype="str")


def stack(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables one below the other; a column that is numbers in one and text in another keeps each cell as it is.

    >>> stack([pd.DataFrame({"price": [450]}), pd.DataFrame({"price": ["$ 450"]})])["price"].tolist()
    [450, '$ 450']
    """
    if len(frames) == 1:
        return frames[0].reset_index(drop=True)
    names = list(dict.fromkeys(name for frame in frames for name in frame.columns))
    mixed = [n for n in names if len({_family(f[n]) for f in frames if n in f.columns} - {""}) > 1]
    alike = [f.astype({n: object for n in mixed if n in f.columns}) for f in frames]
    return pd.concat(alike, ignore_index=True).reindex(columns=names)


def _family(cells: pd.Series) -> str:
    """As the readers of files tell kinds apart; a column without any cell goes with everything."""
    if cells.isna().all():
        return ""
    return "number" if pd.api.types.is_numeric_dtype(cells.dtype) else str(cells.dtype)


def digests(texts: pa.Array, salt: str = "") -> list[str]:
    """One digest per text, different for another salt."""
    start = hashlib.blake2b(salt.encode(), digest_size=DIGEST_BYTES)
    found = []
    for text in texts.to_pylist():
        one = start.copy()
        one.update((text or "").encode("utf-8", "surrogatepass"))
        found.append(one.hexdigest())
    return found
