"""Neurons against columns as one picture: how strongly each column drives each neuron, and which way."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure

from perla.bargains.patterns import Pattern, Patterns
from perla.reports.untrusted import one_line
from perla.words import Lang, Text, fill, number, percent

INK, RULE, GROUND, ACCENT = "#24303C", "#D9DEE3", "#FFFFFF", "#159A8C"
SIGNED = LinearSegmentedColormap.from_list("signed", ["#C8611A", "#F0B483", "#FFFFFF", "#84CFC6", "#0F7D72"])
PLAIN = LinearSegmentedColormap.from_list("plain", ["#FFFFFF", "#A99BCB", "#5B4595"])
WRITTEN_FROM = 0.10  # a weaker strength is drawn and not written
DARK = 0.55  # of the range, from which the figure in a cell is white
LONGEST_TITLE, LONGEST_READING, MOST_COLUMNS = 24, 80, 24
CELL_INCHES = (0.62, 0.34)
SETTINGS: dict[Any, Any] = {"svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif"}

TITLE = Text("What each neuron answers to", "A qué responde cada neurona")
FIRING = Text("on in", "activa en")
PRICE = Text("price", "precio")
LEGEND = Text(
    "Figure: share of the neuron's changes that goes through the column, in %. "
    "Green: more of it lights the neuron; orange: less of it; violet: a category or a text.",
    "Cifra: parte de los cambios de la neurona que pasa por la columna, en %. "
    "Verde: la enciende tener más; naranja: tener menos; violeta: una categoría o un texto.",
)


def render_png(patterns: Patterns, lang: Lang) -> bytes:
    """The picture as PNG."""
    return _render(patterns, lang, "png")


def render_svg(patterns: Patterns, lang: Lang) -> bytes:
    """The picture as SVG; the same patterns give the same bytes."""
    return _render(patterns, lang, "svg")


def _render(patterns: Patterns, lang: Lang, form: str) -> bytes:
    shown = [p for p in patterns.patterns if not p.dead]
    with mpl.rc_context({**SETTINGS, "svg.hashsalt": "perla neurons"}):
        figure = draw(patterns, shown, lang)
        buffer = BytesIO()
        metadata = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        figure.savefig(buffer, format=form, dpi=150, metadata=metadata, bbox_inches="tight", pad_inches=0.25)
    return buffer.getvalue()


def draw(patterns: Patterns, shown: list[Pattern], lang: Lang) -> Figure:
    """One row per neuron, one column per column of the market, the share of lit listings and the reading beside."""
    kept = main_columns(patterns, shown)
    strengths, directed = _strengths(kept, shown)
    rows, columns = strengths.shape
    figure = Figure(figsize=(CELL_INCHES[0] * (columns + 3), CELL_INCHES[1] * max(rows, 1)))
    figure.patch.set_facecolor(GROUND)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_xlim(-0.5, columns + 2.5)
    axes.set_ylim(max(rows, 1) - 0.5, -0.5)
    axes.axis("off")
    for i, pattern in enumerate(shown):
        _row(axes, i, pattern, strengths[i], directed[i], lang)
    _heads(axes, kept, columns, lang)
    top = -1.0 - 0.12 * max((len(_title(t, lang)) for _, t in kept), default=4)
    axes.text(-1.1, top - 1.6, _heading(patterns, lang), color=INK, fontsize=13, fontweight="bold", va="bottom")
    axes.text(-1.1, top - 0.6, LEGEND.text(lang), color=INK, fontsize=9, va="bottom")
    return figure


def main_columns(patterns: Patterns, shown: list[Pattern]) -> tuple[tuple[str, Text], ...]:
    """At most MOST_COLUMNS, those that drive some neuron most, in the order of the table."""
    strongest = dict.fromkeys((name for name, _ in patterns.columns), 0.0)
    for clue in (c for p in shown for c in p.clues):
        strongest[clue.column] = max(strongest[clue.column], clue.strength)
    kept = sorted(strongest, key=lambda name: -strongest[name])[:MOST_COLUMNS]
    return tuple(column for column in patterns.columns if column[0] in kept)


def _strengths(columns: tuple[tuple[str, Text], ...], shown: list[Pattern]) -> tuple[np.ndarray, np.ndarray]:
    """Signed strengths (neurons, columns), and which of them have a direction."""
    places = {name: j for j, (name, _) in enumerate(columns)}
    strengths, directed = np.zeros((len(shown), len(places))), np.zeros((len(shown), len(places)), bool)
    for i, pattern in enumerate(shown):
        for clue in (c for c in pattern.clues if c.column in places):
            j = places[clue.column]
            directed[i, j] = np.isfinite(clue.way)
            strengths[i, j] = -clue.strength if clue.way < 0 else clue.strength
    return strengths, directed


def _row(axes: Any, i: int, pattern: Pattern, strengths: np.ndarray, directed: np.ndarray, lang: Lang) -> None:
    from matplotlib.patches import Rectangle

    for j, strength in enumerate(strengths):
        size = min(abs(strength), 1.0) ** 0.7  # weak ones stay visible
        scale = Normalize(-1, 1)((1 if strength >= 0 else -1) * size)
        colour = SIGNED(scale) if directed[j] else PLAIN(size)
        axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, facecolor=colour, edgecolor=RULE, linewidth=0.6))
        if abs(strength) >= WRITTEN_FROM:
            ink = "white" if size > DARK + 0.1 else INK
            axes.text(j, i, f"{abs(strength) * 100:.0f}", color=ink, ha="center", va="center", fontsize=8)
    columns = len(strengths)
    axes.text(-0.7, i, str(pattern.number), color=INK, ha="right", va="center", fontweight="bold")
    axes.barh(
        i, min(pattern.firing, 1.0) * 0.9, left=columns - 0.35, height=0.55, color=ACCENT, alpha=0.35, linewidth=0
    )
    axes.text(columns + 0.05, i, percent(pattern.firing).text(lang), color=INK, ha="center", va="center", fontsize=8)
    push = f"{pattern.price_push * 100:+.0f} %".replace("-", "−")
    axes.text(columns + 1.4, i, push, color=INK, ha="right", va="center", fontsize=8)
    axes.text(columns + 1.65, i, _inert(one_line(_brief(pattern, lang), LONGEST_READING)), color=INK, va="center")


def _brief(pattern: Pattern, lang: Lang) -> str:
    """As many whole clues as there is room for, without their figures."""
    whole, *rest = re.sub(r" \([^()]*\)", "", short_reading(pattern).text(lang)).split("; ")
    for clue in rest:
        if len(whole) + len(clue) + 2 <= LONGEST_READING:
            whole += f"; {clue}"
    return whole


def _heads(axes: Any, kept: tuple[tuple[str, Text], ...], columns: int, lang: Lang) -> None:
    slanted = {"rotation": 40, "ha": "left", "va": "bottom", "color": INK, "rotation_mode": "anchor"}
    for j, (_, title) in enumerate(kept):
        axes.text(j - 0.15, -0.65, _inert(_title(title, lang)), **slanted)
    axes.text(columns - 0.1, -0.65, FIRING.text(lang), **slanted)
    axes.text(columns + 1.0, -0.65, PRICE.text(lang), **slanted)


def short_reading(pattern: Pattern) -> Text:
    """The reading without its first words, which every row would repeat."""
    return Text(*(told.split(": ", 1)[-1] for told in (pattern.reading.en, pattern.reading.es)))


def _title(title: Text, lang: Lang) -> str:
    return one_line(title.text(lang), LONGEST_TITLE)


def _heading(patterns: Patterns, lang: Lang) -> str:
    said = fill(
        "{title}: {market}, {count} listings", "{title}: {market}, {count} anuncios", title=TITLE,
        market=patterns.market.label, count=number(patterns.explained, currency=patterns.market.currency),
    )  # fmt: skip
    return _inert(one_line(said.text(lang), 110))


def _inert(words: str) -> str:
    """Text without matplotlib's formula sign."""
    return words.replace("$", "\\$")
