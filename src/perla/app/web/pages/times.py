"""What a survey tells of time: prices by month for a chart and a table, new listings by week as columns."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from perla.app.web.pages import words as p
from perla.app.web.pages.words import capital
from perla.reports.page.laid_open import Tongue
from perla.survey import Month, Survey, Week
from perla.words import fill, number, percent

MOST_MONTHS, MOST_WEEKS = 36, 26


def over_time(survey: Survey, tongue: Tongue) -> dict[str, Any]:
    """Months, weeks and price cuts; each empty where nobody noted the days."""
    months = [m for m in survey.months if m.median is not None][-MOST_MONTHS:]
    return {
        "told": capital(tongue.say(survey.time, 400)) if survey.time else "",
        "days": [_seconds(m) for m in months],
        "asked": [m.typical if m.typical is not None else m.median for m in months],
        "months": [(m.month, tongue.number(m.listings), tongue.estimate(m.median or 0.0)) for m in reversed(months)],
        "weeks": _columns(survey.weeks[-MOST_WEEKS:], tongue),
        "cuts": _cuts(survey, tongue),
    }


def _seconds(month: Month) -> int:
    return int(datetime.strptime(month.month, "%Y-%m").replace(tzinfo=UTC).timestamp())


def _columns(weeks: tuple[Week, ...], tongue: Tongue) -> list[dict[str, Any]]:
    """Each week as a column: where it stands and how high it is, in percent."""
    most = max((week.new for week in weeks), default=0)
    if len(weeks) < 2 or not most:
        return []
    width = 100 / len(weeks)
    return [
        {
            "monday": week.monday,
            "new": tongue.number(week.new),
            "left": f"{i * width + width * 0.12:.2f}",
            "width": f"{width * 0.76:.2f}",
            "top": f"{100 - week.new / most * 96:.1f}",
            "height": f"{week.new / most * 96:.1f}",
            "whole": week.whole,
        }
        for i, week in enumerate(weeks)
    ]


def _cuts(survey: Survey, tongue: Tongue) -> str:
    cuts = survey.cuts
    if cuts is None or not cuts.followed or cuts.median_cut is None:
        return ""
    followed, cut, median = number(cuts.followed), number(cuts.cut), percent(cuts.median_cut)
    return tongue.say(fill(*p.CUTS, followed=followed, cut=cut, median=median))
