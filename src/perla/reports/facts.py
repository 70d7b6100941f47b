"""What every report says about a search: which columns are shown, how a cell is written, the counts."""

from __future__ import annotations

import re

import pandas as pd

from perla.bargains.findings import Bargain, Findings, Verdict
from perla.listings.market import Column, Kind
from perla.reports.untrusted import clean, missing, one_line
from perla.words import Text, fill, join, money, number, percent, quantity, rounded, same

_PLAIN_NUMBER = re.compile(r"^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$")
_YEAR = re.compile(r"year|a[nñ]o(?!n)|anio|\bmodel\b|built|jahr", re.IGNORECASE)
_AREAS = ("m2", "m²", "ft2", "ft²", "sqft")
LARGEST_COUNT_OF_NAMES = 2
LONGEST_WHY = 130
_MEASURED = (Kind.QUANTITY, Kind.COUNT)
SIMULATED = Text("SIMULATED DATA", "DATOS SIMULADOS")
YES, NO = Text("yes", "sí"), Text("no", "no")


def is_simulated(findings: Findings) -> bool:
    """Whether anything in the search was made up."""
    return findings.listings.market.simulated or findings.card.simulated


def main_columns(findings: Findings, count: int = 12, kinds: tuple[Kind, ...] = ()) -> list[Column]:
    """The market's modelled columns that say most about the price, strongest first; of the given kinds, if any are."""
    market = findings.listings.market
    rank = {name: place for place, (name, _) in enumerate(findings.card.drivers)}
    modelled = [c for c in market.modelled if c.name in findings.listings.original.columns]
    wanted = [c for c in modelled if not kinds or c.kind in kinds]
    return sorted(wanted, key=lambda c: rank.get(c.name, len(rank)))[:count]


def shown_columns(findings: Findings, count: int = 12) -> list[Column]:
    """The main columns a person compares: no coordinates, free text last."""
    facts = main_columns(findings, count, (*_MEASURED, Kind.CATEGORY, Kind.YES_NO, Kind.DATE))
    return facts + main_columns(findings, max(0, count - len(facts)), (Kind.TEXT,))


def is_year(column: Column, value: float) -> bool:
    """Whether a number is a year, which nobody writes with a thousands separator."""
    named = bool(_YEAR.search(column.name)) or "year" in column.unit
    return named and 1500 <= value <= 2200 and float(value).is_integer()


def is_money(column: Column, currency: str) -> bool:
    """Whether a column is an amount in the market's currency, such as an administration fee."""
    return bool(currency) and column.unit.casefold() == currency.casefold()


def plain_number(value: object) -> float | None:
    """The number a cell holds if it is one beyond doubt, else None."""
    if isinstance(value, bool) or missing(value):
        return None
    if isinstance(value, str):
        return float(value) if _PLAIN_NUMBER.match(value.strip()) else None
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None


def written(column: Column, value: object, currency: str) -> Text:
    """A cell of a listing as a person writes it; an original text that is no plain number stays as it is."""
    amount = plain_number(value)
    if amount is None or column.kind in (Kind.CATEGORY, Kind.TEXT, Kind.ID):
        return same(one_line(_day(value)))
    if column.kind is Kind.YES_NO and amount in (0, 1):
        return YES if amount else NO
    if column.kind in (Kind.LATITUDE, Kind.LONGITUDE):
        return number(amount, 5, currency)
    if is_year(column, amount):
        return same(int(amount))
    if is_money(column, currency):
        return money(amount, currency)
    return quantity(amount, column.unit, currency)


def _day(value: object) -> object:
    return value.date().isoformat() if isinstance(value, pd.Timestamp) and not missing(value) else value


def estimate(amount: float, currency: str) -> Text:
    """An estimated amount of money, to three figures."""
    return money(rounded(amount), currency)


def identity(findings: Findings, original: dict[str, object], count: int = 4) -> Text:
    """What a listing is, in a few of its main columns: ``Laureles · 83 m² · Bedrooms 3``."""
    currency = findings.listings.market.currency
    names: list[Text] = []
    for column in _naming_columns(findings):
        told = _short(column, original.get(column.name), currency)
        same_name = next((i for i, name in enumerate(names) if _repeats(told, name)), None)
        if told.en and same_name is not None:
            names[same_name] = max(names[same_name], told, key=lambda name: len(name.en))
        elif told.en and len(names) < LARGEST_COUNT_OF_NAMES:
            names.append(told)
    facts: dict[str, Text] = {}  # by unit: two areas side by side would only be a riddle
    for column in main_columns(findings, 12, _MEASURED):
        if clean(original.get(column.name)) and not is_money(column, currency):
            facts.setdefault(column.unit or column.name, _short(column, original[column.name], currency))
    return join([*names, *list(facts.values())[: max(0, count - len(names))]], " · ")


def _repeats(one: Text, other: Text) -> bool:
    """Whether one name is part of the other, which says it all."""
    short, long = sorted((n.en.casefold().rstrip("…") for n in (one, other)), key=len)
    return short in long


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
    told = Text(one_line(told.en, 36), one_line(told.es, 36))
    if amount is None or column.kind not in _MEASURED or is_year(column, amount) or column.unit in _AREAS:
        return told
    if column.unit in ("km", "mi") and amount >= 200:  # a mileage; less may be the distance to anything
        return told
    return column.title + same(" ") + told


def range_of(bargain: Bargain, currency: str) -> Text:
    """The 90 % interval of the expected price."""
    return join([estimate(bargain.low, currency), estimate(bargain.high, currency)], " – ")


def why(bargain: Bargain) -> Text:
    """The reasons in short, for a table: not the first, which tells the prices that stand beside it."""
    told = list(bargain.reasons[1:] or bargain.reasons)
    while len(told) > 1 and sum(len(t.en) + 2 for t in told) > LONGEST_WHY:
        told.pop()
    return join(told)


def below(bargain: Bargain) -> Text:
    """``28 % below`` or ``12 % above`` what it should cost."""
    share = percent(abs(bargain.discount))
    if bargain.discount < 0:
        return fill("{share} above", "{share} por encima", share=share)
    return fill("{share} below", "{share} por debajo", share=share)


def rejected_counts(findings: Findings) -> list[tuple[Text, int]]:
    """How many rows were set aside for each kind of reason, the most frequent first.

    Reasons that differ only in their figures or quoted cells are of one kind; a kind of one row keeps its own words.
    """
    told: dict[str, list[Text]] = {}
    for rejected in findings.listings.rejected:
        told.setdefault(kind_of(rejected.reason.en), []).append(rejected.reason)
    kinds = sorted(told.values(), key=len, reverse=True)
    return [(k[0] if len(set(k)) == 1 else Text(kind_of(k[0].en), kind_of(k[0].es)), len(k)) for k in kinds]


def kind_of(reason: str) -> str:
    """A reason without what is special about one row.

    >>> kind_of("price £ 1,100: above the plausible (£ 900)"), kind_of("no price ('call us')")
    ('price …: above the plausible', 'no price')
    """
    general = re.sub(r"\s*\([^()]*\)", "", reason)
    general = re.sub(r"'[^']*'", "…", general)
    return re.sub(r"(?:[$€£]\s?|\b[A-Z]{3}\s)?\d[\d.,]*(?:\s[€£])?", "…", general)


def suspicious_rows(findings: Findings) -> pd.DataFrame:
    """The rows of ``Findings.table`` that were set aside as suspicious."""
    return findings.table[findings.table["verdict"] == Verdict.SUSPICIOUS.value]


def heading(findings: Findings) -> Text:
    """The first line of every report: the market, and that it is simulated where it is."""
    label = findings.listings.market.label
    label = Text(one_line(label.en), one_line(label.es))
    return SIMULATED + same(" · ") + label if is_simulated(findings) else label


def request(findings: Findings) -> Text:
    """What was asked for: the wish, the filter and how many listings were examined."""
    examined = number(findings.examined or len(findings.table), currency=findings.listings.market.currency)
    parts = [
        fill("Wish: {wish}", "Deseo: {wish}", wish=findings.wish),
        fill("{count} listings examined", "{count} anuncios examinados", count=examined),
    ]
    if findings.where:
        parts.insert(1, fill("Filter: {where}", "Filtro: {where}", where=same(one_line(findings.where))))
    return join(parts, " · ")


def found(findings: Findings) -> Text:
    """How many bargains there are to show, or that there is none."""
    count = len(findings.bargains)
    if count == 0:
        return Text(
            "No bargain found: nothing here is priced clearly below what it should cost.",
            "No hay perlas: nada de esto tiene un precio claramente inferior al que debería tener.",
        )
    if count == 1:
        return Text("1 bargain", "1 perla")
    return Text(f"{count} bargains", f"{count} perlas")


def accuracy(findings: Findings) -> Text:
    """How far off the estimates usually are, beside the next model (the baseline), and how often the interval holds."""
    card = findings.card
    parts = [
        fill(
            "{name}: typical error {error}",
            "{name}: error típico {error}",
            name=fit.name,
            error=exact_percent(fit.mdape),
        )
        for fit in card.fits[:2]
    ]
    told = fill(
        "{share} of the prices lie inside their 90 % interval",
        "{share} de los precios están dentro de su intervalo del 90 %",
        share=exact_percent(card.coverage),
    )
    return join([*parts, told], " · ")


def exact_percent(share: float) -> Text:
    """A share as a percentage with one decimal."""
    return number(share * 100, 1) + same(" %") if share == share else same("-")
