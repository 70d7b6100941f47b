"""Panels of car listings as spells: when each car was first offered, at what price, when it was cut, when it was gone.

A car that comes back within ``GRACE_DAYS`` was not gone: platforms drop ads for a day, dealers post them anew. Only
the first spell of a car counts. A first sighting is an entry only where the search had run shortly before: what stands
there on a panel's first day, on a new search's first day or after a pause began at an unknown time (left truncation),
is learned from and never followed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

GRACE_DAYS = 14
LONGEST_PAUSE_DAYS = 3
LEAST_CUT = 0.005
TYPING_ERROR = 0.5
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Panel:
    """One market followed over time.

    spells : a row per car, indexed by car: first_seen, entry (began under our eyes), days and gone (time on the market
    and whether it ended), price (first asking), cut_days, raise_days (NaN: never), make, age_years, mileage_km.
    shown : what perla may see of each car, on the same index, ``price`` included. steps : (what was kept, how many).
    kept_out : (column, why perla may not see it). cuts : the days on which perla learns anew. follow_end : last day an
    end can be told.
    """

    name: str
    title: str
    about: str
    spells: pd.DataFrame
    shown: pd.DataFrame
    steps: tuple[tuple[str, int], ...]
    kept_out: tuple[tuple[str, str], ...]
    cuts: tuple[pd.Timestamp, ...]
    follow_end: pd.Timestamp


def first_spells(sightings: pd.DataFrame) -> pd.DataFrame:
    """The first spell of every car, as first and last day seen.

    sightings : car, first, last; a row per ad or per day.

    >>> days = pd.to_datetime(["2024-01-01", "2024-01-10", "2024-03-01"])
    >>> first_spells(pd.DataFrame({"car": "a", "first": days, "last": days})).loc["a", "last_seen"].day
    10
    """
    seen = sightings.sort_values(["car", "first"])
    reached = seen.groupby("car")["last"].cummax().groupby(seen["car"]).shift()
    away = (seen["first"] - reached) > GRACE_DAYS * DAY
    spell = seen[away.groupby(seen["car"]).cumsum() == 0].groupby("car")
    return pd.DataFrame({"first_seen": spell["first"].min(), "last_seen": spell["last"].max()})


def time_on_market(spells: pd.DataFrame, runs: pd.DatetimeIndex, follow_end: pd.Timestamp) -> pd.DataFrame:
    """Days to the first run that missed the car, and whether it was gone; else days to the end of what can be told.

    Where the search paused after the last sighting nobody knows when it went: it is followed to that sighting only.
    """
    after = runs.searchsorted(spells["last_seen"].to_numpy(), side="right")
    missed = pd.Series(runs.append(pd.DatetimeIndex([pd.Timestamp.max])).take(after), index=spells.index)
    paused = (missed - spells["last_seen"]) > LONGEST_PAUSE_DAYS * DAY
    gone = (missed <= follow_end) & ~paused
    end = missed.where(gone, spells["last_seen"].where(paused, follow_end).clip(upper=follow_end))
    days = (end - spells["first_seen"]).dt.days.clip(lower=0.5)
    return spells.assign(days=days.astype(float), gone=gone)


def is_entry(first_seen: pd.Series, began: pd.Series, runs: pd.DatetimeIndex) -> pd.Series:
    """Whether the search that found the car had run shortly before without it."""
    before = runs.searchsorted(first_seen.to_numpy(), side="left") - 1
    previous = pd.Series(runs.take(np.maximum(before, 0)), index=first_seen.index)
    return (before >= 0) & (first_seen - previous <= LONGEST_PAUSE_DAYS * DAY) & (first_seen > began)


def first_moves(spells: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Days to the first price below, and above, the first one; a fall by over half is an error put right, no cut."""
    seen = prices.merge(
        spells[["first_seen", "last_seen", "price"]], left_on="car", right_index=True, suffixes=("", "_0")
    )
    seen = seen[(seen["day"] > seen["first_seen"]) & (seen["day"] <= seen["last_seen"])]
    ratio, after = seen["price"] / seen["price_0"], (seen["day"] - seen["first_seen"]).dt.days
    cut, up = ratio.between(TYPING_ERROR, 1 - LEAST_CUT), ratio > 1 + LEAST_CUT
    moves = {
        "cut_days": cut,
        "raise_days": up,
        "halved_days": ratio < TYPING_ERROR,
        "doubled_days": ratio > 1 / TYPING_ERROR,
    }
    return spells.assign(**{name: after[which].groupby(seen["car"]).min() for name, which in moves.items()})


def luxembourg(data: Path) -> Panel:
    """AutoScout24 Luxembourg: 25 searches, daily."""
    folder = data / "cars-luxembourg-panel"
    rows, changes = pd.read_csv(folder / "listings.csv.gz"), pd.read_csv(folder / "price_history.csv.gz")
    steps = [("rows of the panel", len(rows)), ("ads", rows["listing_id"].nunique())]
    rows["first"], rows["last"] = _day(rows["created_at"]), _day(rows["scraped_date"])
    runs = pd.DatetimeIndex(np.unique(np.concatenate([rows["first"], rows["last"], _day(changes["change_date"])])))
    rows = _named_ads(rows, changes)
    steps.append(("ads of searches that name a model (without the search BMW 5)", rows["listing_id"].nunique()))
    spells = first_spells(rows)
    steps.append(("cars, ads posted anew joined", len(spells)))
    first = rows[~rows["loose"]].sort_values(["first", "id"]).drop_duplicates("car").set_index("car").loc[spells.index]
    spells = _facts(spells.assign(price=first["asked"], make=first["make"]), first["mileage"], _registered(first))
    follow_end = runs[-1] - GRACE_DAYS * DAY
    spells = time_on_market(spells, runs, follow_end)
    stopped = (first["ended"] < follow_end) & (spells["last_seen"] >= first["ended"])
    spells["gone"] = spells["gone"] & ~stopped
    spells["entry"] = is_entry(spells["first_seen"], first["began"], runs)
    return Panel(
        "luxembourg",
        "Used cars in Luxembourg",
        "cars-luxembourg-panel (AutoScout24 Luxembourg, from github.com/masterries/AutoAnalyse; licence: none stated)",
        first_moves(spells, _prices(rows, changes)),
        _shown_luxembourg(first),
        tuple(steps),
        LUXEMBOURG_KEPT_OUT,
        tuple(pd.to_datetime(["2025-10-01", "2025-11-15", "2026-01-01", "2026-02-15"])),
        follow_end,
    )


def _named_ads(rows: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Rows of ads that some search for a named model found, with first price, car, and when their search ran.

    The search BMW 5 finds anything with a 5 and changed what it shows in January 2026.
    """
    search = rows.groupby(["make", "model"])
    rows = rows.assign(
        began=search["first"].transform("min"),
        ended=search["last"].transform("max"),
        asked=_first_price(rows, changes),
        loose=(rows["make"] == "bmw") & (rows["model"] == "5"),
    )
    rows = rows[~rows.groupby("listing_id")["loose"].transform("all")]
    return rows.assign(car=rows["listing_id"].map(same_cars(rows[~rows["loose"]])))


def _shown_luxembourg(first: pd.DataFrame) -> pd.DataFrame:
    """What perla may see: the oldest ad of each car."""
    return pd.DataFrame(
        {
            "make": first["make"], "model": first["model"], "version": _version(first), "price": first["asked"],
            "mileage": first["mileage"], "fuel": first["fuel_type"], "seller": first["seller_type"],
            "registered": _registered(first).round(2),
        }
    )  # fmt: skip


LUXEMBOURG_KEPT_OUT = (
    ("scraped_date, scraped_timestamp, updated_at, is_active", "last seen, still there: the outcome itself"),
    ("price", "the last asking price; the first is put in its place, from the price changes"),
    ("number and days of price changes", "the outcome itself"),
    ("created_at", "first seen: known that day, but only tells before from after the cut"),
    ("power, transmission, location",
     "overwritten at each visit, empty since the site changed: the gaps tell who was still there"),
    ("how the title is written (make and model glued or not)",
     "changed in August 2025; make and model are taken off, the rest is kept"),
    ("id, listing_id", "numbers given in order of arrival"),
)  # fmt: skip


def same_cars(ads: pd.DataFrame) -> pd.Series:
    """Listing id -> car: ads of one make, month of registration, mileage and seller kind are one car.

    Below 1,000 km many new cars look alike, so each ad is a car of its own there.

    >>> ads = pd.DataFrame({"listing_id": ["x", "y", "z"], "make": "a", "first_registration": "01-2020",
    ...                     "mileage": [52_345, 52_345, 5], "seller_type": "d", "first": pd.Timestamp(2025, 1, 1)})
    >>> same_cars(ads).to_dict()
    {'x': 'x', 'y': 'x', 'z': 'z'}
    """
    ads = ads.sort_values("first").drop_duplicates("listing_id")
    oldest = ads.groupby(["make", "first_registration", "mileage", "seller_type"])["listing_id"].transform("first")
    return pd.Series(oldest.where(ads["mileage"] >= 1000, ads["listing_id"]).to_numpy(), index=ads["listing_id"])


def kijiji(data: Path) -> Panel:
    """Kijiji, Canada: snapshots of about 1,400 ads, most days; a car is its VIN."""
    rows = pd.read_parquet(data / "cars-kijiji-panel" / "kijiji_daily_panel.parquet")
    steps = [("rows of the panel (ad and day)", len(rows))]
    rows["day"], rows["car"] = pd.to_datetime(rows["scrape_date"]), rows["vin_number"].str.strip().str.upper()
    last = pd.Timestamp("2024-04-07")
    rows = rows[(rows["day"] >= "2023-11-21") & (rows["day"] <= last)]
    steps.append(
        ("rows from 21 November 2023 to 7 April 2024 (before: a few dozen a day; after: VINs missing)", len(rows))
    )
    rows = rows[rows["car"].str.fullmatch("[A-HJ-NPR-Z0-9]{17}").fillna(False) & (rows["list_price"] > 0)]
    steps.append(("rows with a VIN and a price", len(rows)))
    rows = rows.sort_values(["car", "day", "list_price"]).drop_duplicates(["car", "day"])
    runs = pd.DatetimeIndex(np.sort(rows["day"].unique()))
    first = rows.drop_duplicates("car").set_index("car")
    spells = first_spells(rows[["car"]].assign(first=rows["day"], last=rows["day"]))
    steps.append(("cars", len(spells)))
    first = first.loc[spells.index]
    spells = _facts(
        spells.assign(price=first["list_price"], make=first["brand"]), first["mileage"], first["model_year"]
    )
    follow_end = last - GRACE_DAYS * DAY
    spells = time_on_market(spells, runs, follow_end)
    spells["entry"] = is_entry(spells["first_seen"], pd.Series(runs[0], index=spells.index), runs)
    spells = first_moves(spells, rows.rename(columns={"list_price": "price"})[["car", "day", "price"]])
    shown = first.drop(columns=["vin_number", "scrape_date", "day"]).rename(columns={"list_price": "price"})
    return Panel(
        "kijiji",
        "Cars in Canada",
        "cars-kijiji-panel (Kijiji, from github.com/itslokitha/vehiclePriceEstimation; licence: no licence file, "
        "its datasheets/README.txt says MIT)",
        spells,
        shown,
        tuple(steps),
        KIJIJI_KEPT_OUT,
        tuple(pd.to_datetime(["2023-12-10", "2024-01-05", "2024-02-01", "2024-02-25"])),
        follow_end,
    )


KIJIJI_KEPT_OUT = (
    ("every sighting after the first", "time on the market and price changes: the outcome itself"),
    ("vin_number", "names the car; used to follow it, not shown"),
    ("scrape_date", "known that day, but only tells before from after the cut"),
)


def _day(times: pd.Series) -> pd.Series:
    return pd.to_datetime(times, format="mixed").dt.normalize()


def _registered(ads: pd.DataFrame) -> pd.Series:
    """Month of first registration as a year with fraction."""
    parts = ads["first_registration"].str.extract(r"^(\d\d)-(\d{4})$").astype(float)
    return parts[1] + (parts[0] - 1) / 12


def _facts(spells: pd.DataFrame, mileage_km: pd.Series, year: pd.Series) -> pd.DataFrame:
    """The spells with age and mileage; years and kilometres no car has are missing."""
    began = spells["first_seen"]
    age = (began.dt.year + (began.dt.month - 1) / 12 - year).clip(lower=0)
    mileage = mileage_km.astype(float)
    return spells.assign(age_years=age.where(age < 60), mileage_km=mileage.where(mileage < 1_000_000))


def _first_price(rows: pd.DataFrame, changes: pd.DataFrame) -> pd.Series:
    """What each ad asked at first: the old price of its first change, else its price."""
    oldest = changes.sort_values("change_timestamp").drop_duplicates("listing_id").set_index("listing_id")["price_old"]
    return rows["listing_id"].map(oldest).fillna(rows["price"])


def _prices(rows: pd.DataFrame, changes: pd.DataFrame) -> pd.DataFrame:
    """Every asking price of every car with the day it was first seen: of each ad at its start, and of each change."""
    starts = rows[["car", "first", "asked"]].set_axis(["car", "day", "price"], axis=1)
    car = changes["listing_id"].map(rows.drop_duplicates("listing_id").set_index("listing_id")["car"])
    moved = pd.DataFrame({"car": car, "day": _day(changes["change_date"]), "price": changes["price_new"]})
    return pd.concat([starts, moved.dropna(subset="car")], ignore_index=True)


def _version(ads: pd.DataFrame) -> pd.Series:
    """The title without make and model in front, however they were glued."""

    def shorten(make: str, model: str, title: str) -> str:
        make, model = (re.escape(word).replace(r"\-", r"[\s-]?") for word in (make, model))
        text = re.sub(rf"^\s*{make}\s*", "", title, flags=re.IGNORECASE)
        return re.sub(rf"^{model}\s*", "", text, flags=re.IGNORECASE).strip()

    words = [shorten(*cells) for cells in zip(ads["make"], ads["model"], ads["title"].fillna(""), strict=True)]
    return pd.Series(words, index=ads.index)
