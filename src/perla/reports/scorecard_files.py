"""A scorecard to files: an HTML page to read, JSON for other programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from perla import __version__
from perla.bargains.evaluation import (
    COD_LIMITS,
    COD_LIMITS_OF_UNLIKE_THINGS,
    LEVEL_LIMITS,
    PRB_LIMITS,
    PRD_LIMITS,
    Evaluation,
)
from perla.errors import FileError
from perla.reports.json_record import plain
from perla.reports.writing import check_writable, write_whole
from perla.words import Lang

ENDINGS = (".html", ".json")


def check_scorecards(paths: Sequence[Path]) -> None:
    """Raise FileError now for what ``write_scorecards`` could not write later."""
    for path in paths:
        if path.suffix.lower() not in ENDINGS:
            raise FileError(
                f"A scorecard is written as {' or '.join(ENDINGS)}, but the output is {path}. Rename it.",
                f"Un boletín se escribe como {' o '.join(ENDINGS)}, pero la salida es {path}. Cámbiele el nombre.",
            )
        check_writable(path)


def write_scorecards(evaluation: Evaluation, paths: Sequence[Path], lang: Lang, made_on: str | None = None) -> None:
    """Write the scorecard to each path, as its ending says; every one is made before the first file is touched.

    made_on : the day to print; None prints none, so that equal scorecards give equal bytes. Raises FileError.
    """
    check_scorecards(paths)
    contents = [render(evaluation, path.suffix.lower(), lang, made_on) for path in dict.fromkeys(paths)]
    for path, content in zip(dict.fromkeys(paths), contents, strict=True):
        write_whole(path, content)


def render(evaluation: Evaluation, ending: str, lang: Lang, made_on: str | None = None) -> bytes:
    """The file's bytes."""
    if ending == ".html":
        from perla.reports.page.scorecard import render_page

        return render_page(evaluation, lang, made_on)
    text = json.dumps(evaluation_record(evaluation, lang, made_on), ensure_ascii=False, allow_nan=False, indent=2)
    return (text + "\n").encode("utf-8", errors="replace")


def evaluation_record(evaluation: Evaluation, lang: Lang, made_on: str | None = None) -> dict[str, Any]:
    """The scorecard as plain dicts and lists; the measures by their standard names, NaN as null."""
    card = evaluation.scorecard
    limits = {
        "median_ratio": LEVEL_LIMITS,
        "cod": COD_LIMITS,
        "cod_of_unlike_things": COD_LIMITS_OF_UNLIKE_THINGS,
        "prd": PRD_LIMITS,
        "prb": PRB_LIMITS,
    }
    return {
        "perla_version": __version__,
        "made_on": made_on,
        "simulated": evaluation.market.simulated,
        "market": {"name": evaluation.market.name, "currency": evaluation.market.currency},
        "source": evaluation.source,
        "learned_from": evaluation.learned_from,
        "how": plain(card.how, lang),
        "iaao_limits": {name: asdict(limit) for name, limit in limits.items()},
        "overall": plain(card.overall, lang),
        "breakdowns": plain((evaluation.splits, *card.breakdowns), lang),
        "residuals": plain(card.picture, lang),
    }
