"""Whether the service lives, whether it can answer, and what it has done."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from perla import __version__
from perla.app.web.answers import json_response
from perla.app.web.api.asking import desk_of, good, problems
from perla.app.web.languages import language_of
from perla.app.web.measures import Measures
from perla.app.web.problems import ProblemError
from perla.app.web.shapes import Health, Ready
from perla.errors import NotReadyError, PerlaError

router = APIRouter(tags=["operations"])
LINES = '# TYPE perla_requests_total counter\nperla_requests_total{method="GET",route="/healthz",status="200"} 1.0\n'
HEALTH = {"status": "ok", "version": __version__}
READY = {"status": "ready", "markets": ["homes-medellin"], "refused": {}}


@router.get(
    "/healthz", response_model=Health, summary="Whether the service lives",
    responses=good("application/json", HEALTH),
)  # fmt: skip
async def live(request: Request) -> Response:
    """Answers as long as the service runs, with or without a model."""
    return json_response(HEALTH, language_of(request))


@router.get(
    "/readyz", response_model=Ready, summary="Whether the service can answer",
    responses=good("application/json", READY) | problems(503),
)  # fmt: skip
async def ready(request: Request) -> Response:
    """Ready once a market can be asked; otherwise 503 and why not."""
    desk, lang = desk_of(request), language_of(request)
    if not desk.markets():
        raise not_ready(desk)
    refused = {name: why.text(lang) for name, why in desk.refusals().items()}
    return json_response({"status": "ready", "markets": desk.markets(), "refused": refused}, lang)


def not_ready(desk: object) -> ProblemError:
    """Why no market can be asked."""
    from perla.app.web.desk import Desk

    assert isinstance(desk, Desk)
    try:
        desk.open(next(iter(desk.refusals()), ""))
    except NotReadyError as problem:
        return ProblemError(503, problem.message, headers={"retry-after": "5"})
    except PerlaError as problem:
        return ProblemError(503, problem.message)
    raise AssertionError("a market can be asked")


@router.get(
    "/metrics", summary="Measurements for Prometheus", response_class=Response,
    responses=good("text/plain", LINES, type="string")
    | problems(401, 403, 429),
)  # fmt: skip
async def metrics(request: Request) -> Response:
    """Requests by route and status, their durations, the markets in service; of all workers together."""
    measures: Measures = request.app.state.measures
    return Response(measures.text(), media_type="text/plain; version=1.0.0; charset=utf-8")
