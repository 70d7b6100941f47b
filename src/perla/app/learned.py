"""What was learned, drawn in the terminal: sizes, what changed, what was passed over by reason; fits 80 columns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text as Line

from perla.knowledge.library import Holding, Learned
from perla.knowledge.passages import PassedOver, SourceKind, clock
from perla.reports.terminal import Prose
from perla.reports.untrusted import one_line
from perla.words import Lang, Text, fill, number

LONGEST = 400
MOST_NAMED, MOST_REASONS, MOST_NOTES, MOST_CHANGED = 3, 20, 12, 12
NOTHING = Text("Nothing was learned yet. Learn some: perla learn FOLDER",
               "Todavía no se ha aprendido nada. Para empezar: perla learn CARPETA")  # fmt: skip
ASK = Text('Ask it: perla ask "..."', 'Pregúntele: perla ask "..."')


def show_learned(done: Learned, holdings: Sequence[Holding], console: Console, lang: Lang) -> None:
    """Print what there is now, what changed, and what was passed over and why."""
    for line in size_lines(holdings):
        _print(line, console, lang, "bold")
    _print(_changes(done), console, lang)
    gone = [fill("- {name} (no longer there)", "- {name} (ya no está)", name=name) for name in done.gone]
    _print_some(gone[:MOST_CHANGED], len(gone), console, lang)
    if len(done.read) <= MOST_CHANGED:
        new = [fill("+ {name}", "+ {name}", name=source.name) for source in done.read]
        _print_some(new, len(new), console, lang)
    notes = [fill("{name}: {note}", "{name}: {note}", name=name, note=note) for name, note in done.notes]
    if notes:
        console.print()
        _print_some(notes[:MOST_NOTES], len(notes), console, lang)
    _print_passed_over(done.passed_over, console, lang)
    if holdings:
        console.print()
        _print(ASK, console, lang)


def size_lines(holdings: Sequence[Holding]) -> list[Text]:
    """How much was learned, a line for each kind."""
    by_kind = {kind: [h for h in holdings if h.source.kind is kind] for kind in SourceKind}
    said = by_kind[SourceKind.RECORDING], by_kind[SourceKind.DOCUMENT], by_kind[SourceKind.CODE]
    hours = number(sum(h.seconds for h in said[0]) / 3600, 1)
    counts = [number(len(part)) for part in said]
    words = [number(sum(h.words for h in part)) for part in said]
    pieces = number(sum(h.pieces for h in said[2]))
    lines = [
        fill("Recordings: {n}, {hours} h, {words} words", "Grabaciones: {n}, {hours} h, {words} palabras",
             n=counts[0], hours=hours, words=words[0]),
        fill("Documents: {n}, {words} words", "Documentos: {n}, {words} palabras", n=counts[1], words=words[1]),
        fill("Code: {n} files, {pieces} definitions and parts", "Código: {n} archivos, {pieces} definiciones y partes",
             n=counts[2], pieces=pieces),
    ]  # fmt: skip
    return [line for line, part in zip(lines, said, strict=True) if part]


def _changes(done: Learned) -> Text:
    return fill(
        "Read now: {read}. Unchanged: {same}. Gone: {gone}. Passed over: {passed}.",
        "Leídos ahora: {read}. Sin cambios: {same}. Ya no están: {gone}. Pasados por alto: {passed}.",
        read=number(len(done.read)), same=number(done.unchanged), gone=number(len(done.gone)),
        passed=number(len(done.passed_over)),
    )  # fmt: skip


def _print_passed_over(passed: Sequence[PassedOver], console: Console, lang: Lang) -> None:
    """A line for each reason, the commonest first, with some names."""
    reasons: dict[Text, list[str]] = defaultdict(list)
    for one in passed:
        reasons[one.reason].append(Path(one.path).name)
    if not reasons:
        return
    console.print()
    _print(Text("Passed over", "Pasados por alto"), console, lang, "bold")
    ordered = sorted(reasons.items(), key=lambda item: -len(item[1]))
    _print_some([_reason(reason, names) for reason, names in ordered[:MOST_REASONS]], len(ordered), console, lang)


def _reason(reason: Text, names: Sequence[str]) -> Text:
    shown = ", ".join(name for name, _ in Counter(names).most_common(MOST_NAMED))
    more = ", ..." if len(set(names)) > MOST_NAMED else ""
    return fill("{n} x {reason}: {names}", "{n} x {reason}: {names}", n=number(len(names)), reason=reason,
                names=shown + more)  # fmt: skip


def show_holdings(holdings: Sequence[Holding], console: Console, lang: Lang) -> None:
    """Print every source with its size: the sessions by number, then documents, then code."""
    if not holdings:
        _print(NOTHING, console, lang)
        return
    for kind in SourceKind:
        part = [holding for holding in holdings if holding.source.kind is kind]
        if part:
            title = kind.label.text(lang)
            console.print(Prose(title[:1].upper() + title[1:], "bold"))
            console.print(_table(part, kind, lang))
            console.print()
    for line in size_lines(holdings):
        _print(line, console, lang)


def _table(holdings: Sequence[Holding], kind: SourceKind, lang: Lang) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for head, style in _heads(kind):
        table.add_column(head.text(lang), **style)
    for holding in holdings:
        table.add_row(*(Line(one_line(cell, LONGEST)) for cell in _cells(holding, kind, lang)))
    return table


def _heads(kind: SourceKind) -> list[tuple[Text, dict[str, Any]]]:
    right: dict[str, Any] = {"justify": "right", "no_wrap": True}
    size = Text("words", "palabras") if kind is not SourceKind.CODE else Text("parts", "partes")
    if kind is not SourceKind.RECORDING:
        return [(Text("name", "nombre"), {"overflow": "fold"}), (size, right)]
    return [
        (Text("session", "sesión"), right), (Text("day", "día"), {"no_wrap": True}), (Text("title", "título"), {}),
        (Text("length", "duración"), right), (size, right),
    ]  # fmt: skip


def _cells(holding: Holding, kind: SourceKind, lang: Lang) -> list[str]:
    size = number(holding.pieces if kind is SourceKind.CODE else holding.words).text(lang)
    if kind is not SourceKind.RECORDING:
        return [holding.source.name, size]
    source = holding.source
    return [source.session, source.day, source.title, clock(holding.seconds) if holding.seconds else "", size]


def _print(line: Text, console: Console, lang: Lang, style: str = "") -> None:
    console.print(Prose(one_line(line.text(lang), LONGEST), style))


def _print_some(lines: Sequence[Text], of: int, console: Console, lang: Lang) -> None:
    """Lines, indented, and how many more there are."""
    for line in lines:
        console.print(Prose("  " + one_line(line.text(lang), LONGEST), "", "    "))
    if of > len(lines):
        console.print(Prose("  " + fill("and {n} more", "y {n} más", n=number(of - len(lines))).text(lang), ""))
