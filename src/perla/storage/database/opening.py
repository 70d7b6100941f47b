"""Where the database is -> an open store with today's tables."""

from __future__ import annotations

from pathlib import Path

from perla.errors import InputError, StoreError
from perla.storage.database.migrations import MIGRATIONS, migrate, refuse_newer, schema_version
from perla.storage.database.store import Store

POSTGRES = ("postgresql://", "postgres://")
WAIT_SECONDS = 30.0


def open_store(place: str, *, read_only: bool = False, wait_seconds: float = WAIT_SECONDS) -> Store:
    """The database of listings at a place, with the tables of this version of perla; close it soon.

    place : a file (DuckDB; made where there is none) or an address ``postgresql://user:password@host/name``.
    read_only : promise not to write; a file that does not exist is then an error. wait_seconds : how long to wait while
    another process writes.

    Raises StoreError for a database that cannot be opened or is from a newer perla, StoreBusyError for one that another
    process holds for too long, MissingExtraError for PostgreSQL without its driver, InputError for another address.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder, open_store(f"{folder}/listings.duckdb") as store:
    ...     with store.reading() as reader:
    ...         reader.read("SELECT count(*) AS listings FROM listing").to_pydict()
    {'listings': [0]}
    """
    store = connect(place, read_only, wait_seconds)
    try:
        version = schema_version(store)
        refuse_newer(store, version)
        if version == len(MIGRATIONS):
            return store
        if not read_only:
            migrate(store)
            return store
        if version == 0:
            raise nothing_there(store.shown)
    except BaseException:
        store.close()
        raise
    store.close()
    open_store(place, wait_seconds=wait_seconds).close()  # an older database takes the missing steps
    return connect(place, read_only, wait_seconds)


def nothing_there(shown: str) -> StoreError:
    return StoreError(
        f"There must be a database at {shown}, but there is none yet. Add listings first: perla add LISTINGS --market "
        "MARKET",
        f"Debe haber una base de datos en {shown}, pero aún no hay. Agregue anuncios antes: perla add ANUNCIOS "
        "--market MERCADO",
    )


def connect(place: str, read_only: bool = False, wait_seconds: float = WAIT_SECONDS) -> Store:
    """The database as it is, whatever its tables."""
    if place.startswith(POSTGRES):
        from perla.storage.database.postgres import PostgresStore

        return PostgresStore(place, read_only, wait_seconds)
    if "://" in place:
        scheme = place.partition("://")[0]
        raise InputError(
            f"A database must be a file or an address postgresql://user@host/name; got one of {scheme!r}. Correct "
            "PERLA_DATABASE_URL.",
            f"Una base de datos debe ser un archivo o una dirección postgresql://usuario@servidor/nombre; se dio una "
            f"de {scheme!r}. Corrija PERLA_DATABASE_URL.",
        )
    from perla.storage.database.duckdb_file import DuckStore

    if read_only and not Path(place).is_file():
        raise nothing_there(place)
    return DuckStore(Path(place), read_only, wait_seconds)
