"""Audio out of any recording, a little at a time and each sample at its second; by PyAV, no program is called."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from perla.errors import FileError, InputError, MissingExtraError
from perla.knowledge.passages import NAN

RATE = 16_000  # samples a second, as Whisper hears
NOTABLE_GAP_S, LONGEST_GAP_S = 0.25, 4 * 3600.0
SILENCE_BLOCK = 60 * RATE
LONGEST_RECORDING_S = 24 * 3600.0
SHORTEST_S = 0.1
FORMATS = ("mov", "matroska", "webm", "mp3", "wav", "w64", "ogg", "flac", "aac", "avi", "asf", "mpeg", "mpegts", "flv",
           "aiff", "caf", "amr", "au")  # fmt: skip
ALLOWED = {"protocol_whitelist": "file", "format_whitelist": ",".join(FORMATS)}  # a playlist would lead elsewhere


@dataclass
class Listening:
    """A recording while it is heard. damaged : parts that could not be decoded. filled_s : silence put into gaps."""

    path: Path
    told_s: float
    damaged: int = 0
    filled_s: float = 0.0
    samples: int = field(default=0)

    @property
    def heard_s(self) -> float:
        return self.samples / RATE

    @property
    def cut_off(self) -> bool:
        """Whether the file ends clearly before it says it does."""
        return math.isfinite(self.told_s) and self.told_s - self.heard_s > max(2.0, 0.02 * self.told_s)


def length_of(path: Path) -> float:
    """Seconds a recording says it lasts, not a number where it does not say.

    Raises FileError for a file that is not there, InputError for one without sound.
    """
    with _opened(path) as (container, _):
        return _told(container)


def listen(path: Path) -> tuple[Listening, Iterator[np.ndarray]]:
    """The sound of a recording as blocks of int16 samples at 16 kHz, one channel, and how the listening goes.

    Gaps in the times of the file are filled with silence, so that a sample's place is its second in a player.
    """
    heard = Listening(path, NAN)
    return heard, _blocks(heard)


def _blocks(heard: Listening) -> Iterator[np.ndarray]:
    with _opened(heard.path) as (container, stream):
        heard.told_s = _told(container)
        begins = (container.start_time or 0) / 1e6
        resampler = _resampler()
        for frame in _frames(container, stream, heard):
            at = frame.time
            yield from _silence(heard, NAN if at is None else at - begins)
            frame.pts = None
            try:
                resampled = resampler.resample(frame)
            except ValueError:  # the sound changes its form on the way
                yield from _counted(heard, resampler.resample(None))
                resampler = _resampler()
                resampled = resampler.resample(frame)
            yield from _counted(heard, resampled)
            if heard.heard_s > LONGEST_RECORDING_S:
                raise _too_long(heard.path)
        yield from _counted(heard, resampler.resample(None))
    if heard.heard_s < SHORTEST_S:
        raise _silent(heard.path)


def _resampler() -> Any:
    import av

    return av.AudioResampler(format="s16", layout="mono", rate=RATE)


def _frames(container: Any, stream: Any, heard: Listening) -> Iterator[Any]:
    """Decoded frames; a damaged part is counted and left out, and a file that breaks off ends there."""
    import av

    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except (av.FFmpegError, OSError):
            heard.damaged += 1
            return
        if packet is None:
            return
        try:
            yield from packet.decode()
        except (av.FFmpegError, ValueError):
            heard.damaged += 1


def _counted(heard: Listening, frames: list[Any]) -> Iterator[np.ndarray]:
    for frame in frames:
        samples = frame.to_ndarray().reshape(-1)
        heard.samples += len(samples)
        yield samples


def _silence(heard: Listening, at_s: float) -> Iterator[np.ndarray]:
    """Silence up to the second a frame stands at, where something is missing before it."""
    gap_s = at_s - heard.heard_s
    if not NOTABLE_GAP_S < gap_s < LONGEST_GAP_S:
        return
    missing = int(gap_s * RATE)
    heard.filled_s += missing / RATE
    while missing > 0:
        block = np.zeros(min(missing, SILENCE_BLOCK), np.int16)
        missing -= len(block)
        heard.samples += len(block)
        yield block


@contextmanager
def _opened(path: Path) -> Iterator[tuple[Any, Any]]:
    """A container and its best audio stream."""
    av = _av()
    _check_file(path)
    try:
        container = av.open(str(path.absolute()), mode="r", options=ALLOWED, metadata_errors="ignore")
    except (av.FFmpegError, OSError, ValueError) as problem:
        raise _no_recording(path) from problem
    with container:
        if not container.streams.audio:
            raise InputError(
                f"{path} has no sound: it must be a recording with an audio track.",
                f"{path} no tiene sonido: debe ser una grabación con pista de audio.",
            )
        stream = container.streams.best("audio") or container.streams.audio[0]
        if getattr(stream, "codec_context", None) is None:
            raise InputError(
                f"The sound of {path} is in a form that cannot be decoded here. Save it as MP3, WAV or MP4 (AAC).",
                f"El sonido de {path} está en un formato que aquí no se puede decodificar. Guárdelo como MP3, WAV o "
                "MP4 (AAC).",
            )
        yield container, stream


def _av() -> Any:
    try:
        import av
    except ImportError as missing:
        raise missing_extra() from missing
    av.logging.set_level(av.logging.PANIC)
    return av


def missing_extra() -> MissingExtraError:
    return MissingExtraError(
        "Transcribing needs faster-whisper and PyAV. Install them with: pip install 'perla[speech]'",
        "Transcribir necesita faster-whisper y PyAV. Instálelos con: pip install 'perla[speech]'",
    )


def _check_file(path: Path) -> None:
    """Only plain files are opened: the library would also take addresses and lists of files."""
    try:
        size = path.stat().st_size if path.is_file() else -1
    except OSError:
        size = -1
    if size < 0:
        raise FileError(f"{path} must be a recording; there is no such file.",
                        f"{path} debe ser una grabación; no existe ese archivo.")  # fmt: skip
    if size == 0:
        raise InputError(f"{path} is empty: it must be a recording.", f"{path} está vacío: debe ser una grabación.")


def _told(container: Any) -> float:
    return container.duration / 1e6 if container.duration and container.duration > 0 else NAN


def _no_recording(path: Path) -> InputError:
    return InputError(
        f"{path} is no recording that can be read: it is damaged, was broken off, or holds something else. Check that "
        "it plays.",
        f"{path} no es una grabación que se pueda leer: está dañada, quedó cortada o contiene otra cosa. Revise que "
        "se reproduzca.",
    )


def _silent(path: Path) -> InputError:
    return InputError(
        f"{path} holds no sound that can be decoded. Check that it plays.",
        f"{path} no contiene sonido que se pueda decodificar. Revise que se reproduzca.",
    )


def _too_long(path: Path) -> InputError:
    return InputError(
        f"{path} is longer than 24 hours, the most perla transcribes at once. Cut it into parts.",
        f"{path} dura más de 24 horas, lo máximo que perla transcribe de una vez. Divídala en partes.",
    )
