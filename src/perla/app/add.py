"""``perla add LISTINGS --market M``: keep that these listings were seen on a day."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Command, with_options
from perla.errors import InputError
from perla.words import Text, fill, join, money, number, same

if TYPE_CHECKING:
    from perla.app.settings import Settings
    from perla.app.show import Progress
    from perla.history import Added
    from perla.listings import Listings

READING = Text("reading", "leyendo")
KEEPING = Text("keeping", "guardando")
EARLIEST = date(1990, 1, 1)
MOST_CHANGES_SHOWN, MOST_REASONS_SHOWN, MOST_CELLS_SHOWN = 5, 4, 5
LONGEST_NAME, SHORT_CELL = 100, 24


@click.command(
    "add",
    cls=Command,
    brief=Text("Keep listings seen on a day.", "Guardar anuncios vistos un día."),
    told=Text(
        "Keep that these listings were on the market on a day: who is new, who is seen again, whose price changed. The "
        "same file twice changes nothing.",
        "Guardar que estos anuncios estaban en el mercado un día: cuáles son nuevos, cuáles se ven de nuevo, cuáles "
        "cambiaron de precio. El mismo archivo dos veces no cambia nada.",
    ),
    examples=(
        Text("perla add monday.csv --market homes-medellin", "perla add lunes.csv --market homes-medellin"),
        Text("perla add march.csv --market market.toml --seen-on 2026-03-14",
             "perla add marzo.csv --market mercado.toml --seen-on 2026-03-14"),
    ),
)  # fmt: skip
@with_options(o.LISTINGS, o.MARKET_TO_KEEP, o.SEEN_ON, o.LANG, o.HOME, o.QUIET, o.DEBUG)
def add(listings: tuple[Path, ...], market: str | None, seen_on: date | None, quiet: bool, **call: Any) -> None:
    from perla.app.cli import _say, _settings
    from perla.app.show import at_work

    settings = _settings(call)
    if market is None:
        raise _no_market(listings)
    _refuse_unlikely(seen_on, date.today())
    with at_work(settings.lang, quiet) as tell:
        lines = add_listings(listings, market, seen_on, date.today(), settings, tell)
    _say(lines, settings.lang)


def add_listings(
    paths: tuple[Path, ...], market: str, seen_on: date | None, today: date, settings: Settings, tell: Progress
) -> list[Text]:
    """Files into the store; what a person should read about it. Raises PerlaError for whatever is wrong."""
    from perla.app.markets import named_market
    from perla.app.road import check_new
    from perla.app.settings import store_place
    from perla.history import add_sightings, arrange
    from perla.sources import read_tables
    from perla.storage.database import open_store

    meaning = named_market(market, settings.home)
    tell(READING, 0.0)
    table = read_tables(paths)
    listings, missing = check_new(table, meaning, Text("the market file", "el archivo de mercado"))
    arrived = arrange(listings)
    tell(KEEPING, 0.6)
    with open_store(store_place(settings.home, os.environ)) as store:
        if seen_on is None:
            _refuse_clock_that_went_back(store, meaning.name, today)
        added = add_sightings(store, arrived, seen_on or today, table.source, again=seen_on is not None)
        return [*table.notes, *missing, *tell_added(added, listings, store.shown)]


def _no_market(listings: tuple[Path, ...]) -> InputError:
    """A guess is good for one search; what is kept for years needs a market a person has read."""
    import shlex

    files = shlex.join(str(path) for path in listings[:3])
    return InputError(
        "Say with --market under which market to keep the listings: one of perla markets, or your own file. To make "
        f"one: perla init {files} -o market.toml, read it, then --market market.toml",
        "Indique con --market bajo qué mercado guardar los anuncios: uno de perla markets, o un archivo suyo. Para "
        f"crearlo: perla init {files} -o mercado.toml, léalo, y luego --market mercado.toml",
    )


def _refuse_unlikely(seen_on: date | None, today: date) -> None:
    """A day that has not come (one is allowed, for other time zones), or before there were listings to save."""
    if seen_on is None or EARLIEST <= seen_on <= today + timedelta(days=1):
        return
    raise InputError(
        f"--seen-on must be a day from {EARLIEST} to today ({today}); got {seen_on}. Correct it.",
        f"--seen-on debe ser un día desde {EARLIEST} hasta hoy ({today}); se dio {seen_on}. Corríjalo.",
    )


def _refuse_clock_that_went_back(store: Any, market: str, today: date) -> None:
    """Without --seen-on the clock says the day; it must not lie before what was already seen."""
    from perla.history import newest

    last = newest(store, market)
    if last is None or last <= today + timedelta(days=1):
        return
    raise InputError(
        f"The clock says {today}, but listings of {market} were already seen on {last}, so the clock may be wrong. "
        "Say the day with --seen-on.",
        f"El reloj dice {today}, pero ya se vieron anuncios de {market} el {last}, así que el reloj puede estar mal. "
        "Indique el día con --seen-on.",
    )


def tell_added(added: Added, listings: Listings, place: str) -> list[Text]:
    """What adding did, in lines a person reads."""
    market = listings.market
    if added.already is not None:
        return [fill(
            "Nothing changed: these very listings were already added to {market} for {day}. If they were seen again on "
            "another day, say it with --seen-on.",
            "Nada cambió: estos mismos anuncios ya se habían agregado a {market} el {day}. Si se vieron de nuevo otro "
            "día, indíquelo con --seen-on.",
            market=market.label, day=added.already,
        )]  # fmt: skip
    return [_counts(added, market.label), *_changes(added, listings), *_left_out(added, listings),
            *_out_of_order(added), fill("Kept in {place}", "Guardado en {place}", place=place)]  # fmt: skip


def _counts(added: Added, market: Text) -> Text:
    return fill(
        "{market}, seen on {day}: {new} new, {again} seen again; {cheaper} ask less than before, {dearer} more.",
        "{market}, vistos el {day}: {new} nuevos, {again} vistos de nuevo; {cheaper} piden menos que antes, {dearer} "
        "más.",
        market=market, day=added.seen_on, new=number(added.new), again=number(added.seen_again),
        cheaper=number(added.cheaper), dearer=number(added.dearer),
    )  # fmt: skip


def _changes(added: Added, listings: Listings) -> list[Text]:
    """The deepest cuts, deepest first."""
    share = (added.changes["price"] / added.changes["before"] - 1).sort_values()
    deepest = share[share < 0].index[:MOST_CHANGES_SHOWN]
    if not len(deepest):
        return []
    told, currency = added.changes.loc[deepest], listings.market.currency
    cuts = [
        fill("  {name}: {before} -> {price} ({share:+.0f} %)", "  {name}: {before} -> {price} ({share:+.0f} %)",
             name=_shown(identity, listings, row), before=money(before, currency), price=money(price, currency),
             share=100 * (price / before - 1))
        for row, identity, before, price in told.itertuples(index=False)
    ]  # fmt: skip
    return [Text("Deepest cuts:", "Mayores rebajas:"), *cuts]


def _shown(identity: str, listings: Listings, row: int) -> str:
    """An identity as a person knows the listing: its id or link; else the first things that are told of it."""
    kind, _, name = identity.partition(":")
    if kind != "like":
        return name[:LONGEST_NAME]
    cells = listings.original.loc[row, [c.name for c in listings.market.modelled if c.name in listings.original]]
    return ", ".join(str(cell)[:SHORT_CELL] for cell in cells.dropna()[:MOST_CELLS_SHOWN]) or f"({name[:8]})"


def _left_out(added: Added, listings: Listings) -> list[Text]:
    from perla.listings.reasons import count_kinds

    lines = []
    if added.set_aside:
        kinds = count_kinds(r.reason for r in listings.rejected)[:MOST_REASONS_SHOWN]
        lines.append(fill(
            "Set aside, not kept: {count} rows: {reasons}.", "Apartadas, no se guardan: {count} filas: {reasons}.",
            count=number(added.set_aside),
            reasons=join([fill("{kind} ({n})", "{kind} ({n})", kind=kind, n=number(n)) for kind, n in kinds]),
        ))  # fmt: skip
    if added.repeated:
        lines.append(fill(
            "{count} rows name a listing that stands again further down in the file; the last one counts.",
            "{count} filas nombran un anuncio que aparece de nuevo más abajo en el archivo; vale la última.",
            count=number(added.repeated),
        ))  # fmt: skip
    return lines


def _out_of_order(added: Added) -> list[Text]:
    if added.seen_on >= added.newest:
        return []
    return [fill(
        "Listings of this market were already seen later, on {newest}: current prices stay those of the latest day.",
        "Ya se habían visto anuncios de este mercado después, el {newest}: los precios actuales siguen siendo los del "
        "día más reciente.",
        newest=same(added.newest),
    )]  # fmt: skip
