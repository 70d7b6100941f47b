"""What was worked out once and is kept for the next who asks, from whatever thread."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class _Entry(Generic[Value]):
    """One answer, or its place while somebody works it out."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.made: tuple[Value] | None = None


class Memory(Generic[Key, Value]):
    """The answers asked for last, at most so many of them.

    Two that ask for the same thing at once wait for one answer; nobody waits for another's.

    >>> squares: Memory[int, int] = Memory(2)
    >>> squares.recall(3, lambda: 9), squares.recall(3, lambda: 0)
    (9, 9)
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._entries: OrderedDict[Key, _Entry[Value]] = OrderedDict()
        self._lock = Lock()

    def recall(self, key: Key, make: Callable[[], Value]) -> Value:
        """What is kept under a key, made now where there is nothing; what raises is not kept."""
        entry = self._entry(key)
        with entry.lock:
            if entry.made is None:
                try:
                    entry.made = (make(),)
                except BaseException:
                    self._forget(key, entry)
                    raise
            return entry.made[0]

    def held(self, key: Key) -> Value | None:
        """What is kept under a key already, None where there is nothing yet."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry.made is None:
                return None
            self._entries.move_to_end(key)
            return entry.made[0]

    def _entry(self, key: Key) -> _Entry[Value]:
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > self._most:
                self._entries.popitem(last=False)
            return entry

    def _forget(self, key: Key, entry: _Entry[Value]) -> None:
        with self._lock:
            if self._entries.get(key) is entry:
                del self._entries[key]
