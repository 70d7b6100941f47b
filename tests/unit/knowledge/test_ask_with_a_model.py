"""``perla ask --llm`` as people call it, against a made-up server."""

import json

import pytest
from click.testing import CliRunner

from perla.app.cli import main
from perla.knowledge import Library, ask
from perla.knowledge.endpoints import Endpoint
from perla.knowledge.written import rewritten

NOTES = "# Pérdida\n\nEl error de reconstrucción es el promedio de las diferencias al cuadrado, con umbral 0.7.\n"
QUESTION = "¿Qué es el error de reconstrucción?"


@pytest.fixture
def home(tmp_path):
    (tmp_path / "notes.md").write_text(NOTES, encoding="utf-8")
    Library(tmp_path / "home").learn([tmp_path / "notes.md"])
    return tmp_path / "home"


@pytest.fixture
def call(home, monkeypatch):
    monkeypatch.setenv("PERLA_LLM_KEY", "llave-secreta")

    def run(*words):
        return CliRunner().invoke(main, ["ask", QUESTION, "--home", str(home), *words], prog_name="perla")

    return run


def test_a_model_writes_the_answer_and_the_quotes_stand_numbered_below(call, says):
    server = says("Se dijo que el error de reconstrucción es el promedio de las diferencias al cuadrado [1].")
    done = call("--llm", server.url)
    assert done.exit_code == 0, done.output
    flat = " ".join(done.stdout.split())
    assert "promedio de las diferencias al cuadrado [1]." in flat
    assert "[1] [" in flat and "Escrito por pequeño" in flat
    assert server.asked[-1][2]["Authorization"] == "Bearer llave-secreta"
    assert "llave-secreta" not in done.output


def test_what_the_model_made_up_is_taken_out_and_told(call, says):
    server = says("Se dijo que el error de reconstrucción es el promedio al cuadrado [1]. El umbral debe ser 99 [1].")
    told = json.loads(call("--llm", server.url, "--json").stdout)
    assert told["written_by"] == "pequeño"
    assert told["removed"] == ["El umbral debe ser 99 [1]."]
    assert "99" not in told["answer"] and "Se quitó una frase" in told["why"]


@pytest.mark.parametrize("content", ["Los gatos duermen [1].", "Sí.", "El error de reconstrucción es enorme [8]."])
def test_a_model_that_talks_nonsense_leaves_the_quotes_as_the_answer(call, says, content):
    done = call("--llm", says(content).url)
    flat = " ".join(done.stdout.split())
    assert done.exit_code == 0
    assert "En el documento dice: «El error de reconstrucción es el promedio" in flat
    assert "la respuesta son las citas mismas" in flat


def test_without_a_server_at_the_address_the_quotes_are_the_answer_and_that_is_said(call):
    done = call("--llm", "http://127.0.0.1:9")
    flat = " ".join(done.stdout.split())
    assert done.exit_code == 0
    assert "Nadie responde en http://127.0.0.1:9/v1" in flat and "En el documento dice:" in flat
    assert "llave-secreta" not in done.output


def test_a_slow_server_is_left_and_the_quotes_are_the_answer(home, serve):
    import threading

    gate = threading.Event()
    server = serve(lambda path, body: (gate.wait(5), (200, b"{}", {}))[1])
    told = rewritten(ask(home, QUESTION), Endpoint.at(server.url, "m", patience_s=0.2))
    gate.set()
    assert told.quotes and not told.written_by
    assert "no respondió en 0.2 s" in told.why.text("es")


def test_no_server_is_asked_without_being_named_nor_for_a_refusal(home, says):
    server = says("hola [1].")
    told = rewritten(ask(home, "¿Quién ganó el mundial de fútbol en Brasil?"), Endpoint.at(server.url, "m"))
    assert told.refused and server.asked == []


def test_a_wrong_address_and_a_model_without_a_server_are_told_before_anything_else(call):
    assert "debe ser como http" in call("--llm", "localhost", "--lang", "es").output
    assert "--llm URL" in call("--model", "llama").output
