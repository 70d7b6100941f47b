"""The market as it is, and how well its model knows it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from perla.app.web.pages.answers import PageRoute, chosen_market, show

router = APIRouter(route_class=PageRoute)


@router.get("/market/{market}")
def market(market: str, request: Request) -> Response:
    """The page of one market."""
    return show(request, "market.html.j2", {"is_home": False}, chosen_market(request, market))
