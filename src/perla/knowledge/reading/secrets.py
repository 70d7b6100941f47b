"""Keys and passwords: which files hold nothing else, and which lines look like them; none is learned."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from perla.knowledge.passages import Span

FILES = re.compile(
    r"\.env(\..*)?|.*\.env|.*\.(pem|key|p12|pfx|jks|keystore|kdbx|ovpn|asc|gpg|ppk)|id_(rsa|dsa|ecdsa|ed25519)(\..*)?"
    r"|\.(netrc|pgpass|npmrc|pypirc|htpasswd|git-credentials|dockercfg)|(client_)?secrets?\.(json|ya?ml|toml|ini|txt)"
    r"|credentials(\.(json|ya?ml|toml|ini|txt|csv))?|service[_-]?account.*\.json|kaggle\.json",
    re.I,
)
TOKEN = re.compile(
    r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{20,}|glpat-[\w-]{18,}|\bsk-[A-Za-z0-9_-]{20,}"
    r"|xox[abprs]-[\w-]{10,}|AIza[0-9A-Za-z_-]{30,}|\bhf_[A-Za-z0-9]{25,}|\beyJ[\w-]{10,}\.eyJ[\w-]{10,}"
    r"|\bnpm_[A-Za-z0-9]{30,}|\bpypi-[A-Za-z0-9_-]{40,}|[sr]k_live_\w{10,}|SG\.[\w-]{16,}\.[\w-]{16,}"
    r"|-----(BEGIN|END)[A-Z ]*PRIVATE KEY|://[^\s/:@'\"{}<>]{1,80}:(?!(?:password|secret|pass|clave|contrase[nñ]a|x+|[*]+)@)[^\s/:@'\"{}<>$]{6,80}@"
)
NAMED = re.compile(
    r"(?:passw(?:or)?d|passwd|contrase[nñ]a|secret|api[_-]?key|access[_-]?key|auth[_-]?token|(?:\b|_)token"
    r"|private[_-]?key|(?:\b|_)clave)[\"']?\s*[:=]\s*[\"']?([^\s\"',;(){}\[\]<>$]{8,200})[\"']?\s*[,;]?\s*(?:#.*)?$",
    re.I,
)
KEY_BODY = re.compile(r"^\s*[A-Za-z0-9+/]{60,}={0,2}\s*$")


def is_secret_file(name: str) -> bool:
    """Whether a file of this name is there to keep secrets.

    >>> is_secret_file(".env.local"), is_secret_file("server.pem"), is_secret_file("environment.py")
    (True, True, False)
    """
    return FILES.fullmatch(name) is not None


def is_secret_line(line: str) -> bool:
    """Whether a line looks like a key or a password.

    >>> is_secret_line('password = "hunter22-and-more"'), is_secret_line("token = next(tokens)")
    (True, False)
    """
    if TOKEN.search(line) or KEY_BODY.match(line):
        return True
    found = NAMED.search(line)
    return found is not None and _random(found[1])


def _random(value: str) -> bool:
    """Letters mixed with digits or signs, as no word is."""
    letters, others = sum(c.isalpha() for c in value), sum(not c.isalpha() and c not in "._" for c in value)
    return bool(letters and others) or (len(value) >= 20 and "." not in value and "_" not in value)


def without_secrets(spans: Iterable[Span]) -> tuple[list[Span], int]:
    """The pieces with such lines empty, and how many there were."""
    kept, count = [], 0
    for span in spans:
        lines = span.text.split("\n")
        safe = ["" if is_secret_line(line) else line for line in lines]
        removed = sum(a != b for a, b in zip(safe, lines, strict=True))
        count += removed
        if removed:
            span = replace(span, text="\n".join(safe))
        if span.text.strip():
            kept.append(span)
    return kept, count
