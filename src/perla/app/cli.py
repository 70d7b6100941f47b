"""The command line: ``perla find listings.csv``. Only click is imported here; each command imports what it needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.add import add
from perla.app.ask import ask
from perla.app.bilingual import Command, Group, language_of, with_options
from perla.app.deploy import deploy, rollback
from perla.app.drift import drift
from perla.app.evaluate import evaluate
from perla.app.explain_neurons import explain_neurons
from perla.app.glossary import glossary
from perla.app.keypoints import keypoints
from perla.app.keys import keys
from perla.app.learn import learn
from perla.app.mistakes import ReaderGoneError, StoppedByUserError, guard
from perla.app.models import models
from perla.app.pipeline import pipeline
from perla.app.score import score
from perla.app.serve import serve
from perla.app.settings import Settings, caches_at_home, choose_language, read_settings
from perla.app.store import store
from perla.app.survey import survey
from perla.app.transcribe import transcribe
from perla.errors import FileError, InputError
from perla.words import Lang, Text, fill, same

if TYPE_CHECKING:
    from perla.app.road import Search


class Door(Group):
    """The door of the program: the language is known before anything is parsed, and every mistake is one line."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> Any:  # type: ignore[override]
        """Run the call and exit with its code; with ``standalone_mode=False`` the code is returned."""
        words = list(sys.argv[1:] if args is None else args)
        standalone = extra.pop("standalone_mode", True)
        lang = choose_language(words, os.environ)
        settings = {"standalone_mode": False, "obj": lang, **extra}
        _replace_what_cannot_be_written()

        def run() -> int:
            done = super(Door, self).main(words or ["--help"], prog_name or "perla", **settings)
            return done if isinstance(done, int) else 0

        code = guard(run, lang, "--debug" in words)
        if standalone:
            sys.exit(code)
        return code

    def invoke(self, ctx: click.Context) -> Any:
        try:
            done = super().invoke(ctx)
            sys.stdout.flush()
        except KeyboardInterrupt:
            raise StoppedByUserError from None
        except BrokenPipeError:
            raise ReaderGoneError from None
        return done


def _replace_what_cannot_be_written() -> None:
    """A sign the terminal's encoding lacks becomes a question mark instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


@click.group(
    cls=Door,
    told=Text(
        "Finds the odd one you want: listings that ask clearly less than they should while everything else about them "
        "is normal, with the proof.",
        "Encuentra el raro que usted quiere: anuncios que piden claramente menos de lo que deberían mientras todo lo "
        "demás es normal, con la prueba.",
    ),
    examples=(
        same("perla demo"),
        Text("perla find listings.csv -o pearls.xlsx", "perla find anuncios.csv -o perlas.xlsx"),
    ),
)
@with_options(o.LANG, o.VERSION, o.DEBUG)
def main() -> None:
    pass


@main.command(
    "find",
    cls=Command,
    brief=Text("Find the bargains among listings.", "Encontrar las gangas entre los anuncios."),
    told=Text(
        "Find the bargains among listings: CSV, Excel, Parquet or JSON files, or folders of them.",
        "Encontrar las gangas entre los anuncios: archivos CSV, Excel, Parquet o JSON, o carpetas con ellos.",
    ),
    examples=(
        Text(
            "perla find listings.csv -o pearls.xlsx -o pearls.html",
            "perla find anuncios.csv -o perlas.xlsx -o perlas.html",
        ),
        Text(
            'perla find listings.csv --wish "price low, area high"',
            'perla find anuncios.csv --wish "precio bajo, área alta"',
        ),
        Text(
            "perla find new.csv --model model --all -o scores.csv",
            "perla find nuevos.csv --model modelo --all -o todos.csv",
        ),
    ),
)
@with_options(
    o.LISTINGS, o.REFERENCE, o.MARKET, o.MODEL, o.WISH, o.WHERE, o.SHOWN, o.FDR, o.COMPARABLES, o.ALL, o.OUTPUT, o.SEED,
    o.LANG, o.JSON, o.HOME, o.THREADS, o.QUIET, o.DEBUG,
)  # fmt: skip
def find(output: tuple[Path, ...], everything: bool, as_json: bool, quiet: bool, **call: Any) -> None:
    settings = _settings(call)
    _refuse_contradictions(call)
    _check_outputs(output, (*call["listings"], *call["reference"]))
    from perla.app.road import find_bargains
    from perla.app.show import at_work, make_console
    from perla.reports.json_record import render
    from perla.reports.terminal import show_findings
    from perla.reports.writing import write_reports

    with at_work(settings.lang, quiet) as tell:
        findings = find_bargains(_search(call), settings, tell)
        write_reports(findings, output, settings.lang, everything, _today())
    if as_json:
        click.echo(render(findings, settings.lang, everything, _today()), nl=False)
        return
    show_findings(findings, make_console(), settings.lang)
    _say(_written(output), settings.lang)


@main.command(
    "check",
    cls=Command,
    brief=Text("Explain one listing.", "Explicar un anuncio."),
    told=Text(
        "Explain one listing: what it should cost, what is odd about it, similar ones, and why it was shown or not.",
        "Explicar un anuncio: cuánto debería costar, qué tiene de raro, similares, y por qué se mostró o no.",
    ),
    examples=(Text("perla check listings.csv --id 12345", "perla check anuncios.csv --id 12345"),),
)
@with_options(
    o.LISTINGS, o.LISTING_ID, o.REFERENCE, o.MARKET, o.MODEL, o.WISH, o.COMPARABLES, o.SEED, o.LANG, o.JSON, o.HOME,
    o.THREADS, o.QUIET, o.DEBUG,
)  # fmt: skip
def check(listing_id: str, as_json: bool, quiet: bool, **call: Any) -> None:
    settings = _settings(call)
    _refuse_contradictions(call)
    from perla.app.road import explain_listing
    from perla.app.show import at_work, make_console
    from perla.listings import Rejected
    from perla.reports.json_record import render_listing
    from perla.reports.terminal import show_listing

    with at_work(settings.lang, quiet) as tell:
        found = explain_listing(_search(call), listing_id, settings, tell)
    if as_json:
        click.echo(render_listing(found if isinstance(found, Rejected) else found[0], settings.lang), nl=False)
        return
    if isinstance(found, Rejected):
        _say([_set_aside(found)], settings.lang)
        return
    show_listing(*found, make_console(), settings.lang)


@main.command(
    "train",
    cls=Command,
    brief=Text("Learn a market once and keep the model.", "Aprender un mercado una vez y guardar el modelo."),
    told=Text(
        "Learn a market from listings and keep what was learned; perla find NEW --model FOLDER uses it.",
        "Aprender un mercado de los anuncios y guardar lo aprendido; perla find NUEVOS --model CARPETA lo usa.",
    ),
    examples=(Text("perla train listings.csv -o model", "perla train anuncios.csv -o modelo"),),
)
@with_options(o.LISTINGS, o.MODEL_FOLDER, o.MARKET, o.SEARCH, o.SEED, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG)
def train(output: Path, quiet: bool, **call: Any) -> None:
    settings = _settings(call)
    from perla.app.road import train_finder
    from perla.app.saved import KIND, save_finder
    from perla.app.show import at_work
    from perla.storage import check_target

    check_target(output, KIND)
    with at_work(settings.lang, quiet) as tell:
        finder, notes = train_finder(_search(call), settings, tell)
        save_finder(finder, output)
    _say([*finder.card_.notes, *notes, _learned(finder.card_.listings_learned, output)], settings.lang)


@main.command(
    "init",
    cls=Command,
    brief=Text(
        "Draft a market file: what the columns mean.", "Crear un archivo de mercado: qué significan las columnas."
    ),
    told=Text(
        "Guess what the columns of a table mean, show the guess, and write it as a market file to edit.",
        "Adivinar qué significan las columnas de una tabla, mostrarlo y escribirlo como archivo de mercado.",
    ),
    examples=(Text("perla init listings.csv -o market.toml", "perla init anuncios.csv -o mercado.toml"),),
)
@with_options(o.LISTINGS, o.MARKET_FILE, o.FORCE, o.LANG, o.DEBUG)
def init(listings: tuple[Path, ...], output: Path, force: bool) -> None:
    lang = _lang()
    from perla.app.drafts import show_draft, write_draft
    from perla.app.show import make_console

    draft, table = write_draft(listings, output, force)
    show_draft(draft, table, make_console(), lang)
    written = fill(
        "Written: {output}. Read it, correct it, then: perla find {listings} --market {output}",
        "Escrito: {output}. Léalo, corríjalo y luego: perla find {listings} --market {output}",
        output=output, listings=" ".join(map(str, listings)),
    )  # fmt: skip
    _say([same(""), written], lang)


@main.command(
    "demo",
    cls=Command,
    brief=Text(
        "Try it on a simulated market whose truth is known.", "Probar en un mercado simulado cuya verdad se conoce."
    ),
    told=Text(
        "Simulate a market, find its bargains, write every report, and reveal which bargains had been planted.",
        "Simular un mercado, encontrar sus gangas, escribir los informes y revelar cuáles gangas se habían sembrado.",
    ),
)
@with_options(o.DEMO_FOLDER, o.DEMO_LISTINGS, o.DEMO_SEED, o.LANG, o.THREADS, o.QUIET, o.DEBUG)
def demo(output: Path, listings: int, seed: int, quiet: bool, **call: Any) -> None:
    settings = _settings(call)
    from perla.app.demo import make_folder, run_demo, show_truth
    from perla.app.show import at_work, make_console
    from perla.reports.terminal import show_findings

    make_folder(output)
    with at_work(settings.lang, quiet) as tell:
        done = run_demo(output, listings, seed, settings, _today(), tell)
    console = make_console()
    show_findings(done.findings, console, settings.lang)
    show_truth(done, console, settings.lang)


@main.command(
    "markets",
    cls=Command,
    brief=Text("List the market files that come with perla.", "Listar los archivos de mercado que vienen con perla."),
    told=Text(
        "List the market files that come with perla; their names can be given to --market.",
        "Listar los archivos de mercado que vienen con perla; sus nombres se pueden dar a --market.",
    ),
)
@with_options(o.LANG, o.DEBUG)
def markets() -> None:
    from perla.listings.market_file import shipped_market, shipped_markets

    lines = [
        fill("{name:<20} {title} ({currency})", "{name:<20} {title} ({currency})", name=name,
             title=(market := shipped_market(name)).label, currency=market.currency)
        for name in shipped_markets()
    ]  # fmt: skip
    _say(lines, _lang())


main.add_command(explain_neurons)
main.add_command(evaluate)
main.add_command(drift)
main.add_command(survey)
main.add_command(add)
main.add_command(store)
main.add_command(score)
main.add_command(deploy)
main.add_command(rollback)
main.add_command(models)
main.add_command(pipeline)
main.add_command(serve)
main.add_command(keys)
main.add_command(learn)
main.add_command(transcribe)
main.add_command(ask)
main.add_command(keypoints)
main.add_command(glossary)


def _lang() -> Lang:
    return language_of(click.get_current_context())


def _settings(call: dict[str, Any]) -> Settings:
    settings = read_settings(os.environ, _lang(), call.pop("home", None), call.pop("threads", None))
    for name, place in caches_at_home(settings.home).items():
        os.environ.setdefault(name, place)
    return settings


def _search(call: dict[str, Any]) -> Search:
    """The call as a search; what was not said keeps the search's own default."""
    from perla.app.road import Search

    return Search(**{name: value for name, value in call.items() if value is not None})


def _today() -> str:
    from datetime import date

    return date.today().isoformat()


def _refuse_contradictions(call: dict[str, Any]) -> None:
    """A saved model brings its own market, reference and seed; a rate of false ones says how many are shown."""
    if call.get("fdr") is not None and call.get("shown") is not None:
        raise InputError(
            "--fdr decides how many bargains are shown, so --shown cannot be given with it. Leave one of the two out.",
            "--fdr decide cuántas gangas se muestran, así que --shown no se puede dar con él. Quite una de las dos.",
        )
    if call["model"] is None:
        return
    for name in ("reference", "market", "seed"):
        if call[name] not in (None, ()):
            raise InputError(
                f"--model brings its own {name}, so --{name} cannot be given with it. Leave one of the two out.",
                f"--model ya trae lo suyo, así que --{name} no se puede dar con él. Quite una de las dos opciones.",
            )


def _check_outputs(outputs: Sequence[Path], inputs: Iterable[Path]) -> None:
    """Refuse before the long work what could not be written after it, and what would replace an input."""
    if not outputs:
        return
    from perla.reports.writing import check_reports

    check_reports(outputs)
    _keep_inputs(outputs, inputs)


def _keep_inputs(outputs: Sequence[Path], inputs: Iterable[Path]) -> None:
    """Refuse an output that would replace a file to read."""
    read = [path.resolve() for path in inputs]
    for output in outputs:
        place = output.resolve()
        if place in read or (output.exists() and place.parent in read):
            raise FileError(
                f"The output {output} is one of the files to read and would be replaced. Name another file.",
                f"La salida {output} es uno de los archivos por leer y se reemplazaría. Indique otro archivo.",
            )


def _say(lines: Iterable[Text], lang: Lang) -> None:
    for line in lines:
        click.echo(line.text(lang))


def _written(outputs: Sequence[Path]) -> list[Text]:
    if not outputs:
        return []
    return [fill("Written: {files}", "Escrito: {files}", files=", ".join(map(str, dict.fromkeys(outputs))))]


def _learned(count: int, folder: Path) -> Text:
    from perla.words import number

    return fill(
        "Learned from {count} listings and kept in {folder}. Use it with: perla find NEW --model {folder}",
        "Se aprendió de {count} anuncios y se guardó en {folder}. Úselo con: perla find NUEVOS --model {folder}",
        count=number(count), folder=folder,
    )  # fmt: skip


def _set_aside(rejected: Any) -> Text:
    return fill(
        "{id} was set aside before anything was estimated: {reason}. It is row {row} of the input.",
        "{id} fue apartado antes de estimar nada: {reason}. Es la fila {row} de la entrada.",
        id=rejected.listing_id, reason=rejected.reason, row=rejected.row,
    )  # fmt: skip


if __name__ == "__main__":
    main()
