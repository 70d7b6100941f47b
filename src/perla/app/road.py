"""The whole road, files to findings: read, say what the columns mean, check, learn, find. Each step is one call."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from perla.app.markets import draft_from, drafted_note, named_market
from perla.app.saved import load_finder
from perla.app.settings import Settings, limit_threads
from perla.app.show import Progress
from perla.bargains.discoveries import check_countable
from perla.bargains.drift import measure
from perla.bargains.finder import Finder
from perla.bargains.findings import Bargain, Findings
from perla.bargains.slips import read_set_aside
from perla.errors import InputError, UnknownNameError, closest
from perla.listings import Listings, Market, Rejected
from perla.listings.checking import check, missing_columns, summarize_rejected
from perla.listings.where import filter_rows
from perla.listings.wish import DEFAULT_WISH, parse_wish
from perla.prepare.spelling import spelled_as_learned
from perla.sources import RawTable, read_tables
from perla.valuation.search import Budget
from perla.words import Text, fill

READING = Text("reading", "leyendo")
LOADING = Text("loading the model", "cargando el modelo")
MOST_IDS_COMPARED = 20_000


@dataclass(frozen=True)
class Search:
    """What a call asks for. reference : what to learn from (empty: the listings themselves). model : a folder, or None.

    market : a file or a name; empty: the model's market, or a draft. fdr : show those discovered at this rate.
    search_seconds : how long to search for the price models that estimate this market best; None: the default ones.
    """

    listings: tuple[Path, ...]
    reference: tuple[Path, ...] = ()
    market: str = ""
    model: Path | None = None
    wish: str = DEFAULT_WISH
    where: str | None = None
    shown: int = 7
    fdr: float | None = None
    comparables: int = 5
    seed: int = 0
    search_seconds: float | None = None


@dataclass(frozen=True)
class Ready:
    """Everything read and checked. known : what to learn from, the very listings where there is no reference."""

    market: Market
    listings: Listings
    known: Listings
    finder: Finder | None
    notes: tuple[Text, ...]


def find_bargains(search: Search, settings: Settings, tell: Progress) -> Findings:
    """Files to findings. Raises PerlaError for whatever is wrong with the call or the files."""
    with limit_threads(settings.threads):
        ready = make_ready(search, settings, tell)
        wish = parse_wish(search.wish, ready.market)
        if search.fdr is not None:
            check_countable(wish, ready.market.price)
        keep = match(search.where, ready.listings)
        finder = ready.finder or learn(ready, search.seed, settings.threads, tell)
        findings = finder.find(
            ready.listings, wish, search.shown, search.comparables, keep, search.where or "", tell, search.fdr
        )
        notes = (*ready.notes, *_nothing_matches(findings, search.where), *_drifted(ready, findings, tell))
        return with_notes(findings, notes)


def explain_listing(
    search: Search, listing_id: str, settings: Settings, tell: Progress
) -> tuple[Bargain, Findings] | Rejected:
    """One listing with everything known about it, or why it was set aside."""
    with limit_threads(settings.threads):
        ready = make_ready(search, settings, tell)
        wish = parse_wish(search.wish, ready.market)
        if rejected := set_aside(ready.listings, listing_id):
            told = read_set_aside(ready.listings, ready.finder.experts_) if ready.finder else ready.listings
            return set_aside(told, listing_id) or rejected
        refuse_unknown_id(ready.listings, listing_id)
        finder = ready.finder or learn(ready, search.seed, settings.threads, tell)
        bargain, findings = finder.explain(ready.listings, listing_id, wish, search.comparables)
        return bargain, with_notes(findings, ready.notes)


def train_finder(search: Search, settings: Settings, tell: Progress) -> tuple[Finder, tuple[Text, ...]]:
    """Files to a fitted finder, and what the reader should know."""
    with limit_threads(settings.threads):
        ready = make_ready(search, settings, tell)
        return learn(ready, search.seed, settings.threads, tell, _budget(search)), ready.notes


def learn(ready: Ready, seed: int, threads: int, tell: Progress, budget: Budget | None = None) -> Finder:
    return Finder(ready.market, seed, threads, budget=budget).fit(ready.known, tell)


def _budget(search: Search) -> Budget | None:
    """How long to search for price models, by this machine's clock."""
    from time import monotonic

    return None if search.search_seconds is None else Budget(search.search_seconds, clock=monotonic)


def make_ready(search: Search, settings: Settings, tell: Progress) -> Ready:
    """Read the files, say what their columns mean, and check every row."""
    if search.model is not None:
        return _ready_for_model(search, search.model, settings, tell)
    tell(READING, 0.0)
    table = read_tables(search.listings)
    reference = read_tables(search.reference) if search.reference else table
    market, notes = choose_market(search, reference, settings.home)
    known = check_table(reference, market)
    if reference is table:
        return Ready(market, known, known, None, (*table.notes, *notes))
    listings, missing = check_new(table, market, Text("the reference", "la referencia"))
    notes = (*table.notes, *reference.notes, *notes, *missing, *_reference_rejected(known))
    return Ready(market, listings, known, None, tuple(dict.fromkeys(notes)))


def _ready_for_model(search: Search, folder: Path, settings: Settings, tell: Progress) -> Ready:
    tell(LOADING, 0.0)
    finder = load_finder(folder, settings.threads)
    tell(READING, 0.5)
    table = read_tables(search.listings)
    name = Text(f"the model {folder}", f"el modelo {folder}")
    listings, missing = check_new(table, finder.market, name)
    listings = spelled_as_learned(listings, finder.experts_.preparation_)
    return Ready(finder.market, listings, listings, finder, (*table.notes, *missing))


def choose_market(search: Search, table: RawTable, home: Path) -> tuple[Market, tuple[Text, ...]]:
    """The market that was named, else a draft from what is learned from, and a line that says so."""
    if search.market:
        return named_market(search.market, home), ()
    paths = search.reference or search.listings
    draft = draft_from(table, paths)
    return draft.market, (drafted_note(draft, paths),)


def check_table(table: RawTable, market: Market, allow_missing: bool = False) -> Listings:
    """The table's rows, each usable or set aside; InputError where none is usable."""
    listings = check(
        table.frame, market, table.origin, table.source, table.rejected, table.rejected_original, allow_missing
    )
    if not len(listings):
        reasons = summarize_rejected(listings.rejected)
        raise InputError(
            f"{table.source} must have at least one listing with a usable price; every row was set aside: {reasons.en}."
            " Check the price column, or correct the market file.",
            f"{table.source} debe tener al menos un anuncio con precio utilizable; se apartaron todas las filas: "
            f"{reasons.es}. Revise la columna de precio o corrija el archivo de mercado.",
        )
    return listings


def check_new(table: RawTable, market: Market, learned_from: Text) -> tuple[Listings, tuple[Text, ...]]:
    """New listings of a market learned elsewhere; a few columns may be missing, and a note says which."""
    missing = missing_columns(table.frame, market)
    wanted = len([c for c in market.modelled if c.name not in missing]), len(market.modelled)
    if market.price in missing or 2 * wanted[0] < wanted[1]:
        raise _other_market(table, market, learned_from, missing, wanted)
    listings = check_table(table, market, allow_missing=True)
    if not missing:
        return listings, ()
    note = fill(
        "Columns that {learned} knows and these listings lack count as missing: {names}.",
        "Columnas que {learned} conoce y estos anuncios no tienen cuentan como vacías: {names}.",
        learned=learned_from, names=", ".join(missing[:12]) + (", ..." if len(missing) > 12 else ""),
    )  # fmt: skip
    return listings, (note,)


def _other_market(
    table: RawTable, market: Market, learned_from: Text, missing: list[str], wanted: tuple[int, int]
) -> InputError:
    said = fill(
        "{source} must be listings of the market {market!r} of {learned}, but it lacks {names} ({has} of {all} columns "
        "are there). Use listings of that market, or learn from others.",
        "{source} debe tener anuncios del mercado {market!r} de {learned}, pero le falta {names} (están {has} de {all} "
        "columnas). Use anuncios de ese mercado, o aprenda de otros.",
        source=table.source, market=market.name, learned=learned_from, has=wanted[0], all=wanted[1],
        names=", ".join(sorted(missing, key=lambda n: n != market.price)[:6]),
    )  # fmt: skip
    return InputError(said.en, said.es)


def match(where: str | None, listings: Listings) -> pd.Series | None:
    """Which listings a filter keeps; columns the market does not know are compared as they were read."""
    if where is None:
        return None
    others = [c for c in listings.original.columns if c not in listings.values.columns]
    return filter_rows(pd.concat([listings.values, listings.original[others]], axis=1), where, listings.market)


def _nothing_matches(findings: Findings, where: str | None) -> tuple[Text, ...]:
    if where is None or findings.examined:
        return ()
    return (fill("No listing matches the filter: {where}", "Ningún anuncio cumple el filtro: {where}", where=where),)


def _drifted(ready: Ready, findings: Findings, tell: Progress) -> tuple[Text, ...]:
    """A warning where listings judged by a saved model are not such as it learned from."""
    if ready.finder is None:
        return ()
    tell(Text("comparing with what was learned", "comparando con lo aprendido"), 0.97)
    judged = findings.table if len(findings.table) == len(ready.listings) else None
    warning = measure(ready.finder, ready.listings, judged).warning
    return () if warning is None else (warning,)


def set_aside(listings: Listings, listing_id: str) -> Rejected | None:
    """The row of this id that was set aside, if no usable listing has it."""
    if (listings.ids == listing_id).any():
        return None
    return next((r for r in listings.rejected if r.listing_id == listing_id), None)


def refuse_unknown_id(listings: Listings, listing_id: str) -> None:
    """Raise UnknownNameError, before anything is learned, where no listing has this id."""
    known = listings.ids.tolist()
    if listing_id in known:
        return
    near = closest(listing_id, known[:MOST_IDS_COMPARED])
    hint = Text(f"Did you mean {near!r}?", f"¿Quiso decir {near!r}?") if near else _examples(known)
    raise UnknownNameError(
        f"A listing must have the id {listing_id!r}, but none in {listings.source} has. {hint.en}",
        f"Algún anuncio debe tener el id {listing_id!r}, pero ninguno de {listings.source} lo tiene. {hint.es}",
    )


def _examples(ids: list[str]) -> Text:
    return fill("Ids look like {ids}.", "Los ids son como {ids}.", ids=", ".join(ids[:3]))


def _reference_rejected(known: Listings) -> tuple[Text, ...]:
    if not known.rejected:
        return ()
    note = fill(
        "Of the reference, {count} rows were set aside: {reasons}.",
        "De la referencia se apartaron {count} filas: {reasons}.",
        count=len(known.rejected), reasons=summarize_rejected(known.rejected),
    )  # fmt: skip
    return (note,)


def with_notes(findings: Findings, notes: tuple[Text, ...]) -> Findings:
    """The findings, their card telling these lines too, so that every report shows them."""
    return replace(findings, card=replace(findings.card, notes=(*findings.card.notes, *notes)))
