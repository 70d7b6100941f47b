"""Doubtful terms shown, and gone through one key at a time."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import click

from perla.app.glossary import described, resolve
from perla.errors import PerlaError
from perla.knowledge.doubts import Doubt, Moment, find_doubts
from perla.knowledge.index import Index
from perla.knowledge.ledger import Ledger
from perla.knowledge.passages import Source, clock
from perla.reports.untrusted import one_line
from perla.words import Lang, Text, fill, percent

WIDTH = 78
KEYS = {
    "en": {"y": "yes", "n": "no", "s": "skip", "o": "other", "u": "undo", "q": "quit"},
    "es": {"s": "yes", "n": "no", "p": "skip", "o": "other", "d": "undo", "t": "quit"},
}
ENDS = {"\x03": "quit", "\x04": "quit", "\x1b": "quit", "": "quit", "\r": "skip", "\n": "skip", " ": "skip"}
CHOICES = Text(
    "[y]es  [n]o  [s]kip  [o]ther term  [u]ndo  [q]uit ", "[s]í  [n]o  [p]asar  [o]tro término  [d]eshacer  [t]erminar "
)
WHICH = Text("Which term is it? (Enter: back) ", "¿Cuál término es? (Enter: volver) ")
NONE = Text("Nothing is in doubt.", "No hay nada en duda.")


@dataclass
class Tally:
    """What a person said in one sitting."""

    confirmed: int = 0
    rejected: int = 0
    skipped: int = 0


def show(index: Index, ledger: Ledger, count: int, lang: Lang) -> None:
    """Print the doubts that matter most, each with where it stands and how to settle it."""
    doubts = find_doubts(index)
    if not doubts:
        click.echo(NONE.text(lang))
        return
    for number, doubt in enumerate(doubts[:count], 1):
        click.echo(_head(doubt, f"{number}. ", lang))
        for line in _moments(doubt, index, lang):
            click.echo(line)
        click.echo(click.style(f"   {_command(doubt)}", dim=True))
    told = fill("{n} in doubt, {shown} shown. One by one: perla glossary --ask",
                "{n} en duda, {shown} a la vista. Uno por uno: perla glossary --ask",
                n=len(doubts), shown=min(count, len(doubts)))  # fmt: skip
    click.echo("\n" + told.text(lang))


def render(index: Index, count: int) -> str:
    """The doubts as JSON."""
    doubts = find_doubts(index)
    told = {"doubtful": [_plain(doubt) for doubt in doubts[:count]], "total": len(doubts)}
    return json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _plain(doubt: Doubt) -> dict[str, Any]:
    finding = doubt.finding
    return {
        "original": finding.original, "canonical": finding.canonical, "score": finding.score,
        "rule": finding.rule.value, "said": doubt.said, "weight": round(doubt.weight, 4),
        "moments": [
            {
                "source": m.source, "start_s": round(m.start_s, 1) if math.isfinite(m.start_s) else None,
                "before": m.before, "words": m.words, "after": m.after,
            }
            for m in doubt.moments
        ],
        "confirm": _command(doubt),
    }  # fmt: skip


def ask_all(index: Index, ledger: Ledger, who: str, lang: Lang) -> Tally:
    """Go through the doubts, what matters most first; every answer is kept at once."""
    doubts, tally = find_doubts(index), Tally()
    if not doubts:
        click.echo(NONE.text(lang))
        return tally
    place, trail = 0, list[int]()
    while place < len(doubts):
        doubt = doubts[place]
        _present(doubt, place, len(doubts), index, lang)
        said = _answer(lang)
        if said == "quit":
            break
        if said == "undo":
            place = _step_back(ledger, trail, tally, who, place, lang)
            continue
        if _settle(said, doubt, index, ledger, who, tally, lang):
            trail += [place] if said != "skip" else []
            place += 1
    click.echo("\n" + _summed(tally, len(doubts) - place).text(lang))
    return tally


def _present(doubt: Doubt, place: int, total: int, index: Index, lang: Lang) -> None:
    click.echo("\n" + _head(doubt, f"{place + 1}/{total}  ", lang))
    for line in _moments(doubt, index, lang):
        click.echo(line)
    click.echo(click.style(CHOICES.text(lang), bold=True), nl=False)


def _answer(lang: Lang) -> str:
    """One key on a terminal, a line elsewhere; anything else asks again."""
    read: Callable[[], str] = _key if sys.stdin.isatty() and sys.stdout.isatty() else _line
    while True:
        key = read()
        said = ENDS.get(key) or KEYS[lang].get(key.strip().lower()[:1], "")
        if said:
            return said
        click.echo("? ", nl=False)


def _key() -> str:
    try:
        key = click.getchar()
    except (EOFError, KeyboardInterrupt):
        return ""
    click.echo(key if key.isprintable() else "")
    return key


def _line() -> str:
    try:
        line = sys.stdin.readline()
    except (UnicodeDecodeError, KeyboardInterrupt):
        return ""
    click.echo()
    return line if line in ("", "\n") else line.strip() or "\n"


def _settle(said: str, doubt: Doubt, index: Index, ledger: Ledger, who: str, tally: Tally, lang: Lang) -> bool:
    """Keep an answer; False where there was none after all."""
    finding = doubt.finding
    if said == "skip":
        tally.skipped += 1
        return True
    if said == "no":
        ledger.reject(finding.original, finding.canonical, who)
        tally.rejected += 1
        return True
    name = finding.canonical if said == "yes" else _other(index, lang)
    if not name:
        return False
    told = described(ledger.confirm(finding.original, name, who))
    click.echo(click.style(f"   {told.text(lang)}", fg="green"))
    tally.confirmed += 1
    return True


def _other(index: Index, lang: Lang) -> str:
    """The term a person names; empty where they went back or it is unknown."""
    click.echo(WHICH.text(lang), nl=False)
    name = _line().strip()
    if not name:
        return ""
    try:
        return resolve(name, index.glossary)
    except PerlaError as problem:
        click.echo(one_line(problem.text(lang)))
        return ""


def _step_back(ledger: Ledger, trail: list[int], tally: Tally, who: str, place: int, lang: Lang) -> int:
    """Undo the last answer of this sitting and go back to it."""
    if not trail:
        click.echo(Text("Nothing to undo yet.", "Todavía no hay nada que deshacer.").text(lang))
        return place
    step = ledger.undo(who)
    if step is not None:
        tally.confirmed -= step.what.value == "confirmed"
        tally.rejected -= step.what.value == "rejected"
    return trail.pop()


def _summed(tally: Tally, left: int) -> Text:
    return fill(
        "{yes} confirmed, {no} rejected, {skipped} skipped; {left} left. It counts from the next question on.",
        "{yes} confirmados, {no} rechazados, {skipped} pasados; quedan {left}. Vale desde la próxima pregunta.",
        yes=tally.confirmed, no=tally.rejected, skipped=tally.skipped, left=left,
    )  # fmt: skip


def _head(doubt: Doubt, number: str, lang: Lang) -> str:
    finding = doubt.finding
    sure = percent(finding.score)
    told = fill("({sure} sure, said {n} times)", "({sure} seguro, se dice {n} veces)", sure=sure, n=doubt.said)
    if doubt.said == 1:
        told = fill("({sure} sure, said once)", "({sure} seguro, se dice una vez)", sure=sure)
    words = click.style(f"«{one_line(finding.original)}»", bold=True)
    term = click.style(one_line(finding.canonical), fg="cyan", bold=True)
    return f"{number}{words} = {term}?  {told.text(lang)}"


def _moments(doubt: Doubt, index: Index, lang: Lang) -> list[str]:
    sources = {source.name: source for source in index.sources}
    return [_shown(moment, sources[moment.source], lang) for moment in doubt.moments if moment.source in sources]


def _shown(moment: Moment, source: Source, lang: Lang) -> str:
    where = (
        Text(f"session {source.session}", f"sesión {source.session}")
        if source.session
        else Text(source.title, source.title)
    )
    spot = " ".join(part for part in (one_line(where.text(lang))[:30], clock(moment.start_s)) if part)
    before, after = _fitting(one_line(moment.before).strip(), one_line(moment.after).strip(), len(spot), moment)
    return f"   {spot}  {before} {click.style(one_line(moment.words), bold=True)} {after}"


def _fitting(before: str, after: str, spot: int, moment: Moment) -> Sequence[str]:
    """As much of both sides as a line holds, cut between words."""
    room = max(10, (WIDTH - spot - len(moment.words) - 8) // 2)
    if len(before) > room:
        before = "…" + before[-room:].partition(" ")[2]
    if len(after) > room:
        after = after[:room].rpartition(" ")[0] + "…"
    return before, after


def _command(doubt: Doubt) -> str:
    return f'perla glossary confirm "{one_line(doubt.finding.original)}" "{one_line(doubt.finding.canonical)}"'
