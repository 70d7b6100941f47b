"""Text that strangers wrote in their ads: made harmless before it is shown, linked or put in a cell."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pandas as pd

LONGEST_LINK = 2_000
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_FORMULA = re.compile("^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
_NEGATIVE = re.compile(r"^-\s?\d[\d.,]*(?:[eE][+-]?\d+)?\s?%?$")


def missing(value: Any) -> bool:
    """Whether a cell holds nothing: None, NaN, NaT or NA."""
    if isinstance(value, str | int):
        return False
    if isinstance(value, float):
        return value != value
    return value is None or (pd.api.types.is_scalar(value) and bool(pd.isna(value)))


def clean(value: object) -> str:
    """A cell as harmless text: no terminal escapes, control characters or marks that turn the reading direction.

    >>> clean("\\x1b[31mred\\x1b[0m \\u202efdp"), clean(float("nan")), clean(3.0)
    ('red fdp', '', '3')
    """
    if isinstance(value, str) and value.isprintable():
        return value.strip()
    if missing(value):
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = _DIRECTIONS.sub("", _ANSI.sub("", str(value)))
    text = _SURROGATES.sub("\ufffd", _CONTROLS.sub(" ", text.replace("\r\n", "\n")))
    return text.strip()


def one_line(value: object, longest: int = 200) -> str:
    """A cell as one line of at most ``longest`` characters.

    >>> one_line("big\\n flat", 6)
    'big f…'
    """
    text = " ".join(clean(value).split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def guard(value: object) -> object:
    """A text that a spreadsheet would take for a formula gets a leading apostrophe; numbers stay.

    >>> guard("=1+1"), guard("-12.5"), guard("-1+1"), guard(-3)
    ("'=1+1", '-12.5', "'-1+1", -3)
    """
    if isinstance(value, str) and _FORMULA.match(value) and not _NEGATIVE.match(value):
        return "'" + value
    return value


def safe_link(value: object) -> str:
    """The link if it is plain http or https to a named host, else an empty text.

    >>> safe_link("https://example.org/a"), safe_link("javascript:alert(1)")
    ('https://example.org/a', '')
    """
    text = value.strip() if isinstance(value, str) else ""
    if not text or len(text) > LONGEST_LINK or text != clean(text) or re.search(r"[\s<>\"'\\^`{|}]", text):
        return ""
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname)
    except ValueError:
        return ""
    return text if parts.scheme.lower() in ("http", "https") and named else ""


def distinct(wanted: str, taken: set[str], change: Callable[[str, int], str]) -> str:
    """``wanted``, or the first ``change(wanted, 2), change(wanted, 3), ...`` that is not taken; it is then taken."""
    name, attempt = wanted, 1
    while name.casefold() in taken:
        attempt += 1
        name = change(wanted, attempt)
    taken.add(name.casefold())
    return name
