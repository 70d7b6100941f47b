"""RSS and Atom feeds, entry by entry; XML without entities of its own, so nothing in it can swell."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from perla.knowledge.passages import Span
from perla.knowledge.reading.opening import refused
from perla.knowledge.reading.pages import parse_page
from perla.knowledge.reading.plain import LONGEST_HEADING
from perla.words import Text

ENTRIES = frozenset(["item", "entry"])
SAID = ("encoded", "content", "description", "summary")  # the fullest first
HELD = frozenset(["title", *SAID])
DEEPEST = 200


@dataclass
class _Entry:
    """One post. parts : its text by element."""

    line: int
    parts: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class _Feed:
    entries: list[_Entry] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    title: list[str] = field(default_factory=list)
    path: list[str] = field(default_factory=list)

    def heard(self, text: str) -> None:
        """Letters belong to the nearest element that is kept, of the entry that is open."""
        inside = next((place for place, name in enumerate(self.path) if name in ENTRIES), -1)
        kept = next((name for name in self.path[inside + 1 :] if name in HELD), "")
        if inside >= 0 and kept:
            self.entries[-1].parts.setdefault(kept, []).append(text)
        elif inside < 0 and self.path[-1:] == ["title"] and len(self.path) <= 3:
            self.title.append(text)


def is_feed(text: str) -> bool:
    """Whether a text is XML that begins as a feed does."""
    head = text[:4000].lower()
    return "<" in head and any(mark in head for mark in ("<rss", "<feed", "<rdf:rdf"))


def read_feed(text: str) -> tuple[list[Span], tuple[Text, ...]]:
    """The posts of a feed, each paragraph under its post's title. Raises InputError for XML that is broken."""
    feed = _parse(text)
    spans = [span for entry, last in zip(feed.entries, feed.last, strict=False) for span in _spans(entry, last)]
    if not spans:
        raise refused("it is a feed without a post", "es un canal de noticias sin entradas")
    return spans, ()


def _parse(text: str) -> _Feed:
    feed, parser = _Feed(), expat.ParserCreate("utf-8", " ")

    def start(name: str, _: dict[str, str]) -> None:
        local = name.rpartition(" ")[2].lower()
        feed.path.append(local)
        if len(feed.path) > DEEPEST:
            raise refused("its XML is nested too deep", "su XML está anidado demasiado")
        if local in ENTRIES and not ENTRIES & set(feed.path[:-1]):
            feed.entries.append(_Entry(parser.CurrentLineNumber))

    def end(_: str) -> None:
        if feed.path.pop() in ENTRIES and not ENTRIES & set(feed.path):
            feed.last.append(parser.CurrentLineNumber)

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, feed.heard
    parser.EntityDeclHandler = _no_entities
    try:
        parser.Parse(text.lstrip().encode("utf-8"), True)
    except expat.ExpatError as problem:
        raise refused(f"its XML is broken: {problem}", f"su XML está roto: {problem}") from None
    return feed


def _no_entities(*_: object) -> None:
    raise refused("its XML declares entities, which perla does not expand", "su XML declara entidades, que perla no "
                  "expande")  # fmt: skip


def _spans(entry: _Entry, last: int) -> Iterator[Span]:
    title = " ".join("".join(entry.parts.get("title", [])).split())[:LONGEST_HEADING]
    said = next(("".join(entry.parts[name]) for name in SAID if "".join(entry.parts.get(name, [])).strip()), "")
    texts = [title, *(span.text for span in parse_page(said)[0])]
    for text in texts:
        if text:
            yield Span(text, first_line=entry.line, last_line=last, heading=title)
