"""An answer as a terminal shows it, and as JSON."""

from __future__ import annotations

import json
import math
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from textwrap import fill as wrap
from typing import TYPE_CHECKING, Any

import click

from perla.knowledge.passages import SourceKind
from perla.words import Lang, Text, fill

if TYPE_CHECKING:
    from perla.knowledge.passages import Answer, Quote

WIDEST, NARROWEST = 88, 40
SAID = {
    SourceKind.RECORDING: Text("In the session they said:", "En la sesión se dijo:"),
    SourceKind.DOCUMENT: Text("In the document it says:", "En el documento dice:"),
    SourceKind.CODE: Text("In the code:", "En el código:"),
}
MORE, NEAREST = Text("More:", "Más:"), Text("The nearest moments:", "Los momentos más cercanos:")
ALSO = Text("Also, ", "Además, ")
READ_AS, OPENS = Text("read as: ", "léase: "), Text("open: ", "abrir: ")


def show_answer(told: Answer) -> None:
    """The answer first, then more quotes, then the sessions."""
    click.echo("\n".join(_lines(told, _width())))


def _width() -> int:
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))


def _lines(told: Answer, width: int) -> list[str]:
    lang = told.lang
    if told.refused:
        lines = [_wrapped(told.text, width, bold=True)]
        return [*lines, *_listed(told.nearest, NEAREST, lang, width), *_sessions(told, width)]
    if told.written_by:
        lines = [_wrapped(line, width) for line in told.text.splitlines()]
        quoted = [line for n, q in enumerate(told.quotes, 1) for line in _quoted(q, lang, width, False, n)]
        return [*lines, *_noted(told, width), "", *quoted, *_sessions(told, width)]
    answering = [quote for quote in told.quotes if quote.citation(lang) in told.text]
    lines = []
    for place, quote in enumerate(answering):
        said = SAID[quote.source.kind].text(lang)
        if place:
            said = ALSO.text(lang) + said[0].lower() + said[1:]
        lines += [click.style(said, bold=True), *_quoted(quote, lang, width, True)]
    more = [quote for quote in told.quotes if quote not in answering]
    return [*lines, *_listed(more, MORE, lang, width), *_sessions(told, width), *_noted(told, width)]


def _noted(told: Answer, width: int) -> list[str]:
    """Who wrote the answer, and what there is to say of that."""
    by = fill("Written by {name} from the quotes.", "Escrito por {name} a partir de las citas.", name=told.written_by)
    said = [by.text(told.lang)] if told.written_by else []
    said += [told.why.text(told.lang)] if told.why else []
    return ["", *(click.style(_wrapped(plain(line), width), dim=True) for line in said)] if said else []


def _listed(quotes: Sequence[Quote], heading: Text, lang: Lang, width: int) -> list[str]:
    if not quotes:
        return []
    return [
        "",
        click.style(heading.text(lang), bold=True),
        *(x for q in quotes for x in _quoted(q, lang, width, False)),
    ]


def _quoted(quote: Quote, lang: Lang, width: int, opens: bool, number: int = 0) -> list[str]:
    """The words, where they stand, and how they are to be read. number : by which a written answer cites it."""
    from perla.knowledge.answers import link

    cited = click.style(f"  {f'[{number}] ' if number else ''}{plain(quote.citation(lang))}", fg="cyan")
    if quote.source.kind is SourceKind.CODE:
        name = f" {plain(quote.heading)}" if quote.heading else ""
        return [cited + name, *(f"    {plain(line)}" for line in quote.text.splitlines())]
    lines = [_wrapped(f"«{plain(quote.text)}»", width, "  "), cited]
    if quote.repaired != quote.text:
        lines.append(click.style(_wrapped(READ_AS.text(lang) + plain(quote.repaired), width, "  "), dim=True))
    if opens and link(quote):
        lines.append(click.style(f"  {OPENS.text(lang)}{link(quote)}", dim=True))
    return lines


def _wrapped(text: str, width: int, indent: str = "", bold: bool = False) -> str:
    lines = wrap(text, width, initial_indent=indent, subsequent_indent=indent, break_long_words=False)
    return click.style(lines, bold=True) if bold else lines


def _sessions(told: Answer, width: int) -> list[str]:
    """Of which sessions the quotes are; where they disagree, a question back."""
    counts = Counter(q.source.name for q in told.quotes or told.nearest if q.source.kind is SourceKind.RECORDING)
    sources = [source for source in told.sessions if counts.get(source.name)]
    if len(sources) < 2:
        return []
    listed = ", ".join(f"{plain(s.session or s.title)} ({counts[s.name]})" for s in sources)
    agreed = counts.most_common(1)[0][1] * 2 > sum(counts.values())
    told_by = (
        fill("Sessions: {listed}", "Sesiones: {listed}", listed=listed) if agreed
        else fill("In which session? {listed}", "¿En cuál sesión? {listed}", listed=listed)
    )  # fmt: skip
    return ["", _wrapped(told_by.text(told.lang), width)]


def plain(text: str) -> str:
    """A text of a source without signs that a terminal would obey.

    >>> plain("fit\\x1b[31m fin")
    'fit [31m fin'
    """
    return "".join(sign if sign.isprintable() else " " for sign in text)


def render(told: Answer) -> str:
    """The answer as one line of JSON."""
    return json.dumps(record(told), ensure_ascii=False) + "\n"


def record(told: Answer) -> dict[str, Any]:
    """The answer as plain values; quotes of recordings have seconds, others lines."""
    return {
        "question": told.question,
        "lang": told.lang,
        "answer": told.text,
        "refused": told.refused,
        "why": told.why.text(told.lang) if told.why else None,
        "quotes": _records(told.quotes, told.lang),
        "nearest": _records(told.nearest, told.lang),
        "sessions": [{"source": s.name, "session": s.session, "day": s.day, "title": s.title} for s in told.sessions],
        "written_by": told.written_by or None,
        "removed": list(told.removed),
        "timings": told.timings,
    }


def _records(quotes: Iterable[Quote], lang: Lang) -> list[dict[str, Any]]:
    return [_record(quote, lang) for quote in quotes]


def _record(quote: Quote, lang: Lang) -> dict[str, Any]:
    from perla.knowledge.answers import link

    source = quote.source
    told: dict[str, Any] = {
        "text": quote.text, "repaired": quote.repaired, "source": source.name, "kind": source.kind.value,
        "citation": quote.citation(lang), "score": quote.score,
    }  # fmt: skip
    if source.kind is SourceKind.RECORDING:
        return {**told, "start_s": _seconds(quote.start_s), "end_s": _seconds(quote.end_s), "link": link(quote) or None}
    lines = {"first_line": quote.first_line or None, "last_line": quote.last_line or None}
    return {**told, "path": source.path, **lines, "commit": source.commit or None, "heading": quote.heading or None}


def _seconds(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None
