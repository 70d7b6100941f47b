"""``perla drift LISTINGS --model FOLDER``: whether listings still are such as a model learned from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Command, with_options
from perla.errors import InputError
from perla.words import Text

if TYPE_CHECKING:
    from perla.app.settings import Settings
    from perla.app.show import Progress
    from perla.bargains.drift import Drift

COMPARING = Text("comparing with what was learned", "comparando con lo aprendido")
MARKET = o.Option(
    "--market", value=Text("NAME", "NOMBRE"), default=None,
    told=Text("The market whose model in service is meant, instead of --model.",
              "El mercado cuyo modelo en servicio se usa, en vez de --model."),
)  # fmt: skip


@click.command(
    "drift",
    cls=Command,
    brief=Text(
        "Compare listings with those a model learned from.", "Comparar anuncios con los que aprendió un modelo."
    ),
    told=Text(
        "Tell whether listings still are such as a model learned from, column by column, and whether its estimates and "
        "intervals hold for them; what luck explains does not count.",
        "Decir si los anuncios siguen siendo como aquellos de los que aprendió un modelo, columna por columna, y si "
        "sus estimaciones e intervalos les sirven; lo que explica el azar no cuenta.",
    ),
    examples=(
        Text("perla drift new.csv --model model", "perla drift nuevos.csv --model modelo"),
        Text("perla drift new.csv --market homes-medellin", "perla drift nuevos.csv --market homes-medellin"),
    ),
)
@with_options(o.LISTINGS, o.MODEL, MARKET, o.PLAIN_JSON, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG)
def drift(
    listings: tuple[Path, ...], model: Path | None, market: str | None, as_json: bool, quiet: bool, **call: Any
) -> None:
    from perla.app.cli import _say, _settings
    from perla.app.show import at_work, make_console
    from perla.reports.drift_terminal import show_drift

    settings = _settings(call)
    folder = _model_folder(model, market, settings.home)
    with at_work(settings.lang, quiet) as tell:
        found, notes = measure_drift(folder, listings, settings, tell)
    if as_json:
        click.echo(_as_json(found, settings), nl=False)
        return
    show_drift(found, make_console(), settings.lang)
    _say(notes, settings.lang)


def measure_drift(
    model: Path, listings: tuple[Path, ...], settings: Settings, tell: Progress
) -> tuple[Drift, tuple[Text, ...]]:
    """A saved model and files to a drift, and what the reader should know."""
    from perla.app.road import Search, make_ready
    from perla.app.settings import limit_threads
    from perla.bargains.drift import measure

    with limit_threads(settings.threads):
        ready = make_ready(Search(listings, model=model), settings, tell)
        assert ready.finder is not None
        tell(COMPARING, 0.7)
        return measure(ready.finder, ready.listings), ready.notes


def _model_folder(model: Path | None, market: str | None, home: Path) -> Path:
    """The folder named, or that of the market's model in service. Raises InputError, NotReadyError."""
    if (model is None) == (market is None):
        raise InputError(
            "Either --model FOLDER or --market NAME must say which model is meant. Give one of the two.",
            "O --model CARPETA o --market NOMBRE debe decir de qué modelo se trata. Dé una de las dos.",
        )
    if model is not None:
        return model
    from perla.release.deployments import Deployments
    from perla.release.places import market_folder

    deployed = Deployments(market_folder(home, str(market))).in_service()
    if deployed is None:
        from perla.app.editions import markets_in_service, nothing_in_service

        raise nothing_in_service(str(market), markets_in_service(home))
    return deployed.model


def _as_json(found: Drift, settings: Settings) -> str:
    import json

    from perla.reports.json_record import plain

    warning = None if found.warning is None else found.warning.text(settings.lang)
    record = plain(found, settings.lang) | {"warning": warning}
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
