"""What the maps draw: a market's listings as dots, and the coasts and borders around them."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
from fastapi import APIRouter, Request, Response

from perla.app.web.pages.answers import SAFE, PageRoute, packed, visit
from perla.app.web.pages.fields import kept_for
from perla.app.web.pages.outlines import lines_within
from perla.bargains.edition import Edition
from perla.listings import Kind

MOST_DOTS = 3_000
ROOM_DEGREES = 1.5
router = APIRouter(route_class=PageRoute)


@router.get("/places/{market}.json")
def places(market: str, request: Request) -> Response:
    """The dots and outlines of a market's map."""
    content, mark = kept_for(visit(request, market).edition, "places", _places)
    headers = {**SAFE, "ETag": mark, "Cache-Control": "private, max-age=300", "Vary": "Accept-Encoding"}
    if mark in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return packed(request, content, "application/json", headers)


def _places(edition: Edition) -> tuple[bytes, str]:
    content = json.dumps(map_of(edition), separators=(",", ":")).encode()
    return content, f'"{hashlib.sha256(content).hexdigest()[:16]}"'


def map_of(edition: Edition) -> dict[str, Any]:
    """``dots``: latitude, longitude and price rank (0 to 9) of at most MOST_DOTS listings; ``lines``: outlines."""
    market, values = edition.market, edition.listings.values
    names = market.first(Kind.LATITUDE), market.first(Kind.LONGITUDE)
    if names[0] not in values or names[1] not in values:
        return {"dots": [], "lines": []}
    table = values[[names[0], names[1], market.price]].dropna()
    if table.empty:
        return {"dots": [], "lines": []}
    table = table.iloc[np.unique(np.linspace(0, len(table) - 1, MOST_DOTS).astype(int))]
    rank = np.minimum(9, (table[market.price].rank(pct=True) * 10).astype(int))
    lat, lon = table[names[0]].to_numpy(float), table[names[1]].to_numpy(float)
    dots = [[round(a, 4), round(o, 4), int(r)] for a, o, r in zip(lat, lon, rank, strict=True)]
    south, north = np.quantile(lat, [0.01, 0.99])
    west, east = np.quantile(lon, [0.01, 0.99])
    box = (west - ROOM_DEGREES, south - ROOM_DEGREES, east + ROOM_DEGREES, north + ROOM_DEGREES)
    return {"dots": dots, "lines": lines_within(*map(float, box))}
