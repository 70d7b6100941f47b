"""The neurons of a market, told in words, and their reports."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from perla.bargains.clues import number_clue
from perla.bargains.patterns import Patterns, find_patterns
from perla.listings import Column, Kind, Market
from perla.listings.checking import check
from perla.sources.simulated import simulate_market

pytest.importorskip("torch", reason="the autoencoders need PyTorch")

AREA, BATHS, STRATUM = Column("area", Kind.QUANTITY, "m2"), Column("baths", Kind.COUNT), Column("stratum", Kind.COUNT)
MARKET = Market("m", "price", "COP", (Column("price", Kind.QUANTITY), AREA, BATHS, STRATUM))


@pytest.fixture(scope="module")
def patterns() -> Patterns:
    homes = simulate_market(400)
    return find_patterns(check(homes.frame, homes.market), neurons=6, seed=0)


def test_every_neuron_is_told_once_in_both_languages(patterns: Patterns) -> None:
    assert [p.number for p in patterns.patterns] == [1, 2, 3, 4, 5, 6]
    for pattern in patterns.patterns:
        assert pattern.reading.en
        assert pattern.reading.es
        assert pattern.reading.en != pattern.reading.es


def test_every_learned_column_has_its_part_in_every_neuron(patterns: Patterns) -> None:
    names = {name for name, _ in patterns.columns}
    assert all({c.column for c in p.clues} == names for p in patterns.patterns)
    assert patterns.market.price not in names


def test_no_example_is_shown_twice_for_one_neuron(patterns: Patterns) -> None:
    for pattern in patterns.patterns:
        ids = [e.listing_id for e in pattern.examples]
        assert len(ids) == len(set(ids))


def test_the_typical_value_of_the_lit_listings_stands_beside_the_usual_one() -> None:
    cells = pd.Series(np.r_[np.full(90, 80.0), np.full(10, 200.0)])
    told = number_clue(AREA, MARKET, cells, np.arange(90, 100))
    assert told.en == "higher area (200 m², usually 80 m²)"
    assert told.es == "mayor area (200 m²; lo usual: 80 m²)"


@pytest.mark.parametrize(("column", "word"), [(BATHS, "more baths"), (STRATUM, "higher stratum")])
def test_one_has_more_of_what_is_counted_and_a_higher_class(column: Column, word: str) -> None:
    cells = pd.Series(np.r_[np.full(90, 2.0), np.full(10, 5.0)])
    assert number_clue(column, MARKET, cells, np.arange(90, 100)).en.startswith(word)


def test_nothing_is_said_of_a_column_that_is_as_it_is_everywhere() -> None:
    cells = pd.Series(np.tile(np.arange(10.0), 10))
    assert number_clue(AREA, MARKET, cells, np.arange(0, 100, 3)).en == ""


def test_the_reports_hold_every_neuron_and_column(patterns: Patterns) -> None:
    from perla.reports.neurons import RENDERS

    for lang in ("en", "es"):
        record = json.loads(RENDERS[".json"](patterns, lang))
        assert len(record["neurons"]) == 6
        rows = RENDERS[".csv"](patterns, lang).decode().splitlines()
        assert len(rows) == 7
        assert rows[0].count("column: ") == len(patterns.columns)
        assert RENDERS[".png"](patterns, lang).startswith(b"\x89PNG")


def test_equal_patterns_give_equal_pictures(patterns: Patterns) -> None:
    from perla.reports.neurons import RENDERS

    assert RENDERS[".svg"](patterns, "en") == RENDERS[".svg"](patterns, "en")


def test_dead_neurons_are_counted_and_said(patterns: Patterns) -> None:
    from io import StringIO

    from rich.console import Console

    from perla.reports.neurons import show_neurons

    first, *others = patterns.patterns
    page = StringIO()
    some_dead = replace(patterns, patterns=(*others, replace(first, dead=True)))
    show_neurons(some_dead, Console(file=page, width=100), "en")
    assert some_dead.dead == patterns.dead + 1
    assert f"{some_dead.dead} never light up" in page.getvalue()
