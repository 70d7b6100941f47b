"""Editions on the disk: the current listings of a market judged by the model in service, ready to be asked.

``service/MARKET/edition.json`` names the edition that answers; it is replaced in one step after the edition is whole on
the disk, so whoever reads at any moment, or after any crash, finds the old one or the new one. The one before is kept:
where the newest turns out damaged, it answers in its place.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from perla.app.saved import load_finder
from perla.app.settings import Settings, limit_threads, store_place
from perla.app.show import Progress
from perla.bargains.edition import Edition, first_edition
from perla.errors import InputError, NotReadyError, PerlaError, ShelfError, closest
from perla.release.deployments import Deployments
from perla.release.files import json_bytes, only_one, read_json, replace_file, told_as_file_error
from perla.release.places import EDITION, EDITIONS, IN_SERVICE, SERVICE, market_folder
from perla.storage import read_folder, write_folder
from perla.words import Text, fill

if TYPE_CHECKING:
    import pandas as pd

    from perla.bargains.finder import Finder
    from perla.history import Current
    from perla.listings import Listings

KIND = "edition"
FORMAT = 1
CARD = "card.json"
LOCK = "score.lock"
KEPT = 2  # the one that answers, and the one before
LOADING = Text("loading the model in service", "cargando el modelo en servicio")
READING = Text("reading the listings", "leyendo los anuncios")
JUDGING = Text("judging the listings", "juzgando los anuncios")
DAMAGED = Text("The newest edition cannot be used", "La edición más nueva no se puede usar")
KEEPING = Text("keeping the edition", "guardando la edición")


@dataclass(frozen=True)
class Scored:
    """What scoring a market did.

    folder : where the edition is kept. new : listings that the edition before did not have, None where there was none.
    bargains : how many are worth showing now, for the wish of a low price.
    """

    folder: Path
    edition: Edition
    new: int | None
    bargains: int


def score_market(market_name: str, settings: Settings, tell: Progress) -> Path:
    """The current listings of a market judged by the model in service, kept as an edition that answers from now on.

    Listings come from the store; where it has none of this market, from what the model learned. Raises NotReadyError
    where no model is in service, ShelfError for a damaged one, StoreError, FileError for a disk that is full,
    InputError while another is at it; in each case the edition before goes on answering.
    """
    return score(market_name, settings, tell).folder


def score(market_name: str, settings: Settings, tell: Progress) -> Scored:
    """As :func:`score_market`, with what a person should be told."""
    folder = market_folder(settings.home, market_name)
    deployed = Deployments(folder).in_service()
    if deployed is None:
        raise nothing_in_service(market_name, markets_in_service(settings.home))
    with limit_threads(settings.threads), _only_one_scores(folder):
        tell(LOADING, 0.0)
        finder = load_finder(deployed.model, settings.threads)
        tell(READING, 0.3)
        edition = make_edition(finder, deployed.release, settings.home, date.today())
        tell(JUDGING, 0.5)
        bargains = len(edition.search(edition.wish(None)))
        tell(KEEPING, 0.9)
        new = _count_new(edition, folder)
        return Scored(keep_edition(edition, folder), edition, new, bargains)


def make_edition(finder: Finder, release: str, home: Path, made_on: date) -> Edition:
    """The current listings of the finder's market, not judged yet."""
    found = _current(finder, home)
    if found is None:
        told = Text(
            "The store has no listings of this market, so the listings the model learned from answer. Add some with: "
            "perla add",
            "La base no tiene anuncios de este mercado, así que responden los anuncios de los que aprendió el modelo. "
            "Agregue con: perla add",
        )
        return replace(first_edition(finder, release, made_on.isoformat()), notes=(told,))
    from perla.bargains.drift import measure
    from perla.prepare.spelling import spelled_as_learned

    current, place = found
    listings, kept, missing = _checked(current, place, finder)
    listings = spelled_as_learned(listings, finder.experts_.preparation_)
    seen = {"first_seen": current.first_seen, "last_seen": current.last_seen}
    frame = _frame(seen).loc[kept].reset_index(drop=True)
    facts = release, made_on.isoformat(), missing, measure(finder, listings)
    return Edition(finder, listings, frame, _prices_of(current, kept), *facts)


def keep_edition(edition: Edition, folder: Path) -> Path:
    """Write an edition into a market's folder, whole, then let it answer; the one before stays beside it."""
    editions = folder / EDITIONS
    number = max((int(p.name) for p in _kept(folder)), default=0) + 1
    with told_as_file_error(folder):
        editions.mkdir(parents=True, exist_ok=True)
        kept = editions / f"{number:06d}"
        write_folder(kept, KIND, edition.state(), _card(edition))
        told = {"format": FORMAT, "edition": kept.name, "release": edition.release, "made_on": edition.made_on,
                "market": edition.market.name}  # fmt: skip
        replace_file(folder / EDITION, json_bytes(told))
        _prune(folder)
    return kept


def current_edition(home: Path, name: str) -> str | None:
    """The name of the edition that should answer for a market, None where there is none. Cheap."""
    return _named(market_folder(home, name))


def markets_with_editions(home: Path) -> list[str]:
    """The names of the markets that have an edition, in order."""
    found = []
    for path in (home / SERVICE).glob(f"*/{EDITION}"):
        with suppress(OSError, ValueError):
            found.append(str(read_json(path).get("market", path.parent.name)))
    return sorted(found)


def markets_in_service(home: Path) -> list[str]:
    """The names of the markets that have a model in service, in order."""
    found = []
    for path in (home / SERVICE).glob(f"*/{IN_SERVICE}"):
        with suppress(OSError, ValueError, PerlaError):
            deployed = Deployments(path.parent).in_service()
            found += [] if deployed is None else [str(read_json(deployed.model / CARD).get("market", ""))]
    return sorted(filter(None, found))


def load_edition(home: Path, name: str, threads: int, at_hand: Edition | None = None) -> Edition:
    """The edition that answers for a market, every checksum verified, with the model it was judged by.

    Where the newest is damaged the one before answers, and its notes say so. at_hand : an edition whose model is used
    again where it is the same release. Raises NotReadyError where there is no edition, ShelfError, naming the file,
    where none is whole.
    """
    folder = market_folder(home, name)
    if not (folder / EDITION).exists():
        raise _no_edition(name, folder, home)
    named, problems = _named(folder), list[PerlaError]()
    for kept in sorted(_kept(folder), key=lambda p: (p.name == named, p.name), reverse=True):
        try:
            edition = _open(kept, folder, threads, at_hand)
        except PerlaError as problem:
            problems.append(problem)
            continue
        return edition if not problems else _instead(edition, problems[0])
    raise problems[0] if problems else _no_edition(name, folder, home)


def refused_newer(edition: Edition) -> Text | None:
    """Why a newer edition than this one is not used, None where this is the newest."""
    return next((note for note in edition.notes if note.en.startswith(DAMAGED.en)), None)


def nothing_in_service(name: str, others: list[str]) -> NotReadyError:
    """No model answers for this market; the closest that has one is named."""
    near = closest(name, others)
    hint = Text(f" Did you mean {near!r}?", f" ¿Quiso decir {near!r}?") if near else Text("", "")
    return NotReadyError(
        f"A model must be in service for the market {name!r}, and none is.{hint.en} Deploy one: perla deploy MODEL "
        f"--market {name}",
        f"Debe haber un modelo en servicio para el mercado {name!r}, y no hay ninguno.{hint.es} Despliegue uno: perla "
        f"deploy MODELO --market {name}",
    )


def _no_edition(name: str, folder: Path, home: Path) -> NotReadyError:
    if Deployments(folder).in_service() is None:
        return nothing_in_service(name, markets_in_service(home))
    return NotReadyError(
        f"The listings of the market {name!r} have not been judged yet. Do it with: perla score {name}",
        f"Los anuncios del mercado {name!r} todavía no se han juzgado. Hágalo con: perla score {name}",
    )


@contextmanager
def _only_one_scores(folder: Path) -> Iterator[None]:
    with told_as_file_error(folder):
        inside = only_one(folder / LOCK)
        try:
            inside.__enter__()
        except InputError:
            raise InputError(
                f"Only one may judge the listings of {folder.name} at a time, and another one is at it. Try again when "
                "it is done.",
                f"Solo uno puede juzgar los anuncios de {folder.name} a la vez, y hay otro en curso. Intente de nuevo "
                "cuando termine.",
            ) from None
    try:
        yield
    finally:
        inside.__exit__(None, None, None)


def _current(finder: Finder, home: Path) -> tuple[Current, str] | None:
    """What the store knows of the market, and where that is; None where there is no store or nothing of it."""
    from perla.history import current
    from perla.storage.database import open_store

    place = store_place(home, os.environ)
    if "://" not in place and not Path(place).exists():
        return None
    with open_store(place, read_only=True) as store:
        found = current(store, finder.market)
        return (found, store.shown) if len(found) else None


def _checked(current: Current, place: str, finder: Finder) -> tuple[Listings, pd.Series, tuple[Text, ...]]:
    """The listings that can be used, which rows they are (bool on the frame's index), and what is missing."""
    import pandas as pd

    from perla.app.road import check_new
    from perla.sources import RawTable, SourceFile

    frame = current.frame
    nowhere = pd.Series("", index=frame.index, dtype="str")
    table = RawTable(frame, nowhere, (SourceFile(place, len(frame), ""),), (), pd.DataFrame(), ())
    listings, missing = check_new(table, finder.market, Text("the model in service", "el modelo en servicio"))
    kept = pd.Series(True, index=frame.index)
    kept.iloc[[r.row - 1 for r in listings.rejected]] = False
    return listings, kept, missing


def _frame(columns: dict[str, Any]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(columns)


def _prices_of(current: Current, kept: pd.Series) -> pd.DataFrame:
    """The prices of the listings that are kept, by their new rows."""
    import numpy as np

    rows = np.where(kept, np.cumsum(kept) - 1, -1)[current.prices["row"].to_numpy()]
    return current.prices.assign(row=rows)[rows >= 0].reset_index(drop=True)


def _count_new(edition: Edition, folder: Path) -> int | None:
    """Listings the edition before did not have, None where there was none that can be read."""
    before = _named(folder)
    if before is None:
        return None
    try:
        state, _ = read_folder(folder / EDITIONS / before, KIND)
        known = state["listings"]["ids"]["id"]
    except (PerlaError, KeyError, TypeError):
        return None
    return int((~edition.listings.ids.isin(known)).sum())


def _card(edition: Edition) -> dict[str, Any]:
    return {
        "market": edition.market.name,
        "release": edition.release,
        "made_on": edition.made_on,
        "listings": len(edition),
        "set_aside": len(edition.listings.rejected),
        "bargains": len(edition.search(edition.wish(None))),
    }


def _named(folder: Path) -> str | None:
    """The edition that the pointer names, None where there is no pointer or it is damaged."""
    try:
        named = read_json(folder / EDITION).get("edition")
    except (OSError, ValueError):
        return None
    return named if isinstance(named, str) and named.isascii() and named.isdecimal() else None


def _kept(folder: Path) -> list[Path]:
    """The editions on the disk."""
    editions = folder / EDITIONS
    found = editions.iterdir() if editions.is_dir() else ()
    return [p for p in found if p.name.isascii() and p.name.isdecimal() and p.is_dir()]


def _prune(folder: Path) -> None:
    """Older editions go, and what a crash left behind."""
    old = sorted(_kept(folder))[:-KEPT]
    for path in [*old, *(folder / EDITIONS).glob(".*.partial"), *(folder / EDITIONS).glob(".*.old")]:
        shutil.rmtree(path, ignore_errors=True)


def _open(kept: Path, folder: Path, threads: int, at_hand: Edition | None) -> Edition:
    state, _ = read_folder(kept, KIND)
    try:
        release = str(state["release"])
        finder = at_hand.finder if at_hand and at_hand.release == release else _finder(folder, release, threads)
        return Edition.from_state(state, finder)
    except PerlaError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as problem:
        what = f"{type(problem).__name__}: {str(problem)[:120]}"
        raise ShelfError(
            f"The edition {kept} must hold what perla score writes, but its parts do not fit together ({what}). Make "
            "it again with: perla score",
            f"La edición {kept} debe contener lo que escribe perla score, pero sus partes no encajan ({what}). Hágala "
            "de nuevo con: perla score",
        ) from problem


def _finder(folder: Path, release: str, threads: int) -> Finder:
    return load_finder(Deployments(folder).one(release).model, threads)


def _instead(edition: Edition, problem: PerlaError) -> Edition:
    """The edition before, saying why it answers."""
    told = fill(
        "{damaged}, so the one of {day} answers: {why}", "{damaged}, así que responde la del {day}: {why}",
        damaged=DAMAGED, day=edition.made_on, why=problem.message,
    )  # fmt: skip
    return replace(edition, notes=(*edition.notes, told))
