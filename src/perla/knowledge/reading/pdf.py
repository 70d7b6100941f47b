"""PDF, page by page, through pypdf, which unpacks no more than it promises."""

from __future__ import annotations

import io
import logging
import re

from perla.errors import InputError, MissingExtraError
from perla.knowledge.passages import Span
from perla.knowledge.reading.opening import refused
from perla.words import Text, fill

MOST_PAGES = 3000
MOST_LETTERS = 20_000_000
HYPHEN = re.compile(r"(?<=[a-záéíóúüñ])-\n(?=[a-záéíóúüñ])")


def read_pdf(content: bytes) -> tuple[list[Span], tuple[Text, ...]]:
    """The paragraphs of a PDF, the page in the place of lines. Raises InputError for one without text."""
    try:
        import pypdf
    except ImportError as problem:
        raise MissingExtraError(
            "Learning PDF files needs pypdf. Install it with: pip install 'perla[knowledge]'",
            "Aprender archivos PDF necesita pypdf. Instálelo con: pip install 'perla[knowledge]'",
        ) from problem
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        return _pages(pypdf.PdfReader(io.BytesIO(content), strict=False))
    except InputError:
        raise
    except (Exception, RecursionError) as problem:  # pypdf lets any error of a damaged file through
        why = f"{type(problem).__name__}: {problem}"[:120]
        raise refused(f"its PDF cannot be read ({why})", f"su PDF no se puede leer ({why})") from None


def _pages(reader: object) -> tuple[list[Span], tuple[Text, ...]]:
    pages = reader.pages  # type: ignore[attr-defined]
    if getattr(reader, "is_encrypted", False) and not reader.decrypt(""):  # type: ignore[attr-defined]
        raise refused("its PDF needs a password", "su PDF necesita una contraseña")
    spans: list[Span] = []
    unread, why, letters, count = 0, "", 0, min(len(pages), MOST_PAGES)
    for number in range(1, count + 1):
        try:
            text = pages[number - 1].extract_text() or ""
        except (Exception, RecursionError) as problem:
            unread, why = unread + 1, f"{type(problem).__name__}: {problem}"[:120]
            continue
        letters += len(text)
        spans += [
            Span(" ".join(part.split()), first_line=number, last_line=number, heading=f"p. {number}")
            for part in re.split(r"\n[ \t]*\n", HYPHEN.sub("", text))
            if part.strip()
        ]
        if letters > MOST_LETTERS:
            raise refused("its PDF unpacks to too much text", "su PDF contiene demasiado texto al descomprimirlo")
    if not spans and unread:
        raise refused(f"its PDF cannot be read ({why})", f"su PDF no se puede leer ({why})")
    if not spans:
        raise refused("its PDF holds no text, only pictures", "su PDF no tiene texto, solo imágenes")
    return spans, _notes(unread, len(pages) - count)


def _notes(unread: int, beyond: int) -> tuple[Text, ...]:
    missing = unread + beyond
    said = fill("pages that could not be read: {n}", "páginas que no se pudieron leer: {n}", n=missing)
    return (said,) if missing else ()
