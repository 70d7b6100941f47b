"""What every report says about a search: which columns are shown, how a cell is written, the counts."""

from __future__ import annotations

import math
import re

import pandas as pd

from perla.bargains.findings import Agreement, Bargain, Comparable, Difference, Driver, Findings, Verdict
from perla.listings.market import Column, Kind
from perla.listings.reasons import count_kinds
from perla.reports import wording as w
from perla.reports.untrusted import missing, one_line
from perla.words import LANGS, Lang, Text, fill, join, money, number, percent, quantity, rounded, same

_PLAIN_NUMBER = re.compile(r"^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$")
_COMMA_DECIMAL = re.compile(r"^-?\d{1,12},\d{1,2}$")  # with three digits after it, it could mean thousands
_PERHAPS_THOUSANDS = re.compile(r"^-?[1-9]\d{0,2}\.\d{3}$")
_TIME_OF_DAY = re.compile(r"(?<=^\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}[\d:.+Z-]*$")
_BEFORE_NUMBER = re.compile(r"(?<=\$) (?=\d)|(?<=\b[A-Z]{3}) (?=\d)")
_AFTER_NUMBER = re.compile(r"(?<=\d) (?=%|€|£|(?:m²|ft²|km|mi|kW|M|mil)(?!\w))")
_YEAR = re.compile(r"year|a[nñ]o(?!n)|anio|\bmodel\b|built|jahr", re.IGNORECASE)
AREAS = ("m2", "m²", "ft2", "ft²", "sqft")
LONGEST_WHY = 180
LONGEST_WHOLE = 24
MEASURED = (Kind.QUANTITY, Kind.COUNT)
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
    facts = main_columns(findings, count, (*MEASURED, Kind.CATEGORY, Kind.YES_NO, Kind.DATE))
    return facts + main_columns(findings, max(0, count - len(facts)), (Kind.TEXT,))


def is_year(column: Column, value: float) -> bool:
    """Whether a number is a year, which nobody writes with a thousands separator."""
    named = bool(_YEAR.search(column.name)) or "year" in column.unit
    return named and 1500 <= value <= 2200 and float(value).is_integer()


def is_money(column: Column, currency: str) -> bool:
    """Whether a column is an amount in the market's currency, such as an administration fee."""
    return bool(currency) and column.unit.casefold() == currency.casefold()


def plain_number(value: object) -> float | None:
    """The number a cell holds if it is one beyond doubt, else None.

    Three digits after a point or comma may be thousands, so such a text is in doubt.

    >>> plain_number("61.5"), plain_number("0.125"), plain_number("30.000"), plain_number("1,228")
    (61.5, 0.125, None, None)
    """
    if isinstance(value, bool) or missing(value):
        return None
    if isinstance(value, str):
        text = value.strip()
        if _PERHAPS_THOUSANDS.match(text):
            return None
        return float(text.replace(",", ".")) if _PLAIN_NUMBER.match(text) or _COMMA_DECIMAL.match(text) else None
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
    """A moment as its day."""
    if isinstance(value, pd.Timestamp) and not missing(value):
        return value.date().isoformat()
    return _TIME_OF_DAY.sub("", value) if isinstance(value, str) else value


def unbroken(words: str) -> str:
    """Words in which no line ends inside an amount (a number and its unit), nor inside a short part of a list.

    >>> unbroken("83 m² for $ 450.000").split(" ")
    ['83\\xa0m²', 'for', '$\\xa0450.000']
    """
    words = _BEFORE_NUMBER.sub("\u00a0", words)
    parts = _AFTER_NUMBER.sub("\u00a0", words).split(" · ")
    return " · ".join(p.replace(" ", "\u00a0") if len(p) <= LONGEST_WHOLE and len(parts) > 1 else p for p in parts)


def estimate(amount: float, currency: str) -> Text:
    """An estimated amount of money, to three figures."""
    return money(rounded(amount), currency)


def range_of(bargain: Bargain, currency: str) -> Text:
    """The 90 % interval of the expected price."""
    return join([estimate(bargain.low, currency), estimate(bargain.high, currency)], " – ")


def why(bargain: Bargain) -> Text:
    """The reasons in short, for a table: not the first, which tells the prices that stand beside it."""
    told = list(bargain.reasons[1:] or bargain.reasons)
    while len(told) > 1 and sum(len(t.en) + 2 for t in told) > LONGEST_WHY:
        told.pop()
    return join(told)


def real_differences(comparable: Comparable) -> dict[str, Difference]:
    """The lines of the grid in which the two listings differ, by column; what else adds to the price is the rest."""
    return {d.column: d for d in comparable.differences if d.column and d.subject != d.comparable}


def rest_of(comparable: Comparable) -> float:
    """What the adjusted price holds beyond the lines that differ: small ones, and how attributes work together."""
    told = sum(d.adjustment for d in real_differences(comparable).values() if math.isfinite(d.adjustment))
    return comparable.adjusted_price - comparable.asking_price - told


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
    return count_kinds(rejected.reason for rejected in findings.listings.rejected)


def suspicious_rows(findings: Findings) -> pd.DataFrame:
    """The rows of ``Findings.table`` that were set aside as suspicious; those with a mistyped number come first."""
    rows = findings.table[findings.table["verdict"] == Verdict.SUSPICIOUS.value]
    return rows.loc[(rows["error_column"] == "").sort_values(kind="stable").index]


def typing_errors(findings: Findings, most: int = 3) -> Text | None:
    """How many rows have a mistyped number, those set aside included, and the first with what probably was meant."""
    rows = suspicious_rows(findings)
    rows = rows[rows["error_column"] != ""]
    told = list(rows[["listing_id", "reasons"]].itertuples(index=False, name=None))
    told += [(r.listing_id, r.reason) for r in findings.listings.rejected if r.error_column]
    if not told:
        return None
    examples = [same(f"{one_line(name, 40)}: ") + reason for name, reason in told[:most]]
    count = number(len(told), currency=findings.listings.market.currency)
    rest = same("; ...") if len(told) > most else same("")
    return w.TYPING_ERRORS + same(": ") + count + same(" (") + join(examples, "; ") + rest + same(")")


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
    if findings.fdr is not None:
        return _discovered(findings, findings.fdr)
    if count == 0:
        return Text(
            "No bargain found: nothing here is priced clearly below what it should cost.",
            "No hay perlas: nada de esto tiene un precio claramente inferior al que debería tener.",
        )
    if count == 1:
        return Text("1 bargain", "1 perla")
    return Text(f"{count} bargains", f"{count} perlas")


def _discovered(findings: Findings, rate: float) -> Text:
    """How many bargains stand out where a share of false ones was allowed."""
    times = round(1 / rate)
    few = Text(f"1 in {times}", f"1 de cada {times}") if abs(times * rate - 1) < 1e-6 else percent(rate)
    if not findings.discovered:
        return fill(
            "No bargain found: nothing here stands out so clearly that at most {few} of those shown is expected to be "
            "no bargain.",
            "No hay perlas: nada de esto sobresale tanto como para esperar que a lo sumo {few} de las mostradas no lo "
            "sea.",
            few=few,
        )  # fmt: skip
    return fill(
        "{count}; at most {few} of those shown is expected to be no bargain",
        "{count}; se espera que a lo sumo {few} de las mostradas no lo sea",
        count=_bargains_counted(findings), few=few,
    )  # fmt: skip


def _bargains_counted(findings: Findings) -> Text:
    count, shown = findings.discovered, len(findings.bargains)
    if count == 1:
        return Text("1 bargain", "1 perla")
    if shown == count:
        return Text(f"{count} bargains", f"{count} perlas")
    return fill(
        "The best {shown} of {count} bargains", "Las {shown} mejores de {count} perlas",
        shown=shown, count=number(count),
    )  # fmt: skip


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


def short_money(amount: float, currency: str, lang: Lang) -> str:
    """An amount as an axis writes it: thousands and millions as words.

    >>> short_money(450e6, "COP", "es"), short_money(21500, "GBP", "en")
    ('$ 450 M', '£21.5k')
    """
    size = abs(amount)
    if size >= 1e9 and lang == "en":
        scale, sign = 1e9, "B"
    elif size >= 1e6:
        scale, sign = 1e6, "M" if lang == "en" else " M"
    elif size >= 1e4:
        scale, sign = 1e3, "k" if lang == "en" else " mil"
    else:
        scale, sign = 1.0, ""
    told = number(amount / scale, 1 if size / scale < 100 else 0, currency).text(lang)
    before, _, after = money(1, currency).text(lang).partition("1")
    return f"{before}{told}{sign}{after}"


def change_of(amount: float, currency: str) -> Text:
    """Money that is added or taken, with its sign.

    >>> change_of(45_120_000, "COP").es, change_of(-1500, "GBP").en
    ('+$ 45.100.000', '−£1,500')
    """
    return same("+" if amount > 0 else "−" if amount < 0 else "") + estimate(abs(amount), currency)


def driver_name(driver: Driver) -> Text:
    """What stands in the listing: ``rooms 8``."""
    return driver.title + (same(" ") + driver.actual if driver.actual.en else same(""))


def drivers_told(bargain: Bargain, currency: str) -> Text:
    """The handful of attributes that make the expected price, each with its money."""
    return join((driver_name(d) + same(": ") + change_of(d.amount, currency) for d in bargain.drivers), " · ")


def explanations(bargain: Bargain) -> list[Text]:
    """What would explain the price; that nothing would, if it is out of the ordinary; nothing for any other."""
    if bargain.counterfactuals:
        return [c.told for c in bargain.counterfactuals]
    if bargain.asking_price < bargain.low:
        return [w.NOTHING_EXPLAINS_LOW]
    return [w.NOTHING_EXPLAINS_HIGH] if bargain.asking_price > bargain.high else []


def opinions_in_short(bargain: Bargain, currency: str) -> Text:
    """What models of unlike kinds expect, on one short line: ``trees £21.5k · network £20.9k``."""

    def told(opinion: Agreement) -> Text:
        short = Text(*(short_money(opinion.estimate, currency, lang) for lang in LANGS))
        return opinion.name + same(" ") + short

    return join(map(told, bargain.agreement), " · ")
