"""Text tables: any of ``,;\\t|`` between the cells, any usual encoding, quoted line breaks."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from typing import Any

import pandas as pd

from perla.sources.cells import typed_text
from perla.sources.part import BadRow, Part, input_error, refuse_too_many_columns
from perla.words import Text, fill

DELIMITERS = ",;\t|"
MAX_CELL = 1_000_000
_SAMPLE = 256 * 1024
_BLOCK = 64 * 1024 * 1024
_LONGEST_TITLE = 10
_NUMBER = re.compile(r"\s*-?[\d.,]+\s*")


def read_delimited(content: bytes, name: str) -> Part:
    """The table in the bytes of a text file.

    A row with too many or too few cells is set aside with its reason. Lines before the header that hold one cell only
    (a title) are skipped with a note.
    """
    text, encoding = decode(content, name)
    text, delimiter = _without_sep_line(text)
    delimiter = delimiter or sniff_delimiter(text)
    header, body, notes = _header(text, delimiter, name)
    refuse_too_many_columns(len(header), name)
    table, bad_rows = _parse(body, header, delimiter, name)
    columns = {place: typed_text(table.column(place)) for place in range(len(header))}
    frame = pd.DataFrame(columns) if columns else pd.DataFrame()
    frame.columns = pd.Index(header, dtype=object)
    return Part(*_without_unclosed(frame, bad_rows, body), encoding, delimiter, tuple(notes))


def decode(content: bytes, name: str) -> tuple[str, str]:
    """Text and its encoding: a byte order mark decides, then UTF-8, then Western European (cp1252, Latin-1)."""
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    if _is_binary(content[:8192]):
        raise not_a_table(name)
    for encoding in ("utf-8", "cp1252"):
        try:
            return content.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"


def not_a_table(name: str) -> Exception:
    return input_error(
        "{name} is not a table: its content is binary. Give a CSV, Excel, Parquet or JSON file.",
        "{name} no es una tabla: su contenido es binario. Entregue un archivo CSV, Excel, Parquet o JSON.",
        name=name,
    )


def _is_binary(start: bytes) -> bool:
    odd = sum(b < 9 or 13 < b < 27 or 27 < b < 32 for b in start)
    return b"\0" in start or odd > len(start) * 0.02


def _without_sep_line(text: str) -> tuple[str, str]:
    """Excel's own first line ``sep=;``."""
    found = re.match(r"\s*\"?sep=([,;\t|])\"?\s*\r?\n", text[:40], re.IGNORECASE)
    return (text[found.end() :], found[1]) if found else (text, "")


def sniff_delimiter(text: str) -> str:
    """The character that cuts most rows into as many cells as the header has.

    >>> sniff_delimiter('name;price;area\\n"a;b";1,5;2,5\\nc;1,7;3,1\\n')
    ';'
    """
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE and (end := sample.rfind("\n")) > 0:
        sample = sample[:end]
    scores = {d: _score(_records(sample, d, 300)) for d in DELIMITERS}
    best = max(DELIMITERS, key=lambda d: scores[d])
    return best if scores[best] > (0.0, 0) else ","


def _records(text: str, delimiter: str, most: int) -> list[list[str]]:
    csv.field_size_limit(2**31 - 1)
    records: list[list[str]] = []
    try:
        for record in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if record:
                records.append(record)
            if len(records) >= most:
                break
    except csv.Error:
        pass
    return records


def _score(records: list[list[str]]) -> tuple[float, int]:
    """Share of rows as wide as most rows, and that width; a width of one cell counts for nothing."""
    if not records:
        return 0.0, 0
    width, count = Counter(len(r) for r in records).most_common(1)[0]
    header = max((len(r) for r in records[:_LONGEST_TITLE]), default=1)
    if width < 2 or (len(records[0]) == 1 and header == 1):
        return (0.5, header) if header > 1 and len(records) <= 3 else (0.0, 0)
    share = count / len(records) * (1.0 if abs(len(records[0]) - width) <= 1 else 0.6)
    return round(share, 1), width


def _header(text: str, delimiter: str, name: str) -> tuple[list[str], str, list[Text]]:
    """The column names, the text under them, and what was skipped above them."""
    records = _records(text[:_SAMPLE], delimiter, 60)
    if not records:
        raise _empty(name)
    width = Counter(len(r) for r in records).most_common(1)[0][0]
    place = next((i for i, r in enumerate(records[:_LONGEST_TITLE]) if len(r) >= max(width - 1, 1)), 0)
    if width > 2 and place and any(len([c for c in r if c.strip()]) > 1 for r in records[:place]):
        place = 0
    header = records[place]
    _refuse_numbers_as_names(header, name)
    body = _after_records(text, delimiter, place + 1)
    if width == len(header) + 1 and len(records) > place + 1:
        trailing = all(not r[-1].strip() for r in records[place + 1 :] if len(r) == width)
        header = [*header, ""] if trailing else ["", *header]
    notes = []
    if place:
        notes.append(
            fill(
                "{name}: skipped {count} line(s) above the header",
                "{name}: se saltaron {count} línea(s) encima del encabezado",
                name=name,
                count=place,
            )
        )
    return header, body, notes


def _empty(name: str) -> Exception:
    return input_error(
        "{name} is empty: it must hold a line with the column names and one line for each listing.",
        "{name} está vacío: debe tener una línea con los nombres de las columnas y una línea por anuncio.",
        name=name,
    )


def _refuse_numbers_as_names(header: list[str], name: str) -> None:
    named = [c for c in header if c.strip()]
    numbers = [c for c in named if _NUMBER.fullmatch(c)]
    if named and len(numbers) * 2 > len(named):
        raise input_error(
            "The first line of {name} must hold the column names, but it holds numbers ({first}). Add a header line.",
            "La primera línea de {name} debe tener los nombres de las columnas, pero tiene números ({first}). "
            "Agregue una línea de encabezado.",
            name=name, first=", ".join(c.strip() for c in numbers[:3]),
        )  # fmt: skip


def _after_records(text: str, delimiter: str, count: int) -> str:
    """The text after the first records, which may themselves hold quoted line breaks."""
    stream = io.StringIO(text, newline="")
    reader = csv.reader(iter(stream.readline, ""), delimiter=delimiter)
    seen = 0
    while seen < count:
        seen += bool(next(reader))
    return text[stream.tell() :]


def _parse(body: str, header: list[str], delimiter: str, name: str) -> tuple[Any, list[BadRow]]:
    """The cells as text, and the rows that do not have as many cells as the header."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = [f"c{i}" for i in range(len(header))]
    bad_rows: list[BadRow] = []

    def set_aside(row: Any) -> str:
        bad_rows.append(_bad_row(row, header, delimiter))
        return "skip"

    if not body.strip("\r\n"):
        return pa.table({n: pa.array([], pa.string()) for n in names}), []
    try:
        table = arrow_csv.read_csv(
            io.BytesIO(body.encode("utf-8", "replace")),
            arrow_csv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names),
            arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True, invalid_row_handler=set_aside),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), null_values=[], strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid as error:
        raise _cell_too_long(name) from error
    return table, bad_rows


def _cell_too_long(name: str) -> Exception:
    return input_error(
        "{name} cannot be cut into cells: a quotation mark seems to be opened and never closed. "
        "Open the file in a text editor, close it and try again.",
        "{name} no se puede dividir en celdas: parece que unas comillas se abren y nunca se cierran. "
        "Abra el archivo en un editor de texto, ciérrelas e intente de nuevo.",
        name=name,
    )


def _bad_row(row: Any, header: list[str], delimiter: str) -> BadRow:
    cells = next(csv.reader(io.StringIO(row.text[:MAX_CELL], newline=""), delimiter=delimiter), [])
    reason = fill(
        "the row has {got} cells and the header {wanted}",
        "la fila tiene {got} celdas y el encabezado {wanted}",
        got=row.actual_columns, wanted=row.expected_columns,
    )  # fmt: skip
    return BadRow(row.number, reason, dict(zip(header, cells, strict=False)))


def _without_unclosed(
    frame: pd.DataFrame, bad_rows: list[BadRow], body: str
) -> tuple[pd.DataFrame, tuple[BadRow, ...]]:
    """A last row that swallowed the lines after an unclosed quotation mark is set aside, and says so."""
    if frame.empty or body.count('"') % 2 == 0:
        return frame, tuple(bad_rows)
    last = {str(c): str(v) for c, v in frame.iloc[-1].items() if isinstance(v, str)}
    lines = max((v.count("\n") for v in last.values()), default=0)
    if not lines:
        return frame, tuple(bad_rows)
    reason = fill(
        "a quotation mark opened in this row is never closed; the {lines} line(s) after it could not be read",
        "unas comillas que se abren en esta fila nunca se cierran; no se pudieron leer las {lines} línea(s) siguientes",
        lines=lines,
    )
    row = BadRow(len(frame) + len(bad_rows), reason, {c: v[:500] for c, v in last.items()})
    return frame.iloc[:-1], (*bad_rows, row)
