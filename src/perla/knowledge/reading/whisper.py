"""The JSON that Whisper and its kin write: segments, and the times of their words where they are kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from perla.knowledge.passages import NAN, Span
from perla.knowledge.reading.opening import refused
from perla.knowledge.reading.transcripts import LONGEST_RECORDING_S, in_time
from perla.words import Text

WORDS_TOGETHER = 8  # under one time


def read_whisper(text: str) -> tuple[list[Span], tuple[Text, ...]]:
    """The segments, in pieces of some words where word times are known. Raises InputError for other JSON."""
    segments = _segments(load_json(text))
    spans = [span for segment in segments if isinstance(segment, dict) for span in _spans(segment)]
    if not spans:
        raise refused("it is JSON, but no transcript as Whisper writes them", "es JSON, pero no una transcripción como "
                      "las escribe Whisper")  # fmt: skip
    return in_time(spans)


def load_json(text: str) -> Any:
    """JSON, however deep or odd. Raises InputError."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise refused(f"it is no JSON: {problem}", f"no es JSON: {problem}") from None


def _segments(value: Any) -> list[Any]:
    """Whisper and its kin say ``segments``, whisper.cpp says ``transcription``, pipelines say ``chunks``."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict):
        return []
    for name in ("segments", "transcription", "chunks"):
        if isinstance(value.get(name), list):
            return list(value[name])
    return []


def _spans(segment: dict[str, Any]) -> Iterator[Span]:
    words = segment.get("words")
    timed = [w for w in words if isinstance(w, dict) and _word(w)] if isinstance(words, list) else []
    if timed and all(_times(word)[0] >= 0 for word in timed):
        for first in range(0, len(timed), WORDS_TOGETHER):
            part = timed[first : first + WORDS_TOGETHER]
            yield Span(" ".join(map(_word, part)), _times(part[0])[0], _times(part[-1])[1])
        return
    said = segment.get("text")
    if isinstance(said, str) and said.strip():
        yield Span(" ".join(said.split()), *_times(segment))


def _word(word: dict[str, Any]) -> str:
    said = word.get("word", word.get("text"))
    return " ".join(said.split()) if isinstance(said, str) else ""


def _times(told: dict[str, Any]) -> tuple[float, float]:
    """Start and end in seconds: ``start`` and ``end``, ``offsets`` in milliseconds, or a ``timestamp`` of both."""
    offsets, stamp = told.get("offsets"), told.get("timestamp")
    if isinstance(offsets, dict):
        return _number(offsets.get("from"), 0.001), _number(offsets.get("to"), 0.001)
    if isinstance(stamp, list) and len(stamp) == 2:
        return _number(stamp[0]), _number(stamp[1])
    return _number(told.get("start")), _number(told.get("end"))


def _number(value: Any, scale: float = 1.0) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value * scale <= LONGEST_RECORDING_S:
        return NAN
    return float(value) * scale
