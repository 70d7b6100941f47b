"""A state (dicts and lists with arrays, tables and long texts as leaves) <-> plain JSON and the files beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from perla.storage.parquet import read_parquet_table, write_parquet_table
from perla.words import Text

ARRAYS, STATE, CARD = "arrays.safetensors", "state.json", "card.json"
LONG_TEXT = 1000
ARRAY_KINDS = ("b", "i", "u", "f")  # numpy's letters: yes/no, whole, unsigned, floating
MARK = "$"


class DamagedLeafError(Exception):
    """A leaf is not what the tree says: the file's name and what is wrong with it, in both languages."""

    def __init__(self, name: str, en: str, es: str) -> None:
        super().__init__(en)
        self.name, self.why = name, Text(en, es)


@dataclass
class Leaves:
    """What is too large for JSON, collected while a tree is written: file names and their bytes, arrays by name."""

    files: dict[str, bytes] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def add(self, folder: str, ending: str, content: bytes) -> str:
        name = f"{folder}/{sum(n.startswith(folder) for n in self.files):04d}.{ending}"
        self.files[name] = content
        return name


def pack(state: Any, leaves: Leaves) -> Any:
    """The state as JSON values; arrays, tables and long texts go to ``leaves`` and leave a reference behind.

    >>> leaves = Leaves()
    >>> pack({"weights": np.array([0.5, 0.5]), "names": ("area",)}, leaves)
    {'weights': {'$array': '0000'}, 'names': ['area']}
    """
    if isinstance(state, dict):
        return {_key(k): pack(v, leaves) for k, v in state.items()}
    if isinstance(state, list | tuple):
        return [pack(v, leaves) for v in state]
    if isinstance(state, np.ndarray):
        return {"$array": _add_array(state, leaves)}
    if isinstance(state, pd.DataFrame):
        content, columns = write_parquet_table(state)
        return {"$table": leaves.add("tables", "parquet", content), "columns": columns, "rows": len(state)}
    return _pack_scalar(state, leaves)


def _key(key: object) -> str:
    if not isinstance(key, str) or key.startswith(MARK):
        raise TypeError(f"A key of a state is a text that does not start with {MARK}; got {key!r}.")
    return key


def _pack_scalar(value: Any, leaves: Leaves) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": str(value)}
    if isinstance(value, str):
        text = value.encode("utf-8", "replace")
        return {"$text": leaves.add("texts", "txt", text)} if len(text) > LONG_TEXT else str(text, "utf-8")
    raise TypeError(f"A state holds JSON values, texts, numpy arrays and DataFrames; got {type(value).__name__}.")


def _add_array(array: np.ndarray, leaves: Leaves) -> str:
    if array.dtype.kind not in ARRAY_KINDS:
        raise TypeError(f"An array of a state holds numbers or yes/no; got {array.dtype}.")
    name = f"{len(leaves.arrays):04d}"
    leaves.arrays[name] = np.array(array, dtype=array.dtype.newbyteorder("="), order="C")
    return name


def unpack(tree: Any, files: dict[str, bytes], arrays: dict[str, np.ndarray]) -> Any:
    """The state again. Raises DamagedLeafError for a reference to nothing or a leaf that is not what the tree says."""
    if isinstance(tree, list):
        return [unpack(v, files, arrays) for v in tree]
    if not isinstance(tree, dict):
        return tree
    mark = next((k for k in tree if k.startswith(MARK)), None)
    if mark is None:
        return {k: unpack(v, files, arrays) for k, v in tree.items()}
    read = _READERS.get(mark)
    if read is None or not isinstance(tree[mark], str):
        raise DamagedLeafError(STATE, f"{mark[:20]!r} is not known", f"{mark[:20]!r} no se conoce")
    return read(tree, files, arrays)


def _read_array(tree: dict[str, Any], _: dict[str, bytes], arrays: dict[str, np.ndarray]) -> np.ndarray:
    if tree["$array"] not in arrays:
        raise DamagedLeafError(
            ARRAYS, f"it lacks the array {tree['$array'][:40]}", f"le falta el arreglo {tree['$array'][:40]}"
        )
    return arrays[tree["$array"]]


def _read_text(tree: dict[str, Any], files: dict[str, bytes], _: dict[str, np.ndarray]) -> str:
    content = _leaf(tree["$text"], files)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise DamagedLeafError(tree["$text"], "it is no UTF-8 text", "no es un texto UTF-8") from None


def _read_table(tree: dict[str, Any], files: dict[str, bytes], _: dict[str, np.ndarray]) -> pd.DataFrame:
    name = tree["$table"]
    try:
        return read_parquet_table(_leaf(name, files), tree.get("columns"), tree.get("rows"))
    except (ValueError, TypeError, OSError) as problem:
        why = (str(problem).splitlines() or [""])[0][:120]
        raise DamagedLeafError(name, f"no table as described: {why}", f"no es la tabla descrita: {why}") from None


def _read_float(tree: dict[str, Any], _: dict[str, bytes], __: dict[str, np.ndarray]) -> float:
    known = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
    if tree["$float"] not in known:
        raise DamagedLeafError(STATE, "$float must be nan, inf or -inf", "$float debe ser nan, inf o -inf")
    return known[tree["$float"]]


def _leaf(name: str, files: dict[str, bytes]) -> bytes:
    if name not in files:
        raise DamagedLeafError(
            STATE, f"it names {name[:60]!r}, which is not there", f"nombra {name[:60]!r}, que no está"
        )
    return files[name]


_READERS: dict[str, Callable[[dict[str, Any], dict[str, bytes], dict[str, np.ndarray]], Any]] = {
    "$array": _read_array,
    "$text": _read_text,
    "$table": _read_table,
    "$float": _read_float,
}
