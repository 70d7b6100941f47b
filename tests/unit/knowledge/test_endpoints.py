import json
import socket
import threading
import time

import numpy as np
import pytest

from perla.errors import EndpointError, InputError
from perla.knowledge.endpoints import Endpoint, complete, embed


def _free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])


def _vectors(path, body, width=4):
    rows = [
        {"index": i, "embedding": [float(len(text)), 1.0, *[0.0] * (width - 2)]} for i, text in enumerate(body["input"])
    ]
    return 200, json.dumps({"data": rows[::-1]}).encode(), {}


def test_a_model_is_asked_with_the_key_of_the_user_and_its_answer_comes_back(says):
    server = says("hola")
    said = complete(Endpoint.at(server.url, key="llave"), "rules", "question")
    assert (said.text, said.model) == ("hola", "pequeño")
    path, body, headers = server.asked[-1]
    assert path == "/v1/chat/completions"
    assert headers["Authorization"] == "Bearer llave"
    assert [m["content"] for m in body["messages"]] == ["rules", "question"]


def test_a_named_model_is_taken_without_asking_which_there_are(says):
    server = says("hola")
    assert complete(Endpoint.at(server.url, "grande"), "r", "q").model == "grande"
    assert [path for path, _, _ in server.asked] == ["/v1/chat/completions"]


def test_the_address_may_end_with_what_is_asked_there():
    assert Endpoint.at("https://example.com/api/v1/chat/completions").url == "https://example.com/api/v1"


@pytest.mark.parametrize(
    "address",
    ["", "localhost:11434", "file:///etc/passwd", "ftp://example.com", "http://", "http://a:b@example.com",
     "http://example.com/v1?key=1", "http://exam ple.com", "http://example.com:99999", "http://example.com/\nv1"],
)  # fmt: skip
def test_only_plain_web_addresses_are_taken(address):
    with pytest.raises(InputError) as caught:
        Endpoint.at(address)
    assert caught.value.text("es") != caught.value.text("en")
    assert "a:b" not in str(caught.value)


def test_the_key_is_shown_nowhere():
    assert "secret-key" not in repr(Endpoint.at("http://localhost:1", key="secret-key"))
    with pytest.raises(InputError) as caught:
        Endpoint.at("http://localhost:1", key="secret key")
    assert "secret key" not in str(caught.value)


def test_nobody_at_the_address_is_told_with_the_address():
    endpoint = Endpoint.at(f"http://127.0.0.1:{_free_port()}", "m")
    with pytest.raises(EndpointError, match="Nobody answers at http://127") as caught:
        complete(endpoint, "r", "q")
    assert "Nadie responde" in caught.value.text("es")


def test_a_server_that_says_nothing_is_left_when_patience_ends(serve):
    gate = threading.Event()

    def reply(path, body):
        gate.wait(5)
        return 200, b"{}", {}

    server = serve(reply)
    with pytest.raises(EndpointError, match="did not answer within"):
        complete(Endpoint.at(server.url, "m", patience_s=0.2), "r", "q")
    gate.set()


def test_a_server_that_dribbles_is_left_too():
    """Each byte comes in time, the answer never does."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        place.listen()
        ended = threading.Event()

        def dribble():
            line, _ = place.accept()
            with line:
                line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while not ended.is_set():
                    try:
                        line.sendall(b" ")
                    except OSError:
                        return
                    time.sleep(0.02)

        worker = threading.Thread(target=dribble, daemon=True)
        worker.start()
        with pytest.raises(EndpointError, match="did not answer within"):
            complete(Endpoint.at(f"http://127.0.0.1:{place.getsockname()[1]}", "m", patience_s=0.3), "r", "q")
        ended.set()
        worker.join(5)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>welcome</html>", b"[]", b"{}", b'{"choices": []}', b'{"choices": [{"message": {"content": null}}]}',
     b'{"choices": [{"message": {"content": "  "}}]}', b'{"choices": [{"message": {"content": "<think>only this"}}]}',
     b"[" * 100_000, b"\xff\xfe"],
)  # fmt: skip
def test_an_answer_that_is_none_is_told(serve, content):
    server = serve(lambda path, body: (200, content, {}))
    with pytest.raises(EndpointError, match="no answer of the OpenAI kind"):
        complete(Endpoint.at(server.url, "m"), "r", "q")


def test_a_server_that_does_not_speak_http_is_told():
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        place.listen()

        def greet():
            line, _ = place.accept()
            with line:
                line.recv(100)
                line.sendall(b"220 mail ready\r\n")

        worker = threading.Thread(target=greet, daemon=True)
        worker.start()
        with pytest.raises(EndpointError):
            complete(Endpoint.at(f"http://127.0.0.1:{place.getsockname()[1]}", "m", patience_s=5), "r", "q")
        worker.join(5)


def test_an_answer_without_end_is_cut_off(serve):
    server = serve(lambda path, body: (200, b" " * 2_100_000, {}))
    with pytest.raises(EndpointError, match="more than 2 MB"):
        complete(Endpoint.at(server.url, "m"), "r", "q")


def test_the_key_is_never_sent_on_to_another_address(serve, says):
    other = says("hola")
    server = serve(lambda path, body: (307, b"", {"Location": f"{other.url}/v1/chat/completions"}))
    with pytest.raises(EndpointError, match="sends on to another address"):
        complete(Endpoint.at(server.url, "m", key="llave"), "r", "q")
    assert other.asked == []


@pytest.mark.parametrize(("status", "told"), [(401, "PERLA_LLM_KEY"), (404, "--model"), (500, "status 500")])
def test_a_refusal_says_what_to_do(serve, status, told):
    server = serve(lambda path, body: (status, b"secret detail", {}))
    with pytest.raises(EndpointError, match=told):
        complete(Endpoint.at(server.url, "m", key="llave"), "r", "q")


def test_what_a_model_thinks_and_signs_that_move_the_cursor_are_left_out(says):
    server = says("<think>mucho</think>\x1b[2Jhola")
    assert complete(Endpoint.at(server.url, "m"), "r", "q").text == "[2Jhola"


def test_vectors_come_in_the_order_of_their_texts_and_of_length_one(serve):
    server = serve(_vectors)
    found = embed(Endpoint.at(server.url, "m"), ["a" * n for n in range(1, 71)])
    assert found.shape == (70, 4)
    assert np.allclose(np.linalg.norm(found, axis=1), 1)
    assert (np.diff(found[:, 0]) > 0).all()
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "rows",
    [[], [{"embedding": [1.0]}], [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}],
     [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}],
     [{"index": 0, "embedding": ["x"]}, {"index": 1, "embedding": ["y"]}],
     [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}], ["a", "b"],
     [{"index": 0, "embedding": [float("nan")]}, {"index": 1, "embedding": [1.0]}]],
)  # fmt: skip
def test_vectors_that_are_none_are_told(serve, rows):
    server = serve(lambda path, body: (200, json.dumps({"data": rows}).encode(), {}))
    with pytest.raises(EndpointError, match="no answer of the OpenAI kind"):
        embed(Endpoint.at(server.url, "m"), ["uno", "dos"])
