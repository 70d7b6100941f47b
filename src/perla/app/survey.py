"""``perla survey LISTINGS``: the market as it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Command, with_options
from perla.words import Text

if TYPE_CHECKING:
    from perla.app.settings import Settings
    from perla.app.show import Progress
    from perla.survey import Survey

LOOKING = Text("looking at the market", "mirando el mercado")


@click.command(
    "survey",
    cls=Command,
    brief=Text("Show the market as it is.", "Mostrar el mercado tal como es."),
    told=Text(
        "Show the market as it is: how many listings, what they ask by area and month, what stands in each column, and "
        "what is odd about them. Nothing is learned.",
        "Mostrar el mercado tal como es: cuántos anuncios, qué piden por zona y por mes, qué hay en cada columna y qué "
        "tienen de raro. No se aprende nada.",
    ),
    examples=(Text("perla survey listings.csv", "perla survey anuncios.csv"),),
)
@with_options(o.LISTINGS, o.MARKET, o.PLAIN_JSON, o.LANG, o.HOME, o.QUIET, o.DEBUG)
def survey(listings: tuple[Path, ...], market: str | None, as_json: bool, quiet: bool, **call: Any) -> None:
    from perla.app.cli import _say, _settings
    from perla.app.show import at_work, make_console
    from perla.reports.survey_terminal import show_survey

    settings = _settings(call)
    with at_work(settings.lang, quiet) as tell:
        found, notes = look_at(listings, market or "", settings, tell)
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


def _as_json(found: Survey, settings: Settings) -> str:
    import json

    from perla.reports.json_record import plain

    return json.dumps(plain(found, settings.lang), ensure_ascii=False, allow_nan=False, indent=2) + "\n"
