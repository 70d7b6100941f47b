"""The scorecard's forms: the same figures in the terminal, in JSON and on the page, in both languages."""

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from perla.bargains.evaluation import Breakdown, Evaluation
from perla.errors import FileError
from perla.listings import Column, Kind, Market
from perla.reports.scorecard_files import check_scorecards, render, write_scorecards
from perla.reports.scorecard_terminal import show_evaluation
from perla.valuation.market_parts import Part
from perla.valuation.scorecard import Judged, make_scorecard, score_line
from perla.words import Text, same

RNG = np.random.default_rng(0)
LOG = RNG.normal(19, 0.6, 500)
OFF = RNG.normal(0, 0.1, 500)
HOSTILE = "<script>alert(1)</script>[red]\x1b[31m{{ 7*7 }}"
JUDGED = Judged(LOG, LOG + OFF, LOG - 0.2, LOG + 0.2, LOG + 1.5 * OFF, LOG + 2 * OFF)
NAMES = tuple(same(HOSTILE if k == 0 else f"part {k}") for k in range(12))
PARTS = (
    Part("fifth", Text("by fifth of price", "por quinto de precio"), NAMES[:5], np.arange(500) % 5),
    Part("segment", same(f"by {HOSTILE}"), NAMES, np.arange(500) % 12),
)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    market = Market("homes", "price", "COP", (Column("price", Kind.QUANTITY),), title=same(HOSTILE))
    splits = Breakdown("split", Text("by split", "por corte"), (score_line(Text("new", "nuevos"), JUDGED),))
    card = make_scorecard(JUDGED, PARTS, (Text("Done so.", "Hecho así."),))
    return Evaluation(market, "new.csv", "old.csv", card, splits)


def shown(evaluation: Evaluation, lang: str, width: int = 80) -> str:
    out = StringIO()
    show_evaluation(evaluation, Console(file=out, width=width, highlight=False, markup=False), lang)
    return out.getvalue()


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_terminal_shows_figures_limits_and_parts_within_eighty_columns(evaluation, lang):
    told = shown(evaluation, lang)
    assert max(map(len, told.splitlines())) <= 80
    for word in ("MdAPE", "R²", "MAE", "RMSE", "COD", "PRD", "PRB", "IAAO"):
        assert word in told
    assert ("0.90 – 1.10" if lang == "en" else "0,90 – 1,10") in told
    assert "\x1b" not in told and "…" not in told.split("\n\n")[1]


def test_only_the_largest_segments_stand_in_the_terminal_and_the_rest_is_counted(evaluation):
    assert "and 7 more" in shown(evaluation, "en") and "y 7 más" in shown(evaluation, "es")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_page_is_whole_runs_nothing_and_reads_no_markup(evaluation, lang):
    page = render(evaluation, ".html", lang, "2026-01-01").decode()
    assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")
    assert "<script" not in page and "&lt;script&gt;" in page and "{{ 7*7 }}" in page and "\x1b" not in page
    assert page.count("<svg") == 3 and "src=" not in page
    assert page == render(evaluation, ".html", lang, "2026-01-01").decode()


def test_json_holds_every_figure_by_its_standard_name(evaluation):
    record = json.loads(render(evaluation, ".json", "es"))
    mine = record["overall"]["perla"]
    assert {"r2", "mae", "rmse", "mdape", "within_5", "within_10", "within_20", "median_ratio", "cod", "prd", "prb",
            "coverage", "width"} <= set(mine)  # fmt: skip
    assert record["overall"]["hedonic"]["coverage"] is None
    assert [b["kind"] for b in record["breakdowns"]] == ["split", "fifth", "segment"]
    assert record["how"] == ["Hecho así."] and record["iaao_limits"]["prd"] == {"low": 0.98, "high": 1.03}


def test_an_ending_nobody_knows_is_refused_before_the_work(tmp_path):
    with pytest.raises(FileError, match=r"\.html or \.json"):
        check_scorecards([tmp_path / "scores.xlsx"])


def test_scorecards_are_written_whole(evaluation, tmp_path):
    write_scorecards(evaluation, [tmp_path / "s.html", tmp_path / "s.json"], "en")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["s.html", "s.json"]
