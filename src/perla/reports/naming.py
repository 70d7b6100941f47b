"""What a buyer calls a listing: ``Ford Bronco Sport · 2024 · 11 mi``, ``Casa · Laureles · 83 m² · 3 rooms``."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from perla.bargains.findings import Findings
from perla.listings.drafting.meanings import covers_whole_name, meaning_of
from perla.listings.market import Column, Kind
from perla.reports.facts import AREAS, MEASURED, is_money, is_year, main_columns, plain_number, written
from perla.reports.untrusted import clean, one_line
from perla.words import Text, fill, join, same

CAR_NAMES = (("make",), ("model",), ("trim",))
TITLE = (("title",),)  # an ad's own headline, which may know better than its columns
CAR_FACTS = (("year", "registration"), ("mileage",), ("engine", "power"), ("fuel",), ("transmission",))
HOME_NAMES = (("property type", "type"), ("neighbourhood", "sector", "locality", "location", "city", "postcode"))
HOME_FACTS = (("area",), ("rooms",), ("stratum", "baths"), ("built", "floor"))
LARGEST_COUNT_OF_NAMES = 2
LONGEST_NAME, LONGEST_HEADLINE = 36, 48
ONE = {"rooms": Text("1 room", "1 habitación"), "baths": Text("1 bathroom", "1 baño")}
Roles = dict[str, list[Column]]


def identity(findings: Findings, original: dict[str, object], count: int = 4) -> Text:
    """A listing in the few columns a buyer names it by; where the columns mean nothing known, in the main ones."""
    roles = _roles(findings)
    if "model" in roles or "make" in roles:
        named, facts = _told(CAR_NAMES, roles, findings, original), _told(CAR_FACTS, roles, findings, original)
        headline = _told(TITLE, roles, findings, original)
        says_make = headline and named and named[0].en.casefold() in headline[0].en.casefold()
        named = headline if says_make or not named else _without_repeats(named)
        names, facts = [join(named, " ")] if named else [], facts[: count - 2]
    else:
        names, facts = _told(HOME_NAMES, roles, findings, original), _told(HOME_FACTS, roles, findings, original)
    names = names or _telling_names(findings, original)
    facts = facts if facts else _main_facts(findings, original)
    return join([*_without_repeats(names), *facts][:count], " · ")


def _roles(findings: Findings) -> Roles:
    """The columns by what their name means, the ones that matter most for the price first."""
    roles: Roles = {}
    for column in main_columns(findings, 60, (*MEASURED, Kind.CATEGORY, Kind.DATE, Kind.TEXT)):
        if role := _role(column):
            roles.setdefault(role, []).append(column)
    return roles


def _role(column: Column) -> str:
    """The meaning of a column's name, else of its English label; a part of a thing (``sqft above``) has none."""
    for name in (column.name, column.label.en if column.label else ""):
        meaning = meaning_of(name)
        if meaning is not None and covers_whole_name(meaning, name):
            is_model_year = meaning.key == "model" and column.kind is not Kind.CATEGORY
            return "year" if is_model_year else meaning.key
    return ""


def _told(
    places: Iterable[tuple[str, ...]], roles: Roles, findings: Findings, original: dict[str, object]
) -> list[Text]:
    """For each place the first of its columns that says something."""
    told = []
    for alternatives in places:
        columns = [(role, column) for role in alternatives for column in roles.get(role, ())]
        said = (_one(role, column, findings, original.get(column.name)) for role, column in columns)
        told += [text for text in [next((t for t in said if t is not None), None)] if text is not None]
    return told


def _one(role: str, column: Column, findings: Findings, value: object) -> Text | None:
    if not clean(value):
        return None
    currency, amount = findings.listings.market.currency, plain_number(value)
    told = written(column, value, currency)
    longest = LONGEST_HEADLINE if role == "title" else LONGEST_NAME
    told = Text(one_line(told.en, longest), one_line(told.es, longest))
    if role == "registration":
        return same(told.en[:7])
    if role in ("rooms", "baths"):
        return ONE[role] if amount == 1 else fill("{n} {what}", "{n} {what}", n=told, what=column.title)
    if role in ("stratum", "floor", "built"):
        return column.title + same(" ") + told
    return told if amount != 0 or role not in ("area", "year") else None


def _without_repeats(names: Iterable[Text]) -> list[Text]:
    """Of two names of which one is part of the other, the fuller one."""
    kept: list[Text] = []
    for name in names:
        alike = next((i for i, other in enumerate(kept) if _repeats(name, other)), None)
        if alike is None:
            kept.append(name)
        else:
            kept[alike] = max(kept[alike], name, key=lambda n: len(n.en))
    return kept


def _repeats(one: Text, other: Text) -> bool:
    """Whether one name is part of the other, which says it all."""
    short, long = sorted((n.en.casefold().rstrip("…") for n in (one, other)), key=len)
    return short in long


def _telling_names(findings: Findings, original: dict[str, object]) -> list[Text]:
    """What the categories that tell listings apart say."""
    currency = findings.listings.market.currency
    told = [_short(column, original.get(column.name), currency) for column in _naming_columns(findings)]
    return _without_repeats(name for name in told if name.en)[:LARGEST_COUNT_OF_NAMES]


def _main_facts(findings: Findings, original: dict[str, object]) -> list[Text]:
    """The measured columns that matter most for the price; of two in one unit the first: both would be a riddle."""
    currency = findings.listings.market.currency
    facts: dict[str, Text] = {}
    for column in main_columns(findings, 12, MEASURED):
        if clean(original.get(column.name)) and not is_money(column, currency):
            facts.setdefault(column.unit or column.name, _short(column, original[column.name], currency))
    return list(facts.values())


def _naming_columns(findings: Findings) -> list[Column]:
    """The categories that tell listings apart best, best first; but a make, implied by its model, leads it."""
    values = findings.listings.values
    some = values.iloc[:: max(1, len(values) // 2000)]
    columns = [c for c in main_columns(findings, 50, (Kind.CATEGORY,)) if c.name in some and _is_wordy(some[c.name])]
    telling = sorted(columns, key=lambda c: -some[c.name].nunique())
    makes = [c for c in telling[1:] if _implies(some, telling[0].name, c.name)][:1]
    return [*makes, *(c for c in telling if c not in makes)][: LARGEST_COUNT_OF_NAMES + 1]


def _implies(values: pd.DataFrame, narrow: str, broad: str) -> bool:
    """Whether knowing ``narrow`` all but tells ``broad``, which has far fewer values."""
    pairs = values[[narrow, broad]].dropna()
    fewer = pairs[broad].nunique() * 3 < pairs[narrow].nunique()
    return fewer and bool(pairs.drop_duplicates().shape[0] < 1.1 * pairs[narrow].nunique())


def _is_wordy(cells: pd.Series) -> bool:
    """Whether most cells are words a person knows, not the numbers of a coded list."""
    told = cells.dropna().astype(str)
    return len(told) > 0 and bool((told.str.len() > 3).mean() > 0.5) and bool(told.str.len().mean() < 40)


def _short(column: Column, value: object, currency: str) -> Text:
    amount = plain_number(value)
    told = written(column, value, currency)
    told = Text(one_line(told.en, LONGEST_NAME), one_line(told.es, LONGEST_NAME))
    if amount is None or column.kind not in MEASURED or is_year(column, amount) or column.unit in AREAS:
        return told
    if column.unit in ("km", "mi") and amount >= 200:  # a mileage; less may be the distance to anything
        return told
    return column.title + same(" ") + told
