import pytest

from perla.knowledge.aliases import find_aliases, known_words
from perla.knowledge.cutting import cut, passages_of, write_script
from perla.knowledge.glossary import Everyday, shipped_everyday, shipped_glossary
from perla.knowledge.glossary.everyday import rows_of
from perla.knowledge.index import build_index
from perla.knowledge.passages import Reading, Source, SourceKind, Span
from perla.knowledge.search import search
from perla.knowledge.units import units_of
from perla.knowledge.words import english_stem, stem, stems, words_of

TALKS = {
    "one": "hoy vamos a ver el spears autoencoder que reconstruye los datos con pocas neuronas encendidas a la vez",
    "two": "el precio de los carros depende del kilometraje y del modelo y lo estimamos con un bosque aleatorio",
    "three": "para buscar los hiperparametros usamos una libreria que prueba muchas configuraciones y guarda la mejor",
}


def _readings(talks=TALKS) -> list[Reading]:
    return [
        Reading(
            Source(name, SourceKind.RECORDING, name, f"{name}.csv", "", session=str(place)), (Span(text, 0.0, 60.0),)
        )
        for place, (name, text) in enumerate(talks.items())
    ]


def _index():
    return _index_of(TALKS)


def _index_of(talks):
    readings = _readings(talks)
    texts = {r.source.name: write_script(r).folded for r in readings}
    findings = find_aliases(texts, shipped_glossary(), known_words(texts, {}))
    return build_index([r.source for r in readings], passages_of(readings), findings, shipped_glossary())


def test_a_question_in_other_words_finds_the_passage_by_the_names_of_a_term():
    assert search(_index(), "¿Cómo estiman con random forest lo que cuesta un vehículo?")[0].passage.source == "two"


def test_an_english_question_finds_spanish_speech():
    assert search(_index(), "Which library searches hyperparameters?")[0].passage.source == "three"


def test_a_mangled_term_is_found_by_its_sound():
    index = _index()
    assert any((f.original, f.canonical) == ("spears autoencoder", "sparse autoencoder") for f in index.findings) or (
        search(index, "sparse autoencoder")[0].passage.source == "one"
    )


def test_passages_begin_every_thirty_words_and_keep_their_times():
    words = " ".join(f"palabra{i}" for i in range(240))
    reading = Reading(Source("long", SourceKind.RECORDING, "long", "l.csv", ""), (Span(words, 0.0, 240.0),))
    cuts = list(cut(write_script(reading)))
    assert [(p.first_word, p.last_word) for p in cuts] == [(0, 120), (30, 150), (60, 180), (90, 210), (120, 240)]
    assert [(p.start_s, p.end_s) for p in cuts] == [(p.first_word, p.last_word) for p in cuts]


def test_results_never_overlap():
    words = " ".join(["autoencoder"] + [f"cosa{i}" for i in range(300)] + ["autoencoder"])
    reading = Reading(Source("long", SourceKind.RECORDING, "long", "l.csv", ""), (Span(words, 0.0, 300.0),))
    index = build_index([reading.source], passages_of([reading]), [], shipped_glossary())
    found = [hit.passage for hit in search(index, "autoencoder", count=9)]
    assert found
    assert not any(a.overlaps(b) for a in found for b in found if a is not b)


def test_words_without_meaning_are_no_tokens():
    assert stems(words_of("y entonces pues eh la red")) == stems(["red"])


def test_the_forms_of_irregular_verbs_have_one_stem():
    assert {stem(w) for w in ("cuentan", "contar", "cuente")} == {stem("contar")}
    assert {stem(w) for w in ("eligio", "elige", "elegimos")} == {stem("elegir")}
    assert english_stem("built") == english_stem("building")


def test_an_english_phrase_is_found_by_what_it_is_called_in_spanish():
    spoken = "los datos raros los botamos antes de entrenar porque estorban"
    index = _index_of({**TALKS, "four": spoken})
    assert search(index, "Which rows are thrown away before training?")[0].passage.source == "four"


def test_a_question_finds_how_people_say_its_word_when_they_talk():
    index = _index_of({**TALKS, "four": "ahí la embarramos feo y nos tocó devolvernos"})
    assert search(index, "¿En qué se equivocaron?")[0].passage.source == "four"
    index = _index_of({**TALKS, "four": "nos equivocamos y tocó devolvernos"})
    assert search(index, "¿En qué la embarraron?")[0].passage.source == "four"


def test_the_word_itself_counts_more_than_how_people_say_it():
    index = _index_of({**TALKS, "talk": "ahí la embarramos con los carros", "word": "nos equivocamos con los carros"})
    assert [hit.passage.source for hit in search(index, "¿Quiénes se equivocaron?")][:2] == ["word", "talk"]


def test_a_way_of_saying_a_word_counts_less_the_commoner_it_is():
    everyday = Everyday({}, spoken={stem("descender"): (stem("bajar"), stem("colina"))})
    plain = {f"plain {n}": "vamos a bajar los datos otra vez" for n in range(8)}
    index = _index_of({**plain, "rare": "por la colina van los pasos", "asked": "conviene descender con calma"})
    (unit,) = units_of(index, ["descender"], everyday)
    said = {source.name: float(unit.said[place]) for place, source in enumerate(index.sources)}
    assert said["asked"] > said["rare"] > said["plain 0"] > 0


def test_every_way_of_saying_a_word_has_one_word_that_tells():
    rows = [side for row in rows_of("spoken.txt") for side in row]
    assert rows
    assert [way for side in rows for way in side if way.strip() and len(stems(words_of(way))) != 1] == []


def test_ways_of_saying_the_same_word_are_not_linked_with_each_other():
    everyday = shipped_everyday()
    assert stem("chancleta") in everyday.spoken_as(stem("desgaste"))
    assert stem("desgaste") in everyday.spoken_as(stem("chancleta"))
    assert stem("chatarra") not in everyday.spoken_as(stem("chancleta"))


def test_a_word_that_only_shares_the_stem_of_a_term_counts_less_than_the_word():
    index = _index_of({"one": "el mape es un error en porcentaje", "two": "en el mapa se ven las ciudades cercanas"})
    assert search(index, "¿Qué se ve en el mapa?")[0].passage.source == "two"


def test_a_question_for_a_number_looks_for_passages_with_one():
    index = _index_of({"one": "la epoca es una vuelta de los datos", "two": "fueron 40 epocas con los datos"})
    for question, wanted in (("¿Cuántas épocas fueron?", 1.0), ("¿Qué es una época?", 0.0)):
        assert {hit.passage.source: hit.parts["number"] for hit in search(index, question)} == {
            "one": 0.0,
            "two": wanted,
        }


def test_of_two_passages_alike_the_one_of_a_source_that_speaks_of_the_question_comes_first():
    filler = " ".join(f"relleno{i}" for i in range(130))
    said = "el grafo tiene nodos"
    index = _index_of({"one": f"{said} {filler}", "two": f"{said} {filler} otro grafo con otros nodos"})
    assert search(index, "¿Qué nodos tiene el grafo?")[0].passage.source == "two"


def test_only_the_sources_and_kinds_that_were_asked_for_are_searched():
    index = _index()
    assert {hit.passage.source for hit in search(index, "modelo de los datos", sources=["one"])} <= {"one"}
    assert search(index, "modelo de los datos", kinds=[SourceKind.CODE]) == []


@pytest.mark.parametrize("question", ["", "?", "x", "el de la", "qwzx " * 10_000, "что это", "\0\ud800"])
def test_a_strange_question_does_no_harm(question):
    assert all(0 <= hit.score <= 1.0001 for hit in search(_index(), question))


def test_nothing_is_found_where_nothing_was_learned():
    assert search(build_index([], [], [], shipped_glossary()), "¿qué es k-means?") == []
