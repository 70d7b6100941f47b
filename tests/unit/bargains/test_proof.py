"""The proof of a bargain: comparables, adjustments, surprises, drivers, reasons."""

from __future__ import annotations

import numpy as np
import pytest

from perla.bargains.findings import Bargain, Findings


def all_of(findings: Findings) -> list[tuple[Bargain, object]]:
    return [(b, c) for b in findings.bargains for c in b.comparables]


def test_a_bargain_has_as_many_comparables_as_asked_for(findings: Findings):
    assert {len(b.comparables) for b in findings.bargains} == {5}


def test_neither_a_listing_nor_its_repost_is_its_own_comparable(findings: Findings, city):
    thing = dict(zip(city.listings.ids, city.listings.things, strict=True))
    for bargain, comparable in all_of(findings):
        assert comparable.listing_id != bargain.listing_id
        assert thing[comparable.listing_id] != thing[bargain.listing_id]


def test_a_reposted_listing_is_proved_without_its_twin(finder, city):
    thing = dict(zip(city.listings.ids, city.listings.things, strict=True))
    pairs = [(a, b) for a, b in city.reposts.items() if thing.get(a, -1) == thing.get(b, -2)][:3]
    assert pairs
    for again, first in pairs:
        bargain, _ = finder.explain(city.listings, again, comparables=10)
        assert not {again, first} & {c.listing_id for c in bargain.comparables}


def test_the_asking_price_and_the_adjustments_add_up_to_the_adjusted_price(findings: Findings):
    for _, comparable in all_of(findings):
        total = comparable.asking_price + sum(d.adjustment for d in comparable.differences)
        assert total == pytest.approx(comparable.adjusted_price, rel=1e-6)


def test_a_grid_names_the_largest_differences_first_and_the_rest_in_one_line(findings: Findings):
    for _, comparable in all_of(findings):
        named = [abs(d.adjustment) for d in comparable.differences if d.column]
        assert named == sorted(named, reverse=True)
        assert len(comparable.differences) <= 9
        assert all(d.title.en and d.title.es for d in comparable.differences)


def test_comparables_are_nearest_first_and_alike_between_nothing_and_wholly(findings: Findings):
    for bargain in findings.bargains:
        alike = [c.similarity for c in bargain.comparables]
        assert alike == sorted(alike, reverse=True)
        assert 0 < alike[-1] <= alike[0] <= 1


def test_comparables_are_more_like_the_listing_than_others_are(findings: Findings):
    values = findings.listings.values.set_index("id")
    log_area, log_price = np.log(values["area_m2"]), np.log(findings.table.set_index("listing_id")["expected_price"])
    near, far = [], []
    for bargain in findings.bargains:
        own = (log_area[bargain.listing_id], log_price[bargain.listing_id])
        chosen = [c.listing_id for c in bargain.comparables]
        near.append([np.abs(s[chosen] - o).mean() for s, o in zip((log_area, log_price), own, strict=True)])
        far.append([np.abs(s - o).mean() for s, o in zip((log_area, log_price), own, strict=True)])
    assert (np.nanmean(near, axis=0) < 0.5 * np.nanmean(far, axis=0)).all()


def test_adjusted_comparables_agree_better_than_their_asking_prices(findings: Findings):
    raw = [np.log(c.asking_price / b.expected_price) for b, c in all_of(findings)]
    adjusted = [np.log(c.adjusted_price / b.expected_price) for b, c in all_of(findings)]
    assert np.median(np.abs(adjusted)) < np.median(np.abs(raw))


def test_the_price_is_the_first_surprise_and_agrees_with_the_matrix(findings: Findings):
    for bargain in findings.bargains:
        price, *others = bargain.surprises
        assert price.column == "precio" and price.wished and price.z < -1.5
        assert [abs(s.z) for s in others] == sorted((abs(s.z) for s in others), reverse=True)
        for surprise in bargain.surprises:
            assert surprise.z == pytest.approx(float(findings.surprise[surprise.column].iloc[bargain.row]), rel=1e-5)


def test_a_place_and_an_ad_are_never_called_unusual(findings: Findings, city):
    never = {"latitud", "longitud", "descripcion"}
    assert not never & set(findings.surprise.columns)
    assert set(findings.surprise.columns) == {"precio", *(c.name for c in city.market.modelled)} - never
    assert not any("description" in r.en for b in findings.bargains for r in b.reasons)


def test_every_reason_is_told_in_both_languages(findings: Findings):
    for bargain in findings.bargains:
        assert len(bargain.reasons) >= 4
        assert all(r.en != r.es and "{" not in r.en + r.es for r in bargain.reasons)


def test_a_bargain_repeats_the_table_and_the_row_as_it_was_read(findings: Findings, city):
    for bargain in findings.bargains:
        row = findings.table.iloc[bargain.row]
        assert (bargain.listing_id, bargain.rank, bargain.verdict) == (row["listing_id"], row["rank"], row["verdict"])
        assert bargain.discount == row["discount"] and bargain.score == row["score"]
        assert 0 <= bargain.chance <= 1
        assert bargain.original["precio"] == city.listings.original["precio"].iloc[bargain.row]
        assert bargain.link == f"https://example.invalid/simulado/{bargain.listing_id.removeprefix('again-')}"
        assert bargain.latitude is None or bargain.latitude == pytest.approx(2.0, abs=0.1)


def test_the_drivers_are_named_strongest_first(findings: Findings):
    for bargain in findings.bargains:
        strength = [abs(np.log(d.factor)) for d in bargain.drivers]
        assert strength and strength == sorted(strength, reverse=True)


def test_the_card_tells_what_was_learned_and_how_well(findings: Findings, city):
    card = findings.card
    assert card.simulated and card.market == "simulated" and len(card.data_hash) == 16
    assert card.listings_learned + card.listings_not_learned == len(city.listings)
    assert 0.86 < card.coverage < 0.94
    assert sum(w for _, w in card.weights) == pytest.approx(1) and all(w >= 0 for _, w in card.weights)
    assert card.fits[0].mdape < 1.1 * min(f.mdape for f in card.fits[1:])
    assert sum(share for _, share in card.drivers) == pytest.approx(1)
    left_out = dict(card.left_out)
    assert set(left_out) == {"id", "enlace"} and all(t.en != t.es for t in left_out.values())
    assert "enlace" in left_out["enlace"].es
