"""Key points of a made-up session, and ``perla keypoints`` as people call it."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from perla.app.cli import main
from perla.errors import InputError, UnknownNameError
from perla.knowledge import Library, Opened, cues
from perla.knowledge.endpoints import Endpoint
from perla.knowledge.keypoints import find_session, key_points, with_summary
from perla.knowledge.keypoints_page import write_markdown
from perla.knowledge.passages import Source, SourceKind
from perla.knowledge.salience import choose, part, rank, vectors
from perla.knowledge.sentences import stands_in

FIRST = [
    "Hola Zunilda, cómo vas. ¿Me escuchan bien? ¿Se ve la pantalla? Perfecto, entonces empezamos con el autoencoder.",
    "El autoencoder es una red neuronal que aprende a reconstruir los datos de entrada con pocas neuronas en el medio.",
    "El espacio latente es el cuello de botella donde la red neuronal guarda los patrones de los datos de entrada.",
    "El error de reconstrucción se usa para encontrar anomalías, porque la red neuronal reconstruye mal los raros.",
    "Listo Zunilda, dispara. ¿Por qué el error de reconstrucción crece con los datos raros que nunca vimos antes?",
]
SECOND = [
    "El bosque aleatorio es un conjunto de árboles de decisión que votan el precio de cada apartamento del barrio.",
    "Cada árbol de decisión mira pocas variables del apartamento, como el área y el barrio, y predice su precio.",
    "El paper original del bosque aleatorio explica cómo los árboles votan, y la librería que usamos es scikit-learn.",
    "De tarea para la próxima sesión revisen el capítulo de los árboles de decisión y entrenen un bosque aleatorio.",
    "Muchas gracias a todos, hasta la próxima, chao, que estén muy bien y nos vemos el otro miércoles.",
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("talks")
    rows = ["Start time,End time,Transcript"]
    said = [*FIRST * 3, *SECOND * 3]
    rows += [f'{60 * n}.0,{60 * n + 59}.0,"{text}"' for n, text in enumerate(said)]
    (folder / "7. Redes y bosques (2024-03-01 19_00).csv").write_text("\n".join(rows), encoding="utf-8")
    other = "hola a todos muchas gracias por venir chao"
    (folder / "8. Otra charla (2024-03-08 19_00).csv").write_text(
        f'Start time,End time,Transcript\n0.0,59.0,"{other}"\n', encoding="utf-8"
    )
    Library(folder / "home").learn([folder])
    return folder / "home"


@pytest.fixture(scope="module")
def opened(home):
    return Opened.of(Library(home))


@pytest.fixture(scope="module")
def told(opened):
    return key_points(opened.index, opened.texts, find_session(opened.index.sources, "7"))


def test_every_quote_stands_in_the_transcript_letter_by_letter(told, opened):
    script = opened.texts.script(told.source.name)
    quotes = [*told.points, *told.works, *told.questions, *told.tasks, *(one.quote for one in told.parts)]
    quotes += [one.quote for one in told.terms]
    assert quotes
    assert all(stands_in(quote.text, script) for quote in quotes)
    assert all(np.isfinite(quote.start_s) for quote in quotes)


def test_the_points_cover_the_session_and_leave_out_the_chatter(told):
    text = " ".join(point.text for point in told.points)
    assert "autoencoder" in text and "bosque aleatorio" in text
    assert "pantalla" not in text and "Muchas gracias" not in text
    starts = [point.start_s for point in told.points]
    assert starts == sorted(starts)


def test_the_parts_follow_one_another_and_are_five_at_most(told):
    assert 2 <= len(told.parts) <= 5
    assert all(a.end_s <= b.start_s for a, b in zip(told.parts, told.parts[1:], strict=False))


def test_terms_are_explained_in_the_words_that_were_said(told):
    explained = {one.name: one.quote.text for one in told.terms}
    assert "es una red neuronal que aprende" in explained["autoencoder"]
    assert "votan" in explained["random forest"]


def test_tools_papers_questions_and_homework_are_found(told):
    assert [tool.name for tool in told.tools] == ["scikit-learn"]
    assert any("paper original" in quote.text for quote in told.works)
    assert any(quote.text.startswith("¿Por qué el error de reconstrucción") for quote in told.questions)
    assert any("De tarea" in quote.text for quote in told.tasks)


def test_names_that_were_heard_are_told_as_inferred(told):
    assert [one.name for one in told.people] == ["Zunilda"]
    page = write_markdown(told, "es")
    assert "Nombres oídos (inferidos, sin confirmar)" in page and "Zunilda" in page


def test_the_page_is_written_in_both_languages(told):
    english, spanish = write_markdown(told, "en"), write_markdown(told, "es")
    assert english.startswith("# Session 7: ") and spanish.startswith("# Sesión 7: ")
    assert english.count("\n## ") == spanish.count("\n## ") == 8
    assert "- 00:0" in english


def test_signs_of_markdown_in_a_transcript_are_shown_not_obeyed(tmp_path):
    text = (
        "La **red** neuronal <script>alert(1)</script> aprende [clic](http://x) los pesos de cada neurona del modelo. "
        * 4
    )
    (tmp_path / "1. Raro.csv").write_text(f'Start time,End time,Transcript\n0.0,59.0,"{text}"\n', encoding="utf-8")
    Library(tmp_path / "home").learn([tmp_path / "1. Raro.csv"])
    opened = Opened.of(Library(tmp_path / "home"))
    page = write_markdown(key_points(opened.index, opened.texts, opened.index.sources[0]), "en")
    assert "<script>" not in page and "[clic](" not in page and "**red**" not in page


def test_a_recording_of_a_few_words_that_say_nothing_is_an_error(opened):
    with pytest.raises(InputError, match="no words to make key points of"):
        key_points(opened.index, opened.texts, find_session(opened.index.sources, "8"))


def _talk(number, title):
    return Source(f"{number}. {title}.csv", SourceKind.RECORDING, title, f"{number}.csv", "", session=number)


TALKS = [_talk("1", "Redes neuronales"), _talk("11", "Despliegue del modelo"), _talk("12", "Redes de grafos")]


@pytest.mark.parametrize(
    ("asked", "session"), [("1", "1"), ("11", "11"), ("despliegue", "11"), ("Redes neuronales", "1")]
)
def test_a_session_is_its_number_its_name_or_part_of_it(asked, session):
    assert find_session(TALKS, asked).session == session


def test_a_mistyped_session_names_the_closest_and_a_part_of_several_lists_them():
    with pytest.raises(UnknownNameError, match="Did you mean 'Despliegue del modelo'"):
        find_session(TALKS, "desplieges")
    with pytest.raises(UnknownNameError, match="2 recordings"):
        find_session(TALKS, "redes")
    with pytest.raises(UnknownNameError):
        find_session([], "1")


def test_a_model_writes_the_summary_and_what_it_made_up_is_taken_out(told, says):
    autoencoder = next(n for n, point in enumerate(told.points, 1) if "autoencoder es" in point.text)
    server = says(f"Se dijo que el autoencoder es una red neuronal [{autoencoder}].\nGanaron 99 premios [1].\nFin.")
    written = with_summary(told, "es", Endpoint.at(server.url, "m"))
    page = write_markdown(written, "es")
    assert f"Se dijo que el autoencoder es una red neuronal \\[{autoencoder}\\]." in page
    assert "99" not in page and "Se quitaron 2 frases de m" in page
    assert "\n1. " in page


def test_an_absent_model_leaves_the_summary_as_it_was_and_says_so(told):
    same = with_summary(told, "es", Endpoint.at("http://127.0.0.1:9", "m", patience_s=2))
    page = write_markdown(same, "es")
    assert "Nadie responde" in page
    assert page.count(" · ") == write_markdown(told, "es").count(" · ")


def test_perla_keypoints_shows_the_page_or_writes_it(home, tmp_path, says):
    def call(*words):
        return CliRunner().invoke(main, ["keypoints", *map(str, words), "--home", str(home), "--lang", "es"])

    shown = call("redes")
    assert shown.exit_code == 0 and shown.stdout.startswith("# Sesión 7")
    done = call("7", "-o", tmp_path / "s.md")
    assert done.exit_code == 0 and (tmp_path / "s.md").read_text(encoding="utf-8") == shown.stdout
    wrong = call("7", "-o", tmp_path)
    assert wrong.exit_code == 2 and "no se puede escribir" in wrong.output
    assert call("99").exit_code == 2
    asked = says("nada")
    assert call("7", "--llm", asked.url).exit_code == 0 and asked.asked
    assert json.dumps(asked.asked[-1][1]).count("Zunilda") <= 2


@pytest.mark.parametrize("text", ["¿me escuchan?", "se ve la pantalla", "déjenme comparto", "muchas gracias a todos"])
def test_chatter_is_known(text):
    assert cues.is_chatter(text)


def test_tags_are_no_questions():
    assert cues.questions_in("qué tan bien funciona el modelo con los datos nuevos, vale? listo cierto?") == []


def test_sentences_alike_are_chosen_once():
    rows = vectors([["a", "b", "c"], ["a", "b", "c"], ["d", "e", "f"], []], {})
    assert choose(np.array([1.0, 0.9, 0.1, 0.0]), rows, range(4), 4, []) == [0, 2]


def test_an_empty_session_has_no_parts_and_no_ranks():
    assert part(np.zeros((0, 1)), 5) == []
    assert len(rank(np.zeros((0, 1)))) == 0
    assert rank(np.zeros((3, 2))).tolist() == [1.0, 1.0, 1.0]
