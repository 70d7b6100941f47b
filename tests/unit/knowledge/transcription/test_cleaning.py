"""What a recogniser makes up is taken out, with the reason; what people say stays."""

import pytest

from perla.knowledge.transcription.cleaning import clean
from perla.knowledge.transcription.said import Said, SaidWord, Why


def said(text: str, start_s: float = 0.0, no_speech: float = 0.01, log_probability: float = -0.2) -> Said:
    words = tuple(
        SaidWord(word, start_s + k * 0.3, start_s + k * 0.3 + 0.25, 0.9) for k, word in enumerate(text.split())
    )
    return Said(words, no_speech, log_probability)


def left(*segments: Said, hotwords: tuple[str, ...] = ()) -> tuple[list[str], list[Why]]:
    cleaned = clean(segments, hotwords)
    return [one.text for one in cleaned.said], [one.why for one in cleaned.removed]


def test_ordinary_speech_is_left_as_it_is():
    talk = [said("Hoy vemos el gradiente, y mañana los árboles."), said("¿Alguna pregunta?", 9)]
    assert clean(talk).said == tuple(talk)
    assert clean(talk).removed == ()


def test_a_sentence_from_under_films_is_taken_out_however_sure_the_model_is():
    texts, why = left(said("Subtítulos realizados por la comunidad de Amara.org"), said("Sigamos con el código.", 20))
    assert texts == ["Sigamos con el código."]
    assert why == [Why.PHANTOM]


def test_thanks_are_taken_out_only_where_the_model_doubts():
    assert left(said("Gracias."))[1] == []
    assert left(said("Gracias.", no_speech=0.5))[1] == [Why.PHANTOM]
    assert left(said("¡Gracias por ver el video!", log_probability=-0.8))[1] == [Why.PHANTOM]


def test_a_phantom_inside_a_longer_sentence_is_speech():
    assert left(said("le dije gracias por ver el video y me fui", no_speech=0.5))[1] == []


@pytest.mark.parametrize("text", ["Subtitles by the Amara.org community", "Más información: www.ejemplo.org"])
def test_the_list_holds_both_languages(text):
    assert left(said(text))[1] == [Why.PHANTOM]


def test_words_where_nobody_speaks_are_taken_out_only_if_the_model_is_unsure_too():
    assert left(said("y el mar", no_speech=0.9, log_probability=-1.4))[1] == [Why.SILENCE]
    assert left(said("y el mar", no_speech=0.9, log_probability=-0.4))[1] == []
    assert left(said("y el mar", no_speech=0.3, log_probability=-1.4))[1] == []


def test_a_loop_over_several_segments_keeps_its_first_turn():
    loop = [said("y eso es lo que hay", 2.0 * k) for k in range(6)]
    texts, why = left(said("Hola a todos"), *loop, said("Ahora el código", 14))
    assert texts == ["Hola a todos", "y eso es lo que hay", "Ahora el código"]
    assert set(why) == {Why.LOOP}


def test_the_same_sentence_minutes_apart_is_no_loop():
    again = [said("¿se ve mi pantalla compartida por favor?", 300.0 * k) for k in range(5)]
    assert left(*again)[1] == []


def test_signs_and_capitals_do_not_hide_a_loop():
    texts, _ = left(said("No, eso. no eso! NO ESO, no, eso; no eso. No eso"))
    assert texts == ["No, eso."]


def test_what_still_squeezes_like_a_loop_is_taken_out():
    numbers = " ".join(f"paso {k} del paso {k} al paso {k}" for k in (1, 2, 1, 2, 1, 3, 1, 2, 1, 2, 3, 1, 2, 1, 1, 2))
    assert left(said(numbers))[1] == [Why.LOOP]


def test_a_glossary_recited_in_its_order_is_an_echo():
    terms = ("K-means", "Optuna", "random forest", "CUDA", "KL divergence")
    assert left(said("Optuna, random forest, CUDA, KL divergence"), hotwords=terms)[1] == [Why.ECHO]
    assert left(said("K-means, Optuna, random forest."), hotwords=terms)[1] == []
    assert left(said("CUDA y Optuna y K-means y random forest"), hotwords=terms)[1] == []


def test_removed_words_are_told_in_the_order_they_were_heard():
    cleaned = clean([said("Gracias.", 50, 0.7), said("Suscríbete", 5, 0.7), said("hola", 1)])
    assert [one.start_s for one in cleaned.removed] == [5, 50]


def test_nothing_becomes_nothing():
    assert clean([]).said == ()
