"""Small operational state in one SQLite file: runs of the pipeline, keys of the API, and what each key was used for."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

from perla.errors import FileError, InputError, UnknownNameError, closest
from perla.words import Text, fill, same

OPERATIONS = "operations.sqlite"  # its name under perla's home folder
WAIT_SECONDS = 5.0
PREFIX_SIGNS, LONGEST_NAME = 8, 100


@dataclass(frozen=True)
class Run:
    """One run of the pipeline. started, finished : ISO times, finished empty while it runs. outcome : as it was told,
    such as ``deployed``; empty while it runs. record : everything else, JSON values."""

    run: str
    market: str
    started: str
    finished: str
    outcome: str
    record: dict[str, Any]


@dataclass(frozen=True)
class Key:
    """A key of the API, without its secret.

    prefix : the public part, by which it is told from others. rate_calls : calls within rate_seconds, 0 for no limit.
    quota : calls a calendar month (UTC), 0 for no limit. revoked : ISO time, empty while it is good.
    """

    prefix: str
    name: str
    rate_calls: int
    rate_seconds: int
    quota: int
    created: str
    revoked: str = ""


@dataclass(frozen=True)
class Usage:
    """How many calls a key made in a month such as ``2026-11``, and on its busiest day."""

    key: Key
    month: str
    calls: int
    busiest_day: str
    busiest_calls: int


@dataclass
class Operations:
    """The file of runs, keys and usage; made when it is missing. One may be used from several threads at once.

    Raises FileError where the file cannot be made or read, is locked for long, or is of a newer perla.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home, Operations(Path(home, "operations.sqlite")) as operations:
    ...     secret, key = operations.create_key("ana", datetime(2026, 1, 1))
    ...     operations.key_of(secret) == key, operations.key_of("perla_x_y")
    (True, None)
    """

    path: Path
    wait_seconds: float = WAIT_SECONDS
    _connection: sqlite3.Connection = field(init=False, repr=False)
    _lock: RLock = field(default_factory=RLock, repr=False)

    def __post_init__(self) -> None:
        with self._told():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(
                self.path, timeout=self.wait_seconds, isolation_level=None, check_same_thread=False
            )
        try:
            self._make_ready()
        except BaseException:
            self._connection.close()
            raise

    def _make_ready(self) -> None:
        with self._told():
            self._connection.row_factory = sqlite3.Row
            found = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if found > len(MIGRATIONS):
            raise _newer(self.path, found)
        with self._told():
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
        if found < len(MIGRATIONS):
            self._migrate()

    def _migrate(self) -> None:
        """Every change that the file has not seen, all or none."""
        with self._changing() as connection:
            found = connection.execute("PRAGMA user_version").fetchone()[0]
            for number, change in enumerate(MIGRATIONS[found:], start=found + 1):
                change(connection)
                connection.execute(f"PRAGMA user_version = {number}")

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Operations:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    # Runs -------------------------------------------------------------------------------------------------------------

    def start_run(self, run: str, market: str, at: datetime, record: Mapping[str, Any] | None = None) -> None:
        """Note that a run began; one of the same name begins anew (it was interrupted and goes on)."""
        with self._changing() as connection:
            connection.execute(
                "INSERT INTO runs (run, market, started, record) VALUES (?, ?, ?, ?) ON CONFLICT (run) DO UPDATE SET "
                "market = excluded.market, started = excluded.started, record = excluded.record, finished = '', "
                "outcome = ''",
                (run, market, at.isoformat(timespec="seconds"), _json(record or {})),
            )

    def finish_run(self, run: str, outcome: str, at: datetime, record: Mapping[str, Any] | None = None) -> None:
        """Note how a run ended; a record given here takes the place of the first. UnknownNameError for no such run."""
        with self._changing() as connection:
            changed = connection.execute(
                "UPDATE runs SET finished = ?, outcome = ?, record = coalesce(?, record) WHERE run = ?",
                (at.isoformat(timespec="seconds"), outcome, None if record is None else _json(record), run),
            ).rowcount
        if not changed:
            raise UnknownNameError(f"There is no run {run!r}.", f"No existe la ejecución {run!r}.")

    def list_runs(self, market: str | None = None, most: int = 50) -> list[Run]:
        """The runs, of one market or all, the latest begun first."""
        rows = self._rows(
            "SELECT run, market, started, finished, outcome, record FROM runs WHERE ? IS NULL OR market = ? "
            "ORDER BY started DESC, rowid DESC LIMIT ?",
            (market, market, most),
        )
        return [Run(**{**dict(row), "record": json.loads(row["record"])}) for row in rows]

    # Keys -------------------------------------------------------------------------------------------------------------

    def create_key(
        self, name: str, at: datetime, rate_calls: int = 0, rate_seconds: int = 60, quota: int = 0
    ) -> tuple[str, Key]:
        """A new key: its secret, which is kept nowhere, and the key. InputError for a name that is empty or taken."""
        shown = name.strip()
        if not shown or len(shown) > LONGEST_NAME or not shown.isprintable():
            raise InputError(
                f"A key's name must have 1 to {LONGEST_NAME} printable characters; got {name[:40]!r}.",
                f"El nombre de una clave tiene de 1 a {LONGEST_NAME} caracteres imprimibles; se dio {name[:40]!r}.",
            )
        key = Key(
            secrets.token_hex(PREFIX_SIGNS // 2), shown, rate_calls, rate_seconds, quota,
            at.isoformat(timespec="seconds"),
        )  # fmt: skip
        secret = f"perla_{key.prefix}_{secrets.token_urlsafe(32)}"
        with self._changing() as connection:
            if connection.execute("SELECT 1 FROM keys WHERE name = ? AND revoked = ''", (shown,)).fetchone():
                raise InputError(
                    f"There is a key {shown!r} already. Choose another name, or revoke it: perla keys revoke {shown}",
                    f"Ya existe una clave {shown!r}. Elija otro nombre, o revóquela: perla keys revoke {shown}",
                )
            connection.execute(
                "INSERT INTO keys (prefix, name, digest, rate_calls, rate_seconds, quota, created, revoked) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, '')",
                (key.prefix, shown, _digest(secret), rate_calls, rate_seconds, quota, key.created),
            )
        return secret, key

    def list_keys(self) -> list[Key]:
        """Every key, also the revoked ones, the oldest first."""
        rows = self._rows(
            "SELECT prefix, name, rate_calls, rate_seconds, quota, created, revoked FROM keys ORDER BY rowid", ()
        )
        return [Key(**dict(row)) for row in rows]

    def revoke_key(self, name: str, at: datetime) -> Key:
        """Make a key, named or told by its prefix, good for nothing. UnknownNameError where none good is called so."""
        good = [k for k in self.list_keys() if not k.revoked]
        found = next((k for k in good if name in (k.name, k.prefix)), None)
        if found is None:
            near = closest(name, [k.name for k in good])
            hint = Text(f" Did you mean {near!r}?", f" ¿Quiso decir {near!r}?") if near else same("")
            raise UnknownNameError(
                f"There is no key {name!r} that is still good.{hint.en} See: perla keys list",
                f"No existe una clave {name!r} vigente.{hint.es} Vea: perla keys list",
            )
        with self._changing() as connection:
            when = at.isoformat(timespec="seconds")
            connection.execute("UPDATE keys SET revoked = ? WHERE prefix = ?", (when, found.prefix))
        return found

    def key_of(self, secret: str) -> Key | None:
        """The key with this secret, revoked or not; None where there is none. Takes as long for a near miss."""
        parts = secret.split("_", 2)
        prefix = parts[1] if len(parts) == 3 and parts[0] == "perla" and parts[1].isascii() else ""
        rows = self._rows("SELECT * FROM keys WHERE prefix = ?", (prefix,))
        kept = bytes(rows[0]["digest"]) if rows else b""
        if not hmac.compare_digest(kept, _digest(secret)):
            return None
        return Key(**{name: rows[0][name] for name in Key.__dataclass_fields__})

    # Usage ------------------------------------------------------------------------------------------------------------

    def count_calls(self, counted: Mapping[tuple[str, str], int]) -> None:
        """Add calls, by prefix and ISO day, in one write."""
        if not counted:
            return
        with self._changing() as connection:
            connection.executemany(
                "INSERT INTO usage (prefix, day, calls) VALUES (?, ?, ?) "
                "ON CONFLICT (prefix, day) DO UPDATE SET calls = calls + excluded.calls",
                [(prefix, day, calls) for (prefix, day), calls in counted.items()],
            )

    def calls_in(self, month: str) -> dict[str, int]:
        """Calls of every key in a month such as ``2026-11``, by prefix."""
        rows = self._rows(
            "SELECT prefix, sum(calls) AS calls FROM usage WHERE day >= ? AND day < ? GROUP BY prefix",
            (f"{month}-00", f"{month}-99"),
        )
        return {row["prefix"]: int(row["calls"]) for row in rows}

    def list_usage(self, name: str | None = None) -> list[Usage]:
        """By key and month, the latest month first. UnknownNameError where no key is called so."""
        keys = {k.prefix: k for k in self.list_keys() if name is None or name in (k.name, k.prefix)}
        if name is not None and not keys:
            near = closest(name, [k.name for k in self.list_keys()])
            hint = Text(f" Did you mean {near!r}?", f" ¿Quiso decir {near!r}?") if near else same("")
            raise UnknownNameError(f"There is no key {name!r}.{hint.en}", f"No existe la clave {name!r}.{hint.es}")
        rows = self._rows(
            "SELECT prefix, substr(day, 1, 7) AS month, sum(calls) AS calls, max(calls) AS most, day FROM usage "
            "GROUP BY prefix, month ORDER BY month DESC, calls DESC",
            (),
        )  # SQLite: beside max(), a bare column comes from the row of the maximum
        return [
            Usage(keys[row["prefix"]], row["month"], int(row["calls"]), row["day"], int(row["most"]))
            for row in rows
            if row["prefix"] in keys
        ]

    # The file ---------------------------------------------------------------------------------------------------------

    def _rows(self, question: str, facts: tuple[Any, ...]) -> list[sqlite3.Row]:
        with self._lock, self._told():
            return self._connection.execute(question, facts).fetchall()

    @contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or nothing."""
        with self._lock, self._told():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite and the system say, in perla's words."""
        try:
            yield
        except (sqlite3.Error, OSError) as problem:
            if isinstance(problem, FileError):
                raise
            raise _unusable(self.path, problem) from problem


def create_runs(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE runs (run TEXT PRIMARY KEY, market TEXT NOT NULL, started TEXT NOT NULL, "
        "finished TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '', record TEXT NOT NULL)"
    )
    connection.execute("CREATE INDEX runs_by_market ON runs (market, started)")


def create_keys(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE keys (prefix TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL, "
        "rate_calls INTEGER NOT NULL, rate_seconds INTEGER NOT NULL, quota INTEGER NOT NULL, created TEXT NOT NULL, "
        "revoked TEXT NOT NULL)"
    )


def create_usage(connection: sqlite3.Connection) -> None:
    connection.execute(
        "CREATE TABLE usage (prefix TEXT NOT NULL, day TEXT NOT NULL, calls INTEGER NOT NULL, "
        "PRIMARY KEY (prefix, day)) WITHOUT ROWID"
    )


# Forward only; a change once released stays as it is, and the next one is added below it.
MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (create_runs, create_keys, create_usage)


def _digest(secret: str) -> bytes:
    """A plain hash is right for a random secret of 256 bits: there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, allow_nan=False)


def _newer(path: Path, version: int) -> FileError:
    return FileError(
        f"The file {path} must be of this perla (version {len(MIGRATIONS)} of its tables) or an older one; it has "
        f"version {version}. Use the perla that made it, or a newer one. Nothing was changed.",
        f"El archivo {path} debe ser de este perla (versión {len(MIGRATIONS)} de sus tablas) o de uno anterior; tiene "
        f"la versión {version}. Use el perla que lo hizo, o uno más nuevo. No se cambió nada.",
    )


def _unusable(path: Path, problem: Exception) -> FileError:
    said = str(problem)
    if "locked" in said or "busy" in said:
        why = Text(
            "another program holds it; try again in a moment", "otro programa lo está usando; intente en un momento"
        )
    elif "full" in said or "No space" in said:
        why = Text("the disk is full; make room", "el disco está lleno; libere espacio")
    elif "not a database" in said or "malformed" in said:
        why = Text(
            "it is no database, or a damaged one; move it away, or bring back a copy",
            "no es una base de datos, o está dañada; muévala, o restaure una copia",
        )
    else:
        why = same(getattr(problem, "strerror", None) or said)
    told = fill(
        "The file {path} of runs, keys and usage cannot be used: {why}.",
        "El archivo {path} de ejecuciones, claves y uso no se puede usar: {why}.",
        path=path, why=why,
    )  # fmt: skip
    return FileError(told.en, told.es)
