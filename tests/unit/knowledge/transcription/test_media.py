"""Sound out of whatever people call a recording; each sample at its second."""

from pathlib import Path

import numpy as np
import pytest

from perla.errors import FileError, InputError, PerlaError
from perla.knowledge.transcription.media import RATE, length_of, listen


def heard(path: Path):
    listening, blocks = listen(path)
    return listening, np.concatenate(list(blocks))


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [("a.wav", "pcm_s16le", 16_000), ("a.mp3", "mp3", 44_100), ("a.m4a", "aac", 48_000), ("a.opus", "libopus", 48_000),
     ("a.flac", "flac", 16_000), ("a.webm", "libopus", 48_000)],
)  # fmt: skip
def test_every_usual_container_is_heard_at_sixteen_thousand_samples_a_second(record, name, codec, rate):
    listening, samples = heard(record(name, 3, codec, rate=rate))
    assert samples.dtype == np.int16
    assert len(samples) / RATE == pytest.approx(3, abs=0.05)
    assert listening.heard_s == len(samples) / RATE
    assert np.abs(samples).max() > 3000
    assert not listening.cut_off


def test_the_sound_of_a_video_is_heard(record):
    path = record("talk.mp4", 3, "aac", rate=48_000, picture=True)
    assert length_of(path) == pytest.approx(3, abs=0.1)
    assert heard(path)[0].heard_s == pytest.approx(3, abs=0.05)


def test_a_gap_in_the_times_becomes_silence_so_that_words_keep_their_second(record):
    tone = (8000 * np.sin(np.arange(3 * 48_000) / 20)).astype(np.int16)
    listening, samples = heard(record("gap.mkv", codec="aac", rate=48_000, parts=[(0.0, tone), (10.0, tone)]))
    assert listening.filled_s == pytest.approx(7, abs=0.1)
    assert not samples[int(3.3 * RATE) : int(9.7 * RATE)].any()
    assert np.abs(samples[int(10.3 * RATE) :]).max() > 3000


def test_a_recording_that_was_cut_off_is_heard_as_far_as_it_goes_and_that_is_known(record):
    whole = record("talk.mp3", 9, "mp3", rate=44_100).read_bytes()
    cut = record("x.wav").with_name("cut.mp3")
    cut.write_bytes(whole[: len(whole) // 3])
    listening, _ = heard(cut)
    assert 2 < listening.heard_s < 4
    assert listening.cut_off


def test_a_damaged_stretch_is_left_out_and_counted(record):
    path = record("talk.mp3", 3, "mp3", rate=44_100)
    content = bytearray(path.read_bytes())
    content[3000:9000] = np.random.default_rng(0).bytes(6000)
    path.write_bytes(content)
    listening, _ = heard(path)
    assert listening.damaged
    assert listening.heard_s > 1.5


def test_a_video_without_sound_is_refused(tmp_path):
    av = pytest.importorskip("av", reason="the extra speech is not installed")
    path = tmp_path / "mute.mp4"
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=1)
        video.width, video.height, video.pix_fmt = 32, 32, "yuv420p"
        for _ in range(3):
            container.mux(video.encode(av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")))
        container.mux(video.encode(None))
    with pytest.raises(InputError, match="no sound"):
        length_of(path)


def spoil_text(content: bytes) -> bytes:
    return b"Esto es solo texto.\n" * 400


def spoil_playlist(content: bytes) -> bytes:
    return b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n"


def spoil_list_of_files(content: bytes) -> bytes:
    return b"ffconcat version 1.0\nfile talk.wav\n"


@pytest.mark.parametrize(
    "spoil",
    [spoil_text, spoil_playlist, spoil_list_of_files, lambda content: b"", lambda content: content[:44],
     lambda content: np.random.default_rng(0).bytes(100_000), lambda content: b"\x00" * 5000],
    ids=["text", "playlist", "list of files", "0 bytes", "no samples", "noise", "zeros"],
)  # fmt: skip
@pytest.mark.parametrize("ending", [".mp3", ".mp4", ".wav"])
def test_what_is_no_recording_is_refused_in_one_sentence(record, spoil, ending):
    path = record("talk.wav", 1)
    spoiled = path.with_name(f"spoiled{ending}")
    spoiled.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(InputError, match=str(spoiled)) as told:
        heard(spoiled)
    assert told.value.text("es") != told.value.text("en")


def test_a_video_that_broke_off_before_its_index_is_refused(record):
    path = record("talk.mp4", 3, "aac", rate=48_000, picture=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="broken off"):
        heard(path)


def test_sound_in_an_unknown_form_is_refused_with_the_way_out(record):
    path = record("talk.wav", 1)
    content = bytearray(path.read_bytes())
    content[20:22] = b"\x77\x77"
    path.write_bytes(content)
    with pytest.raises(InputError, match="Save it as MP3"):
        length_of(path)


@pytest.mark.parametrize("name", ["none.mp3", "http://127.0.0.1:9/x.mp3", "concat:a.mp3|b.mp3", "."])
def test_only_files_are_opened(name):
    pytest.importorskip("av", reason="the extra speech is not installed")
    with pytest.raises(PerlaError) as told:
        length_of(Path(name))
    assert isinstance(told.value, FileError | InputError)
