"""JSON lines and JSON arrays of objects -> a table; nested objects become dotted columns."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from perla.sources.cells import typed_values
from perla.sources.delimited import decode
from perla.sources.part import BadRow, Part, input_error, refuse_too_many_columns
from perla.words import Text

_DEEPEST = 6
_NO_OBJECT = Text("the line is not a JSON object", "la línea no es un objeto JSON")


def read_json(content: bytes, name: str) -> Part:
    """The table in a JSON file: one object a line, an array of objects, or an object that holds such an array."""
    text, encoding = decode(content, name)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        records, bad_rows = _lines(text)
        if not records:
            raise _no_objects(name) from None
    else:
        records, bad_rows = _objects(_list_within(whole, name))
    return Part(_table(records, name), tuple(bad_rows), encoding)


def _no_objects(name: str) -> Exception:
    return input_error(
        "{name} must hold JSON objects, one a line or in an array, and none was found. Is the file complete?",
        "{name} debe contener objetos JSON, uno por línea o en un arreglo, y no se encontró ninguno. "
        "¿Está completo el archivo?",
        name=name,
    )


def _lines(text: str) -> tuple[list[dict[str, Any]], list[BadRow]]:
    values: list[Any] = []
    for line in text.split("\n"):
        if line.strip():
            try:
                values.append(json.loads(line))
            except (ValueError, RecursionError):
                values.append(line[:500])
    return _objects(values)


def _objects(values: list[Any]) -> tuple[list[dict[str, Any]], list[BadRow]]:
    records, bad_rows = [], []
    for row, value in enumerate(values, start=1):
        if isinstance(value, dict):
            records.append(value)
        else:
            bad_rows.append(BadRow(row, _NO_OBJECT, {"text": str(value)[:500]}))
    return records, bad_rows


def _list_within(whole: Any, name: str) -> list[Any]:
    """The array itself, or the longest array of objects inside an object such as ``{"results": [...]}``."""
    if isinstance(whole, list):
        found = whole
    else:
        inside = [v for v in whole.values() if isinstance(v, list)] if isinstance(whole, dict) else []
        found = max(inside, key=len, default=[whole] if isinstance(whole, dict) else [])
        found = found if any(isinstance(v, dict) for v in found) else [whole]
    if not any(isinstance(v, dict) for v in found):
        raise _no_objects(name)
    return found


def _table(records: list[dict[str, Any]], name: str) -> pd.DataFrame:
    flat = [_flat(record) for record in records]
    names = list(dict.fromkeys(key for record in flat for key in record))
    refuse_too_many_columns(len(names), name)
    columns = {key: typed_values([record.get(key) for record in flat]) for key in names}
    return pd.DataFrame(columns, index=range(len(flat)))


def _flat(record: dict[str, Any], above: str = "", depth: int = 0) -> dict[str, Any]:
    """``{"price": {"amount": 1}}`` as ``{"price.amount": 1}``; a list of words as one text."""
    found: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict) and value and depth < _DEEPEST:
            found.update(_flat(value, f"{above}{key}.", depth + 1))
        else:
            found[f"{above}{key}"] = _cell(value)
    return found


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        if all(not isinstance(v, (dict, list)) for v in value):
            return ", ".join(str(v) for v in value if v is not None)
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
