"""``perla transcribe FILE...``: recordings become transcripts, on this machine."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, with_options
from perla.app.mistakes import WRONG_CALL, complain
from perla.errors import InputError, PerlaError
from perla.words import Text, fill, join, same

if TYPE_CHECKING:
    from perla.app.settings import Settings
    from perla.knowledge.transcription.orders import Order, Orders
    from perla.knowledge.transcription.transcribing import Transcribed
    from perla.knowledge.transcription.whisper import Whisper

MODEL_VARIABLE = "PERLA_WHISPER_MODEL"
TERMS_SHOWN, LONGEST_PATH = 6, 400
KEPT = Text(
    "what was heard is kept; the same call goes on from there",
    "lo oído se conserva; la misma llamada continúa desde ahí",
)


class Choice(click.ParamType):
    """One of a few words; the message is in both languages."""

    name = "choice"

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in self.allowed:
            option = "/".join(param.opts) if param else ""
            known = ", ".join(self.allowed)
            raise InputError(
                f"The option {option} must be one of {known}; got {value!r}.",
                f"La opción {option} debe ser una de {known}; se dio {value!r}.",
            )
        return str(value)


MEDIA = Argument("media", Text("FILE|FOLDER", "ARCHIVO|CARPETA"), nargs=-1, required=True, type=o.PATH)
MODEL = o.Option(
    "--model", value=Text("NAME|FOLDER", "NOMBRE|CARPETA"), default=None,
    told=Text("The Whisper model: the folder of one in CTranslate2's form, or a name such as small or large-v3-turbo; "
              "otherwise PERLA_WHISPER_MODEL, else small.",
              "El modelo Whisper: la carpeta de uno en el formato de CTranslate2, o un nombre como small o "
              "large-v3-turbo; si no, PERLA_WHISPER_MODEL, o small."),
)  # fmt: skip
DOWNLOAD = o.Option(
    "--download", is_flag=True,
    told=Text("Fetch the model from the network if it is not here yet; otherwise the network is not used.",
              "Descargar el modelo de la red si aún no está aquí; si no, no se usa la red."),
)  # fmt: skip
LANGUAGE = o.Option(
    "--language", value=same("es|en|auto"), type=Choice("es", "en", "auto"), default="auto",
    told=Text("The language that is spoken; auto: the model decides, once for each recording.",
              "El idioma en que se habla; auto: el modelo decide, una vez por grabación."),
)  # fmt: skip
DEVICE = o.Option(
    "--device", value=same("cpu|cuda"), type=Choice("cpu", "cuda"), default="cpu",
    told=Text("What computes: the processor, or an NVIDIA card.",
              "Dónde se calcula: el procesador, o una tarjeta NVIDIA."),
)  # fmt: skip
TARGET = o.Option(
    "-o", "--output", "folder", value=o.FOLDER, default=None, type=o.PATH,
    told=Text("The folder for the transcripts; otherwise each goes beside its recording, where perla finds both.",
              "La carpeta para las transcripciones; si no, cada una queda junto a su grabación, donde perla encuentra "
              "ambas."),
)  # fmt: skip
FORCE = o.Option(
    "--force", is_flag=True,
    told=Text("Replace transcripts that stand there.", "Reemplazar las transcripciones que ya existen."),
)  # fmt: skip


@click.command(
    "transcribe",
    cls=Command,
    brief=Text("Turn recordings into transcripts.", "Convertir grabaciones en transcripciones."),
    told=Text(
        "Turn audio or video into a transcript that perla learn reads, with the time of every word, by a Whisper model "
        "on this machine. A call that was stopped goes on where it ended when it is repeated. What models make up "
        "(loops, words in silence, sentences nobody said) is taken out and counted.",
        "Convertir audio o video en una transcripción que perla learn lee, con el tiempo de cada palabra, con un "
        "modelo Whisper en este equipo. Una llamada interrumpida continúa donde quedó al repetirla. Lo que los modelos "
        "inventan (repeticiones en bucle, palabras en silencio, frases que nadie dijo) se quita y se cuenta.",
    ),
    examples=(
        Text("perla transcribe meeting.mp4 --model ~/whisper-small --language es",
             "perla transcribe reunion.mp4 --model ~/whisper-small --language es"),
        Text("perla transcribe recordings --model large-v3-turbo --download",
             "perla transcribe grabaciones --model large-v3-turbo --download"),
    ),
)  # fmt: skip
@with_options(
    MEDIA, MODEL, DOWNLOAD, LANGUAGE, DEVICE, TARGET, FORCE, o.LANG, o.HOME, o.THREADS, o.QUIET, o.DEBUG
)  # fmt: skip
def transcribe(
    media: tuple[Path, ...], model: str | None, download: bool, language: str, device: str, folder: Path | None,
    force: bool, quiet: bool, **call: Any,
) -> None:  # fmt: skip
    from perla.app.cli import _settings
    from perla.knowledge.transcription.orders import find_orders

    settings = _settings(call)
    _check_folder(folder)
    orders = find_orders(media, folder, force)
    _tell_passed_over(orders, settings)
    failed = len(orders.refused)
    if orders.waiting:
        named = model or os.environ.get(MODEL_VARIABLE, "").strip()
        whisper = _load(named, download, device, settings, quiet)
        whisper.check_language(language)
        failed += _transcribe_all(orders.waiting, whisper, language, settings, quiet)
    if failed:
        click.get_current_context().exit(WRONG_CALL)


def _check_folder(folder: Path | None) -> None:
    if folder is None:
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise InputError(
            f"The option -o must be a folder; {folder} is none ({problem.strerror}).",
            f"La opción -o debe ser una carpeta; {folder} no lo es ({problem.strerror}).",
        ) from problem


def _tell_passed_over(orders: Orders, settings: Settings) -> None:
    from perla.app.cli import _say

    for one in orders.refused:
        complain(one.reason.text(settings.lang))
    if orders.skipped:
        _say([fill("transcribed already: {n} recordings; --force does them anew",
                   "ya transcritas: {n} grabaciones; --force las hace de nuevo", n=len(orders.skipped))],
             settings.lang)  # fmt: skip
    elif not orders.waiting and not orders.refused:
        raise InputError("There is no audio or video there. Name a recording, or a folder that holds some.",
                         "Ahí no hay audio ni video. Indique una grabación, o una carpeta que las tenga.")  # fmt: skip


def _load(name: str, download: bool, device: str, settings: Settings, quiet: bool) -> Whisper:
    from perla.app.settings import limit_threads
    from perla.app.show import at_work
    from perla.knowledge.transcription.model import DEFAULT_MODEL, find_model, is_folder, tell_download
    from perla.knowledge.transcription.whisper import Whisper

    name = name or DEFAULT_MODEL
    if download and not is_folder(name):
        complain(tell_download(name).text(settings.lang))
    with at_work(settings.lang, quiet) as tell, limit_threads(settings.threads):
        tell(fill("loading the model {name}", "cargando el modelo {name}", name=name), 0.0)
        return Whisper(find_model(name, download), device, settings.threads)


def _transcribe_all(orders: tuple[Order, ...], whisper: Whisper, language: str, settings: Settings, quiet: bool) -> int:
    """How many recordings could not be transcribed; one that fails does not keep the others waiting."""
    from perla.app.cli import _say
    from perla.app.settings import limit_threads
    from perla.app.show import at_work
    from perla.knowledge.transcription.hotwords import choose_hotwords
    from perla.knowledge.transcription.transcribing import transcribe as hear
    from perla.knowledge.transcription.vocabulary import vocabulary_at

    terms, uses = vocabulary_at(settings.home)
    hotwords = choose_hotwords(terms, uses, whisper.count_tokens)
    own = [term.name for term in terms if term.origin != "shipped" and term.name in set(hotwords)]
    _say([_tell_hotwords(hotwords, own)], settings.lang)
    failed = 0
    for order in orders:
        try:
            with at_work(settings.lang, quiet) as tell, limit_threads(settings.threads):
                done = hear(order, whisper, language, hotwords, tell)
        except PerlaError as problem:
            complain(problem.text(settings.lang))
            failed += 1
        except KeyboardInterrupt:
            complain(KEPT.text(settings.lang))
            raise
        else:
            _say(_tell_done(done), settings.lang)
    return failed


def _tell_hotwords(hotwords: tuple[str, ...], own: list[str]) -> Text:
    from perla.reports.untrusted import one_line

    some = one_line(", ".join([*own, *(name for name in hotwords if name not in own)][:TERMS_SHOWN]))
    return fill(
        "The model is told of {n} terms, {own} of them yours: {some} ...",
        "Al modelo se le anuncian {n} términos, {own} de ellos suyos: {some} ...",
        n=len(hotwords), own=len(own), some=some,
    )  # fmt: skip


def _tell_done(done: Transcribed) -> list[Text]:
    from perla.knowledge.passages import clock
    from perla.reports.untrusted import one_line
    from perla.words import number

    table = str(done.order.table)
    said = [fill(
        "{table}: {length}, {speech} of it with a voice; {rows} rows, {words} words, language {language}. The time of "
        "every word: {json}",
        "{table}: {length}, de eso {speech} con voz; {rows} filas, {words} palabras, idioma {language}. El tiempo de "
        "cada palabra: {json}",
        table=one_line(table, LONGEST_PATH), length=clock(done.duration_s), speech=clock(done.speech_s),
        rows=number(done.rows),
        words=number(done.words), language=done.language or "?", json=one_line(done.order.words.name),
    )]  # fmt: skip
    if done.resumed_s:
        said.append(fill("  went on at {at}, where an earlier call had ended",
                         "  continuó en {at}, donde había quedado una llamada anterior",
                         at=clock(done.resumed_s)))  # fmt: skip
    if done.removed:
        parts = [fill("{why} ({n} words)", "{why} ({n} palabras)", why=why.label, n=number(count))
                 for why, count in sorted(done.removed.items())]  # fmt: skip
        said.append(Text("  taken out: ", "  se quitó: ") + join(parts, ", "))
    said += [same("  ") + note for note in done.notes]
    return [
        *said,
        fill(
            "  next: perla learn {table}",
            "  sigue: perla learn {table}",
            table=one_line(shlex.quote(table), LONGEST_PATH),
        ),
    ]
