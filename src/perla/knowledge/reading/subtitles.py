"""Subtitles: SRT and WebVTT, cue by cue; and plain text with a time at the head of its lines."""

from __future__ import annotations

import html
import re

from perla.knowledge.passages import Span
from perla.knowledge.reading.opening import refused
from perla.knowledge.reading.transcripts import in_time, seconds
from perla.words import Text

ARROW = re.compile(r"^\s*([\d:.,]{4,20})\s*-->\s*([\d:.,]{4,20})")
TAG = re.compile(r"<[^<>]{0,200}>|\{\\[^{}]{0,200}\}")
AT_HEAD = re.compile(r"^\s*[\[(]?((?:\d{1,2}:)?\d{1,2}:\d\d(?:[.,]\d{1,3})?)(?:\s*(?:-->|-|–)\s*[\d:.,]{4,12})?[\])]?"
                     r"\s*[-–:]?\s+(\S.*)$")  # fmt: skip
WITH_TIMES = 0.5  # of the lines


def read_cues(text: str) -> tuple[list[Span], tuple[Text, ...]]:
    """The cues of SRT or WebVTT; a line that rolls over from the cue before is said once. Raises InputError."""
    spans: list[Span] = []
    before: list[str] = []
    for start, end, lines in _cues(text):
        new = [line for line in lines if line not in before]
        before = lines
        if new:
            spans.append(Span(" ".join(new), seconds(start), seconds(end)))
    if not spans:
        raise refused("it holds no subtitle with a time", "no tiene ningún subtítulo con su tiempo")
    return in_time(spans)


def _cues(text: str) -> list[tuple[str, str, list[str]]]:
    cues: list[tuple[str, str, list[str]]] = []
    inside = False
    for line in text.split("\n"):
        arrow = ARROW.match(line)
        if arrow:
            cues.append((arrow[1], arrow[2], []))
            inside = True
        elif not line.strip():
            inside = False
        elif inside:
            said = " ".join(html.unescape(TAG.sub(" ", line)).split())
            if said:
                cues[-1][2].append(said)
    return cues


def has_times(text: str) -> bool:
    """Whether most lines begin with a time, as in ``[00:12:40] so we use``."""
    lines = [line for line in text[:20_000].split("\n") if line.strip()]
    return len(lines) >= 2 and sum(AT_HEAD.match(line) is not None for line in lines) >= WITH_TIMES * len(lines)


def read_said(text: str) -> tuple[list[Span], tuple[Text, ...]]:
    """A transcript as plain text: with the times at the head of its lines, or none. Raises InputError."""
    if not has_times(text):
        spans = [Span(" ".join(part.split())) for part in re.split(r"\n[ \t]*\n", text) if part.strip()]
        return spans, (Text("no times: moments cannot be told", "sin tiempos: no se puede decir el minuto"),)
    spans = []
    for line in text.split("\n"):
        found = AT_HEAD.match(line)
        if found:
            spans.append(Span(" ".join(found[2].split()), seconds(found[1])))
        elif line.strip() and spans:
            spans[-1] = Span(f"{spans[-1].text} {' '.join(line.split())}", spans[-1].start_s)
        elif line.strip():
            spans.append(Span(" ".join(line.split()), 0.0))
    return in_time(spans)
