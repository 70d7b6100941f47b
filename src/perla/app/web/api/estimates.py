"""What listings that are sent should cost: ``perla check`` for programs."""

from __future__ import annotations

from contextlib import nullcontext
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from starlette.responses import Response

from perla.app.web import samples
from perla.app.web.answers import asked_market, told_estimate
from perla.app.web.api.asking import answer, answers, desk_of
from perla.app.web.asked import Asked, EstimatesAsked
from perla.app.web.desk import Desk
from perla.app.web.estimates import Estimate, asked_nothing, estimate_cells
from perla.app.web.problems import ProblemError, as_problem
from perla.app.web.shapes import Estimates
from perla.errors import UnknownNameError
from perla.listings import Market
from perla.words import Lang

router = APIRouter(tags=["estimates"])
NEEDS_A_PRICE = ("verdict", "verdict_text", "asking_price", "discount", "gap", "score", "chance")


def told(estimate: Estimate, market: Market, lang: Lang) -> dict[str, Any]:
    """One estimate as JSON; what depends on a price that was not given is null."""
    if estimate.bargain is None:
        reason = "" if estimate.set_aside is None else estimate.set_aside.text(lang)
        return {"set_aside": reason, "priced": estimate.priced}
    body = told_estimate(estimate.bargain, market, lang) | {
        "rank": None,  # among what was sent it would mean nothing
        "priced": estimate.priced,
        "set_aside": None,
        "doubts": [{"column": column, "reason": reason.text(lang)} for column, reason in estimate.doubts],
    }
    if estimate.priced:
        return body
    unknown = dict.fromkeys(NEEDS_A_PRICE) | {"surprises": [], "counterfactuals": []}
    return body | unknown | {"reasons": [asked_nothing(estimate.bargain, market.currency).text(lang)]}


FEW = 4
_TURN = Lock()  # a few listings are Python from end to end: made one after another they take less than side by side


def estimate_all(desk: Desk, asked: EstimatesAsked, lang: Lang) -> dict[str, Any]:
    name = asked_market(desk, asked.market)
    edition = desk.open(name)
    try:
        with _TURN if len(asked.listings) <= FEW else nullcontext():
            made = estimate_cells(edition, asked.listings, asked.comparables)
    except UnknownNameError as error:
        told_so = as_problem(error, "listings")
        raise ProblemError(422, told_so.detail, "listings", told_so.near) from None
    market = edition.market
    return {
        "market": market.name, "currency": market.currency, "edition": desk.facts(name).edition,
        "release": edition.release, "estimates": [told(e, market, lang) for e in made],
    }  # fmt: skip


@router.post(
    "/v1/estimates",
    response_model=Estimates,
    summary="What listings should cost",
    responses=answers(samples.ESTIMATES, 400, 404, 413, 422),
)
async def make_estimates(
    request: Request,
    asked: Annotated[EstimatesAsked, Body(openapi_examples=samples.ESTIMATES_ASKED)],
    words: Annotated[Asked, Query()],
) -> Response:
    """Expected price, interval, verdict, reasons and comparables for each listing sent, as ``perla check`` tells them.
    Cells may stand as people write them: a colour as a word, `120.000 km`, `$ 450.000.000`. Against a key's quota each
    listing counts as a call."""
    desk, keeper, key = desk_of(request), request.app.state.keeper, request.scope.get("perla.key")
    if key is not None and keeper is not None:  # a call for each listing; one was counted at the door
        keeper.spend(key, len(asked.listings) - 1)
    return await answer(request, lambda lang: estimate_all(desk, asked, lang))
