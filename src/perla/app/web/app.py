"""The service: the API and the pages over one desk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import date
from typing import Any

from fastapi import FastAPI
from starlette.middleware import Middleware

from perla import __version__
from perla.app.web.access import Keeper, now
from perla.app.web.answers import Written
from perla.app.web.api import bargains, estimates, health, listings, markets, survey
from perla.app.web.desk import Desk
from perla.app.web.guards import Bounded, Keyed, Measured
from perla.app.web.limits import Limits
from perla.app.web.measures import Measures
from perla.app.web.pool import Pool
from perla.app.web.problems import install_problems
from perla.app.web.shapes import Problem
from perla.storage.operations import Operations

TITLE = "perla"
ABOUT = (
    "Listings that ask clearly less than they should while everything else about them is normal, with the proof. "
    "Money is a number in the currency named beside it; sentences are in the language of `lang` or Accept-Language. "
    "An error is a problem (RFC 9457) that names the field and the closest valid value."
)
DEFAULT_LIMITS = Limits()


def today() -> date:
    return now().date()


def make_app(
    desk: Desk,
    operations: Operations | None = None,
    *,
    limits: Limits = DEFAULT_LIMITS,
    open_here: bool = True,
    today: Callable[[], date] = today,
) -> FastAPI:
    """The service as an ASGI application.

    desk : what it answers from; it is watched while the application runs. operations : where keys and their use are
    kept; None: there are no keys. open_here : whether a program on this very machine needs no key; every other caller
    needs one. today : from which ``days=`` counts back.
    """
    keeper = None if operations is None else Keeper(operations)
    pool, measures = Pool(limits), Measures()

    app = FastAPI(
        title=TITLE, version=__version__, description=ABOUT, docs_url=None, redoc_url=None,
        lifespan=_running(desk, pool, keeper),
        redirect_slashes=False, generate_unique_id_function=lambda route: route.name,
        middleware=[
            Middleware(Measured, measures=measures),
            Middleware(Keyed, keeper=keeper, open_here=open_here),
            Middleware(Bounded, limits=limits),
        ],
    )  # fmt: skip
    app.state.desk, app.state.pool, app.state.measures, app.state.today = desk, pool, measures, today
    app.state.keeper, app.state.written = keeper, Written()
    install_problems(app)
    for part in (bargains, listings, estimates, markets, survey, health):
        app.include_router(part.router)
    _include_pages(app)
    _describe(app)
    measures.follow(desk)
    return app


def _running(desk: Desk, pool: Pool, keeper: Keeper | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What goes on from the start of the application to its end."""

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        desk.watch()
        if keeper is not None:
            keeper.start()
        yield
        desk.close()
        pool.close()
        if keeper is not None:
            keeper.close()

    return running


def _include_pages(app: FastAPI) -> None:
    from perla.app.web import pages

    app.include_router(pages.router)


def _describe(app: FastAPI) -> None:
    """The OpenAPI document: problems have one shape, and a key may be sent."""
    make = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is not None:
            return app.openapi_schema
        told = make()
        schemas = told["components"]["schemas"]
        schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        for name in ("HTTPValidationError", "ValidationError"):
            schemas.pop(name, None)
        told["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}}
        for path in told["paths"].values():
            for operation in path.values():
                if "401" in operation["responses"]:
                    operation["security"] = [{"key": []}, {}]
        return told

    app.openapi = described  # type: ignore[method-assign]
