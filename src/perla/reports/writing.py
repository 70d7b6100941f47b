"""Findings to files: each report is chosen by the file's ending, and appears whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from perla.bargains.findings import Findings
from perla.errors import FileError
from perla.words import Lang

Render = Callable[[Findings, Lang, bool, "str | None"], bytes]
# Ending -> the module whose render(findings, lang, all_rows, made_on) makes the bytes. A new report is one line here.
REPORTS: dict[str, str] = {
    ".xlsx": "perla.reports.workbook",
    ".html": "perla.reports.page",
    ".csv": "perla.reports.csv_table",
    ".parquet": "perla.reports.parquet_table",
    ".json": "perla.reports.json_record",
}


def write_reports(
    findings: Findings, paths: Sequence[Path], lang: Lang, all_rows: bool = False, made_on: str | None = None
) -> list[Path]:
    """Write one report per path; the ending says which kind. Returns the files written.

    findings : what a search found. lang : the language of everything a person reads. all_rows : every listing, not the
    bargains alone. made_on : the day as it should be printed; None prints no day, so that equal findings give equal
    bytes. Every path is checked and every report is made before the first file is touched.

    Raises FileError for an ending nobody knows, a folder that is missing or not writable, or a path that is a folder.
    """
    targets = list(dict.fromkeys(Path(p) for p in paths))
    renders = [_render_for(path) for path in targets]
    for path in targets:
        check_writable(path)
    contents = [render(findings, lang, all_rows, made_on) for render in renders]
    for path, content in zip(targets, contents, strict=True):
        write_whole(path, content)
    return targets


def check_reports(paths: Sequence[Path]) -> None:
    """Raise FileError now if ``write_reports`` could not write there later (called before the long work)."""
    for path in paths:
        _render_for(Path(path))
        check_writable(Path(path))


def check_writable(path: Path) -> None:
    """Raise FileError unless a file can be created or replaced at ``path``."""
    folder = path.parent
    if path.is_dir():
        raise FileError(
            f"The output must be a file, but {path} is a folder. Name a file in it, such as {path / 'bargains.xlsx'}.",
            f"La salida debe ser un archivo, pero {path} es una carpeta. "
            f"Indique un archivo en ella, como {path / 'perlas.xlsx'}.",
        )
    if not folder.is_dir():
        raise FileError(
            f"The folder of the output {path} must exist, but {folder} does not. Create it first.",
            f"La carpeta de la salida {path} debe existir, pero {folder} no existe. Créela primero.",
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise FileError(
            f"The folder of the output {path} must be writable, but {folder} is not. Choose another folder.",
            f"La carpeta de la salida {path} debe permitir escritura, pero {folder} no la permite. Elija otra carpeta.",
        )


def write_whole(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step: whoever looks sees the old file or the new one, never a part."""
    target = path.resolve()
    partial = target.with_name(f".{target.name[:100]}.{os.getpid()}.partial")
    try:
        with partial.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(target)
    except OSError as error:
        _remove(partial)
        raise FileError(
            f"The output {path} must be writable, but the system says: {error.strerror}. Choose another place.",
            f"La salida {path} debe permitir escritura, pero el sistema dice: {error.strerror}. Elija otro lugar.",
        ) from error
    except BaseException:  # Ctrl-C too leaves nothing behind
        _remove(partial)
        raise


def _remove(partial: Path) -> None:
    with suppress(OSError):
        partial.unlink(missing_ok=True)


def _render_for(path: Path) -> Render:
    module = REPORTS.get(path.suffix.lower())
    if module is None:
        known = " ".join(REPORTS)
        raise FileError(
            f"The ending of the output {path} must be one of {known}, but it is {path.suffix or 'missing'}. Rename it.",
            f"La terminación de la salida {path} debe ser una de {known}, pero es {path.suffix or 'ninguna'}. "
            "Cámbiela.",
        )

    def render(findings: Findings, lang: Lang, all_rows: bool, made_on: str | None) -> bytes:
        made: bytes = import_module(module).render(findings, lang, all_rows, made_on)
        return made

    return render
