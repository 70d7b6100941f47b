"""A Whisper model at work, by faster-whisper and CTranslate2: the only file that knows either."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from perla.errors import InputError
from perla.knowledge.transcription.media import RATE, missing_extra
from perla.knowledge.transcription.model import Model, check_config
from perla.knowledge.transcription.said import Said, SaidWord

AUTO = "auto"
SURE_OF_LANGUAGE, ENOUGH_SPEECH_S = 0.5, 5.0
NEEDED_TOKENS = ("<|startoftranscript|>", "<|endoftext|>", "<|notimestamps|>", "<|startofprev|>")
BEAM = 5
NOTHING = " \t\r\n\ufffd"  # tokens that are no whole letter are written as the last of these


@dataclass(frozen=True)
class Heard:
    """What was heard in a piece; times count from its start. language : as it was taken. sure : whether the model is
    sure of it. speech_s : seconds with a voice."""

    said: tuple[Said, ...]
    language: str
    sure: bool
    speech_s: float


class Whisper:
    """A model, loaded.

    model : where it stands. device : {'cpu', 'cuda'}. threads : of the processor.
    """

    def __init__(self, model: Model, device: str = "cpu", threads: int = 1) -> None:
        self.model, self.device = model, device
        self._whisper = _load(model, device, threads)

    @property
    def identity(self) -> str:
        """What its transcripts depend on."""
        from faster_whisper import __version__

        return f"{self.model.digest} {self.device} faster-whisper {__version__}"

    def check_language(self, language: str) -> None:
        """Raises InputError where the model does not know a language."""
        if language not in (AUTO, *self._whisper.supported_languages):
            raise InputError(
                f"The model {self.model.name} understands English alone; use one without .en, or --language en.",
                f"El modelo {self.model.name} solo entiende inglés; use uno sin .en, o --language en.",
            )

    def count_tokens(self, text: str) -> int:
        """How many of the model's tokens a text takes."""
        return len(self._whisper.hf_tokenizer.encode(text, add_special_tokens=False).ids)

    def hear(
        self, samples: np.ndarray, language: str, hotwords: Sequence[str], seed: int, tell: Callable[[float], None]
    ) -> Heard:
        """What is said in int16 samples at 16 kHz, with the times of its words.

        Same samples, same seed, same words on the same machine. tell : is told the second it has come to.
        """
        if not samples.any():
            return Heard((), language, False, 0.0)
        try:
            return self._hear(samples, language, hotwords, seed, tell)
        except RuntimeError as problem:  # as CTranslate2 says that memory or a card gave out
            why = " ".join(str(problem).split())[:200]
            raise InputError(
                f"The model {self.model.name} failed: {why}. What was heard is kept; try a smaller model.",
                f"El modelo {self.model.name} falló: {why}. Lo oído se conserva; pruebe un modelo más pequeño.",
            ) from problem

    def _hear(
        self, samples: np.ndarray, language: str, hotwords: Sequence[str], seed: int, tell: Callable[[float], None]
    ) -> Heard:
        import ctranslate2
        from faster_whisper.vad import VadOptions

        ctranslate2.set_random_seed(seed)
        segments, info = self._whisper.transcribe(
            samples.astype(np.float32) / 32768.0,
            language=None if language == AUTO else language,
            beam_size=BEAM,
            condition_on_previous_text=False,  # one loop would pass into the next window, and hotwords need the room
            no_speech_threshold=None,  # perla takes silence out itself, and counts it
            hotwords=", ".join(hotwords) or None,
            word_timestamps=True,
            vad_filter=True,
            vad_parameters=VadOptions(min_silence_duration_ms=1000),
        )
        said = tuple(_said(segments, len(samples) / RATE, tell))
        sure = info.language_probability >= SURE_OF_LANGUAGE and info.duration_after_vad >= ENOUGH_SPEECH_S
        return Heard(said, info.language, sure, float(info.duration_after_vad))


def _said(segments: Iterator[Any], most_s: float, tell: Callable[[float], None]) -> Iterator[Said]:
    """Segments with a word, every time inside the piece."""
    for segment in segments:
        tell(min(float(segment.end), most_s))
        words = tuple(_words(segment, most_s))
        if words:
            log_probability = float(segment.avg_logprob)
            yield Said(
                words, float(segment.no_speech_prob), log_probability if math.isfinite(log_probability) else -9.0
            )


def _words(segment: Any, most_s: float) -> Iterator[SaidWord]:
    if segment.words:
        for word in segment.words:
            if word.word.strip(NOTHING):
                yield _word(word.word, float(word.start), float(word.end), float(word.probability), most_s)
        return
    texts = [
        text for text in segment.text.split() if text.strip(NOTHING)
    ]  # the model could not align them: they share the segment's time
    each = max(0.0, float(segment.end) - float(segment.start)) / max(1, len(texts))
    sure = math.exp(min(0.0, float(segment.avg_logprob)))
    for place, text in enumerate(texts):
        start = float(segment.start) + place * each
        yield _word(text, start, start + each, sure, most_s)


def _word(text: str, start: float, end: float, probability: float, most_s: float) -> SaidWord:
    start = min(max(0.0, start), most_s)
    return SaidWord(" ".join(text.split()), start, min(max(start, end), most_s), min(max(0.0, probability), 1.0))


def _load(model: Model, device: str, threads: int) -> Any:
    try:
        import ctranslate2
        from faster_whisper import WhisperModel
    except ImportError as missing:
        raise missing_extra() from missing
    logging.getLogger("faster_whisper").setLevel(logging.ERROR)
    if device == "cuda" and not ctranslate2.get_cuda_device_count():
        raise InputError("--device cuda needs an NVIDIA graphics card that CTranslate2 can use; there is none.",
                         "--device cuda necesita una tarjeta NVIDIA que CTranslate2 pueda usar; no hay.")  # fmt: skip
    check_config(model.folder)
    try:
        whisper = WhisperModel(
            str(model.folder), device=device, compute_type="int8" if device == "cpu" else "float16",
            cpu_threads=threads, local_files_only=True,
        )  # fmt: skip
        if any(whisper.hf_tokenizer.token_to_id(token) is None for token in NEEDED_TOKENS):
            raise ValueError("tokenizer.json is not of Whisper")
        if whisper.model.n_mels != len(whisper.feature_extractor.mel_filters):
            raise ValueError(f"preprocessor_config.json must say feature_size {whisper.model.n_mels}")
    except Exception as problem:  # the tokenizer's library raises bare Exception
        why = " ".join(str(problem).split())[:200] or type(problem).__name__
        raise InputError(
            f"The model in {model.folder} cannot be loaded: {why}. Get it anew, or give another.",
            f"El modelo de {model.folder} no se puede cargar: {why}. Obténgalo de nuevo, o indique otro.",
        ) from problem
    return whisper
