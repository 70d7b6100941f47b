"""Where a run shows things: reports and answers on stdout, progress on stderr, colours only on a terminal."""

from __future__ import annotations

import ctypes
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from perla.words import Lang, Text

if TYPE_CHECKING:
    from rich.console import Console

Progress = Callable[[Text, float], None]


def make_console() -> Console:
    """Stdout as a place for tables; NO_COLOR is respected, and nothing in a text is read as markup."""
    from rich.console import Console

    class Terminal(Console):
        def on_broken_pipe(self) -> None:
            """Rich would end the program as if it had failed."""
            raise BrokenPipeError

    return Terminal(file=sys.stdout, highlight=False, markup=False, emoji=False)


@contextmanager
def at_work(lang: Lang, quiet: bool) -> Iterator[Progress]:
    """The long work: a bar on stderr, and what libraries print goes nowhere, so stdout holds perla's words alone."""
    with _silent_stdout(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with _bar(lang, quiet) as tell:
            yield tell


@contextmanager
def _silent_stdout() -> Iterator[None]:
    """Python's stdout and the process's own lead nowhere while inside.

    LightGBM's worker threads warn through C's printf, whatever its verbosity; C's buffer is emptied before the end.
    """
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        try:
            own = os.dup(1)
        except OSError:  # started without a stdout
            yield
            return
        try:
            os.dup2(nowhere.fileno(), 1)
            yield
        finally:
            with suppress(OSError, AttributeError, TypeError):
                ctypes.CDLL(None).fflush(None)
            os.dup2(own, 1)
            os.close(own)


@contextmanager
def _bar(lang: Lang, quiet: bool) -> Iterator[Progress]:
    """A bar on stderr while inside, if a person is looking at stderr; it is gone afterwards."""
    if quiet or not sys.stderr.isatty():
        yield lambda what, share: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}", markup=False), BarColumn(24), TaskProgressColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=1.0)
        yield lambda what, share: bar.update(task, description=what.text(lang), completed=share)
