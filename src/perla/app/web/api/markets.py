"""The markets in service: what answers for each, since when, and how good it is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from perla.app.web import samples
from perla.app.web.answers import told_column, told_facts, without_places
from perla.app.web.api.asking import answer, answers, desk_of
from perla.app.web.asked import Asked, MarketName
from perla.app.web.desk import Desk
from perla.app.web.shapes import MarketFacts, Markets
from perla.reports.json_record import plain
from perla.words import Lang

router = APIRouter(tags=["markets"])


def told_market(desk: Desk, name: str, lang: Lang) -> dict[str, Any]:
    """Everything told of one market."""
    facts, edition = desk.facts(name), desk.open(name)
    card = {n: plain(v, lang) for n, v in vars(facts.card).items() if n != "scorecard"}
    scorecard = None if facts.card.scorecard is None else plain(facts.card.scorecard.overall, lang)
    return told_facts(facts, edition, lang) | {
        "columns": [told_column(c, edition.market, lang) for c in edition.market.columns],
        "card": without_places(card),
        "scorecard": scorecard,
        "drift": without_places(plain(desk.drift(name), lang)),
    }


@router.get(
    "/v1/markets", response_model=Markets, summary="The markets in service", responses=answers(samples.MARKETS, 422)
)
async def list_markets(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Every market that can be asked, with the edition that answers and how fresh it is."""
    desk = desk_of(request)

    def work(lang: Lang) -> dict[str, Any]:
        return {"markets": [told_facts(desk.facts(n), desk.open(n), lang) for n in desk.markets()]}

    return await answer(request, work)


@router.get(
    "/v1/markets/{name}",
    response_model=MarketFacts,
    summary="One market",
    responses=answers(samples.MARKET, 404, 422),
)
async def show_market(
    request: Request, name: Annotated[MarketName, Path()], asked: Annotated[Asked, Query()]
) -> Response:
    """Its columns and what they may say, how good the estimates are on listings the models never saw, how fresh it is,
    and how far the listings have drifted from those learned from."""
    desk = desk_of(request)
    return await answer(request, lambda lang: told_market(desk, name, lang))
