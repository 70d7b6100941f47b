"""Bytes of files that nobody vouches for -> text, with limits; what is no text is refused with the reason."""

from __future__ import annotations

import codecs
import os
import re
import stat
from pathlib import Path

from perla.errors import FileError, InputError
from perla.words import Text, fill

MOST_BYTES = 20 * 10**6
MOST_CODE_BYTES = 5 * 10**6
MOST_PDF_BYTES = 100 * 10**6
LOOKED_AT = 8192
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
WESTERN = frozenset("áéíóúüñÁÉÍÓÚÜÑ¿¡àèìòùâêîôûäëïöçÇãõº°ª«»–—‘’“”…·€©®±²³µ½¼¾ß¢£¥§")
MOST_ODD = 0.02  # of the letters of a text in an older encoding


def read_bytes(path: Path, most: int) -> bytes:
    """The bytes of a regular file of at most ``most`` bytes; a larger one is refused before it is read."""
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            told = os.fstat(file.fileno())
            if not stat.S_ISREG(told.st_mode):
                raise refused("it is no regular file", "no es un archivo normal")
            if told.st_size > most:
                raise _too_large(most)
            content = file.read(most + 1)
    except OSError as problem:
        if isinstance(problem, FileError):
            raise
        why = problem.strerror or type(problem).__name__
        raise FileError(f"the system says: {why}", f"el sistema dice: {why}") from problem
    if len(content) > most:
        raise _too_large(most)
    return content


def decode(content: bytes) -> tuple[str, tuple[Text, ...]]:
    """The text of bytes, lines ending in a newline, and what there is to say about it. Raises InputError.

    >>> decode("mañana".encode("utf-16"))[0]
    'mañana'
    """
    if not content.strip(b"\r\n\t \x00\xef\xbb\xbf"):
        raise refused("it is empty", "está vacío")
    encoding = next((name for mark, name in MARKS if content.startswith(mark)), "utf-8")
    if encoding != "utf-16" and b"\0" in content[:LOOKED_AT]:
        raise _binary()
    notes: tuple[Text, ...] = ()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = _decode_older(content)
        notes = (Text("it was read as Windows-1252, because it is no UTF-8", "se leyó como Windows-1252, pues no es "
                      "UTF-8"),)  # fmt: skip
    start = text[: 16 * LOOKED_AT]
    if len(CONTROL.findall(start)) > 0.01 * len(start):
        raise _binary()
    return CONTROL.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")), notes


def _decode_older(content: bytes) -> str:
    """Windows-1252, where its signs are those of a western language and few."""
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise _wrongly_encoded() from None
    signs = [letter for letter in text if ord(letter) > 127]
    odd = sum(letter not in WESTERN for letter in signs)
    if len(signs) > 0.2 * len(text) or odd > MOST_ODD * len(signs):
        raise _wrongly_encoded()
    return text


def refused(en: str, es: str) -> InputError:
    """Why a file is not learned, as half a sentence."""
    return InputError(en, es)


def _binary() -> InputError:
    return refused("it is binary, not text", "es binario, no texto")


def _wrongly_encoded() -> InputError:
    return refused("it is no UTF-8 text; save it as UTF-8", "no es texto UTF-8; guárdelo como UTF-8")


def _too_large(most: int) -> InputError:
    said = fill(
        "it is larger than {most} MB, the limit of its kind", "pasa de {most} MB, el límite de su tipo",
        most=most // 10**6,
    )  # fmt: skip
    return InputError(said.en, said.es)
