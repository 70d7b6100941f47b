"""One listing laid open: the price and why, the surprise, the comparables, the history; and its proof as a workbook."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd
from fastapi import APIRouter, Request, Response

from perla.app.web.pages.answers import SAFE, PageRoute, Visit, language_of, show, visit
from perla.app.web.pages.fields import as_findings
from perla.app.web.pages.question import LONGEST
from perla.app.web.pages.rows import address_of_listing, coordinates, named, seen_ago
from perla.bargains.edition import Edition
from perla.bargains.findings import Bargain, Findings
from perla.listings.wish import Wish
from perla.reports.facts import driver_name, written
from perla.reports.page.laid_open import Tongue, bargain_shown
from perla.reports.untrusted import one_line

COMPARABLES = 5
WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
router = APIRouter(route_class=PageRoute)


@router.get("/listing/{market}/{listing_id:path}")
def listing(market: str, listing_id: str, request: Request) -> Response:
    """The page of one listing."""
    here = visit(request, market)
    edition, tongue = here.edition, here.tongue
    wish, bargain = _prove(edition, listing_id, request)
    findings = replace(as_findings(edition), wish=wish.describe())
    name, facts = named(edition, bargain.original, tongue)
    page = {
        "b": bargain_shown(findings, bargain, tongue) | {"drivers": driver_bars(bargain, tongue)},
        "name": name or one_line(bargain.listing_id, 60),
        "facts": facts,
        "cells": cells(edition, bargain, tongue),
        "at": coordinates(edition, bargain.row),
        "comparables": neighbours(here, bargain),
        "prices": prices(edition, bargain.row, tongue),
        "seen": seen(here, bargain.row),
        "proof": address_of_listing(market, listing_id, request.query_params.get("wish", ""), "proof"),
        "is_home": False,
    }
    return show(request, "listing.html.j2", page, here)


@router.get("/proof/{market}/{listing_id:path}")
def proof(market: str, listing_id: str, request: Request) -> Response:
    """The workbook that proves one listing."""
    from perla.reports.workbook import render

    edition = visit(request, market).edition
    wish, bargain = _prove(edition, listing_id, request)
    content = render(alone(edition, wish, bargain), language_of(request), False, edition.made_on or None)
    name = re.sub(r"[^A-Za-z0-9-]+", "-", f"perla-{market}-{listing_id}")[:80].strip("-")
    as_file = {"Content-Disposition": f'attachment; filename="{name}.xlsx"', "Cache-Control": "private, no-cache"}
    return Response(content, headers={**SAFE, **as_file}, media_type=WORKBOOK)


def _prove(edition: Edition, listing_id: str, request: Request) -> tuple[Wish, Bargain]:
    """The listing with everything known about it. Raises UnknownNameError and WishError."""
    wish = edition.wish(request.query_params.get("wish", "")[:LONGEST])
    return wish, edition.prove([edition.row_of(listing_id)], wish, COMPARABLES)[0]


def alone(edition: Edition, wish: Wish, bargain: Bargain) -> Findings:
    """Findings of this listing and no other, as the workbook reads them."""
    every = edition.listings
    nothing = replace(every, rejected=(), rejected_original=every.rejected_original.iloc[:0])
    one = nothing.take(pd.Series(every.values.index == bargain.row, index=every.values.index))
    table = edition.table([bargain.row], wish).reset_index(drop=True)
    shown = replace(bargain, row=0, rank=bargain.rank or 1)
    whole = as_findings(edition)
    return replace(whole, listings=one, table=table, bargains=(shown,), wish=wish.describe(), examined=len(every))


def cells(edition: Edition, bargain: Bargain, tongue: Tongue) -> list[tuple[str, str]]:
    """Every cell of the ad as it was read, with its column's title; free text last."""
    titles = {c.name: c for c in edition.market.columns}
    told = []
    for name, value in bargain.original.items():
        column = titles.get(name)
        title = tongue.say(column.title, 60) if column else one_line(name, 60)
        said = one_line(written(column, value, tongue.currency).text(tongue.lang) if column else value, 2000)
        told.append((title, said))
    return sorted(((t, s) for t, s in told if s), key=lambda pair: len(pair[1]) > 120)


def driver_bars(bargain: Bargain, tongue: Tongue) -> list[dict[str, Any]]:
    """What makes the price, each with its money and a bar to the left or right of the middle."""
    most = max((abs(d.amount) for d in bargain.drivers), default=0.0) or 1.0
    told = []
    for driver in bargain.drivers:
        width = abs(driver.amount) / most * 50
        told.append({
            "name": tongue.say(driver_name(driver), 120),
            "told": tongue.change(driver.amount),
            "up": driver.amount >= 0,
            "left": f"{50 if driver.amount >= 0 else 50 - width:.1f}",
            "width": f"{width:.1f}",
        })  # fmt: skip
    return told


def neighbours(at: Visit, bargain: Bargain) -> list[dict[str, Any]]:
    """Where the comparables stand, and the way to their own pages where they are in this edition."""
    edition, known = at.edition, at.edition.listings.ids
    wanted = [c.listing_id for c in bargain.comparables]
    rows = {str(v): int(i) for i, v in known[known.isin(wanted)].items()}  # type: ignore[call-overload]
    return [
        {
            "id": one_line(c.listing_id, 40),
            "address": address_of_listing(at.market, c.listing_id) if c.listing_id in rows else "",
            "at": coordinates(edition, rows[c.listing_id]) if c.listing_id in rows else None,
            "asking": at.tongue.money(c.asking_price),
        }
        for c in bargain.comparables
    ]


def prices(edition: Edition, row: int, tongue: Tongue) -> dict[str, Any]:
    """What the listing has asked: figures for the chart, words for the table."""
    table = edition.prices_of(row)
    days = [moment.date() for moment in table["seen_on"]]
    asked = [float(v) for v in table["price"]]
    changes = ["", *(tongue.change(b - a) for a, b in pairwise(asked))][: len(asked)]
    return {
        "days": [int(moment.timestamp()) for moment in table["seen_on"]],
        "asked": asked,
        "told": [(d.isoformat(), tongue.money(a), c) for d, a, c in zip(days, asked, changes, strict=True)],
    }


def seen(at: Visit, row: int) -> dict[str, str]:
    """When it was first and last seen, as ISO dates, and how long ago."""
    facts = at.edition.seen.iloc[row]
    first, last = facts["first_seen"], facts["last_seen"]
    return {
        "first": "" if pd.isna(first) else first.date().isoformat(),
        "last": "" if pd.isna(last) else last.date().isoformat(),
        "ago": seen_ago(last, at.day).text(at.lang),
    }
