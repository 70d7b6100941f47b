"""A tiny Whisper in the form of real ones, and speech by a machine: no weights are fetched, no voice is a person's."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from ctranslate2.specs.whisper_spec import WhisperSpec
    from tokenizers import Tokenizer

WIDTH, HEADS, MELS = 48, 2, 80
MARK_OF_MULTILINGUAL = ""  # a token that only the models of many languages have; CTranslate2 tells them by it
SENTENCE = ("hoy", "vemos", "el", "árbol", "de", "decisión")
SPOKEN = (
    "Hola a todos. Hoy vamos a hablar de los árboles de decisión y del gradiente. Después veremos un ejemplo en el "
    "cuaderno, y al final quedan unos minutos para preguntas."
)


def languages() -> tuple[str, ...]:
    """The codes of the languages Whisper knows, in its order."""
    from faster_whisper import tokenizer

    return tokenizer._LANGUAGE_CODES


def make_tokenizer(multilingual: bool) -> Tokenizer:
    """Letters, the words of the sentence, and the special tokens and times of Whisper."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    vocabulary = {sign: place for place, sign in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    for word in SENTENCE:
        vocabulary[byte_level.pre_tokenize_str(f" {word}")[0][0]] = len(vocabulary)
    special = [
        "<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in languages()), "<|translate|>",
        "<|transcribe|>", "<|startoflm|>", "<|startofprev|>", "<|nospeech|>", "<|notimestamps|>",
    ]  # fmt: skip
    times = [f"<|{place * 0.02:.2f}|>" for place in range(1501)]
    if multilingual:
        vocabulary[MARK_OF_MULTILINGUAL] = len(vocabulary)
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer, tokenizer.decoder = byte_level, decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in special])
    tokenizer.add_tokens([AddedToken(token, special=False, normalized=False) for token in times])
    return tokenizer


def norm(layer: Any) -> None:
    layer.gamma, layer.beta = np.ones(WIDTH, np.float32), np.zeros(WIDTH, np.float32)


class Dice:
    """Small random numbers for the parts of a model."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def throw(self, *shape: int, scale: float = 0.3) -> np.ndarray:
        return (self.rng.normal(size=shape) * scale).astype(np.float32)

    def linear(self, layer: Any, out: int, into: int, scale: float = 0.3) -> None:
        layer.weight, layer.bias = self.throw(out, into, scale=scale), np.zeros(out, np.float32)

    def convolution(self, layer: Any, into: int) -> None:
        layer.weight, layer.bias = self.throw(WIDTH, into, 3), np.zeros(WIDTH, np.float32)

    def block(self, layer: Any, crossed: bool, scale: float) -> None:
        """Attention and what follows; with a scale of 0 a block adds nothing to what goes through it."""
        parts = [("self_attention", (3, 1))] + ([("attention", (1, 2, 1))] if crossed else [])
        for name, widths in parts:
            attention = getattr(layer, name)
            norm(attention.layer_norm)
            for place, width in enumerate(widths):
                last = place == len(widths) - 1
                self.linear(attention.linear[place], width * WIDTH, WIDTH, scale if last else 0.3)
        norm(layer.ffn.layer_norm)
        self.linear(layer.ffn.linear_0, 4 * WIDTH, WIDTH)
        self.linear(layer.ffn.linear_1, WIDTH, 4 * WIDTH, scale)


def make_spec(tokenizer: Tokenizer, following: dict[str, str], seed: int = 0) -> WhisperSpec:
    """One layer each, at random; but what is said next depends on the token before alone, as ``following`` says."""
    from ctranslate2.specs.whisper_spec import WhisperSpec

    dice, size = Dice(seed), tokenizer.get_vocab_size()
    spec = WhisperSpec(1, HEADS, 1, HEADS)
    encoder, decoder = spec.encoder, spec.decoder
    dice.convolution(encoder.conv1, MELS)
    dice.convolution(encoder.conv2, WIDTH)
    encoder.position_encodings.encodings = dice.throw(1500, WIDTH)
    decoder.position_encodings.encodings = np.zeros((448, WIDTH), np.float32)
    norm(encoder.layer_norm)
    norm(decoder.layer_norm)
    dice.block(encoder.layer[0], crossed=False, scale=0.3)
    dice.block(decoder.layer[0], crossed=True, scale=0.0)
    decoder.embeddings.weight = dice.throw(size, WIDTH, scale=1.0)
    decoder.projection.weight = np.zeros((size, WIDTH), np.float32)
    for before, after in following.items():
        row = decoder.embeddings.weight[tokenizer.token_to_id(before)]
        decoder.projection.weight[tokenizer.token_to_id(after)] += row / np.linalg.norm(row) * 4.0
    return spec


def make_whisper(folder: Path, ends: bool = True, multilingual: bool = True) -> Path:
    """A model's folder: it says one sentence in every half minute. ends : else it says it again and again."""
    from tokenizers import pre_tokenizers

    tokenizer = make_tokenizer(multilingual)
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    words = [byte_level.pre_tokenize_str(f" {word}")[0][0] for word in SENTENCE]
    chain = ["<|transcribe|>", "<|0.00|>", *words, *(["<|4.00|>", "<|endoftext|>"] if ends else [words[0]])]
    following = dict(itertools.pairwise(chain)) | {"<|startoftranscript|>": "<|es|>"}
    spec = make_spec(tokenizer, following)
    spec.config.lang_ids = [tokenizer.token_to_id(f"<|{code}|>") for code in languages()]
    spec.config.suppress_ids, spec.config.suppress_ids_begin = [], [tokenizer.token_to_id("<|endoftext|>")]
    spec.config.alignment_heads = [[0, 0], [0, 1]]
    spec.register_vocabulary([tokenizer.id_to_token(place) for place in range(tokenizer.get_vocab_size())])
    spec.validate()
    spec.optimize(quantization="int8")
    folder.mkdir(parents=True, exist_ok=True)
    spec.save(str(folder))
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": MELS, "sampling_rate": 16000}))
    return folder


@pytest.fixture(scope="session")
def tiny_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that says one made-up sentence, whatever it hears."""
    pytest.importorskip("faster_whisper", reason="the extra speech is not installed")
    return make_whisper(tmp_path_factory.mktemp("whisper") / "tiny")


@pytest.fixture(scope="session")
def stuck_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that says the same words again and again until its window is full."""
    pytest.importorskip("faster_whisper", reason="the extra speech is not installed")
    return make_whisper(tmp_path_factory.mktemp("whisper") / "stuck", ends=False)


@pytest.fixture(scope="session")
def english_whisper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows one language, as those whose names end in .en."""
    pytest.importorskip("faster_whisper", reason="the extra speech is not installed")
    return make_whisper(tmp_path_factory.mktemp("whisper") / "english", multilingual=False)


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some twelve seconds of Spanish, spoken by espeak-ng."""
    espeak = shutil.which("espeak-ng")
    if espeak is None:
        pytest.skip("espeak-ng is not installed: there is no speech to transcribe")
    path = tmp_path_factory.mktemp("speech") / "hola.wav"
    subprocess.run([espeak, "-v", "es", "-s", "150", "-w", str(path), SPOKEN], check=True, timeout=60)
    return path


@pytest.fixture
def perla(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable:
    """A call of the command line in this process: its code, its stdout and its stderr."""
    from perla.app.cli import main

    monkeypatch.setenv("PERLA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PERLA_THREADS", "1")
    monkeypatch.delenv("PERLA_WHISPER_MODEL", raising=False)

    def call(*words: object) -> tuple[int, str, str]:
        code = main([str(word) for word in words], standalone_mode=False)
        said = capsys.readouterr()
        return code, said.out, said.err

    return call
