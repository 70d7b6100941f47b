"""The first page: the bargains that answer a question, as a list and on a map."""

from __future__ import annotations

from typing import Any

import pandas as pd
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from perla.app.web.pages import words as p
from perla.app.web.pages.answers import PageRoute, Visit, has_empty, is_part, show, visit
from perla.app.web.pages.fields import Field, Forms, forms_of
from perla.app.web.pages.question import PAGE_SIZE, Question, names_of, read_question, simple_filter, wishes
from perla.app.web.pages.rows import coordinates, list_rows
from perla.app.web.pages.words import capital
from perla.bargains.edition import Edition
from perla.errors import WhereError, WishError
from perla.reports.facts import is_year, short_money
from perla.reports.page.laid_open import Tongue
from perla.reports.untrusted import one_line
from perla.words import fill, number, quantity

SHORT_FROM = 1e5
DAYS = (7, 30, 60, 180)
router = APIRouter(route_class=PageRoute)


@router.get("/")
def bargains(request: Request) -> Response:
    """The bargains; only the list where a part of the page is asked for."""
    here = visit(request)
    forms = forms_of(here.edition)
    question = read_question(request.query_params, forms.filters)
    if has_empty(request) and not is_part(request):
        return RedirectResponse(question.address(question.page), 303)
    results = answer(here, forms, question)
    status = 400 if results["fault"] else 200
    if is_part(request):
        push = "" if results["fault"] else question.address(question.page)
        return show(request, "part_results.html.j2", results, here, status, push)
    page = {**results, "form": form(forms, question, here.tongue), "is_home": True}
    return show(request, "bargains.html.j2", page, here, status)


def answer(at: Visit, forms: Forms, question: Question) -> dict[str, Any]:
    """The list, or what is wrong with the question: the filters stay as they were written."""
    try:
        return find(at, forms, question) | {"fault": ""}
    except (WishError, WhereError) as problem:
        return {
            "fault": one_line(problem.text(at.lang), 1500), "rows": [], "is_filtered": True, "found": "", "among": "",
            "clear": everything(question), "wished": "", "previous": "", "next": "", "span": "",
        }  # fmt: skip


def everything(question: Question) -> str:
    """The address of the same wish without filters."""
    return Question(question.market, question.wish, "", (), 0, 1).address()


def find(at: Visit, forms: Forms, question: Question) -> dict[str, Any]:
    """The list's page. Raises WishError and WhereError."""
    edition, tongue = at.edition, at.tongue
    wish = edition.wish(question.wish)
    since = edition.since(question.days, pd.Timestamp(at.day)) if question.days else None
    rows = edition.search(wish, simple_filter(question, forms.filters), since)
    if question.where:
        rows = rows[edition.matching(question.where)[rows]]
    count, pages = len(rows), max(1, -(-len(rows) // PAGE_SIZE))
    page = min(question.page, pages)
    first = (page - 1) * PAGE_SIZE
    shown = [int(r) for r in rows[first : first + PAGE_SIZE]]
    told = fill(*p.FOUND, count=number(count)) if count != 1 else p.FOUND_ONE
    among = fill(*p.AMONG, count=number(len(edition.listings)))
    return {
        "rows": list_rows(at, wish, shown, first + 1, question.wish),
        "found": tongue.say(told),
        "among": tongue.say(among),
        "span": tongue.say(fill(*p.SHOWN, first=first + 1, last=first + len(shown), count=number(count))),
        "previous": question.address(page - 1) if page > 1 else "",
        "next": question.address(page + 1) if page < pages else "",
        "is_filtered": question.is_filtered,
        "clear": everything(question),
        "wished": tongue.say(wish.describe()) if question.wish else "",
    }


def form(forms: Forms, question: Question, tongue: Tongue) -> dict[str, Any]:
    """The filters with what stands in them."""
    lang = tongue.lang
    shown = [_shown(f, question, tongue) for f in forms.filters]
    return {
        "wish": question.wish,
        "wishes": wishes(forms.filters, lang),
        "fields": shown[:4],
        "more": shown[4:],
        "is_open": bool(question.where) or any(v for f in shown[4:] for v in f["values"]),
        "where": question.where,
        "where_hint": _example(forms.filters, lang),
        "days": question.days,
        "day_choices": [(d, fill(*p.LAST_DAYS, days=d).text(lang)) for d in DAYS] if forms.is_dated else [],
        "market": question.market,
        "has_map": _has_map(forms.edition),
    }


def _has_map(edition: Edition) -> bool:
    return any(coordinates(edition, row) is not None for row in range(min(20, len(edition.listings))))


def _shown(field: Field, question: Question, tongue: Tongue) -> dict[str, Any]:
    column, names = field.column, names_of(field)
    title = one_line(column.title.text(tongue.lang), 60)
    return {
        "title": capital(title),
        "unit": unit_of(field, tongue),
        "names": names,
        "values": [question.value(n) for n in names],
        "choices": field.choices,
        "is_choice": field.is_choice,
        "is_short": field.is_short,
        "hints": [_hint(field, v, tongue) for v in (field.low, field.high)],
    }


def unit_of(field: Field, tongue: Tongue) -> str:
    """The unit a field is written in."""
    if field.column.name == tongue.currency or field.column.unit == tongue.currency:
        return tongue.currency
    return one_line(field.column.unit, 12).replace("m2", "m²")


def _hint(field: Field, value: float, tongue: Tongue) -> str:
    if field.is_choice or pd.isna(value):
        return ""
    if abs(value) >= SHORT_FROM:
        return short_money(value, "", tongue.lang).strip()
    if is_year(field.column, round(value)):
        return str(round(value))
    return quantity(round(value), "", tongue.currency).text(tongue.lang)


def _example(fields: tuple[Field, ...], lang: str) -> str:
    """A filter that would work here."""
    choice = next((f for f in fields if f.choices), None)
    measured = next((f for f in reversed(fields) if not f.is_choice and f.high == f.high), None)
    parts = [f"{choice.column.name} = '{choice.choices[0]}'"] if choice else []
    parts += [f"{measured.column.name} >= {measured.high / 2:.0f}"] if measured else []
    return (" and " if lang == "en" else " y ").join(parts)
