"""What every operation needs: the desk, the pool, the language, and which errors it may answer with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from fastapi import Request
from starlette.responses import Response

from perla.app.web.answers import json_response
from perla.app.web.desk import Desk
from perla.app.web.languages import language_of
from perla.app.web.pool import Pool
from perla.app.web.shapes import Problem
from perla.words import Lang

WHY = {
    400: "The body is no JSON.", 401: "A key is needed, or the one sent is wrong.", 403: "The key was revoked.",
    404: "There is no such market, listing or page.", 413: "The body is too large.", 422: "A value is not usable.",
    429: "Too many calls for this key; see Retry-After.", 503: "No model is in service, or too many wait.",
    504: "The answer took too long.",
}  # fmt: skip
EXAMPLE = {
    "type": "urn:perla:problem:not-usable", "title": "A value is not usable", "status": 422,
    "detail": "A wish names a column of the table; there is no 'aera'. Did you mean 'area'?", "field": "wish",
    "closest": "area",
}  # fmt: skip


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems an operation may answer with, for the OpenAPI document."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {
            "description": WHY[status],
            "content": {"application/problem+json": {"schema": schema, "example": {**EXAMPLE, "status": status}}},
        }
        for status in statuses
    }


def good(kind: str, example: Any, **schema: str) -> dict[int | str, dict[str, Any]]:
    """An example of a good answer of this media type."""
    shown = {"example": example} | ({"schema": schema} if schema else {})
    return {200: {"content": {kind: shown}}}


def answers(example: Mapping[str, Any], *statuses: int) -> dict[int | str, dict[str, Any]]:
    """An example of the answer, and the problems there may be instead."""
    return good("application/json", dict(example)) | problems(401, 403, *statuses, 429, 503, 504)


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


def today_of(request: Request) -> date:
    today: date = request.app.state.today()
    return today


async def answer(request: Request, work: Callable[[Lang], Any]) -> Response:
    """Made in the pool: the JSON of what ``work`` returns, or the response it returns."""
    pool: Pool = request.app.state.pool
    lang = language_of(request)

    def make() -> Response:
        made = work(lang)
        return made if isinstance(made, Response) else json_response(made, lang)

    return await pool.run(make)


__all__ = ["Problem", "answer", "answers", "desk_of", "good", "problems", "today_of"]
