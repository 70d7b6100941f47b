"""perla transcribe from the call to the table: real loading, real decoding, made-up weights, speech by a machine.

The model says one sentence whatever it hears, so these tests prove the road and nothing about accuracy.
"""

from __future__ import annotations

import csv
import json
import shutil
import signal
import subprocess
import sys
import wave

import numpy as np
import pytest

from perla.knowledge.reading.files import read_paths


def write_wave(path, samples, rate: int = 16_000):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def read_wave(path):
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2"), file.getframerate()


@pytest.fixture
def talk(speech, tmp_path):
    return shutil.copy(speech, tmp_path / "3. Árboles (2024-05-15).wav")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_recording_becomes_a_table_that_is_learned_with_session_day_and_minute(perla, tiny_whisper, talk, tmp_path):
    code, out, err = perla("transcribe", talk, "--model", tiny_whisper, "--language", "es")
    assert (code, err) == (0, "")
    assert "hoy" not in out
    row = rows_of(talk.with_suffix(".csv"))[0]
    assert row["Transcript"] == "hoy vemos el árbol de decisión"
    assert row["Language code"] == "es"
    assert 0 < float(row["Confidence"]) <= 1
    words = json.loads(talk.with_suffix(".json").read_text("utf-8"))["segments"][0]["words"]
    assert [word["word"] for word in words] == ["hoy", "vemos", "el", "árbol", "de", "decisión"]
    assert all(0 <= word["start"] <= word["end"] <= 20 for word in words)
    assert len({word["probability"] for word in words}) > 1  # each aligned by itself
    readings, passed = read_paths([tmp_path])
    source = readings[0].source
    assert (len(readings), source.session, source.day, source.media) == (1, "3", "2024-05-15", str(talk))
    assert readings[0].spans[0].text == "hoy vemos el árbol de decisión"
    assert any("same recording" in one.reason.en for one in passed)


def test_the_sound_of_a_video_is_transcribed(perla, tiny_whisper, speech, tmp_path):
    av = pytest.importorskip("av")
    samples, rate = read_wave(speech)
    path = tmp_path / "meeting.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=rate, layout="mono")
        video = container.add_stream("mpeg4", rate=1)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        for at in range(0, len(samples), 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, at : at + 1024].copy(), format="s16", layout="mono")
            frame.sample_rate, frame.pts = rate, at
            container.mux(stream.encode(frame))
        container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        container.mux(stream.encode(None))
        container.mux(video.encode(None))
    code, _, err = perla("transcribe", path, "--model", tiny_whisper, "--lang", "es")
    assert (code, err) == (0, "")
    assert rows_of(tmp_path / "meeting.csv")[0]["Language code"] == "es"


def test_a_model_that_is_stuck_leaves_one_turn_and_the_rest_is_told(perla, stuck_whisper, talk):
    code, out, _ = perla("transcribe", talk, "--model", stuck_whisper, "--language", "es")
    assert code == 0
    assert "taken out: loops" in out
    assert rows_of(talk.with_suffix(".csv"))[0]["Transcript"] == "hoy vemos el árbol de decisión"


def test_the_voice_detector_hears_nobody_in_a_hum_and_needs_no_network(perla, tiny_whisper, tmp_path):
    hum = write_wave(tmp_path / "hum.wav", 2000 * np.sin(np.arange(16_000 * 5) / 30))
    code, _, err = perla("transcribe", hum, "--model", tiny_whisper)
    assert code == 2
    assert "Nobody was heard speaking" in err
    assert [path.name for path in tmp_path.iterdir()] == ["hum.wav"]


KILLED = """
import os, signal, sys
from pathlib import Path
from perla.knowledge.transcription.model import find_model
from perla.knowledge.transcription.orders import Order
from perla.knowledge.transcription.transcribing import transcribe
from perla.knowledge.transcription.whisper import Whisper

class Killed(Whisper):
    pieces = 0
    def hear(self, *about):
        if self.pieces == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        self.pieces += 1
        return super().hear(*about)

media = Path(sys.argv[1])
transcribe(Order(media, media.with_suffix(".csv")), Killed(find_model(sys.argv[2])), "auto", (), lambda *said: None)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed as Unix does it")
def test_a_killed_run_goes_on_where_it_was_and_ends_as_if_it_had_not_been_killed(tiny_whisper, speech, tmp_path):
    from perla.knowledge.transcription.model import find_model
    from perla.knowledge.transcription.orders import Order
    from perla.knowledge.transcription.transcribing import transcribe
    from perla.knowledge.transcription.whisper import Whisper

    samples, rate = read_wave(speech)
    pause = np.zeros(110 * rate, np.int16)
    media = write_wave(tmp_path / "long.wav", np.concatenate([samples, pause, samples, pause, samples]), rate)
    done = subprocess.run([sys.executable, "-c", KILLED, str(media), str(tiny_whisper)], timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL
    assert sorted(path.name for path in tmp_path.iterdir()) == ["long.csv.partial", "long.wav"]
    whisper, order = Whisper(find_model(str(tiny_whisper))), Order(media, tmp_path / "long.csv")
    resumed = transcribe(order, whisper, "auto", (), lambda *said: None)
    assert resumed.resumed_s > 60
    assert resumed.rows == 3
    told = order.table.read_bytes(), order.words.read_bytes()
    transcribe(order, whisper, "auto", (), lambda *said: None)
    assert (order.table.read_bytes(), order.words.read_bytes()) == told
    starts = [float(row["Start time"]) for row in rows_of(order.table)]
    spoken = len(samples) / rate
    assert np.allclose(starts, [0, spoken + 110, 2 * spoken + 220], atol=2)


def test_a_transcript_is_replaced_only_with_force(perla, tiny_whisper, talk):
    table = talk.with_suffix(".csv")
    table.write_text("mine")
    code, _, err = perla("transcribe", talk, "--model", tiny_whisper)
    assert (code, table.read_text()) == (2, "mine")
    assert "--force" in err
    assert perla("transcribe", talk, "--model", tiny_whisper, "--force")[0] == 0
    assert table.read_text("utf-8") != "mine"


def test_of_a_folder_each_is_transcribed_and_a_bad_one_is_told_at_the_end(perla, tiny_whisper, talk, tmp_path):
    shutil.copy(talk, tmp_path / "b.wav")
    (tmp_path / "bad.mp3").write_text("Esto es texto.\n" * 300)
    code, out, err = perla("transcribe", tmp_path, "--model", tiny_whisper, "--lang", "es")
    assert code == 2
    assert "bad.mp3 no es una grabación" in err
    assert out.count("sigue: perla learn") == 2
    again = perla("transcribe", tmp_path, "--model", tiny_whisper, "--lang", "es")
    assert "ya transcritas: 2 grabaciones" in again[1]


def test_the_model_may_be_named_by_the_environment(perla, tiny_whisper, talk, monkeypatch):
    monkeypatch.setenv("PERLA_WHISPER_MODEL", str(tiny_whisper))
    assert perla("transcribe", talk)[0] == 0


def test_terms_added_by_hand_are_told_to_the_model(perla, tiny_whisper, talk, tmp_path):
    from perla.knowledge.ledger import Ledger

    Ledger(tmp_path / "home").add_term("preciosnet", ["preciosnet"], [], "someone")
    code, out, _ = perla("transcribe", talk, "--model", tiny_whisper)
    assert code == 0
    assert "1 of them yours: preciosnet" in out


def test_every_piece_is_heard_with_the_glossary_and_without_the_text_before(perla, tiny_whisper, talk, monkeypatch):
    faster_whisper = pytest.importorskip("faster_whisper", reason="the extra speech is not installed")
    real, given = faster_whisper.WhisperModel.transcribe, []

    def spy(self, audio, **how):
        given.append(how)
        return real(self, audio, **how)

    monkeypatch.setattr(faster_whisper.WhisperModel, "transcribe", spy)
    _, out, _ = perla("transcribe", talk, "--model", tiny_whisper)
    told = given[0]["hotwords"].split(", ")
    assert f"told of {len(told)} terms" in out
    assert len(told) > 5
    assert given[0]["condition_on_previous_text"] is False


def spoil(name: str, content: bytes):
    def do(folder):
        (folder / name).write_bytes(content)

    return do


def cut_weights(folder):
    path = folder / "model.bin"
    path.write_bytes(path.read_bytes()[:50_000])


def other_mels(folder):
    (folder / "preprocessor_config.json").write_text(json.dumps({"feature_size": 128}))


def other_tokenizer(folder):
    told = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    told["added_tokens"] = [one for one in told["added_tokens"] if one["content"] != "<|startoftranscript|>"]
    (folder / "tokenizer.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (cut_weights, "cannot be loaded"), (spoil("model.bin", b""), "cannot be loaded"),
        (spoil("model.bin", b"not a model" * 100), "cannot be loaded"), (spoil("config.json", b"{"), "config.json"),
        (spoil("tokenizer.json", b"{}"), "cannot be loaded"), (other_tokenizer, "cannot be loaded"),
        (other_mels, "feature_size 80"), (lambda folder: (folder / "model.bin").unlink(), "lacks model.bin"),
    ],
    ids=["cut weights", "no weights", "other weights", "config", "tokenizer", "other tokenizer", "mels", "missing"],
)  # fmt: skip
def test_a_damaged_model_is_refused_in_one_line(perla, tiny_whisper, speech, tmp_path, damage, said):
    folder = shutil.copytree(tiny_whisper, tmp_path / "model")
    damage(folder)
    talk = shutil.copy(speech, tmp_path / "talk.wav")
    code, _, err = perla("transcribe", talk, "--model", folder)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "talk.csv").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--language", "fr"], "es, en, auto"), (["--device", "tpu"], "cpu, cuda"),
        (["--model", "./none"], "must be a folder"), (["--model", "smal"], "Did you mean 'small'?"),
        (["--model", "perla-tests/no-such-model"], "is not on this machine. --download"),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_done_says_why(perla, talk, words, said):
    pytest.importorskip("faster_whisper", reason="the extra speech is not installed")
    code, _out, err = perla("transcribe", talk, *words)
    assert code == 2
    assert said in err


def test_a_model_of_english_alone_is_not_asked_for_spanish(perla, english_whisper, talk):
    code, _, err = perla("transcribe", talk, "--model", english_whisper, "--language", "es")
    assert code == 2
    assert "English alone" in err
    assert perla("transcribe", talk, "--model", english_whisper)[0] == 0
    assert rows_of(talk.with_suffix(".csv"))[0]["Language code"] == "en"


def test_a_model_that_gives_out_is_told_and_what_was_heard_is_kept(perla, tiny_whisper, talk, monkeypatch):
    faster_whisper = pytest.importorskip("faster_whisper", reason="the extra speech is not installed")

    def gives_out(*_, **__):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(faster_whisper.WhisperModel, "transcribe", gives_out)
    code, _, err = perla("transcribe", talk, "--model", tiny_whisper, "--lang", "es")
    assert code == 2
    assert "falló: out of memory. Lo oído se conserva" in err


def test_whoever_stops_a_run_is_told_that_it_can_go_on(perla, tiny_whisper, talk, monkeypatch):
    faster_whisper = pytest.importorskip("faster_whisper", reason="the extra speech is not installed")

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(faster_whisper.WhisperModel, "transcribe", stopped)
    code, _, err = perla("transcribe", talk, "--model", tiny_whisper)
    assert code == 130
    assert "the same call goes on from there" in err
    assert not talk.with_suffix(".csv").exists()


def test_a_name_with_odd_signs_cannot_write_on_the_terminal(perla, tiny_whisper, speech, tmp_path):
    odd = shutil.copy(speech, tmp_path / "a\x1b[31m\n$(x).wav")
    code, out, _ = perla("transcribe", odd, "--model", tiny_whisper)
    assert code == 0
    assert "\x1b" not in out
    assert (tmp_path / "a\x1b[31m\n$(x).csv").exists()


def test_a_folder_without_recordings_is_told(perla, tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    code, _, err = perla("transcribe", tmp_path, "--lang", "es")
    assert code == 2
    assert "no hay audio ni video" in err


def test_without_the_extra_the_way_to_install_it_is_told(perla, talk, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    code, _, err = perla("transcribe", talk)
    assert code == 2
    assert "pip install 'perla[speech]'" in err


def test_without_a_card_cuda_is_refused(perla, tiny_whisper, talk):
    ctranslate2 = pytest.importorskip("ctranslate2")
    if ctranslate2.get_cuda_device_count():
        pytest.skip("there is a card here")
    code, _, err = perla("transcribe", talk, "--model", tiny_whisper, "--device", "cuda")
    assert code == 2
    assert "there is none" in err
