import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"
PEER_LINE = "LightGBM scaled, capped      AP 0.3555  P@50 0.4600  AUC 0.8855  errors in top 50 3  scored 1.0000"


def _module(monkeypatch: pytest.MonkeyPatch, name: str) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module(name)


@pytest.fixture
def planting(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return _module(monkeypatch, "planting")


@pytest.fixture
def verdicts(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return _module(monkeypatch, "verdicts")


@pytest.fixture
def detection(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return _module(monkeypatch, "detection")


@pytest.fixture
def leaderboard(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return _module(monkeypatch, "leaderboard")


GOOD = {
    "AP": 0.5, "P@50": 0.6, "errors in top 50": 1.0, "coverage": 0.9, "MdAPE": 0.09, "error recall": 0.9,
    "error precision": 0.85, "width ratio": 0.98, "calibration error": 0.02, "false discoveries": 0.1,
    **{f"coverage of fifth {i}": 0.9 for i in range(1, 6)},
}  # fmt: skip


def _scores(planting: ModuleType, verdicts: ModuleType, **worse: float) -> list[object]:
    own = {**GOOD, **worse}
    peers = {verdicts.RESIDUAL: {"AP": 0.2, "MdAPE": 0.1}, verdicts.CAPPED: {"AP": 0.4}}
    return [
        planting.Score(planting.Task(market, seed, 0.6, 0.85), method, figures, "2026-01-01", "abcdef123")
        for market in ("medellin", "uk-cars")
        for seed in (1, 2)
        for method, figures in {planting.PERLA: own, **peers}.items()
    ]


def _lines(verdicts: ModuleType, scores: list[object]) -> list[str]:
    found = verdicts.means(scores)
    return [bar.line(found) for bar in verdicts.BARS[verdicts.MIDDLE]]


def test_every_figure_of_a_line_is_read_under_its_name(planting: ModuleType, verdicts: ModuleType) -> None:
    name, figures = planting.read_figures(PEER_LINE)
    assert name == verdicts.CAPPED
    assert figures == {"AP": 0.3555, "P@50": 0.46, "AUC": 0.8855, "errors in top 50": 3.0, "scored": 1.0}


def test_the_mean_of_markets_weighs_every_market_alike(planting: ModuleType, verdicts: ModuleType) -> None:
    def score(market: str, seed: int, ap: float) -> object:
        return planting.Score(planting.Task(market, seed, 0.6, 0.85), planting.PERLA, {"AP": ap}, "", "")

    found = verdicts.means([score("medellin", 1, 0.1), score("medellin", 2, 0.3), score("uk-cars", 1, 0.6)])
    assert found["medellin", planting.PERLA]["AP"] == pytest.approx(0.2)
    assert found[verdicts.MEAN, planting.PERLA]["AP"] == pytest.approx(0.4)


def test_what_reaches_the_bars_is_said_to_meet_them(planting: ModuleType, verdicts: ModuleType) -> None:
    lines = _lines(verdicts, _scores(planting, verdicts))
    judged = [line for line in lines if not line.startswith("the same by market")]
    assert len(judged) == 13
    assert all(line.endswith(" met") for line in judged)


@pytest.mark.parametrize(
    ("worse", "missed"),
    [
        ({"AP": 0.37}, ["mean AP / `LightGBM residual`", "the same on every market", "mean AP / `LightGBM scaled"]),
        ({"P@50": 0.57}, ["mean P@50"]),
        ({"errors in top 50": 1.5}, ["mean errors"]),
        ({"error recall": 0.84}, ["typing errors told by column"]),
        ({"error precision": 0.79}, ["the same, mean precision"]),
        ({"MdAPE": 0.097}, ["MdAPE"]),
        ({"coverage": 0.92}, ["coverage on every market"]),
        ({"coverage of fifth 3": 0.85}, ["coverage in every fifth"]),
        ({"width ratio": 1.01}, ["width"]),
        ({"calibration error": 0.06}, ["calibration error"]),
        ({"false discoveries": 0.13}, ["false discoveries"]),
    ],
)
def test_what_falls_short_of_a_bar_is_said_to_miss_it(
    planting: ModuleType, verdicts: ModuleType, worse: dict[str, float], missed: list[str]
) -> None:
    lines = [line for line in _lines(verdicts, _scores(planting, verdicts, **worse)) if "missed" in line]
    assert len(lines) == len(missed)
    assert all(line.startswith(begin) for line, begin in zip(lines, missed, strict=True))


def test_a_figure_that_was_not_measured_is_neither_met_nor_missed(planting: ModuleType, verdicts: ModuleType) -> None:
    scores = [s for s in _scores(planting, verdicts) if s.method != verdicts.CAPPED]  # type: ignore[attr-defined]
    line = next(line for line in _lines(verdicts, scores) if "capped" in line)
    assert line.endswith("not measured")


def test_every_row_of_the_table_carries_its_day_its_commit_and_its_command(
    planting: ModuleType, verdicts: ModuleType
) -> None:
    scores, command = _scores(planting, verdicts), "python benchmarks/detection.py"
    block = verdicts.make_block(scores, command, verdicts.MIDDLE) + "\n" + verdicts.make_own_block(scores, command)
    rows = [line for line in block.splitlines() if line.startswith("| ") and not line.startswith("| market ")]
    assert len(rows) == 9 + 3
    assert all(row.endswith("| 2026-01-01 | abcdef123 | `python benchmarks/detection.py` |") for row in rows)


def test_each_depth_and_the_wishes_get_a_block_of_their_own(detection: ModuleType, planting: ModuleType) -> None:
    tasks = [planting.Task("medellin", 1, 0.6, 0.85), planting.Task("medellin", 1, 0.35, 0.6)]
    scores = [planting.Score(task, planting.PERLA, GOOD, "", "") for task in tasks]
    wish = planting.Task("medellin", 1, 0.6, 0.85, "wish")
    scores += [planting.Score(wish, method, {"AP": 0.3}, "", "") for method in detection.wishes.METHODS]
    blocks = detection.make_blocks(scores, "command")
    assert list(blocks) == [
        "detection 0.60-0.85", "figures 0.60-0.85", "detection 0.35-0.60", "figures 0.35-0.60", "wishes",
    ]  # fmt: skip
    assert "at least 0.68: 0.500, **missed**" in blocks["detection 0.35-0.60"]
    assert "at least 1.3: 1.00, **missed**" in blocks["wishes"]


def test_a_run_goes_on_with_the_peers_it_has_and_measures_changed_code_anew(
    planting: ModuleType, tmp_path: Path
) -> None:
    task = planting.Task("medellin", 1, 0.6, 0.85)
    before = planting.Bench(tmp_path, tmp_path, 1, "2026-01-01", "aaaaaaaaa")
    before.keep(task, planting.PERLA, {"AP": 0.4})
    before.keep(task, "peer", {"AP": 0.1})
    after = planting.Bench(tmp_path, tmp_path, 1, "2026-01-02", "bbbbbbbbb")
    assert set(before.kept_scores()) == {(task, planting.PERLA), (task, "peer")}
    assert set(after.kept_scores()) == {(task, "peer")}


def test_new_figures_replace_the_old_ones_and_nothing_else(leaderboard: ModuleType) -> None:
    page = "# Page\n\n<!-- begin a -->\nold\n<!-- end a -->\n\nwords\n"
    assert leaderboard.put_block(page, "a", "new") == page.replace("old", "new")
    longer = leaderboard.put_block(page, "b", "first")
    assert longer.startswith(page.rstrip())
    assert leaderboard.put_block(longer, "b", "first") == longer


@pytest.mark.parametrize("name", ["planting", "figures", "leaderboard"])
def test_the_examples_of_the_benchmarks_hold(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    import doctest

    result = doctest.testmod(_module(monkeypatch, name))
    assert result.attempted
    assert not result.failed


@pytest.fixture
def listings() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    area = rng.uniform(40, 200, 1000).round()
    ids = [f"m-{i:04d}" for i in range(1000)]
    return pd.DataFrame({"listing_id": ids, "price": area * 3e6, "area": area, "rooms": (area // 30)})


def test_wished_plants_are_cheap_and_large_and_stand_among_those_that_are_one_of_the_two(
    monkeypatch: pytest.MonkeyPatch, listings: pd.DataFrame
) -> None:
    wishes = _module(monkeypatch, "wishes")
    planted, answers = wishes.plant_wished(listings, "price", "medellin", 1, (0.60, 0.85))
    price, area = planted["price"] / listings["price"], planted["area"] / listings["area"]
    assert answers["kind"].value_counts().to_dict() == {
        "untouched": 930, "bargain": 20, "cheap": 20, "large": 20, "error": 10,
    }  # fmt: skip
    for kind, cheap, large in (("bargain", True, True), ("cheap", True, False), ("large", False, True)):
        rows = answers["kind"] == kind
        assert price[rows].between(0.599, 0.851).all() if cheap else (price[rows] == 1).all()
        assert np.allclose(area[rows], 1.25 if large else 1.0)
    assert (price[answers["kind"] == "untouched"] == 1).all()


def test_what_was_planted_is_taken_back_before_wishes_are_planted(
    monkeypatch: pytest.MonkeyPatch, listings: pd.DataFrame
) -> None:
    wishes = _module(monkeypatch, "wishes")
    answers = pd.DataFrame({
        "listing_id": listings["listing_id"], "kind": "untouched", "factor": 1.0, "true_price": listings["price"],
        "price_column": "price",
    })  # fmt: skip
    answers.loc[:2, "kind"], answers.loc[0, "factor"] = ["bargain", "error", "error"], 0.7
    answers.loc[1, "factor"] = 0.1
    planted = listings.assign(price=listings["price"] * answers["factor"])
    planted.loc[2, "area"] *= 10
    pd.testing.assert_frame_equal(wishes.restore(planted, answers, "medellin"), listings)
