"""An edition: the listings of a market at one time, judged by one model, ready to be asked for bargains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from perla.bargains.discoveries import check_countable, discover
from perla.bargains.examined import Decided, Examined, Judged
from perla.bargains.finder import Finder
from perla.bargains.findings import Bargain
from perla.bargains.kept_listings import doubts_by_row, listings_from_state, listings_state, take_rows
from perla.bargains.memory import Memory
from perla.bargains.ranking import (
    BEHIND,
    leaning_as_wished,
    order_listings,
    rank_listings,
    score_listings,
    worth_showing,
)
from perla.errors import UnknownNameError, closest
from perla.listings import Kind, Listings, Market
from perla.listings.checking import check
from perla.listings.where import filter_rows
from perla.listings.wish import DEFAULT_WISH, WISHABLE, Wish, parse_wish
from perla.words import Text, fill, same

if TYPE_CHECKING:
    from perla.bargains.drift import Drift

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Made = TypeVar("Made")
MOST_COLUMNS = 1_000
MOST_WISHES = 16  # kept; the one asked for longest ago goes first
MOST_FILTERS = 64
MOST_PROOFS = 1_000
MOST_IDS_COMPARED = 2_000
ALIKE = 3  # letters an id begins with, to be taken for a mistyped one


@dataclass(frozen=True)
class Answer:
    """What a wish is answered with.

    best : rows worth showing, best first. judged : at least the verdicts on the rows that could be shown. ranks : the
    place of each listing among all, 0 for none, (n,); None where only the best have a place.
    """

    best: Ints
    judged: Judged
    ranks: NDArray[np.int32] | None = None

    def ranks_of(self, rows: Ints) -> list[int]:
        """The place of these rows, 0 for none."""
        if self.ranks is not None:
            return [int(rank) for rank in self.ranks[rows]]
        return [int(at[0]) + 1 if len(at := np.flatnonzero(self.best == row)) else 0 for row in rows]


@dataclass
class Edition:
    """What a service answers from.

    finder : the model, with its card. listings : n listings of its market. seen : DataFrame on the index of
    ``listings.values`` with ``first_seen`` and ``last_seen`` (datetime64, NaT where nobody knows). prices : every
    change of price, DataFrame with ``row``, ``seen_on`` (datetime64) and ``price``. release : which deployed model.
    made_on : ISO date. notes : what a reader must know of where the listings come from. drift : whether the listings
    are such as the model learned from, None where nobody measured it.

    Every listing is judged once, for the wish of a low price; another wish is judged when it is first asked for, and
    only for the listings that could be shown. Of an edition that is kept the wishes for one column are judged already.
    One edition may be asked from several threads at once; nobody waits for a wish or a filter but those who ask for the
    same one.
    """

    finder: Finder
    listings: Listings
    seen: pd.DataFrame
    prices: pd.DataFrame
    release: str = ""
    made_on: str = ""
    notes: tuple[Text, ...] = ()
    drift: Drift | None = None
    _examined: Memory[None, Examined] = field(default_factory=lambda: Memory(1), repr=False)
    _answers: Memory[tuple[tuple[str, int], ...], Answer] = field(
        default_factory=lambda: Memory(MOST_WISHES), repr=False
    )
    _wished: Memory[str, Judged] = field(default_factory=lambda: Memory(MOST_COLUMNS), repr=False)
    _low: Memory[None, Answer] = field(default_factory=lambda: Memory(1), repr=False)
    _p_values: Memory[tuple[tuple[str, int], ...], NDArray[np.float64]] = field(
        default_factory=lambda: Memory(MOST_WISHES), repr=False
    )
    _proofs: Memory[tuple[Any, ...], Bargain] = field(default_factory=lambda: Memory(MOST_PROOFS), repr=False)
    _filters: Memory[str, Bools] = field(default_factory=lambda: Memory(MOST_FILTERS), repr=False)

    @property
    def market(self) -> Market:
        return self.finder.market

    def __len__(self) -> int:
        return len(self.listings)

    def wish(self, text: str | None) -> Wish:
        """The wish in these words, ``price low`` for none. Raises WishError."""
        return parse_wish(text or DEFAULT_WISH, self.market)

    def search(self, wish: Wish, where: str = "", since: pd.Timestamp | None = None, fdr: float | None = None) -> Ints:
        """Rows of the listings worth showing, best first, as ``Finder.find`` would show them.

        where : a filter as a person writes it. since : only those last seen on this day or later, or never dated.
        fdr : only those that stand out so far that at most this share is expected to be no bargain.
        Raises WishError, WhereError.
        """
        wish = self.finder.checked(wish)
        if fdr is not None:
            check_countable(wish, self.market.price)
        keep = self.matching(where) & self.seen_since(since)
        best = self.answer(wish).best
        best = best[keep[best]]
        return best if fdr is None else best[discover(np.where(keep, self._all_p_values(wish), np.nan), fdr)[best]]

    def matching(self, where: str) -> Bools:
        """Which listings a filter keeps, (n,). Raises WhereError."""
        words = " ".join(where.split()) if "'" not in where and '"' not in where and "`" not in where else where.strip()
        return self._filters.recall(words, lambda: self._matches(words))

    def seen_since(self, since: pd.Timestamp | None) -> Bools:
        """Which listings were last seen on this day or later, or at a time nobody knows, (n,)."""
        if since is None:
            return np.full(len(self), True)
        last = self.seen["last_seen"]
        return (last.isna() | (last >= since)).to_numpy()

    def since(self, days: int, today: pd.Timestamp) -> pd.Timestamp:
        """The first of the last so many days, counted from today, or from the newest sighting where that is later."""
        newest = self.seen["last_seen"].max()
        return (today if pd.isna(newest) else max(today, newest)).normalize() - pd.Timedelta(days=days)

    def answer(self, wish: Wish) -> Answer:
        """What this wish is answered with, worked out now where nobody asked before. Raises WishError."""
        wish = self.finder.checked(wish)
        if wish.directions == self.wish(None).directions:
            return self._answer_low
        return self._answers.recall(wish.directions, lambda: self._answer_for_some(wish))

    def table(self, rows: Sequence[int], wish: Wish) -> pd.DataFrame:
        """The listings at these rows as in ``Findings.table`` (RESULT_COLUMNS), on an index of their rows.

        A listing not worth showing has no ``rank`` where another wish than the default one is asked.
        """
        at = np.asarray(rows, np.int64)
        return self._laid_out(at, wish)[3].set_axis(at, axis=0)

    def prove(self, rows: Sequence[int], wish: Wish, comparables: int = 5, what_if: bool = True) -> tuple[Bargain, ...]:
        """Everything known about the listings at these rows; without ``what_if`` no counterfactuals."""
        kind = wish.directions, comparables, what_if
        held = {int(row): self._proofs.held((int(row), *kind)) for row in rows}
        missing = [row for row, bargain in held.items() if bargain is None]
        made = {b.row: b for b in self._prove(np.array(missing, np.int64), wish, comparables, what_if)}
        for row, bargain in made.items():
            self._proofs.recall((row, *kind), partial(_same, bargain))
        return tuple(held[int(row)] or made[int(row)] for row in rows)

    def row_of(self, listing_id: str) -> int:
        """Where a listing stands. Raises UnknownNameError, with the closest id."""
        found = np.flatnonzero((self.listings.ids == listing_id).to_numpy())
        if len(found):
            return int(found[0])
        raise self._unknown(listing_id)

    def prices_of(self, row: int) -> pd.DataFrame:
        """What a listing has asked over time: ``seen_on``, ``price``, oldest first."""
        first, end = np.searchsorted(self._history["row"].to_numpy(), [row, row + 1])
        return self._history.iloc[first:end][["seen_on", "price"]].reset_index(drop=True)

    def estimate(self, listings: Listings, comparables: int = 5) -> tuple[Bargain, ...]:
        """New listings of this market, each with everything known about it."""
        wish = self.wish(None)
        prover, _ = self.finder.judge(listings, wish, None)
        return prover.prove_all(range(len(listings)), wish, comparables, what_if=False)

    def get_ready(self) -> None:
        """Work out now what the first to filter, and the first to ask for a price history, would wait for."""
        self._cells, self._history, self._doubts  # noqa: B018

    @property
    def examined(self) -> Examined:
        """What the models say of every listing, whatever is wished for."""
        return self._examined.recall(None, lambda: self.finder.examine(self.listings))

    def _prove(self, rows: Ints, wish: Wish, comparables: int, what_if: bool) -> tuple[Bargain, ...]:
        if not len(rows):
            return ()
        own, examined, decided, table = self._laid_out(rows, wish)
        prover = self.finder.prover(own, examined, decided, table)
        proved = prover.prove_all(range(len(rows)), wish, comparables, what_if)
        return tuple(replace(bargain, row=int(row)) for bargain, row in zip(proved, rows, strict=True))

    def _answer_for_all(self) -> Answer:
        """Every listing judged, for the wish of a low price."""
        wish, examined = self.wish(None), self.examined
        return self._ordered(wish, self.finder.decide(self.listings, examined, wish))

    def _ordered(self, wish: Wish, decided: Decided) -> Answer:
        """Every listing in its place."""
        evidence, market = self.examined.evidence, self.market
        score = score_listings(evidence, decided.chances, wish, market) - BEHIND * decided.ruling.suspicious
        order, best = order_listings(score, worth_showing(evidence, wish, market), decided.ruling)
        ranks = np.zeros(len(self), np.int32)
        ranks[order] = np.arange(1, len(order) + 1)
        return Answer(best, Judged(np.arange(len(self)), decided), ranks)

    def _answer_for_some(self, wish: Wish) -> Answer:
        """Only the listings that could be shown judged: the others are not worth showing whatever the judge says."""
        rows = np.flatnonzero(worth_showing(self.examined.evidence, wish, self.market))
        evidence, decided = self.examined.evidence.take(rows), self._judge(rows, wish)
        score = score_listings(evidence, decided.chances, wish, self.market) - BEHIND * decided.ruling.suspicious
        best = order_listings(score, np.full(len(rows), True), decided.ruling)[1]
        return Answer(rows[best], Judged(rows, decided))

    def _judge(self, rows: Ints, wish: Wish) -> Decided:
        """The verdicts on these rows: those at hand for the same wished columns, else worked out now."""
        columns = [name for name, _ in wish.directions if name != self.market.price]
        at_hand = self._answer_low.judged if not columns else None
        if len(columns) == 1:
            at_hand = self._wished.held(columns[0])
        decided = None if at_hand is None else at_hand.of(rows)
        return decided or self.finder.decide(self._take(rows), self.examined.take(rows), wish)

    def _judge_wished(self, column: str) -> Judged:
        """Whatever could be shown when this column is wished for, alone or with a low price, either way."""
        market, evidence = self.market, self.examined.evidence
        shown = [worth_showing(evidence, Wish(((column, way),)), market) for way in (-1, 1)]
        shown += [worth_showing(evidence, Wish(((market.price, -1), (column, way))), market) for way in (-1, 1)]
        rows = np.flatnonzero(np.any(shown, axis=0))
        return Judged(rows, self.finder.decide(self._take(rows), self.examined.take(rows), Wish(((column, 1),))))

    @property
    def _answer_low(self) -> Answer:
        return self._low.recall(None, self._answer_for_all)

    def _all_p_values(self, wish: Wish) -> NDArray[np.float64]:
        """Of every rated listing that leans as wished, whatever it asks; NaN for any other, (n,)."""
        return self._p_values.recall(wish.directions, lambda: self._leaning_p_values(wish))

    def _leaning_p_values(self, wish: Wish) -> NDArray[np.float64]:
        rows = np.flatnonzero(leaning_as_wished(self.examined.evidence, wish, self.market))
        decided = self._decided(rows, wish)
        values = np.full(len(self), np.nan)
        values[rows] = np.where(decided.ruling.rated, decided.p_values, np.nan)
        return values

    def _decided(self, rows: Ints, wish: Wish) -> Decided:
        """The verdicts on these rows: those the answer rests on, else others."""
        return self.answer(wish).judged.of(rows) or self._judge(rows, wish)

    def _laid_out(self, rows: Ints, wish: Wish) -> tuple[Listings, Examined, Decided, pd.DataFrame]:
        """These listings alone, with what is known of them, and their table."""
        wish = self.finder.checked(wish)
        own, examined, decided = self._take(rows), self.examined.take(rows), self._decided(rows, wish)
        chances, ruling, slips, p_values = decided.chances, decided.ruling, decided.slips, decided.p_values
        table, _ = rank_listings(own, examined.evidence, chances, ruling, slips, wish, p_values)
        ranks = pd.array([rank or pd.NA for rank in self.answer(wish).ranks_of(rows)], dtype="Int64")
        return own, examined, decided, table.assign(rank=ranks)

    def _take(self, rows: Ints) -> Listings:
        return take_rows(self.listings, rows, self._doubts)

    @cached_property
    def _history(self) -> pd.DataFrame:
        return self.prices.sort_values(["row", "seen_on"], kind="stable", ignore_index=True)

    @cached_property
    def _doubts(self) -> dict[int, list[Any]]:
        return doubts_by_row(self.listings)

    def _matches(self, where: str) -> Bools:
        if not where:
            return np.full(len(self), True)
        return filter_rows(self._cells, where, self.market).to_numpy(bool)

    @cached_property
    def _cells(self) -> pd.DataFrame:
        """What a filter may ask about: the checked values, and the other columns as they were read; words as codes."""
        values, original = self.listings.values, self.listings.original
        closed = set(self.market.named(Kind.CATEGORY))
        cells = {n: values[n].astype("category") if n in closed else values[n] for n in values.columns}
        return pd.DataFrame(cells | {n: original[n] for n in original.columns if n not in cells})

    def _unknown(self, listing_id: str) -> UnknownNameError:
        rejected = next((r for r in self.listings.rejected if r.listing_id == listing_id), None)
        if rejected is not None:
            told = fill(
                "Listing {id!r} was set aside: {reason}.", "El anuncio {id!r} fue apartado: {reason}.",
                id=listing_id, reason=rejected.reason,
            )  # fmt: skip
            return UnknownNameError(told.en, told.es)
        ids = self.listings.ids
        alike = ids[ids.str.startswith(listing_id[:ALIKE])] if listing_id else ids
        near = closest(listing_id[:100], alike.head(MOST_IDS_COMPARED).tolist())
        hint = Text(f" Did you mean {near!r}?", f" ¿Quiso decir {near!r}?") if near else same("")
        return UnknownNameError(
            f"No listing has the id {listing_id!r}.{hint.en}", f"Ningún anuncio tiene el id {listing_id!r}.{hint.es}"
        )

    def state(self) -> dict[str, Any]:
        """The listings and what is known of them, as plain values, arrays and tables; the model is kept elsewhere."""
        answer, wished = self._answer_low, {}
        for name in self._wishable():
            wished[name] = self._wished.recall(name, partial(self._judge_wished, name))
        return {
            "market": self.market.name,
            "release": self.release,
            "made_on": self.made_on,
            "notes": [[note.en, note.es] for note in self.notes],
            "drift": None if self.drift is None else self.drift.state(),
            "listings": listings_state(self.listings),
            "seen": self.seen.reset_index(drop=True),
            "prices": self.prices.reset_index(drop=True),
            "examined": self.examined.state(),
            "decided": answer.judged.decided.state(),
            "wished": {name: {"rows": j.rows, "decided": j.decided.state()} for name, j in wished.items()},
            "best": answer.best,
            "ranks": answer.ranks,
        }

    @classmethod
    def from_state(cls, state: dict[str, Any], finder: Finder) -> Edition:
        """The edition that was kept, with the model it was judged by. ValueError where the pieces do not fit."""
        listings = listings_from_state(finder.market, state["listings"])
        notes = tuple(Text(str(en), str(es)) for en, es in state["notes"])
        told = str(state["release"]), str(state["made_on"]), notes, _drift(state["drift"])
        made = cls(finder, listings, state["seen"], state["prices"], *told)
        examined = Examined.from_state(state["examined"], finder)
        decided = Decided.from_state(state["decided"], examined, finder)
        answer = Answer(state["best"], Judged(np.arange(len(listings)), decided), state["ranks"])
        if not len(listings) == len(examined) == len(made.seen) == len(state["ranks"]):
            raise ValueError("listings and what is known of them are not of one length")
        made._examined.recall(None, lambda: examined)
        made._low.recall(None, lambda: answer)
        for name, kept in state["wished"].items():
            judged = Judged(kept["rows"], Decided.from_state(kept["decided"], examined.take(kept["rows"]), finder))
            made._wished.recall(name, partial(_same, judged))
        return made

    def _wishable(self) -> list[str]:
        """The columns whose wish is judged before anybody asks."""
        learned = self.finder.experts_.preparation_.names_
        return [c.name for c in self.market.modelled if c.wishable and c.kind in WISHABLE and c.name in learned]


def _drift(state: dict[str, Any] | None) -> Drift | None:
    if state is None:
        return None
    from perla.bargains.drift import Drift

    return Drift.from_state(state)


def _same(made: Made) -> Made:
    return made


def first_edition(finder: Finder, release: str = "", made_on: str = "") -> Edition:
    """An edition of the very listings the model learned from, where no others are at hand."""
    listings = _with_doubts(finder.known_.listings)
    never = pd.Series(pd.NaT, index=listings.values.index, dtype="datetime64[s]")
    prices = pd.DataFrame({"row": pd.Series(dtype="int64"), "seen_on": pd.Series(dtype="datetime64[s]"),
                           "price": pd.Series(dtype="float64")})  # fmt: skip
    seen = pd.DataFrame({"first_seen": never, "last_seen": never})
    return Edition(finder, listings, seen, prices, release, made_on)


def _with_doubts(listings: Listings) -> Listings:
    """Listings a model learned from, with the doubts about their cells, which a model does not keep."""
    if not len(listings):
        return listings
    again = check(listings.original, listings.market, allow_missing=True)
    return replace(listings, doubts=again.doubts) if len(again) == len(listings) else listings
