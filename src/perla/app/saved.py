"""Fitted finders <-> folders on the shelf."""

from __future__ import annotations

import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from perla.bargains.finder import Finder
from perla.errors import PerlaError, ShelfError
from perla.storage import read_folder, write_folder

KIND = "model"


def save_finder(finder: Finder, folder: Path) -> None:
    """Keep a fitted finder in a folder, whole or not at all, with its card for people."""
    write_folder(folder, KIND, finder.state(), _plain(asdict(finder.card_)))


def load_finder(folder: Path, threads: int) -> Finder:
    """The finder kept in a folder. Raises FileError and ShelfError; nothing in the folder is ever run."""
    state, _ = read_folder(folder, KIND)
    try:
        return Finder.from_state(state, threads)
    except PerlaError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, AssertionError) as problem:
        what = f"{type(problem).__name__}: {str(problem)[:120]}"
        raise ShelfError(
            f"The model {folder} must hold what perla train writes, but its parts do not fit together ({what}). "
            "Train it again with: perla train",
            f"El modelo {folder} debe contener lo que escribe perla train, pero sus partes no encajan ({what}). "
            "Entrénelo de nuevo con: perla train",
        ) from problem


def _plain(value: Any) -> Any:
    """JSON values; a figure that is not a number becomes null."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
