"""What should it cost: a form made from the market file, and the estimate of what stands in it."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from perla.app.web.pages.answers import PageRoute, chosen_market, show

router = APIRouter(route_class=PageRoute)


@router.get("/estimate")
def estimate(request: Request) -> Response:
    """The form."""
    return show(request, "estimate.html.j2", {"is_home": False}, chosen_market(request))
