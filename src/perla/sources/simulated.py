"""A simulated market of homes, for the demo and the tests: its planted bargains and typing errors are known.

The city does not exist, its coordinates lie in the open ocean, and every listing says that it is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import pandas as pd

from perla.errors import InputError
from perla.listings import Column, Kind, Market
from perla.words import Text, fill, percent

FEWEST_LISTINGS = 50
CENTRE_LATITUDE, CENTRE_LONGITUDE = 2.0, -95.0
KM_PER_DEGREE = 111.2
BASE_PRICE_PER_M2 = 3_100_000.0
BARGAIN_SHARE, ERROR_SHARE, NO_PRICE_SHARE = 0.01, 0.004, 0.003
BARGAIN_FACTORS = (0.6, 0.8)

# Name, kilometres north and east of the centre, share of the listings.
NEIGHBOURHOODS = (
    ("La Ostra", 2.6, 0.4, 0.11), ("Nácar", 2.1, 2.2, 0.09), ("Marea Alta", 0.6, 2.9, 0.08), ("Coral", 0.3, 1.1, 0.12),
    ("El Faro", 1.2, -1.1, 0.10), ("Bahía Serena", 2.9, -2.0, 0.07), ("Arrecife", -0.9, 2.0, 0.08),
    ("Caracola", -0.6, -0.4, 0.11), ("Las Redes", -1.9, 0.9, 0.08), ("Muelle Sur", -2.8, -0.6, 0.07),
    ("Puerto Hondo", -1.5, -2.2, 0.06), ("Alga Verde", 0.2, -2.8, 0.03),
)  # fmt: skip
# Kilometres north and east, rise of the log price at the top, width in kilometres: the smooth surface of location.
HILLS = ((2.4, 1.4, 0.75, 1.3), (0.2, 1.0, 0.30, 0.8), (2.8, -2.1, 0.45, 0.9), (-2.4, -1.4, -0.30, 1.4))
# Type, share, median area in m2, effect on the log price.
TYPES = (("Apartamento", 0.70, 78.0, 0.0), ("Casa", 0.18, 145.0, -0.06), ("Apartaestudio", 0.12, 38.0, 0.05))
AGES = (
    ("Nuevo", 0.06), ("1 a 8 años", 0.02), ("9 a 15 años", -0.03), ("16 a 30 años", -0.10), ("Más de 30 años", -0.18),
)  # fmt: skip
MISSING_SHARES = {"administracion": 0.08, "antiguedad": 0.05, "parqueaderos": 0.04, "banos": 0.02, "latitud": 0.03}
HOSTILE_TEXTS = ("=cmd()", "<script>alert('perla')</script>", "\u202eojo 🏠 dibujado al revés\u202c")


class Planted(StrEnum):
    """What the simulation did to a listing."""

    ORDINARY = "ordinary"
    BARGAIN = "bargain"
    ERROR = "error"


@dataclass(frozen=True)
class Simulation:
    """A simulated market and the truth about it.

    frame : DataFrame of str, one row per listing, cells as people write them (missing ones NaN), columns as in
        ``market``.
    truth : DataFrame, same index: listing_id (str), kind ({'ordinary', 'bargain', 'error'}), true_price (COP, what the
        simulation's own rule says before noise, discount and typing errors), planted (Text: what was done, else empty).
    market : what the columns mean; ``market.simulated`` is True.
    """

    frame: pd.DataFrame
    truth: pd.DataFrame
    market: Market


def simulate_market(listings: int = 1500, seed: int = 7) -> Simulation:
    """Homes for sale in Ciudad Perla, a city that does not exist.

    Prices follow location, area, stratum, age and a few more, with log-normal noise that grows with age and in houses.
    About one listing in a hundred asks 20 to 40 % less than it should; a few carry typing errors, a few lack cells, a
    few have no usable price, and three texts are hostile. The same seed gives the same market.

    Raises InputError for fewer than 50 listings.

    >>> city = simulate_market(200, seed=1)
    >>> city.truth["kind"].value_counts().to_dict()
    {'ordinary': 196, 'bargain': 2, 'error': 2}
    >>> city.market.simulated, city.frame["descripcion"].str[:10].unique().tolist()
    (True, ['[simulado]'])
    """
    if listings < FEWEST_LISTINGS:
        raise InputError(
            f"A simulated market needs at least {FEWEST_LISTINGS} listings; got {listings}. Ask for more.",
            f"Un mercado simulado necesita al menos {FEWEST_LISTINGS} anuncios; se pidieron {listings}. Pida más.",
        )
    rng = np.random.default_rng(seed)
    homes = _build_homes(listings, rng)
    true_price = np.exp(_log_price(homes)).round(-6)
    asking = (true_price * np.exp(rng.normal(0, _noise(homes)))).round(-6)
    cells = _write_cells(homes, rng)
    cells["precio"] = _write_prices(asking, rng)
    done = _plant(cells, true_price, asking, homes["area_m2"].to_numpy(), rng)
    untouched = (Planted.ORDINARY, Text("", ""))
    truth = pd.DataFrame({
        "listing_id": cells["id"],
        "kind": [done.get(row, untouched)[0].value for row in range(listings)],
        "true_price": true_price,
        "planted": [done.get(row, untouched)[1] for row in range(listings)],
    })  # fmt: skip
    return Simulation(cells.astype("str"), truth, _market())


def _build_homes(count: int, rng: np.random.Generator) -> pd.DataFrame:
    """The homes as they are: numbers and words, nothing missing, no price yet."""
    place = rng.choice(len(NEIGHBOURHOODS), count, p=[n[3] for n in NEIGHBOURHOODS])
    kind = rng.choice(len(TYPES), count, p=[t[1] for t in TYPES])
    north = np.array([n[1] for n in NEIGHBOURHOODS])[place] + rng.normal(0, 0.45, count)
    east = np.array([n[2] for n in NEIGHBOURHOODS])[place] + rng.normal(0, 0.45, count)
    location = _surface(north, east)
    area = np.clip(np.array([t[2] for t in TYPES])[kind] * np.exp(rng.normal(0.1 * location, 0.28)), 22, 420).round()
    area += rng.choice([0, 0.5], count, p=[0.85, 0.15])
    stratum = np.clip(np.rint(2.6 + 3.2 * location + rng.normal(0, 0.5, count)), 1, 6)
    rooms = np.where(kind == 2, 1, np.clip(np.rint(area / 32 + rng.normal(0.4, 0.6, count)), 1, 7))
    baths = np.clip(np.rint(0.55 * rooms + 0.15 * stratum + rng.normal(0, 0.4, count)), 1, 6)
    garages = np.clip(np.rint(0.3 * stratum + area / 160 - 0.8 + rng.normal(0, 0.4, count)), 0, 4) + 0.0
    return pd.DataFrame({
        "place": place, "kind": kind, "north": north, "east": east, "location": location, "area_m2": area,
        "stratum": stratum, "rooms": rooms, "baths": baths, "garages": garages,
        "age": rng.choice(len(AGES), count, p=[0.12, 0.27, 0.24, 0.24, 0.13]),
        "renovated": rng.random(count) < 0.2,
        "fee": area * stratum * 1_000 * np.exp(rng.normal(0, 0.2, count)),
    })  # fmt: skip


def _surface(north: np.ndarray, east: np.ndarray) -> np.ndarray:
    """What location alone adds to the log price."""
    rise = np.zeros(len(north))
    for hill_north, hill_east, height, width in HILLS:
        rise += height * np.exp(-((north - hill_north) ** 2 + (east - hill_east) ** 2) / (2 * width**2))
    return rise


def _log_price(homes: pd.DataFrame) -> np.ndarray:
    """Log of the price each home should ask: the rule the market follows."""
    kind_effect = np.array([t[3] for t in TYPES])[homes["kind"]]
    age_effect = np.array([a[1] for a in AGES])[homes["age"]]
    worth = (
        np.log(BASE_PRICE_PER_M2)
        + homes["location"]
        + np.log(homes["area_m2"])
        - 0.10 * np.log(homes["area_m2"] / 80)
        + 0.05 * (homes["stratum"] - 3)
        + 0.04 * (homes["baths"] - 2)
        + 0.05 * homes["garages"]
        + 0.05 * homes["renovated"]
        + age_effect * (1 + 0.5 * homes["location"])
        + kind_effect
    )
    return worth.to_numpy()


def _noise(homes: pd.DataFrame) -> np.ndarray:
    """Standard deviation of the log asking price: old homes and houses are the harder ones to price."""
    return (0.045 + 0.010 * homes["age"] + 0.025 * (homes["kind"] == 1)).to_numpy()


def _write_cells(homes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The table as people fill it in: Spanish headings, decimal commas, gaps."""
    count = len(homes)
    cells = pd.DataFrame({
        "id": [f"CP-{number:05d}" for number in rng.permutation(np.arange(10_001, 10_001 + count))],
        "barrio": [NEIGHBOURHOODS[p][0] for p in homes["place"]],
        "latitud": [f"{v:.5f}" for v in CENTRE_LATITUDE + homes["north"] / KM_PER_DEGREE],
        "longitud": [f"{v:.5f}" for v in CENTRE_LONGITUDE + homes["east"] / KM_PER_DEGREE],
        "tipo": [TYPES[k][0] for k in homes["kind"]],
        "area_m2": [_write_area(a) for a in homes["area_m2"]],
        "habitaciones": [f"{v:.0f}" for v in homes["rooms"]],
        "banos": [f"{v:.0f}" for v in homes["baths"]],
        "estrato": [f"{v:.0f}" for v in homes["stratum"]],
        "administracion": [_write_pesos(v, -4) for v in homes["fee"]],
        "antiguedad": [AGES[a][0] for a in homes["age"]],
        "parqueaderos": [f"{v:.0f}" for v in homes["garages"]],
    })  # fmt: skip
    cells["descripcion"] = [_describe(home) for home in homes.itertuples()]
    cells["enlace"] = "https://example.invalid/simulado/" + cells["id"]
    for column, share in MISSING_SHARES.items():
        cells.loc[rng.random(count) < share, column] = None
    cells.loc[cells["latitud"].isna(), "longitud"] = None
    for row, text in zip(rng.choice(count, len(HOSTILE_TEXTS), replace=False), HOSTILE_TEXTS, strict=True):
        cells.loc[row, "descripcion"] = f"[simulado] {text}"
    cells.loc[rng.integers(count), "barrio"] = HOSTILE_TEXTS[0]
    return cells


def _describe(home: Any) -> str:
    """The ad's text; it also tells what no column does (a renovated kitchen)."""
    place, kind = NEIGHBOURHOODS[home.place][0], TYPES[home.kind][0]
    rooms = "1 habitación" if home.rooms == 1 else f"{home.rooms:.0f} habitaciones"
    baths = "1 baño" if home.baths == 1 else f"{home.baths:.0f} baños"
    extras = ["cocina remodelada"] * home.renovated + ["con parqueadero"] * (home.garages > 0)
    ending = f" {', '.join(extras).capitalize()}." if extras else ""
    return f"[simulado] {kind} de {_write_area(home.area_m2)} en {place}, {rooms}, {baths}.{ending}"


def _write_area(area_m2: float) -> str:
    return f"{area_m2:g} m²".replace(".", ",")


def _write_pesos(amount: float, digits: int = 0) -> str:
    return f"$ {round(amount, digits):,.0f}".replace(",", ".")


def _write_prices(prices: np.ndarray, rng: np.random.Generator) -> list[str]:
    """Two thirds as `$ 450.000.000`, the rest as plain digits."""
    plain = rng.random(len(prices)) < 1 / 3
    return [f"{p:.0f}" if as_digits else _write_pesos(p) for p, as_digits in zip(prices, plain, strict=True)]


def _plant(
    cells: pd.DataFrame, true_price: np.ndarray, asking: np.ndarray, area_m2: np.ndarray, rng: np.random.Generator
) -> dict[int, tuple[Planted, Text]]:
    """Change some listings in place; what was done, by row."""
    counts = [max(1, round(share * len(cells))) for share in (BARGAIN_SHARE, ERROR_SHARE, NO_PRICE_SHARE)]
    drawn = rng.choice(len(cells), sum(counts), replace=False)
    bargains, errors, priceless = (part.tolist() for part in np.split(drawn, np.cumsum(counts)[:-1]))
    done = {}
    for row, factor in zip(bargains, rng.uniform(*BARGAIN_FACTORS, len(bargains)), strict=True):
        cells.loc[row, "precio"] = _write_pesos(true_price[row] * factor, -6)
        less = fill("asks {less} less than it should", "pide {less} menos de lo que debería", less=percent(1 - factor))
        done[row] = (Planted.BARGAIN, less)
    for row in errors[::2]:
        cells.loc[row, "precio"] = _write_pesos(asking[row] / 10)
        done[row] = (Planted.ERROR, Text("the price lacks a zero", "al precio le falta un cero"))
    for row in errors[1::2]:
        cells.loc[row, "area_m2"] = _write_area(area_m2[row] * 10)
        done[row] = (Planted.ERROR, Text("the area has a zero too many", "al área le sobra un cero"))
    for turn, row in enumerate(priceless):
        cells.loc[row, "precio"] = (None, "a convenir", "0")[turn % 3]
        done[row] = (Planted.ERROR, Text("it has no usable price", "no tiene un precio utilizable"))
    return done


def _market() -> Market:
    """What the columns of the simulated table mean."""
    return Market(
        name="simulated",
        title=Text("Ciudad Perla (simulated)", "Ciudad Perla (simulada)"),
        price="precio",
        currency="COP",
        price_low=5e6,
        price_high=2e10,
        simulated=True,
        columns=(
            Column("id", Kind.ID, label=Text("id", "id")),
            Column("barrio", Kind.CATEGORY, label=Text("neighbourhood", "barrio")),
            Column("latitud", Kind.LATITUDE, low=1.9, high=2.1, label=Text("latitude", "latitud")),
            Column("longitud", Kind.LONGITUDE, low=-95.1, high=-94.9, label=Text("longitude", "longitud")),
            Column("tipo", Kind.CATEGORY, label=Text("type", "tipo")),
            Column("area_m2", Kind.QUANTITY, "m2", 15, 600, True, Text("area", "área")),
            Column("habitaciones", Kind.COUNT, "", 0, 12, True, Text("rooms", "habitaciones")),
            Column("banos", Kind.COUNT, "", 0, 10, True, Text("baths", "baños")),
            Column("estrato", Kind.COUNT, "", 1, 6, True, Text("stratum", "estrato")),
            Column("administracion", Kind.QUANTITY, "COP", 0, 5e6, True, Text("administration fee", "administración")),
            Column("antiguedad", Kind.CATEGORY, label=Text("age", "antigüedad")),
            Column("parqueaderos", Kind.COUNT, "", 0, 8, True, Text("parking spaces", "parqueaderos")),
            Column("descripcion", Kind.TEXT, label=Text("description", "descripción")),
            Column("enlace", Kind.LINK, label=Text("link", "enlace")),
            Column("precio", Kind.QUANTITY, "COP", 5e6, 2e10, True, Text("price", "precio")),
        ),
    )
