"""Excel and OpenDocument workbooks -> the first sheet that holds a table."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pandas as pd

from perla.errors import InputError
from perla.sources.cells import typed_values
from perla.sources.part import MAX_BYTES, Part, input_error, refuse_too_many_columns
from perla.words import Text, fill


def read_workbook(content: bytes, name: str) -> Part:
    """The first sheet with a header and a row under it; other sheets are named in a note."""
    _refuse_bomb(content, name)
    sheets = _sheets(content, name)
    tables = [(title, rows) for title, rows in sheets if len(rows) > 1] or [(t, r) for t, r in sheets if r]
    if not tables:
        raise input_error(
            "{name} holds no table: every sheet is empty.",
            "{name} no tiene ninguna tabla: todas sus hojas están vacías.",
            name=name,
        )
    title, rows = next(((t, r) for t, r in tables if max(map(_filled, r[:20])) > 1), tables[0])
    return Part(_table(rows, name), notes=_notes(name, title, [t for t, _ in tables]))


def _notes(name: str, used: str, titles: list[str]) -> tuple[Text, ...]:
    if len(titles) == 1:
        return ()
    return (
        fill(
            "{name}: read the sheet {used!r}; not read: {others}",
            "{name}: se leyó la hoja {used!r}; no se leyeron: {others}",
            name=name, used=used, others=", ".join(t for t in titles if t != used),
        ),
    )  # fmt: skip


def _refuse_bomb(content: bytes, name: str) -> None:
    """A small file that unpacks to gigabytes is not opened."""
    if not content.startswith(b"PK"):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise _broken(name) from error
    if size > MAX_BYTES:
        raise input_error(
            "{name} unpacks to {size} MB and perla reads at most {most} MB. Split the table.",
            "{name} descomprimido ocupa {size} MB y perla lee como máximo {most} MB. Divida la tabla.",
            name=name, size=size // 10**6, most=MAX_BYTES // 10**6,
        )  # fmt: skip


def _broken(name: str) -> InputError:
    return input_error(
        "{name} cannot be read as a workbook: it is truncated, damaged, locked with a password, or no workbook. "
        "Save it again and retry.",
        "{name} no se puede leer como libro de cálculo: está cortado, dañado, protegido con clave o no es un libro. "
        "Guárdelo de nuevo e intente otra vez.",
        name=name,
    )


def _sheets(content: bytes, name: str) -> list[tuple[str, list[list[Any]]]]:
    from python_calamine import CalamineWorkbook

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        read = [(title, book.get_sheet_by_name(title).to_python()) for title in book.sheet_names]
    except Exception as error:  # calamine raises a class of its own for every way a workbook can be broken
        raise _broken(name) from error
    return [(title, [row for row in rows if _filled(row)]) for title, rows in read]


def _filled(row: list[Any]) -> int:
    return sum(cell not in ("", None) for cell in row)


def _table(rows: list[list[Any]], name: str) -> pd.DataFrame:
    """Rows under the first one that is filled about as well as the fullest; it names the columns."""
    fullest = max(map(_filled, rows[:20]))
    top = next(i for i, row in enumerate(rows[:20]) if _filled(row) * 2 > fullest)
    header = [_title(cell) for cell in rows[top]]
    refuse_too_many_columns(len(header), name)
    under = rows[top + 1 :]
    columns = [
        typed_values([row[place] if place < len(row) else None for row in under]) for place in range(len(header))
    ]
    frame = pd.concat(columns, axis=1) if columns else pd.DataFrame()
    frame.columns = pd.Index(header, dtype=object)
    return frame


def _title(cell: Any) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
