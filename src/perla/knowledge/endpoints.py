"""A client for one server that the user named and that speaks as OpenAI's does: chat completions and embeddings.

Nothing is sent to anybody until a function here is called with an :class:`Endpoint`. Only http and https; nothing is
sent on to another address (a redirect is an error), no proxy of the environment is asked, the key is never shown.
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from perla.errors import EndpointError, InputError

KEY = "PERLA_LLM_KEY"  # the variable of the environment that holds the server's key
PATIENCE_S = 60.0
MOST_CHAT_BYTES, MOST_VECTOR_BYTES = 2_000_000, 64_000_000
LONGEST_ANSWER = 1200  # tokens
BATCH = 32  # texts a call
WIDEST = 16_384  # numbers of a vector
PORTS = {"http": 80, "https": 443}
ENDINGS = ("/chat/completions", "/completions", "/embeddings", "/models")
THOUGHT = re.compile(r"<think>.*?(</think>|\Z)", re.DOTALL | re.IGNORECASE)


@dataclass(frozen=True)
class Endpoint:
    """A server, and which of its models is meant.

    host, port, path : where, without the last part of the address. model : empty: the first one it offers. key : sent
    to this host and nowhere else; never part of a message. patience_s : how long a whole call may take.

    >>> Endpoint.at("http://localhost:11434", key="secret")
    Endpoint(scheme='http', host='localhost', port=11434, path='/v1', model='', patience_s=60.0)
    """

    scheme: str
    host: str
    port: int
    path: str
    model: str = ""
    key: str = field(default="", repr=False)
    patience_s: float = PATIENCE_S

    @classmethod
    def at(cls, url: str, model: str = "", key: str = "", patience_s: float = PATIENCE_S) -> Endpoint:
        """From an address such as http://localhost:11434 or https://host/v1. Raises InputError for any other."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError:
            raise _no_address() from None
        if parts.scheme not in PORTS or not parts.hostname or parts.query or parts.fragment or _odd(url.strip()):
            raise _no_address()
        if parts.username is not None or parts.password is not None:
            raise InputError(
                f"A server's address must not hold a user or a password. Put the key into {KEY} instead.",
                f"La dirección de un servidor no debe traer usuario ni contraseña. Ponga la clave en {KEY}.",
            )
        path = parts.path.rstrip("/")
        for ending in ENDINGS:
            path = path.removesuffix(ending)
        if not key.isascii() or _odd(key):
            raise InputError(
                f"The key in {KEY} holds signs that cannot be sent (blanks or accents). Write it again.",
                f"La clave en {KEY} trae signos que no se pueden enviar (espacios o tildes). Escríbala de nuevo.",
            )
        return cls(parts.scheme, parts.hostname, port or PORTS[parts.scheme], path or "/v1", model, key, patience_s)

    @property
    def url(self) -> str:
        """The address, as it is told."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


@dataclass(frozen=True)
class Said:
    """What a model answered, and the name it goes by."""

    text: str
    model: str


def complete(endpoint: Endpoint, rules: str, asked: str) -> Said:
    """What a language model answers. rules : the system's message. asked : the user's.

    Raises EndpointError where nobody answers in time, or what comes is no answer.
    """
    model = model_of(endpoint)
    told = _call(endpoint, "POST", "/chat/completions", MOST_CHAT_BYTES, {
        "model": model, "temperature": 0, "max_tokens": LONGEST_ANSWER, "stream": False,
        "messages": [{"role": "system", "content": rules}, {"role": "user", "content": asked}],
    })  # fmt: skip
    try:
        text = told["choices"][0]["message"]["content"]
    except (KeyError, IndexError, TypeError):
        raise _nonsense(endpoint) from None
    if not isinstance(text, str):
        raise _nonsense(endpoint)
    clean = _printable(THOUGHT.sub("", text)).strip()
    if not clean:
        raise _nonsense(endpoint)
    return Said(clean, model)


def embed(endpoint: Endpoint, texts: Sequence[str]) -> NDArray[np.float32]:
    """The vectors of texts, (texts, width), each of length 1. Raises EndpointError."""
    if not texts:
        return np.zeros((0, 0), np.float32)
    model, parts = model_of(endpoint), []
    for first in range(0, len(texts), BATCH):
        part = list(texts[first : first + BATCH])
        told = _call(endpoint, "POST", "/embeddings", MOST_VECTOR_BYTES, {"model": model, "input": part})
        parts.append(_vectors(endpoint, told, len(part)))
    if len({part.shape[1] for part in parts}) != 1:
        raise _nonsense(endpoint)
    return np.concatenate(parts)


def model_of(endpoint: Endpoint) -> str:
    """The model's name: the one that was asked for, else the first that the server offers. Raises EndpointError."""
    if endpoint.model:
        return endpoint.model
    told = _call(endpoint, "GET", "/models", MOST_CHAT_BYTES)
    try:
        name = told["data"][0]["id"]
    except (KeyError, IndexError, TypeError):
        name = ""
    if isinstance(name, str) and name and name.isprintable():
        return name
    raise EndpointError(
        f"The server at {endpoint.url} does not say which models it has. Name one: --model NAME",
        f"El servidor en {endpoint.url} no dice qué modelos tiene. Indique uno: --model NOMBRE",
    )


def _vectors(endpoint: Endpoint, told: Any, count: int) -> NDArray[np.float32]:
    try:
        rows = sorted(told["data"], key=lambda row: int(row.get("index", 0)))
        places = [int(row.get("index", place)) for place, row in enumerate(rows)]
        found = np.array([row["embedding"] for row in rows], np.float32)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        raise _nonsense(endpoint) from None
    fits = found.ndim == 2 and len(found) == count and 0 < found.shape[1] <= WIDEST and np.isfinite(found).all()
    if not fits or places != list(range(count)):
        raise _nonsense(endpoint)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.where(lengths > 0, lengths, 1), np.float32)


def _call(endpoint: Endpoint, method: str, path: str, most_bytes: int, sent: dict[str, Any] | None = None) -> Any:
    """One call, ended when patience is over, however slowly the server dribbles."""
    headers = {"Accept": "application/json", "User-Agent": "perla"}
    if endpoint.key:
        headers["Authorization"] = f"Bearer {endpoint.key}"
    body = None if sent is None else json.dumps(sent).encode()
    if body is not None:
        headers["Content-Type"] = "application/json"
    kind = http.client.HTTPSConnection if endpoint.scheme == "https" else http.client.HTTPConnection
    line = kind(endpoint.host, endpoint.port, timeout=endpoint.patience_s)
    late = threading.Event()
    try:
        line.connect()
        with _watched(line.sock, endpoint.patience_s, late):
            line.request(method, endpoint.path + path, body, headers)
            with line.getresponse() as answer:
                status, content = answer.status, answer.read(most_bytes + 1)
    except (OSError, http.client.HTTPException, UnicodeError) as problem:
        raise _what_failed(endpoint, problem, late.is_set()) from None
    finally:
        line.close()
    if late.is_set():
        raise _too_slow(endpoint)
    _check_status(endpoint, status, path)
    return _parsed(endpoint, content, most_bytes)


def _what_failed(endpoint: Endpoint, problem: Exception, late: bool) -> EndpointError:
    if late or isinstance(problem, TimeoutError):
        return _too_slow(endpoint)
    if isinstance(problem, ssl.SSLError):
        return EndpointError(
            f"The server at {endpoint.url} has no certificate that can be believed. Check the address.",
            f"El servidor en {endpoint.url} no tiene un certificado confiable. Revise la dirección.",
        )
    return _absent(endpoint) if isinstance(problem, OSError | UnicodeError) else _nonsense(endpoint)


@contextmanager
def _watched(line: socket.socket, patience_s: float, late: threading.Event) -> Iterator[None]:
    """Hang up when patience is over (the connection's own time-out counts from byte to byte)."""

    def hang_up() -> None:
        late.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(patience_s, hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _check_status(endpoint: Endpoint, status: int, path: str) -> None:
    if status == 200:
        return
    if 300 <= status < 400:
        raise EndpointError(
            f"The server at {endpoint.url} sends on to another address, and nothing is sent on. Name that address.",
            f"El servidor en {endpoint.url} remite a otra dirección, y nada se reenvía. Indique la dirección final.",
        )
    if status in (401, 403):
        raise EndpointError(
            f"The server at {endpoint.url} does not accept the key (status {status}). Put its key into {KEY}.",
            f"El servidor en {endpoint.url} no acepta la clave (estado {status}). Ponga su clave en {KEY}.",
        )
    if status == 404:
        raise EndpointError(
            f"The server at {endpoint.url} knows no {path}, or has no model of that name (status 404). "
            "Check the address and --model.",
            f"El servidor en {endpoint.url} no conoce {path}, o no tiene un modelo con ese nombre (estado 404). "
            "Revise la dirección y --model.",
        )
    raise EndpointError(
        f"The server at {endpoint.url} could not do it (status {status}). Look at its log, or try again later.",
        f"El servidor en {endpoint.url} no pudo hacerlo (estado {status}). Mire su registro o intente más tarde.",
    )


def _parsed(endpoint: Endpoint, content: bytes, most_bytes: int) -> Any:
    most_mb = most_bytes // 1_000_000
    if len(content) > most_bytes:
        raise EndpointError(
            f"The server at {endpoint.url} sent more than {most_mb} MB for one answer. Is it the right one?",
            f"El servidor en {endpoint.url} envió más de {most_mb} MB en una respuesta. ¿Es el correcto?",
        )
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise _nonsense(endpoint) from None


def _printable(text: str) -> str:
    """Without signs that would move a terminal's cursor."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)


def _odd(text: str) -> bool:
    return any(sign.isspace() or not sign.isprintable() for sign in text)


def _no_address() -> InputError:
    return InputError(
        "A server's address must read like http://localhost:11434 or https://host/v1. Write it so.",
        "La dirección de un servidor debe ser como http://localhost:11434 o https://servidor/v1. Escríbala así.",
    )


def _absent(endpoint: Endpoint) -> EndpointError:
    return EndpointError(
        f"Nobody answers at {endpoint.url}. Start the server, or check the address.",
        f"Nadie responde en {endpoint.url}. Inicie el servidor o revise la dirección.",
    )


def _too_slow(endpoint: Endpoint) -> EndpointError:
    return EndpointError(
        f"The server at {endpoint.url} did not answer within {endpoint.patience_s:g} s. Try a smaller model.",
        f"El servidor en {endpoint.url} no respondió en {endpoint.patience_s:g} s. Pruebe un modelo más pequeño.",
    )


def _nonsense(endpoint: Endpoint) -> EndpointError:
    return EndpointError(
        f"What the server at {endpoint.url} sent is no answer of the OpenAI kind. Check the address and the model.",
        f"Lo que envió el servidor en {endpoint.url} no es una respuesta del tipo OpenAI. Revise dirección y modelo.",
    )
