"""DataFrames <-> Parquet bytes with plain types only; nothing stored in the file can name code to run."""

from __future__ import annotations

from typing import Any

import pandas as pd

MOST_CELLS = 2_000_000_000
MOST_UNPACKED_BYTES = 8 * 1024**3
NUMBERS = ("float64", "float32", "int64", "int32", "int16", "int8", "uint8", "uint16", "uint32", "uint64", "bool")
NULLABLE = ("Int64", "Int32", "Float64", "boolean")
DATES = ("datetime64[ns]", "datetime64[us]", "datetime64[ms]", "datetime64[s]")
WORDS = ("str", "object")
KNOWN = (*NUMBERS, *NULLABLE, *DATES, *WORDS)


def write_parquet_table(frame: pd.DataFrame) -> tuple[bytes, list[list[str]]]:
    """The table's bytes, and its columns with their types; other cells than numbers, dates and texts become texts.

    frame : DataFrame, index 0..n-1, names of columns are different texts. Equal tables give equal bytes.

    >>> write_parquet_table(pd.DataFrame({"area": [80.5]}))[1]
    [['area', 'float64']]
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not frame.index.equals(pd.RangeIndex(len(frame))) or not frame.columns.is_unique:
        raise TypeError("A table of a state has the index 0..n-1 and columns with different names.")
    columns = [[_name(c), _kind(frame[c])] for c in frame.columns]
    arrays = [_arrow(frame[name], kind) for name, kind in columns]
    sink = pa.BufferOutputStream()
    fields = [pa.field(name, array.type) for (name, _), array in zip(columns, arrays, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=pa.schema(fields))
    pq.write_table(table, sink, compression="zstd", store_schema=False)
    return sink.getvalue().to_pybytes(), columns


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"A column of a table of a state is named by a text; got {name!r}.")
    return name


def _kind(cells: pd.Series) -> str:
    name = str(cells.dtype)
    return name if name in KNOWN else "str" if name in ("string", "category") else "object"


def _arrow(cells: pd.Series, kind: str) -> Any:
    import pyarrow as pa

    if kind in WORDS:
        missing = cells.isna().to_numpy()
        words = [None if m else _clean(v) for v, m in zip(cells.astype(object), missing, strict=True)]
        return pa.array(words, type=pa.string())
    array = pa.array(cells, from_pandas=kind not in ("float64", "float32"))
    return array.cast(pa.timestamp(array.type.unit)) if kind in DATES else array


def _clean(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode("utf-8")


def read_parquet_table(content: bytes, columns: object, rows: object) -> pd.DataFrame:
    """The table again, each column of the type it had. ValueError when the bytes are not what is told of them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if not isinstance(rows, int) or not isinstance(columns, list) or not all(_is_column(c) for c in columns):
        raise ValueError("its columns are not described")
    file = pq.ParquetFile(pa.BufferReader(content))
    _check_size(file.metadata, rows, len(columns))
    if file.schema_arrow.names != [name for name, _ in columns]:
        raise ValueError("its columns are not those the state names")
    if not columns:
        return pd.DataFrame(index=pd.RangeIndex(rows))
    table = file.read()
    return pd.DataFrame({name: _pandas(table.column(i), kind) for i, (name, kind) in enumerate(columns)})


def _is_column(column: object) -> bool:
    return isinstance(column, list) and len(column) == 2 and isinstance(column[0], str) and column[1] in KNOWN


def _check_size(metadata: Any, rows: int, columns: int) -> None:
    unpacked = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if metadata.num_columns != columns or (columns and metadata.num_rows != rows):
        raise ValueError("it has other rows or columns than the state says")
    if rows * max(columns, 1) > MOST_CELLS or not 0 <= unpacked <= MOST_UNPACKED_BYTES:
        raise ValueError("it is larger than any table perla writes")


def _pandas(cells: Any, kind: str) -> pd.Series:
    import pyarrow as pa

    plain = pa.types
    whole_or_real = plain.is_integer(cells.type) or plain.is_floating(cells.type) or plain.is_boolean(cells.type)
    fits = {
        kind in WORDS: plain.is_string(cells.type) or plain.is_large_string(cells.type),
        kind in DATES: plain.is_timestamp(cells.type),
        kind in (*NUMBERS, *NULLABLE): whole_or_real,
    }[True]
    if not fits:
        raise ValueError(f"a column holds {cells.type}, not {kind}")
    if kind in NULLABLE:
        return cells.to_pandas(types_mapper=lambda _: pd.api.types.pandas_dtype(kind))
    return cells.to_pandas().astype(kind)
