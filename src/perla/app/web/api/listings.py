"""One listing of a market: what it is, its comparables, and why it is judged so."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from perla.app.web import samples
from perla.app.web.answers import REASONS, asked_market, told_bargain, told_estimate, told_prices
from perla.app.web.api.asking import answer, answers, desk_of
from perla.app.web.asked import AskedComparables, AskedListing, AskedMarket, ListingId
from perla.app.web.desk import Desk
from perla.app.web.shapes import Comparables, Listing, Why
from perla.bargains.edition import Edition
from perla.bargains.findings import Bargain
from perla.words import Lang

router = APIRouter(tags=["listings"])
Id = Annotated[ListingId, Path()]
JUDGED = ("verdict", "verdict_text", "asking_price", "expected_price", "low", "high")


def prove(
    desk: Desk, asked: AskedMarket, listing_id: str, wish: str | None, comparables: int, what_if: bool
) -> tuple[Edition, Bargain]:
    """The listing with everything known about it. UnknownNameError where there is none."""
    edition = desk.open(asked_market(desk, asked.market))
    row = edition.row_of(listing_id)
    return edition, edition.prove([row], edition.wish(wish), comparables, what_if)[0]


# The shorter paths come first: an id may hold a slash.
@router.get(
    "/v1/listings/{listing_id:path}/comparables",
    response_model=Comparables,
    summary="Similar listings laid beside one",
    responses=answers(samples.COMPARABLES, 404, 422),
)
async def list_comparables(request: Request, listing_id: Id, asked: Annotated[AskedComparables, Query()]) -> Response:
    """An appraiser's grid: similar listings with what each difference is worth."""
    desk = desk_of(request)

    def work(lang: Lang) -> dict[str, Any]:
        edition, bargain = prove(desk, asked, listing_id, None, asked.count, False)
        whole = told_estimate(bargain, edition.market, lang)
        return {name: whole[name] for name in Comparables.model_fields}

    return await answer(request, work)


@router.get(
    "/v1/listings/{listing_id:path}/why",
    response_model=Why,
    summary="Why a listing is judged so",
    responses=answers(samples.WHY, 404, 422),
)
async def explain_listing(request: Request, listing_id: Id, asked: Annotated[AskedListing, Query()]) -> Response:
    """Reasons in words, what makes the expected price what it is, what is odd about each column, and which single
    change would explain the price."""
    desk = desk_of(request)

    def work(lang: Lang) -> dict[str, Any]:
        edition, bargain = prove(desk, asked, listing_id, asked.wish, 5, True)
        whole = told_estimate(bargain, edition.market, lang)
        return {name: whole[name] for name in Why.model_fields}

    return await answer(request, work)


@router.get(
    "/v1/listings/{listing_id:path}",
    response_model=Listing,
    summary="One listing",
    responses=answers(samples.LISTING, 404, 422),
)
async def show_listing(request: Request, listing_id: Id, asked: Annotated[AskedListing, Query()]) -> Response:
    """The listing as it was read, its estimate and verdict, when it was seen and what it has asked over time."""
    desk = desk_of(request)

    def work(lang: Lang) -> dict[str, Any]:
        edition, bargain = prove(desk, asked, listing_id, asked.wish, 5, False)
        body = told_bargain(bargain, edition, lang, (*REASONS, "comparables"))
        return body | {"prices": told_prices(edition, bargain.row)}

    return await answer(request, work)
