"""What one file gave: a frame of cells, and the rows that could not be told apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

import pandas as pd

from perla.errors import InputError
from perla.words import Text, fill

MAX_COLUMNS = 5_000
MAX_BYTES = 2 * 1024**3
_UNNAMED = re.compile(r"(unnamed: ?\d+|__index_level_\d+__|)", re.IGNORECASE)


@dataclass(frozen=True)
class BadRow:
    """A row set aside while reading: its number in the file (1 = the first under the header), why, and its cells."""

    row: int
    reason: Text
    cells: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """The table in one file."""

    frame: pd.DataFrame
    bad_rows: tuple[BadRow, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[Text, ...] = ()


def input_error(en: str, es: str, **facts: object) -> InputError:
    """An InputError from two templates and their facts."""
    said = fill(en, es, **facts)
    return InputError(said.en, said.es)


def refuse_too_many_columns(count: int, name: str) -> None:
    if count > MAX_COLUMNS:
        raise input_error(
            "{name} has {count} columns and perla reads at most {most}. Leave out the columns you do not need.",
            "{name} tiene {count} columnas y perla lee como máximo {most}. Quite las columnas que no necesite.",
            name=name, count=count, most=MAX_COLUMNS,
        )  # fmt: skip


def tidy(part: Part, name: str) -> Part:
    """The part with clean, unique column names, without a column that only counts the rows."""
    frame = part.frame.copy(deep=False)
    frame.columns = pd.Index([str(c).strip().lstrip("\ufeff") for c in frame.columns], dtype=object)
    frame, counted = _without_row_counter(frame, name)
    frame, repeated = _without_repeats(frame, name)
    return replace(part, frame=frame, notes=(*part.notes, *counted, *repeated))


def _without_row_counter(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[Text]]:
    """Unnamed columns that are empty or count the rows go, with a note; other unnamed ones get a name."""
    keep, names, notes = [], [], []
    for place, title in enumerate(frame.columns):
        named = not _UNNAMED.fullmatch(title)
        if named or not _says_nothing(frame.iloc[:, place]):
            keep.append(place)
            names.append(title if named else f"column {place + 1}")
        elif frame.iloc[:, place].notna().any():
            notes.append(
                fill(
                    "{name}: left out a column without a name that only counts the rows",
                    "{name}: se dejó fuera una columna sin nombre que solo numera las filas",
                    name=name,
                )
            )
    kept = frame.iloc[:, keep]
    kept.columns = pd.Index(names, dtype=object)
    return kept, notes


def _says_nothing(cells: pd.Series) -> bool:
    """Whether cells are all empty, or count 0, 1, 2 ... or 1, 2, 3 ..."""
    if cells.isna().all():
        return True
    if not pd.api.types.is_numeric_dtype(cells.dtype) or cells.isna().any():
        return False
    steps = cells.astype("float64").diff().iloc[1:]
    return float(cells.iloc[0]) in (0.0, 1.0) and bool((steps >= 1).all()) and bool((steps == 1).mean() > 0.5)


def _without_repeats(frame: pd.DataFrame, name: str) -> tuple[pd.DataFrame, list[Text]]:
    """A column that stands twice with the same cells is kept once; with other cells it is an error."""
    if frame.columns.is_unique:
        return frame, []
    notes = []
    for title in dict.fromkeys(frame.columns[frame.columns.duplicated()]):
        first, *others = [place for place, c in enumerate(frame.columns) if c == title]
        if any(not frame.iloc[:, first].equals(frame.iloc[:, other]) for other in others):
            raise input_error(
                "Every column of {name} needs its own name, but {title!r} stands {count} times with different values. "
                "Rename or delete one of them.",
                "Cada columna de {name} necesita su propio nombre, pero {title!r} aparece {count} veces con valores "
                "distintos. Cambie el nombre de una o bórrela.",
                name=name, title=title, count=len(others) + 1,
            )  # fmt: skip
        notes.append(
            fill(
                "{name}: column {title!r} stands {count} times with the same values and was kept once",
                "{name}: la columna {title!r} aparece {count} veces con los mismos valores y se conservó una",
                name=name,
                title=title,
                count=len(others) + 1,
            )
        )
    return frame.loc[:, ~frame.columns.duplicated()], notes
