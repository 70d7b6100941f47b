"""``perla keypoints SESSION``: what a recording came to, each point with its minute, as a page of Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from perla.app import options as o
from perla.app.ask import named_endpoint
from perla.app.bilingual import Argument, Command, with_options
from perla.errors import FileError, MissingExtraError
from perla.words import Text, fill, same

SESSION = Argument("session", Text("SESSION", "SESIÓN"), nargs=-1, required=True)
PAGE = o.Option(
    "-o", "--output", value=o.FILE, default=None, type=o.PATH,
    told=Text("The Markdown file to write; otherwise it is shown.",
              "El archivo Markdown por escribir; si no, se muestra."),
)  # fmt: skip
LLM = o.Option(
    "--llm", value=same("URL"), default=None,
    told=Text("Have a language model write the summary from the key points: an OpenAI-compatible server, its key from "
              "PERLA_LLM_KEY. The points are sent there, and nowhere else; each sentence is checked against them.",
              "Que un modelo de lenguaje escriba el resumen a partir de los puntos clave: un servidor compatible con "
              "OpenAI, su clave en PERLA_LLM_KEY. Los puntos se envían allá, y a ninguna otra parte; cada frase se "
              "verifica contra ellos."),
)  # fmt: skip


@click.command(
    "keypoints",
    cls=Command,
    brief=Text("Sum up a recording, minute by minute.", "Resumir una grabación, minuto a minuto."),
    told=Text(
        "Sum up a recording that was learned: five lines, key points, terms explained, tools and papers named, "
        "questions and homework, each with its minute and in the words that were said. SESSION is a number, a name or "
        "part of one.",
        "Resumir una grabación aprendida: cinco líneas, puntos clave, términos explicados, herramientas y artículos "
        "nombrados, preguntas y tareas, cada uno con su minuto y en las palabras que se dijeron. SESIÓN es un número, "
        "un nombre o parte de él.",
    ),
    examples=(
        Text("perla keypoints 18 -o session-18.md", "perla keypoints 18 -o sesion-18.md"),
        Text("perla keypoints autoencoders in production", "perla keypoints despliegue de autoencoders"),
    ),
)  # fmt: skip
@with_options(SESSION, PAGE, LLM, o.SERVER_MODEL, o.LANG, o.HOME, o.DEBUG)
def keypoints(session: tuple[str, ...], output: Path | None, llm: str | None, model: str, **call: Any) -> None:
    from importlib.util import find_spec

    from perla.app.cli import _say, _settings

    if find_spec("Stemmer") is None or find_spec("rapidfuzz") is None or find_spec("simplemma") is None:
        raise MissingExtraError(
            "Key points need a few more packages. Install them with: pip install 'perla[knowledge]'",
            "Los puntos clave necesitan otros paquetes. Instálelos con: pip install 'perla[knowledge]'",
        )
    settings, endpoint = _settings(call), named_endpoint(llm, model)
    from perla.knowledge.asking import Opened
    from perla.knowledge.keypoints import find_session, key_points, with_summary
    from perla.knowledge.keypoints_page import write_markdown
    from perla.knowledge.library import Library

    opened = Opened.of(Library(settings.home))
    told = key_points(opened.index, opened.texts, find_session(opened.index.sources, " ".join(session)))
    if endpoint is not None:
        told = with_summary(told, settings.lang, endpoint)
    page = write_markdown(told, settings.lang)
    if output is None:
        click.echo(page, nl=False)
        return
    _write(page, output)
    _say([fill("Written: {file}", "Escrito: {file}", file=output)], settings.lang)


def _write(page: str, output: Path) -> None:
    try:
        output.write_text(page, encoding="utf-8")
    except OSError as problem:
        raise FileError(
            f"The file {output} cannot be written ({problem.strerror}). Name another one.",
            f"El archivo {output} no se puede escribir ({problem.strerror}). Indique otro.",
        ) from None
