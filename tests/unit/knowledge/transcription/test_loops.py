"""Loops are told from people who repeat themselves."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from perla.knowledge.transcription.loops import LONGEST_PERIOD, find_loops


def left(words: str) -> str:
    said = words.split()
    out = {place for first, last in find_loops(said) for place in range(first, last)}
    return " ".join(word for place, word in enumerate(said) if place not in out)


def test_a_phrase_said_nine_times_stays_once():
    assert left("bueno " + "vamos a ver " * 9 + "el gradiente") == "bueno vamos a ver el gradiente"


def test_a_person_may_say_no_five_times_and_a_phrase_three_times():
    for said in ("no no no no no eso", "muy bien muy bien muy bien sigamos", "la red aprende y la red aprende"):
        assert left(said) == said


def test_a_long_sentence_said_three_times_on_end_is_a_loop():
    sentence = "entonces el modelo se entrena con los datos de la semana "
    assert left(sentence * 3) == sentence.strip()
    assert left(sentence * 2) == (sentence * 2).strip()


def test_a_loop_that_breaks_off_at_the_end_loses_its_last_turn_too():
    assert left("vamos a ver " * 6 + "vamos a") == "vamos a ver"


def test_one_word_again_and_again_is_a_loop_of_one_word():
    assert left("si " * 40) == "si"


def test_two_loops_are_both_found():
    assert left("a b c " * 6 + "x " * 9 + "fin") == "a b c x fin"


@given(st.lists(st.sampled_from("abc"), max_size=80))
def test_only_what_repeats_the_words_right_before_it_is_taken_out(words):
    runs = find_loops(words)
    for first, last in runs:
        assert any(
            first >= period and all(words[k] == words[k - period] for k in range(first, last))
            for period in range(1, LONGEST_PERIOD + 1)
        )
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(runs))
