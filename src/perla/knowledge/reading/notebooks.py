"""Jupyter notebooks, cell by cell: what was written and the code, without outputs."""

from __future__ import annotations

from typing import Any

from perla.knowledge.passages import Span
from perla.knowledge.reading.opening import refused
from perla.knowledge.reading.plain import BETWEEN, read_markdown
from perla.knowledge.reading.whisper import load_json
from perla.words import Text


def read_notebook(text: str) -> tuple[list[Span], tuple[Text, ...]]:
    """The cells, numbered from 1 in the place of lines, under the headings of the cells before. Raises InputError."""
    spans: list[Span] = []
    heading = ""
    for number, cell in enumerate(_cells(load_json(text)), 1):
        source = _source(cell)
        if not source.strip():
            continue
        if cell.get("cell_type") == "code":
            spans.append(Span(source.strip("\n"), first_line=number, last_line=number, heading=_under(number, heading)))
            continue
        for span in read_markdown(source)[0]:
            heading = span.heading or heading
            spans.append(Span(span.text, first_line=number, last_line=number, heading=_under(number, heading)))
    if not spans:
        raise refused("it is a notebook without a cell that says something", "es un cuaderno sin celdas con contenido")
    return spans, ()


def _cells(value: Any) -> list[dict[str, Any]]:
    """Those of the present format, or of the one before with its worksheets."""
    held = value.get("cells") if isinstance(value, dict) else None
    if not isinstance(held, list) and isinstance(value, dict):
        sheets = value.get("worksheets")
        sheet = sheets[0] if isinstance(sheets, list) and sheets and isinstance(sheets[0], dict) else {}
        held = sheet.get("cells")
    if not isinstance(held, list):
        raise refused("it is no notebook", "no es un cuaderno de Jupyter")
    return [cell for cell in held if isinstance(cell, dict)]


def _source(cell: dict[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    lines = source if isinstance(source, list) else [source]
    return "".join(line for line in lines if isinstance(line, str))


def _under(number: int, heading: str) -> str:
    return f"[{number}]{BETWEEN}{heading}" if heading else f"[{number}]"
