"""The market as it is."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from perla.app.web import samples
from perla.app.web.answers import asked_market, without_places
from perla.app.web.api.asking import answer, answers, desk_of
from perla.app.web.asked import AskedMarket
from perla.app.web.shapes import Survey
from perla.reports.json_record import plain
from perla.words import Lang

router = APIRouter(tags=["markets"])


@router.get(
    "/v1/survey",
    response_model=Survey,
    summary="The market as it is",
    responses=answers(samples.SURVEY, 404, 422),
)
async def survey_market(request: Request, asked: Annotated[AskedMarket, Query()]) -> Response:
    """Counts, prices by area and over time, odd and missing values, and what was set aside."""
    desk = desk_of(request)

    def work(lang: Lang) -> dict[str, Any]:
        name = asked_market(desk, asked.market)
        edition, facts = desk.open(name), desk.facts(name)
        looked = without_places(plain(desk.survey(name), lang))
        return {"market": name, "currency": edition.market.currency, "edition": facts.edition} | looked

    return await answer(request, work)
