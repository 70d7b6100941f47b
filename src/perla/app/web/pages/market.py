"""The market as it is, and how well its model knows it."""

from __future__ import annotations

import math
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from perla.app.web.desk import Desk
from perla.app.web.pages import words as p
from perla.app.web.pages.answers import PageRoute, Visit, desk_of, show, visit
from perla.app.web.pages.fields import kept_for
from perla.app.web.pages.figures import bare
from perla.app.web.pages.rows import coordinates, seen_ago
from perla.app.web.pages.times import over_time
from perla.app.web.pages.words import capital
from perla.bargains.drift import Drift, DriftState
from perla.bargains.edition import Edition
from perla.reports.facts import exact_percent, short_money
from perla.reports.page.laid_open import Tongue
from perla.reports.untrusted import one_line
from perla.survey import PriceLine, Prices, Survey
from perla.words import Lang, Text, fill, number, same

MOST_LINES = 12
router = APIRouter(route_class=PageRoute)


@router.get("/market/{market}")
def market(market: str, request: Request) -> Response:
    """The page of one market."""
    here, desk = visit(request, market), desk_of(request)
    edition, tongue = here.edition, here.tongue
    survey = desk.survey(market)
    page = {
        "figures": figures(here, survey),
        "unit_told": _unit_told(survey, tongue),
        "state": state(desk, market, tongue),
        "groups": [group(prices, market, tongue) for prices in (*survey.areas, *survey.kinds) if prices.lines],
        "has_map": any(coordinates(edition, row) is not None for row in range(min(20, len(edition)))),
        "time": over_time(survey, tongue),
        "oddities": [tongue.say(o.told, 400) for o in survey.oddities],
        "rejected": [(tongue.say(c.name, 200), tongue.number(c.listings)) for c in survey.rejected_why[:10]],
        "columns": [
            (tongue.say(a.title, 60), tongue.say(a.kind), tongue.say(exact_percent(a.missing)), tongue.say(a.told, 300))
            for a in survey.attributes
        ],
        "notes": [tongue.say(note, 400) for note in edition.notes],
        "scorecard": kept_for(edition, f"scorecard {tongue.lang}", lambda e: scorecard(e, tongue.lang)),
        "is_home": False,
    }
    return show(request, "market.html.j2", page, here)


def figures(at: Visit, survey: Survey) -> list[tuple[str, str]]:
    """What is known at a glance."""
    edition, tongue = at.edition, at.tongue
    card, newest = edition.finder.card_, edition.seen["last_seen"].max()
    median = survey.price.median
    told: list[tuple[Text, Text]] = [(p.LISTINGS, number(survey.listings))]
    if survey.things != survey.listings:
        told.append((p.THINGS, number(survey.things)))
    if median is not None:
        told.append((p.TYPICAL_PRICE, same(tongue.estimate(median))))
    if survey.price.per_unit is not None:
        told.append((_per_unit(survey), same(tongue.estimate(survey.price.per_unit))))
    if card.fits:
        told.append((p.TYPICAL_ERROR, exact_percent(card.fits[0].mdape)))
    told.append((p.NEWEST, seen_ago(newest, at.day) if newest == newest else p.UNDATED))
    if edition.made_on:
        told.append((p.JUDGED_ON, same(edition.made_on[:10])))
    return [(capital(tongue.say(name)), tongue.say(value)) for name, value in told]


def _per_unit(survey: Survey) -> Text:
    return fill(*p.PER_UNIT, unit=same(survey.size_unit.replace("m2", "m²")) if survey.size_unit else survey.size_title)


def _unit_told(survey: Survey, tongue: Tongue) -> str:
    return tongue.say(_per_unit(survey)) if survey.size else ""


def state(desk: Desk, market: str, tongue: Tongue) -> dict[str, Any]:
    """Whether the model still fits what it judges, in words, with the reasons."""
    drift: Drift = desk.drift(market)
    refused = desk.facts(market).refused
    title = {DriftState.DRIFTED: p.DRIFTED, DriftState.WATCH: p.WATCHED}.get(drift.verdict, p.STEADY)
    if drift.verdict is DriftState.TOO_FEW:
        title = drift.told
    return {
        "code": drift.verdict.value.replace(" ", "-"),
        "word": capital(drift.verdict.label.text(tongue.lang)),
        "title": tongue.say(title),
        "told": tongue.say(drift.told, 500),
        "reasons": [tongue.say(r, 400) for r in drift.reasons],
        "refused": tongue.say(refused, 600) if refused else "",
    }


def group(prices: Prices, market: str, tongue: Tongue) -> dict[str, Any]:
    """Prices by the words of one column, on one scale."""
    lines = [line for line in prices.lines[:MOST_LINES] if line.median is not None]
    rest = [line for line in (prices.others, prices.unknown) if line is not None and line.median is not None]
    high = max((line.high or line.median or 0.0) for line in [*lines, *rest]) if lines else 1.0
    lines.sort(key=lambda line: -(line.median or 0.0))
    title = fill(*p.BY, what=prices.title)
    return {
        "title": tongue.say(title, 100),
        "lines": [_line(line, high, _address(prices.column, line, market), tongue) for line in lines]
        + [_line(line, high, "", tongue) for line in rest],
    }


def _address(column: str, line: PriceLine, market: str) -> str:
    name = line.name.en
    return f"/?{urlencode({'market': market, f'is.{column}': name})}" if one_line(name, 80) == name else ""


def _line(line: PriceLine, most: float, address: str, tongue: Tongue) -> dict[str, Any]:
    low, middle, high = (v if v is not None else math.nan for v in (line.low, line.median, line.high))
    return {
        "name": tongue.say(line.name, 60),
        "address": address,
        "listings": tongue.number(line.listings),
        "median": short_money(middle, tongue.currency, tongue.lang),
        "per_unit": "" if line.per_unit is None else short_money(line.per_unit, tongue.currency, tongue.lang),
        "few": line.few,
        "bar": {
            "low": _share(low, most),
            "width": _share(high - low, most),
            "middle": _share(middle, most),
        },
    }


def _share(value: float, most: float) -> str:
    return f"{min(100.0, max(0.0, value / most * 100)):.1f}" if math.isfinite(value) and most > 0 else "0"


def scorecard(edition: Edition, lang: Lang) -> Any:
    """The section of the model's own scorecard; nothing for a model that keeps none."""
    from perla.reports.page.scorecard import render_section

    card = edition.finder.card_.scorecard
    return "" if card is None else bare(render_section(card, edition.market.currency, lang))
