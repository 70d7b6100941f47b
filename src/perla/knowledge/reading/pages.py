"""Web pages as text: headings and paragraphs with their lines, without scripts, navigation and what is not shown.

One pass over the tags, in time that grows with the length alone, however the page is nested or broken.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from perla.knowledge.passages import Span
from perla.knowledge.reading.opening import refused
from perla.knowledge.reading.plain import BETWEEN, LONGEST_HEADING
from perla.words import Text

TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]{0,40})([^<>]*)>")
HIDDEN = re.compile(
    r"""\b(?:role\s*=\s*["']?(?:navigation|banner|search|contentinfo)|hidden\b|aria-hidden\s*=\s*["']?true)"""
)
RAW = frozenset(["script", "style", "textarea", "title", "noscript", "template", "iframe", "svg", "math"])
ASIDE = frozenset(["nav", "aside", "footer", "form", "button", "select", "dialog", "menu"])
INLINE = frozenset([
    "a", "abbr", "b", "bdi", "bdo", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img", "ins", "kbd",
    "mark", "q", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
])  # fmt: skip
EMPTY = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"])
DEEPEST = 2000


@dataclass
class _Page:
    """What was read of a page so far."""

    aside: frozenset[str]
    spans: list[Span] = field(default_factory=list)
    title: str = ""
    open: list[tuple[str, bool]] = field(default_factory=list)
    away: int = 0  # open tags whose text is not read
    path: list[tuple[int, str]] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    first: int = 0
    last: int = 0

    def say(self, text: str, line: int, lines: int) -> None:
        if self.away or not text.strip():
            if text and self.held:
                self.held.append(" ")
            return
        blank = len(text) - len(text.lstrip())
        self.first = self.first or line + text.count("\n", 0, blank)
        self.last = line + lines - (text.count("\n", len(text.rstrip())))
        self.held.append(html.unescape(text))

    def close(self, level: int = 0) -> None:
        """The paragraph, or heading of a level, ends."""
        said = " ".join("".join(self.held).split())
        if said and level:
            self.path = [(over, told) for over, told in self.path if over < level] + [(level, said[:LONGEST_HEADING])]
        if said:
            heading = BETWEEN.join(name for _, name in self.path)
            self.spans.append(Span(said, first_line=self.first, last_line=max(self.first, self.last), heading=heading))
        self.held, self.first, self.last = [], 0, 0

    def tag(self, name: str, attributes: str, closing: bool) -> None:
        if name not in INLINE:
            level = int(name[1]) if closing and name in ("h1", "h2", "h3", "h4", "h5", "h6") else 0
            self.close(level)
        if closing:
            self._end(name)
        elif name not in EMPTY and not attributes.endswith("/") and len(self.open) < DEEPEST:
            away = name in self.aside or HIDDEN.search(attributes[:500]) is not None
            self.open.append((name, away))
            self.away += away

    def _end(self, name: str) -> None:
        """Close up to the tag of that name, if it is open nearby."""
        near = self.open[-50:]
        if not any(opened == name for opened, _ in near):
            return
        while self.open:
            opened, away = self.open.pop()
            self.away -= away
            if opened == name:
                return


def read_page(text: str) -> tuple[list[Span], tuple[Text, ...]]:
    """The paragraphs of a web page. Raises InputError where it says nothing."""
    spans = parse_page(text)[0]
    if not spans:
        raise refused("it is a web page without text", "es una página web sin texto")
    return spans, ()


def parse_page(text: str) -> tuple[list[Span], str]:
    """The paragraphs of a page and its title; with the navigation where there is nothing else."""
    page = _read(text, ASIDE)
    if not page.spans:
        page = _read(text, frozenset())
    return page.spans, page.title


def _read(text: str, aside: frozenset[str]) -> _Page:
    page, line = _Page(aside), 1
    for kind, piece, name, attributes in _pieces(text):
        lines = piece.count("\n")
        if kind == "text":
            page.say(piece, line, lines)
        elif kind == "tag":
            page.tag(name, attributes, piece.startswith("</"))
        elif name == "title" and not page.title and not page.away:
            page.title = " ".join(html.unescape(attributes).split())[:LONGEST_HEADING]
        line += lines
    page.close()
    return page


def _pieces(text: str) -> Iterator[tuple[str, str, str, str]]:
    """Text, tags, and what is skipped whole (comments; elements that hold no prose, with what is inside)."""
    place, lower = 0, text.lower()
    while place < len(text):
        opening = text.find("<", place)
        if opening != place:
            until = opening if opening >= 0 else len(text)
            yield "text", text[place:until], "", ""
            place = until
            continue
        if text.startswith(("<!", "<?"), place):
            end = _after(text, "-->" if text.startswith("<!--", place) else ">", place)
            yield "skipped", text[place:end], "", ""
            place = end
            continue
        found = TAG.match(text, place)
        if found is None:
            yield "text", "<", "", ""
            place += 1
            continue
        name, place = found[1].lower(), found.end()
        if name in RAW and not found[0].startswith("</") and not found[2].endswith("/"):
            closing = lower.find(f"</{name}", place)
            end = _after(text, ">", closing) if closing >= 0 else len(text)
            yield "skipped", text[found.start() : end], name, text[found.end() : closing if closing >= 0 else end]
            place = end
        else:
            yield "tag", found[0], name, found[2]


def _after(text: str, mark: str, place: int) -> int:
    end = text.find(mark, place)
    return end + len(mark) if end >= 0 else len(text)
