"""The scorecard as a section of the page, and as a page of its own."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from markupsafe import Markup

from perla import __version__
from perla.bargains.evaluation import Breakdown, Evaluation, Line, Scorecard
from perla.reports import scorecard_rows as s
from perla.reports import wording as w
from perla.reports.facts import unbroken
from perla.reports.page import residuals
from perla.reports.page.charts import Chart
from perla.reports.page.drawing import Labels
from perla.reports.untrusted import one_line
from perla.words import Lang, Text, fill, number, same

CHART_FAN = Text("Estimate over asking price", "Estimación sobre precio pedido")
CHART_FAN_TOLD = Text(
    "The line is the median, the dark band holds half of the listings, the light one nine tenths. Level at 1: neither "
    "cheap nor dear listings are estimated too high or too low.",
    "La línea es la mediana, la banda oscura tiene la mitad de los anuncios y la clara nueve décimos. Pareja en 1: ni "
    "los baratos ni los caros se estiman muy alto o muy bajo.",
)
CHART_BARS = Text("Errors of the estimates", "Errores de las estimaciones")
CHART_BARS_TOLD = Text(
    "Share of the listings by error; the taller and narrower, the better. The outermost bars hold all beyond.",
    "Parte de los anuncios según el error; más alto y angosto es mejor. Las barras de los extremos reúnen lo demás.",
)
CHART_FIFTHS = Text("Typical error by fifth of price", "Error típico por quinto de precio")
CHART_FIFTHS_TOLD = Text(
    "From the cheapest fifth (1) to the dearest (5). A listing's place is half its asking price, half its estimate, so "
    "that no fifth is made of errors.",
    "Del quinto más barato (1) al más caro (5). El lugar de un anuncio es mitad precio pedido, mitad estimación, para "
    "que ningún quinto se forme de errores.",
)
FIFTH, OFF, SHARE = Text("Fifth", "Quinto"), Text("Error", "Error"), Text("Listings", "Anuncios")
CARD_TITLE = Text("Scorecard of the model", "Boletín de notas del modelo")
CARD_TOLD = Text(
    "The listings learned from, each estimated by models that never saw it, beside two baselines.",
    "Los anuncios de los que aprendió, cada uno estimado por modelos que nunca lo vieron, junto a dos modelos base.",
)
PARTS = Text("By part of the market", "Por parte del mercado")
RATIO_STUDY = Text("IAAO limit", "Límite IAAO")


def render_section(card: Scorecard, currency: str, lang: Lang) -> Markup:
    """The model's own scorecard as a section of the page of a search."""
    return Markup(  # noqa: S704 - our own template, which escapes what it is given
        _template("scorecard.html.j2").render(
            **_shown(card, card.breakdowns, currency, lang),
            title=CARD_TITLE.text(lang),
            told=CARD_TOLD.text(lang),
            outcome=s.outcome(card).text(lang),
        )
    )


def render_page(evaluation: Evaluation, lang: Lang, made_on: str | None = None) -> bytes:
    """A page of its own, as UTF-8 bytes: it needs no network and runs no script; equal scorecards give equal bytes."""
    card, currency = evaluation.scorecard, evaluation.market.currency
    section = Markup(  # noqa: S704 - our own template, which escapes what it is given
        _template("scorecard.html.j2").render(
            **_shown(card, (evaluation.splits, *card.breakdowns), currency, lang), title=s.TITLE.text(lang), told="",
            outcome="",
        )
    )  # fmt: skip
    style = Markup(files("perla.reports.page").joinpath("page.css").read_text("utf-8"))  # noqa: S704 - our own file
    source = fill(s.LEARNED_FROM.en, s.LEARNED_FROM.es, name=evaluation.learned_from)
    page = _template("scorecard_page.html.j2").render(
        lang=lang,
        style=style,
        section=section,
        market=one_line(evaluation.market.label.text(lang), 120),
        title=one_line((s.TITLE + same(" · ") + evaluation.market.label).text(lang), 160),
        source=one_line((same(evaluation.source + " · ") + source).text(lang), 300),
        outcome=unbroken(s.outcome(card).text(lang)),
        simulated=w.SIMULATED_TOLD.text(lang) if evaluation.market.simulated else "",
        made_by=fill(*w.MADE_BY, version=__version__).text(lang),
        made_on=made_on or "",
    )
    return page.encode("utf-8", errors="replace")


def _template(name: str) -> Any:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(files("perla.reports.page").joinpath(name).read_text("utf-8"))


def _shown(card: Scorecard, breakdowns: tuple[Breakdown, ...], currency: str, lang: Lang) -> dict[str, Any]:
    """Everything the section needs, in one language."""
    extremes = s.extremes(card)
    notes = [*card.how, *([extremes] if extremes else []), s.LIMITS_TOLD]
    return {
        "heads": [t.text(lang) for t in (s.MEASURE, s.PERLA, s.HEDONIC, s.COMPARABLES, s.LIMIT)],
        "measures": [_measure(m, card.overall, currency, lang) for m in s.MEASURES],
        "charts": _charts(card, currency, lang),
        "parts_title": PARTS.text(lang),
        "part_heads": [t.text(lang) for t in PART_HEADS],
        "parts": [(_capital(b.title.text(lang)), [_part(line, lang) for line in b.lines]) for b in breakdowns],
        "how_title": s.HOW.text(lang),
        "how": [one_line(t.text(lang), 500) for t in notes],
    }


PART_HEADS = (
    s.COUNT, s.TYPICAL_ERROR, s.HEDONIC, s.COMPARABLES, Text("Within 10 %", "A menos del 10 %"), s.MEDIAN_RATIO,
    Text("COD", "COD"), s.IN_INTERVAL,
)  # fmt: skip


def _measure(measure: s.Measure, line: Line, currency: str, lang: Lang) -> dict[str, Any]:
    keeps = measure.keeps(line.perla)
    return {
        "name": measure.name.text(lang),
        "told": measure.told.text(lang),
        "cells": [unbroken(measure.write(scores, currency).text(lang)) for scores in s.models(line)],
        "limit": measure.limits_told.text(lang) if measure.limits_told else "",
        "tone": "" if keeps is None else "kept" if keeps else "missed",
    }


def _part(line: Line, lang: Lang) -> tuple[str, list[str]]:
    mine, hedonic, comparables = s.models(line)
    told = (
        number(mine.listings), *(s.share(m.mdape) for m in (mine, hedonic, comparables)), s.share(mine.within_10),
        s.plain(mine.median_ratio), s.plain(mine.cod, 1), s.share(mine.coverage),
    )  # fmt: skip
    return one_line(line.name.text(lang), 60), [unbroken(t.text(lang)) for t in told]


def _charts(card: Scorecard, currency: str, lang: Lang) -> list[Chart]:
    names = [t.text(lang) for t in (s.PERLA, s.HEDONIC, s.COMPARABLES)]

    def labels(title: Text, x: Text, y: Text) -> Labels:
        return Labels(title.text(lang), x.text(lang), y.text(lang), currency, lang)

    charts = []
    if len(card.picture.expected) > 1:
        drawn = residuals.fan(card.picture, labels(CHART_FAN, w.EXPECTED, s.MEDIAN_RATIO))
        charts.append(Chart(CHART_FAN.text(lang), CHART_FAN_TOLD.text(lang), drawn))
    drawn = residuals.histogram(card.picture, names, labels(CHART_BARS, OFF, SHARE))
    charts.append(Chart(CHART_BARS.text(lang), CHART_BARS_TOLD.text(lang), drawn))
    if (fifths := card.breakdown("fifth")) is not None:
        drawn = residuals.by_fifth(fifths, names, labels(CHART_FIFTHS, FIFTH, s.TYPICAL_ERROR))
        charts.append(Chart(CHART_FIFTHS.text(lang), CHART_FIFTHS_TOLD.text(lang), drawn))
    return charts


def _capital(words: str) -> str:
    return one_line(words[:1].upper() + words[1:], 80)
