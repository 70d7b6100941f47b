"""What may be asked: the parameters and bodies of every operation, with their limits."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from perla.app.web import limits as m

Nothing = SkipJsonSchema[None]
# What a market, a filter or a wish may say depends on the market: see GET /v1/markets/{name}.
MarketName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=m.LONGEST_NAME),
    Field(description="A market in service; may be left out where there is only one.", examples=["homes-medellin"],
          json_schema_extra={"format": "perla-market"}),
]  # fmt: skip
WishText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=m.LONGEST_WISH),
    Field(description="Columns and directions: how a listing should be odd. Otherwise `price low`.",
          examples=["price:low,area:high"], json_schema_extra={"format": "perla-wish"}),
]  # fmt: skip
WhereText = Annotated[
    str,
    StringConstraints(min_length=1, max_length=m.LONGEST_WHERE),
    Field(description="A filter: comparisons joined by `and`, `or`, `not`; nothing in it is ever run.",
          examples=["price < 500000000"], json_schema_extra={"format": "perla-where"}),
]  # fmt: skip
Comparables = Annotated[
    int, Field(ge=1, le=m.MOST_COMPARABLES, description="How many similar listings to lay beside each.")
]
ListingId = Annotated[
    str,
    StringConstraints(min_length=1, max_length=m.LONGEST_ID),
    Field(description="The listing's id, percent-encoded.", examples=["MD-1017"],
          json_schema_extra={"format": "perla-listing"}),
]  # fmt: skip
Cell = Annotated[
    Annotated[str, StringConstraints(max_length=m.LONGEST_CELL)] | bool | int
    | Annotated[float, Field(allow_inf_nan=False)] | None,
    Field(union_mode="left_to_right"),
]  # fmt: skip
ColumnName = Annotated[
    str, StringConstraints(min_length=1, max_length=m.LONGEST_NAME), Field(json_schema_extra={"format": "perla-column"})
]


class Asked(BaseModel):
    """A parameter that nobody knows is refused, so that a typing error is not taken for an answer."""

    model_config = ConfigDict(extra="forbid")

    lang: Literal["en", "es"] | Nothing = Field(
        None, description="Language of everything a person reads; otherwise Accept-Language, else English."
    )


class AskedMarket(Asked):
    market: MarketName | Nothing = None


class AskedListing(AskedMarket):
    wish: WishText | Nothing = None


class AskedComparables(AskedMarket):
    count: Comparables = 5


class AskedBargains(AskedMarket):
    limit: int = Field(7, ge=1, le=m.MOST_SHOWN, description="How many of the best to give.")
    days: Annotated[int, Field(ge=1, le=m.MOST_DAYS)] | Nothing = Field(
        None, description="Only listings seen within so many days, or never dated.", examples=[60]
    )
    where: WhereText | Nothing = None
    wish: WishText | Nothing = None
    comparables: Comparables = 5
    fdr: Annotated[float, Field(ge=m.FDR[0], le=m.FDR[1])] | Nothing = Field(
        None, examples=[0.1],
        description="Only those that stand out so far that at most this share of them is expected to be no bargain.",
    )  # fmt: skip
    page: int = Field(1, ge=1, le=m.MOST_PAGE, description="Which page, from 1.")
    page_size: Annotated[int, Field(ge=1, le=m.MOST_SHOWN)] | Nothing = Field(
        None, examples=[20],
        description="How many a page holds; otherwise `limit`. With both, `limit` is how many there are in all pages.",
    )  # fmt: skip
    format: Literal["json", "csv", "xlsx"] = Field(
        "json", description="`csv`: a flat table. `xlsx`: the workbook with the proof of each."
    )


def _whole(value: object) -> object:
    """5.0 is a whole number in JSON too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class EstimatesAsked(BaseModel):
    """Listings to estimate, their cells as people write them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    market: MarketName | None = None
    comparables: Annotated[Comparables, BeforeValidator(_whole)] = 5
    listings: list[Annotated[dict[ColumnName, Cell], Field(min_length=1, max_length=m.MOST_COLUMNS)]] = Field(
        min_length=1, max_length=m.MOST_LISTINGS,
        description="For each listing its cells by column: a number, or a text such as `120.000 km`, `$ 450.000.000` "
        "or `blanco`. Columns that are not given count as missing; without the price, verdict and discount are null.",
    )  # fmt: skip
