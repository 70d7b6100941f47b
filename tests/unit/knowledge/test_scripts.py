"""Sources word by word and sentence by sentence, laid out where they are looked at."""

from __future__ import annotations

import pytest

pytest.importorskip("Stemmer", reason="the extra 'knowledge' is not installed")

from hypothesis import given
from hypothesis import strategies as st

from perla.knowledge.cutting import folded_words, write_script
from perla.knowledge.evidence import Texts
from perla.knowledge.passages import Reading, Source, SourceKind, Span
from perla.knowledge.sentences import STRETCH, sentences_of, stretches_of

TALK = Source("talk", SourceKind.RECORDING, "Talk", "talk.csv", "")


def reading(*texts: str) -> Reading:
    return Reading(TALK, tuple(Span(text, 60.0 * n, 60.0 * n + 59) for n, text in enumerate(texts)))


SPOKEN = st.lists(st.text(alphabet="abcé, .\n-", max_size=60), max_size=8)


@given(SPOKEN, st.integers(-10, 60), st.integers(-10, 60))
def test_words_are_the_same_however_they_are_looked_at(texts: list[str], first: int, last: int) -> None:
    words = write_script(reading(*texts)).words
    whole = list(words)
    assert [word.text for word in whole] == folded_words(reading(*texts))
    assert len(words) == len(whole)
    assert list(words[first:last]) == whole[first:last]
    assert [words[place] for place in range(len(whole))] == whole
    assert list(words[::-1]) == whole[::-1]


def test_a_word_beyond_the_last_is_said() -> None:
    with pytest.raises(IndexError):
        write_script(reading("una frase")).words[2]


def test_a_word_knows_its_second_and_its_piece() -> None:
    script = write_script(reading("hola, mundo", "otra vez"))
    word = script.words[3]
    assert (word.text, word.start_s, script.pieces[word.piece]) == ("vez", 60 + 59 / 2, "vez")


def test_sentences_near_a_place_are_those_of_the_whole() -> None:
    minutes = [f"entonces vamos con el tema {n} y luego vemos como sigue " * 14 for n in range(9)]
    texts = Texts([reading(*minutes)])
    every = sentences_of(texts.script("talk"))
    for first, last in ((0, 10), (STRETCH - 5, STRETCH + 200), (900, 901), (0, 10**6)):
        assert texts.near("talk", first, last) == [s for s in every if s.last > first and s.first < last]


def test_sentences_are_the_whole_of_a_talk() -> None:
    talk = write_script(reading(*(["hoy vemos los datos y despues el modelo porque si " * 15] * 5)))
    every = sentences_of(talk)
    assert [s.first for s in every] == [0, *(s.last for s in every[:-1])]
    assert every[-1].last == len(talk.words)
    assert stretches_of(talk)[0][1] >= STRETCH


@pytest.mark.parametrize("texts", [(), ("",), ("...",), ("", "una sola frase", "")])
def test_silence_has_no_sentences(texts: tuple[str, ...]) -> None:
    script = write_script(reading(*texts))
    assert [s.text for s in sentences_of(script)] == [text for text in texts if "frase" in text]
    assert Texts([reading(*texts)]).near("talk", 0, 5) == list(sentences_of(script))
