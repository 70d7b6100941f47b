"""Everything one database holds into another: a backup, or a move to PostgreSQL."""

from __future__ import annotations

from perla.errors import StoreError
from perla.storage.database.store import Store, only_row

TABLES = ("market", "layout", "listing", "sighting", "cells", "addition")


def copy_store(source: Store, target: Store) -> dict[str, int]:
    """Copy every row, all of one moment, all or nothing; how many rows of each table.

    The target must hold no listings. Raises StoreError.

    >>> import tempfile
    >>> from perla.storage.database import open_store
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with open_store(f"{folder}/a.duckdb") as a, open_store(f"{folder}/b.duckdb") as b:
    ...         copy_store(a, b)["listing"]
    0
    """
    copied = {}
    with source.reading() as reader, target.writing() as writer:
        if any(only_row(writer.read(f"SELECT count(*) AS rows FROM {table}"))[0] for table in TABLES):  # noqa: S608
            raise StoreError(
                f"The database to copy into must be empty, but {target.shown} holds listings. Name another.",
                f"La base de datos donde se copia debe estar vacía, pero {target.shown} tiene anuncios. Indique otra.",
            )
        for table in TABLES:
            rows = reader.read(f"SELECT * FROM {table}")  # noqa: S608
            writer.insert(table, rows)
            copied[table] = len(rows)
    return copied
