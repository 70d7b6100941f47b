"""Files that are on the disk whole or not at all, whatever moment the power goes."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from perla.errors import FileError, InputError
from perla.storage.durable import sync_folder, write_new

PIECE = 1024 * 1024
MOST_JSON_BYTES = 64 * 1024 * 1024


def json_bytes(value: Any) -> bytes:
    """A value as the JSON text perla keeps, the same text for the same value."""
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8", "replace")


def read_json(path: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises OSError, and ValueError for anything else than an object."""
    with path.open("rb") as file:
        content = file.read(MOST_JSON_BYTES + 1)
    try:
        found = json.loads(content) if len(content) <= MOST_JSON_BYTES else None
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(found, dict):
        raise ValueError("not a JSON object")
    return found


def copy_new(source: Path, target: Path) -> str:
    """A new file with the content of another, on the disk; the sha256 of what was copied."""
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as read, target.open("xb") as file:
        while piece := read.read(PIECE):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def digest_of(path: Path) -> tuple[int, str]:
    """How many bytes a file has, and their sha256."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            size += len(piece)
    return size, digest.hexdigest()


def replace_file(path: Path, content: bytes) -> None:
    """A file gets new content in one step: a reader, or a crash, sees the old or the new, never a part."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    try:
        write_new(partial, content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(path.parent)


@contextmanager
def only_one(lock: Path) -> Iterator[None]:
    """Nobody else is inside; the system lets go of it when the process ends, however it ends. Raises InputError."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("ab") as file:
        try:
            _lock(file.fileno())
        except OSError:
            raise InputError(
                f"Only one deploy or rollback may work on {lock.parent} at a time, and another one is at work. "
                "Try again when it is done.",
                f"Solo un despliegue o retroceso puede trabajar en {lock.parent} a la vez, y hay otro en curso. "
                "Intente de nuevo cuando termine.",
            ) from None
        yield


def _lock(handle: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def told_as_file_error(folder: Path) -> Iterator[None]:
    """What the system says about the disk, as perla's one sentence."""
    try:
        yield
    except FileError:
        raise
    except OSError as problem:
        why = problem.strerror or str(problem)
        raise FileError(
            f"The folder {folder} must be writable and have room to put a model in service, but the system says: "
            f"{why}. Nothing was changed: what was in service still is.",
            f"La carpeta {folder} debe permitir escritura y tener espacio para poner un modelo en servicio, pero el "
            f"sistema dice: {why}. Nada cambió: lo que estaba en servicio sigue.",
        ) from problem
