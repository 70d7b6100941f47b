"""Writes docs/api.md from the service's own OpenAPI document: python docs/generate.py writes both pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent / "api.md"
HEAD = """# The API

Written by `docs/generate.py` from the service's own description (`/openapi.json`); a test compares both.

```
perla serve                                     # http://127.0.0.1:8000, open to programs on this machine
perla keys create ana --rate 60/min --quota 10000/month
perla serve --host 0.0.0.0                      # everyone else sends a key, as x-api-key
curl 'http://127.0.0.1:8000/v1/bargains?market=homes-medellin&limit=7&days=60&wish=price:low,area:high&comparables=5'
```

Money is a number in the currency named beside it; sentences are in the language of `lang`, else of `Accept-Language`.
An answer that takes longer than 20 seconds is given up (504); a body has at most 2 MB (413); a parameter nobody knows
is refused (422), so that a typing error is not taken for an answer.
A new deployment is picked up by itself; an answer that is being made keeps the edition it began with.

## Keys

A key is shown once, when it is made, and kept as a digest. Without one only programs on the very machine may ask: from
loopback, to loopback's name, passed on by nobody. What a proxy says of its callers is never believed: behind a proxy,
start with `--require-keys`. A browser asks for the key as a password (any user name).
`--rate` holds for all workers together, late by at most half a second; `--quota` counts calls in a calendar month
(UTC), an estimate of several listings as several. Beyond either the answer is 429 with `Retry-After`. A revoked key is
refused
at once. `/healthz` and `/readyz` need no key.

## Errors

`application/problem+json` (RFC 9457): `type`, `title`, `status`, `detail`, and where it is known `field` and `closest`,
the valid value most like the one given.

"""


def make_page() -> str:
    """The page, from an application without a model."""
    from perla.app.web.app import make_app
    from perla.app.web.desk import Desk

    told = make_app(Desk(Path("nowhere"), 1)).openapi()
    sections = [_operation(m, p, o, told) for p, found in told["paths"].items() for m, o in found.items()]
    return HEAD + _problem_example(told) + "\n".join(sections)


def _problem_example(told: dict[str, Any]) -> str:
    shown = told["paths"]["/v1/bargains"]["get"]["responses"]["422"]["content"]["application/problem+json"]["example"]
    return f"```json\n{json.dumps(shown, ensure_ascii=False, indent=2)}\n```\n\n"


def _operation(method: str, path: str, operation: dict[str, Any], told: dict[str, Any]) -> str:
    lines = [
        f"## `{method.upper()} {path}`",
        "",
        f"{operation['summary']}. {' '.join(operation['description'].split())}",
        "",
    ]
    if operation.get("parameters"):
        lines += ["| parameter | what | values |", "|---|---|---|"]
        lines += [_parameter(p) for p in operation["parameters"]] + [""]
    if "requestBody" in operation:
        lines += ["Asked:", "", *_example(_asked(operation)), ""]
    good = operation["responses"]["200"]["content"]
    lines += ["Answered:", "", *_example(next(iter(good.values())).get("example")), ""]
    others = ", ".join(sorted(s for s in operation["responses"] if s != "200"))
    return "\n".join([*lines, f"Problems: {others}.\n"] if others else lines)


def _asked(operation: dict[str, Any]) -> Any:
    content = next(iter(operation["requestBody"]["content"].values()))
    return next(iter(content["examples"].values()))["value"]


def _parameter(told: dict[str, Any]) -> str:
    schema = told["schema"]
    values = [" ".join(f"`{v}`" for v in schema["enum"])] if "enum" in schema else []
    low, high = (schema.get(n) for n in ("minimum", "maximum"))
    low, high = (schema["anyOf"][0].get(n) for n in ("minimum", "maximum")) if "anyOf" in schema else (low, high)
    values += [f"{low} to {high}"] if low is not None else []
    values += [f"otherwise `{schema['default']}`"] if schema.get("default") is not None else []
    values += [f"such as `{e}`" for e in schema.get("examples", [])[:1]]
    what = told.get("description") or schema.get("description", "")
    name = told["name"] + (" (path)" if told["in"] == "path" else "")
    return f"| `{name}` | {what} | {'; '.join(values)} |"


def _example(value: Any) -> list[str]:
    if isinstance(value, str):
        return ["```", value.rstrip(), "```"]
    return ["```json", json.dumps(value, ensure_ascii=False, indent=2), "```"]
