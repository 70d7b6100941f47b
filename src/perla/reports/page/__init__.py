"""The HTML page: one file that needs no network and runs no script, readable on a phone, on paper and in the dark."""

from __future__ import annotations

from importlib.resources import files

from perla.bargains.findings import Findings
from perla.words import Lang


def render(findings: Findings, lang: Lang, all_rows: bool = False, made_on: str | None = None) -> bytes:
    """The page as UTF-8 bytes; equal findings give equal bytes. ``all_rows`` changes nothing."""
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    from perla.reports.page import view

    here = files("perla.reports.page")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(here.joinpath("page.html.j2").read_text("utf-8"))
    style = Markup(here.joinpath("page.css").read_text("utf-8"))  # noqa: S704 - our own file
    return template.render(style=style, **view.page(findings, lang, made_on)).encode("utf-8", errors="replace")
