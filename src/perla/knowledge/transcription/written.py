"""A transcript as it is kept: a table of about a minute a row, which ``perla learn`` reads, and every word's time."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perla.errors import FileError
from perla.knowledge.transcription.said import Cleaned, Said

COLUMNS = ("Start time", "End time", "Language code", "Confidence", "Channel", "Speaker tag", "Transcript")
ROW_S, LONGEST_PAUSE_S = 60.0, 30.0


@dataclass(frozen=True)
class Row:
    """About a minute of a recording. confidence : mean of its words, 0 to 1."""

    start_s: float
    end_s: float
    confidence: float
    text: str


def rows_of(said: Sequence[Said]) -> list[Row]:
    """What was said in rows of at most a minute, cut between segments, and after a pause of half a minute.

    >>> from perla.knowledge.transcription.said import SaidWord
    >>> [(row.start_s, row.text) for row in rows_of([Said((SaidWord("hola", 1.0, 1.5, 0.9),), 0.0, -0.2)])]
    [(1.0, 'hola')]
    """
    rows: list[list[Said]] = []
    for one in said:
        run = rows[-1] if rows else []
        if run and one.end_s - run[0].start_s <= ROW_S and one.start_s - run[-1].end_s <= LONGEST_PAUSE_S:
            run.append(one)
        else:
            rows.append([one])
    return [_row(run) for run in rows]


def _row(run: Sequence[Said]) -> Row:
    words = [word for one in run for word in one.words]
    confidence = sum(word.probability for word in words) / len(words)
    return Row(words[0].start_s, max(word.end_s for word in words), confidence, " ".join(one.text for one in run))


def table_of(rows: Sequence[Row], language: str) -> str:
    """The table as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        times = f"{row.start_s:.3f}", f"{row.end_s:.3f}"
        writer.writerow([*times, language, f"{row.confidence:.5f}", "", "", row.text])
    return out.getvalue()


def words_of_transcript(cleaned: Cleaned, about: dict[str, Any]) -> str:
    """JSON as Whisper writes it: segments with the times of their words; and what was taken out."""
    told = {**about, "segments": list(_segments(cleaned.said)), "removed": [
        {"start": round(one.start_s, 3), "end": round(one.end_s, 3), "text": one.text, "why": one.why.value}
        for one in cleaned.removed
    ]}  # fmt: skip
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _segments(said: Sequence[Said]) -> Iterator[dict[str, Any]]:
    for place, one in enumerate(said):
        yield {
            "id": place, "start": round(one.start_s, 3), "end": round(one.end_s, 3), "text": one.text,
            "avg_logprob": round(one.log_probability, 4), "no_speech_prob": round(one.no_speech, 4),
            "words": [
                {"word": word.text, "start": round(word.start_s, 3), "end": round(word.end_s, 3),
                 "probability": round(word.probability, 4)} for word in one.words
            ],
        }  # fmt: skip


def put_in_place(texts: dict[Path, str]) -> None:
    """Write files whole: each beside its place first, then all into their places. Raises FileError."""
    beside = {path: path.with_name(f".{path.name}.{os.getpid()}.new") for path in texts}
    try:
        for path, text in texts.items():
            with beside[path].open("w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        for path, new in beside.items():
            new.replace(path)
    except OSError as problem:
        raise FileError(
            f"The transcript could not be written: {problem.strerror or problem}. What was heard is kept; call again.",
            f"No se pudo escribir la transcripción: {problem.strerror or problem}. Lo oído se conserva; repita la "
            "llamada.",
        ) from problem
    finally:
        for new in beside.values():
            new.unlink(missing_ok=True)
