"""Where the Whisper model stands: a folder on this machine, or a name that was fetched once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from perla.errors import FileError, InputError, UnknownNameError, closest
from perla.words import Text, fill

DEFAULT_MODEL = "small"
SIZES_MB = {
    "tiny": 75, "tiny.en": 75, "base": 145, "base.en": 145, "small": 485, "small.en": 485, "medium": 1530,
    "medium.en": 1530, "large-v1": 3090, "large-v2": 3090, "large-v3": 3090, "large": 3090, "large-v3-turbo": 1620,
    "turbo": 1620,
}  # fmt: skip
OWNER_AND_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]+")
NEEDED = ("model.bin", "config.json", "tokenizer.json")
VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
NOT_CONVERTED = ("pytorch_model.bin", "model.safetensors", "tf_model.h5", "flax_model.msgpack")
HEAD = 1 << 20

Fetch = Callable[[str, bool], str]  # a name, whether to stay off the network -> the folder it was put into


@dataclass(frozen=True)
class Model:
    """A model that is there. name : as it was asked for. folder : where it stands. digest : of what it consists of."""

    name: str
    folder: Path
    digest: str


def find_model(name: str, download: bool = False, fetch: Fetch | None = None) -> Model:
    """The model of a folder, or of a name.

    A folder is read from disk alone. A name is looked for among the models fetched before; it is fetched from the
    network only when ``download`` says so. Raises FileError or InputError that say what must be there.
    """
    place = Path(name).expanduser()
    if place.is_dir() or _is_path(name):
        return _from_folder(name, place)
    _check_name(name)
    try:
        found = (fetch or _fetch)(name, not download)
    except (OSError, ValueError) as problem:
        raise _absent(name, download, problem) from problem
    return _from_folder(name, Path(found))


def tell_download(name: str) -> Text:
    """What fetching a model means, said before it begins."""
    size = SIZES_MB.get(name)
    much = fill(" (some {n} MB)", " (unos {n} MB)", n=size) if size else Text("", "")
    return fill(
        "the model {name}{much} is fetched from the Hugging Face Hub unless it is here; the recordings stay here",
        "el modelo {name}{much} se descarga del Hugging Face Hub si no está aquí; las grabaciones no salen de aquí",
        name=name, much=much,
    )  # fmt: skip


def is_folder(name: str) -> bool:
    """Whether a model is named by its folder.

    >>> is_folder("./whisper"), is_folder("small"), is_folder("Systran/faster-whisper-small")
    (True, False, False)
    """
    return _is_path(name) or Path(name).expanduser().is_dir()


def _is_path(name: str) -> bool:
    return name.startswith((".", "~", "/", "\\")) or "\\" in name or name.count("/") > 1 or name[1:2] == ":"


def _check_name(name: str) -> None:
    if name in SIZES_MB or OWNER_AND_NAME.fullmatch(name):
        return
    near = closest(name, list(SIZES_MB))
    known = ", ".join(SIZES_MB)
    raise UnknownNameError(
        f"There is no model {name!r}. " + (f"Did you mean {near!r}? " if near else "")
        + f"Give a folder, or one of: {known}.",
        f"No existe el modelo {name!r}. " + (f"¿Quiso decir {near!r}? " if near else "")
        + f"Indique una carpeta, o uno de: {known}.",
    )  # fmt: skip


def _from_folder(name: str, folder: Path) -> Model:
    if not folder.is_dir():
        raise FileError(f"The model {folder} must be a folder; there is none.",
                        f"El modelo {folder} debe ser una carpeta; no existe.")  # fmt: skip
    missing = [needed for needed in NEEDED if not (folder / needed).is_file()]
    if not any((folder / vocabulary).is_file() for vocabulary in VOCABULARIES):
        missing.append(" / ".join(VOCABULARIES))
    if missing:
        raise _no_model(folder, missing)
    return Model(name, folder, _digest(folder))


def _no_model(folder: Path, missing: list[str]) -> InputError:
    absent = ", ".join(missing)
    other = next((name for name in NOT_CONVERTED if (folder / name).exists()), "")
    en = f" {other} is a model in another form: convert it with ct2-transformers-converter." if other else ""
    es = f" {other} es un modelo en otro formato: conviértalo con ct2-transformers-converter." if other else ""
    return InputError(
        f"{folder} is no Whisper model that perla can load: it lacks {absent}. A model in CTranslate2's form holds "
        f"model.bin, config.json, tokenizer.json and vocabulary.json.{en}",
        f"{folder} no es un modelo Whisper que perla pueda cargar: le falta {absent}. Un modelo en el formato de "
        f"CTranslate2 contiene model.bin, config.json, tokenizer.json y vocabulary.json.{es}",
    )


def _absent(name: str, download: bool, problem: Exception) -> FileError:
    if not download:
        size = SIZES_MB.get(name)
        en, es = (f" (some {size} MB)", f" (unos {size} MB)") if size else ("", "")
        return FileError(
            f"The model {name} is not on this machine. --download fetches it once{en} from the Hugging Face Hub; or "
            "give the folder of a model: --model FOLDER",
            f"El modelo {name} no está en este equipo. --download lo descarga una vez{es} del Hugging Face Hub; o "
            "indique la carpeta de un modelo: --model CARPETA",
        )
    why = " ".join(str(problem).split())[:200]
    return FileError(
        f"The model {name} could not be fetched: {why}. Check the connection and the name, or give the folder of a "
        "model.",
        f"No se pudo descargar el modelo {name}: {why}. Revise la conexión y el nombre, o indique la carpeta de un "
        "modelo.",
    )


def _fetch(name: str, offline: bool) -> str:
    from perla.knowledge.transcription.media import missing_extra

    try:
        from faster_whisper.utils import download_model
    except ImportError as missing:
        raise missing_extra() from missing
    return str(download_model(name, local_files_only=offline))


def _digest(folder: Path) -> str:
    """Of the small files, and of the length and both ends of the weights, which are gigabytes."""
    found = hashlib.sha256()
    for name in ("config.json", "tokenizer.json", "preprocessor_config.json", *VOCABULARIES):
        if (folder / name).is_file():
            found.update(name.encode() + (folder / name).read_bytes())
    with (folder / "model.bin").open("rb") as weights:
        found.update(weights.read(HEAD))
        length = weights.seek(0, 2)
        weights.seek(max(0, length - HEAD))
        found.update(weights.read(HEAD) + str(length).encode())
    return found.hexdigest()


def check_config(folder: Path) -> None:
    """The small files must be JSON; the loader would say so less clearly."""
    for name in ("config.json", "tokenizer.json", "preprocessor_config.json"):
        path = folder / name
        try:
            if path.is_file() and not isinstance(json.loads(path.read_text("utf-8")), dict):
                raise ValueError("not an object")
        except (ValueError, RecursionError) as problem:
            raise InputError(
                f"{path} must be JSON that describes a model; it is not ({problem}). Get the model anew.",
                f"{path} debe ser un JSON que describa un modelo; no lo es ({problem}). Obtenga el modelo de nuevo.",
            ) from problem
