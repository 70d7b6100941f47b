"""One file -> its reading, by what its name and its content say it is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from perla.errors import FileError, InputError, PerlaError
from perla.knowledge.passages import PassedOver, Reading, Source, SourceKind, Span
from perla.knowledge.reading import kinds
from perla.knowledge.reading.code import LANGUAGES, read_code
from perla.knowledge.reading.feeds import is_feed, read_feed
from perla.knowledge.reading.finding import SECRET, Found, find, writable
from perla.knowledge.reading.names import media_beside, read_name
from perla.knowledge.reading.notebooks import read_notebook
from perla.knowledge.reading.opening import MOST_BYTES, MOST_CODE_BYTES, MOST_PDF_BYTES, decode, read_bytes, refused
from perla.knowledge.reading.pages import parse_page, read_page
from perla.knowledge.reading.pdf import read_pdf
from perla.knowledge.reading.plain import read_markdown, read_plain, title_of
from perla.knowledge.reading.secrets import without_secrets
from perla.knowledge.reading.subtitles import has_times, read_cues, read_said
from perla.knowledge.reading.transcripts import read_table
from perla.knowledge.reading.whisper import read_whisper
from perla.words import Text, fill

Pieces = tuple[list[Span], tuple[Text, ...]]
SAID = re.compile(r"transcri|subt[ií]tul|grabaci[oó]n|recording|caption", re.I)
MOST_LETTERS = 5_000_000  # of one source; a book has one million
FINEST_FIRST = (".json", ".csv", ".vtt", ".srt", ".tsv", ".txt")  # of the same recording
DOCUMENT_READERS: dict[str, Callable[[str], Pieces]] = {
    **dict.fromkeys(kinds.MARKDOWN, read_markdown), **dict.fromkeys(kinds.PAGES, read_page), ".ipynb": read_notebook,
}  # fmt: skip
RECORDING_READERS: dict[str, Callable[[str], Pieces]] = {
    **dict.fromkeys(kinds.TABLES, read_table), **dict.fromkeys(kinds.SUBTITLES, read_cues), ".json": read_whisper,
}  # fmt: skip


def read_paths(paths: Sequence[str | Path]) -> tuple[list[Reading], list[PassedOver]]:
    """Everything that can be read behind some paths, and what was passed over with the reason.

    Raises FileError for a path that is not there.
    """
    files, passed = find(paths)
    readings: dict[str, tuple[Found, Reading]] = {}
    for found in files:
        try:
            reading = read_file(found)
        except (InputError, FileError) as problem:
            passed.append(PassedOver(found.file, problem.message))
            continue
        name = reading.source.name if reading.source.name not in readings else found.file
        readings[name] = (found, replace(reading, source=replace(reading.source, name=name)))
    kept, twins = without_twins(readings.values())
    return [reading for _, reading in kept], passed + twins


def digest_of(path: Path) -> str:
    """sha256 of a file. Raises InputError, FileError as reading it would."""
    return hashlib.sha256(read_bytes(path, _most(path))).hexdigest()


def read_file(found: Found) -> Reading:
    """One file. Raises InputError or FileError with the reason, as half a sentence, why it is passed over."""
    content = read_bytes(found.path, _most(found.path))
    try:
        kind, title, spans, notes = _read(content, found)
    except PerlaError:
        raise
    except (ValueError, RecursionError, OverflowError, MemoryError) as problem:  # what no reader foresaw
        why = type(problem).__name__
        raise refused(f"it cannot be read ({why})", f"no se puede leer ({why})") from problem
    kept, hidden = without_secrets(spans)
    if not kept and hidden:
        raise refused(SECRET.en, SECRET.es)
    if not kept:
        raise refused("nothing in it can be learned", "no hay nada en él que se pueda aprender")
    if sum(len(span.text) for span in kept) > MOST_LETTERS:
        raise refused(f"it holds more than {MOST_LETTERS // 10**6} million letters of text; split it",
                      f"tiene más de {MOST_LETTERS // 10**6} millones de letras de texto; divídalo")  # fmt: skip
    notes = (*notes, _hidden(hidden)) if hidden else notes
    source = _source(found, kind, title, hashlib.sha256(content).hexdigest())
    return Reading(source, tuple(kept), notes)


def _most(path: Path) -> int:
    suffix = path.suffix.lower()
    if suffix == ".pdf":
        return MOST_PDF_BYTES
    return MOST_CODE_BYTES if suffix in LANGUAGES or suffix in kinds.OTHER_CODE else MOST_BYTES


def _read(content: bytes, found: Found) -> tuple[SourceKind, str, list[Span], tuple[Text, ...]]:
    """What a file is, its own title, its pieces, and what there is to say about it."""
    path, suffix = found.path, found.path.suffix.lower()
    if suffix == ".pdf":
        spans, notes = read_pdf(content)
        return SourceKind.DOCUMENT, "", spans, notes
    text, encoded = decode(content)
    if suffix in LANGUAGES or suffix in kinds.OTHER_CODE:
        kind, (spans, notes) = _code(text, found)
        return kind, found.shown, spans, encoded + notes
    if suffix in RECORDING_READERS:
        spans, notes = RECORDING_READERS[suffix](text)
        return SourceKind.RECORDING, "", spans, encoded + notes
    if suffix in kinds.FEEDS or is_feed(text):
        if not is_feed(text):
            raise refused("it is XML, but no RSS or Atom feed", "es XML, pero no un canal RSS o Atom")
        spans, notes = read_feed(text)
        return SourceKind.DOCUMENT, path.stem, spans, encoded + notes
    if suffix == ".txt" and (SAID.search(path.stem) or has_times(text) or media_beside(path)):
        spans, notes = read_said(text)
        return SourceKind.RECORDING, "", spans, encoded + notes
    if suffix == ".txt" and path.name != "CMakeLists.txt" and kinds.is_list(text):
        raise refused("a list of words or figures, no text", "una lista de palabras o cifras, no un texto")
    spans, notes = DOCUMENT_READERS.get(suffix, read_plain)(text)
    title = (parse_page(text)[1] if suffix in kinds.PAGES else "") or (title_of(spans) if suffix != ".ipynb" else "")
    return SourceKind.DOCUMENT, title, spans, encoded + notes


def _code(text: str, found: Found) -> tuple[SourceKind, Pieces]:
    if kinds.is_generated(text) or kinds.is_minified(text):
        raise refused("written by a program, not by a person", "escrito por un programa, no por una persona")
    suffix = found.path.suffix.lower()
    if suffix in LANGUAGES:
        return SourceKind.CODE, read_code(text, suffix, found.path.stem)
    return SourceKind.DOCUMENT, read_plain(text)


def _hidden(count: int) -> Text:
    return fill(
        "lines that look like keys or passwords, left out: {n}",
        "líneas que parecen llaves o contraseñas, dejadas fuera: {n}", n=count,
    )  # fmt: skip


def _source(found: Found, kind: SourceKind, title: str, digest: str) -> Source:
    if kind is not SourceKind.RECORDING:
        return Source(found.shown, kind, title or writable(found.path.stem), found.shown, digest, commit=found.commit)
    named = read_name(writable(found.path.stem))
    media = writable(media_beside(found.path))
    return Source(
        writable(found.path.name), kind, named.title, found.shown, digest, named.day, named.session, media, found.commit
    )


def without_twins(
    readings: Iterable[tuple[Found, Reading]],
) -> tuple[list[tuple[Found, Reading]], list[PassedOver]]:
    """Transcripts of one stem in one folder are one recording: the one with the finest times stays.

    Of recordings and documents that are the same byte by byte the first stays.
    """
    readings = list(readings)
    best: dict[tuple[Path, str], Found] = {}
    firsts: dict[str, Found] = {}
    for found, reading in readings:
        stem = (found.path.parent, found.path.stem)
        if reading.source.kind is SourceKind.RECORDING and (stem not in best or _fine(found) < _fine(best[stem])):
            best[stem] = found
        if reading.source.kind is not SourceKind.CODE:
            firsts.setdefault(reading.source.digest, found)
    kept, twins = [], []
    for found, reading in readings:
        finest = best.get((found.path.parent, found.path.stem), found)
        first = firsts.get(reading.source.digest, found)
        if reading.source.kind is SourceKind.RECORDING and finest.path != found.path:
            twins.append(PassedOver(found.file, _twin(finest)))
        elif reading.source.kind is not SourceKind.CODE and first.path != found.path:
            twins.append(PassedOver(found.file, _copy(first)))
        else:
            kept.append((found, reading))
    return kept, twins


def _fine(found: Found) -> int:
    return FINEST_FIRST.index(found.path.suffix.lower())


def _twin(other: Found) -> Text:
    return fill("the same recording as {name}", "la misma grabación que {name}", name=other.path.name)


def _copy(other: Found) -> Text:
    return fill("the same file as {name}", "el mismo archivo que {name}", name=other.shown)
