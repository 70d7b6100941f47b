"""What would explain a price: believable single changes, estimated anew."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from perla.bargains.counterfactuals import (
    LEAST_SHARE,
    MOST_TOLD,
    PARTS,
    Change,
    WhatIf,
    changed_listings,
)
from perla.bargains.findings import Counterfactual, Findings
from perla.listings import Kind
from perla.reports.facts import explanations


@pytest.fixture(scope="module")
def what_if(finder, city) -> WhatIf:
    evidence, positions = finder._evidence(city.listings)
    near, _ = finder.experts_.valuation_.nearest_known(evidence.prepared, finder.known_.things_of(positions))
    columns = [name for name in finder.importance_ if name != "(place)"]
    return WhatIf(city.market, finder.experts_.valuation_, evidence, columns, positions, near)


def cheap_rows(what_if: WhatIf, count: int = 25) -> list[int]:
    return np.argsort(what_if.evidence.fall)[:count].tolist()


def all_of(what_if: WhatIf, rows: list[int]) -> list[tuple[int, Counterfactual]]:
    return [(row, c) for row, told in zip(rows, what_if.explain(rows), strict=True) for c in told]


def test_a_listing_changed_to_what_it_is_already_keeps_its_estimate(what_if: WhatIf):
    prepared = what_if.evidence.prepared
    rows = np.flatnonzero((what_if.positions >= 0) & np.isfinite(prepared.numbers[:, 0]))[:20]
    same = [Change(int(row), 0, float(prepared.numbers[row, 0]), 1.0) for row in rows]
    assert what_if._estimate(same) == pytest.approx(what_if.evidence.estimates.expected[rows], abs=1e-6)


def test_a_changed_listing_differs_in_that_cell_alone(what_if: WhatIf):
    prepared = what_if.evidence.prepared
    p = len(prepared.names)
    changed = changed_listings(prepared, [Change(3, 1, 123.0, 1.0), Change(3, p, 0, 1.0)])
    assert (changed.numbers[0] != prepared.numbers[3]).nonzero()[0].tolist() in ([1], [1, *_missing(prepared, 3)])
    assert changed.numbers[0, 1] == 123.0 and changed.categories[1, 0] == 0
    assert (changed.categories[0] == prepared.categories[3]).all()


def _missing(prepared, row: int) -> list[int]:
    return np.flatnonzero(np.isnan(prepared.numbers[row])).tolist()


def test_what_is_told_is_what_the_models_say_of_the_changed_listing(what_if: WhatIf):
    found = all_of(what_if, cheap_rows(what_if))
    assert found
    for row, told in found:
        asking, before = np.exp([what_if.evidence.prepared.log_price[row], what_if.evidence.estimates.expected[row]])
        assert told.share == pytest.approx((before - told.expected_price) / (before - asking))
        assert told.share >= LEAST_SHARE and told.actual != told.instead


def test_at_most_three_changes_are_told_each_of_another_column(what_if: WhatIf):
    for told in what_if.explain(cheap_rows(what_if)):
        assert len(told) <= MOST_TOLD
        assert len({c.column for c in told}) == len(told)


def test_the_place_the_ad_and_missing_cells_are_never_changed(what_if: WhatIf, city):
    never = {c.name for c in city.market.columns if c.kind in (Kind.LATITUDE, Kind.LONGITUDE, Kind.TEXT, Kind.DATE)}
    for row, told in all_of(what_if, cheap_rows(what_if)):
        assert told.column not in never
        assert not pd.isna(city.listings.values[told.column].iloc[row])


def test_a_change_fits_the_rest_of_the_listing_as_well_as_what_stands_there(what_if: WhatIf):
    prepared, surprise = what_if.evidence.prepared, what_if.evidence.surprise
    checked = 0
    for row in cheap_rows(what_if):
        for change in what_if._changes(row):
            if change.place >= len(prepared.names):
                continue
            place = surprise.columns.index(prepared.names[change.place])
            usual, error = surprise.expected_numbers[row, place], surprise.usual_errors[row, place]
            values = np.array([change.value, prepared.numbers[row, change.place]])
            off = np.abs(prepared.scales[change.place].forward(values) - usual) / error
            assert off[0] <= max(2.0, off[1]) + 1e-6
            checked += 1
    assert checked > 50


def test_a_ten_times_too_large_area_explains_its_own_gap(finder, city, what_if: WhatIf):
    """Where the area is wrong, changing it back is among what is told."""
    rows = [int(np.flatnonzero(city.listings.ids == name)[0]) for name in city.vast_areas]
    rows = [row for row in rows if what_if.evidence.fall[row] < -0.3]
    assert rows
    told = [{c.column: c for c in found} for found in what_if.explain(rows)]
    assert any("area_m2" in found and found["area_m2"].share > 0.5 for found in told)


def test_a_price_near_what_is_expected_needs_no_explanation(what_if: WhatIf):
    ordinary = np.argsort(np.abs(what_if.evidence.fall))[:10].tolist()
    assert what_if.explain(ordinary) == [()] * 10


def test_every_sentence_is_told_in_both_languages(what_if: WhatIf):
    for _, told in all_of(what_if, cheap_rows(what_if)):
        assert told.told.en.startswith("If ") and told.told.es.startswith("Con ")
        assert told.instead.en in told.told.en and told.actual.es in told.told.es
        assert "{" not in told.told.en + told.told.es and "%" in told.told.es


def test_the_words_for_a_share_fit_the_share():
    least = [share for share, _ in PARTS]
    assert least == sorted(least, reverse=True) and least[-1] < LEAST_SHARE
    words = {0.97: "whole", 0.66: "two thirds", 0.52: "half", 0.33: "a third", 0.25: "quarter", 0.2: "fifth"}
    for share, told in words.items():
        assert told in next(text for low, text in PARTS if share >= low).en


def test_a_bargain_that_nothing_explains_says_so(findings: Findings):
    from dataclasses import replace

    bare = replace(findings.bargains[0], counterfactuals=())
    assert [t.es for t in explanations(bare)] == ["Ningún atributo explica por sí solo el precio bajo"]
    ordinary = replace(bare, asking_price=bare.expected_price)
    assert explanations(ordinary) == []
    assert "high" in explanations(replace(bare, asking_price=bare.high * 2))[0].en
