import importlib
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

FOLDER = Path(__file__).resolve().parents[3] / "benchmarks"
DAYS = pd.date_range("2024-01-01", "2024-03-31", freq="D")


@pytest.fixture
def panels(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("outcome_panels")


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    pytest.importorskip("statsmodels", reason="survival regressions need statsmodels")
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module("outcome_models")


@pytest.fixture
def outcomes(models: ModuleType) -> ModuleType:
    return importlib.import_module("outcomes")


def _seen(*pairs: tuple[str, str], car: str = "a") -> pd.DataFrame:
    frame = pd.DataFrame(pairs, columns=["first", "last"]).apply(pd.to_datetime)
    return frame.assign(car=car)


def _spell(first: str, last: str) -> pd.DataFrame:
    return pd.DataFrame({"first_seen": [pd.Timestamp(first)], "last_seen": [pd.Timestamp(last)]}, index=["a"])


def _cars(rng: np.random.Generator, count: int, effect: float) -> pd.DataFrame:
    """Cars of which a fifth are bargains that leave ``effect`` times as fast."""
    deal = rng.random(count) < 0.2
    leaves = rng.exponential(40 / np.where(deal, effect, 1.0))
    watch = rng.uniform(20, 90, count)
    return pd.DataFrame(
        {
            "verdict": np.where(deal, "good", "fair"), "expected": rng.uniform(9e3, 4e4, count), "price": 20_000.0,
            "age_years": rng.uniform(0, 15, count), "mileage_km": rng.uniform(0, 2e5, count),
            "first_seen": rng.choice(DAYS[:60], count), "make": rng.choice(["x", "y"], count),
            "days": np.minimum(leaves, watch).clip(0.5), "gone": leaves <= watch,
            "cut_days": np.where(deal, np.nan, rng.uniform(1, 100, count)),
        }
    )  # fmt: skip


def test_a_car_posted_anew_within_two_weeks_was_not_gone(panels: ModuleType) -> None:
    spells = panels.first_spells(_seen(("2024-01-01", "2024-01-10"), ("2024-01-20", "2024-02-01")))
    assert spells.loc["a", "last_seen"] == pd.Timestamp("2024-02-01")


def test_a_car_back_after_longer_counts_with_its_first_spell_only(panels: ModuleType) -> None:
    seen = [("2024-01-01", "2024-01-31"), ("2024-01-05", "2024-01-06"), ("2024-02-20", "2024-03-01")]
    assert panels.first_spells(_seen(*seen)).loc["a", "last_seen"] == pd.Timestamp("2024-01-31")


def test_a_car_is_gone_on_the_first_run_that_missed_it(panels: ModuleType) -> None:
    found = panels.time_on_market(_spell("2024-01-05", "2024-01-10"), DAYS, pd.Timestamp("2024-03-17"))
    assert (found.loc["a", "days"], found.loc["a", "gone"]) == (6.0, True)


def test_a_car_still_there_is_followed_to_the_last_day_an_end_can_be_told(panels: ModuleType) -> None:
    found = panels.time_on_market(_spell("2024-03-10", "2024-03-31"), DAYS, pd.Timestamp("2024-03-17"))
    assert (found.loc["a", "days"], found.loc["a", "gone"]) == (7.0, False)


def test_a_car_last_seen_before_the_search_paused_is_followed_to_that_day_only(panels: ModuleType) -> None:
    runs = DAYS[(DAYS <= "2024-01-10") | (DAYS >= "2024-02-01")]
    found = panels.time_on_market(_spell("2024-01-05", "2024-01-10"), runs, pd.Timestamp("2024-03-17"))
    assert (found.loc["a", "days"], found.loc["a", "gone"]) == (5.0, False)


@pytest.mark.parametrize(
    ("first_seen", "entry"), [("2024-01-01", False), ("2024-01-05", True), ("2024-02-01", False), ("2024-02-02", True)]
)
def test_what_stands_there_on_a_first_day_or_after_a_pause_is_no_entry(
    panels: ModuleType, first_seen: str, entry: bool
) -> None:
    runs = DAYS[(DAYS <= "2024-01-10") | (DAYS >= "2024-02-01")]
    seen, began = pd.Series([pd.Timestamp(first_seen)]), pd.Series([runs[0]])
    assert panels.is_entry(seen, began, runs).tolist() == [entry]


def test_what_a_new_search_finds_on_its_first_day_is_no_entry(panels: ModuleType) -> None:
    seen = pd.Series([pd.Timestamp("2024-02-01")])
    assert panels.is_entry(seen, seen, DAYS).tolist() == [False]


def test_a_fall_by_over_half_is_no_cut_and_a_later_rise_does_not_hide_one(panels: ModuleType) -> None:
    spells = pd.concat([_spell("2024-01-01", "2024-02-01"), _spell("2024-01-01", "2024-02-01").rename({"a": "b"})])
    prices = pd.DataFrame(
        {
            "car": ["a", "a", "b"],
            "day": pd.to_datetime(["2024-01-11", "2024-01-21", "2024-01-04"]),
            "price": [9_500.0, 10_500.0, 1_000.0],
        }
    )
    moved = panels.first_moves(spells.assign(price=10_000.0), prices)
    assert moved.loc["a", ["cut_days", "raise_days"]].tolist() == [10, 20]
    assert np.isnan(moved.loc["b", "cut_days"])
    assert moved.loc["b", "halved_days"] == 3


def _luxembourg_folder(folder: Path) -> Path:
    """Seven weeks of one search: z was there before, x is cut once and seen for ten days, y is x posted anew."""
    target = folder / "cars-luxembourg-panel"
    target.mkdir()
    ads = [
        ("z", "2026-01-01", "2026-02-20", 9_000, 80_000),
        ("x", "2026-01-05", "2026-01-15", 18_000, 50_123),
        ("y", "2026-01-17", "2026-02-20", 17_500, 50_123),
        ("w", "2026-01-08", "2026-01-12", 7_000, 90_456),
    ]
    ads += [
        (f"d{i}", day, day, 5_000 + i, 60_000 + i)
        for i, day in enumerate(_iso(pd.date_range("2026-01-01", "2026-02-20")))
    ]
    rows = pd.DataFrame(ads, columns=["listing_id", "created_at", "scraped_date", "price", "mileage"])
    rows = rows.assign(
        id=range(len(rows)), make="audi", model="a3", title="AudiA3A3 1.6 TDI", fuel_type="Diesel", power=None,
        first_registration="05-2020", transmission=None, seller_type="Privat", location="here", is_active=0,
    )  # fmt: skip
    rows.to_csv(target / "listings.csv.gz", index=False)
    change = {"listing_id": ["x"], "price_old": [20_000], "price_new": [18_000], "change_date": ["2026-01-09"]}
    pd.DataFrame({**change, "change_timestamp": [1]}).to_csv(target / "price_history.csv.gz", index=False)
    return folder


def _iso(days: pd.DatetimeIndex) -> list[str]:
    return days.strftime("%Y-%m-%d").tolist()


def test_an_ad_posted_anew_is_the_same_car_at_its_first_price(panels: ModuleType, tmp_path: Path) -> None:
    panel = panels.luxembourg(_luxembourg_folder(tmp_path))
    assert "y" not in panel.spells.index
    assert panel.shown.loc["x", ["price", "version"]].tolist() == [20_000, "A3 1.6 TDI"]
    assert panel.spells.loc["x", "cut_days"] == 4
    assert panel.spells.loc["w", ["days", "gone", "entry"]].tolist() == [5.0, True, True]
    assert not panel.spells.loc["x", "gone"]
    assert not panel.spells.loc["z", "entry"]


def test_perla_sees_no_column_that_knows_the_outcome(panels: ModuleType, tmp_path: Path) -> None:
    shown = panels.luxembourg(_luxembourg_folder(tmp_path)).shown
    leaking = {word for names, _ in panels.LUXEMBOURG_KEPT_OUT for word in names.split(", ")} - {"price"}
    assert not leaking & set(shown)
    assert not {"first_seen", "last_seen", "days", "gone", "cut_days", "title"} & set(shown)


def test_perla_learns_only_from_before_the_cut_and_judges_only_after_it(
    outcomes: ModuleType, panels: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = panels.luxembourg(_luxembourg_folder(tmp_path))
    handed: list[tuple[pd.Index, pd.Index]] = []

    def call(self: object, known: pd.DataFrame, new: pd.DataFrame, name: str, seed: int) -> pd.DataFrame:
        handed.append((known.index, new.index))
        return pd.DataFrame({"verdict": "fair", "expected_price": new["price"]})

    monkeypatch.setattr(outcomes.Run, "call_perla", call)
    start, stop = pd.Timestamp("2026-01-20"), pd.Timestamp("2026-02-01")
    judged = outcomes._judge_window(panel, outcomes.Run(tmp_path, 1), 0, start, stop)
    (known, new), seen = handed[0], panel.spells["first_seen"]
    assert seen[known].max() < start <= seen[new].min()
    assert seen[new].max() < stop
    assert panel.spells.loc[new, "entry"].all()
    assert judged["expected"].eq(judged["price"]).all()


def test_the_regression_finds_the_effect_it_was_given(models: ModuleType, outcomes: ModuleType) -> None:
    cars = _cars(np.random.default_rng(3), 1500, 2.0)
    asked = outcomes.bargain(cars)
    found = models.hazard_ratios(models.ends_of_stay(cars, cars["expected"]), asked)[asked.columns[0]]
    assert found.low < 2.0 < found.high
    assert found.low > 1.4
    assert found.events == int(cars["gone"].sum())


def test_the_effect_of_a_coin_is_not_found(models: ModuleType) -> None:
    rng = np.random.default_rng(5)
    cars = _cars(rng, 1500, 2.0)
    coin = pd.DataFrame({"coin": rng.random(len(cars)) < 0.3})
    found = models.hazard_ratios(models.ends_of_stay(cars, cars["expected"]), coin)["coin"]
    assert found.low < 1.0 < found.high


def test_an_effect_that_stops_is_seen_in_its_window_and_by_the_residuals(
    models: ModuleType, outcomes: ModuleType
) -> None:
    rng = np.random.default_rng(7)
    cars = _cars(rng, 2500, 1.0)
    deal, early = cars["verdict"].eq("good").to_numpy(), rng.exponential(8.0, len(cars))
    rushed = deal & (early < 14) & (early < cars["days"])
    cars["days"], cars["gone"] = np.where(rushed, early.clip(0.5), cars["days"]), rushed | cars["gone"]
    asked, ends = outcomes.bargain(cars), models.ends_of_stay(cars, cars["expected"])
    after = asked[(ends.days > 14).to_numpy()].reset_index(drop=True)
    soon = models.hazard_ratios(models.within(ends, 0, 14), asked)[asked.columns[0]]
    late = models.hazard_ratios(models.within(ends, 14, np.inf), after)[asked.columns[0]]
    assert soon.low > 2.0
    assert late.low < 1.0 < late.high
    assert models.harrell_test(ends, asked) < 0.01


def test_residuals_of_a_steady_effect_do_not_drift(models: ModuleType, outcomes: ModuleType) -> None:
    p = []
    for seed in range(8):
        cars = _cars(np.random.default_rng(seed), 500, 2.0)
        p.append(models.harrell_test(models.ends_of_stay(cars, cars["expected"]), outcomes.bargain(cars)))
    assert np.median(p) > 0.1


def test_leaving_ends_the_watch_for_a_cut(models: ModuleType) -> None:
    cars = _cars(np.random.default_rng(1), 200, 1.0).assign(cut_days=[50.0, *[np.nan] * 199])
    cars.loc[0, ["days", "gone"]] = [20.0, True]
    ends = models.ends_by_cut(cars, cars["expected"])
    assert (ends.days[0], ends.ended[0]) == (20.0, 0.0)


def test_the_curve_and_the_day_of_half_agree(models: ModuleType) -> None:
    days, ended = pd.Series([2.0, 4.0, 6.0, 8.0]), pd.Series([True, True, True, False])
    curve = models.kaplan_meier(days, ended)
    assert models.day_of_half(days, ended) == 4.0
    assert (curve["low"].dropna() <= curve["share"][curve["low"].notna()]).all()


def test_a_cut_soon_is_asked_only_of_cars_seen_long_enough(models: ModuleType, outcomes: ModuleType) -> None:
    cars = _cars(np.random.default_rng(2), 800, 1.0).assign(cut_days=np.random.default_rng(9).uniform(1, 60, 800))
    end = pd.Timestamp("2024-02-20")
    found = models.odds_of_a_cut(cars, cars["expected"], outcomes.bargain(cars), end)["bargain (great or good)"]
    assert found.listings == int((cars["first_seen"] <= end - pd.Timedelta(days=30)).sum())
    assert found.low < 1.0 < found.high
