"""The tables perla keeps, as steps from nothing to today. Forward only: a step that was released is never changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from perla.errors import StoreError
from perla.storage.database.store import Reader, Store, Writer, only_row

Migration = Callable[[Writer, bool], None]


def keep_sightings(writer: Writer, indexed: bool) -> None:
    """Listings, every sighting of each, the cells of its last version, and what was added when.

    sighting : append-only; a listing may be seen twice on one day at two prices, the later addition stands last.
    cells : the last version of every listing, as text in the order of the columns of its layout.
    """
    writer.run("CREATE TABLE market (market BIGINT NOT NULL, name TEXT NOT NULL)")
    writer.run("CREATE TABLE layout (layout BIGINT NOT NULL, market BIGINT NOT NULL, columns TEXT NOT NULL)")
    writer.run("CREATE TABLE listing (listing BIGINT NOT NULL, market BIGINT NOT NULL, identity TEXT NOT NULL)")
    writer.run(
        "CREATE TABLE sighting (listing BIGINT NOT NULL, addition BIGINT NOT NULL, seen_on DATE NOT NULL, "
        "price DOUBLE PRECISION NOT NULL)"
    )
    writer.run(
        "CREATE TABLE cells (listing BIGINT NOT NULL, layout BIGINT NOT NULL, digest TEXT NOT NULL, "
        "cells TEXT NOT NULL)"
    )
    writer.run(
        "CREATE TABLE addition (addition BIGINT NOT NULL, market BIGINT NOT NULL, seen_on DATE NOT NULL, "
        "digest TEXT NOT NULL, source TEXT NOT NULL, listings BIGINT NOT NULL)"
    )
    if indexed:
        writer.run("CREATE UNIQUE INDEX market_names ON market (name)")
        writer.run("CREATE UNIQUE INDEX listing_identities ON listing (market, identity)")
        writer.run("CREATE INDEX listing_numbers ON listing (listing)")
        writer.run("CREATE INDEX sighting_listings ON sighting (listing, seen_on)")
        writer.run("CREATE UNIQUE INDEX cells_listings ON cells (listing)")


def count_set_aside(writer: Writer, indexed: bool) -> None:
    """How many rows of every addition could not be used, so that nothing is lost silently."""
    writer.run("ALTER TABLE addition ADD COLUMN set_aside BIGINT DEFAULT 0")


MIGRATIONS: tuple[Migration, ...] = (keep_sightings, count_set_aside)
_VERSION_TABLE = "CREATE TABLE schema_version (version BIGINT NOT NULL, step TEXT NOT NULL)"


def schema_version(store: Store) -> int:
    """How many steps a database has taken; 0 for an empty one. Raises StoreError where other tables stand there."""
    with store.reading() as reader:
        version = _taken(reader)
    if version < 0:
        raise StoreError(
            f"The database {store.shown} must be empty or perla's own, but it holds other tables. Name another.",
            f"La base de datos {store.shown} debe estar vacía o ser de perla, pero tiene otras tablas. Indique otra.",
        )
    return version


def _taken(reader: Reader) -> int:
    """The last step taken, 0 for an empty database, -1 for one that holds other tables."""
    tables, own = only_row(reader.read(
        "SELECT count(*) AS tables, count(CASE WHEN table_name = 'schema_version' THEN 1 END) AS own "
        "FROM information_schema.tables WHERE table_schema = current_schema()"
    ))  # fmt: skip
    if not own:
        return -1 if tables else 0
    (version,) = only_row(reader.read("SELECT coalesce(max(version), 0) AS version FROM schema_version"))
    return int(str(version))


def refuse_newer(store: Store, version: int) -> None:
    """Raise StoreError for a database that a newer perla wrote."""
    if version > len(MIGRATIONS):
        raise StoreError(
            f"The database {store.shown} was written by a newer perla (tables of version {version}; this one knows "
            f"{len(MIGRATIONS)}). Update perla, or name another database.",
            f"La base de datos {store.shown} fue escrita por una perla más nueva (tablas de versión {version}; esta "
            f"conoce {len(MIGRATIONS)}). Actualice perla o indique otra base de datos.",
        )


def migrate(store: Store, steps: Sequence[Migration] = MIGRATIONS) -> None:
    """Take the steps that a database still lacks, each whole or not at all. Raises StoreError for a newer one."""
    version = schema_version(store)
    refuse_newer(store, version)
    for number, step in enumerate(steps, 1):
        if number <= version:
            continue
        with store.writing() as writer:
            if _taken(writer) >= number:  # another process was faster
                continue
            if number == 1:
                writer.run(_VERSION_TABLE)
            step(writer, store.indexed)
            writer.run("INSERT INTO schema_version VALUES ($1, $2)", number, step.__name__)
