"""What a database must offer so that perla can keep listings in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pyarrow as pa

Value = int | float | str | None | object


class Reader(Protocol):
    """One moment of the database: whatever others write meanwhile is not seen."""

    def read(self, query: str, *values: Value) -> pa.Table:
        """The rows of a query; ``$1``, ``$2`` stand for the values."""
        ...


class Writer(Reader, Protocol):
    """One change of the database: all of it is kept, or nothing."""

    def run(self, statement: str, *values: Value) -> None:
        """A statement without rows; ``$1``, ``$2`` stand for the values."""
        ...

    def insert(self, table: str, rows: pa.Table) -> None:
        """Rows put into the columns of the same names, all at once."""
        ...


class Store(Protocol):
    """A database of listings; made by :func:`perla.storage.database.open_store`.

    shown : where it is, as a person may read it (never a password). indexed : whether it wants indexes for look-ups.
    """

    shown: str
    indexed: bool

    def reading(self) -> AbstractContextManager[Reader]:
        """Read within one moment. Raises StoreError."""
        ...

    def writing(self) -> AbstractContextManager[Writer]:
        """Write all or nothing: an exception inside undoes everything. Raises StoreError, StoreBusyError."""
        ...

    def close(self) -> None:
        """Let go of the database; others may write again."""
        ...

    def __enter__(self) -> Store: ...

    def __exit__(self, *problem: object) -> None: ...


def only_row(found: pa.Table) -> Sequence[object]:
    """The values of the first row of an answer.

    >>> import pyarrow as pa
    >>> only_row(pa.table({"listings": [3], "market": ["homes"]}))
    (3, 'homes')
    """
    return tuple(column[0].as_py() for column in found.columns)
