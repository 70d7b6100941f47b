"""Markdown and plain text: paragraphs under their headings, each with its lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from perla.knowledge.passages import Span
from perla.words import Text

HEADING = re.compile(r"^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
UNDERLINE = re.compile(r"^ {0,3}(=+|-+)\s*$")
FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
MOST_LINES = 40  # of a paragraph; a longer one is taken apart
LONGEST_HEADING = 200
BETWEEN = " › "


def read_markdown(text: str) -> tuple[list[Span], tuple[Text, ...]]:
    """The paragraphs, lists and blocks of code of a Markdown text under their headings."""
    return list(_under_headings(text)), ()


def read_plain(text: str) -> tuple[list[Span], tuple[Text, ...]]:
    """The paragraphs of a plain text."""
    return list(paragraphs(text.split("\n"), 1, "")), ()


def title_of(spans: list[Span]) -> str:
    """The first heading, or an empty text."""
    return next((span.heading.split(BETWEEN)[0] for span in spans if span.heading), "")


def _under_headings(text: str) -> Iterator[Span]:
    lines = text.split("\n")
    begin = _after_front_matter(lines)
    path: list[tuple[int, str]] = []
    fence = ""
    held: list[str] = []
    first = begin + 1
    for number, line in enumerate(lines[begin:], begin + 1):
        opened = FENCE.match(line)
        if opened:
            fence = "" if fence and opened[1].startswith(fence) else fence or opened[1][:3]
        found = None if fence else _heading(lines, number)
        if found is None:
            held.append(line)
            continue
        yield from _section(held, first, _joined(path))
        level, name = found
        path = [(over, told) for over, told in path if over < level] + [(level, name)]
        held, first = [line], number
    yield from _section(held, first, _joined(path))


def _section(lines: list[str], first: int, heading: str) -> Iterator[Span]:
    """The paragraphs below a heading; its own line stands for them where there are none."""
    own = 0 if not heading else 2 if len(lines) > 1 and UNDERLINE.match(lines[1]) else 1
    below = list(paragraphs(lines[own:], first + own, heading))
    yield from below or paragraphs(lines, first, heading)


def _heading(lines: list[str], number: int) -> tuple[int, str] | None:
    """Level and words of the heading that begins on a line (from 1)."""
    line = lines[number - 1]
    found = HEADING.match(line)
    if found:
        return (len(found[1]), found[2][:LONGEST_HEADING]) if found[2] else None
    before = lines[number - 2].strip() if number > 1 else ""
    after = UNDERLINE.match(lines[number]) if number < len(lines) and line.strip() and not before else None
    if after and not line.lstrip().startswith(("-", "|", ">")):
        return (1 if after[1][0] == "=" else 2), line.strip()[:LONGEST_HEADING]
    return None


def _joined(path: list[tuple[int, str]]) -> str:
    return BETWEEN.join(name for _, name in path)


def _after_front_matter(lines: list[str]) -> int:
    """Settings between two rules at the head of the file are no text."""
    if lines[0].strip() != "---":
        return 0
    end = next((place for place, line in enumerate(lines[1:60], 1) if line.strip() in ("---", "...")), 0)
    return end + 1 if end else 0


def paragraphs(lines: list[str], first: int, heading: str) -> Iterator[Span]:
    """Lines between empty ones, at most MOST_LINES together. first : the number of the first line."""
    held: list[str] = []
    for number, line in enumerate([*lines, ""], first):
        if line.strip():
            held.append(line.rstrip())
        if held and (not line.strip() or len(held) == MOST_LINES):
            last = number if line.strip() else number - 1
            yield Span("\n".join(held), first_line=last - len(held) + 1, last_line=last, heading=heading)
            held = []
