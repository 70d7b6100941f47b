"""Cells of listings in the workbook: numbers where they are numbers, with the format their column asks for."""

from __future__ import annotations

from perla.listings.market import Column, Kind
from perla.reports.facts import is_money, is_year, plain_number, written
from perla.reports.untrusted import clean, one_line
from perla.reports.workbook.book import Book

MEASURED = (Kind.QUANTITY, Kind.COUNT, Kind.LATITUDE, Kind.LONGITUDE)
LONGEST_TEXT = 300


def cell(book: Book, column: Column, value: object) -> tuple[object, str]:
    """A listing's cell as (what to write, the name of its number format)."""
    amount = plain_number(value)
    if column.kind in MEASURED and amount is not None:
        return amount, "money" if is_money(column, book.currency) else _number_format(column, amount)
    if column.kind is Kind.YES_NO:
        return book.say(written(column, value, book.currency)), "raw"
    return one_line(value, LONGEST_TEXT), "raw"


def _number_format(column: Column, amount: float) -> str:
    if column.kind in (Kind.LATITUDE, Kind.LONGITUDE):
        return "point"
    if is_year(column, amount):
        return "year"
    return "whole" if amount.is_integer() else "number"


def title(book: Book, column: Column) -> str:
    """What stands in the header: the column and its unit."""
    unit = "" if is_money(column, book.currency) else clean(column.unit).replace("m2", "m²")
    return one_line(book.say(column.title), 60) + (f" ({unit})" if unit else "")


def width(book: Book, column: Column) -> float:
    """A column width that suits what is in it and holds the longest word of its title."""
    if column.kind is Kind.TEXT:
        return 36
    longest = max(map(len, title(book, column).split()), default=0)
    return min(30, max(longest + 4, 18 if column.kind is Kind.CATEGORY else 13))


def alike(column: Column, one: object, other: object) -> bool:
    """Whether two listings say the same in a column."""
    left, right = plain_number(one), plain_number(other)
    if left is not None and right is not None:
        return left == right
    return clean(one).casefold() == clean(other).casefold()
