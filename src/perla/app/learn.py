"""``perla learn PATH...``: recordings, documents and code are learned; ``--list`` and ``--forget`` look after them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, with_options
from perla.app.mistakes import REFUSED
from perla.errors import InputError
from perla.words import Text, fill, same

if TYPE_CHECKING:
    from perla.app.settings import Settings
    from perla.knowledge.endpoints import Endpoint
    from perla.knowledge.library import Library

PATHS = Argument("paths", Text("[PATH]", "[RUTA]"), nargs=-1, type=o.PATH)
LIST = o.Option(
    "--list", "listing", is_flag=True,
    told=Text("List what was learned, instead of learning.", "Listar lo aprendido, en vez de aprender."),
)  # fmt: skip
FORGET = o.Option(
    "--forget", value=Text("NAME", "NOMBRE"), multiple=True,
    told=Text("Forget one source, by its name, title or session number; its file stays. Repeat it for several.",
              "Olvidar una fuente, por su nombre, título o número de sesión; su archivo queda. Repítala para varias."),
)  # fmt: skip
ANEW = o.Option(
    "--anew", is_flag=True,
    told=Text("Forget everything first, and learn these paths alone.",
              "Olvidar todo primero, y aprender solo estas rutas."),
)  # fmt: skip
EMBEDDINGS = o.Option(
    "--embeddings", value=same("URL"), default=None,
    told=Text("Make vectors too, for searching by meaning: an OpenAI-compatible server with a multilingual embedding "
              "model, its key from PERLA_LLM_KEY. All passages are sent there. Off unless you name it.",
              "Calcular también vectores, para buscar por significado: un servidor compatible con OpenAI con un modelo "
              "multilingüe de vectores, su clave en PERLA_LLM_KEY. Se le envían todos los pasajes. Solo si usted lo "
              "indica."),
)  # fmt: skip


@click.command(
    "learn",
    cls=Command,
    brief=Text("Learn recordings, documents and code.", "Aprender grabaciones, documentos y código."),
    told=Text(
        "Learn transcripts, documents and code, files or whole folders, so that questions about them can be answered "
        "with the minute or the line. What did not change is not read again; keys and passwords are not learned.",
        "Aprender transcripciones, documentos y código, archivos o carpetas completas, para responder preguntas con el "
        "minuto o la línea. Lo que no cambió no se lee de nuevo; las llaves y contraseñas no se aprenden.",
    ),
    examples=(
        Text("perla learn recordings notes.md our-repository", "perla learn grabaciones notas.md nuestro-repositorio"),
        same("perla learn --list"),
        same("perla learn --forget 18"),
    ),
)  # fmt: skip
@with_options(PATHS, LIST, FORGET, ANEW, EMBEDDINGS, o.SERVER_MODEL, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG)
def learn(
    paths: tuple[Path, ...],
    listing: bool,
    forget: tuple[str, ...],
    anew: bool,
    embeddings: str | None,
    model: str,
    quiet: bool,
    **call: Any,
) -> None:
    from perla.app.ask import named_endpoint
    from perla.app.cli import _settings
    from perla.knowledge.library import Library

    settings = _settings(call)
    _check(paths, listing, forget, anew)
    endpoint = named_endpoint(embeddings, model, "--embeddings")
    library = Library(settings.home)
    if listing:
        _list(library, settings)
    elif forget:
        _forget(library, forget, settings, quiet)
    else:
        _learn(library, paths, anew, settings, quiet)
        if endpoint is not None:
            _embed(library, endpoint, anew, settings, quiet)


def _check(paths: tuple[Path, ...], listing: bool, forget: tuple[str, ...], anew: bool) -> None:
    asked = [name for name, said in (("PATH", paths), ("--list", listing), ("--forget", forget)) if said]
    if len(asked) > 1 or (anew and asked != ["PATH"]):
        together = ", ".join([*asked, *(["--anew"] if anew else [])])
        raise InputError(
            f"Learning, --list and --forget are asked for one at a time, and --anew needs a path; got {together}.",
            f"Aprender, --list y --forget se piden por separado, y --anew necesita una ruta; se dio {together}.",
        )
    if not asked:
        raise InputError(
            "Name the files or folders to learn, such as: perla learn recordings. Or see what was: perla learn --list",
            "Indique los archivos o carpetas por aprender, como: perla learn grabaciones. O vea lo aprendido: perla "
            "learn --list",
        )


def _learn(library: Library, paths: tuple[Path, ...], anew: bool, settings: Settings, quiet: bool) -> None:
    from perla.app.learned import show_learned
    from perla.app.settings import limit_threads
    from perla.app.show import at_work, make_console

    with at_work(settings.lang, quiet) as tell, limit_threads(settings.threads):
        done = library.learn(paths, tell, anew)
        holdings = library.holdings()
    show_learned(done, holdings, make_console(), settings.lang)
    if not done.read and not done.unchanged:
        click.get_current_context().exit(REFUSED)


def _embed(library: Library, endpoint: Endpoint, anew: bool, settings: Settings, quiet: bool) -> None:
    """Make the vectors of what the library holds now; what is kept stays whole until they stand."""
    from perla.app.cli import _say
    from perla.app.show import at_work
    from perla.knowledge import dense

    with at_work(settings.lang, quiet) as tell:
        old = None if anew else dense.read_kept(settings.home)
        made = dense.embed_index(library.open(), endpoint, old, tell=tell)
        dense.keep(made, settings.home)
    _say(dense.told(made), settings.lang)


def _list(library: Library, settings: Settings) -> None:
    from perla.app.learned import show_holdings
    from perla.app.show import make_console

    show_holdings(library.holdings(), make_console(), settings.lang)


def _forget(library: Library, names: tuple[str, ...], settings: Settings, quiet: bool) -> None:
    from perla.app.cli import _say
    from perla.app.show import at_work
    from perla.reports.untrusted import one_line

    with at_work(settings.lang, quiet) as tell:
        gone = library.forget(names, tell)
    said = [
        fill(
            "Forgotten: {name}. Its file was not touched; perla learn reads it again if you name it or its folder.",
            "Olvidado: {name}. Su archivo no se tocó; perla learn lo lee de nuevo si indica ese archivo o su carpeta.",
            name=one_line(source.name, 200),
        )
        for source in gone
    ]  # fmt: skip
    _say(said, settings.lang)
