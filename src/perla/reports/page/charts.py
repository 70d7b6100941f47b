"""The page's charts: numbers first, then a drawing as inline SVG that takes the page's colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from perla.bargains.findings import Findings
from perla.listings.market import Column, Kind
from perla.reports import wording as w
from perla.reports.facts import main_columns
from perla.reports.page import drawing
from perla.reports.untrusted import one_line
from perla.words import Lang, fill

LARGEST_CLOUD = 5_000
CATEGORIES = 8


@dataclass(frozen=True)
class Chart:
    """A chart with its title and what it tells; ``drawing`` is safe SVG markup."""

    title: str
    told: str
    drawing: Any


def market_charts(findings: Findings, lang: Lang) -> list[Chart]:
    """The charts this search has the figures for: prices, the main driver, the map."""
    charts = [_prices(findings, lang), _driver(findings, lang), _map(findings, lang)]
    return [chart for chart in charts if chart is not None]


def _rated(findings: Findings) -> pd.DataFrame:
    """Asking and expected price of every listing that has both, at most LARGEST_CLOUD of them, evenly taken."""
    table = findings.table
    usable = (
        np.isfinite(table["expected_price"].astype(float)) & (table["expected_price"] > 0) & (table["asking_price"] > 0)
    )
    return sample(table.loc[usable, ["asking_price", "expected_price", "low", "high"]].astype(float))


def sample(rows: pd.DataFrame) -> pd.DataFrame:
    """At most LARGEST_CLOUD rows, evenly spread over the table: the same ones every time."""
    if len(rows) <= LARGEST_CLOUD:
        return rows
    return rows.iloc[np.linspace(0, len(rows) - 1, LARGEST_CLOUD).astype(int)]


def _bargain_rows(findings: Findings) -> dict[int, int]:
    return {b.row: b.rank for b in findings.bargains[:50]}


def _prices(findings: Findings, lang: Lang) -> Chart | None:
    cloud = _rated(findings)
    if len(cloud) < 3:
        return None
    marks = [(b.expected_price, b.asking_price, b.rank) for b in findings.bargains[:50]]
    title = w.CHART_PRICES.text(lang)
    band = (
        float((cloud["low"] / cloud["expected_price"]).median()),
        float((cloud["high"] / cloud["expected_price"]).median()),
    )
    drawn = drawing.prices(
        cloud["expected_price"].to_numpy(), cloud["asking_price"].to_numpy(), marks, band,
        drawing.Labels(title, w.EXPECTED.text(lang), w.ASKING.text(lang), findings.listings.market.currency, lang),
    )  # fmt: skip
    return Chart(title, w.CHART_PRICES_TOLD.text(lang), drawn)


def _driver(findings: Findings, lang: Lang) -> Chart | None:
    columns = main_columns(findings, 1, (Kind.QUANTITY, Kind.COUNT, Kind.CATEGORY))
    if not columns:
        return None
    column, market = columns[0], findings.listings.market
    name = one_line(column.title.text(lang), 60)
    title = one_line(fill(*w.CHART_DRIVER, column=column.title).text(lang), 120)
    unit = f" ({one_line(column.unit, 12).replace('m2', 'm²')})" if column.unit else ""
    labels = drawing.Labels(title, name + unit, w.ASKING.text(lang), market.currency, lang)
    rows = _driver_rows(findings, column)
    if len(rows) < 3:
        return None
    rank = _bargain_rows(findings)
    marks = rows.loc[[r for r in rank if r in rows.index]]
    numbered = [(x, y, rank[row]) for row, x, y in marks[["x", "y"]].itertuples()]
    cloud = sample(rows)
    draw = drawing.by_category if column.kind is Kind.CATEGORY else drawing.by_quantity
    drawn = draw(cloud["x"].to_numpy(), cloud["y"].to_numpy(), numbered, labels)
    return Chart(title, w.CHART_DRIVER_TOLD.text(lang), drawn)


def _driver_rows(findings: Findings, column: Column) -> pd.DataFrame:
    """The driver (x) and the asking price (y) of rated listings; of a category, its most frequent values alone."""
    values = findings.listings.values
    rated = findings.table["expected_price"].notna()
    rows = pd.DataFrame({"x": values[column.name], "y": findings.listings.prices})[rated].dropna()
    if column.kind is not Kind.CATEGORY:
        return rows
    wanted = values.loc[[b.row for b in findings.bargains[:50]], column.name].dropna()
    frequent = [*dict.fromkeys(wanted), *rows["x"].value_counts().index][: max(CATEGORIES, wanted.nunique())]
    return rows[rows["x"].isin(frequent[:16])]


def _map(findings: Findings, lang: Lang) -> Chart | None:
    market, values = findings.listings.market, findings.listings.values
    names = market.first(Kind.LATITUDE), market.first(Kind.LONGITUDE)
    if names[0] not in values or names[1] not in values:
        return None
    rows = pd.DataFrame({"y": values[names[0]], "x": values[names[1]], "price": findings.listings.prices}).dropna()
    if len(rows) < 3:
        return None
    marks = [
        (b.longitude, b.latitude, b.rank)
        for b in findings.bargains[:50]
        if b.latitude is not None and b.longitude is not None
    ]
    cloud = sample(rows)
    shade = cloud["price"].rank(pct=True).to_numpy()
    labels = drawing.Labels(w.CHART_MAP.text(lang), "", "", market.currency, lang)
    drawn = drawing.area_map(cloud["x"].to_numpy(), cloud["y"].to_numpy(), shade, marks, labels)
    return Chart(labels.title, w.CHART_MAP_TOLD.text(lang), drawn)
