import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("figures")


def _listings(count: int = 1000, half_width: float = 0.2) -> pd.DataFrame:
    """Untouched listings whose log price lies evenly within 0.3 of what is expected; the interval reaches 0.2."""
    expected = np.linspace(100.0, 1000.0, count)
    price = expected * np.exp(np.tile(np.linspace(-0.3, 0.3, 10), count // 10))
    return pd.DataFrame({
        "listing_id": np.arange(count).astype(str), "kind": "untouched", "factor": 1.0, "true_price": price,
        "asked": price, "price_column": "price", "verdict": "fair", "expected_price": expected,
        "low": expected * np.exp(-half_width), "high": expected * np.exp(half_width),
        "lightgbm_expected_price": expected, "catboost_expected_price": expected,
        "lightgbm_low": expected * np.exp(-0.1), "lightgbm_high": expected * np.exp(0.1),
    })  # fmt: skip


def test_the_quantiles_are_widened_until_they_cover_as_much_and_then_compared(figures: ModuleType) -> None:
    found = figures.widths_at_one_coverage(_listings())
    # Of ten even steps from -0.3 to 0.3 six lie within 0.2; the peer's interval reaches the sixth at 0.1 + 0.0667.
    assert found["width of widened quantiles"] == pytest.approx(np.exp(2 * 0.3 * 5 / 9))
    assert found["width ratio"] == pytest.approx(np.exp(0.4) / np.exp(2 * 0.3 * 5 / 9))


def test_coverage_is_told_for_each_fifth_of_price(figures: ModuleType) -> None:
    whole = _listings().sort_values("true_price", ignore_index=True)
    whole.loc[:199, ["low", "high"]] = [0.0, 1.0]
    whole.loc[200:, ["low", "high"]] = [0.0, 1e9]
    found = figures.coverage_by_fifth(whole)
    assert list(found.values()) == [0.0, 1.0, 1.0, 1.0, 1.0]


def test_a_chance_that_is_as_frequent_as_stated_has_no_error_and_one_that_overstates_has(figures: ModuleType) -> None:
    kind = np.where(np.arange(1000) % 10 == 0, "bargain", "untouched")
    honest = pd.DataFrame({"kind": kind, "chance": 0.1})
    assert figures.calibration(honest)["calibration error"] == pytest.approx(0.0)
    overstated = figures.calibration(honest.assign(chance=0.6))
    assert overstated["calibration error"] == pytest.approx(0.5)
    assert overstated["calibration error, equal widths"] == pytest.approx(0.5)


def test_a_listing_without_a_chance_counts_as_stated_at_nothing(figures: ModuleType) -> None:
    whole = pd.DataFrame({"kind": ["bargain"] * 5 + ["untouched"] * 5, "chance": [1.0] * 5 + [np.nan] * 5})
    assert figures.calibration(whole)["calibration error"] == pytest.approx(0.0)


def test_false_discoveries_leave_out_natural_bargains_and_the_strict_share_does_not(figures: ModuleType) -> None:
    whole = _listings().assign(p_value=0.9)
    whole.loc[:9, "p_value"] = 1e-6
    whole.loc[:5, "kind"] = "bargain"
    whole.loc[6, "kind"] = "error"
    whole.loc[7:9, "asked"] = whole["lightgbm_expected_price"] * np.array([0.8] * len(whole))
    whole.loc[9, "asked"] = whole.loc[9, "lightgbm_expected_price"]
    found = figures.false_discoveries(whole)
    assert found["discoveries"] == 10
    assert found["errors discovered"] == 1
    assert found["false discoveries"] == pytest.approx(0.2)
    assert found["false discoveries, strict"] == pytest.approx(0.4)


def test_suspicious_listings_are_not_on_the_list(figures: ModuleType) -> None:
    whole = _listings().assign(p_value=1e-6, verdict="suspicious")
    assert figures.false_discoveries(whole)["discoveries"] == 0
    assert figures.false_discoveries(whole)["false discoveries"] == 0


def test_a_typing_error_counts_only_under_the_column_it_is_in(figures: ModuleType) -> None:
    whole = _listings().assign(error_column="")
    whole.loc[:3, "kind"] = "error"
    whole.loc[:1, "factor"] = 0.1
    whole.loc[:4, "error_column"] = ["price", "area", "area", "", "price"]
    found = figures.typing_errors(whole, "area")
    assert found["error recall"] == pytest.approx(0.5)
    assert found["error precision"] == pytest.approx(0.5)
    assert (found["error recall, price"], found["error recall, size"]) == (0.5, 0.5)


def test_what_a_search_did_not_give_is_not_measured(figures: ModuleType) -> None:
    names = set(figures.own_figures(_listings(), "area"))
    assert "coverage of fifth 1" in names
    assert not names & {"calibration error", "false discoveries", "error recall"}
