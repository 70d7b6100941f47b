"""Fitted things in folders: written whole or not at all, checked before anything is believed, never code."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

from perla import __version__
from perla.errors import FileError, ShelfError
from perla.storage.durable import sync_folder, write_new
from perla.storage.tree import ARRAYS, CARD, STATE, DamagedLeafError, Leaves, pack, unpack
from perla.words import Text, fill, same

FORMAT = 1
INDEX = "checksums.json"
NAMES = re.compile(r"card\.json|state\.json|arrays\.safetensors|tables/\d{4,6}\.parquet|texts/\d{4,6}\.txt")
MOST_BYTES = 4 * 1024**3
MOST_INDEX_BYTES = 16 * 1024**2
NO_JSON = Text("no JSON object", "no es un objeto JSON")


def write_folder(folder: Path, kind: str, state: dict[str, Any], card: dict[str, Any]) -> None:
    """Keep a fitted thing in a folder, whole or not at all; one of the same kind that stands there is replaced.

    kind : what it is, such as ``model``; reading asks for it by this word. state : nested dicts and lists of JSON
    values, texts, numpy arrays of numbers and DataFrames. card : its human twin, JSON values only.
    The same state gives the same bytes. Raises FileError for a folder that cannot be made, or that holds other things.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     write_folder(Path(home, "kept"), "example", {"factor": 2.0}, {"market": "homes"})
    ...     read_folder(Path(home, "kept"), "example")
    ({'factor': 2.0}, {'market': 'homes'})
    """
    check_target(folder, kind)
    files = _files(kind, state, card)
    target = folder.absolute()
    partial = target.with_name(f".{target.name[:100]}.{os.getpid()}.partial")
    try:
        for name, content in files.items():
            write_new(partial / name, content)
        for inside in (partial, *(p for p in partial.iterdir() if p.is_dir())):
            sync_folder(inside)
        _put_in_place(partial, target)
    except OSError as problem:
        raise _unwritable(folder, problem.strerror or str(problem)) from problem
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_target(folder: Path, kind: str) -> None:
    """Raise FileError now if ``write_folder`` could not write there later (called before the long work)."""
    parent = folder.absolute().parent
    if not parent.is_dir() or not os.access(parent, os.W_OK | os.X_OK):
        why = Text("is not writable", "no permite escritura") if parent.is_dir() else Text("is missing", "no existe")
        raise FileError(
            f"The folder {parent} must exist and be writable to keep {folder} in it, but it {why.en}. Choose another.",
            f"La carpeta {parent} debe existir y permitir escritura para guardar {folder}, pero {why.es}. Elija otra.",
        )
    if os.path.lexists(folder) and not _may_be_replaced(folder, kind):
        raise FileError(
            f"{folder} exists and is no perla {kind} folder, so it is not replaced. Name a new folder.",
            f"{folder} ya existe y no es una carpeta de perla ({kind}), así que no se reemplaza. Indique otra carpeta.",
        )


def read_folder(folder: Path, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What was kept in a folder: its state and its card.

    Everything is checked first: the format, the kind, every file's size and sha256. Nothing in it is ever run.
    Raises FileError where there is no such folder; ShelfError, naming the file, for one of another kind or version, or
    one that is incomplete, truncated or changed.
    """
    index = _read_index(folder, kind)
    files = {name: _read_checked(folder, name, told) for name, told in index.items()}
    try:
        tree, card = (json.loads(files[name]) for name in (STATE, CARD))
        state = unpack(tree, files, _read_arrays(files.pop(ARRAYS)))
    except DamagedLeafError as problem:
        raise _damaged(folder, problem.name, problem.why) from None
    except (ValueError, RecursionError):
        raise _damaged(folder, STATE, NO_JSON) from None
    if not isinstance(state, dict) or not isinstance(card, dict):
        raise _damaged(folder, STATE, NO_JSON)
    return state, card


def _files(kind: str, state: dict[str, Any], card: dict[str, Any]) -> dict[str, bytes]:
    """Every file of the folder, the index last."""
    from safetensors.numpy import save

    leaves = Leaves()
    tree = pack(state, leaves)
    files = {CARD: _json(card), STATE: _json(tree), ARRAYS: save(leaves.arrays), **leaves.files}
    told = {n: {"bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in sorted(files.items())}
    return {**files, INDEX: _json({"format": FORMAT, "kind": kind, "perla": __version__, "files": told})}


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode("utf-8", "replace")


def _put_in_place(partial: Path, target: Path) -> None:
    """The new folder under its name; an old one is moved aside, and comes back if anything goes wrong."""
    aside = target.with_name(f".{target.name[:100]}.{os.getpid()}.old")
    had_one = target.exists()
    if had_one:
        target.rename(aside)
    try:
        partial.rename(target)
    except BaseException:
        if had_one and not target.exists():
            aside.rename(target)
        raise
    sync_folder(target.parent)
    shutil.rmtree(aside, ignore_errors=True)


def _may_be_replaced(folder: Path, kind: str) -> bool:
    """An empty folder, or one of this kind that perla wrote."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    inside = {p.name for p in folder.iterdir()}
    with suppress(OSError, ValueError, AttributeError):
        index = json.loads((folder / INDEX).read_bytes()) if INDEX in inside else {}
        return not inside or (
            index.get("kind") == kind and inside <= {INDEX, *(n.split("/")[0] for n in index["files"])}
        )
    return False


def _read_index(folder: Path, kind: str) -> dict[str, dict[str, Any]]:
    """The names, sizes and checksums of a folder's files, from a folder of the right kind and version."""
    if not folder.is_dir():
        raise FileError(
            f"There is no model folder {folder}. Make one with: perla train LISTINGS -o {folder}",
            f"No existe la carpeta de modelo {folder}. Cree una con: perla train ANUNCIOS -o {folder}",
        )
    try:
        content = _read_file(folder, INDEX, MOST_INDEX_BYTES)
        index = json.loads(content)
        files = index["files"]
        known = {"format": index["format"], "kind": index["kind"], "perla": index["perla"]}
    except ShelfError:
        raise
    except (ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(folder, INDEX, Text("not the index perla writes", "no es el índice que escribe perla")) from None
    _check_version(folder, kind, known)
    _check_names(folder, files)
    return dict(files)


def _check_version(folder: Path, kind: str, known: dict[str, Any]) -> None:
    if known["kind"] != kind:
        raise ShelfError(
            f"{folder} must hold a {kind}; it says it is {str(known['kind'])[:40]!r}. Name another folder.",
            f"{folder} debe contener un modelo ({kind}); dice ser {str(known['kind'])[:40]!r}. Indique otra carpeta.",
        )
    made_by = str(known["perla"])[:40]
    if known["format"] != FORMAT or made_by.split(".")[:2] != __version__.split(".")[:2]:
        raise ShelfError(
            f"The model {folder} must be of this version of perla ({__version__}, format {FORMAT}); it was made by "
            f"perla {made_by} (format {str(known['format'])[:10]}). Train it again with: perla train",
            f"El modelo {folder} debe ser de esta versión de perla ({__version__}, formato {FORMAT}); lo hizo "
            f"perla {made_by} (formato {str(known['format'])[:10]}). Entrénelo de nuevo con: perla train",
        )


def _check_names(folder: Path, files: Any) -> None:
    """Only the names perla writes, nothing that leads elsewhere; sizes within reason."""
    if not isinstance(files, dict) or not {CARD, STATE, ARRAYS} <= set(files):
        raise _damaged(
            folder,
            INDEX,
            Text("files that every model has are missing in it", "le faltan archivos que todo modelo tiene"),
        )
    for name, told in files.items():
        if not NAMES.fullmatch(name):
            why = Text(f"the file {name[:60]!r} is none of perla's", f"el archivo {name[:60]!r} no es de perla")
            raise _damaged(folder, INDEX, why)
        size = told.get("bytes") if isinstance(told, dict) else None
        if not isinstance(size, int) or size < 0 or not isinstance(told.get("sha256"), str):
            raise _damaged(folder, INDEX, Text(f"no size or sha256 of {name}", f"no dice tamaño o sha256 de {name}"))
    if sum(told["bytes"] for told in files.values()) > MOST_BYTES:
        raise _damaged(
            folder, INDEX, Text("larger than any model perla writes", "más grande que cualquier modelo de perla")
        )


def _read_checked(folder: Path, name: str, told: dict[str, Any]) -> bytes:
    content = _read_file(folder, name, told["bytes"])
    if len(content) != told["bytes"]:
        has = (
            "more" if len(content) > told["bytes"] else len(content),
            "más" if len(content) > told["bytes"] else len(content),
        )
        why = Text(
            f"it must have {told['bytes']} bytes, it has {has[0]}", f"debe tener {told['bytes']} bytes y tiene {has[1]}"
        )
        raise _damaged(folder, name, why)
    if hashlib.sha256(content).hexdigest() != told["sha256"]:
        raise _damaged(folder, name, Text("its sha256 is not the recorded one", "su sha256 no es el registrado"))
    return content


def _read_file(folder: Path, name: str, most: int) -> bytes:
    """A regular file's bytes, at most one more than expected; links are not followed out of the folder."""
    path = folder / name
    if path.is_symlink() or (path.parent.is_symlink() and path.parent != folder):
        raise _damaged(folder, name, Text("it is a link", "es un enlace"))
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except FileNotFoundError:
        raise _damaged(folder, name, Text("it is missing", "falta")) from None
    except OSError as problem:
        raise _damaged(folder, name, same(problem.strerror or type(problem).__name__)) from None


def _read_arrays(content: bytes) -> dict[str, Any]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        loaded = load(content)
        del content
        return {name: loaded.pop(name).copy() for name in sorted(loaded)}  # never all of them twice
    except (SafetensorError, KeyError, TypeError) as problem:
        why = str(problem)[:100]
        raise DamagedLeafError(ARRAYS, f"no safetensors file: {why}", f"no es un archivo safetensors: {why}") from None


def _damaged(folder: Path, name: str, why: Text) -> ShelfError:
    said = fill(
        "The model {folder} is incomplete or was changed: {name} cannot be used ({why}). Nothing of it was loaded; "
        "train it again with: perla train",
        "El modelo {folder} está incompleto o fue alterado: {name} no se puede usar ({why}). No se cargó nada; "
        "entrénelo de nuevo con: perla train",
        folder=folder, name=name, why=why,
    )  # fmt: skip
    return ShelfError(said.en, said.es)


def _unwritable(folder: Path, why: str) -> FileError:
    return FileError(
        f"The folder {folder} must be writable, but the system says: {why}. Choose another place.",
        f"La carpeta {folder} debe permitir escritura, pero el sistema dice: {why}. Elija otro lugar.",
    )
