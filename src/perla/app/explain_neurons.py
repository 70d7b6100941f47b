"""``perla explain-neurons``: the patterns a sparse autoencoder finds in a market, one neuron at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from perla.app import options as o
from perla.app.bilingual import Command, Option, with_options
from perla.words import Text

NEURONS = Option(
    "--neurons", value=o.NUMBER, type=o.WholeNumber(2, 256), default=24,
    told=Text("How many neurons the network has.", "Cuántas neuronas tiene la red."),
)  # fmt: skip
OUTPUT = Option(
    "-o", "--output", value=o.FILE, multiple=True, type=o.PATH,
    told=Text("A picture (.png, .svg) or the figures (.csv, .json) to write. Repeat it for several.",
              "Una imagen (.png, .svg) o las cifras (.csv, .json) por escribir. Repítala para varias."),
)  # fmt: skip


@click.command(
    "explain-neurons",
    cls=Command,
    brief=Text("Explain what each neuron of an autoencoder stands for.",
               "Explicar qué representa cada neurona de un autoencoder."),
    told=Text(
        "Fit a sparse autoencoder, which never sees the price, on the listings, and explain each of its neurons: how "
        "often it lights up, which columns and listings light it up, and what it does to the price it rebuilds.",
        "Ajustar con los anuncios un autoencoder disperso, que nunca ve el precio, y explicar cada neurona: "
        "cuánto se enciende, qué columnas y anuncios la encienden, y qué le hace al precio que reconstruye.",
    ),
    examples=(
        Text("perla explain-neurons listings.csv -o neurons.png -o neurons.csv",
             "perla explain-neurons anuncios.csv -o neuronas.png -o neuronas.csv"),
        Text("perla explain-neurons listings.csv --neurons 12 --tune 20",
             "perla explain-neurons anuncios.csv --neurons 12 --tune 20"),
    ),
)  # fmt: skip
@with_options(
    o.LISTINGS, o.MARKET, NEURONS, o.TUNE, OUTPUT, o.SEED, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG,
)  # fmt: skip
def explain_neurons(
    listings: tuple[Path, ...], neurons: int, tune: int, output: tuple[Path, ...], quiet: bool, **call: Any
) -> None:
    from dataclasses import replace

    from perla.app.cli import _keep_inputs, _say, _settings, _written
    from perla.app.road import Search, make_ready
    from perla.app.settings import limit_threads
    from perla.app.show import at_work, make_console
    from perla.bargains.patterns import find_patterns
    from perla.reports.neurons import check_neuron_reports, show_neurons, write_neuron_reports

    settings = _settings(call)
    check_neuron_reports(output)
    _keep_inputs(output, listings)
    search = Search(listings, market=call["market"] or "", seed=call["seed"] or 0)
    with at_work(settings.lang, quiet) as tell, limit_threads(settings.threads):
        ready = make_ready(search, settings, tell)
        patterns = find_patterns(ready.known, neurons, search.seed, tune, tell)
        patterns = replace(patterns, notes=(*patterns.notes, *ready.notes))
        write_neuron_reports(patterns, output, settings.lang)
    show_neurons(patterns, make_console(), settings.lang)
    _say(_written(output), settings.lang)
