"""What a file's name says: the number of a session, its day, its title; and whether its recording lies beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

MEDIA = (
    ".mp4", ".mp3", ".m4a", ".wav", ".webm", ".mkv", ".ogg", ".flac", ".mov", ".avi", ".opus", ".aac", ".m4v", ".wma",
    ".wmv", ".3gp", ".amr", ".oga", ".mpg", ".mpeg", ".aiff",
)  # fmt: skip
NUMBER = re.compile(r"^\s*(?:(?:sesi[oó]n|session|clase|class|meeting|reuni[oó]n)\s*)?#?(\d{1,4})\s*[.)_:-]\s*", re.I)
NAMED_NUMBER = re.compile(r"\b(?:sesi[oó]n|session|clase|class|meeting|reuni[oó]n)[\s_#-]*(\d{1,4})\b", re.I)
DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_./]?([01]\d)[-_./]?([0-3]\d)(?!\d)")
IN_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*(?:19|20)\d\d[-_./]?[01]\d[-_./]?[0-3]\d[^()\[\]]*[)\]]\s*")


@dataclass(frozen=True)
class Named:
    """What a name says; empty where it says nothing. day : ISO date."""

    title: str
    session: str = ""
    day: str = ""


def read_name(stem: str) -> Named:
    """Session, day and title of a recording from its file name without the ending.

    >>> read_name("18. Repaso final (2024-08-07 19_09 GMT-5)")
    Named(title='Repaso final', session='18', day='2024-08-07')
    >>> read_name("24. Graphs (2024_09_18 18_59 COT)").day
    '2024-09-18'
    """
    day = _day(stem)
    rest = IN_BRACKETS.sub(" ", stem) if day else stem
    leading = None if _begins_with_day(rest) else NUMBER.match(rest)
    inside = leading or NAMED_NUMBER.search(rest)
    session = str(int(inside.group(1))) if inside else ""
    if leading:
        rest = rest[leading.end() :]
    if day:
        rest = DAY.sub(" ", rest)
    title = " ".join(rest.replace("_", " ").split()).strip(" -.,")
    return Named(title or stem, session, day)


def _begins_with_day(stem: str) -> bool:
    found = DAY.match(stem.lstrip())
    return found is not None and bool(_valid(found))


def _day(stem: str) -> str:
    return next((day for day in map(_valid, DAY.finditer(stem)) if day), "")


def _valid(found: re.Match[str]) -> str:
    try:
        return date(*(int(part) for part in found.groups())).isoformat()
    except ValueError:
        return ""


def media_beside(path: Path) -> str:
    """The recording of a transcript: a media file of the same stem beside it, or an empty text."""
    for ending in MEDIA:
        for stem in dict.fromkeys((path.stem, Path(path.stem).stem)):
            beside = path.with_name(stem + ending)
            if beside.is_file() and not beside.is_symlink():
                return str(beside)
    return ""
