"""Whether a release is whole: every file is there, as long as it was, with the content it had."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from perla.release import places
from perla.release.files import digest_of, read_json
from perla.words import Text, fill

FILE_NAME = re.compile(r"record\.json|model/[a-z]+\.(json|safetensors)|model/[a-z]+/\d{4,6}\.[a-z]+")


@dataclass(frozen=True)
class Fault:
    """One damaged file of a release. file : its path inside the release. why : what is wrong with it."""

    release: str
    file: str
    why: Text

    @property
    def told(self) -> Text:
        """One clause: which file, and what is wrong with it."""
        return fill("{file} {why}", "{file} {why}", file=self.file, why=self.why)


def is_file_of_release(name: str) -> bool:
    """Whether a path inside a release is one that perla writes, and leads nowhere else.

    >>> is_file_of_release("model/tables/0000.parquet"), is_file_of_release("model/../../secret")
    (True, False)
    """
    return FILE_NAME.fullmatch(name) is not None


def find_faults(folder: Path) -> list[Fault]:
    """Every damaged file of a release, [] for a whole one; its name holds the digest of its list of checksums."""
    name = folder.name
    if not folder.is_dir():
        return [Fault(name, places.MODEL, Text("is missing", "falta"))]
    try:
        content = (folder / places.CHECKSUMS).read_bytes()
        index = read_json(folder / places.CHECKSUMS)["files"]
        files = {str(n): (int(told["bytes"]), str(told["sha256"])) for n, told in index.items()}
    except OSError:
        return [Fault(name, places.CHECKSUMS, Text("is missing or cannot be read", "falta o no se puede leer"))]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [Fault(name, places.CHECKSUMS, Text("is not the list perla wrote", "no es la lista que escribió perla"))]
    if hashlib.sha256(content).hexdigest()[:8] != name.rpartition("-")[2]:
        changed = Text("was changed: its digest is not the one in the release's name",
                       "fue alterado: su resumen no es el del nombre de la versión")  # fmt: skip
        return [Fault(name, places.CHECKSUMS, changed)]
    return [f for f in (_fault(folder, file, *told) for file, told in files.items()) if f is not None]


def _fault(folder: Path, file: str, size: int, sha256: str) -> Fault | None:
    if not is_file_of_release(file) or (folder / file).is_symlink():
        return Fault(folder.name, file[:80], Text("is none of perla's files", "no es un archivo de perla"))
    try:
        has, digest = digest_of(folder / file)
    except FileNotFoundError:
        return Fault(folder.name, file, Text("is missing", "falta"))
    except OSError as problem:
        said = problem.strerror or "?"
        return Fault(folder.name, file, Text(f"cannot be read: {said}", f"no se puede leer: {said}"))
    if has != size:
        why = fill("has {has} bytes and must have {size}", "tiene {has} bytes y debe tener {size}", has=has, size=size)
        return Fault(folder.name, file, why)
    if digest != sha256:
        changed = Text("was changed: its sha256 is not the recorded one", "fue alterado: su sha256 no es el registrado")
        return Fault(folder.name, file, changed)
    return None
