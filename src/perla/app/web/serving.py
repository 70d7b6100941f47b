"""The service as a process: its socket, its workers, its log."""

from __future__ import annotations

import errno
import json
import logging
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from perla.app.settings import Settings, limit_threads
from perla.errors import FileError, InputError
from perla.words import Lang, Text, fill

if TYPE_CHECKING:
    from fastapi import FastAPI


TOLD = "PERLA_SERVICE"  # how a worker learns what to serve
SHARED = "PROMETHEUS_MULTIPROC_DIR"
BACKLOG, KEEP_ALIVE_SECONDS, FAREWELL_SECONDS = 1024, 15, 10


@dataclass(frozen=True)
class Place:
    """Where to listen, with how many workers, and whether everybody needs a key."""

    host: str
    port: int
    workers: int = 1
    require_keys: bool = False


@dataclass(frozen=True)
class Served:
    """What one worker serves."""

    home: str
    threads: int
    open_here: bool


def run_service(place: Place, settings: Settings) -> None:
    """Listen and answer until the process is told to stop.

    Raises InputError where others could reach the service and there is no key, FileError where the port is taken.
    """
    here = is_loopback(place.host)
    _refuse_without_keys(place, here, settings.home)
    with listening(place) as listener, limit_threads(settings.threads):
        address = f"http://{_shown(place.host)}:{listener.getsockname()[1]}"
        _say(address, settings)
        served = Served(str(settings.home), settings.threads, here and not place.require_keys)
        configure_log()
        if place.workers == 1:
            uvicorn.Server(_config(build(served))).run(sockets=[listener])
        else:
            _run_workers(served, place.workers, listener)


def _run_workers(served: Served, workers: int, listener: socket.socket) -> None:
    """Several processes on one socket; they add up their measures in a folder of their own."""
    from uvicorn.supervisors import Multiprocess

    with tempfile.TemporaryDirectory(prefix="perla-metrics-") as shared:
        os.environ |= {TOLD: json.dumps(asdict(served)), SHARED: shared}
        try:
            config = _config(f"{__name__}:build_as_told", workers=workers, factory=True)
            Multiprocess(config, sockets=[listener]).run()
        finally:
            os.environ.pop(TOLD, None)
            os.environ.pop(SHARED, None)


def _config(app: Any, **more: Any) -> uvicorn.Config:
    """What callers say of themselves through a proxy is not believed; nothing is told of what runs here."""
    return uvicorn.Config(
        app, log_config=None, access_log=False, proxy_headers=False, server_header=False, ws="none", lifespan="on",
        backlog=BACKLOG, timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=FAREWELL_SECONDS, **more,
    )  # fmt: skip


def build_as_told() -> FastAPI:
    """The service of one worker, as its environment says."""
    configure_log()
    return build(Served(**json.loads(os.environ[TOLD])))


def build(served: Served) -> FastAPI:
    """The service over a home folder."""
    from perla.app.web.app import make_app
    from perla.app.web.desk import Desk
    from perla.storage.operations import OPERATIONS, Operations

    home = Path(served.home)
    return make_app(Desk(home, served.threads), Operations(home / OPERATIONS), open_here=served.open_here)


def configure_log() -> None:
    """What the service says goes to stderr, a line each; requests and keys are not written."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    for name, level in (("perla", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(level)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host.

    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0"), is_loopback("perla.example")
    (True, True, False, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refuse_without_keys(place: Place, here: bool, home: Path) -> None:
    """Where a key is needed there must be one."""
    from perla.storage.operations import OPERATIONS, Operations

    if here and not place.require_keys:
        return
    with Operations(home / OPERATIONS) as operations:
        if any(not key.revoked for key in operations.list_keys()):
            return
    raise InputError(
        "A service that asks for keys needs at least one, and there is none (only 127.0.0.1 without --require-keys is "
        "open without keys). Make one with: perla keys create NAME",
        "Un servicio que pide claves necesita al menos una, y no hay ninguna (solo 127.0.0.1 sin --require-keys está "
        "abierto sin claves). Cree una con: perla keys create NOMBRE",
    )


@contextmanager
def listening(place: Place) -> Iterator[socket.socket]:
    """A socket that listens there. FileError where it cannot, saying what to do."""
    try:
        found = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(*found[:3])  # with its protocol, without which answers are held back for 40 ms
    except OSError as problem:
        raise _cannot_listen(place, problem) from problem
    with listener:
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(found[4])
            listener.listen(BACKLOG)
        except OSError as problem:
            raise _cannot_listen(place, problem) from problem
        listener.set_inheritable(True)
        yield listener


def _cannot_listen(place: Place, problem: OSError) -> FileError:
    if problem.errno == errno.EADDRINUSE:
        why = Text(
            "another program listens there already; stop it, or choose another port with --port (0 takes a free one)",
            "otro programa ya escucha ahí; deténgalo, o elija otro puerto con --port (0 toma uno libre)",
        )
    elif problem.errno == errno.EACCES:
        why = Text("ports below 1024 need more rights; use --port 8000", "los puertos menores de 1024 piden permisos; "
                   "use --port 8000")  # fmt: skip
    else:
        said = problem.strerror or str(problem)
        why = Text(f"{said}; check --host", f"{said}; revise --host")
    told = fill(
        "The service cannot listen at {host}, port {port}: {why}.",
        "El servicio no puede escuchar en {host}, puerto {port}: {why}.",
        host=place.host, port=place.port, why=why,
    )  # fmt: skip
    return FileError(told.en, told.es)


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _say(address: str, settings: Settings) -> None:
    """Where to go; and that there is nothing to see yet, where that is so."""
    from perla.app.editions import markets_with_editions

    lang: Lang = settings.lang
    told = fill(
        "Open {address} in a browser; programs ask {address}/v1 (described at {address}/openapi.json). Stop: Ctrl-C.",
        "Abra {address} en un navegador; los programas preguntan a {address}/v1 (descrito en {address}/openapi.json). "
        "Para terminar: Ctrl-C.",
        address=address,
    )
    print(told.text(lang), flush=True)
    if not markets_with_editions(settings.home):
        nothing = Text(
            "No market is in service yet; as soon as one is deployed, it answers. See: perla deploy --help",
            "Todavía no hay ningún mercado en servicio; apenas se despliegue uno, responde. Vea: perla deploy --help",
        )
        print(nothing.text(lang), flush=True)
