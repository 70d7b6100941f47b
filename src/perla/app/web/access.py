"""Who may ask: keys, how fast they may call, and how much in a month."""

from __future__ import annotations

import base64
import binascii
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from ipaddress import ip_address
from math import ceil
from threading import Event, Lock, Thread

from perla.app.web.problems import ProblemError
from perla.errors import PerlaError
from perla.storage.operations import Key, Operations
from perla.words import Text, fill

LOG = logging.getLogger("perla.access")
FLUSH_SECONDS = 0.5
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
HERE = ("localhost", "127.0.0.1", "[::1]")
NO_KEY = Text(
    "This service needs a key: send it as x-api-key. Whoever runs it makes one with: perla keys create NAME",
    "Este servicio necesita una clave: envíela como x-api-key. Quien lo opera la crea con: perla keys create NOMBRE",
)
WRONG_KEY = Text(
    "The key sent is not known. Check that it is whole; a lost one cannot be shown again, only replaced.",
    "La clave enviada no se conoce. Revise que esté completa; una perdida no se puede volver a mostrar, solo cambiar.",
)
REVOKED = Text("This key was revoked. Ask for another.", "Esta clave fue revocada. Pida otra.")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Bucket:
    """A token bucket. left : calls that may be made at once, refilled evenly. at : monotonic seconds."""

    left: float
    at: float

    def take(self, key: Key, calls: int, at: float) -> float:
        """Seconds until so many calls may be made; 0 where they are made now."""
        a_second = key.rate_calls / key.rate_seconds
        self.left = min(float(key.rate_calls), self.left + max(0.0, at - self.at) * a_second)
        self.at = at
        wanted = min(calls, key.rate_calls)
        if self.left >= wanted:
            self.left -= wanted
            return 0.0
        return (wanted - self.left) / a_second


@dataclass
class Keeper:
    """Lets calls through and counts them.

    Counts are kept in memory and written together every FLUSH_SECONDS and at the end; with each write the calls that
    other workers have written are read, so that rates and quotas hold for all workers together, late by at most that
    long. A clock that goes backwards books calls on an earlier day and does nothing worse; rates go by a clock that
    cannot.
    """

    operations: Operations
    clock: Callable[[], datetime] = now
    monotonic: Callable[[], float] = time.monotonic
    _counted: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)
    _month: str = field(default="", repr=False)
    _calls: dict[str, int] = field(default_factory=dict, repr=False)
    _buckets: dict[str, Bucket] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _flushing: Lock = field(default_factory=Lock, repr=False)
    _stopped: Event = field(default_factory=Event, repr=False)
    _writer: Thread | None = field(default=None, repr=False)
    _writes: Operations = field(init=False, repr=False)  # apart, so that reading a key never waits for a write

    def __post_init__(self) -> None:
        self._writes = Operations(self.operations.path, self.operations.wait_seconds)

    def known(self, secret: str) -> Key:
        """The key with this secret. ProblemError where it is wrong or revoked."""
        key = self.operations.key_of(secret)
        if key is None:
            raise ProblemError(401, WRONG_KEY, "x-api-key", headers={"www-authenticate": 'Basic realm="perla"'})
        if key.revoked:
            raise ProblemError(403, REVOKED, "x-api-key")
        return key

    def admit(self, secret: str) -> Key:
        """The key with this secret, one call counted. ProblemError where it is wrong, revoked or used up."""
        key = self.known(secret)
        self.spend(key, 1)
        return key

    def spend(self, key: Key, calls: int) -> None:
        """Count so many calls of a key, or refuse them all. ProblemError 429 with Retry-After."""
        if calls < 1:
            return
        at = self.clock()
        if self._month != at.strftime("%Y-%m"):
            self._begin_month(at)
        with self._lock:
            used = self._calls.get(key.prefix, 0)
            if key.quota and used + calls > key.quota:
                raise _over_quota(key, at)
            if key.rate_calls:
                bucket = self._buckets.setdefault(key.prefix, Bucket(float(key.rate_calls), self.monotonic()))
                wait = bucket.take(key, calls, self.monotonic())
                if wait > 0:
                    raise _too_fast(key, wait)
            self._calls[key.prefix] = used + calls
            place = (key.prefix, at.date().isoformat())
            self._counted[place] = self._counted.get(place, 0) + calls

    def _begin_month(self, at: datetime) -> None:
        """What was called in the month, as it is written; what is counted but not yet written is written first."""
        self.flush()
        month = at.strftime("%Y-%m")
        written = self.operations.calls_in(month)
        with self._lock:
            self._month, self._calls = month, written

    def flush(self) -> None:
        """Write what was counted, and learn what the other workers counted."""
        with self._flushing:
            with self._lock:
                counted, self._counted = self._counted, {}
            try:
                self._writes.count_calls(counted)
            except BaseException:
                with self._lock:
                    for place, calls in counted.items():
                        self._counted[place] = self._counted.get(place, 0) + calls
                raise
            if self._month:
                self._learn(self._writes.calls_in(self._month))

    def _learn(self, written: Mapping[str, int]) -> None:
        """Calls by other workers count here too, against the quota and the rate."""
        with self._lock:
            for prefix, total in written.items():
                own = sum(n for (p, day), n in self._counted.items() if p == prefix and day.startswith(self._month))
                others = total + own - self._calls.get(prefix, 0)
                if others > 0 and prefix in self._buckets:
                    self._buckets[prefix].left -= others
                self._calls[prefix] = total + own

    def start(self) -> None:
        """Write in the background, until :meth:`close`."""
        if self._writer is None:
            self._writer = Thread(target=self._go_on, name="perla-usage", daemon=True)
            self._writer.start()

    def _go_on(self) -> None:
        while not self._stopped.wait(FLUSH_SECONDS):
            try:
                self.flush()
            except PerlaError as problem:
                LOG.error("usage is kept in memory until it can be written: %s", problem)

    def close(self) -> None:
        """Write what is left."""
        self._stopped.set()
        if self._writer is not None:
            self._writer.join(timeout=5)
        try:
            self.flush()
        except PerlaError as problem:
            LOG.error("the last calls could not be counted: %s", problem)
        self._writes.close()


def sent_secret(headers: Mapping[str, str]) -> str:
    """The key a request carries: ``x-api-key``, or the password a browser asked its user for.

    >>> sent_secret({"authorization": "Basic YW5hOnBlcmxhX3hfeQ=="})
    'perla_x_y'
    """
    if headers.get("x-api-key"):
        return headers["x-api-key"].strip()
    kind, _, written = headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(written.strip(), validate=True).decode("utf-8").partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def is_from_here(client: str, headers: Mapping[str, str]) -> bool:
    """Whether a request plainly comes from a program on this machine: from loopback, to loopback's name, passed on by
    nobody. What a proxy says of its callers is never believed; a request that was passed on needs a key.

    >>> is_from_here("127.0.0.1", {"host": "localhost:8000"}), is_from_here("127.0.0.1", {"host": "evil.example"})
    (True, False)
    """
    try:
        here = ip_address(client).is_loopback
    except ValueError:
        return False
    host = headers.get("host", "").lower()
    name = host if host.endswith("]") else host.rpartition(":")[0] or host
    return here and name in HERE and not any(word in headers for word in FORWARDED)


def _over_quota(key: Key, at: datetime) -> ProblemError:
    year, month = (at.year + 1, 1) if at.month == 12 else (at.year, at.month + 1)
    wait = max(1, ceil((at.replace(year=year, month=month, day=1, hour=0, minute=0, second=0) - at).total_seconds()))
    told = fill(
        "The key {name} has used its {quota} calls of this month. The next month begins in {days} days.",
        "La clave {name} ya usó sus {quota} llamadas de este mes. El próximo mes empieza en {days} días.",
        name=key.name, quota=key.quota, days=ceil(wait / 86_400),
    )  # fmt: skip
    return ProblemError(429, told, "x-api-key", headers={"retry-after": str(wait)})


def _too_fast(key: Key, wait: float) -> ProblemError:
    seconds = max(1, ceil(wait))
    told = fill(
        "The key {name} may call {calls} times in {per} s. Wait {seconds} s.",
        "La clave {name} puede llamar {calls} veces en {per} s. Espere {seconds} s.",
        name=key.name, calls=key.rate_calls, per=key.rate_seconds, seconds=seconds,
    )  # fmt: skip
    return ProblemError(429, told, "x-api-key", headers={"retry-after": str(seconds)})
