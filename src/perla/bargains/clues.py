"""How the listings that light a neuron differ from all, column by column, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.anomaly.neurons import Level
from perla.bargains.cells import cell_text, is_year
from perla.listings import Column, Kind, Market
from perla.prepare.texts import TextTopics
from perla.words import Text, fill, join, number, percent, rounded, same

NOTHING = same("")
LEAST_SHIFT = 0.3  # standard deviations between the lit listings' mean and everybody's
NARROW = 0.6  # of everybody's middle half
WORDS_OF_A_TOPIC = 3
WAYS = {
    Kind.LATITUDE: (Text("farther north", "más al norte"), Text("farther south", "más al sur")),
    Kind.LONGITUDE: (Text("farther east", "más al este"), Text("farther west", "más al oeste")),
}


def number_clue(column: Column, market: Market, cells: pd.Series, lit: NDArray[np.int64]) -> Text:
    """What is particular about a number column of the lit listings, with its usual value; empty for nothing.

    cells : of all listings, (n,), as checked. lit : positions.
    """
    everybody = _as_numbers(column, cells)
    inside = everybody[lit]
    if np.isfinite(inside).sum() < 2 or np.isfinite(everybody).sum() < 2:
        return NOTHING
    shift = _shift(inside, everybody)
    if abs(shift) < LEAST_SHIFT:
        return _between(column, market, inside, everybody)
    if column.kind in WAYS:
        return WAYS[column.kind][0 if shift > 0 else 1]
    usual, there = _typical(column, market, everybody, inside)
    return _directed(column, shift > 0) + fill(
        " ({there}, usually {usual})", " ({there}; lo usual: {usual})", there=there, usual=usual
    )


def _as_numbers(column: Column, cells: pd.Series) -> NDArray[np.float64]:
    if column.kind is Kind.DATE:
        return np.asarray((pd.to_datetime(cells) - pd.Timestamp("2000-01-01")) / pd.Timedelta(days=1), np.float64)
    return pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)


def _shift(inside: NDArray[np.float64], everybody: NDArray[np.float64]) -> float:
    """Difference of the means of the ranks, in standard deviations of a rank: a few wild values do not count."""
    known = everybody[np.isfinite(everybody)]
    ordered = np.sort(known)

    def ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
        found = values[np.isfinite(values)]
        return (np.searchsorted(ordered, found, "left") + np.searchsorted(ordered, found, "right")) / 2 / len(ordered)

    return float((ranks(inside).mean() - 0.5) / max(float(ranks(known).std()), 1e-9))


def _directed(column: Column, more: bool) -> Text:
    title = column.title
    if column.kind is Kind.YES_NO:
        return fill("with {t}", "con {t}", t=title) if more else fill("without {t}", "sin {t}", t=title)
    if column.kind is Kind.DATE or is_year(column):
        return fill("later {t}", "{t} posterior", t=title) if more else fill("earlier {t}", "{t} anterior", t=title)
    several = column.kind is Kind.COUNT  # a class or a stratum is counted too, but one has not more of it
    en, es = (several and _is_plural(words) for words in (title.en, title.es))
    english, spanish = (
        (("more", "fewer") if en else ("higher", "lower")),
        (("más", "menos") if es else ("mayor", "menor")),
    )
    place = 0 if more else 1
    return fill("{way} {t}", "{way} {t}", way=Text(english[place], spanish[place]), t=title)


def _is_plural(words: str) -> bool:
    return words.endswith("s") and not words.endswith("ss")


def _typical(
    column: Column, market: Market, everybody: NDArray[np.float64], inside: NDArray[np.float64]
) -> tuple[Text, Text]:
    """The usual value of all and of the lit listings: medians; means where those are equal; of a yes/no the share."""
    if column.kind is Kind.YES_NO:
        return percent(float(np.nanmean(everybody))), percent(float(np.nanmean(inside)))
    values = [float(np.nanmedian(everybody)), float(np.nanmedian(inside))]
    if values[0] == values[1] and column.kind is not Kind.DATE and not is_year(column):
        means = [number(float(np.nanmean(v)), 1, market.currency) for v in (everybody, inside)]
        return means[0], means[1]
    told = [value_words(column, market, v) for v in values]
    return told[0], told[1]


def value_words(column: Column, market: Market, value: float) -> Text:
    """A typical value as a person writes it; dates from days since 2000."""
    if column.kind is Kind.DATE:
        return same((pd.Timestamp("2000-01-01") + pd.Timedelta(days=value)).date().isoformat())
    whole = is_year(column) or column.kind is Kind.COUNT
    return cell_text(column, round(value, 0 if is_year(column) else 1) if whole else rounded(value), market)


def _between(column: Column, market: Market, inside: NDArray[np.float64], everybody: NDArray[np.float64]) -> Text:
    """Where the lit listings lie about everybody's middle, but closer together."""
    low, high = np.nanquantile(inside, [0.25, 0.75])
    wide = np.subtract(*np.nanquantile(everybody, [0.75, 0.25]))
    if column.kind in (*WAYS, Kind.YES_NO, Kind.DATE) or not 0 < high - low < NARROW * wide:
        return NOTHING
    return fill(
        "{t} between {low} and {high}", "{t} entre {low} y {high}", t=column.title,
        low=value_words(column, market, float(low)), high=value_words(column, market, float(high)),
    )  # fmt: skip


def category_clue(column: Column, names: Sequence[str], levels: Sequence[Level]) -> Text:
    """The levels that come more often among the lit listings; empty for none."""
    return column.title + same(" ") + level_words(names, levels) if levels else NOTHING


def place_clue(names: Sequence[str], levels: Sequence[Level]) -> Text:
    """The same of the column that names places, for a neuron driven by coordinates."""
    if not levels:
        return NOTHING
    return fill("mostly in {levels}", "sobre todo en {levels}", levels=level_words(names, levels))


def level_words(names: Sequence[str], levels: Sequence[Level]) -> Text:
    """The levels with how frequent they are among the lit listings and in all."""
    first, *others = levels
    told = fill(
        "{name} ({there}, usually {usual})", "{name} ({there}; lo usual: {usual})",
        name=names[first.code], there=percent(first.share_lit), usual=percent(first.share_all),
    )  # fmt: skip
    return join([told, *(same(names[level.code]) for level in others)], ", ")


def topic_clue(column: Column, topics: TextTopics, part: int, way: float) -> Text:
    """A text's topic by its heaviest words; ``part`` past the topics is the text's length."""
    if part >= len(topics.topics):
        longer, shorter = Text("longer {t}", "{t} más largo"), Text("shorter {t}", "{t} más corto")
        chosen = longer if way > 0 else shorter
        return fill(chosen.en, chosen.es, t=column.title)
    weights = topics.topics[part] * (1.0 if way >= 0 else -1.0)
    words = ", ".join(f"«{topics.words[i]}»" for i in np.argsort(-weights)[:WORDS_OF_A_TOPIC])
    return fill("words such as {words} in {t}", "palabras como {words} en {t}", words=words, t=column.title)


def cell_words(column: Column, market: Market, value: Any) -> Text:
    """One cell with its column's name; of a category the word alone is enough."""
    told = cell_text(column, value, market)
    return told if column.kind is Kind.CATEGORY or told == same("-") else column.title + same(" ") + told
