"""The folder the index is kept in: read whole or not at all, written by one process at a time."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from perla.errors import FileError, PerlaError, ShelfError, StoreBusyError
from perla.knowledge.locks import lock_alone
from perla.storage import check_target, read_folder, write_folder
from perla.words import Text, fill

KIND, FORMAT = "knowledge", 1
TRIES, PAUSE_S = 5, 0.05  # a reader that meets a change of folders looks again


class IndexFolder:
    """``home/knowledge/index``, and the lock beside it."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "knowledge" / "index"
        self._state: tuple[Any, dict[str, Any]] | None = None

    def read(self) -> dict[str, Any] | None:
        """What is kept, read once as long as it does not change; None where nothing is."""
        for attempt in range(TRIES):
            folder = self._standing()
            if folder is None:
                return None
            mark = _mark(folder)
            if self._state is not None and mark is not None and self._state[0] == mark:
                return self._state[1]
            try:
                state, _ = read_folder(folder, KIND)
            except PerlaError as problem:
                if attempt + 1 < TRIES and _mark(folder) != mark:
                    time.sleep(PAUSE_S)
                    continue
                raise self._unusable(problem) from problem
            if state.get("format") != FORMAT:
                raise self._unusable(Text("it is of another format", "es de otro formato"))
            self._state = (mark, state)
            return state
        return None

    def _standing(self) -> Path | None:
        """The folder of the index, or the old one where a run was killed between the two renamings."""
        if self.folder.is_dir():
            return self.folder
        asides = sorted(self.folder.parent.glob(".index.*.old")) if self.folder.parent.is_dir() else []
        return asides[-1] if asides else None

    @contextmanager
    def believed(self) -> Iterator[None]:
        try:
            yield
        except (KeyError, ValueError, TypeError, IndexError, AttributeError) as problem:
            if isinstance(problem, PerlaError):
                raise
            raise self._unusable(Text("its parts do not fit", "sus partes no concuerdan")) from problem

    def _unusable(self, why: PerlaError | Text) -> ShelfError:
        told = why.message if isinstance(why, PerlaError) else why
        said = fill(
            "The index of what was learned, {folder}, must be whole and of this version of perla, so nothing of it was "
            "used. Make it again from your files: perla learn --anew PATH... (What was wrong: {why})",
            "El índice de lo aprendido, {folder}, debe estar completo y ser de esta versión de perla, así que no se "
            "usó nada de él. Hágalo de nuevo desde sus archivos: perla learn --anew RUTA... (Qué pasó: {why})",
            folder=self.folder, why=Text(_first_sentence(told.en), _first_sentence(told.es)),
        )  # fmt: skip
        return ShelfError(said.en, said.es)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else writes; the system lets go of the lock when the process ends, however it ends."""
        lock = self.folder.parent / ".lock"
        try:
            lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = lock.open("ab")
        except OSError as problem:
            why = problem.strerror or str(problem)
            raise FileError(
                f"The folder {lock.parent} must be writable to keep what is learned, but the system says: {why}. "
                "Choose another with --home.",
                f"La carpeta {lock.parent} debe permitir escritura para guardar lo aprendido, pero el sistema dice: "
                f"{why}. Elija otra con --home.",
            ) from problem
        with file:
            try:
                lock_alone(file)
            except OSError:
                raise StoreBusyError(
                    f"Only one process may learn into {lock.parent} at a time, and another one is at work. Questions "
                    "are answered from what was learned before; try again when it is done.",
                    f"Solo un proceso puede aprender en {lock.parent} a la vez, y hay otro en curso. Mientras tanto se "
                    "responde con lo aprendido antes; intente de nuevo cuando termine.",
                ) from None
            yield

    def write(self, state: dict[str, Any], card: dict[str, Any]) -> None:
        """Keep a state in the place of the one before, whole or not at all."""
        write_folder(self.folder, KIND, {"format": FORMAT, **state}, card)
        for ending in ("old", "partial"):  # what killed runs left
            for left in self.folder.parent.glob(f".index.*.{ending}"):
                shutil.rmtree(left, ignore_errors=True)

    def check(self) -> None:
        """Raise FileError now where nothing could be kept later."""
        check_target(self.folder, KIND)

    def make_room(self) -> None:
        """An index that cannot be read is no reason not to write a new one."""
        try:
            check_target(self.folder, KIND)
        except FileError:
            with suppress(OSError):
                if not self.folder.is_symlink():
                    shutil.rmtree(self.folder)


def _mark(folder: Path) -> tuple[int, int] | None:
    try:
        told = (folder / "checksums.json").stat()
    except OSError:
        return None
    return told.st_ino, told.st_mtime_ns


def _first_sentence(text: str) -> str:
    return text.split(". ")[0].split(";")[0].rstrip(".")
