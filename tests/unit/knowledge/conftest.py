"""A made-up server that speaks as OpenAI's does, on a free port of this machine, ended by the test."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

Reply = Callable[[str, Any], tuple[int, bytes, dict[str, str]]]


class FakeServer:
    """Answers as ``reply(path, body)`` says; keeps what it was asked and with which headers."""

    def __init__(self, reply: Reply) -> None:
        self.asked: list[tuple[str, Any, dict[str, str]]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(length)) if length else None
                server.asked.append((self.path, body, dict(self.headers)))
                status, content, headers = reply(self.path, body)
                try:
                    self.send_response(status)
                    for name, value in headers.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(content)
                except OSError:
                    pass

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def end(self) -> None:
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def serve() -> Iterator[Callable[[Reply], FakeServer]]:
    """Starts servers and ends them with the test."""
    running: list[FakeServer] = []

    def start(reply: Reply) -> FakeServer:
        running.append(FakeServer(reply))
        return running[-1]

    yield start
    for server in running:
        server.end()


@pytest.fixture
def says(serve: Callable[[Reply], FakeServer]) -> Callable[[str], FakeServer]:
    """A language model that always says the same."""

    def start(text: str) -> FakeServer:
        def reply(path: str, _: Any) -> tuple[int, bytes, dict[str, str]]:
            if path.endswith("/models"):
                return 200, json.dumps({"data": [{"id": "pequeño"}]}).encode(), {}
            return 200, json.dumps({"choices": [{"message": {"content": text}}]}).encode(), {}

        return serve(reply)

    return start
