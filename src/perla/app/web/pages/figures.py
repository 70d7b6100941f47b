"""Drawings made for a page of their own, fitted to pages that allow no style inside the document."""

from __future__ import annotations

import re

from markupsafe import Markup

_STYLE = re.compile(r'\sstyle="([^"]*)"')
_SHEET = re.compile(r"<defs>\s*<style[^>]*>[^<]*</style>\s*</defs>|<style[^>]*>[^<]*</style>")
_UNUSED_ID = re.compile(r'\sid="(?:line2d|text|patch|legend|axes|figure|xtick|ytick|matplotlib)[\w.-]*"')
ATTRIBUTES = frozenset({
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin", "stroke-dasharray",
    "stroke-dashoffset", "stroke-opacity", "opacity", "font-size", "font-weight", "text-anchor",
})  # fmt: skip


def bare(drawn: Markup) -> Markup:
    """The same drawing with its styles as attributes, so that no style stands inside the document.

    >>> bare(Markup('<path style="fill: none; font-family: Arial; stroke-width: 2" d="M0"/>'))
    Markup('<path fill="none" stroke-width="2" d="M0"/>')
    """
    text = _UNUSED_ID.sub("", _SHEET.sub("", str(drawn)))
    return Markup(_STYLE.sub(lambda found: _attributes(found[1]), text))  # noqa: S704 - made of what was safe already


def _attributes(style: str) -> str:
    pairs = (part.split(":", 1) for part in style.split(";") if ":" in part)
    return "".join(f' {name.strip()}="{value.strip()}"' for name, value in pairs if name.strip() in ATTRIBUTES)
