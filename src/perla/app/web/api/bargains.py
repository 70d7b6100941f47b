"""The bargains of a market: a page of them as JSON, a flat table, or the workbook with the proof of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Annotated, Any

import pandas as pd
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from perla.app.web import samples
from perla.app.web.answers import Written, asked_market, json_bytes
from perla.app.web.api.asking import answer, answers, desk_of, today_of
from perla.app.web.asked import AskedBargains
from perla.app.web.desk import Desk
from perla.app.web.limits import refuse_deep
from perla.app.web.shapes import Bargains
from perla.bargains.edition import Edition
from perla.bargains.findings import Bargain, Findings
from perla.bargains.surprises import surprise_table
from perla.listings.wish import Wish
from perla.words import Lang

router = APIRouter(tags=["bargains"])
FILES = {
    "csv": ("text/csv; charset=utf-8", "perla.reports.csv_table"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "perla.reports.workbook"),
}


@dataclass(frozen=True)
class Found:
    """One page of a search. found : how many match in all, pages : on how many pages they stand."""

    edition: Edition
    wish: Wish
    found: int
    page: int
    page_size: int
    pages: int
    bargains: tuple[Bargain, ...]


def search(desk: Desk, asked: AskedBargains, today: date) -> Found:
    """The page that was asked for."""
    refuse_deep(asked.where or "")
    edition = desk.open(asked_market(desk, asked.market))
    wish = edition.wish(asked.wish)
    if asked.wish is not None:
        desk.remember(edition.market.name, asked.wish)
    since = None if asked.days is None else edition.since(asked.days, pd.Timestamp(today))
    best = edition.search(wish, asked.where or "", since, asked.fdr)
    if asked.page_size is not None and "limit" in asked.model_fields_set:
        best = best[: asked.limit]
    size = asked.page_size or asked.limit
    rows = best[(asked.page - 1) * size : asked.page * size].tolist()
    bargains = edition.prove(rows, wish, asked.comparables)
    return Found(edition, wish, len(best), asked.page, size, ceil(len(best) / size), bargains)


def page(found: Found, asked: AskedBargains, desk: Desk, lang: Lang, written: Written) -> Response:
    """The page as JSON."""
    bargains = b",".join(written.write(b, found.edition, lang) for b in found.bargains)
    content = json_bytes(told(found, asked, desk, lang))[:-1] + b',"bargains":[' + bargains + b"]}"
    return Response(content, headers={"content-language": lang}, media_type="application/json")


def told(found: Found, asked: AskedBargains, desk: Desk, lang: Lang) -> dict[str, Any]:
    """All of the page but the bargains."""
    edition = found.edition
    facts = desk.facts(edition.market.name)
    return {
        "market": edition.market.name, "currency": edition.market.currency, "edition": facts.edition,
        "release": edition.release, "made_on": edition.made_on or None, "newest_sighting": facts.newest or None,
        "wish": found.wish.describe().text(lang), "where": asked.where or "", "days": asked.days, "fdr": asked.fdr,
        "found": found.found, "page": found.page, "page_size": found.page_size, "pages": found.pages,
    }  # fmt: skip


def report(found: Found, asked: AskedBargains, lang: Lang, today: date) -> Response:
    """The page as a file of reports."""
    from importlib import import_module

    kind, module = FILES[asked.format]
    content = import_module(module).render(findings_of(found, asked), lang, False, today.isoformat())
    name = f"perla-{today.isoformat()}.{asked.format}"
    return Response(
        content,
        headers={"content-disposition": f'attachment; filename="{name}"', "content-language": lang},
        media_type=kind,
    )


def findings_of(found: Found, asked: AskedBargains) -> Findings:
    """The page as the reports read it: the listings that are shown, and nothing of the others."""
    from dataclasses import replace

    edition, rows = found.edition, [b.row for b in found.bargains]
    keep = pd.Series(False, index=edition.listings.values.index)
    keep.iloc[rows] = True
    order = sorted(rows)
    places = {row: place for place, row in enumerate(order)}
    listings = replace(edition.listings.take(keep), rejected=(), rejected_original=pd.DataFrame())
    table = edition.table(order, found.wish).reset_index(drop=True) if order else edition.table([], found.wish)
    evidence = edition.examined.take(keep.to_numpy().nonzero()[0]).evidence
    return Findings(
        listings=listings,
        table=table,
        surprise=surprise_table(evidence, edition.market, listings.values.index),
        bargains=tuple(replace(b, row=places[b.row]) for b in found.bargains),
        card=edition.finder.card_,
        wish=found.wish.describe(),
        where=asked.where or "",
        examined=len(edition.listings),
        fdr=asked.fdr,
        discovered=found.found if asked.fdr is not None else 0,
    )


@router.get(
    "/v1/bargains",
    response_model=Bargains,
    summary="The best bargains of a market",
    responses=answers(samples.BARGAINS, 404, 422)
    | {
        200: {
            "content": {
                "application/json": {"example": samples.BARGAINS},
                "text/csv": {"schema": {"type": "string"}, "example": samples.CSV},
                FILES["xlsx"][0]: {"schema": {"type": "string", "format": "binary"}},
            }
        }
    },
)
async def list_bargains(request: Request, asked: Annotated[AskedBargains, Query()]) -> Response:
    """Listings that ask clearly less than they should while everything else about them is normal, best first, each with
    its expected price, interval, reasons and comparables."""
    desk, today, written = desk_of(request), today_of(request), request.app.state.written

    def work(lang: Lang) -> Any:
        found = search(desk, asked, today)
        if asked.format == "json":
            return page(found, asked, desk, lang, written)
        return report(found, asked, lang, today)

    return await answer(request, work)
