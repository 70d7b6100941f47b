"""The road from a recording to its transcript: pieces, each heard and kept; cleaned at the end; written whole."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from perla.errors import FileError, InputError
from perla.knowledge.passages import clock
from perla.knowledge.transcription import partial as kept
from perla.knowledge.transcription.cleaning import clean
from perla.knowledge.transcription.media import RATE, Listening, listen
from perla.knowledge.transcription.orders import Order
from perla.knowledge.transcription.pieces import Piece, cut
from perla.knowledge.transcription.said import Cleaned, Said, Why
from perla.knowledge.transcription.whisper import AUTO, Heard
from perla.knowledge.transcription.written import put_in_place, rows_of, table_of, words_of_transcript
from perla.words import Text, fill, number

Progress = Callable[[Text, float], None]
BEGUN_ANEW = Text(
    "an unfinished transcript of other settings or another file stood there; it was begun anew",
    "había una transcripción sin terminar, de otros ajustes u otro archivo; se empezó de nuevo",
)
WAY = 1  # how pieces are cut; another way does not go on from an older partial file


class Recogniser(Protocol):
    """What turns sound into words: a loaded Whisper model, or a stand-in."""

    @property
    def identity(self) -> str: ...

    def hear(
        self, samples: np.ndarray, language: str, hotwords: Sequence[str], seed: int, tell: Callable[[float], None]
    ) -> Heard: ...


@dataclass(frozen=True)
class Transcribed:
    """A finished transcript.

    duration_s : of the recording. speech_s : of it with a voice. resumed_s : what an earlier run had done of it.
    removed : words taken out, by reason.
    """

    order: Order
    language: str
    duration_s: float
    speech_s: float
    resumed_s: float
    rows: int
    words: int
    removed: Mapping[Why, int]
    notes: tuple[Text, ...]


def transcribe(
    order: Order, recogniser: Recogniser, language: str, hotwords: Sequence[str], tell: Progress
) -> Transcribed:
    """Hear a recording and write its transcript; goes on where a killed run of the same settings ended.

    language : {'es', 'en', 'auto'}. hotwords : terms the recogniser is told of. Raises FileError and InputError.
    """
    digest = _digest(order.media)
    settings = {
        "media": digest, "recogniser": recogniser.identity, "language": language, "way": str(WAY),
        "hotwords": hashlib.sha256("\n".join(hotwords).encode()).hexdigest(),
    }  # fmt: skip
    heard, blocks = listen(order.media)
    with kept.opened(order.partial, settings) as partial:
        resumed = partial.end
        tell(_position(order, resumed / RATE, heard), 0.0)
        for piece in cut(blocks, resumed):
            partial.add(_hear(piece, order, recogniser, _language(language, partial), hotwords, heard, tell))
        done = _finish(order, heard, partial, hotwords, digest, resumed / RATE)
        order.partial.unlink(missing_ok=True)
    return done


def _hear(
    piece: Piece, order: Order, recogniser: Recogniser, language: str, hotwords: Sequence[str], heard: Listening,
    tell: Progress,
) -> kept.Part:  # fmt: skip
    def told(second: float) -> None:
        at = piece.start_s + second
        tell(_position(order, at, heard), _share(at, heard))

    told(0.0)
    found = recogniser.hear(piece.samples, language, hotwords, piece.first // RATE, told)
    said = tuple(_moved(one, piece.start_s) for one in found.said)
    return kept.Part(piece.first, piece.end, said, found.language, found.sure, found.speech_s)


def _language(asked: str, partial: kept.Partial) -> str:
    """Once a piece was surely in one language, the rest of the recording is."""
    return partial.language or asked if asked == AUTO else asked


def _finish(
    order: Order, heard: Listening, partial: kept.Partial, hotwords: Sequence[str], digest: str, resumed_s: float
) -> Transcribed:
    cleaned = clean([one for part in partial.parts for one in part.said], hotwords)
    if not cleaned.said:
        order.partial.unlink(missing_ok=True)
        raise _nobody_speaks(order, cleaned)
    rows, language = rows_of(cleaned.said), partial.likeliest
    about = {
        "media": order.media.name, "sha256": digest, "language": language, "duration": round(heard.heard_s, 3),
        "made_by": "perla transcribe",
    }  # fmt: skip
    put_in_place({order.words: words_of_transcript(cleaned, about), order.table: table_of(rows, language)})
    return Transcribed(
        order, language, heard.heard_s, sum(part.speech_s for part in partial.parts), resumed_s, len(rows),
        sum(len(one.words) for one in cleaned.said), _counts(cleaned), tuple(_notes(heard, partial)),
    )  # fmt: skip


def _counts(cleaned: Cleaned) -> dict[Why, int]:
    """Words that were taken out, by reason."""
    counts: Counter[Why] = Counter()
    for one in cleaned.removed:
        counts[one.why] += len(one.text.split())
    return dict(counts)


def _notes(heard: Listening, partial: kept.Partial) -> list[Text]:
    notes = []
    if partial.anew:
        notes.append(BEGUN_ANEW)
    if heard.cut_off:
        notes.append(fill("the file says it lasts {told}, but ends at {end}: it may have been cut off",
                          "el archivo dice durar {told}, pero termina en {end}: puede estar cortado",
                          told=clock(heard.told_s), end=clock(heard.heard_s)))  # fmt: skip
    if heard.damaged:
        notes.append(fill("{n} damaged parts were left out", "se omitieron {n} partes dañadas", n=heard.damaged))
    if heard.filled_s >= 1:
        notes.append(fill("{n} s missing in the file count as silence", "{n} s que faltan en el archivo cuentan como "
                          "silencio", n=number(heard.filled_s)))  # fmt: skip
    return notes


def _moved(one: Said, by_s: float) -> Said:
    words = (replace(w, start_s=w.start_s + by_s, end_s=w.end_s + by_s) for w in one.words)
    return replace(one, words=tuple(words))


def _position(order: Order, at_s: float, heard: Listening) -> Text:
    until = f" / {clock(heard.told_s)}" if math.isfinite(heard.told_s) else ""
    return fill("{name} {at}{until}", "{name} {at}{until}", name=order.shown, at=clock(at_s), until=until)


def _share(at_s: float, heard: Listening) -> float:
    return min(1.0, at_s / heard.told_s) if math.isfinite(heard.told_s) else 0.0


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise FileError(f"{path} cannot be read ({problem.strerror}).",
                        f"No se puede leer {path} ({problem.strerror}).") from problem  # fmt: skip


def _nobody_speaks(order: Order, cleaned: Cleaned) -> InputError:
    lost = sum(_counts(cleaned).values())
    en = f" ({lost} words that the model made up were left out)" if lost else ""
    es = f" (se omitieron {lost} palabras inventadas por el modelo)" if lost else ""
    return InputError(
        f"Nobody was heard speaking in {order.media}{en}. No transcript was written; check that it is the right file.",
        f"No se oyó hablar a nadie en {order.media}{es}. No se escribió transcripción; revise que sea el archivo "
        "correcto.",
    )
