"""A run as a person watches it: every step on stderr, renewed while it goes on, gone when it is over."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from perla.app.pipeline.record import RunTold, State
from perla.app.pipeline.table import step_table
from perla.app.show import at_work
from perla.words import Lang, Text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from perla.app.pipeline.run import Screen


class Unwatched:
    """Nobody looks."""

    def show(self, run: RunTold) -> None: ...

    def heard(self, step: str, what: Text, share: float) -> None: ...


class Watched:
    """The steps so far, with what those at work say of themselves."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.run: RunTold | None = None
        self.said: dict[str, tuple[Text, float]] = {}
        self.begun: dict[str, float] = {}

    def show(self, run: RunTold) -> None:
        self.run = run
        for step in run.steps:
            if step.state is State.RUNNING:
                self.begun.setdefault(step.name, monotonic())
            else:
                self.said.pop(step.name, None)

    def heard(self, step: str, what: Text, share: float) -> None:
        self.said[step] = what, share

    def table(self) -> Table:
        seconds = {name: monotonic() - begun for name, begun in self.begun.items()}
        return step_table(self.run.steps if self.run else [], self.lang, dict(self.said), seconds)


@contextmanager
def follow(lang: Lang, quiet: bool) -> Iterator[Screen]:
    """What libraries print goes nowhere; the steps are shown if a person is looking at stderr."""
    with at_work(lang, quiet=True):
        if quiet or not sys.stderr.isatty():
            yield Unwatched()
            return
        from rich.console import Console
        from rich.live import Live

        watched = Watched(lang)
        console: Console = Console(stderr=True, highlight=False)
        with Live(console=console, get_renderable=watched.table, refresh_per_second=4, transient=True):
            yield watched
