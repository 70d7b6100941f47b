"""Models of unlike kinds: what each says, how far apart they are, and what that does to a verdict."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from perla.bargains.agreement import CLEARLY, FAR_APART, KINDS, Opinions, agreement_reason, gather_opinions
from perla.bargains.findings import Agreement, Findings, Verdict
from perla.bargains.judge import BARGAIN_SHARE, Nature
from perla.bargains.ruling import SURE_ENOUGH, rule
from perla.reports import wording
from perla.words import Text

LOW = Text("low", "bajo")


@pytest.fixture(scope="module")
def judged(finder, city):
    evidence, positions = finder._evidence(city.listings)
    valuation = finder.experts_.valuation_
    near, apart = valuation.nearest_known(evidence.prepared, finder.known_.things_of(positions))
    opinions = gather_opinions(valuation, evidence, near)
    return evidence, near, apart, opinions, finder._chances(evidence, positions)


def test_every_kind_has_an_estimate_that_says_something_of_the_price(judged):
    evidence, _, _, opinions, _ = judged
    log_price = evidence.prepared.log_price
    ordinary = np.abs(evidence.fall) < 0.5
    for place in range(len(KINDS)):
        off = np.abs(opinions.estimates[ordinary, place] - log_price[ordinary])
        assert np.median(off) < 0.5 * np.median(np.abs(log_price - np.median(log_price)))


def test_similar_listings_are_the_median_of_the_nearest_ten_laid_on_the_listing(finder, judged):
    evidence, near, _, opinions, _ = judged
    valuation = finder.experts_.valuation_
    ruler, known = valuation.hedonic_, valuation.known_
    ten = near[7][near[7] >= 0][:10]
    level = known.log_price[ten] - ruler.predict(known.take(ten)) + ruler.predict(evidence.prepared.take(np.array([7])))
    if len(near[7][:10][near[7][:10] >= 0]) == 10:
        assert opinions.estimates[7, 2] == pytest.approx(float(np.median(level)), abs=1e-6)


def test_a_listing_without_any_like_it_has_two_opinions(finder, judged):
    evidence, near, _, _, _ = judged
    alone = gather_opinions(finder.experts_.valuation_, evidence, np.full_like(near, -1))
    assert [a.name for a in alone.agreement(0)] == list(KINDS[:2])
    assert np.isfinite(alone.apart).all()


def test_a_low_price_is_disputed_where_one_kind_does_not_find_it_clearly_low():
    opinions = Opinions(np.array([[10.0, 10.0, 10.0], [10.0, 10.0, 9.8], [10.0, 10.0, np.nan]]), np.full(3, 0.1))
    asking = np.full(3, 10.0 - CLEARLY * 0.1 - 0.05)
    assert opinions.disputed(asking).tolist() == [False, True, False]


def test_kinds_far_apart_dispute_even_a_price_below_all_of_them():
    opinions = Opinions(np.array([[10.0, 10.0 + 1.1 * FAR_APART * 0.1, 10.0]]), np.array([0.1]))
    assert opinions.disputed(np.array([8.0])).tolist() == [True]


def test_great_needs_all_kinds_and_good_takes_its_place(judged):
    evidence, _, _, _, chances = judged
    n = len(evidence.prepared)
    nothing, near_by = np.zeros(n, bool), np.zeros(n)

    def verdicts(disputed, fifth):
        return rule(evidence, chances, nothing, nothing, fifth, near_by, disputed, mistyped=nothing)

    free, disputed = verdicts(nothing, near_by), verdicts(~nothing, near_by)
    unlike = verdicts(nothing, np.full(n, 0.3))
    great = free.verdicts == Verdict.GREAT
    assert great.any() and (chances[great, Nature.BARGAIN] >= SURE_ENOUGH).all()
    for lowered in (disputed, unlike):
        assert (lowered.verdicts[great] == Verdict.GOOD).all()
        assert (lowered.verdicts[~great] == free.verdicts[~great]).all()


def test_a_table_says_why_a_sure_bargain_is_only_good(finder, city, monkeypatch):
    monkeypatch.setattr(Opinions, "disputed", lambda self, log_price: np.ones(len(log_price), bool))
    findings = finder.find(city.listings, shown=2)
    assert findings.counts()[Verdict.GREAT] == 0
    good = findings.table[findings.table["verdict"] == Verdict.GOOD.value]
    assert len(good) and all(r.es.endswith("los modelos no coinciden") for r in good["reasons"] if "pocos" not in r.es)
    assert all(b.reasons[1].en.startswith("the models disagree: ") for b in findings.bargains)


def test_a_reason_names_who_expects_least_and_most():
    said = (Agreement(Text("trees", "árboles"), 310e6), Agreement(Text("network", "red"), 295e6), Agreement(LOW, 305e6))
    agree = agreement_reason(said, 0.4, False, "COP")
    assert agree.en == "the models agree: COP 295,000,000 (network) to COP 310,000,000 (trees)"
    assert "más o menos" in agreement_reason(said, 1.7, False, "COP").es
    for apart, disputed in ((2.6, False), (0.4, True)):
        assert agreement_reason(said, apart, disputed, "COP").es.startswith("los modelos no coinciden: $ 295.000.000")


def test_a_shown_bargain_carries_the_opinions(findings: Findings):
    for bargain in findings.bargains:
        assert [a.name for a in bargain.agreement] == list(KINDS)
        assert all(0.3 < a.estimate / bargain.expected_price < 3 for a in bargain.agreement)


def test_the_drivers_add_up_to_the_distance_from_the_typical_price():
    import pandas as pd

    from perla.bargains.comparables import Contributions
    from perla.bargains.proof import drivers_of
    from perla.listings import Column, Kind, Market

    columns = tuple(Column(name, Kind.QUANTITY) for name in ("price", "area", "age"))
    parts = Contributions(("area", "age"), np.array([[0.4, -0.1]]), float(np.log(200.0)))
    area, age = drivers_of(parts, pd.Series({"area": 80.0, "age": np.nan}), Market("m", "price", "COP", columns))
    assert area.amount + age.amount == pytest.approx(200 * np.exp(0.3) - 200)
    assert area.amount > 0 > age.amount and area.actual.en == "80" and age.actual.es == "sin dato"
    tiny = replace(parts, values=np.array([[0.4, 0.001]]))
    assert [
        d.column for d in drivers_of(tiny, pd.Series({"area": 80.0, "age": 1.0}), Market("m", "price", "COP", columns))
    ] == ["area"]


def test_what_a_chance_means_names_the_share_that_is_presumed():
    assert f"{100 * BARGAIN_SHARE:.0f} in 100" in wording.CHANCE_TOLD.en
    assert f"{100 * BARGAIN_SHARE:.0f} de cada 100." in wording.CHANCE_TOLD.es
