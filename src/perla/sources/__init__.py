"""Files -> tables of listings."""

from perla.sources.files import SourceFile
from perla.sources.tables import FILE_COLUMN, RawTable, read_tables

__all__ = ["FILE_COLUMN", "RawTable", "SourceFile", "read_tables"]
