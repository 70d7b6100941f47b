"""What the service knows as JSON: money as numbers with the currency named, sentences in one language."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import pandas as pd
from starlette.responses import Response

from perla.app.web.desk import Desk, Facts
from perla.app.web.problems import ProblemError, as_problem
from perla.bargains.edition import Edition
from perla.bargains.findings import Bargain
from perla.errors import UnknownNameError
from perla.listings import Column, Market
from perla.reports.json_record import plain
from perla.words import Lang, fill

REASONS = ("drivers", "surprises", "counterfactuals", "agreement")
PLACES = ("source", "learned_from")
OWN = ("row",)  # places in tables that no caller sees


def json_response(body: Any, lang: Lang, status: int = 200) -> Response:
    """The body as it is, already plain; nothing is validated or copied on the way."""
    return Response(json_bytes(body), status, {"content-language": lang}, media_type="application/json")


def json_bytes(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8", "replace")


@dataclass
class Written:
    """Bargains that were written as JSON lately; the one asked for longest ago goes first."""

    most: int = 500
    _kept: OrderedDict[tuple[int, Lang], tuple[Bargain, bytes]] = field(default_factory=OrderedDict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def write(self, bargain: Bargain, edition: Edition, lang: Lang) -> bytes:
        """The JSON of ``told_bargain``; an edition gives the same object for the same question."""
        key = id(bargain), lang
        with self._lock:
            found = self._kept.get(key)
            if found is not None and found[0] is bargain:
                self._kept.move_to_end(key)
                return found[1]
        written = json_bytes(told_bargain(bargain, edition, lang))
        with self._lock:
            self._kept[key] = bargain, written
            while len(self._kept) > self.most:
                self._kept.popitem(last=False)
        return written


def asked_market(desk: Desk, name: str | None) -> str:
    """The market asked for; where only one is in service it need not be named. ProblemError, NotReadyError."""
    known = desk.markets()
    if name is None and len(known) > 1:
        told = fill(
            "Say which market: market= must be one of {known}.", "Diga cuál mercado: market= debe ser uno de {known}.",
            known=", ".join(known),
        )  # fmt: skip
        raise ProblemError(422, told, "market")
    try:
        desk.open(name or next(iter(known), ""))
    except UnknownNameError as error:
        raise as_problem(error, "market") from None
    return name or known[0]


def told_bargain(bargain: Bargain, edition: Edition, lang: Lang, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """A listing of the edition with its estimate, reasons and comparables, and when it was seen."""
    seen = edition.seen.iloc[bargain.row]
    return told_estimate(bargain, edition.market, lang, leave_out) | {
        "first_seen": day(seen["first_seen"]),
        "last_seen": day(seen["last_seen"]),
    }


def told_estimate(bargain: Bargain, market: Market, lang: Lang, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """Everything known about one listing, the fields of the JSON report, with market and currency."""
    fields = {
        name: plain(value, lang) for name, value in vars(bargain).items() if name not in OWN and name not in leave_out
    }
    return {
        "market": market.name, "currency": market.currency, "verdict_text": bargain.verdict.label.text(lang), **fields,
    }  # fmt: skip


def told_prices(edition: Edition, row: int) -> list[dict[str, Any]]:
    """What a listing has asked over time."""
    history = edition.prices_of(row)
    return [
        {"seen_on": day(seen), "price": float(price)}
        for seen, price in zip(history["seen_on"], history["price"], strict=True)
    ]


def told_facts(facts: Facts, edition: Edition, lang: Lang) -> dict[str, Any]:
    """A market on one line of a list."""
    market = edition.market
    return {
        "name": facts.market, "title": market.label.text(lang), "currency": market.currency, "price": market.price,
        "simulated": market.simulated or facts.card.simulated, "listings": facts.listings, "edition": facts.edition,
        "release": facts.release, "made_on": facts.made_on or None, "newest_sighting": facts.newest or None,
        "refused": None if facts.refused is None else facts.refused.text(lang),
        "notes": [note.text(lang) for note in edition.notes],
    }  # fmt: skip


def told_column(column: Column, market: Market, lang: Lang) -> dict[str, Any]:
    """What a cell of this column may say."""
    return {
        "name": column.name, "title": column.title.text(lang), "kind": column.kind.value, "unit": column.unit,
        "low": column.low, "high": column.high, "wishable": column.wishable or column.name == market.price,
        "modelled": column.modelled and column.name != market.price,
    }  # fmt: skip


def without_places(told: dict[str, Any]) -> dict[str, Any]:
    """The same without the files or the database it came from, which are nobody's business outside."""
    return {name: value for name, value in told.items() if name not in PLACES}


def day(value: object) -> str | None:
    """ISO date, or None for a day nobody knows."""
    return None if value is None or value is pd.NaT or value != value else pd.Timestamp(str(value)).date().isoformat()
