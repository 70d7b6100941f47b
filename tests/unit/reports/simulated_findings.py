"""A small made-up search: 60 simulated homes, seven bargains, hostile texts in the ads. No engine needed."""

from dataclasses import replace

import numpy as np
import pandas as pd

from perla.bargains.findings import (
    RESULT_COLUMNS,
    Agreement,
    Bargain,
    Comparable,
    Counterfactual,
    Difference,
    Driver,
    Findings,
    Fit,
    ModelCard,
    Surprise,
    Verdict,
)
from perla.listings.listings import Doubt, Listings, Rejected
from perla.listings.market import Column, Kind, Market
from perla.words import Text, fill, money, percent, quantity, same

FORMULA = "=cmd|' /C calc'!A0"
HOSTILE = (
    FORMULA,
    "<script>alert(1)</script>",
    "[red]markup[/red] [link=file:///etc/passwd]x[/link]",
    "\x1b[31mred\x1b[0m \x07bell",
    "‮txet desrever‬ 🏠🌇",
    "+57 casa bonita",
    "{{ 7*7 }}",
    "@SUM(A1)",
    "-2+3+cmd",
)
COLUMNS = (
    Column("ref", Kind.ID),
    Column("asking", Kind.QUANTITY, "COP"),
    Column("neighbourhood", Kind.CATEGORY, label=Text("Neighbourhood", "Barrio")),
    Column("area_m2", Kind.QUANTITY, "m2", 15, 2000, wishable=True, label=Text("Area", "Área")),
    Column("bedrooms", Kind.COUNT, label=Text("Bedrooms", "Habitaciones")),
    Column("built_year", Kind.COUNT, label=Text("Year built", "Año de construcción")),
    Column("lift", Kind.YES_NO, label=Text("Lift", "Ascensor")),
    Column("latitude", Kind.LATITUDE, label=Text("Latitude", "Latitud")),
    Column("longitude", Kind.LONGITUDE, label=Text("Longitude", "Longitud")),
    Column("ad", Kind.TEXT, label=Text("Ad", "Anuncio")),
    Column("link", Kind.LINK),
    Column("price_m2", Kind.QUANTITY, "COP", price_proxy=Text("price divided by area", "precio dividido por área")),
)
MARKET = Market(
    name="simulated-homes",
    price="asking",
    currency="COP",
    columns=COLUMNS,
    title=Text("Simulated homes in Medellín", "Viviendas simuladas en Medellín"),
    simulated=True,
)
PLACES = {"Laureles": (6.245, -75.59, 1.15), "El Poblado": (6.21, -75.567, 1.4), "Robledo": (6.28, -75.595, 0.75)}


def _values(count: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    place = rng.choice(list(PLACES), count)
    area = np.round(np.exp(rng.normal(4.4, 0.4, count)))
    expected = 5.2e6 * area * np.array([PLACES[p][2] for p in place])
    ratio = np.exp(rng.normal(0, 0.12, count))
    ratio[:7] = [0.62, 0.66, 0.68, 0.7, 0.72, 0.74, 0.76]
    ratio[7] = 0.1
    asking = np.round(expected * ratio, -6)
    return pd.DataFrame(
        {
            "ref": [f"SIM-{i:04d}" for i in range(count)],
            "asking": asking,
            "neighbourhood": pd.Series(place, dtype="str"),
            "area_m2": area,
            "bedrooms": rng.integers(1, 5, count).astype(float),
            "built_year": rng.integers(1975, 2024, count).astype(float),
            "lift": rng.integers(0, 2, count).astype(float),
            "latitude": [PLACES[p][0] + rng.normal(0, 0.008) for p in place],
            "longitude": [PLACES[p][1] + rng.normal(0, 0.006) for p in place],
            "ad": pd.Series([HOSTILE[i % len(HOSTILE)] for i in range(count)], dtype="str"),
            "link": [
                ("javascript:alert(1)" if i == 1 else f"https://example.org/ad/{i}?a=1&b=2") for i in range(count)
            ],
            "price_m2": np.round(asking / area),
            "expected": expected,
        }
    )


def _original(values: pd.DataFrame) -> pd.DataFrame:
    shown = values.drop(columns="expected").copy()
    for name in ("asking", "area_m2", "bedrooms", "built_year", "price_m2"):
        shown[name] = shown[name].map(lambda v: f"{v:.0f}")
    shown["lift"] = shown["lift"].map({1.0: "sí", 0.0: "no"})
    shown["score"] = [str(-i) for i in range(len(shown))]  # clashes with a result column, and is a negative number
    return shown.astype({"latitude": "float64"})


def _verdict(ratio: float) -> Verdict:
    if ratio < 0.3:
        return Verdict.SUSPICIOUS
    edges = ((0.71, Verdict.GREAT), (0.85, Verdict.GOOD), (1.1, Verdict.FAIR), (1.25, Verdict.HIGH))
    return next((v for edge, v in edges if ratio < edge), Verdict.OVERPRICED)


def _table(values: pd.DataFrame) -> pd.DataFrame:
    ratio = values["asking"] / values["expected"]
    verdict = [_verdict(r) for r in ratio]
    verdict[-1] = Verdict.NOT_RATED
    rated = pd.Series([v not in (Verdict.SUSPICIOUS, Verdict.NOT_RATED) for v in verdict])
    score = -np.log(ratio)
    table = pd.DataFrame(
        {
            "listing_id": values["ref"],
            "rank": score.where(rated).rank(ascending=False).astype("Int64"),
            "verdict": [v.value for v in verdict],
            "score": score,
            "asking_price": values["asking"],
            "expected_price": values["expected"].where(pd.Series(verdict) != Verdict.NOT_RATED),
            "low": values["expected"] * 0.82,
            "high": values["expected"] * 1.22,
            "discount": 1 - ratio,
            "chance": (1 - ratio).clip(0, 1),
            "p_value": ratio.clip(0, 1),
            "reasons": [_reason(r, v) for r, v in zip(ratio, verdict, strict=True)],
            "error_column": np.where([v is Verdict.SUSPICIOUS for v in verdict], "asking", ""),
            "probable_value": (values["asking"] * 10).where([v is Verdict.SUSPICIOUS for v in verdict]),
        }
    )
    return table[list(RESULT_COLUMNS)]


def _reason(ratio: float, verdict: Verdict) -> Text:
    if verdict is Verdict.SUSPICIOUS:
        return Text(
            "the price is off by a factor of ten; a missing zero?", "el precio difiere diez veces; ¿falta un cero?"
        )
    if verdict is Verdict.NOT_RATED:
        return Text("too few comparables", "muy pocos comparables")
    return fill(
        "{share} below what it should cost", "{share} por debajo de lo que debería costar", share=percent(1 - ratio)
    )


def _surprises(values: pd.DataFrame, row: int) -> tuple[Surprise, ...]:
    it = values.loc[row]
    return (
        Surprise(
            "asking",
            Text("Asking price", "Precio pedido"),
            money(it.asking, "COP"),
            money(it.expected, "COP"),
            -3.1,
            True,
        ),
        Surprise("area_m2", Text("Area", "Área"), quantity(it.area_m2, "m2"), quantity(it.area_m2 * 0.95, "m2"), 0.4),
        Surprise("bedrooms", Text("Bedrooms", "Habitaciones"), quantity(it.bedrooms, ""), same("3"), -0.2),
        Surprise("neighbourhood", Text("Neighbourhood", "Barrio"), same(it.neighbourhood), same("Laureles"), 0.3),
        Surprise("ad", Text("Ad", "Anuncio"), same(it.ad), same(""), 0.1),
    )


def _comparable(values: pd.DataFrame, original: pd.DataFrame, row: int, other: int) -> Comparable:
    subject, it = values.loc[row], values.loc[other]
    worth = (subject.area_m2 - it.area_m2) * 4.1e6
    differences = [
        Difference("area_m2", Text("Area", "Área"), quantity(subject.area_m2, "m2"), quantity(it.area_m2, "m2"), worth),
        Difference(
            "neighbourhood", Text("Neighbourhood", "Barrio"), same(subject.neighbourhood), same(it.neighbourhood), 1.5e7
        ),
    ]
    return Comparable(
        str(it.ref), original.loc[other].to_dict(), float(it.asking), float(it.asking + worth + 1.5e7),
        0.93 - 0.05 * (other % 5), tuple(differences), str(it.link),
    )  # fmt: skip


def _counterfactual(expected: float) -> Counterfactual:
    return Counterfactual(
        "bedrooms", Text("Bedrooms", "Habitaciones"), same("4"), same("3"), 0.9 * expected, 0.52,
        Text(
            "If bedrooms were 3 instead of 4, half of the gap (52 %) would be explained",
            "Con habitaciones 3 en vez de 4 se explicaría la mitad de la diferencia (52 %)",
        ),
    )  # fmt: skip


def make_bargain(values: pd.DataFrame, original: pd.DataFrame, table: pd.DataFrame, row: int, rank: int) -> Bargain:
    told = table.loc[row]
    others = [10 + (row * 5 + k) % (len(values) - 12) for k in range(5)]
    return Bargain(
        row=row, listing_id=str(told.listing_id), rank=rank, verdict=Verdict(told.verdict),
        asking_price=float(told.asking_price), expected_price=float(told.expected_price), low=float(told.low),
        high=float(told.high), discount=float(told.discount), gap=float(told.expected_price - told.asking_price),
        score=float(told.score), chance=0.95 - 0.03 * rank,
        reasons=(told.reasons, Text("everything else about it is usual", "todo lo demás es usual")),
        surprises=_surprises(values, row),
        drivers=(
            Driver("area_m2", Text("Area", "Área"), same("83 m²"), 1.31, 8.1e7),
            Driver("neighbourhood", Text("Neighbourhood", "Barrio"), same("Laureles"), 0.88, -3.2e7),
        ),
        counterfactuals=(_counterfactual(float(told.expected_price)),),
        agreement=tuple(
            Agreement(Text(*name), float(told.expected_price) * times)
            for name, times in ((("trees", "árboles"), 1.01), (("network", "red"), 0.94))
        ),
        comparables=tuple(_comparable(values, original, row, k) for k in others),
        original=original.loc[row].to_dict(), link=str(values.loc[row, "link"]),
        latitude=float(values.loc[row, "latitude"]), longitude=float(values.loc[row, "longitude"]),
    )  # fmt: skip


CARD = ModelCard(
    market="simulated-homes", learned_from="simulated.csv", listings_learned=57, listings_not_learned=3,
    data_hash="0f" * 32, perla_version="0.1.0", seed=7,
    fits=(
        Fit(Text("Blend of models", "Mezcla de modelos"), 0.083, 0.91, 0.61),
        Fit(Text("Hedonic regression (baseline)", "Regresión hedónica (base)"), 0.121, 0.84, 0.44),
    ),
    coverage=0.903, interval_width=1.48, weights=(("boosted", 0.8), ("masked", 0.2)),
    drivers=(("area_m2", 0.42), ("neighbourhood", 0.21), ("built_year", 0.07), ("latitude", 0.05)),
    kept_out=(("price_m2", Text("price divided by area", "precio dividido por área")),),
    left_out=(("ref", Text("an id", "un identificador")),),
    notes=(Text("PyTorch is not installed: boosted models alone", "PyTorch no está instalado: solo árboles"),),
    simulated=True,
)  # fmt: skip


def make_findings(count: int = 60, shown: int = 7, seed: int = 7) -> Findings:
    """A plausible search; ``shown=0`` has no bargains to show."""
    values = _values(count, seed)
    original = _original(values)
    table = _table(values)
    rejected = (
        Rejected(61, "SIM-BAD1", Text("the price is missing", "falta el precio"), "simulated.csv"),
        Rejected(62, FORMULA, Text("the price is zero", "el precio es cero"), "simulated.csv"),
    )
    listings = Listings(
        market=MARKET,
        values=values.drop(columns="expected"),
        original=original,
        ids=values["ref"],
        things=pd.Series(range(count)),
        rejected=rejected,
        rejected_original=original.head(2).assign(asking=["", "0"]).reset_index(drop=True),
        doubts=(Doubt(9, "area_m2", "20000000", Text("over 2,000 m²", "más de 2.000 m²")),),
        source="simulated.csv",
    )
    bargains = tuple(make_bargain(values, original, table, row, row + 1) for row in range(shown))
    surprise = pd.DataFrame({"asking": -table["score"] / 0.15, "area_m2": 0.1}, index=table.index)
    return Findings(listings, table, surprise, bargains, CARD, Text("price low", "precio bajo"), "", examined=count + 2)


def without_simulation(findings: Findings) -> Findings:
    listings = replace(findings.listings, market=replace(findings.listings.market, simulated=False))
    return replace(findings, listings=listings, card=replace(findings.card, simulated=False))
