"""What should it cost: a form made from the market file, and the estimate of what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from perla.app.web.estimates import Estimate, asked_nothing, check_cells, estimate_cells, typical_price
from perla.app.web.pages import words as p
from perla.app.web.pages.answers import PageRoute, Visit, has_empty, show, visit
from perla.app.web.pages.fields import Field, Forms, as_findings, forms_of
from perla.app.web.pages.listing import driver_bars, neighbours
from perla.app.web.pages.words import capital
from perla.bargains.edition import Edition
from perla.errors import closest
from perla.listings import Kind
from perla.listings.market import Column
from perla.listings.units import plain_word
from perla.reports.facts import is_year
from perla.reports.page.laid_open import Tongue, bargain_shown
from perla.reports.untrusted import one_line
from perla.words import Text, fill, quantity, same

COMPARABLES = 5
LONGEST_CELL, LONGEST_TEXT = 200, 4_000
SHORT = (Kind.QUANTITY, Kind.COUNT, Kind.LATITUDE, Kind.LONGITUDE, Kind.DATE, Kind.CATEGORY, Kind.YES_NO)
router = APIRouter(route_class=PageRoute)


@router.get("/estimate")
def estimate(request: Request) -> Response:
    """The form, and below it the estimate where something stands in it."""
    here = visit(request)
    edition, tongue, forms = here.edition, here.tongue, forms_of(here.edition)
    cells = read_cells(request.query_params, forms, edition)
    if has_empty(request):
        kept = {k: request.query_params[k] for k in ("market", "lang") if request.query_params.get(k)}
        told = urlencode(kept | {f"c.{k}": v for k, v in cells.items()})
        return RedirectResponse(f"/estimate?{told}" if told else "/estimate", 303)
    faults, result = judge(here, forms, cells)
    page = {
        "fields": [shown_field(f, cells, faults, tongue) for f in asked_fields(forms, edition)],
        "price": f"c.{edition.market.price}",
        "result": result,
        "has_faults": bool(faults) and result is None,
        "asks_market": here.market if "market" in request.query_params else "",
        "is_home": False,
    }
    return show(request, "estimate.html.j2", page, here)


def asked_fields(forms: Forms, edition: Edition) -> list[Field]:
    """The price first, then what matters most; free text last."""
    price = forms.field(edition.market.column(edition.market.price))
    return [*(f for f in forms.described if f.column.kind in SHORT), price, *(
        f for f in forms.described if f.column.kind not in SHORT
    )]  # fmt: skip


def read_cells(asked: Mapping[str, str], forms: Forms, edition: Edition) -> dict[str, str]:
    """What stands in the form, by column."""
    longest = {
        f.column.name: LONGEST_CELL if f.column.kind in SHORT else LONGEST_TEXT for f in asked_fields(forms, edition)
    }
    found = {name: asked.get(f"c.{name}", "").strip()[:most] for name, most in longest.items()}
    return {name: cell for name, cell in found.items() if cell}


def judge(at: Visit, forms: Forms, cells: dict[str, str]) -> tuple[dict[str, Text], dict[str, Any] | None]:
    """What is wrong by column, and the estimate; no estimate where a cell could not be used."""
    edition = at.edition
    described = {f.column.name: f for f in forms.described}
    if not any(name in described for name in cells):
        return ({edition.market.price: p.NEEDS_ONE} if cells else {}), None
    unknown = {
        n: _unknown(described[n], c) for n, c in cells.items() if n in described and _is_unknown(described[n], c)
    }
    made = estimate_cells(edition, [cells], COMPARABLES)[0]
    if made.set_aside is not None:
        rest = {name: cell for name, cell in cells.items() if name != edition.market.price}
        others = check_cells([rest], edition.market, typical_price(edition)).doubts
        return unknown | {d.column: d.reason for d in others} | {edition.market.price: made.set_aside}, None
    doubts = dict(made.doubts)
    if made.bargain is None or doubts:
        return unknown | doubts, None
    return unknown, result_shown(at, as_understood(edition, made, cells))


def as_understood(edition: Edition, made: Estimate, cells: dict[str, str]) -> Estimate:
    """The estimate with its numbers as they were read: ``30.000`` may be thirty or thirty thousand."""
    assert made.bargain is not None
    values = check_cells([cells], edition.market, None if made.priced else typical_price(edition)).values.iloc[0]
    measured = [c.name for c in edition.market.columns if c.kind in (Kind.QUANTITY, Kind.COUNT) and c.name in cells]
    read = {name: float(values[name]) for name in measured if values[name] == values[name]}
    return replace(made, bargain=replace(made.bargain, original={**made.bargain.original, **read}))


def _is_unknown(field: Field, cell: str) -> bool:
    return field.is_choice and bool(field.choices) and plain_word(cell) not in {plain_word(c) for c in field.choices}


def _unknown(field: Field, cell: str) -> Text:
    """That a word is not known, with the closest that is."""
    near = closest(cell, list(field.choices))
    told = fill(*p.NOT_KNOWN, value=same(f"«{one_line(cell, 40)}»"))
    return told + same(" ") + fill(*p.PERHAPS, near=same(f"«{near}»")) if near else told


def result_shown(at: Visit, made: Estimate) -> dict[str, Any]:
    """The estimate in words and shares of a bar; without an asking price nothing that depends on it."""
    assert made.bargain is not None
    bargain, edition, tongue = made.bargain, at.edition, at.tongue
    if not made.priced:
        reasons = (asked_nothing(bargain, tongue.currency),)
        bargain = replace(bargain, asking_price=bargain.expected_price, reasons=reasons)
    shown = bargain_shown(as_findings(edition), bargain, tongue) | {"id": "", "drivers": driver_bars(bargain, tongue)}
    if not made.priced:
        shown["bar"] = shown["bar"] | {"asking": ""}
    return {"b": shown, "priced": made.priced, "comparables": neighbours(at, bargain)}


def shown_field(field: Field, cells: dict[str, str], faults: dict[str, Text], tongue: Tongue) -> dict[str, Any]:
    """One field with what stands in it and what is wrong with it."""
    column = field.column
    title = one_line(column.title.text(tongue.lang), 60)
    fault = faults.get(column.name)
    return {
        "name": f"c.{column.name}",
        "title": capital(title),
        "value": cells.get(column.name, ""),
        "kind": column.kind.value,
        "is_number": column.kind in (Kind.QUANTITY, Kind.COUNT, Kind.LATITUDE, Kind.LONGITUDE),
        "is_long": column.kind is Kind.TEXT,
        "choices": field.choices,
        "hint": hint(column, field, tongue),
        "fault": tongue.say(fault, 300) if fault else "",
    }


def hint(column: Column, field: Field, tongue: Tongue) -> str:
    """The unit and the plausible range of a column."""
    unit = one_line(column.unit, 12).replace("m2", "m²")
    if column.kind is Kind.DATE:
        return "2026-03-01"
    low, high = (
        (column.low, column.high) if column.low is not None and column.high is not None else (field.low, field.high)
    )
    if field.is_choice or low is None or high is None or low != low or high != high:
        return unit
    ends = [same(int(v)) if is_year(column, v) else quantity(v, "", tongue.currency) for v in (low, high)]
    told = tongue.say(fill(*p.RANGE_HINT, low=ends[0], high=ends[1]))
    return f"{unit} · {told}" if unit else told
