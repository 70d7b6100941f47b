"""Files and folders of tables: found, opened with limits, and read by what they hold."""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from perla.errors import FileError
from perla.sources.delimited import read_delimited
from perla.sources.parquet import read_parquet
from perla.sources.part import MAX_BYTES, Part, input_error, tidy
from perla.sources.records import read_json
from perla.sources.workbooks import read_workbook
from perla.words import Text, fill

JSON_ENDINGS = (".json", ".jsonl", ".ndjson", ".geojson")
WORKBOOK_ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
PARQUET_ENDINGS = (".parquet", ".pq")
TABLE_ENDINGS = (".csv", ".tsv", ".tab", ".psv", *JSON_ENDINGS, *WORKBOOK_ENDINGS, *PARQUET_ENDINGS)


@dataclass(frozen=True)
class SourceFile:
    """A file that was read: its name, data rows (with those set aside), digest of its bytes, encoding, delimiter."""

    name: str
    rows: int
    sha256: str
    encoding: str = ""
    delimiter: str = ""


def find_files(paths: Sequence[str | Path]) -> tuple[list[Path], list[Text]]:
    """The files behind the paths, the tables of a folder in order of name, and notes on what a folder holds besides."""
    files: list[Path] = []
    notes: list[Text] = []
    for given in paths:
        path = Path(given)
        if path.is_dir():
            inside, passed_over = _in_folder(path)
            files += inside
            notes += passed_over
        elif path.exists():
            files.append(path)
        else:
            raise _missing(path)
    unique = list(dict.fromkeys(files))
    if not unique:
        raise input_error(
            "Give at least one file or folder with listings.", "Indique al menos un archivo o carpeta con anuncios."
        )
    return unique, notes


def stem(path: Path) -> str:
    """The file's name without its endings.

    >>> stem(Path("cars/audi.csv.gz"))
    'audi'
    """
    name = path.name[:-3] if path.suffix.lower() == ".gz" else path.name
    return Path(name).stem


def read_file(path: Path) -> tuple[Part, SourceFile]:
    """The tidy table in one file, and the record of what was read."""
    raw = _bytes(path)
    content = _unpacked(raw, path.name)
    part = tidy(_reader(content, path)(content, path.name), path.name)
    if not len(part.frame.columns):
        raise input_error("{name} has no columns with names.", "{name} no tiene columnas con nombre.", name=path.name)
    rows = len(part.frame) + len(part.bad_rows)
    return part, SourceFile(path.name, rows, hashlib.sha256(raw).hexdigest(), part.encoding, part.delimiter)


def _ending(path: Path) -> str:
    inner = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return inner.suffix.lower()


def _in_folder(folder: Path) -> tuple[list[Path], list[Text]]:
    try:
        inside = sorted(
            (p for p in folder.iterdir() if p.is_file() and not p.name.startswith((".", "~$"))), key=_by_name
        )
    except OSError as error:
        raise _unreadable(folder, error) from error
    tables = [p for p in inside if _ending(p) in TABLE_ENDINGS]
    if not tables:
        raise input_error(
            "The folder {name} holds no table. Put CSV, Excel, Parquet or JSON files in it.",
            "La carpeta {name} no tiene ninguna tabla. Ponga en ella archivos CSV, Excel, Parquet o JSON.",
            name=folder.name or folder,
        )
    others = [p.name for p in inside if p not in tables]
    note = fill(
        "{folder}: not read, because they are no tables: {others}",
        "{folder}: no se leyeron porque no son tablas: {others}",
        folder=folder.name or folder, others=", ".join(others),
    )  # fmt: skip
    return tables, [note] if others else []


def _by_name(path: Path) -> tuple[str, str]:
    return path.name.casefold(), path.name


def _missing(path: Path) -> FileError:
    beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, beside, n=1, cutoff=0.6)
    hint = (
        fill(" Did you mean {close}?", " ¿Quiso decir {close}?", close=path.with_name(close[0]))
        if close
        else Text("", "")
    )
    said = fill("There is no file or folder {path}.", "No existe el archivo o la carpeta {path}.", path=path) + hint
    return FileError(said.en, said.es)


def _unreadable(path: Path, error: OSError) -> FileError:
    said = fill(
        "{path} cannot be read: {why}. Check that it exists and that you may read it.",
        "No se puede leer {path}: {why}. Revise que exista y que usted tenga permiso de lectura.",
        path=path, why=error.strerror or type(error).__name__,
    )  # fmt: skip
    return FileError(said.en, said.es)


def _bytes(path: Path) -> bytes:
    try:
        if path.is_file() and path.stat().st_size > MAX_BYTES:
            raise _too_large(path.name)
        content = path.read_bytes()
    except OSError as error:
        if isinstance(error, FileError):
            raise
        raise _unreadable(path, error) from error
    if not content.strip(b"\r\n \t\0\xef\xbb\xbf"):
        raise input_error(
            "{name} is empty. It must hold a table with one line for each listing.",
            "{name} está vacío. Debe tener una tabla con una línea por anuncio.",
            name=path.name,
        )
    return content


def _too_large(name: str) -> Exception:
    return input_error(
        "{name} holds more than {most} MB and perla reads at most that. Split the table.",
        "{name} tiene más de {most} MB y perla lee como máximo eso. Divida la tabla.",
        name=name, most=MAX_BYTES // 10**6,
    )  # fmt: skip


def _unpacked(content: bytes, name: str) -> bytes:
    """The bytes inside a gzip file, up to the limit."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as stream:
            inside = stream.read(MAX_BYTES + 1)
    except (EOFError, OSError, zlib.error) as error:
        raise input_error(
            "{name} cannot be unpacked: the gzip file is truncated or damaged. Get the file again.",
            "{name} no se puede descomprimir: el archivo gzip está cortado o dañado. Consiga el archivo de nuevo.",
            name=name,
        ) from error
    if len(inside) > MAX_BYTES:
        raise _too_large(name)
    return inside


def _reader(content: bytes, path: Path) -> Callable[[bytes, str], Part]:
    """What reads these bytes: decided by how they begin, then by the file's ending."""
    ending, start = _ending(path), content[:512].lstrip().lower()
    if content.startswith(b"PAR1") or ending in PARQUET_ENDINGS:
        return read_parquet
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")) or ending in WORKBOOK_ENDINGS:
        return read_workbook
    if start.startswith((b"<!doctype html", b"<html")):
        raise input_error(
            "{name} is a web page, not a table. Save the listings as CSV, Excel, Parquet or JSON.",
            "{name} es una página web, no una tabla. Guarde los anuncios como CSV, Excel, Parquet o JSON.",
            name=path.name,
        )
    return read_json if ending in JSON_ENDINGS else read_delimited
