"""The shapes of the answers, for the OpenAPI document. Answers are made as plain dicts; a test compares both."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Verdict = Literal["great", "good", "fair", "high", "overpriced", "suspicious", "not rated"]


class Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Problem(BaseModel):
    """RFC 9457. `field`: what of the request is meant. `closest`: the valid value most like the one given."""

    type: str
    title: str
    status: int
    detail: str
    field: str | None = None
    closest: str | None = None
    errors: list[dict[str, str]] | None = None


class Surprise(Shape):
    """`z`: signed distance in the column's own usual errors."""

    column: str
    title: str
    actual: str
    expected: str
    z: float | None
    wished: bool


class Driver(Shape):
    """`amount`: the money it adds to the market's typical price."""

    column: str
    title: str
    actual: str
    factor: float | None
    amount: float | None


class Difference(Shape):
    column: str
    title: str
    subject: str
    comparable: str
    adjustment: float | None


class Comparable(Shape):
    """`adjusted_price`: what it would ask if it were the listing itself."""

    listing_id: str
    original: dict[str, Any]
    asking_price: float | None
    adjusted_price: float | None
    similarity: float | None
    differences: list[Difference]
    link: str


class Counterfactual(Shape):
    column: str
    title: str
    actual: str
    instead: str
    expected_price: float | None
    share: float | None
    told: str


class Agreement(Shape):
    name: str
    estimate: float | None


class Reasons(Shape):
    reasons: list[str]
    drivers: list[Driver]
    surprises: list[Surprise]
    counterfactuals: list[Counterfactual]
    agreement: list[Agreement]


class Judged(Shape):
    """Prices are in `currency`. `low`, `high`: 9 of 10 like it ask between them. `discount`: a share of the expected
    price."""

    market: str
    currency: str
    verdict: Verdict | None
    verdict_text: str | None
    listing_id: str
    rank: int | None = Field(description="1 is the best of its market; 0 for one that is not ranked.")
    asking_price: float | None
    expected_price: float | None
    low: float | None
    high: float | None
    discount: float | None
    gap: float | None
    score: float | None
    chance: float | None
    original: dict[str, Any] = Field(description="The cells as they were read.")
    link: str
    latitude: float | None
    longitude: float | None


class Seen(Shape):
    first_seen: str | None
    last_seen: str | None


class Bargain(Judged, Reasons, Seen):
    comparables: list[Comparable]


class Bargains(Shape):
    """`found`: how many match in all. `newest_sighting`: of the whole market."""

    market: str
    currency: str
    edition: str
    release: str
    made_on: str | None
    newest_sighting: str | None
    wish: str
    where: str
    days: int | None
    fdr: float | None
    found: int
    page: int
    page_size: int
    pages: int
    bargains: list[Bargain]


class Price(Shape):
    seen_on: str | None
    price: float


class Listing(Judged, Seen):
    reasons: list[str]
    prices: list[Price]


class Comparables(Shape):
    market: str
    currency: str
    listing_id: str
    asking_price: float | None
    expected_price: float | None
    comparables: list[Comparable]


class Why(Reasons):
    market: str
    currency: str
    listing_id: str
    verdict: Verdict | None
    verdict_text: str | None
    asking_price: float | None
    expected_price: float | None
    low: float | None
    high: float | None


class Doubt(Shape):
    column: str
    reason: str


class Estimate(Judged, Reasons):
    comparables: list[Comparable]
    priced: bool
    set_aside: None = None
    doubts: list[Doubt]


class SetAside(Shape):
    """A listing that cannot be used, and why."""

    set_aside: str
    priced: bool


class Estimates(Shape):
    market: str
    currency: str
    edition: str
    release: str
    estimates: list[Estimate | SetAside]


class Market(Shape):
    """`refused`: why a newer edition is not used. `notes`: what must be known of where the listings come from."""

    name: str
    title: str
    currency: str
    price: str
    simulated: bool
    listings: int
    edition: str
    release: str
    made_on: str | None
    newest_sighting: str | None
    refused: str | None
    notes: list[str]


class Markets(Shape):
    markets: list[Market]


class Column(Shape):
    """What a cell may say. `modelled`: whether the estimate looks at it."""

    name: str
    title: str
    kind: str
    unit: str
    low: float | None
    high: float | None
    wishable: bool
    modelled: bool


class MarketFacts(Market):
    """`card`: what was learned, from what, how well. `scorecard`: on listings the models never saw."""

    columns: list[Column]
    card: dict[str, Any]
    scorecard: dict[str, Any] | None
    drift: dict[str, Any] | None


class Survey(BaseModel):
    """The market as it is: counts, prices by area and over time, what is odd and what is missing."""

    market: str
    currency: str
    edition: str


class Health(Shape):
    status: Literal["ok"]
    version: str


class Ready(Shape):
    """`refused`: by market, why a newer edition is not used; the one before answers."""

    status: Literal["ready"]
    markets: list[str]
    refused: dict[str, str]
