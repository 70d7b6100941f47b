"""``perla survey [LISTINGS]``: the market as it is, in files or in the store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, with_options
from perla.errors import InputError
from perla.words import Text

if TYPE_CHECKING:
    import pandas as pd

    from perla.app.settings import Settings
    from perla.app.show import Progress
    from perla.history import Current
    from perla.listings import Market
    from perla.survey import Survey

LISTINGS = Argument("listings", Text("[LISTINGS]", "[ANUNCIOS]"), nargs=-1, required=False, type=o.PATH)
LOOKING = Text("looking at the market", "mirando el mercado")


@click.command(
    "survey",
    cls=Command,
    brief=Text("Show the market as it is.", "Mostrar el mercado tal como es."),
    told=Text(
        "Show the market as it is: how many listings, what they ask by area and month, what stands in each column, and "
        "what is odd about them. Without LISTINGS those that perla add keeps, with what is new each week and the price "
        "cuts. Nothing is learned.",
        "Mostrar el mercado tal como es: cuántos anuncios, qué piden por zona y por mes, qué hay en cada columna y qué "
        "tienen de raro. Sin ANUNCIOS, los que guarda perla add, con los nuevos de cada semana y las rebajas. No se "
        "aprende nada.",
    ),
    examples=(
        Text("perla survey listings.csv", "perla survey anuncios.csv"),
        Text("perla survey --market homes-medellin", "perla survey --market homes-medellin"),
    ),
)
@with_options(LISTINGS, o.MARKET, o.PLAIN_JSON, o.LANG, o.HOME, o.QUIET, o.DEBUG)
def survey(listings: tuple[Path, ...], market: str | None, as_json: bool, quiet: bool, **call: Any) -> None:
    from perla.app.cli import _say, _settings
    from perla.app.show import at_work, make_console
    from perla.reports.survey_terminal import show_survey

    settings = _settings(call)
    with at_work(settings.lang, quiet) as tell:
        read = look_at if listings else look_at_store
        found, notes = read(listings, market or "", settings, tell)
    if as_json:
        click.echo(_as_json(found, settings), nl=False)
        return
    show_survey(found, make_console(), settings.lang)
    _say(notes, settings.lang)


def look_at(
    listings: tuple[Path, ...], market: str, settings: Settings, tell: Progress
) -> tuple[Survey, tuple[Text, ...]]:
    """Files to a survey, and what the reader should know. Raises PerlaError for what is wrong with them."""
    from perla.app.road import READING, Search, check_table, choose_market
    from perla.sources import read_tables
    from perla.survey import look

    tell(READING, 0.0)
    table = read_tables(listings)
    meant, notes = choose_market(Search(listings, market=market), table, settings.home)
    checked = check_table(table, meant)
    tell(LOOKING, 0.7)
    return look(checked), (*table.notes, *notes)


def look_at_store(
    _: tuple[Path, ...], market: str, settings: Settings, tell: Progress
) -> tuple[Survey, tuple[Text, ...]]:
    """The listings of a market in the store to a survey. Raises InputError where there are none."""
    from perla.app.markets import named_market
    from perla.app.road import READING
    from perla.listings.checking import check
    from perla.survey import look

    if not market:
        raise InputError(
            "A survey needs listings, or --market NAME for those that perla add keeps. Give one of the two.",
            "Hacen falta anuncios, o --market NOMBRE para los que guarda perla add. Dé una de las dos cosas.",
        )
    tell(READING, 0.0)
    meant = named_market(market, settings.home)
    kept, place = _kept(meant, settings.home)
    listings = check(kept.frame, meant, source=place, allow_missing=True)
    tell(LOOKING, 0.7)
    return look(listings, *_history(kept, [r.row - 1 for r in listings.rejected])), ()


def _history(kept: Current, set_aside: list[int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """When the usable listings were seen and what they asked, by their rows among the usable ones."""
    import numpy as np
    import pandas as pd

    usable = np.full(len(kept), True)
    usable[set_aside] = False
    seen = pd.DataFrame({"first_seen": kept.first_seen, "last_seen": kept.last_seen})[usable].reset_index(drop=True)
    rows = np.where(usable, np.cumsum(usable) - 1, -1)[kept.prices["row"].to_numpy()]
    return seen, kept.prices.assign(row=rows)[rows >= 0].reset_index(drop=True)


def _kept(market: Market, home: Path) -> tuple[Current, str]:
    from perla.app.settings import store_place
    from perla.history import current
    from perla.storage.database import open_store

    place = store_place(home, os.environ)
    if "://" in place or Path(place).exists():
        with open_store(place, read_only=True) as store:
            found = current(store, market)
            if len(found):
                return found, store.shown
    raise InputError(
        f"The store must have listings of the market {market.name!r}, and has none. Add some with: perla add LISTINGS "
        f"--market {market.name}",
        f"La base debe tener anuncios del mercado {market.name!r}, y no tiene. Agregue con: perla add ANUNCIOS "
        f"--market {market.name}",
    )


def _as_json(found: Survey, settings: Settings) -> str:
    import json

    from perla.reports.json_record import plain

    return json.dumps(plain(found, settings.lang), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
