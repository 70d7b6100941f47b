"""The leg of embeddings, against a made-up server whose vectors know what words mean."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from perla.app.cli import main
from perla.errors import EndpointError, InputError, NotReadyError, ShelfError
from perla.knowledge import Library
from perla.knowledge.dense import Dense, embed_index, joined, keep, make_questions, open_leg, read_kept
from perla.knowledge.endpoints import Endpoint
from perla.knowledge.search import best, judge

NOTES = {
    "animals": "El felino duerme sobre la alfombra durante toda la tarde tranquila y ronronea bastante",
    "cars": "El motor necesita aceite nuevo cada diez mil kilómetros recorridos por carretera destapada",
    "food": "La sopa lleva papa criolla, mazorca tierna y cilantro picado encima del plato hondo",
}
MEANINGS = (("felino", "minino", "gato"), ("motor", "aceite"), ("sopa", "papa"))


def _vector(text):
    meant = [float(any(word in text.lower() for word in words)) for words in MEANINGS]
    return [*meant, 0.1]


def _meaning(path, body):
    if path.endswith("/models"):
        return 200, json.dumps({"data": [{"id": "multi"}]}).encode(), {}
    texts = body["input"]
    return 200, json.dumps({"data": [{"index": i, "embedding": _vector(t)} for i, t in enumerate(texts)]}).encode(), {}


@pytest.fixture
def library(tmp_path):
    for name, text in NOTES.items():
        (tmp_path / "notes").mkdir(exist_ok=True)
        (tmp_path / "notes" / f"{name}.md").write_text(f"# {name}\n\n{text}.\n", encoding="utf-8")
    found = Library(tmp_path / "home")
    found.learn([tmp_path / "notes"])
    return found


def test_a_question_without_a_word_in_common_is_found_by_its_meaning(library, serve):
    index, server = library.open(), serve(_meaning)
    dense = embed_index(index, Endpoint.at(server.url))
    dense = Dense(dense.model, dense.vectors, dense.keys, 0.6)
    keep(dense, library.home)
    leg = open_leg(library.home, index, Endpoint.at(server.url))
    question = "¿Dónde descansa un minino?"
    hits = best(index, leg(question, judge(index, question)), 1)
    assert "felino" in hits[0].passage.text
    assert hits[0].parts["dense"] == 1.0
    assert leg.problem is None


def test_the_vectors_are_kept_in_half_precision_with_the_models_name(library, serve):
    index = library.open()
    keep(embed_index(index, Endpoint.at(serve(_meaning).url)), library.home)
    kept = read_kept(library.home)
    assert (kept.model, kept.vectors.dtype, len(kept.vectors)) == ("multi", np.float16, len(index))
    assert kept.fits(index)


def test_only_new_passages_are_sent_again(library, serve, tmp_path):
    server = serve(_meaning)
    old = embed_index(library.open(), Endpoint.at(server.url))
    (tmp_path / "notes" / "new.md").write_text("# New\n\nLas nubes traen lluvia fuerte hoy.\n", encoding="utf-8")
    library.learn([tmp_path / "notes"])
    server.asked.clear()
    new = embed_index(library.open(), Endpoint.at(server.url), old)
    first = next(body["input"] for path, body, _ in server.asked if path.endswith("/embeddings"))
    assert len(first) == len(new.keys) - len(old.keys)
    assert new.fits(library.open()) and not old.fits(library.open())


def test_an_index_of_another_model_is_refused(library, serve):
    index, server = library.open(), serve(_meaning)
    keep(embed_index(index, Endpoint.at(server.url)), library.home)
    with pytest.raises(InputError, match="'multi', not 'other'"):
        open_leg(library.home, index, Endpoint.at(server.url, "other"))


def test_vectors_of_what_was_learned_before_are_refused(library, serve, tmp_path):
    server = serve(_meaning)
    keep(embed_index(library.open(), Endpoint.at(server.url)), library.home)
    library.forget([library.sources()[0].name])
    with pytest.raises(NotReadyError, match="perla learn PATH --embeddings"):
        open_leg(library.home, library.open(), Endpoint.at(server.url))


def test_damaged_vectors_are_told(library, serve):
    keep(embed_index(library.open(), Endpoint.at(serve(_meaning).url)), library.home)
    for file in (library.home / "knowledge" / "dense").iterdir():
        file.write_bytes(file.read_bytes()[:-3])
    with pytest.raises(ShelfError):
        read_kept(library.home)


def test_a_model_whose_vectors_say_nothing_gets_no_weight(library, serve):
    def same(path, body):
        return (
            200,
            json.dumps({"data": [{"index": i, "embedding": [1.0, 0.5]} for i, _ in enumerate(body["input"])]}).encode(),
            {},
        )

    assert embed_index(library.open(), Endpoint.at(serve(same).url, "m")).weight == 0.0


def test_when_the_server_is_down_the_question_is_answered_without_it_and_that_is_said(library, serve):
    index, server = library.open(), serve(_meaning)
    dense = embed_index(index, Endpoint.at(server.url))
    keep(Dense(dense.model, dense.vectors, dense.keys, 0.6), library.home)
    leg = open_leg(library.home, index, Endpoint.at("http://127.0.0.1:9", patience_s=2))
    found = judge(index, "sopa de papa")
    assert leg("sopa de papa", found) is found
    assert "Por eso se respondió sin los vectores" in leg.problem.text("es")


def test_a_model_that_changed_its_width_is_told(library, serve):
    wide = serve(lambda path, body: (200, json.dumps({"data": [{"index": 0, "embedding": [1.0] * 9}]}).encode(), {}))
    index = library.open()
    dense = embed_index(index, Endpoint.at(serve(_meaning).url))
    keep(Dense(dense.model, dense.vectors, dense.keys, 0.6), library.home)
    leg = open_leg(library.home, index, Endpoint.at(wide.url))
    assert leg("sopa", found := judge(index, "sopa")) is found
    assert "another length" in leg.problem.en


def test_the_signals_are_weighted_together_on_one_scale(library):
    found = judge(library.open(), "sopa de papa")
    both = joined(found, np.ones(len(found.scores), np.float32), 1.0)
    assert np.allclose(both.scores, (found.scores + 1) / 2)


def test_questions_made_from_the_passages_are_the_same_for_the_same_seed(library):
    index = library.open()
    assert make_questions(index, 1) == make_questions(index, 1)
    assert {row for _, row in make_questions(index, 1)} <= set(range(len(index)))


def test_learning_without_a_server_at_the_address_fails_after_the_index_stands(library, tmp_path):
    with pytest.raises(EndpointError):
        embed_index(library.open(), Endpoint.at("http://127.0.0.1:9", "m", patience_s=2))
    assert len(library.open()) and read_kept(library.home) is None


def test_perla_learn_and_ask_with_embeddings(library, serve, tmp_path):
    server, home = serve(_meaning), str(library.home)
    done = CliRunner().invoke(
        main, ["learn", str(tmp_path / "notes"), "--home", home, "--embeddings", server.url, "-q"]
    )
    assert done.exit_code == 0 and "Embeddings of multi: " in done.output
    asked = CliRunner().invoke(main, ["ask", "¿Qué lleva la sopa?", "--home", home, "--embeddings", server.url])
    assert asked.exit_code == 0 and "papa criolla" in asked.output
    down = CliRunner().invoke(
        main, ["ask", "¿Qué lleva la sopa?", "--home", home, "--embeddings", "http://127.0.0.1:9"]
    )
    assert down.exit_code == 0 and "papa criolla" in down.output
