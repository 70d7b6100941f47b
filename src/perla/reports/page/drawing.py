"""Drawing with matplotlib's figure objects (no pyplot, no global state) into SVG that follows light and dark pages."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from perla.reports.facts import short_money
from perla.words import Lang, number

Marks = Sequence[tuple[Any, float, int]]
# Colours matplotlib writes, and the page's own that replace them, so that the drawing follows dark mode.
INK, RULE, ACCENT, ON_ACCENT, CARD = "#010203", "#010204", "#010205", "#010206", "#010207"
PAGE = {
    INK: "var(--muted)",
    RULE: "var(--rule)",
    ACCENT: "var(--accent)",
    ON_ACCENT: "var(--on-accent)",
    CARD: "var(--card)",
}
CLOUD = "#7F93AB"  # a mid tone, readable on both grounds
SHADES = LinearSegmentedColormap.from_list("shades", ["#159A8C", "#9AA3AD", "#E07A1F"])
LOG_SPREAD = 20
SIZE_INCHES = (4.6, 4.0)
SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 11,
    "font.family": "sans-serif",
    "axes.unicode_minus": True,
}


@dataclass(frozen=True)
class Labels:
    """The words of one drawing."""

    title: str
    x: str
    y: str
    currency: str
    lang: Lang


def prices(expected: np.ndarray, asking: np.ndarray, marks: Marks, band: tuple[float, float], labels: Labels) -> Markup:
    """Asking against expected price with the diagonal, the usual interval as a band, and the bargains numbered."""
    with mpl.rc_context(SETTINGS):
        figure, axes = _blank(labels)
        low, high = _limits(np.concatenate([expected, asking]), [m[0] for m in marks] + [m[1] for m in marks])
        line = np.geomspace(max(low, 1e-9), high, 50)
        axes.fill_between(line, line * band[0], line * band[1], color=ACCENT, alpha=0.16, linewidth=0)
        axes.plot(line, line, color=ACCENT, linewidth=1.2)
        _cloud(axes, expected, asking)
        _number(axes, marks)
        for axis in ("x", "y"):
            _money_axis(axes, axis, low, high, labels)
        return _svg(figure, labels)


def by_quantity(x: np.ndarray, asking: np.ndarray, marks: Marks, labels: Labels) -> Markup:
    """Asking price against a measured column."""
    with mpl.rc_context(SETTINGS):
        figure, axes = _blank(labels)
        _cloud(axes, x, asking)
        _number(axes, marks)
        low, high = _limits(x, [m[0] for m in marks])
        if low > 0 and high / low > LOG_SPREAD:
            axes.set_xscale("log")
            _log_ticks(axes.xaxis, low, high)
        else:
            axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.set_xlim(low, high)
        years = "" if 1500 < low < high < 2200 else "number"
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: _written(v, labels) if years else f"{v:.0f}"))
        _money_axis(axes, "y", *_limits(asking, [m[1] for m in marks]), labels)
        return _svg(figure, labels)


def by_category(x: np.ndarray, asking: np.ndarray, marks: Marks, labels: Labels) -> Markup:
    """Asking price against the most frequent words of a column, dearest on top, with each one's median."""
    names = sorted(set(x), key=lambda name: float(np.median(asking[x == name])))
    place = {name: i for i, name in enumerate(names)}
    with mpl.rc_context(SETTINGS):
        figure, axes = _blank(labels)
        at = np.array([place[name] for name in x])
        jitter = ((np.arange(len(x)) * 0.6180339887) % 1 - 0.5) * 0.6
        _cloud(axes, asking, at + jitter)
        medians = [float(np.median(asking[x == name])) for name in names]
        axes.vlines(medians, np.arange(len(names)) - 0.36, np.arange(len(names)) + 0.36, color=ACCENT, linewidth=2)
        _number(axes, [(price, place[name], rank) for name, price, rank in marks])
        axes.set_yticks(range(len(names)), [_inert(name)[:24] for name in names])
        axes.set_ylim(-0.6, len(names) - 0.4)
        axes.set_xlabel(labels.y)
        axes.set_ylabel("")
        _money_axis(axes, "x", *_limits(asking, [m[1] for m in marks]), labels)
        return _svg(figure, labels)


def area_map(x: np.ndarray, y: np.ndarray, shade: np.ndarray, marks: Marks, labels: Labels) -> Markup:
    """Where the listings are, in true proportion at their latitude, with a scale bar instead of degrees."""
    with mpl.rc_context(SETTINGS):
        figure, axes = _blank(labels)
        left, right = _limits(x, [m[0] for m in marks], positive=False)
        bottom, top = _limits(y, [m[1] for m in marks], positive=False)
        size, alpha = _dot(len(x))
        axes.scatter(x, y, s=size, c=shade, cmap=SHADES, alpha=min(1, alpha + 0.25), linewidths=0, rasterized=True)
        _number(axes, marks)
        stretch = 1 / max(0.05, math.cos(math.radians((bottom + top) / 2)))
        axes.set_xlim(*_widen(left, right, (top - bottom) * stretch * SIZE_INCHES[0] / SIZE_INCHES[1]))
        axes.set_ylim(*_widen(bottom, top, (right - left) / stretch * SIZE_INCHES[1] / SIZE_INCHES[0]))
        axes.set_aspect(stretch)
        axes.set_xticks([])
        axes.set_yticks([])
        axes.grid(False)
        axes.spines[:].set_visible(False)
        _scale_bar(axes, stretch, labels)
        return _svg(figure, labels)


def _blank(labels: Labels) -> tuple[Figure, Any]:
    figure = Figure(figsize=SIZE_INCHES, layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    axes.set_axisbelow(True)
    axes.grid(True, color=RULE, linewidth=0.7)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(RULE)
    axes.tick_params(colors=INK, which="both", length=0, pad=5)
    axes.set_xlabel(_inert(labels.x), color=INK)
    axes.set_ylabel(_inert(labels.y), color=INK)
    return figure, axes


def _inert(words: object) -> str:
    """Text without matplotlib's formula sign."""
    return str(words).replace("$", "\\$")


def _cloud(axes: Any, x: np.ndarray, y: np.ndarray) -> None:
    size, alpha = _dot(len(x))
    axes.scatter(x, y, s=size, color=CLOUD, alpha=alpha, linewidths=0, rasterized=True)


def _dot(count: int) -> tuple[float, float]:
    """Size and opacity of one of ``count`` dots: fewer are larger."""
    return (26, 0.75) if count < 500 else (12, 0.5) if count < 2500 else (7, 0.38)


def _number(axes: Any, marks: Marks) -> None:
    """The bargains as numbered circles, the best drawn last and so on top."""
    for x, y, rank in sorted(marks, key=lambda m: -m[2]):
        axes.scatter([x], [y], s=150, color=ACCENT, edgecolors=CARD, linewidths=1.2, zorder=5)
        words = {"color": ON_ACCENT, "fontsize": 8, "fontweight": "bold"}
        axes.annotate(str(rank), (x, y), ha="center", va="center_baseline", zorder=6, annotation_clip=True, **words)


def _limits(values: np.ndarray, also: Sequence[float], positive: bool = True) -> tuple[float, float]:
    """The range of all but the wildest one percent, widened to hold the bargains."""
    finite = values[np.isfinite(values)]
    low, high = (float(q) for q in np.quantile(finite, [0.005, 0.995]))
    low, high = min([low, *also]), max([high, *also])
    if high - low <= abs(high) * 1e-9:
        return low - (abs(low) * 0.1 or 0.5), high + (abs(high) * 0.1 or 0.5)
    if positive and low > 0:
        step = (high / low) ** 0.04 if high / low > LOG_SPREAD else 0
        return (
            (low / step, high * step)
            if step
            else (max(low - (high - low) * 0.06, low * 0.5), high + (high - low) * 0.06)
        )
    margin = (high - low) * 0.05 or 0.5
    return low - margin, high + margin


def _widen(low: float, high: float, span: float) -> tuple[float, float]:
    """The range, widened about its middle to ``span`` if it is narrower."""
    extra = max(0.0, span - (high - low)) / 2
    return low - extra, high + extra


def _money_axis(axes: Any, which: str, low: float, high: float, labels: Labels) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    if low > 0 and high / low > LOG_SPREAD:
        getattr(axes, f"set_{which}scale")("log")
        _log_ticks(axis, low, high)
    else:
        axis.set_major_locator(MaxNLocator(5))
    getattr(axes, f"set_{which}lim")(low, high)
    axis.set_major_formatter(FuncFormatter(lambda v, _: _inert(short_money(v, labels.currency, labels.lang))))


def _log_ticks(axis: Any, low: float, high: float) -> None:
    decades = math.log10(high / low) * (1.4 if axis.axis_name == "x" else 1)  # words need more room side by side
    axis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5) if decades < 2.1 else (1, 3) if decades < 3.4 else (1,)))
    axis.set_minor_formatter(NullFormatter())


def _written(value: float, labels: Labels) -> str:
    return number(value, 0 if abs(value) >= 10 else 2, labels.currency).text(labels.lang)


def _scale_bar(axes: Any, stretch: float, labels: Labels) -> None:
    """A bar of a round length in kilometres in the lower left corner."""
    left, right = axes.get_xlim()
    bottom, top = axes.get_ylim()
    kilometres_per_degree = 111.32 / stretch
    wide = (right - left) * kilometres_per_degree
    length = next((k for k in (500, 200, 100, 50, 20, 10, 5, 2, 1, 0.5, 0.2) if k <= wide / 4), wide / 5)
    x, y = left + (right - left) * 0.03, bottom + (top - bottom) * 0.03
    axes.plot([x, x + length / kilometres_per_degree], [y, y], color=INK, linewidth=2, solid_capstyle="butt")
    told = number(length, 1, labels.currency).text(labels.lang)
    axes.text(x, y + (top - bottom) * 0.012, f"{told} km", color=INK, fontsize=9, va="bottom")


def _svg(figure: Figure, labels: Labels) -> Markup:
    """The figure as one accessible inline SVG in the page's colours; the same figure gives the same text."""
    buffer = StringIO()
    with mpl.rc_context({"svg.hashsalt": f"perla {labels.title}"}):
        figure.savefig(buffer, format="svg", dpi=150, metadata={"Date": None, "Creator": None})
    svg = buffer.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="[^"]*">', "<g>", svg)
    svg = re.sub(
        r'(<svg[^>]*?) width="[^"]*"', r"\1", re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1), count=1
    )
    for sentinel, colour in PAGE.items():
        svg = svg.replace(sentinel, colour)
    name = (
        f"<title>{escape(labels.title)}</title><desc>{escape(', '.join(t for t in (labels.x, labels.y) if t))}</desc>"
    )
    svg = re.sub(r"<svg([^>]*)>", lambda m: f'<svg{m[1]} role="img">{name}', svg, count=1)
    return Markup(svg)  # noqa: S704 - matplotlib escapes every text in it
