"""A survey against tables small enough to be counted by hand."""

import json

import numpy as np
import pandas as pd
import pytest

from perla.listings import Column, Kind, Listings, Market
from perla.listings.checking import check
from perla.reports.json_record import plain
from perla.sources.simulated import simulate_market
from perla.survey import look, survey_from_state

AREA = Column("area", Kind.QUANTITY, "m2", low=10, high=1000)
BARRIO, FLOOR = Column("barrio", Kind.CATEGORY), Column("piso", Kind.COUNT)
LAT, LON = Column("lat", Kind.LATITUDE), Column("lon", Kind.LONGITUDE)
PRICE = Column("precio", Kind.QUANTITY)


def listings_of(columns: tuple[Column, ...], **cells) -> Listings:
    market = Market("homes", "precio", "COP", (PRICE, *columns))
    return check(pd.DataFrame({k: [str(v) if v is not None else None for v in c] for k, c in cells.items()}), market)


def days(*written: str) -> pd.Series:
    return pd.Series(pd.to_datetime(list(written)))


def test_prices_are_counted_overall_and_per_square_metre():
    survey = look(listings_of((AREA,), precio=range(100, 1300, 100), area=[50] * 12))
    price = survey.price
    assert (price.listings, price.median, price.low, price.high) == (12, 650.0, 375.0, 925.0)
    assert price.per_unit == 13.0
    assert (survey.size, survey.size_unit, price.few) == ("area", "m2", False)


def test_a_market_without_a_size_has_no_price_per_unit():
    survey = look(listings_of((FLOOR,), precio=range(100, 200, 10), piso=range(10)))
    assert (survey.size, survey.price.per_unit) == ("", None)


def test_the_largest_areas_come_first_and_the_rest_together():
    words = [w for k in range(15) for w in [f"B{k:02d}"] * (20 - k)] + [None] * 5
    survey = look(
        listings_of((BARRIO, FLOOR), precio=range(1000, 1000 + len(words)), barrio=words, piso=range(len(words)))
    )
    (area,) = survey.areas
    assert [line.name.en for line in area.lines] == [f"B{k:02d}" for k in range(12)]
    assert area.lines[0].median == 1009.5
    assert (area.others.listings, area.unknown.listings, area.words) == (8 + 7 + 6, 5, 15)
    assert sum(line.listings for line in (*area.lines, area.others, area.unknown)) == survey.listings


def test_an_area_with_few_listings_is_marked_and_one_with_two_tells_no_price():
    survey = look(listings_of((BARRIO,), precio=range(100, 117), barrio=["A"] * 10 + ["B"] * 5 + ["C"] * 2))
    lines = {line.name.en: line for line in survey.areas[0].lines}
    assert [(lines[name].few, lines[name].median is None) for name in "ABC"] == [
        (False, False), (True, False), (True, True),
    ]  # fmt: skip
    assert lines["B"].low is None


def test_one_word_in_all_listings_parts_nothing():
    survey = look(listings_of((BARRIO,), precio=range(100, 140), barrio=["A"] * 40))
    assert survey.areas == ()
    assert ("one value", "barrio") in {(o.kind, o.column) for o in survey.oddities}


def test_the_map_holds_every_placed_listing_once_and_counts_those_too_far():
    rng = np.random.default_rng(0)
    lat, lon = [*rng.uniform(6.1, 6.3, 200), 40.0], [*rng.uniform(-75.7, -75.5, 200), -3.0]
    made = look(listings_of((LAT, LON), precio=range(1000, 1202), lat=[*lat, None], lon=[*lon, None])).map
    assert made is not None
    assert (made.placed, made.unplaced, made.beyond) == (201, 1, 1)
    assert sum(cell.listings for cell in made.cells) == 200
    assert all(cell.south < cell.north and cell.west < cell.east for cell in made.cells)
    assert 10 <= len({cell.south for cell in made.cells}) <= 41


def test_cells_of_the_map_hold_the_listings_inside_them():
    lat, lon = [6.2012] * 4 + [6.3012] * 3, [-75.6012] * 4 + [-75.5012] * 3
    made = look(listings_of((LAT, LON), precio=[100, 200, 300, 400, 700, 800, 900], lat=lat, lon=lon)).map
    assert made is not None
    assert [(c.listings, c.median) for c in made.cells] == [(4, 250.0), (3, 800.0)]
    assert made.cells[0].south <= 6.2012 < made.cells[0].north
    assert made.cells[0].west <= -75.6012 < made.cells[0].east


def test_without_coordinates_and_dates_there_is_no_map_and_no_month():
    survey = look(listings_of((AREA,), precio=range(100, 140), area=range(40, 80)))
    assert (survey.map, survey.months, survey.weeks, survey.cuts, survey.time) == (None, (), (), None, None)


def test_months_are_counted_by_first_sighting_and_an_empty_one_is_told():
    listings = listings_of((AREA,), precio=[100] * 3 + [300] * 4, area=range(40, 47))
    first = days(*["2026-01-05", "2026-01-06", "2026-01-07"], *["2026-03-01"] * 2, *["2026-03-02"] * 2)
    survey = look(listings, pd.DataFrame({"first_seen": first, "last_seen": first}))
    assert [(m.month, m.listings, m.median) for m in survey.months] == [
        ("2026-01", 3, 100.0), ("2026-02", 0, None), ("2026-03", 4, 300.0),
    ]  # fmt: skip
    assert any(o.kind == "empty month" and "2026-02" in o.told.es for o in survey.oddities)


def test_weeks_begin_on_monday_and_empty_ones_are_counted_too():
    listings = listings_of((AREA,), precio=range(100, 105), area=range(40, 45))
    first = days("2026-01-01", "2026-01-07", "2026-01-08", "2026-01-20", "2026-01-25")
    survey = look(listings, pd.DataFrame({"first_seen": first, "last_seen": first}))
    assert [(w.monday, w.new, w.whole) for w in survey.weeks] == [
        ("2025-12-29", 1, False), ("2026-01-05", 2, True), ("2026-01-12", 0, True), ("2026-01-19", 2, True),
    ]  # fmt: skip


def test_a_date_mistyped_by_centuries_does_not_make_thousands_of_weeks():
    listings = listings_of((AREA,), precio=range(100, 103), area=range(40, 43))
    first = pd.Series(np.array(["1026-01-05", "2026-01-06", "2026-01-07"], "datetime64[s]"))
    survey = look(listings, pd.DataFrame({"first_seen": first, "last_seen": first}))
    assert 1 <= len(survey.weeks) <= 260
    assert 1 <= len(survey.months) <= 120
    assert survey.weeks[-1].new == 2


def test_what_stood_when_the_record_began_is_new_in_no_week():
    n = 60
    listings = listings_of((AREA,), precio=range(100, 100 + n), area=range(40, 40 + n))
    first = days(*["2026-01-01"] * 40, *[f"2026-01-{5 + k:02d}" for k in range(20)])
    survey = look(listings, pd.DataFrame({"first_seen": first, "last_seen": first}))
    assert sum(week.new for week in survey.weeks) == 20
    assert sum(month.listings for month in survey.months) == 20
    assert survey.time is not None and "2026-01-01" in survey.time.es


def test_the_typical_price_is_not_moved_by_what_happens_to_be_for_sale():
    rng = np.random.default_rng(1)
    n = 600
    month = np.repeat([0, 1, 2], n // 3)
    area = rng.uniform(50, 100, n) * np.where(month == 2, 2.0, 1.0)  # larger homes in March
    price = 1e6 * area * np.array([1.0, 1.1, 1.1])[month] * np.exp(rng.normal(0, 0.02, n))
    listings = listings_of((AREA,), precio=price.round(), area=area.round(3))
    first = pd.Series(
        pd.to_datetime([f"2026-0{m + 1}-{d:02d}" for m, d in zip(month, rng.integers(1, 28, n), strict=True)])
    )
    levels = [m.typical for m in look(listings, pd.DataFrame({"first_seen": first, "last_seen": first})).months]
    medians = [m.median for m in look(listings, pd.DataFrame({"first_seen": first, "last_seen": first})).months]
    assert levels[1] / levels[0] == pytest.approx(1.1, abs=0.02)
    assert levels[2] / levels[1] == pytest.approx(1.0, abs=0.03)
    assert medians[2] / medians[1] > 1.8


def test_a_date_of_the_thing_itself_is_no_time_of_the_ad():
    built = Column("first_registration", Kind.DATE)
    listings = listings_of(
        (built,), precio=range(100, 103), first_registration=["2020-01-01", "2021-01-01", "2022-01-01"]
    )
    assert look(listings).months == ()


def test_price_cuts_are_counted_by_listing_and_typing_errors_left_out():
    listings = listings_of((AREA,), precio=range(100, 105), area=range(40, 45))
    seen = pd.DataFrame({"first_seen": days(*["2026-01-01"] * 5), "last_seen": days(*["2026-02-01"] * 4, "2026-01-01")})
    prices = pd.DataFrame(
        {
            "row": [0, 0, 0, 1, 1, 2, 2, 3, 4],
            "seen_on": pd.to_datetime(["2026-01-01", "2026-01-10", "2026-01-20"] + ["2026-01-01", "2026-01-09"] * 2
                                      + ["2026-01-01"] * 2),
            "price": [100.0, 90.0, 81.0, 100.0, 120.0, 100.0, 10.0, 100.0, 100.0],
        }
    )  # fmt: skip
    cuts = look(listings, seen, prices).cuts
    assert cuts is not None
    assert (cuts.followed, cuts.cut, cuts.cuts, cuts.rises, cuts.doubtful) == (4, 1, 2, 1, 1)
    assert cuts.median_cut == pytest.approx(0.1)


def test_nothing_followed_means_no_word_on_price_cuts():
    listings = listings_of((AREA,), precio=range(100, 105), area=range(40, 45))
    prices = pd.DataFrame({"row": range(5), "seen_on": pd.to_datetime(["2026-01-01"] * 5), "price": [100.0] * 5})
    assert look(listings, None, prices).cuts is None
    assert look(listings, None, prices.iloc[:0]).cuts is None


def test_a_column_tells_its_gaps_its_usual_values_and_what_was_hidden():
    cells = [50, 60, 70, 80, 90, 100, 5, 5, 20_000, None]
    (area,) = look(listings_of((AREA,), precio=range(100, 110), area=cells)).attributes
    assert (area.missing, area.hidden) == (pytest.approx(0.1), pytest.approx(0.3))
    assert [(c.name.en, c.listings) for c in area.hidden_why] == [("below 10 m² (5)", 2), ("above 1,000 m² (20000)", 1)]
    assert area.middle == 75.0
    assert "ocultos: 3 (30 %)" in area.told.es


def test_what_is_odd_names_zeros_bunched_prices_and_gaps():
    fee = Column("administracion", Kind.QUANTITY, "COP")
    listings = listings_of(
        (AREA, fee, FLOOR), precio=[100] * 20 + list(range(200, 300)), area=[None] * 60 + list(range(40, 100)),
        administracion=[0] * 40 + list(range(1, 81)), piso=range(120),
    )  # fmt: skip
    told = {o.kind: o.told.en for o in look(listings).oddities}
    assert "COP 100 (20)" in told["bunched"]
    assert "(50 %)" in told["missing"]
    assert "(33 %)" in told["zeros"]
    assert "few" not in told


def test_a_column_told_only_in_some_months_is_odd():
    n = 200
    area = [None if k >= 100 else 40 + k for k in range(n)]
    listings = listings_of((AREA, FLOOR), precio=range(1000, 1000 + n), area=area, piso=range(n))
    first = pd.Series(pd.date_range("2026-01-01", periods=n, freq="D"))
    survey = look(listings, pd.DataFrame({"first_seen": first, "last_seen": first}))
    (odd,) = [o for o in survey.oddities if o.kind == "at times"]
    assert "missing in 0 %, then in 100 %" in odd.told.en


@pytest.mark.parametrize("count", [1, 2, 40])
def test_a_tiny_market_is_surveyed_and_said_to_be_tiny(count):
    simulated = simulate_market(100)
    survey = look(check(simulated.frame[:count], simulated.market))
    assert survey.listings + survey.rejected == count
    assert any(o.kind == "few" for o in survey.oddities)


def test_no_listing_at_all_is_a_survey_of_nothing():
    empty = listings_of((AREA, BARRIO, LAT, LON), precio=["x"], area=[1], barrio=["A"], lat=[6], lon=[-75])
    survey = look(empty)
    assert (survey.listings, survey.rejected, survey.price.median, survey.map) == (0, 1, None, None)


def test_a_survey_is_json_in_both_languages_and_comes_back_from_its_state():
    simulated = simulate_market(200)
    listings = check(simulated.frame, simulated.market)
    first = pd.Series(pd.date_range("2026-01-01", periods=len(listings), freq="D"), index=listings.values.index)
    prices = pd.DataFrame(
        {"row": [0, 0], "seen_on": pd.to_datetime(["2026-01-01", "2026-02-01"]), "price": [2e8, 1.9e8]}
    )
    survey = look(listings, pd.DataFrame({"first_seen": first, "last_seen": first}), prices)
    english, spanish = (json.dumps(plain(survey, lang), allow_nan=False) for lang in ("en", "es"))
    assert json.loads(english) != json.loads(spanish)
    assert survey_from_state(json.loads(json.dumps(survey.state()))) == survey
