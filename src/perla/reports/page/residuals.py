"""A scorecard's plots: how far off estimates are, for cheap and dear listings, beside the baselines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from markupsafe import Markup
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter

from perla.bargains.evaluation import Breakdown, Picture
from perla.reports.page import drawing
from perla.reports.page.drawing import ACCENT, CLOUD, INK, SETTINGS, Labels

COMPARED = "#E07A1F"
RATIOS = (0.25, 0.33, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 3.0, 4.0)
MOST_TICKS = 9


def fan(picture: Picture, labels: Labels) -> Markup:
    """Ratio of estimate to asking price against the expected price: its median, middle half and middle nine tenths."""
    told = np.array(picture.fan)
    with mpl.rc_context(SETTINGS):
        figure, axes = drawing._blank(labels)
        x = np.array(picture.expected)
        for lower, upper, alpha in ((0, 4, 0.16), (1, 3, 0.30)):
            axes.fill_between(x, told[:, lower], told[:, upper], color=ACCENT, alpha=alpha, linewidth=0)
        axes.axhline(1.0, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.plot(x, told[:, 2], color=ACCENT, linewidth=2)
        axes.set_yscale("log")
        low, high = float(told.min()) / 1.04, float(told.max()) * 1.04
        axes.set_ylim(min(low, 0.88), max(high, 1.14))
        _ratio_ticks(axes, labels)
        drawing._money_axis(axes, "x", float(x.min()), float(x.max()), labels)
        axes.set_xlim(float(x.min()), float(x.max()))
        return drawing._svg(figure, labels)


def histogram(picture: Picture, names: Sequence[str], labels: Labels) -> Markup:
    """Share of the listings by how far off the estimate is; perla filled, the baselines as lines."""
    edges = np.array(picture.edges)
    with mpl.rc_context(SETTINGS):
        figure, axes = drawing._blank(labels)
        axes.stairs(picture.perla, edges, fill=True, color=ACCENT, alpha=0.45, label=drawing._inert(names[0]))
        lines = zip((picture.hedonic, picture.comparables), (CLOUD, COMPARED), names[1:], strict=True)
        for bars, colour, name in lines:
            axes.stairs(bars, edges, color=colour, linewidth=1.8, label=drawing._inert(name))
        axes.axvline(0.0, color=INK, linewidth=1, linestyle=(0, (4, 3)))
        axes.set_xlim(edges[0], edges[-1])
        axes.set_ylim(0, max(max(picture.perla), max(picture.hedonic), max(picture.comparables)) * 1.32)
        axes.xaxis.set_major_locator(FixedLocator([float(np.log1p(v)) for v in (-0.5, -0.25, 0, 0.33, 1.0)]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda v, _: _signed(round(float(np.expm1(v)) * 100))))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v * 100:.0f} %"))
        _legend(axes)
        return drawing._svg(figure, labels)


def by_fifth(fifths: Breakdown, names: Sequence[str], labels: Labels) -> Markup:
    """Typical error in each fifth of price, perla and the baselines."""
    with mpl.rc_context(SETTINGS):
        figure, axes = drawing._blank(labels)
        x = np.arange(1, len(fifths.lines) + 1)
        told = [[getattr(line, model).mdape for line in fifths.lines] for model in ("perla", "hedonic", "comparables")]
        for values, colour, name, wide in zip(told, (ACCENT, CLOUD, COMPARED), names, (2.4, 1.6, 1.6), strict=True):
            axes.plot(x, values, color=colour, linewidth=wide, marker="o", markersize=5, label=drawing._inert(name))
        axes.set_xlim(0.7, len(x) + 0.3)
        axes.set_ylim(0, max(map(max, told)) * 1.38)
        axes.xaxis.set_major_locator(FixedLocator(list(x)))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: f"{v * 100:.0f} %"))
        _legend(axes)
        return drawing._svg(figure, labels)


def _ratio_ticks(axes: Any, labels: Labels) -> None:
    low, high = axes.get_ylim()
    inside = [r for r in RATIOS if low <= r <= high]
    shown = inside if len(inside) <= MOST_TICKS else [r for r in inside if r in (0.25, 0.5, 0.7, 1.0, 1.5, 2.0, 4.0)]
    axes.yaxis.set_major_locator(FixedLocator(shown))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: drawing._written(v, labels)))


def _signed(percent: int) -> str:
    return f"{percent:+d} %".replace("-", "−") if percent else "0 %"


def _legend(axes: Any) -> None:
    axes.legend(loc="upper right", frameon=False, fontsize=9.5, labelcolor=INK, handlelength=1.4)
