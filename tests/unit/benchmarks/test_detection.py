import importlib
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"
PEER_LINE = "LightGBM scaled, capped      AP 0.3555  P@50 0.4600  AUC 0.8855  errors in top 50 3  scored 1.0000"


@pytest.fixture
def detection(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("detection")


@pytest.fixture
def leaderboard(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("leaderboard")


def _scores(detection: ModuleType, ap: float = 0.4, errors: float = 1.0, coverage: float = 0.9) -> list[object]:
    own = {"AP": ap, "P@50": 0.5, "errors in top 50": errors, "coverage": coverage}
    peers = {detection.RESIDUAL: {"AP": 0.2}, detection.CAPPED: {"AP": 0.4}}
    return [
        detection.Score(detection.Task(market, seed, 0.6, 0.85), method, figures, "2026-01-01", "abcdef123")
        for market in ("medellin", "uk-cars")
        for seed in (1, 2)
        for method, figures in {detection.PERLA: own, **peers}.items()
    ]


def test_every_figure_of_a_line_is_read_under_its_name(detection: ModuleType) -> None:
    name, figures = detection.read_figures(PEER_LINE)
    assert name == detection.CAPPED
    assert figures == {"AP": 0.3555, "P@50": 0.46, "AUC": 0.8855, "errors in top 50": 3.0, "scored": 1.0}


def test_the_mean_of_markets_weighs_every_market_alike(detection: ModuleType) -> None:
    def score(market: str, seed: int, ap: float) -> object:
        return detection.Score(detection.Task(market, seed, 0.6, 0.85), detection.PERLA, {"AP": ap}, "", "")

    found = detection.means([score("medellin", 1, 0.1), score("medellin", 2, 0.3), score("uk-cars", 1, 0.6)])
    assert found["medellin", detection.PERLA]["AP"] == pytest.approx(0.2)
    assert found[detection.MEAN, detection.PERLA]["AP"] == pytest.approx(0.4)


def test_what_reaches_the_bars_is_said_to_meet_them(detection: ModuleType) -> None:
    lines = detection.bars(detection.means(_scores(detection)))
    assert len(lines) == 4
    assert all(line.endswith("met") for line in lines)


@pytest.mark.parametrize(
    ("worse", "missed"), [({"ap": 0.39}, [0, 1]), ({"errors": 2.5}, [2]), ({"coverage": 0.86}, [3])]
)
def test_what_falls_short_of_a_bar_is_said_to_miss_it(
    detection: ModuleType, worse: dict[str, float], missed: list[int]
) -> None:
    lines = detection.bars(detection.means(_scores(detection, **worse)))
    assert [i for i, line in enumerate(lines) if "missed" in line] == missed


def test_every_row_of_the_table_carries_its_day_its_commit_and_its_command(detection: ModuleType) -> None:
    block = detection.make_block(_scores(detection), "python benchmarks/detection.py")
    rows = [line for line in block.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == 9
    assert all(row.endswith("| 2026-01-01 | abcdef123 | `python benchmarks/detection.py` |") for row in rows)


def test_new_figures_replace_the_old_ones_and_nothing_else(leaderboard: ModuleType) -> None:
    page = "# Page\n\n<!-- begin a -->\nold\n<!-- end a -->\n\nwords\n"
    assert leaderboard.put_block(page, "a", "new") == page.replace("old", "new")
    longer = leaderboard.put_block(page, "b", "first")
    assert longer.startswith(page.rstrip())
    assert leaderboard.put_block(longer, "b", "first") == longer
