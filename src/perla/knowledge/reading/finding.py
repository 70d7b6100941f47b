"""The files behind the paths that are to be learned, and which are passed over unopened, with the reason."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from perla.errors import FileError, InputError
from perla.knowledge.passages import PassedOver
from perla.knowledge.reading.kinds import KNOWN, KNOWN_NAMES, MEDIA, is_generated_name
from perla.knowledge.reading.repository import commit_of, repository_of
from perla.knowledge.reading.secrets import is_secret_file
from perla.words import Text, fill

MOST_FILES = 200_000
OF_PROGRAMS = frozenset([
    "node_modules", "bower_components", "site-packages", "__pycache__", "venv", "env", "virtualenv", "dist", "build",
    "target", "vendor", "htmlcov", "wheels",
])  # fmt: skip
SECRET = Text("keys or passwords: not learned", "llaves o contraseñas: no se aprende")
HIDDEN = Text("a hidden folder", "una carpeta oculta")
INSTALLED = Text("installed or made by a program", "instalado o generado por un programa")
LINK = Text("a link: what it leads to is learned where it stands", "un enlace: lo enlazado se aprende en su lugar")
NO_TRANSCRIPT = Text(
    "a recording without a transcript; make one with: perla transcribe FILE",
    "una grabación sin transcripción; haga una con: perla transcribe ARCHIVO",
)
TRANSCRIPTS = (".json", ".csv", ".vtt", ".srt", ".tsv", ".txt")


@dataclass(frozen=True)
class Found:
    """A file to be read.

    path : absolute. root : the path that was asked to be learned. shown : as it is cited, from the name of the
    repository or folder on. commit : of its repository, or empty.
    """

    path: Path
    root: Path
    shown: str
    commit: str = ""

    @property
    def file(self) -> str:
        """The path as it can be written down."""
        return writable(str(self.path))


def writable(name: str) -> str:
    """A file name of whatever bytes as a text that can be kept.

    >>> writable("caf\\udce9.md")
    'caf\\\\udce9.md'
    """
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


@dataclass
class _Walk:
    """A folder on its way. commits : by repository."""

    root: Path
    apart: Path | None = None
    passed: list[PassedOver] = field(default_factory=list)
    commits: dict[Path, str] = field(default_factory=dict)

    def found(self, path: Path, repository: Path | None) -> Found:
        if repository is not None and repository not in self.commits:
            self.commits[repository] = commit_of(repository)
        base = repository or (self.root if self.root.is_dir() else self.root.parent / self.root.name)
        shown = path.name if path == base else f"{base.name}/{path.relative_to(base).as_posix()}".lstrip("/")
        return Found(path, self.root, writable(shown), self.commits.get(repository, "") if repository else "")

    def pass_over(self, path: Path, reason: Text) -> None:
        self.passed.append(PassedOver(str(path), reason))


def find(paths: Sequence[str | Path], apart: Path | None = None) -> tuple[list[Found], list[PassedOver]]:
    """The files to read, each once, in order of their names.

    apart : a folder that is never entered. Raises FileError for a path that is not there.
    """
    found: dict[Path, Found] = {}
    passed: list[PassedOver] = []
    for given in paths:
        root = root_of(given)
        walk = _Walk(root, apart.resolve() if apart else None)
        files = _in_folder(walk) if root.is_dir() else _single(walk)
        for one in files:
            found.setdefault(one.path, one)
            if len(found) > MOST_FILES:
                raise InputError(
                    f"{root} must hold at most {MOST_FILES:,} files that can be learned; it holds more. Name the "
                    "folders inside that you ask about.",
                    f"{root} debe tener como máximo {MOST_FILES:,} archivos que se puedan aprender; tiene más. Indique "
                    "las carpetas de adentro que le interesan.",
                )
        passed += walk.passed
    return list(found.values()), passed


def root_of(given: str | Path) -> Path:
    """The absolute path of what was asked to be learned. Raises FileError where there is nothing."""
    path = Path(given).expanduser()
    try:
        return path.resolve(strict=True)
    except FileNotFoundError:
        raise _missing(path) from None
    except (OSError, RuntimeError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or type(problem).__name__
        raise FileError(f"{path} cannot be opened: {why}.", f"No se puede abrir {path}: {why}.") from None


def _missing(path: Path) -> FileError:
    beside = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, beside, n=1, cutoff=0.6)
    hint = (
        fill(" Did you mean {close}?", " ¿Quiso decir {close}?", close=path.with_name(close[0]))
        if close
        else Text("", "")
    )
    said = fill("There is no file or folder {path}.", "No existe el archivo o la carpeta {path}.", path=path) + hint
    return FileError(said.en, said.es)


def _single(walk: _Walk) -> Iterator[Found]:
    reason = _reason(walk.root)
    if reason is not None:
        walk.pass_over(walk.root, reason)
    else:
        yield walk.found(walk.root, repository_of(walk.root.parent))


def _in_folder(walk: _Walk) -> Iterator[Found]:
    waiting: list[tuple[Path, Path | None]] = [(walk.root, repository_of(walk.root))]
    while waiting:
        folder, repository = waiting.pop()
        try:
            inside = sorted(os.scandir(folder), key=lambda entry: (entry.name.casefold(), entry.name))
        except OSError as problem:
            why = problem.strerror or "?"
            walk.pass_over(folder, fill("cannot be opened: {why}", "no se puede abrir: {why}", why=why))
            continue
        repository = folder if any(entry.name == ".git" for entry in inside) else repository
        below: list[tuple[Path, Path | None]] = []
        for entry in inside:
            path = folder / entry.name
            if entry.is_symlink():
                walk.pass_over(path, LINK)
            elif entry.is_dir(follow_symlinks=False):
                if path == walk.apart:
                    continue
                reason = _no_folder(path)
                below += [(path, repository)] if reason is None else []
                if reason is not None:
                    walk.pass_over(path, reason)
            elif (reason := _reason(path)) is None:
                yield walk.found(path, repository)
            elif reason is not BESIDE:
                walk.pass_over(path, reason)
        waiting += reversed(below)


def _no_folder(path: Path) -> Text | None:
    """Why a folder is not entered, or None."""
    if path.name.startswith("."):
        return HIDDEN
    if path.name in OF_PROGRAMS or path.name.endswith(".egg-info") or (path / "pyvenv.cfg").exists():
        return INSTALLED
    return None


BESIDE = Text("the recording of a transcript beside it", "la grabación de una transcripción que está al lado")


def _reason(path: Path) -> Text | None:
    """Why a file is not opened, or None."""
    suffix = path.suffix.lower()
    if is_secret_file(path.name):
        return SECRET
    if suffix in MEDIA:
        return BESIDE if any(path.with_suffix(ending).is_file() for ending in TRANSCRIPTS) else NO_TRANSCRIPT
    if is_generated_name(path.name):
        return INSTALLED
    if suffix in KNOWN or path.name.lower() in KNOWN_NAMES:
        return None
    named = suffix or Text("no ending", "sin extensión")
    return fill(
        "no kind of file that perla learns ({named})", "no es un tipo de archivo que perla aprenda ({named})",
        named=named,
    )  # fmt: skip
