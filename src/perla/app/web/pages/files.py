"""The style, scripts and outlines of the pages: read once, compressed once, addressed by their content."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request, Response

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
SERVED = (
    "perla.css",
    "perla.js",
    "icon.svg",
    "vendor/htmx/htmx.min.js",
    "vendor/leaflet/leaflet.js",
    "vendor/leaflet/leaflet.css",
    "vendor/uplot/uPlot.iife.min.js",
    "vendor/uplot/uPlot.min.css",
)
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"
router = APIRouter()


@dataclass(frozen=True)
class StaticFile:
    """One file as it goes over the wire."""

    name: str
    kind: str
    content: bytes
    compressed: bytes
    mark: str

    @property
    def address(self) -> str:
        return f"/static/{self.mark}/{self.name}"


@cache
def static_file(name: str) -> StaticFile:
    """A file of the pages by its name. Raises KeyError for one that is not served."""
    if name not in SERVED:
        raise KeyError(name)
    content = files("perla.app.web").joinpath("static", *name.split("/")).read_bytes()
    mark = hashlib.sha256(content).hexdigest()[:12]
    return StaticFile(name, TYPES[name[name.rindex(".") :]], content, gzip.compress(content, 9, mtime=0), mark)


def address_of(name: str) -> str:
    """Where a file is found: an address that changes with its content."""
    return static_file(name).address


@router.get("/static/{mark}/{name:path}")
def send_file(mark: str, name: str, request: Request) -> Response:
    """A file, compressed where the reader can take it; kept for ever under the address of its content."""
    if name not in SERVED:
        return Response(status_code=404)
    file = static_file(name)
    headers = {
        "ETag": f'"{file.mark}"',
        "Cache-Control": FOR_EVER if mark == file.mark else ASK_AGAIN,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
    }
    if file.mark in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(file.compressed, media_type=file.kind, headers={**headers, "Content-Encoding": "gzip"})
    return Response(file.content, media_type=file.kind, headers=headers)


@router.get("/favicon.ico")
def send_icon(request: Request) -> Response:
    """The icon, for browsers that ask for it by its old name."""
    return send_file("", "icon.svg", request)
