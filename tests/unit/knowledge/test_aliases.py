"""Mangled terms: what is one, what never is, and what hostile input comes to."""

from __future__ import annotations

import pytest

pytest.importorskip("rapidfuzz", reason="the extra 'knowledge' is not installed")
pytest.importorskip("simplemma", reason="the extra 'knowledge' is not installed")

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perla.knowledge.aliases import TRUSTED, Finding, Place, Rule, find_aliases, known_words, without_overlaps
from perla.knowledge.glossary import Glossary, Misheard, Term, shipped_glossary, shipped_misheard
from perla.knowledge.sound import consonants_of, english, hear, hear_name, sound_of, spanish
from perla.knowledge.words import words_of

FILLER = (
    "entonces vamos a mirar como se hace esto con los datos que tenemos aqui para el modelo y luego seguimos con la "
    "tarea de la semana porque nos queda poco tiempo y hay que revisar el archivo nuevo en google antes de las horas "
    "de la noche por los caminos de siempre con otra version del trabajo "
)


def heard(*sentences: str, glossary: Glossary | None = None) -> dict[str, Finding]:
    """By their words, what is found in sentences said among everyday talk, in one source of three."""
    texts = {
        "one": words_of(f"{FILLER} {f' {FILLER}'.join(sentences)} {FILLER}"),
        "two": words_of(FILLER),
        "three": words_of(FILLER),
    }
    found = find_aliases(texts, glossary or shipped_glossary(), known_words(texts, {}), misheard=())
    return {finding.original: finding for finding in found}


def trusted(*sentences: str) -> dict[str, str]:
    return {words: f.canonical for words, f in heard(*sentences).items() if f.score >= TRUSTED}


@pytest.mark.parametrize(
    ("sentence", "words", "term"),
    [
        ("aplicamos la activision functions de la capa", "activision functions", "activation function"),
        ("el raton forest dio mejor resultado", "raton forest", "random forest"),
        ("se llama renforcement learning y aprende solo", "renforcement learning", "reinforcement learning"),
        ("buscamos con greet search los valores", "greet search", "grid search"),
        ("lo montamos en tenso flow ayer", "tenso flow", "TensorFlow"),
        ("se para con erly stopping", "erly stopping", "early stopping"),
        ("el problem de support verter machines", "support verter machines", "support vector machine"),
    ],
)
def test_a_mangled_term_is_recognised_by_its_sound(sentence: str, words: str, term: str) -> None:
    found = heard(sentence)
    assert found[words].canonical == term
    assert found[words].rule is Rule.SOUND
    assert found[words].score > 0.5


@pytest.mark.parametrize("trap", ["queda", "caminos", "google", "version", "archivo", "horas", "semana", "noche"])
def test_everyday_words_are_never_trusted_terms(trap: str) -> None:
    found = trusted(f"y {trap} ahora", f"la {trap} de ellos", f"tanto {trap} como antes")
    assert not [words for words in found if trap in words.split()]


@pytest.mark.parametrize(
    ("sentence", "trap"),
    [
        ("entrenamos en la gpu con pytorch y cuda y nos queda poco tiempo de gpu", "queda"),
        ("con clustering y k means hay dos caminos para los clusters del k means", "caminos"),
        ("subimos los datos a kaggle y los buscamos en google con colab", "google"),
    ],
)
def test_everyday_words_are_not_the_term_that_stands_beside_them(sentence: str, trap: str) -> None:
    assert not [words for words in trusted(sentence) if trap in words.split()]


def test_places_of_one_window_are_judged_each_by_its_own_company() -> None:
    near = (
        "buscamos el hyperparameter con grid search y random search usando oportuna para el tuning con bayesian search"
    )
    texts = {
        "one": words_of(f"{near} {FILLER * 40} una charla oportuna {FILLER}"),
        "two": words_of(FILLER),
        "three": words_of(FILLER),
    }
    found = find_aliases(texts, shipped_glossary(), known_words(texts, {}), misheard=())
    likely = [place.first for f in found if (f.original, f.canonical) == ("oportuna", "Optuna") for place in f.places]
    assert likely == [texts["one"].index("oportuna")]


@pytest.mark.parametrize(
    "sentence",
    [
        "hay que reconstruirlo y clasificarlo otra vez",
        "la red normaliza y generaliza bien los datos",
        "imaginate que alguien explicale eso a la gente",
        "una libreria preconstruida que transformarlo permite",
    ],
)
def test_other_forms_of_spanish_words_are_no_mangled_terms(sentence: str) -> None:
    assert trusted(sentence) == {}


@pytest.mark.parametrize("article", ["el", "la", "llama", "de"])
def test_a_window_is_trimmed_to_the_words_that_sound(article: str) -> None:
    found = trusted(f"ahora {article} fixture selection funciona")
    assert found.get("fixture selection") == "feature selection"
    assert f"{article} fixture selection" not in found


@pytest.mark.parametrize(
    ("sentence", "words", "term"),
    [
        ("armamos dos data frames con eso", "data frames", "DataFrame"),
        ("guarda un check point cada rato", "check point", "checkpoint"),
        ("entrenamos un xg boost grande", "xg boost", "XGBoost"),
    ],
)
def test_a_name_in_two_words_or_another_number_is_a_spelling_and_no_repair(
    sentence: str, words: str, term: str
) -> None:
    finding = heard(sentence)[words]
    assert (finding.canonical, finding.rule) == (term, Rule.SPELLING)


def test_words_of_a_term_as_they_are_need_no_repair() -> None:
    assert "absolute error" not in heard("medimos el absolute error de todo")


def test_everyday_words_are_a_term_only_where_it_is_spoken_of() -> None:
    near = "buscamos el hyperparameter con grid search y random search o bayesian optimization"
    texts = {
        "one": words_of(f"{near} tambien oportuna {near} " + FILLER * 40 + " fue oportuna " + FILLER),
        "two": words_of(FILLER),
        "three": words_of(FILLER),
    }
    found = find_aliases(texts, shipped_glossary(), known_words(texts, {}), misheard=())
    [finding] = [f for f in found if f.original == "oportuna" and f.canonical == "Optuna"]
    assert finding.rule is Rule.COMPANY
    assert len(finding.places) == 1
    assert finding.places[0].first < 30


def test_a_form_that_was_seen_before_is_found_wherever_it_stands() -> None:
    """No sound leads from it to the term."""
    texts = {"one": words_of(f"{FILLER} lo corremos en keo {FILLER}"), "two": words_of(FILLER)}
    seen = [Misheard(("keo",), "Keras", right=3, times=3)]
    [finding] = [
        f for f in find_aliases(texts, shipped_glossary(), known_words(texts, {}), seen) if f.original == "keo"
    ]
    assert (finding.canonical, finding.rule) == ("Keras", Rule.KNOWN)
    assert finding.score >= TRUSTED
    assert "keo" not in {f.original for f in find_aliases(texts, shipped_glossary(), known_words(texts, {}), ())}


def test_plain_words_that_were_seen_before_count_only_where_the_term_may_be_meant() -> None:
    seen = [Misheard(("la", "tuna"), "Optuna", plain=True, right=4, times=4)]
    texts = {
        "tuning": words_of(f"{FILLER} buscamos el hyperparameter con grid search y la tuna {FILLER}"),
        "music": words_of(f"{FILLER} esa noche toco la tuna {FILLER}"),
        "other": words_of(FILLER),
    }
    found = find_aliases(texts, shipped_glossary(), known_words(texts, {}), seen)
    [finding] = [f for f in found if f.original == "la tuna"]
    assert {place.source for place in finding.places} == {"tuning"}


def test_a_form_that_was_seldom_the_term_is_no_repair() -> None:
    seen = [Misheard(("la", "tuna"), "Optuna", plain=True, right=1, times=4), Misheard(("keo",), "Keras")]
    seldom, once = (one.chance for one in seen)
    assert seldom < TRUSTED <= once < 0.9


def test_every_shipped_mishearing_is_of_a_term_that_the_glossary_knows() -> None:
    known = {term.name for term in shipped_glossary().terms}
    assert [one for one in shipped_misheard() if one.canonical not in known] == []


def test_a_shipped_mishearing_is_folded_words_with_counts_that_make_sense() -> None:
    for one in shipped_misheard():
        assert list(one.words) == words_of(" ".join(one.words))
        assert 0 < one.right <= one.times
        assert " ".join(one.words) != " ".join(words_of(one.canonical))


def test_places_say_where_the_words_stand() -> None:
    texts = {"talk": words_of("hoy vemos raton forest con calma")}
    found = find_aliases(texts, shipped_glossary(), known_words(texts, {}))
    places = {f.original: f.places for f in found}
    assert places["raton forest"] == (Place("talk", 2, 4),)


def test_the_likelier_of_two_findings_in_one_place_stays() -> None:
    narrow = Finding("fixture selection", "feature selection", 0.9, Rule.SOUND, (Place("a", 1, 3),))
    wide = Finding("el fixture selection", "feature selection", 0.8, Rule.SOUND, (Place("a", 0, 3), Place("a", 9, 12)))
    kept = without_overlaps([wide, narrow])
    assert [(f.original, len(f.places)) for f in kept] == [("fixture selection", 1), ("el fixture selection", 1)]


def test_a_small_word_at_the_beginning_is_left_out_where_the_rest_is_likely_enough() -> None:
    wide = Finding("el fixture selection", "feature selection", 0.95, Rule.SOUND, (Place("a", 0, 3),))
    narrow = Finding("fixture selection", "feature selection", 0.88, Rule.SOUND, (Place("a", 1, 3),))
    assert [f.original for f in without_overlaps([wide, narrow])] == ["fixture selection"]


def test_a_right_name_is_not_read_as_a_part_of_it_mangled() -> None:
    right = Finding("xg boost", "XGBoost", 0.98, Rule.SPELLING, (Place("a", 0, 2),))
    part = Finding("xg", "XGBoost", 0.8, Rule.SOUND, (Place("a", 0, 1),))
    assert without_overlaps([part, right]) == [right]


def test_nothing_learned_holds_nothing() -> None:
    assert find_aliases({}, shipped_glossary(), {}) == []
    assert find_aliases({"a": []}, shipped_glossary(), {}) == []


@pytest.mark.parametrize(
    "name",
    ["x" * 10_000, "(.*)+[", "\x00\x1b[31m", "🜁🜂", "a", "", "   ", "ñ" * 50, "B" * 61, "AAAA BBBB CCCC DDDD EEEE"],
)
def test_a_hostile_term_of_the_glossary_harms_nobody(name: str) -> None:
    glossary = Glossary((Term(name, (name, name + " " + name)), Term("random forest", ("random forest",))))
    found = heard("el raton forest dio mejor resultado", glossary=glossary)
    assert found["raton forest"].canonical == "random forest"


def test_a_word_of_ten_thousand_letters_harms_nobody() -> None:
    assert "raton forest" in heard("z" * 10_000 + " raton forest " + "ba" * 5_000)


@given(st.text(max_size=60))
def test_any_word_has_a_sound(text: str) -> None:
    for word in words_of(text):
        for sounds in (spanish(word), english(word)):
            sound = sound_of(sounds)
            assert sound.consonants == consonants_of(sounds)
    assert all(sound.sounds is not None for sound in hear(tuple(words_of(text))))
    hear_name(text)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.text(alphabet="abcdeñ áé0ktr", max_size=30), max_size=6))
def test_any_talk_is_listened_to(talks: list[str]) -> None:
    texts = {str(number): words_of(talk) for number, talk in enumerate(talks)}
    glossary = Glossary((Term("CUDA", ("CUDA",)), Term("k-means", ("k-means",)), Term("BERT", ("BERT",))))
    for finding in find_aliases(texts, glossary, known_words(texts, {})):
        for place in finding.places:
            assert " ".join(texts[place.source][place.first : place.last]) == finding.original
        assert 0 < finding.score <= 1
