"""Where answers are made: a few threads, a bounded queue before them, and a time after which nobody waits longer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from threading import Lock
from typing import TypeVar

from perla.app.web.limits import Limits
from perla.app.web.problems import ProblemError
from perla.words import Text, fill

Made = TypeVar("Made")
BUSY = Text(
    "Too many requests are waiting already. Come back in a moment.",
    "Ya hay demasiadas peticiones esperando. Vuelva en un momento.",
)


@dataclass
class Pool:
    """Runs what blocks outside the event loop. A piece of work whose caller has gone ends on its own; the limits on
    what a request may ask for keep it short."""

    limits: Limits
    pending: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)
    _threads: ThreadPoolExecutor = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._threads = ThreadPoolExecutor(self.limits.working, thread_name_prefix="perla-answer")

    async def run(self, work: Callable[[], Made]) -> Made:
        """What the work returns. ProblemError 503 where too many wait, 504 where it takes too long."""
        if self.pending >= self.limits.working + self.limits.waiting:
            raise ProblemError(503, BUSY, headers={"retry-after": "1"})
        with self._lock:
            self.pending += 1
        future = self._threads.submit(copy_context().run, work)
        future.add_done_callback(self._done)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), self.limits.seconds)
        except TimeoutError:
            told = fill(
                "The answer took longer than {seconds} s. Ask for less: a shorter filter, fewer listings or pages.",
                "La respuesta tardó más de {seconds} s. Pida menos: un filtro más corto, menos anuncios o páginas.",
                seconds=f"{self.limits.seconds:g}",
            )
            raise ProblemError(504, told) from None

    def _done(self, _: object) -> None:
        with self._lock:
            self.pending -= 1

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
