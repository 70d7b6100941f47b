"""How a page is answered: language, safe headers, compression, and errors as pages of their own."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from perla import __version__
from perla.app.web.desk import Desk
from perla.app.web.languages import preferred_language
from perla.app.web.pages import words as p
from perla.app.web.pages.files import address_of
from perla.bargains.edition import Edition
from perla.errors import NotReadyError, PerlaError, UnknownNameError
from perla.reports import wording as w
from perla.reports.facts import unbroken
from perla.reports.page.laid_open import Tongue
from perla.reports.untrusted import one_line
from perla.words import LANGS, Lang, Text

LOG = logging.getLogger("perla.pages")
COOKIE = "perla_lang"
A_YEAR_SECONDS = 31_536_000
LEAST_COMPRESSED = 600
HTML = "text/html; charset=utf-8"
VARIES = "Accept-Encoding, Accept-Language, Cookie, HX-Request"
LANGUAGES = (("es", "Español"), ("en", "English"))
SAFE = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
}


def language_of(request: Request) -> Lang:
    """The language asked for in the address, else the one remembered, else the browser's, else English."""
    for asked in (request.query_params.get("lang", ""), request.cookies.get(COOKIE, "")):
        if asked in LANGS:
            return "es" if asked == "es" else "en"
    return preferred_language(request.headers.get("accept-language", ""))


def desk_of(request: Request) -> Desk:
    """The desk the application was made with."""
    desk: Desk = request.app.state.desk
    return desk


def today(request: Request) -> date:
    """The day it is, as the application sees it."""
    day: date = request.app.state.today()
    return day


@dataclass(frozen=True)
class Visit:
    """A reader at a market. market : its name in service. day : the day it is."""

    market: str
    edition: Edition
    tongue: Tongue
    day: date

    @property
    def lang(self) -> Lang:
        return self.tongue.lang


def visit(request: Request, market: str = "") -> Visit:
    """The market asked for, or the first. Raises NotReadyError and UnknownNameError."""
    desk = desk_of(request)
    name = market or request.query_params.get("market", "") or next(iter(desk.markets()), "")
    edition = desk.open(name)
    return Visit(name, edition, Tongue(language_of(request), edition.market.currency), today(request))


class PageRoute(APIRoute):
    """A route whose errors are pages a person can read."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_or_tell(request: Request) -> Response:
            try:
                return await answer(request)
            except PerlaError as problem:
                return tell(request, problem.message, _status(problem))
            except RequestValidationError:
                return tell(request, p.BAD_ADDRESS, 422)
            except HTTPException as problem:
                return tell(
                    request, p.NO_SUCH_PAGE if problem.status_code == 404 else p.BAD_ADDRESS, problem.status_code
                )
            except Exception:
                LOG.exception("the page %s failed", request.url.path)
                return tell(request, p.FAILED, 500)

        return answer_or_tell


def _status(problem: PerlaError) -> int:
    if isinstance(problem, NotReadyError):
        return 503
    return 404 if isinstance(problem, UnknownNameError) else 400


def tell(request: Request, message: Text, status: int) -> Response:
    """A page that says what went wrong and what to do; just the message where a part of a page was asked for."""
    heading = {404: p.NOT_FOUND, 503: p.NOT_READY, 500: p.FAILED_TITLE}.get(status, p.NOT_UNDERSTOOD)
    name = "part_error.html.j2" if is_part(request) else "error.html.j2"
    lang = language_of(request)
    page = {"heading": heading.text(lang), "message": one_line(message.text(lang), 1500), "status": status}
    return show(request, name, page, None, status)


def is_part(request: Request) -> bool:
    """Whether only the part of the page that changes was asked for."""
    return request.headers.get("hx-request") == "true"


def has_empty(request: Request) -> bool:
    """Whether a form without script sent fields that nobody filled in; the address is then made shorter."""
    return any(not value for _, value in request.query_params.multi_items())


def show(
    request: Request, template: str, page: dict[str, Any], seen: Visit | None, status: int = 200, push: str = ""
) -> Response:
    """A page from its template. push : the address the browser shall show for a part of a page."""
    lang = language_of(request)
    html = templates().get_template(template).render(**frame(request, seen, lang), **page)
    headers = {
        **SAFE,
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Encoding, Accept-Language, Cookie, HX-Request",
    }
    if push:
        headers["HX-Push-Url"] = push
    return _remembering(
        request, packed(request, html.encode("utf-8", "replace"), "text/html; charset=utf-8", headers, status)
    )


def packed(request: Request, content: bytes, kind: str, headers: dict[str, str], status: int = 200) -> Response:
    """An answer, compressed where that is worth it and the reader can take it."""
    if len(content) >= LEAST_COMPRESSED and "gzip" in request.headers.get("accept-encoding", ""):
        content = gzip.compress(content, 5, mtime=0)
        headers = {**headers, "Content-Encoding": "gzip"}
    return Response(content, status, headers, kind)


def _remembering(request: Request, response: Response) -> Response:
    """A language chosen in the address is remembered."""
    asked = request.query_params.get("lang", "")
    if asked in LANGS:
        response.set_cookie(COOKIE, asked, max_age=A_YEAR_SECONDS, samesite="lax", httponly=True)
    return response


def frame(request: Request, seen: Visit | None, lang: Lang) -> dict[str, Any]:
    """What every page shows: the market, the ways to the other pages, the languages."""
    edition = seen.edition if seen else None
    market, name = edition.market if edition else None, seen.market if seen else ""
    desk = desk_of(request)
    return {
        "lang": lang,
        "w": w.spoken(lang),
        "p": p.spoken(lang),
        "static": address_of,
        "market_name": name,
        "market_title": one_line(market.label.text(lang), 120) if market else "perla",
        "markets": [(m, one_line(desk.open(m).market.label.text(lang), 80)) for m in desk.markets()],
        "simulated": bool(edition and (edition.market.simulated or edition.finder.card_.simulated)),
        "languages": [
            (code, label, _in_language(request, code)) for code, label in (("es", "Español"), ("en", "English"))
        ],
        "asked": f"?{urlencode({'market': name})}" if name and len(desk.markets()) > 1 else "",
        "version": __version__,
        "made_on": edition.made_on if edition else "",
    }


def _in_language(request: Request, code: str) -> str:
    """This page's address in another language."""
    kept = [(k, v) for k, v in request.query_params.multi_items() if k != "lang" and v]
    return f"{request.url.path}?{urlencode([*kept, ('lang', code)])}"


@lru_cache(maxsize=1)
def templates() -> Any:
    """The templates: every value is escaped, a name that is missing is a fault."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    loader = PackageLoader("perla.app.web", "templates")
    made = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters["unbroken"] = unbroken
    return made
