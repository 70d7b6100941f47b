"""Errors as ``application/problem+json``: what went wrong, in which field, and the closest value that would do."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from perla.app.web.languages import language_of
from perla.errors import (
    FileError,
    NotReadyError,
    PerlaError,
    ShelfError,
    UnknownNameError,
    WhereError,
    WishError,
    closest,
)  # fmt: skip
from perla.words import Lang, Text, fill, same

LOG = logging.getLogger("perla.service")
TYPE = "application/problem+json"
TITLES = {
    400: ("bad-request", Text("The request cannot be read", "La petición no se puede leer")),
    401: ("no-key", Text("A key is needed", "Falta la clave")),
    403: ("revoked-key", Text("The key is no longer good", "La clave ya no sirve")),
    404: ("unknown-name", Text("There is no such thing", "Eso no existe")),
    405: ("wrong-method", Text("That cannot be done here", "Eso no se puede hacer aquí")),
    413: ("too-large", Text("The request is too large", "La petición es demasiado grande")),
    422: ("not-usable", Text("A value is not usable", "Un valor no se puede usar")),
    429: ("too-many", Text("Too many calls", "Demasiadas llamadas")),
    500: ("unexpected", Text("Something unexpected went wrong", "Algo inesperado salió mal")),
    503: ("not-ready", Text("The service cannot answer now", "El servicio no puede responder ahora")),
    504: ("too-slow", Text("The answer took too long", "La respuesta tardó demasiado")),
}
_KINDS = re.compile(r"constrained-\w+|literal\[.*\]|str|bool|int|float|none")  # pydantic's words between the fields
_NEAR = re.compile(r"[Dd]id you mean '([^']+)'\?")  # as every error of perla names the closest value


class ProblemError(Exception):
    """A request that is answered with a problem."""

    def __init__(
        self, status: int, detail: Text, field: str = "", near: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail.en)
        self.status, self.detail, self.field, self.near = status, detail, field, near
        self.headers = dict(headers or {})


def problem_body(problem: ProblemError, lang: Lang, others: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """The problem as JSON can hold it.

    >>> problem_body(ProblemError(404, same("no such market"), "market", "homes"), "es")["title"]
    'Eso no existe'
    """
    code, title = TITLES.get(problem.status, ("problem", Text("A problem", "Un problema")))
    body: dict[str, Any] = {
        "type": f"urn:perla:problem:{code}", "title": title.text(lang), "status": problem.status,
        "detail": problem.detail.text(lang),
    }  # fmt: skip
    body |= {"field": problem.field} if problem.field else {}
    body |= {"closest": problem.near} if problem.near else {}
    return body | ({"errors": list(others)} if len(others) > 1 else {})


def problem_response(problem: ProblemError, lang: Lang, others: Sequence[Mapping[str, str]] = ()) -> Response:
    text = json.dumps(problem_body(problem, lang, others), ensure_ascii=False)
    headers = {**problem.headers, "content-language": lang}
    return Response(text.encode("utf-8", "replace"), problem.status, headers, media_type=TYPE)


def as_problem(error: PerlaError, field: str = "") -> ProblemError:
    """What perla refused, as a problem; where files are wrong, nothing is told of their places.

    >>> as_problem(WishError("There is no 'are'. Did you mean 'area'?", "")).near
    'area'
    """
    near = _NEAR.search(error.message.en)
    if isinstance(error, NotReadyError):
        return ProblemError(503, error.message, field, headers={"retry-after": "5"})
    if isinstance(error, FileError | ShelfError):
        LOG.error("%s", error)
        return ProblemError(503, NOT_NOW, field, headers={"retry-after": "5"})
    status = 404 if isinstance(error, UnknownNameError) else 422
    fields: dict[type[PerlaError], str] = {WishError: "wish", WhereError: "where"}
    return ProblemError(status, error.message, field or fields.get(type(error), ""), near[1] if near else "")


NOT_NOW = Text(
    "What the service answers from cannot be read now; whoever runs it finds the reason in its log.",
    "Ahora no se puede leer aquello de donde responde el servicio; quien lo opera encuentra el motivo en su registro.",
)
UNEXPECTED = Text(
    "This is a fault of the service, not of the request; whoever runs it finds the reason in its log.",
    "Es una falla del servicio, no de la petición; quien lo opera encuentra el motivo en su registro.",
)


def install_problems(app: FastAPI) -> None:
    """Every error of this app becomes a problem; pages may answer their own before it comes here."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, ProblemError)
        return problem_response(error, language_of(request))

    async def told(request: Request, error: Exception) -> Response:
        assert isinstance(error, PerlaError)
        return problem_response(as_problem(error), language_of(request))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        lang = language_of(request)
        problems = [_invalid(e, request) for e in error.errors()[:10]]
        others = [{"field": p.field, "detail": p.detail.text(lang)} for p in problems]
        return problem_response(problems[0], lang, others)

    async def http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        return problem_response(_http(error, request), language_of(request))

    async def unexpected(request: Request, error: Exception) -> Response:
        return problem_response(ProblemError(500, UNEXPECTED), language_of(request))

    app.add_exception_handler(ProblemError, refused)
    app.add_exception_handler(PerlaError, told)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)


def _http(error: HTTPException, request: Request) -> ProblemError:
    said = {
        404: fill("There is nothing at {path}.", "No hay nada en {path}.", path=repr(request.url.path[:100])),
        405: fill(
            "{method} is not for {path}.", "{method} no es para {path}.",
            method=request.method, path=repr(request.url.path[:100]),
        ),
        400: Text("The body cannot be read as JSON.", "El cuerpo no se puede leer como JSON."),
    }  # fmt: skip
    return ProblemError(error.status_code, said.get(error.status_code, UNEXPECTED), headers=error.headers)


def _invalid(error: Mapping[str, Any], request: Request) -> ProblemError:
    """One thing that a value of the request had to be, and what it was."""
    place = [str(p) for p in error["loc"] if not _KINDS.fullmatch(str(p))]
    field = ".".join(place[1:]) or place[0]
    kind, facts = str(error["type"]), dict(error.get("ctx") or {})
    got = _shown(error.get("input"))
    if kind == "json_invalid":
        return ProblemError(400, _JSON, "body")
    if kind == "extra_forbidden":
        near = closest(place[-1], _known_names(request))
        hint = fill(" Did you mean {near!r}?", " ¿Quiso decir {near!r}?", near=near) if near else same("")
        told = fill("There is no parameter {name!r}.", "No existe el parámetro {name!r}.", name=place[-1][:100])
        return ProblemError(422, told + hint, field, near)
    near = closest(got, re.findall(r"'([^']+)'", str(facts.get("expected", "")))) if kind == "literal_error" else ""
    told = _wanted(kind, facts)
    said = fill("{field} {told}; got {got}.", "{field} {told}; se dio {got}.", field=field, told=told, got=got or "-")
    if kind == "missing":
        said = fill("{field} is needed.", "Falta {field}.", field=field)
    return ProblemError(422, said, field, near)


_JSON = Text("The body must be a JSON object; it cannot be read.", "El cuerpo debe ser un objeto JSON; no se entiende.")


def _shown(value: Any) -> str:
    said = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return said if len(said) <= 60 else said[:57] + "..."


def _known_names(request: Request) -> list[str]:
    """The query parameters of the operation that was called, by its own description."""
    path = getattr(request.scope.get("route"), "path_format", "")
    told = request.app.openapi()["paths"].get(path, {}).get(request.method.lower(), {})
    return [p["name"] for p in told.get("parameters", []) if p["in"] == "query"]


def _wanted(kind: str, facts: Mapping[str, Any]) -> Text:
    """What pydantic asks of a value, in two languages."""
    templates = {
        "greater_than_equal": ("must be at least {ge}", "debe ser al menos {ge}"),
        "less_than_equal": ("must be at most {le}", "debe ser a lo sumo {le}"),
        "string_too_long": ("has at most {max_length} characters", "tiene a lo sumo {max_length} caracteres"),
        "string_too_short": ("has at least {min_length} characters", "tiene al menos {min_length} caracteres"),
        "too_long": ("has at most {max_length} entries", "tiene a lo sumo {max_length} elementos"),
        "too_short": ("has at least {min_length} entries", "tiene al menos {min_length} elementos"),
        "literal_error": ("must be {expected}", "debe ser {expected}"),
        "int_parsing": ("must be a whole number", "debe ser un número entero"),
        "int_type": ("must be a whole number", "debe ser un número entero"),
        "int_from_float": ("must be a whole number", "debe ser un número entero"),
        "float_parsing": ("must be a number", "debe ser un número"),
        "finite_number": ("must be a finite number", "debe ser un número finito"),
        "string_type": ("must be a text", "debe ser un texto"),
        "list_type": ("must be a list", "debe ser una lista"),
        "dict_type": ("must be an object of column names and cells", "debe ser un objeto de columnas y celdas"),
        "model_attributes_type": ("must be an object", "debe ser un objeto"),
        "model_type": ("must be an object", "debe ser un objeto"),
    }
    en, es = templates.get(kind, ("cannot be used so", "no se puede usar así"))
    known = {name: str(value).replace(" or ", ", ") if name == "expected" else value for name, value in facts.items()}
    try:
        return fill(en, es, **known)
    except (KeyError, IndexError):
        return Text("cannot be used so", "no se puede usar así")
