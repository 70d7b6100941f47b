import numpy as np
import pandas as pd

from perla.anomaly import SurpriseMatrix
from perla.bargains.evidence import PRICE, Evidence
from perla.listings import Column, Kind, Market
from perla.prepare import Preparation
from perla.valuation import Estimates

MARKET = Market("m", "price", "COP", (Column("price", Kind.QUANTITY), Column("area", Kind.QUANTITY, "m2")))


def _evidence(area_z: list[float]) -> Evidence:
    n = len(area_z)
    table = pd.DataFrame({"price": np.linspace(1e8, 3e8, n), "area": np.linspace(50.0, 90.0, n)})
    prepared = Preparation(MARKET).fit(table, seed=0).transform(table)
    flat = np.zeros(n)
    estimates = Estimates(np.zeros((n, 2)), flat, flat + 0.1, flat - 0.2, flat + 0.2)
    z = np.column_stack([flat, area_z]).astype(np.float32)
    none = np.empty((n, 0))
    surprise = SurpriseMatrix(z, z, np.ones_like(z), none.astype(np.int32), none, (PRICE, "area"))
    return Evidence(prepared, estimates, surprise, flat)


def test_a_wished_column_is_no_fault_of_a_listing_unless_it_is_too_odd_to_be_true() -> None:
    evidence = _evidence([3.0, -2.0, 40.0])
    assert evidence.forgive(["area"]).attribute_z[:, 0].tolist() == [0.0, 0.0, 40.0]
    assert evidence.forgive([]).attribute_z[:, 0].tolist() == [3.0, -2.0, 40.0]


def test_a_listing_odd_only_in_what_is_wished_for_is_not_odd() -> None:
    evidence = _evidence([5.0, 0.0, 0.0])
    assert evidence.oddness[0] == 5.0
    assert evidence.forgive(["area"]).oddness[0] == 0.0
