"""PostgreSQL behind the same interface, for those who outgrow one file. Its tables live in the schema ``perla``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from perla.errors import InputError, MissingExtraError, StoreBusyError, StoreError
from perla.storage.database.store import Value
from perla.words import fill

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

SCHEMA = "perla"
ADDRESS = re.compile(
    r"postgres(ql)?://([^@/?#:\s]*(:[^@/?#\s]*)?@)?(?P<server>[\w.\-]*(:\d+)?(,[\w.\-]+(:\d+)?)*|\[[0-9a-fA-F:]+\](:\d+)?)"
    r"(?P<name>/[^@/?#\s]*)?(\?[^#\s]*)?"
)
ONE_WRITER = 7_365_726_501  # the key of the lock that every writer takes; any number nobody else uses
CONNECT_SECONDS = 10
ROWS_AT_ONCE = 50_000
WHOLE, DECIMAL, DAYS = (20, 21, 23), (700, 701, 1700), (1082,)  # PostgreSQL's numbers of its types


class PostgresStore:
    """Listings in PostgreSQL; see :class:`perla.storage.database.Store`."""

    indexed = True

    def __init__(self, address: str, read_only: bool, wait_seconds: float) -> None:
        self.shown = shown_address(address)
        self._wait_seconds = wait_seconds
        self._connection = _connect(address, self.shown)
        with _errors_told(self.shown, wait_seconds):
            if not read_only:
                self._connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            self._connection.execute(f"SET search_path TO {SCHEMA}")
            self._connection.read_only = read_only

    @contextmanager
    def reading(self) -> Iterator[_Transaction]:
        with _errors_told(self.shown, self._wait_seconds), self._connection.transaction():
            self._connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield _Transaction(self._connection)

    @contextmanager
    def writing(self) -> Iterator[_Transaction]:
        with _errors_told(self.shown, self._wait_seconds), self._connection.transaction():
            self._connection.execute(f"SET LOCAL lock_timeout = {max(1, int(self._wait_seconds * 1000))}")
            self._connection.execute("SELECT pg_advisory_xact_lock($1)", [ONE_WRITER])
            yield _Transaction(self._connection)

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> PostgresStore:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()


class _Transaction:
    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def read(self, query: str, *values: Value) -> pa.Table:
        import pyarrow as pa

        cursor = self._connection.execute(query, list(values))
        told = cursor.description or []
        columns = list(zip(*cursor.fetchall(), strict=True)) or [()] * len(told)
        arrays = [pa.array(cells, _arrow_type(column.type_code)) for column, cells in zip(told, columns, strict=True)]
        return pa.Table.from_arrays(arrays, names=[column.name for column in told])

    def run(self, statement: str, *values: Value) -> None:
        self._connection.execute(statement, list(values))

    def insert(self, table: str, rows: pa.Table) -> None:
        columns = ", ".join(rows.column_names)
        statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)"
        with self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            for piece in _as_csv(rows):
                copy.write(piece)


def _as_csv(rows: pa.Table) -> Iterator[bytes]:
    """Rows as CSV: every text in quotes, nothing at all where a value is missing."""
    import pyarrow as pa
    from pyarrow import csv

    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    for piece in rows.to_batches(max_chunksize=ROWS_AT_ONCE):
        sink = pa.BufferOutputStream()
        csv.write_csv(piece, sink, options)
        yield sink.getvalue().to_pybytes()


def _arrow_type(oid: int) -> pa.DataType:
    import pyarrow as pa

    if oid in WHOLE:
        return pa.int64()
    if oid in DECIMAL:
        return pa.float64()
    return pa.date32() if oid in DAYS else pa.large_string()


def shown_address(address: str) -> str:
    """An address without user, password and options. Raises InputError, which shows nothing of it.

    Signs that a password must not hold as they are could make a driver take a piece of it for the server's name, and
    tell it; so such an address is refused here.

    >>> shown_address("postgresql://ana:secret@db.example:5433/listings?sslmode=require")
    'postgresql://db.example:5433/listings'
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise _bad_address()
    return f"postgresql://{found['server']}{found['name'] or ''}"


def _connect(address: str, shown: str) -> psycopg.Connection[Any]:
    """A connection, and never a word of the password: what the driver says of a broken address may quote it."""
    try:
        import psycopg
        from psycopg.conninfo import conninfo_to_dict
    except ImportError:
        raise MissingExtraError(
            "PostgreSQL needs a package that is not installed. Install it with: pip install 'perla[postgres]'",
            "PostgreSQL necesita un paquete que no está instalado. Instálelo con: pip install 'perla[postgres]'",
        ) from None
    try:
        wanted = conninfo_to_dict(address)
    except psycopg.Error:
        raise _bad_address() from None
    seconds = int(str(wanted.get("connect_timeout") or CONNECT_SECONDS))
    with _errors_told(shown, 0.0, str(wanted.get("password") or "")):
        return psycopg.connect(address, autocommit=True, cursor_factory=psycopg.RawCursor, connect_timeout=seconds)


def _bad_address() -> InputError:
    return InputError(
        "PERLA_DATABASE_URL must be an address postgresql://user:password@host:port/name; it cannot be read as one. "
        "Signs such as @ : / in the password are written %40 %3A %2F.",
        "PERLA_DATABASE_URL debe ser una dirección postgresql://usuario:clave@servidor:puerto/nombre; no se puede leer "
        "así. Signos como @ : / en la clave se escriben %40 %3A %2F.",
    )


@contextmanager
def _errors_told(shown: str, wait_seconds: float, password: str = "") -> Iterator[None]:
    """Whatever the driver raises, as a StoreError that a person can use."""
    import psycopg

    try:
        yield
    except psycopg.Error as problem:
        _tell(problem, shown, wait_seconds, password)


def _tell(problem: psycopg.Error, shown: str, wait_seconds: float, password: str) -> NoReturn:
    from psycopg import errors

    if isinstance(problem, errors.LockNotAvailable):
        busy = fill(
            "Another perla is writing to {shown}; waited {seconds:.0f} s. Try again when it has finished.",
            "Otra perla está escribiendo en {shown}; se esperó {seconds:.0f} s. Intente de nuevo cuando termine.",
            shown=shown, seconds=wait_seconds,
        )  # fmt: skip
        raise StoreBusyError(busy.en, busy.es) from None
    if isinstance(problem, errors.DiskFull):
        raise StoreError(
            f"There must be room on the disk of {shown}, but it is full. Nothing was added; make room and repeat.",
            f"Debe haber espacio en el disco de {shown}, pero está lleno. No se agregó nada; libere espacio y repita.",
        ) from None
    said = " ".join(str(problem).split())[:200].rstrip(".")
    said = said.replace(password, "***") if password else said
    raise StoreError(
        f"The database {shown} cannot be used: {said}. Check PERLA_DATABASE_URL and that the server runs.",
        f"La base de datos {shown} no se puede usar: {said}. Revise PERLA_DATABASE_URL y que el servidor esté activo.",
    ) from None
