"""Where what is in service lies on the disk: the one place that knows the layout of ``PERLA_HOME/service``."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from pathlib import Path

SERVICE = "service"
RELEASES, MODEL, RECORD, CHECKSUMS = "releases", "model", "record.json", "checksums.json"
IN_SERVICE, LOCK = "in-service.json", "deploy.lock"
EDITIONS, EDITION = "editions", "edition.json"
RUNS = "runs"
MODEL_KIND = "model"  # what the shelf calls a fitted finder
PLAIN = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")
RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")
LONGEST_STEM = 40


def market_folder(home: Path, name: str) -> Path:
    """Where a market's releases, editions and runs are kept; the folder may not be there yet.

    A plain name in lower case is its own folder. Any other (capitals, accents, blanks, dots, slashes, names Windows
    keeps for itself) becomes what is readable of it and a digest, so that no name leads out of the home folder and no
    two names share a folder, not even on a disk that does not tell ``Homes`` from ``homes``.

    >>> market_folder(Path("home"), "homes-medellin").as_posix()
    'home/service/homes-medellin'
    >>> market_folder(Path("home"), "../Homes").as_posix()
    'home/service/homes=6b7466024d'
    """
    return home / SERVICE / folder_name(name)


def folder_name(name: str) -> str:
    """A market's name as the name of a folder; see ``market_folder``."""
    name = unicodedata.normalize("NFC", name)
    if PLAIN.fullmatch(name) and not RESERVED.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_STEM] or "market"
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:10]
    return f"{stem}={digest}"
