"""``perla serve``: the API and the pages over what is in service, until Ctrl-C."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Command, with_options
from perla.words import Text

if TYPE_CHECKING:
    from perla.app.settings import Settings

HOST = o.Option(
    "--host", value=Text("HOST", "EQUIPO"), default="127.0.0.1",
    told=Text("Where to listen; otherwise 127.0.0.1, which only this machine reaches. Any other needs keys.",
              "Dónde escuchar; si no, 127.0.0.1, que solo alcanza este equipo. Cualquier otro necesita claves."),
)  # fmt: skip
PORT = o.Option(
    "--port", value=o.NUMBER, type=o.WholeNumber(0, 65535), default=8000,
    told=Text("The port; 0 takes a free one and says which.", "El puerto; con 0 toma uno libre y dice cuál."),
)  # fmt: skip
WORKERS = o.Option(
    "--workers", value=o.NUMBER, type=o.WholeNumber(1, 64), default=1,
    told=Text("How many processes answer; each holds the models in its own memory.",
              "Cuántos procesos responden; cada uno tiene los modelos en su propia memoria."),
)  # fmt: skip
REQUIRE_KEYS = o.Option(
    "--require-keys", is_flag=True,
    told=Text("Ask for a key from everyone, programs on this machine too. Use it behind a proxy.",
              "Pedir clave a todos, también a los programas de este equipo. Úsela detrás de un proxy."),
)  # fmt: skip


@click.command(
    "serve",
    cls=Command,
    brief=Text("Answer pages and programs.", "Responder a páginas y programas."),
    told=Text(
        "Open the service: pages to look at in a browser and an API for programs, over the markets in service. A new "
        "deployment is picked up by itself.",
        "Abrir el servicio: páginas para ver en el navegador y un API para programas, sobre los mercados en servicio. "
        "Un despliegue nuevo se toma solo.",
    ),
    examples=(
        Text("perla serve", "perla serve"),
        Text("perla serve --host 0.0.0.0 --port 80 --workers 4", "perla serve --host 0.0.0.0 --port 80 --workers 4"),
    ),
)
@with_options(HOST, PORT, WORKERS, REQUIRE_KEYS, o.LANG, o.HOME, o.THREADS, o.DEBUG)
def serve(host: str, port: int, workers: int, require_keys: bool, **call: Any) -> None:
    from perla.app.cli import _settings
    from perla.errors import MissingExtraError

    threads = call["threads"]
    settings = _settings(call)
    try:
        from perla.app.web.serving import Place, run_service
    except ModuleNotFoundError as missing:
        raise MissingExtraError(
            f"perla serve needs the package {missing.name}. Install what it needs with: pip install 'perla[service]'",
            f"perla serve necesita el paquete {missing.name}. Instálelo con: pip install 'perla[service]'",
        ) from missing
    run_service(Place(host, port, workers, require_keys), _threaded(settings, threads, workers))


def _threaded(settings: Settings, asked: int | None, workers: int) -> Settings:
    """Each worker's share of the threads, where none were asked for."""
    from dataclasses import replace

    return settings if asked else replace(settings, threads=max(1, settings.threads // workers))
