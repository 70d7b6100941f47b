"""Records: what a model was made of and why it was put in service, or was not."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from perla import __version__
from perla.release.gate import Decision, Figures, decision_from_state
from perla.words import Text, fill, join, number, same

FORMAT = 1
NOTHING_SAID = Text("", "")
JUDGED_ON = Text("judged on", "juzgado con")
LONGEST_HEAD = 4096
FIGURES = {
    "r2": (same("R2"), 3, 1),
    "mdape": (Text("median error, %", "error mediano, %"), 2, 100),
    "coverage": (Text("in the 90 % interval, %", "en el intervalo del 90 %, %"), 1, 100),
    "median_ratio": (Text("typical estimate over price", "estimación típica sobre precio"), 3, 1),
    "cod": (Text("scatter (COD)", "dispersión (COD)"), 2, 1),
    "listings": (Text("listings judged", "anuncios juzgados"), 0, 1),
}


@dataclass(frozen=True)
class Record:
    """One model: where it comes from, how good it is, and what was decided. Empty where nobody knows.

    market_file : its whole text. source : the files learned from; data_hash : of their cells; rows : learned from,
    rows_left : not; first_day, last_day : ISO dates of the listings. perla, commit : the code that made it; made_on :
    ISO time, UTC. settings : by name; timings : seconds by step. judged_on : which listings the figures are of.
    forced : put in service although the gate refused, for this reason.
    """

    market: str
    market_file: str = field(default="", repr=False)
    source: str = ""
    data_hash: str = ""
    rows: int = 0
    rows_left: int = 0
    first_day: str = ""
    last_day: str = ""
    perla: str = __version__
    commit: str = ""
    made_on: str = ""
    seed: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)
    timings: Mapping[str, float] = field(default_factory=dict)
    figures: Figures | None = None
    judged_on: Text = NOTHING_SAID
    decision: Decision | None = None
    forced: bool = False
    reason: str = ""

    def state(self) -> dict[str, Any]:
        """The record as JSON values; a figure that is not a number is null."""
        told = {f.name: getattr(self, f.name) for f in fields(self)}
        return {
            "format": FORMAT,
            **told,
            "settings": dict(self.settings),
            "timings": {step: round(float(seconds), 3) for step, seconds in self.timings.items()},
            "figures": None if self.figures is None else _plain(asdict(self.figures)),
            "judged_on": asdict(self.judged_on),
            "decision": None if self.decision is None else self.decision.state(),
        }


def record_from_state(state: Mapping[str, Any]) -> Record:
    """The record whose ``state`` this is; one that is damaged or of another version tells what it can."""
    blank = Record("")
    plain = {
        f.name: getattr(blank, f.name) for f in fields(Record) if f.name not in ("figures", "judged_on", "decision")
    }
    known = {name: state[name] for name, usual in plain.items() if _is_like(state.get(name), usual)}
    made = {**plain, **known}
    return Record(
        **made,
        figures=_figures(state.get("figures")),
        judged_on=_text(state.get("judged_on")),
        decision=_decision(state.get("decision")),
    )


def _is_like(value: Any, usual: Any) -> bool:
    """Whether a value from a file is of the type it should be."""
    if isinstance(usual, Mapping):
        return isinstance(value, Mapping)
    return type(value) is type(usual)


def _figures(state: Any) -> Figures | None:
    try:
        return Figures.of(state) if isinstance(state, Mapping) else None
    except (TypeError, ValueError):
        return None


def _decision(state: Any) -> Decision | None:
    try:
        return decision_from_state(state)
    except (KeyError, TypeError, ValueError):
        return None


def _text(words: Any) -> Text:
    return Text(str(words.get("en", "")), str(words.get("es", ""))) if isinstance(words, Mapping) else Text("", "")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


@dataclass(frozen=True)
class Row:
    """One fact of two records, side by side."""

    label: Text
    one: Text
    other: Text

    @property
    def differs(self) -> bool:
        return self.one != self.other


def compare_records(one: Record, other: Record) -> tuple[Row, ...]:
    """Every fact of two records side by side; the market file by its digest (``changed_lines`` says what changed).

    >>> rows = compare_records(Record("homes", rows=10), Record("homes", rows=12))
    >>> [(row.label.en, row.one.en, row.other.en) for row in rows if row.differs]
    [('listings learned', '10', '12')]
    """
    return tuple(
        Row(label, a, b) for (label, a), (_, b) in zip(describe_record(one), describe_record(other), strict=True)
    )


def describe_record(record: Record) -> list[tuple[Text, Text]]:
    """A record as facts to read: what each is, and its value."""
    figures = record.figures
    return [
        (Text("made on", "hecho el"), same(record.made_on or "-")),
        (Text("learned from", "aprendió de"), same(record.source or "-")),
        (Text("data", "datos"), same(record.data_hash or "-")),
        (Text("listings learned", "anuncios aprendidos"), number(record.rows)),
        (Text("listings left aside", "anuncios dejados aparte"), number(record.rows_left)),
        (Text("their dates", "sus fechas"), _days(record)),
        (Text("market file", "archivo de mercado"), same(_digest(record.market_file))),
        (Text("code", "código"), same(f"perla {record.perla}" + (f" ({record.commit[:9]})" if record.commit else ""))),
        (Text("seed", "semilla"), same(record.seed)),
        (Text("settings", "ajustes"), same(", ".join(f"{k} {v}" for k, v in sorted(record.settings.items())) or "-")),
        (Text("seconds", "segundos"), _timings(record)),
        *((label, _figure(figures, name, decimals, times)) for name, (label, decimals, times) in FIGURES.items()),
        (JUDGED_ON, record.judged_on if record.judged_on.en else same("-")),
        (Text("gate", "control"), _decided(record)),
        (Text("reason", "razón"), same(record.reason or "-")),
    ]


def changed_lines(one: Record, other: Record) -> list[str]:
    """The lines of the market file that differ, with - and + as in a patch."""
    lines = difflib.unified_diff(one.market_file.splitlines(), other.market_file.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def _days(record: Record) -> Text:
    if not record.first_day:
        return same("-")
    return fill("{a} to {b}", "{a} a {b}", a=record.first_day, b=record.last_day)


def _timings(record: Record) -> Text:
    """All seconds, and the steps that took them, longest first."""
    if not record.timings:
        return same("-")
    steps = sorted(record.timings.items(), key=lambda item: -item[1])
    return number(sum(record.timings.values()), 1) + same(f" ({', '.join(f'{k} {v:.1f}' for k, v in steps[:4])})")


def _figure(figures: Figures | None, name: str, decimals: int, times: int) -> Text:
    return same("-") if figures is None else number(times * getattr(figures, name), decimals)


def _decided(record: Record) -> Text:
    if record.decision is None:
        return Text("not judged", "no se juzgó")
    if record.decision.passed:
        return Text("passed", "pasó")
    why = join((c.name.label for c in record.decision.failed), ", ")
    told = fill("refused by {why}", "rechazado por {why}", why=why)
    return told + Text("; forced", "; forzado") if record.forced else told


def _digest(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12] if text else "-"


def code_commit(package: Path) -> str:
    """The commit of the checkout the package is in, or empty where it is installed without one.

    >>> code_commit(Path("/nowhere/perla"))
    ''
    """
    for folder in package.parents:
        if (folder / ".git").is_dir():
            return _commit(folder / ".git")
    return ""


def _commit(git: Path) -> str:
    """What HEAD names, read from the files themselves: no program is started."""
    try:
        head = _head(git / "HEAD")
        name = head.removeprefix("ref: ")
        if name == head:
            return head
        if (git / name).is_file():
            return _head(git / name)
        packed = (git / "packed-refs").read_text(encoding="utf-8", errors="replace").splitlines()
        return next((line.split(" ")[0] for line in packed if line.endswith(f" {name}")), "")
    except OSError:
        return ""


def _head(path: Path) -> str:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(LONGEST_HEAD).strip()
