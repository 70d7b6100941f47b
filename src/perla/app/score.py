"""``perla score [MARKET]``: judge the current listings with the model in service, for the service to answer from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, with_options
from perla.errors import NotReadyError, PerlaError
from perla.words import Text, fill, number, same

if TYPE_CHECKING:
    from perla.app.editions import Scored

MARKET = Argument("market", Text("[MARKET]", "[MERCADO]"), required=False)


@click.command(
    "score",
    cls=Command,
    brief=Text("Judge the current listings for the service.", "Juzgar los anuncios actuales para el servicio."),
    told=Text(
        "Judge the listings kept by perla add with the model in service, and let the service answer from them; of one "
        "market, or of all that have a model in service.",
        "Juzgar con el modelo en servicio los anuncios guardados por perla add, y que el servicio responda con ellos; "
        "de un mercado, o de todos los que tienen un modelo en servicio.",
    ),
    examples=(same("perla score homes-medellin"), same("perla score")),
)
@with_options(MARKET, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG)
def score(market: str | None, quiet: bool, **call: Any) -> None:
    from time import monotonic

    from perla.app.cli import _say, _settings
    from perla.app.editions import score as judge
    from perla.app.show import at_work

    settings = _settings(call)
    names = [market] if market else _markets_in_service(settings.home)
    problems: list[PerlaError] = []
    for name in names:
        began = monotonic()
        try:
            with at_work(settings.lang, quiet) as tell:
                scored = judge(name, settings, tell)
        except PerlaError as problem:
            problems.append(problem)
            if len(names) > 1:
                _say([same(f"{name}: ") + problem.message], settings.lang)
            continue
        _say(tell_scored(scored, monotonic() - began), settings.lang)
    if problems:
        raise problems[0]


def tell_scored(scored: Scored, seconds: float) -> list[Text]:
    """What scoring did, in lines a person reads."""
    edition = scored.edition
    judged = fill(
        "{market}: {count} listings judged{new} in {seconds} s; {bargains} are worth a look now.",
        "{market}: {count} anuncios juzgados{new} en {seconds} s; {bargains} valen la pena ahora.",
        market=edition.market.label, count=number(len(edition)), new=_new(scored.new), seconds=number(seconds, 1),
        bargains=number(scored.bargains),
    )  # fmt: skip
    warning = None if edition.drift is None else edition.drift.warning
    return [judged, *_set_aside(scored), *edition.notes, *([] if warning is None else [warning])]


def _new(new: int | None) -> Text:
    if new is None:
        return same("")
    return fill(" ({new} of them new)", " ({new} nuevos)", new=number(new))


def _set_aside(scored: Scored) -> list[Text]:
    from perla.listings.checking import summarize_rejected

    rejected = scored.edition.listings.rejected
    if not rejected:
        return []
    return [fill(
        "Set aside: {count} rows: {reasons}.", "Apartados: {count} filas: {reasons}.",
        count=number(len(rejected)), reasons=summarize_rejected(rejected),
    )]  # fmt: skip


def _markets_in_service(home: Path) -> list[str]:
    """The names of the markets with a model in service, in order. Raises NotReadyError where there is none."""
    from perla.app.editions import markets_in_service

    names = markets_in_service(home)
    if not names:
        raise NotReadyError(
            "A model must be in service, and no market has one. Deploy one: perla deploy MODEL --market MARKET",
            "Debe haber un modelo en servicio, y ningún mercado lo tiene. Despliegue uno: perla deploy MODELO --market "
            "MERCADO",
        )
    return names
