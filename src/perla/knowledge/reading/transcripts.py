"""Transcripts as tables, whatever their columns are called and in whatever order: a row, its seconds, its words."""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import pairwise

from perla.knowledge.passages import NAN, Span
from perla.knowledge.reading.opening import refused
from perla.words import Text, fill

STARTS = ("start time", "start", "start s", "begin", "begin time", "from", "inicio", "hora inicio", "tiempo inicio",
          "desde", "comienzo", "tiempo de inicio", "time", "timestamp", "tiempo")  # fmt: skip
ENDS = ("end time", "end", "end s", "stop", "to", "fin", "final", "hora fin", "tiempo fin", "hasta", "tiempo de fin")
WORDS = ("transcript", "text", "texto", "transcripcion", "transcription", "utterance", "content", "contenido",
         "sentence", "frase", "words", "palabras", "caption", "subtitle")  # fmt: skip
DELIMITERS = ",;\t|"
CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2}(?:[.,]\d+)?)")
LONGEST_RECORDING_S = 7 * 86_400.0
NOTABLE_OVERLAP_S, MOST_OVERLAP_S = 1.0, 120.0


def read_table(text: str) -> tuple[list[Span], tuple[Text, ...]]:
    """The rows of a transcript, in the order they were said. Raises InputError for a table that is none."""
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    except csv.Error as problem:
        raise refused(f"it is no table: {problem}", f"no es una tabla: {problem}") from None
    start, end, words = _columns(rows[0] if rows else [])
    scale = 0.001 if delimiter == "\t" and _whole(rows[1:50], start, end) else 1.0  # Whisper's TSV counts milliseconds
    spans = [
        Span(" ".join(row[words].split()), seconds(_cell(row, start)) * scale, seconds(_cell(row, end)) * scale)
        for row in rows[1:]
        if len(row) > words and row[words].strip()
    ]
    if not spans:
        raise refused("it is a transcript without a word", "es una transcripción sin palabras")
    return in_time(spans)


def _columns(header: Sequence[str]) -> tuple[int, int, int]:
    """Where start, end and words stand; -1 for a time that is missing."""
    names = [_plain(cell) for cell in header]
    start, end, words = (next((names.index(n) for n in known if n in names), -1) for known in (STARTS, ENDS, WORDS))
    if words < 0 or (start < 0 and end < 0 and names[words] not in ("transcript", "transcripcion", "transcription")):
        raise refused(
            "it is a table, but no transcript: it must have a column of words (such as Transcript) and one of times "
            "(such as Start time)",
            "es una tabla, pero no una transcripción: debe tener una columna de palabras (como Transcript) y una de "
            "tiempos (como Start time)",
        )
    return start, end, words


def _plain(cell: str) -> str:
    folded = unicodedata.normalize("NFKD", cell).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^a-z]+", " ", folded).split())


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if 0 <= column < len(row) else ""


def _whole(rows: Iterable[Sequence[str]], start: int, end: int) -> bool:
    cells = [_cell(row, column) for row in rows for column in (start, end) if column >= 0]
    return bool(cells) and all(cell.isdecimal() for cell in cells) and max(map(int, cells)) >= 1000


def seconds(cell: str) -> float:
    """Seconds into the recording from ``12.5``, ``00:12:40`` or ``12:40,5``; not a number where it says nothing.

    >>> seconds("00:12:40.5"), seconds("12,5"), seconds("yesterday")
    (760.5, 12.5, nan)
    """
    said = cell.strip().removesuffix("s").strip()
    found = CLOCK.fullmatch(said)
    try:
        if found:
            hours, minutes, rest = found.groups()
            value = int(hours or 0) * 3600 + int(minutes) * 60 + float(rest.replace(",", "."))
        else:
            value = float(said.replace(",", "."))
    except ValueError:
        return NAN
    return value if 0 <= value <= LONGEST_RECORDING_S else NAN


def in_time(spans: Sequence[Span]) -> tuple[list[Span], tuple[Text, ...]]:
    """Rows by their start; missing times taken from the neighbours.

    People talk at once, so rows may overlap; one that overlaps the next for long ends where that begins.
    """
    known = [span.start_s for span in spans if math.isfinite(span.start_s)]
    if not known:
        return [replace(span, start_s=NAN, end_s=NAN) for span in spans], (_told(len(spans), 0, 0),)
    missing = len(spans) - len(known)
    ordered, moved = _by_start(spans)
    starts = _filled([span.start_s for span in ordered])
    done, overlapping = [], 0
    for place, span in enumerate(ordered):
        start, until = starts[place], starts[place + 1] if place + 1 < len(starts) else NAN
        end = span.end_s if span.end_s >= start else until
        overlapping += end > until + NOTABLE_OVERLAP_S
        end = until if end > until + MOST_OVERLAP_S else end
        done.append(replace(span, start_s=start, end_s=end if math.isfinite(end) else start))
    return done, (_told(missing, overlapping, moved),) if missing or overlapping or moved else ()


def _by_start(spans: Sequence[Span]) -> tuple[list[Span], int]:
    """Stable: a row without a time stays behind the row it follows. And how many rows stood before an earlier one."""
    keys, last = [], 0.0
    for span in spans:
        last = span.start_s if math.isfinite(span.start_s) else last
        keys.append(last)
    order = sorted(range(len(spans)), key=lambda place: keys[place])
    moved = sum(after < before for before, after in pairwise(keys))
    return [spans[place] for place in order], moved


def _filled(starts: Sequence[float]) -> list[float]:
    """Missing starts shared out evenly between those that are known."""
    known = [place for place, start in enumerate(starts) if math.isfinite(start)]
    filled = list(starts)
    for before, after in zip([None, *known], [*known, None], strict=True):
        low = starts[before] if before is not None else 0.0
        first = before + 1 if before is not None else 0
        last = after if after is not None else len(starts)
        high = starts[after] if after is not None else low
        for place in range(first, last):
            filled[place] = low + (high - low) * (place - first + 1) / (last - first + 1)
    return filled


def _told(missing: int, overlapping: int, moved: int) -> Text:
    parts = [
        (missing, "rows without a time: {n}", "filas sin tiempo: {n}"),
        (overlapping, "rows that overlap the next: {n}", "filas que se cruzan con la siguiente: {n}"),
        (moved, "rows out of order: {n}", "filas fuera de orden: {n}"),
    ]
    said = [fill(en, es, n=count) for count, en, es in parts if count]
    return Text(", ".join(part.en for part in said), ", ".join(part.es for part in said))
