"""A saved valuation says the same of a few new listings as before, whichever price models were chosen."""

from __future__ import annotations

import numpy as np
import pytest

from perla.listings.checking import check
from perla.prepare import Preparation
from perla.sources.simulated import simulate_market
from perla.valuation import Valuation


@pytest.mark.parametrize("models", [("smooth(trees=100)",), ("smooth(trees=100)", "deep(trees=100)")])
def test_a_choice_without_comparables_is_read_back_as_it_was(models: tuple[str, ...]):
    simulated = simulate_market(150, seed=2)
    listings = check(simulated.frame, simulated.market)
    prepared = Preparation(simulated.market).fit(listings.values, 0).transform(listings.values)
    rows, few = np.arange(len(prepared) - 5), np.arange(len(prepared) - 5, len(prepared))
    valuation = Valuation("latitud", "longitud", models=models)
    valuation.fit(prepared.take(rows), listings.things.to_numpy(np.int64)[rows])
    again = Valuation.from_state(valuation.state(), threads=1)
    told, read = valuation.predict(prepared.take(few)), again.predict(prepared.take(few))
    np.testing.assert_allclose(read.members, told.members, rtol=1e-9)
    np.testing.assert_allclose(read.noise, told.noise, rtol=1e-9)
