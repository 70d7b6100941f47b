"""Files of listings -> one table: ``read_tables(["audi.csv", "bmw.csv"])``."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from perla.listings import Rejected
from perla.sources.alike import refuse_other_tables, with_same_names
from perla.sources.files import SourceFile, find_files, read_file, stem
from perla.sources.part import Part
from perla.words import Text, fill

FILE_COLUMN = "file"


@dataclass(frozen=True)
class RawTable:
    """Everything that was read, nothing parsed yet.

    frame : DataFrame, index 0..n-1, the cells as the files hold them; numbers only in columns where every cell plainly
        is one. origin : Series of str on the same index, the file each row came from. files : what was read.
    rejected : rows that could not be cut into cells; ``row`` counts the rows of all files from 1, these rows included.
    rejected_original : DataFrame, their cells as far as they could be told apart. notes : what the reader should know.
    """

    frame: pd.DataFrame
    origin: pd.Series
    files: tuple[SourceFile, ...]
    rejected: tuple[Rejected, ...]
    rejected_original: pd.DataFrame
    notes: tuple[Text, ...]

    @property
    def digest(self) -> str:
        """A sha256 of the content of all files, whatever their order and names."""
        if len(self.files) == 1:
            return self.files[0].sha256
        return hashlib.sha256("".join(sorted(f.sha256 for f in self.files)).encode()).hexdigest()

    @property
    def source(self) -> str:
        """The files' names in one line, for the record."""
        names = [f.name for f in self.files]
        return ", ".join(names) if len(names) <= 4 else f"{names[0]} ... {names[-1]} ({len(names)})"


def read_tables(paths: Sequence[str | Path]) -> RawTable:
    """One table from one or several files or folders of listings.

    CSV and TSV (any of ``,;`` tab ``|``, UTF-8, UTF-16 or Western European, quoted line breaks, ``.gz``), Excel and
    OpenDocument (first sheet with a table), Parquet, JSON lines and JSON arrays of objects. A row with too many or too
    few cells is set aside in ``rejected``. Where several files are read and no column tells them apart, the column
    ``file`` holds each file's name without its ending (the make, where each file is one make).

    Raises FileError for a file that is missing or cannot be opened; InputError for one that is empty, truncated or no
    table, for a column name that stands twice with different values, and for files that hold different kinds of table.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     one, two = Path(folder, "audi.csv"), Path(folder, "bmw.csv")
    ...     _ = one.write_text("model,price,tax\\nA1,9000,20"), two.write_text("model;price;tax(£)\\nX1;12000;145")
    ...     table = read_tables([folder])
    >>> table.frame.values.tolist()
    [['A1', 9000, 20, 'audi'], ['X1', 12000, 145, 'bmw']]
    """
    files, notes = find_files([paths] if isinstance(paths, (str, Path)) else paths)
    read = [read_file(path) for path in files]
    parts = [part for part, _ in read]
    notes += [note for part in parts for note in part.notes]
    records = tuple(record for _, record in read)
    frames, renamed = with_same_names([p.frame for p in parts], [r.name for r in records])
    refuse_other_tables(frames, [r.name for r in records])
    frame, told = _joined(frames, _stems(files))
    rejected, rejected_original = _rejected(parts, records)
    origin = pd.Series([r.name for r, f in zip(records, frames, strict=True) for _ in range(len(f))], dtype="str")
    return RawTable(frame, origin, records, rejected, rejected_original, (*notes, *renamed, *told))


def _stems(files: list[Path]) -> list[str]:
    stems = [stem(path) for path in files]
    return (
        stems if len(set(stems)) == len(stems) else [f"{p.parent.name}/{s}" for p, s in zip(files, stems, strict=True)]
    )


def _joined(frames: list[pd.DataFrame], stems: list[str]) -> tuple[pd.DataFrame, list[Text]]:
    """One frame; with a column that tells the files apart if no other does."""
    if len(frames) == 1:
        return frames[0].reset_index(drop=True), []
    frame = pd.concat([_stackable(f, frames) for f in frames], ignore_index=True)
    if FILE_COLUMN in frame.columns or _is_told_apart(frames):
        return frame, []
    sizes = [len(f) for f in frames]
    frame[FILE_COLUMN] = pd.Series([s for s, n in zip(stems, sizes, strict=True) for _ in range(n)], dtype="str")
    note = fill(
        "added the column {column!r} with the name of the file each listing came from",
        "se agregó la columna {column!r} con el nombre del archivo del que viene cada anuncio",
        column=FILE_COLUMN,
    )
    return frame, [note]


def _stackable(frame: pd.DataFrame, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Columns that are numbers in one file and text in another are written out as what they are, cell by cell."""
    mixed = [c for c in frame.columns if len({_family(f[c]) for f in frames if c in f.columns} - {""}) > 1]
    return frame.astype(dict.fromkeys(mixed, object)) if mixed else frame


def _family(cells: pd.Series) -> str:
    if cells.isna().all():
        return ""
    return "number" if pd.api.types.is_numeric_dtype(cells.dtype) else str(cells.dtype)


def _is_told_apart(frames: list[pd.DataFrame]) -> bool:
    """Whether some column has one value in each file, another one in every file."""
    shared = [c for c in frames[0].columns if all(c in f.columns and len(f) for f in frames)]
    for column in shared:
        values = [f[column].iloc[0] for f in frames]
        if len({str(v) for v in values}) == len(frames) and all(
            bool((f[column] == v).fillna(False).all()) for f, v in zip(frames, values, strict=True)
        ):
            return any(len(f) > 1 for f in frames)
    return False


def _rejected(parts: list[Part], records: tuple[SourceFile, ...]) -> tuple[tuple[Rejected, ...], pd.DataFrame]:
    """The bad rows of all files, numbered through."""
    found, cells, before = [], [], 0
    for part, record in zip(parts, records, strict=True):
        for bad in part.bad_rows:
            row = before + bad.row
            found.append(Rejected(row, str(row), bad.reason, record.name))
            cells.append({str(k).strip(): v for k, v in bad.cells.items()})
        before += record.rows
    return tuple(found), pd.DataFrame(cells, index=range(len(cells)), dtype=object)
