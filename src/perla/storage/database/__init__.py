"""The one database of listings: a DuckDB file, or PostgreSQL for those who outgrow it."""

from perla.storage.database.opening import open_store
from perla.storage.database.store import Reader, Store, Writer

__all__ = ["Reader", "Store", "Writer", "open_store"]
