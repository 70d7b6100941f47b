"""What stands around every answer: its measure, safe headers, the key, the size of what is sent."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from perla.app.web.access import NO_KEY, Keeper, is_from_here, sent_secret
from perla.app.web.languages import language_of
from perla.app.web.limits import Limits
from perla.app.web.measures import Measures
from perla.app.web.problems import ProblemError, as_problem, problem_response
from perla.errors import PerlaError
from perla.words import Text, fill

SAFE = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "geolocation=(), camera=(), microphone=()",
    "cache-control": "no-store",
}
OPEN_TO_ALL = ("/healthz", "/readyz")
STATIC = "/static/"
NOT_COUNTED = ("/metrics", "/openapi.json")
SLOW_BODY = Text("The body came too slowly.", "El cuerpo llegó demasiado despacio.")


@dataclass(frozen=True)
class Measured:
    """Notes every request, and gives every answer safe headers where it has none of its own."""

    app: ASGIApp
    measures: Measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), 500

        async def guarded(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in SAFE.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self.app(scope, receive, guarded)
        finally:
            method = scope["method"] if scope["method"] in ("GET", "POST", "HEAD", "OPTIONS") else "other"
            self.measures.note(method, _route(scope), status, time.perf_counter() - began)
        return None


def _route(scope: Scope) -> str:
    """The pattern of the route that answered."""
    if scope["path"].startswith(STATIC):
        return STATIC
    return str(getattr(scope.get("route"), "path_format", "other"))


@dataclass(frozen=True)
class Keyed:
    """Lets a request through with a good key; without one only where none is needed: from this very machine."""

    app: ASGIApp
    keeper: Keeper | None
    open_here: bool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in OPEN_TO_ALL:
            try:
                self._admit(scope)
            except ProblemError as problem:
                return await problem_response(problem, language_of(HTTPConnection(scope)))(scope, receive, send)
            except PerlaError as error:
                return await problem_response(as_problem(error), language_of(HTTPConnection(scope)))(
                    scope, receive, send
                )
        return await self.app(scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        secret = sent_secret(headers)
        if secret and self.keeper is not None:
            free = scope["path"].startswith(STATIC) or scope["path"] in NOT_COUNTED
            scope["perla.key"] = self.keeper.known(secret) if free else self.keeper.admit(secret)
            return
        client = scope.get("client") or ("", 0)
        if not (self.open_here and is_from_here(client[0], headers)):
            raise ProblemError(401, NO_KEY, "x-api-key", headers={"www-authenticate": 'Basic realm="perla"'})


@dataclass(frozen=True)
class Bounded:
    """Reads the whole body before anything is made of it; refuses one that is too large or too slow."""

    app: ASGIApp
    limits: Limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        try:
            body = await asyncio.wait_for(self._read(scope, receive), self.limits.seconds)
        except TimeoutError:
            return await self._refuse(ProblemError(504, SLOW_BODY, "body"), scope, receive, send)
        except ProblemError as problem:
            return await self._refuse(problem, scope, receive, send)
        if body is None:  # the caller has gone
            return None
        waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Message:
            return waiting.pop() if waiting else await receive()

        return await self.app(scope, replay, send)

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        headers = Headers(scope=scope)
        told = headers.get("content-length", "0")
        if "transfer-encoding" not in headers and told == "0":
            return b""
        if told.isdecimal() and int(told[:20]) > self.limits.body_bytes:
            raise self._too_large()
        parts, size = [], 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > self.limits.body_bytes:
                raise self._too_large()
            if not message.get("more_body", False):
                return b"".join(parts)

    def _too_large(self) -> ProblemError:
        told = fill(
            "A body has at most {most} bytes. Send fewer listings at once.",
            "Un cuerpo tiene a lo sumo {most} bytes. Envíe menos anuncios a la vez.",
            most=self.limits.body_bytes,
        )
        return ProblemError(413, told, "body", headers={"connection": "close"})

    async def _refuse(self, problem: ProblemError, scope: Scope, receive: Receive, send: Send) -> Any:
        await problem_response(problem, language_of(HTTPConnection(scope)))(scope, receive, send)
