"""The language of an answer: ``?lang=``, else what the caller's program prefers, else English."""

from __future__ import annotations

from urllib.parse import parse_qs

from starlette.requests import HTTPConnection

from perla.words import Lang


def language_of(request: HTTPConnection) -> Lang:
    """The language of the answer to a request."""
    query = request.scope.get("query_string", b"")
    asked = parse_qs(query.decode("latin-1"), max_num_fields=100).get("lang", [""])[0] if b"lang=" in query else ""
    if asked in ("en", "es"):
        return "es" if asked == "es" else "en"
    return preferred_language(request.headers.get("accept-language", ""))


def preferred_language(header: str) -> Lang:
    """Of Spanish and English the one that an ``Accept-Language`` header weighs more; English where they are even.

    >>> preferred_language("fr, es-CO;q=0.8, en;q=0.5"), preferred_language("en-US,es;q=0.9"), preferred_language("")
    ('es', 'en', 'en')
    """
    weights = {"en": 0.0, "es": 0.0}
    for part in header[:500].split(","):
        tag, _, rest = part.strip().partition(";")
        name = tag.strip().lower().partition("-")[0]
        if name in weights:
            weights[name] = max(weights[name], _weight(rest))
    return "es" if weights["es"] > weights["en"] else "en"


def _weight(written: str) -> float:
    try:
        return min(max(float(written.strip().removeprefix("q=")), 0.0), 1.0) if written.strip() else 1.0
    except ValueError:
        return 0.0
