"""Examples of what is asked and answered, for the OpenAPI document; made up, and true to the shapes (tested)."""

from __future__ import annotations

from typing import Any

from fastapi.openapi.models import Example

MARKET_NAME, CURRENCY, EDITION = "homes-medellin", "COP", "2026-11-20T060000Z"
ORIGINAL = {"id": "MD-1017", "neighbourhood": "Laureles", "area": "83 m²", "rooms": 3, "price": "$ 450.000.000"}
COMPARABLE = {
    "listing_id": "MD-0932",
    "original": {"id": "MD-0932", "neighbourhood": "Laureles", "area": "80 m²", "rooms": 3, "price": "$ 590.000.000"},
    "asking_price": 590000000.0,
    "adjusted_price": 604000000.0,
    "similarity": 0.91,
    "differences": [
        {"column": "area", "title": "area", "subject": "83 m²", "comparable": "80 m²", "adjustment": 14000000.0}
    ],
    "link": "https://example.com/MD-0932",
}
DRIVER = {"column": "area", "title": "area", "actual": "83 m²", "factor": 1.21, "amount": 96000000.0}
SURPRISE = {
    "column": "price", "title": "price", "actual": "COP 450,000,000", "expected": "COP 612,000,000", "z": -2.4,
    "wished": True,
}  # fmt: skip
COUNTERFACTUAL = {
    "column": "area", "title": "area", "actual": "83 m²", "instead": "58 m²", "expected_price": 455000000.0,
    "share": 0.97, "told": "were its area 58 m² and not 83 m², it should ask about COP 455,000,000",
}  # fmt: skip
AGREEMENT = {"name": "the most alike", "estimate": 601000000.0}
JUDGED: dict[str, Any] = {
    "market": MARKET_NAME, "currency": CURRENCY, "verdict_text": "great", "listing_id": "MD-1017", "rank": 1,
    "verdict": "great", "asking_price": 450000000.0, "expected_price": 612000000.0, "low": 520000000.0,
    "high": 720000000.0, "discount": 0.265, "gap": 162000000.0, "score": 3.1, "chance": 0.83, "original": ORIGINAL,
    "link": "https://example.com/MD-1017", "latitude": 6.2447, "longitude": -75.5916,
}  # fmt: skip
SAID = {"reasons": ["asks COP 450,000,000 where COP 612,000,000 is expected, 26 % below"]}
REASONS: dict[str, Any] = SAID | {
    "drivers": [DRIVER], "surprises": [SURPRISE], "counterfactuals": [COUNTERFACTUAL], "agreement": [AGREEMENT],
}  # fmt: skip
SEEN = {"first_seen": "2026-10-28", "last_seen": "2026-11-20"}
GRID = {"comparables": [COMPARABLE]}

BARGAINS: dict[str, Any] = {
    "market": MARKET_NAME, "currency": CURRENCY, "edition": EDITION, "release": "20261118-1",
    "made_on": "2026-11-20", "newest_sighting": "2026-11-20",
    "wish": "price below what is expected, area above what is expected", "where": "price < 500000000",
    "days": 60, "fdr": None, "found": 1, "page": 1, "page_size": 7, "pages": 1,
    "bargains": [JUDGED | REASONS | SEEN | GRID],
}  # fmt: skip
CSV = "listing_id,rank,verdict,score,asking_price\nMD-1017,1,great,3.1,450000000\n"
LISTING = JUDGED | SAID | SEEN | {"prices": [{"seen_on": "2026-10-28", "price": 480000000.0},
                                             {"seen_on": "2026-11-12", "price": 450000000.0}]}  # fmt: skip
COMPARABLES: dict[str, Any] = {
    "market": MARKET_NAME, "currency": CURRENCY, "listing_id": "MD-1017", "asking_price": 450000000.0,
    "expected_price": 612000000.0, **GRID,
}  # fmt: skip
_WHY = ("market", "currency", "listing_id", "verdict", "verdict_text", "asking_price", "expected_price", "low", "high")
WHY: dict[str, Any] = {name: JUDGED[name] for name in _WHY} | REASONS
ESTIMATES: dict[str, Any] = {
    "market": MARKET_NAME, "currency": CURRENCY, "edition": EDITION, "release": "20261118-1",
    "estimates": [
        JUDGED | REASONS | GRID | {"rank": None, "counterfactuals": [], "priced": True, "set_aside": None, "doubts": []}
    ],
}  # fmt: skip
ESTIMATES_ASKED: dict[str, Example] = {
    "a home": {
        "summary": "A home, its cells as people write them",
        "value": {
            "market": MARKET_NAME, "comparables": 5,
            "listings": [{"neighbourhood": "Laureles", "area": "83 m²", "rooms": 3, "price": "$ 450.000.000"}],
        },
    },
    "a home without a price": {
        "summary": "What should it cost? Columns are found by their labels too",
        "value": {"market": MARKET_NAME, "listings": [{"barrio": "laureles", "área": "83,5 m²", "habitaciones": "3"}]},
    },
}  # fmt: skip
_FACTS: dict[str, Any] = {
    "name": MARKET_NAME, "title": "Homes in Medellín", "currency": CURRENCY, "price": "price", "simulated": False,
    "listings": 9797, "edition": EDITION, "release": "20261118-1", "made_on": "2026-11-20",
    "newest_sighting": "2026-11-20", "refused": None, "notes": [],
}  # fmt: skip
MARKETS: dict[str, Any] = {"markets": [_FACTS]}
COLUMN = {
    "name": "area", "title": "area", "kind": "quantity", "unit": "m2", "low": 15.0, "high": 1000.0, "wishable": True,
    "modelled": True,
}  # fmt: skip
MARKET: dict[str, Any] = _FACTS | {
    "columns": [COLUMN],
    "card": {"market": MARKET_NAME, "listings_learned": 9797, "coverage": 0.9, "interval_width": 1.6},
    "scorecard": {"name": "all", "perla": {"mdape": 0.118, "r2": 0.91, "coverage": 0.9}},
    "drift": {"verdict": "steady", "told": "These 9,816 listings are like those the model learned from."},
}
SURVEY: dict[str, Any] = {"market": MARKET_NAME, "currency": CURRENCY, "edition": EDITION, "listings": 9797}
