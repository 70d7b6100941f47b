"""The service over a model of the simulated city: in memory, and on a real port of loopback."""

import csv
import threading
import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest
import uvicorn
from starlette.testclient import TestClient

from perla.app.saved import load_finder
from perla.app.web.app import make_app
from perla.app.web.desk import Desk
from perla.bargains.edition import Edition, first_edition
from perla.storage.operations import Operations


@pytest.fixture(scope="session")
def edition(city) -> Edition:
    made = first_edition(load_finder(city.model, 1), "r1", "2026-11-20")
    made.seen.loc[:, :] = "2026-11-01"
    made.seen.loc[made.seen.index[:150], "last_seen"] = "2026-11-20"
    return made


@pytest.fixture(scope="session")
def new_rows(city) -> list[dict[str, str]]:
    """Listings the model never saw, their cells as the file holds them."""
    with city.new.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def serve(edition, tmp_path) -> Iterator[Callable[..., TestClient]]:
    """A client of a service over the city; further settings go to the application."""
    opened = []

    def start(address: tuple[str, int] = ("127.0.0.1", 50_000), ready: bool = True, **settings: object) -> TestClient:
        desk = Desk(tmp_path, 1)
        if ready:
            desk.put("simulated", edition, "000001")
        app = make_app(desk, today=lambda: date(2026, 11, 21), **settings)
        client = TestClient(app, base_url="http://localhost", client=address, raise_server_exceptions=False)
        opened.append(client.__enter__())
        return client

    yield start
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serve) -> TestClient:
    return serve()


@pytest.fixture
def operations(tmp_path) -> Iterator[Operations]:
    with Operations(tmp_path / "operations.sqlite") as made:
        yield made


@pytest.fixture
def on_a_port() -> Iterator[Callable[..., str]]:
    """Runs an application on a free port of loopback, in a thread; gives its address."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: object) -> str:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        while not server.started:
            time.sleep(0.01)
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(timeout=20)
