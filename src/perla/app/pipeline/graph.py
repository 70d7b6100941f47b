"""The steps and what each needs: as text for a terminal, and as an SVG picture. Nothing in it needs the listings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from perla.app.pipeline.record import State, StepTold
from perla.app.pipeline.table import MARKS, STATES, UNCHANGED, duration
from perla.errors import FileError
from perla.words import Lang, Text, fill

if TYPE_CHECKING:
    from perla.app.settings import Settings

WIDTH, HEIGHT, GAP, ROW, MARGIN, HEAD = 176, 70, 16, 106, 20, 34
SIGNS_IN_A_LINE = 23
COLOURS = {
    State.WAITING: "#8a94a6", State.RUNNING: "#2f7ed8", State.DONE: "#2e9e6b", State.UNCHANGED: "#6b7a90",
    State.FAILED: "#d64545", State.STOPPED: "#d18b1f",
}  # fmt: skip
STYLE = (
    "text{font-family:system-ui,-apple-system,'Segoe UI',sans-serif;fill:#24303f}"
    ".title{font-size:15px;font-weight:600}.name{font-size:12px;font-weight:600}.note{font-size:11px;fill:#5c6b80}"
    ".box{fill:#ffffff;fill-opacity:.86;stroke-width:1.6}.arrow{fill:none;stroke:#8a94a6;stroke-width:1.3}"
    "@media(prefers-color-scheme:dark){text{fill:#e6ebf2}.note{fill:#a9b5c6}.box{fill:#1d2735}}"
)


def last_steps(market: str | None, settings: Settings) -> tuple[list[StepTold], Text]:
    """The steps of a market's last run; of a first run, where there is none or no market is named."""
    from perla.app.markets import named_market
    from perla.app.pipeline.line import Line
    from perla.app.pipeline.run import records_of
    from perla.app.pipeline.source import Source
    from perla.listings import Market
    from perla.release.places import market_folder
    from perla.valuation import DEFAULT_MODELS

    meaning = named_market(market, settings.home) if market else Market("", "", "", ())
    runs = records_of(settings.home, market_folder(settings.home, meaning.name)).all() if market else []
    if runs:
        title = fill("{market}: run {run}", "{market}: ejecución {run}", market=meaning.label, run=runs[-1].run)
        return runs[-1].steps, title
    source = Source(meaning, "", (Path(),), settings)
    steps = Line(meaning, source, settings, 0, DEFAULT_MODELS).steps()
    title = meaning.label if market else Text("From listings to a model in service", "De los anuncios al servicio")
    return [StepTold(step.name, step.told, step.needs) for step in steps], title


def layers(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The steps from the first to the last, each just above the first that waits for it.

    >>> layers({"seen": (), "a": (), "b": ("a",), "c": ("a",), "d": ("b", "c", "seen")})
    [['a'], ['seen', 'b', 'c'], ['d']]
    """
    users: dict[str, list[str]] = {name: [other for other in needs if name in needs[other]] for name in needs}
    below: dict[str, int] = {}

    def find(name: str) -> int:
        """How many layers stand below it."""
        if name not in below:
            below[name] = max((find(user) + 1 for user in users[name]), default=0)
        return below[name]

    found: list[list[str]] = [[] for _ in range(max(map(find, needs), default=-1) + 1)]
    for name in needs:
        found[-1 - below[name]].append(name)
    return found


def draw_text(steps: Sequence[StepTold], lang: Lang) -> list[str]:
    """The graph as lines: what can go on side by side stands in one block, and below it what waits for all of it."""
    by_name = {step.name: step for step in steps}
    lines: list[str] = []
    for place, layer in enumerate(layers({step.name: step.needs for step in steps})):
        if place:
            lines.append("  │" if len(layer) == 1 else "  ├─┬" + "─" * 30)
        lines += [_line(by_name[name], len(layer) > 1, lang) for name in layer]
    return lines


def _line(step: StepTold, beside: bool, lang: Lang) -> str:
    said = _says(step, lang)
    title = f"{MARKS[step.state][0]} {step.title.text(lang)}"
    return f"  {'│ ' if beside else ''}{title:<{44 - 2 * beside}} {said}".rstrip()


def _says(step: StepTold, lang: Lang) -> str:
    if step.state in (State.DONE, State.UNCHANGED):
        return (UNCHANGED if step.state is State.UNCHANGED else duration(step.seconds)).text(lang)
    return STATES[step.state].text(lang)


@dataclass(frozen=True)
class Box:
    """Where a step stands in the picture: its middle, and its upper edge."""

    middle: float
    top: float


def draw_svg(steps: Sequence[StepTold], title: Text, lang: Lang) -> str:
    """The graph as a picture that reads on light and on dark ground; no script, nothing from outside."""
    rows = layers({step.name: step.needs for step in steps})
    width = max(len(row) for row in rows) * (WIDTH + GAP) - GAP + 2 * MARGIN
    height = HEAD + len(rows) * ROW - (ROW - HEIGHT) + 2 * MARGIN
    boxes = _places(rows, width)
    arrows = [_arrow(boxes[need], boxes[step.name]) for step in steps for need in _nearest(step, steps)]
    drawn = [_box(step, boxes[step.name], lang) for step in steps]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(title.text(lang))}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="{MARGIN}" y="{MARGIN + 12}">{escape(title.text(lang))}</text>',
        *arrows, *drawn, "</svg>", "",
    ])  # fmt: skip


def _nearest(step: StepTold, steps: Sequence[StepTold]) -> list[str]:
    """What it needs, less what those need themselves: such an arrow would say nothing new."""
    needs = {other.name: set(other.needs) for other in steps}

    def before(name: str) -> set[str]:
        return needs[name] | {far for near in needs[name] for far in before(near)}

    return [need for need in step.needs if not any(need in before(other) for other in step.needs)]


def _places(rows: list[list[str]], width: float) -> dict[str, Box]:
    boxes = {}
    for level, row in enumerate(rows):
        left = (width - len(row) * (WIDTH + GAP) + GAP) / 2
        for place, name in enumerate(row):
            middle = left + place * (WIDTH + GAP) + WIDTH / 2
            boxes[name] = Box(middle, HEAD + MARGIN + level * ROW)
    return boxes


def _arrow(start: Box, end: Box) -> str:
    top, bottom = start.top + HEIGHT, end.top
    bend = min((bottom - top) / 2, 26)
    return (
        f'<path class="arrow" d="M{start.middle:g} {top:g}C{start.middle:g} {top + bend:g} {end.middle:g} '
        f'{bottom - bend:g} {end.middle:g} {bottom - 5:g}"/>'
        f'<path d="M{end.middle - 4:g} {bottom - 7:g}h8l-4 6z" fill="#8a94a6"/>'
    )


def _box(step: StepTold, box: Box, lang: Lang) -> str:
    colour, left, title = COLOURS[step.state], box.middle - WIDTH / 2, step.title.text(lang)
    says = f"{MARKS[step.state][0]} {_says(step, lang)}".strip(" ·")
    words = [*_lines(title), *([("note", says)] if says else [])]
    top = box.top + HEIGHT / 2 - (len(words) - 1) * 7.5 + 4
    texts = [
        f'<text class="{kind}" x="{box.middle:g}" y="{top + 15 * place:g}" text-anchor="middle">{escape(line)}</text>'
        for place, (kind, line) in enumerate(words)
    ]
    return (
        f'<g><title>{escape(title)}</title><rect class="box" x="{left:g}" y="{box.top:g}" width="{WIDTH}" '
        f'height="{HEIGHT}" rx="8" stroke="{colour}"/>{"".join(texts)}</g>'
    )


def _lines(title: str) -> list[tuple[str, str]]:
    """What stands before a colon small in a line of its own, the rest in at most two; each with its style."""
    from textwrap import wrap

    kind, colon, name = title.partition(": ")
    lines = wrap(name if colon else kind, SIGNS_IN_A_LINE)
    if len(lines) > 2:
        lines = [lines[0], " ".join(lines[1:])[: SIGNS_IN_A_LINE - 1] + "…"]
    return [*([("note", kind)] if colon else []), *(("name", line) for line in lines)]


def write_picture(path: Path, picture: str) -> None:
    """Write it. Raises FileError where that is not possible."""
    if path.suffix.lower() != ".svg":
        raise FileError(
            f"The picture must be an .svg file; got {path.name}. Name it so.",
            f"El dibujo debe ser un archivo .svg; se dio {path.name}. Nómbrelo así.",
        )
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as problem:
        why = problem.strerror or "?"
        raise FileError(
            f"The picture {path} cannot be written: {why}. Choose another place.",
            f"No se puede escribir el dibujo {path}: {why}. Elija otro lugar.",
        ) from problem
