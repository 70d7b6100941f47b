"""Several tables side by side: the same column under near-same names, and tables that do not belong together."""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd

from perla.listings.units import known_unit
from perla.sources.part import input_error
from perla.words import Text, fill

_BRACKETS = re.compile(r"[(\[](.*?)[)\]]")
# Of the smaller table's columns, so many must stand in the larger one too.
_LEAST_SHARED = 0.75


def with_same_names(frames: list[pd.DataFrame], names: list[str]) -> tuple[list[pd.DataFrame], list[Text]]:
    """The frames with near-same column names (``tax(£)`` and ``tax``, ``Price`` and ``price``) made one, with a note.

    Names that differ in a unit (``area (m2)``, ``area (ft2)``) stay apart.
    """
    common = _common_names(frames)
    renamed, notes = [], []
    for frame, name in zip(frames, names, strict=True):
        changes = {c: common[c] for c in frame.columns if common[c] != c and common[c] not in frame.columns}
        renamed.append(frame.rename(columns=changes) if changes else frame)
        notes += [
            fill(
                "{name}: the column {old!r} was taken for {new!r}",
                "{name}: la columna {old!r} se tomó como {new!r}",
                name=name, old=old, new=new,
            )
            for old, new in changes.items()
        ]  # fmt: skip
    return renamed, notes


def _common_names(frames: list[pd.DataFrame]) -> dict[str, str]:
    """For every column name the spelling most files use; a name alone in its kind stays as it is."""
    counts = Counter(c for frame in frames for c in frame.columns)
    groups: dict[str, list[str]] = {}
    for name in counts:
        groups.setdefault(_plain(name), []).append(name)
    common = {name: name for name in counts}
    for alike in groups.values():
        together = any(sum(c in frame.columns for c in alike) > 1 for frame in frames)
        if len(alike) > 1 and not together and len({_unit(c) for c in alike} - {""}) < 2:
            best = max(alike, key=lambda c: counts[c])
            common.update(dict.fromkeys(alike, best))
    return common


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-.]+", "", _BRACKETS.sub("", name)).casefold() or name


def _unit(name: str) -> str:
    found = _BRACKETS.search(name)
    unit = known_unit(found[1]) if found else None
    return unit.name if unit else ""


def refuse_other_tables(frames: list[pd.DataFrame], names: list[str]) -> None:
    """Raise InputError where a file's columns are quite different from those of the others."""
    if len(frames) == 1:
        return
    main = _main_table(frames)
    for place, frame in enumerate(frames):
        shared = [c for c in frame.columns if c in frames[main].columns]
        fewest = min(len(frame.columns), len(frames[main].columns))
        if len(shared) < _LEAST_SHARED * fewest:
            raise input_error(
                "{one} and {other} do not hold the same kind of table: only {shared} of {fewest} columns are the same. "
                "Name only the files of listings that belong together.",
                "{one} y {other} no contienen el mismo tipo de tabla: solo coinciden {shared} de {fewest} columnas. "
                "Indique solo los archivos de anuncios que van juntos.",
                one=names[main], other=names[place], shared=len(shared), fewest=fewest,
            )  # fmt: skip


def _main_table(frames: list[pd.DataFrame]) -> int:
    """The table whose set of columns has the most rows over all files."""
    rows: Counter[frozenset[str]] = Counter()
    for frame in frames:
        rows[frozenset(frame.columns)] += max(len(frame), 1)
    most = rows.most_common(1)[0][0]
    return next(i for i, frame in enumerate(frames) if frozenset(frame.columns) == most)
