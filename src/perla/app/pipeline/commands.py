"""The commands of the pipeline; only click is imported here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, Group, with_options
from perla.app.mistakes import DONE, REFUSED
from perla.errors import InputError
from perla.words import Text, same

if TYPE_CHECKING:
    from datetime import date

    from perla.app.pipeline.line import Line
    from perla.app.settings import Settings

MARKET = Argument("market", Text("MARKET", "MERCADO"), required=True)
ANY_MARKET = Argument("market", Text("[MARKET]", "[MERCADO]"), required=False)
LISTINGS = Argument("listings", Text("[LISTINGS]", "[ANUNCIOS]"), nargs=-1, required=False, type=o.PATH)
FORCE = o.Option(
    "--force", is_flag=True,
    told=Text("Put the model in service even if the gate refuses it; needs --reason, and is recorded.",
              "Poner el modelo en servicio aunque el control lo rechace; exige --reason, y queda en el registro."),
)  # fmt: skip
REASON = o.Option(
    "--reason", value=o.TEXT, default="",
    told=Text("Why it is forced.", "Por qué se fuerza."),
)  # fmt: skip
MODELS = o.Option(
    "--models", value=Text("IDS", "IDS"), default=None,
    told=Text("Which price models, such as \"smooth, deep, forest\"; otherwise hedonic, smooth, compared, deep.",
              "Cuáles modelos de precio, como «smooth, deep, forest»; si no, hedonic, smooth, compared, deep."),
)  # fmt: skip
PICTURE = o.Option(
    "-o", "--output", value=o.FILE, default=None, type=o.PATH,
    told=Text("An SVG picture to write.", "Un dibujo SVG por escribir."),
)  # fmt: skip
GO_ON = Text(
    "stopped; nothing was left half written. The same call goes on at the first unfinished step",
    "detenido; nada quedó a medio escribir. La misma llamada sigue en el primer paso sin terminar",
)


@click.group(
    "pipeline",
    cls=Group,
    brief=Text("From listings to a model in service.", "De los anuncios a un modelo en servicio."),
    told=Text(
        "From listings to a model in service, step by step: prepare, learn, judge on listings no model saw, put in "
        "service only what is good and better. What did not change is not done again, and a run that was killed goes "
        "on where it was.",
        "De los anuncios a un modelo en servicio, paso a paso: preparar, aprender, juzgar con anuncios que ningún "
        "modelo vio, poner en servicio solo lo bueno y mejor. Lo que no cambió no se repite, y una ejecución que se "
        "interrumpió sigue donde iba.",
    ),
    examples=(
        Text("perla pipeline run homes-medellin week.csv", "perla pipeline run homes-medellin semana.csv"),
        same("perla pipeline status homes-medellin"),
    ),
)
@with_options(o.LANG, o.DEBUG)
def pipeline() -> None:
    pass


@pipeline.command(
    "run",
    cls=Command,
    brief=Text("Learn, judge, and deploy if better.", "Aprender, juzgar y desplegar si es mejor."),
    told=Text(
        "Learn a market from listings (files, or all that perla add kept), judge the model on a tenth that no model "
        "saw, put it in service if it is good enough and better than the one there, and judge every listing for the "
        "service. Ends with code 3 where the gate refused: then what was in service stays.",
        "Aprender un mercado de los anuncios (archivos, o todo lo que perla add ha guardado), juzgar el modelo con un "
        "décimo que ningún modelo vio, ponerlo en servicio si es bueno y mejor que el actual, y juzgar todos los "
        "anuncios para el servicio. Termina con código 3 si el control lo rechazó: lo que estaba en servicio sigue.",
    ),
    examples=(
        Text("perla pipeline run homes-medellin week.csv", "perla pipeline run homes-medellin semana.csv"),
        Text('perla pipeline run market.toml --force --reason "prices moved"',
             'perla pipeline run mercado.toml --force --reason "los precios cambiaron"'),
    ),
)  # fmt: skip
@with_options(MARKET, LISTINGS, MODELS, FORCE, REASON, o.SEEN_ON, o.SEED, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG)
def run(quiet: bool, **call: Any) -> int:
    from perla.app.cli import _settings
    from perla.app.pipeline.record import Outcome
    from perla.app.pipeline.run import run_line
    from perla.app.pipeline.screen import follow
    from perla.app.pipeline.telling import show_ran
    from perla.app.show import make_console

    settings = _settings(call)
    line = _line(settings, **call)
    try:
        with follow(settings.lang, quiet) as screen:
            ran = run_line(line, screen)
    except KeyboardInterrupt:
        _leave(settings)
        raise
    show_ran(line, ran, make_console(), settings.lang)
    return REFUSED if ran.told.outcome is Outcome.REFUSED else DONE


@pipeline.command(
    "status",
    cls=Command,
    brief=Text("What is in service, and the last runs.", "Qué está en servicio, y las últimas ejecuciones."),
    told=Text(
        "What is in service and how good it is, and how the last runs went; of one market, or of all.",
        "Qué está en servicio y qué tan bueno es, y cómo fueron las últimas ejecuciones; de un mercado, o de todos.",
    ),
    examples=(same("perla pipeline status"), same("perla pipeline status homes-medellin")),
)
@with_options(ANY_MARKET, o.LANG, o.HOME, o.DEBUG)
def status(market: str | None, **call: Any) -> None:
    from perla.app.cli import _settings
    from perla.app.pipeline.status import show_status
    from perla.app.show import make_console

    settings = _settings(call)
    show_status(market, settings, make_console())


@pipeline.command(
    "graph",
    cls=Command,
    brief=Text("A picture of the steps.", "Un dibujo de los pasos."),
    told=Text(
        "The steps and what each needs, as text and as an SVG picture; with how the last run of the market went.",
        "Los pasos y qué necesita cada uno, como texto y como dibujo SVG, y cómo fue la última ejecución del mercado.",
    ),
    examples=(same("perla pipeline graph"), Text("perla pipeline graph homes-medellin -o steps.svg",
                                                 "perla pipeline graph homes-medellin -o pasos.svg")),
)  # fmt: skip
@with_options(ANY_MARKET, PICTURE, o.LANG, o.HOME, o.DEBUG)
def graph(market: str | None, output: Path | None, **call: Any) -> None:
    from perla.app.cli import _say, _settings, _written
    from perla.app.pipeline.graph import draw_svg, draw_text, last_steps

    settings = _settings(call)
    steps, title = last_steps(market, settings)
    for line in draw_text(steps, settings.lang):
        click.echo(line)
    if output is not None:
        from perla.app.pipeline.graph import write_picture

        write_picture(output, draw_svg(steps, title, settings.lang))
        _say(_written((output,)), settings.lang)


def _leave(settings: Settings) -> None:
    """End the process where steps are still at work.

    LightGBM and PyTorch cannot be told to stop, and Python's own way out waits for their threads or trips over them;
    whatever they were at is kept whole or not at all.
    """
    import os
    import sys
    import threading

    from perla.app.mistakes import STOPPED, complain

    if threading.active_count() == 1:
        return
    complain(GO_ON.text(settings.lang))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(STOPPED)


def _line(
    settings: Settings,
    market: str,
    listings: tuple[Path, ...],
    models: str | None,
    force: bool,
    reason: str,
    seen_on: date | None,
    seed: int | None,
) -> Line:
    """What the call asks for. Raises InputError for a reason without --force, or the other way round."""
    from perla.app.markets import named_market
    from perla.app.pipeline.line import Line
    from perla.app.pipeline.source import Source
    from perla.valuation import DEFAULT_MODELS
    from perla.valuation.price_models import choose_models

    if force != bool(reason.strip()):
        raise InputError(
            "--force and --reason belong together: a model that the gate refuses needs a reason to be put in service. "
            'Give both, such as: --force --reason "prices moved"',
            "--force y --reason van juntas: un modelo que el control rechaza necesita una razón para entrar en "
            'servicio. Dé las dos, por ejemplo: --force --reason "los precios cambiaron"',
        )
    meaning = named_market(market, settings.home)
    chosen = tuple(map(str, choose_models(_split(models)))) if models else DEFAULT_MODELS
    source = Source(meaning, market, listings, settings, seen_on)
    return Line(meaning, source, settings, seed or 0, chosen, reason.strip())


def _split(models: str) -> list[str]:
    """The models named, parted at commas outside brackets.

    >>> _split("smooth, deep(leaves=255, leaf_rows=5),forest")
    ['smooth', 'deep(leaves=255, leaf_rows=5)', 'forest']
    """
    import re

    return [text.strip() for text in re.findall(r"[^,(]+(?:\([^)]*\))?", models) if text.strip()]
