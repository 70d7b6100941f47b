"""``perla ask "..."``: what was said or written about a question, quoted with its minute or line; alone: a prompt."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, language_of, with_options
from perla.errors import InputError, MissingExtraError
from perla.words import Lang, Text, same

if TYPE_CHECKING:
    from perla.knowledge import Answer, Opened
    from perla.knowledge.dense import Leg
    from perla.knowledge.endpoints import Endpoint

QUESTION = Argument("question", Text("[QUESTION]", "[PREGUNTA]"), nargs=-1)
KINDS = ("recordings", "documents", "code")
MOST_QUOTES = 50
PROMPT, LEAVE = Text("ask> ", "pregunta> "), (":q", ":quit", ":salir", "exit", "quit", "salir")
WELCOME = Text("Ask away; :q leaves.", "Pregunte lo que quiera; con :q se sale.")


class Kind(click.ParamType):
    """Recordings, documents or code; the message is in both languages."""

    name = "kind"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in KINDS:
            raise InputError(
                f"The option --only must be one of {', '.join(KINDS)}; got {value!r}.",
                f"La opción --only debe ser una de {', '.join(KINDS)}; se dio {value!r}.",
            )
        return str(value)


QUOTES = o.Option(
    "-k", "--quotes", "count", value=o.NUMBER, type=o.WholeNumber(1, MOST_QUOTES), default=5,
    told=Text("How many quotes to show at most.", "Cuántas citas mostrar, como máximo."),
)  # fmt: skip
ONLY = o.Option(
    "--only", value=same("|".join(KINDS)), type=Kind(), multiple=True,
    told=Text("Answer from these alone. Repeat it for several.",
              "Responder solo desde estas fuentes (grabaciones, documentos o código). Repítala para varias."),
)  # fmt: skip
AS_JSON = o.Option(
    "--json", "as_json", is_flag=True,
    told=Text("Write the answer to stdout as JSON, and nothing else.",
              "Escribir la respuesta en stdout como JSON, y nada más."),
)  # fmt: skip
IN_LANGUAGE = o.Option(
    "--lang", "asked_in", value=Text("en|es", "en|es"), type=o.Language(), default=None,
    told=Text("Language of the answer; otherwise the question's.", "Idioma de la respuesta; si no, el de la pregunta."),
)  # fmt: skip
LLM = o.Option(
    "--llm", value=same("URL"), default=None,
    told=Text("Have a language model write the answer from the quotes: an OpenAI-compatible server, such as "
              "http://localhost:11434; its key, if it needs one, from PERLA_LLM_KEY. The question and the quotes are "
              "sent there, and nowhere else; each sentence is checked against its quote.",
              "Que un modelo de lenguaje escriba la respuesta a partir de las citas: un servidor compatible con "
              "OpenAI, como http://localhost:11434; su clave, si la pide, en PERLA_LLM_KEY. La pregunta y las citas se "
              "envían allá, y a ninguna otra parte; cada frase se verifica contra su cita."),
)  # fmt: skip
EMBEDDINGS = o.Option(
    "--embeddings", value=same("URL"), default=None,
    told=Text("Search by meaning too, with the vectors that perla learn --embeddings made: the question is sent to "
              "this server.",
              "Buscar también por significado, con los vectores que hizo perla learn --embeddings: la pregunta se "
              "envía a ese servidor."),
)  # fmt: skip


@click.command(
    "ask",
    cls=Command,
    brief=Text("Ask what was learned.", "Preguntar a lo aprendido."),
    told=Text(
        "Ask, in Spanish or English, about what was learned (perla learn). The answer is what was said or written, "
        "word for word, with its session and minute or its file and line; when it is not there, perla says so. Without "
        "a question: one after another. Nothing leaves this machine, unless you name a server.",
        "Preguntar, en español o inglés, sobre lo aprendido (perla learn). La respuesta es lo que se dijo o escribió, "
        "palabra por palabra, con su sesión y minuto o su archivo y línea; si no está, perla lo dice. Sin pregunta: "
        "una tras otra. Nada sale de esta máquina, salvo que usted nombre un servidor.",
    ),
    examples=(
        Text('perla ask "what is the threshold of the autoencoder for?"',
             "perla ask «¿para qué sirve el umbral del autoencoder?»"),
        Text('perla ask "where in the code is the reconstruction error computed?" --only code',
             "perla ask «¿en qué parte del código se calcula el error de reconstrucción?» --only code"),
        same("perla ask"),
    ),
)  # fmt: skip
@with_options(QUESTION, QUOTES, ONLY, AS_JSON, LLM, o.SERVER_MODEL, EMBEDDINGS, IN_LANGUAGE, o.HOME, o.DEBUG)
def ask(
    question: tuple[str, ...],
    count: int,
    only: tuple[str, ...],
    as_json: bool,
    llm: str | None,
    model: str,
    embeddings: str | None,
    asked_in: Lang | None,
    **call: Any,
) -> None:
    endpoint, embedder = named_endpoint(llm, model), named_endpoint(embeddings, "")
    home = call.get("home")
    opened = _open(call)
    show = _Shown(opened, count, only, as_json, asked_in, endpoint, _leg(opened, embedder, home))
    if question:
        show(" ".join(question))
        return
    lang = language_of(click.get_current_context())
    for line in _lines(lang):
        try:
            show(line)
            if not as_json:
                click.echo()
        except InputError as problem:
            click.echo(problem.text(lang), err=True)


class _Shown:
    """Asks and shows, again and again."""

    def __init__(
        self,
        opened: Opened,
        count: int,
        only: tuple[str, ...],
        as_json: bool,
        lang: Lang | None,
        endpoint: Endpoint | None = None,
        leg: Leg | None = None,
    ) -> None:
        self.opened, self.count, self.only, self.as_json, self.lang = opened, count, only, as_json, lang
        self.endpoint, self.leg = endpoint, leg

    def __call__(self, question: str) -> Answer:
        from perla.app.answered import render, show_answer
        from perla.knowledge import SourceKind

        told = self.opened.ask(question, self.count, tuple(map(SourceKind, self.only)), self.lang, self.leg)
        if self.leg is not None and self.leg.problem is not None:
            click.echo(f"perla: {self.leg.problem.text(told.lang)}", err=True)
        if self.endpoint is not None:
            from perla.knowledge.written import rewritten

            told = rewritten(told, self.endpoint)
        if self.as_json:
            click.echo(render(told), nl=False)
        else:
            show_answer(told)
        return told


def named_endpoint(url: str | None, model: str, option: str = "--llm") -> Endpoint | None:
    """The server that was named, with the key of the environment; None where none was. Raises InputError."""
    if url is None and model:
        raise InputError(
            f"--model says which model of a server is meant, so it needs {option} URL too.",
            f"--model indica cuál modelo de un servidor, así que también necesita {option} URL.",
        )
    if url is None:
        return None
    import os

    from perla.knowledge.endpoints import KEY, Endpoint

    return Endpoint.at(url, model, os.environ.get(KEY, "").strip())


def _leg(opened: Opened, endpoint: Endpoint | None, home: str | None) -> Leg | None:
    """The leg of embeddings, where a server for it was named."""
    if endpoint is None:
        return None
    from perla.app.cli import _settings
    from perla.knowledge.dense import open_leg

    return open_leg(_settings({"home": home}).home, opened.index, endpoint)


def _open(call: dict[str, Any]) -> Opened:
    """What was learned. Raises MissingExtraError where the packages of this wing are not installed."""
    from importlib.util import find_spec

    from perla.app.cli import _settings

    if find_spec("Stemmer") is None or find_spec("rapidfuzz") is None:
        raise MissingExtraError(
            "Asking needs a few more packages. Install them with: pip install 'perla[knowledge]'",
            "Preguntar necesita otros paquetes. Instálelos con: pip install 'perla[knowledge]'",
        )
    from perla.knowledge import Opened
    from perla.knowledge.library import Library

    return Opened.of(Library(_settings(call).home))


def _lines(lang: Lang) -> Iterator[str]:
    """Questions as a person types them, until the end of the input or a word of leaving."""
    live = sys.stdin.isatty()
    if live:
        with suppress(ImportError):
            import readline  # noqa: F401
        click.echo(WELCOME.text(lang))
    while True:
        try:
            line = input(PROMPT.text(lang) if live else "").strip()
        except (EOFError, UnicodeDecodeError):
            return
        if line.lower() in LEAVE:
            return
        if line:
            yield line
