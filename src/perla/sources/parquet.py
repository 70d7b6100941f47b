"""Parquet files -> a table."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd

from perla.sources.part import MAX_BYTES, Part, input_error, refuse_too_many_columns


def read_parquet(content: bytes, name: str) -> Part:
    """The table of a Parquet file; nested columns become dotted ones, dictionaries become text."""
    import pyarrow as pa
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(io.BytesIO(content))
        _refuse_bomb(file.metadata, name)
        refuse_too_many_columns(file.metadata.num_columns, name)
        table = file.read()
    except (pa.ArrowException, OSError) as error:
        raise input_error(
            "{name} cannot be read as Parquet: it is truncated or damaged. Get the file again.",
            "{name} no se puede leer como Parquet: está cortado o dañado. Consiga el archivo de nuevo.",
            name=name,
        ) from error
    while any(pa.types.is_struct(f.type) for f in table.schema):
        table = table.flatten()
    columns = [_series(table.column(place)) for place in range(table.num_columns)]
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    frame.columns = pd.Index(table.column_names, dtype=object)
    return Part(frame)


def _refuse_bomb(metadata: Any, name: str) -> None:
    size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if size > MAX_BYTES:
        raise input_error(
            "{name} unpacks to {size} MB and perla reads at most {most} MB. Split the table.",
            "{name} descomprimido ocupa {size} MB y perla lee como máximo {most} MB. Divida la tabla.",
            name=name, size=size // 10**6, most=MAX_BYTES // 10**6,
        )  # fmt: skip


def _series(column: Any) -> pd.Series:
    """A column as pandas holds it; whole numbers with gaps stay whole."""
    import pyarrow as pa
    import pyarrow.compute as pc

    types = pa.types
    if types.is_dictionary(column.type):
        column = pc.cast(column, column.type.value_type)
    if types.is_decimal(column.type):
        column = pc.cast(column, pa.float64())
    if types.is_date(column.type):
        column = pc.cast(column, pa.timestamp("us"))
    if types.is_integer(column.type) and column.null_count:
        return pd.Series(pc.cast(column, pa.int64()).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get))
    if types.is_boolean(column.type) and column.null_count:
        return pd.Series(column.to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get))
    if types.is_nested(column.type):
        return pd.Series([_joined(v) for v in column.to_pylist()], dtype="str")
    if types.is_binary(column.type) or types.is_large_binary(column.type):
        decoded = [None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()]
        return pd.Series(decoded, dtype="str")
    return column.to_pandas()


def _joined(value: Any) -> str | None:
    if value is None:
        return None
    return ", ".join(str(v) for v in value) if isinstance(value, list) else str(value)
