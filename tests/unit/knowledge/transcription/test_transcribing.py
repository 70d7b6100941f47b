"""From a recording to its transcript, with a recogniser whose words are known."""

import json
from dataclasses import dataclass, field

import pytest

from perla.errors import InputError
from perla.knowledge.transcription.orders import Order
from perla.knowledge.transcription.said import Said, SaidWord, Why
from perla.knowledge.transcription.transcribing import transcribe
from perla.knowledge.transcription.whisper import Heard


@dataclass
class Parrot:
    """Says the number of the piece, ten seconds into it; may be stopped at one."""

    identity: str = "parrot"
    stop_at: int = -1
    language: str = "es"
    sure: bool = True
    extra: tuple[Said, ...] = ()
    asked: list[tuple[str, int, int]] = field(default_factory=list)

    def hear(self, samples, language, hotwords, seed, tell):
        if len(self.asked) == self.stop_at:
            raise KeyboardInterrupt
        self.asked.append((language, seed, len(samples)))
        tell(5.0)
        words = tuple(SaidWord(text, 10 + k, 10.5 + k, 0.9) for k, text in enumerate(("desde", str(seed))))
        return Heard((Said(words, 0.01, -0.1), *self.extra), self.language, self.sure, 20.0)


@pytest.fixture
def order(record, tmp_path):
    pytest.importorskip("faster_whisper", reason="the extra speech is not installed")
    return Order(record("talk.wav", 300), tmp_path / "talk.csv")


def silent(what, share):
    pass


def run(order, parrot, language="es", hotwords=()):
    return transcribe(order, parrot, language, hotwords, silent)


def test_every_word_stands_at_its_second_of_the_recording(order):
    parrot = Parrot()
    done = run(order, parrot)
    segments = json.loads(order.words.read_text("utf-8"))["segments"]
    assert [segment["words"][0]["start"] for segment in segments] == pytest.approx(
        [10 + float(segment["words"][1]["word"]) for segment in segments], abs=1
    )
    assert sum(length for _, _, length in parrot.asked) == 300 * 16_000
    assert (done.duration_s, done.speech_s, done.words) == (300, 60, 6)
    assert not order.partial.exists()


def test_a_run_that_was_stopped_goes_on_at_the_next_piece_and_ends_the_same(order, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(order, Parrot(stop_at=2))
    assert not order.table.exists()
    again = Parrot()
    done = run(order, again)
    assert len(again.asked) == 1
    assert done.resumed_s == pytest.approx(again.asked[0][1], abs=1)
    resumed = order.table.read_bytes(), order.words.read_bytes()
    run(order, Parrot())
    assert (order.table.read_bytes(), order.words.read_bytes()) == resumed


@pytest.mark.parametrize(
    ("parrot", "how"),
    [(Parrot("other"), {}), (Parrot(), {"language": "en"}), (Parrot(), {"hotwords": ("CUDA",)})],
    ids=["model", "language", "hotwords"],
)
def test_other_settings_begin_anew_and_say_so(order, parrot, how):
    with pytest.raises(KeyboardInterrupt):
        run(order, Parrot(stop_at=1))
    done = run(order, parrot, **how)
    assert done.resumed_s == 0
    assert any("begun anew" in note.en for note in done.notes)


def test_a_changed_recording_begins_anew(order, record):
    with pytest.raises(KeyboardInterrupt):
        run(order, Parrot(stop_at=1))
    record("talk.wav", 250)
    assert run(order, Parrot()).resumed_s == 0


def test_the_language_is_decided_once_by_the_first_piece_that_is_sure(order):
    parrot = Parrot(language="es")
    run(order, parrot, "auto")
    assert [language for language, _, _ in parrot.asked] == ["auto", "es", "es"]
    assert order.table.read_text("utf-8").splitlines()[1].split(",")[2] == "es"
    unsure = Parrot(language="en", sure=False)
    assert run(order, unsure, "auto").language == "en"
    assert [language for language, _, _ in unsure.asked] == ["auto"] * 3


def test_what_was_made_up_is_counted_in_words(order):
    phantom = Said(
        tuple(SaidWord(text, 30, 31, 0.9) for text in ["Subtítulos", "por", "la", "comunidad", "de", "Amara.org"]), 0, 0
    )
    done = run(order, Parrot(extra=(phantom,)))
    assert done.removed == {Why.PHANTOM: 18}
    assert len(json.loads(order.words.read_text("utf-8"))["removed"]) == 3


def test_where_nobody_speaks_nothing_is_written(order, tmp_path):
    class Deaf(Parrot):
        def hear(self, samples, language, hotwords, seed, tell):
            return Heard((), language, False, 0.0)

    with pytest.raises(InputError, match="Nobody was heard"):
        run(order, Deaf())
    assert [path.name for path in tmp_path.iterdir()] == ["talk.wav"]


def test_progress_is_told_in_seconds_of_the_recording(order):
    told = []
    transcribe(order, Parrot(), "es", (), lambda what, share: told.append((what.es, share)))
    assert told[-1][0].startswith("talk.wav 00:0")
    assert told[-1][0].endswith("/ 00:05:00")
    shares = [share for _, share in told]
    assert shares == sorted(shares)
