"""The embedded database: one file. A process that writes keeps all others out, so whoever comes waits a while."""

from __future__ import annotations

import errno
import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from perla.errors import StoreBusyError, StoreError
from perla.storage.database.store import Value
from perla.words import fill

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

# Nothing in the database may reach another file or fetch code; no setting can be changed from inside.
CONFINED = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "lock_configuration": "true",
}
MAGIC, MAGIC_AT = b"DUCK", 8
SHORTEST_PAUSE, LONGEST_PAUSE = 0.02, 0.15
HELD = ("could not set lock", "conflicting lock", "different configuration", "already open", "being used by another")
T = TypeVar("T")


class DuckStore:
    """Listings in a DuckDB file; see :class:`perla.storage.database.Store`."""

    indexed = False

    def __init__(self, path: Path, read_only: bool, wait_seconds: float) -> None:
        self.path, self.shown = path, str(path)
        self._connection = _connect(path, read_only, wait_seconds)

    @contextmanager
    def reading(self) -> Iterator[_Transaction]:
        with self._transaction() as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[_Transaction]:
        with self._transaction() as transaction:
            yield transaction

    @contextmanager
    def _transaction(self) -> Iterator[_Transaction]:
        import duckdb

        try:
            self._connection.begin()
            try:
                yield _Transaction(self._connection)
                self._connection.commit()
            except BaseException:
                with suppress(duckdb.Error):
                    self._connection.rollback()
                raise
        except duckdb.Error as problem:
            raise _told(problem, self.path) from problem

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> DuckStore:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


class _Transaction:
    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def read(self, query: str, *values: Value) -> pa.Table:
        return self._connection.execute(query, list(values)).to_arrow_table()

    def run(self, statement: str, *values: Value) -> None:
        self._connection.execute(statement, list(values))

    def insert(self, table: str, rows: pa.Table) -> None:
        columns = ", ".join(rows.column_names)
        self._connection.register("arriving_rows", rows)
        try:
            self._connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM arriving_rows")  # noqa: S608
        finally:
            self._connection.unregister("arriving_rows")


def _connect(path: Path, read_only: bool, wait_seconds: float) -> duckdb.DuckDBPyConnection:
    import duckdb

    if not read_only:
        _make_folder(path)
    _refuse_other_file(path)
    config: dict[str, Any] = dict(CONFINED)
    try:
        return _patiently(lambda: duckdb.connect(str(path), read_only=read_only, config=config), path, wait_seconds)
    except (duckdb.Error, UnicodeDecodeError) as problem:
        raise _told(problem, path) from problem


def _patiently(connect: Callable[[], T], path: Path, wait_seconds: float) -> T:
    """Try again, for so long, while another process holds the file."""
    import duckdb

    until = time.monotonic() + wait_seconds
    while True:
        try:
            return connect()
        except (duckdb.IOException, duckdb.ConnectionException, duckdb.BinderException) as problem:
            if not _is_held(problem):
                raise
            if time.monotonic() >= until:
                raise _busy(problem, path, wait_seconds) from problem
        time.sleep(random.uniform(SHORTEST_PAUSE, LONGEST_PAUSE))


def _is_held(problem: Exception) -> bool:
    return any(words in str(problem).lower() for words in HELD)


def _refuse_other_file(path: Path) -> None:
    """DuckDB would try to fetch code for the files of other databases."""
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC) + MAGIC_AT)
    except FileNotFoundError:
        return
    except OSError as problem:
        raise _cannot(path, problem.strerror or "?") from problem
    if start and start[MAGIC_AT:] != MAGIC:
        raise StoreError(
            f"{path} must be a perla database, but it is no DuckDB file. Name another place, or restore a copy.",
            f"{path} debe ser una base de datos de perla, pero no es un archivo DuckDB. Indique otro lugar o restaure "
            "una copia.",
        )


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise _cannot(path, problem.strerror or "?") from problem


def _busy(problem: Exception, path: Path, wait_seconds: float) -> StoreBusyError:
    holder = re.search(r"\(PID (\d+)\)", str(problem))
    said = fill(
        "Another perla is writing to {path}{who}; waited {seconds:.0f} s. Try again when it has finished.",
        "Otra perla está escribiendo en {path}{who}; se esperó {seconds:.0f} s. Intente de nuevo cuando termine.",
        path=path, who=f" (PID {holder.group(1)})" if holder else "", seconds=wait_seconds,
    )  # fmt: skip
    return StoreBusyError(said.en, said.es)


def _cannot(path: Path, why: str) -> StoreError:
    return StoreError(
        f"The database {path} cannot be used: {why}. Check the place, or name another with --home.",
        f"La base de datos {path} no se puede usar: {why}. Revise el lugar o indique otro con --home.",
    )


def _told(problem: Exception, path: Path) -> StoreError:
    """What DuckDB says, as a person can use it."""
    said = " ".join(str(problem).split())
    low = said.lower()
    if _is_full(low):
        return StoreError(
            f"There must be room on the disk for {path}, but it is full. Nothing was added; make room and repeat.",
            f"Debe haber espacio en el disco para {path}, pero está lleno. No se agregó nada; libere espacio y repita.",
        )
    if "read a database file with version" in low or "newer" in low:
        return StoreError(
            f"The database {path} was written by a newer DuckDB than the one installed. Update perla and duckdb.",
            f"La base de datos {path} fue escrita por un DuckDB más nuevo que el instalado. Actualice perla y duckdb.",
        )
    if "checksum" in low or "corrupt" in low or isinstance(problem, UnicodeDecodeError):
        return StoreError(
            f"The database {path} is damaged and was left as it is. Restore a copy, or add the files again elsewhere.",
            f"La base de datos {path} está dañada y se dejó como está. Restaure una copia o agregue los archivos de "
            "nuevo en otro lugar.",
        )
    return _cannot(path, said[:200].rstrip("."))


def _is_full(said: str) -> bool:
    import os

    words = ("out of disk", "not enough space", os.strerror(errno.ENOSPC).lower(), os.strerror(errno.EFBIG).lower())
    return any(w in said for w in words)
