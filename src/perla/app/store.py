"""``perla store``: where listings are kept, what is there, and a copy of it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Command, Group, with_options
from perla.errors import InputError, StoreError
from perla.words import Text, fill, number, same

if TYPE_CHECKING:
    from perla.app.settings import Settings
    from perla.history import Kept

TO = o.Option(
    "--to", value=o.FILE, default=None, type=o.PATH,
    told=Text("A new file to copy into; otherwise the database of PERLA_DATABASE_URL, from the home folder's file.",
              "Un archivo nuevo donde copiar; si no, la base de datos de PERLA_DATABASE_URL, desde el archivo de la "
              "carpeta de perla."),
)  # fmt: skip


@click.group(
    "store",
    cls=Group,
    brief=Text("Show where listings are kept, and copy them.", "Mostrar dónde se guardan los anuncios, y copiarlos."),
    told=Text(
        "Show where the listings of perla add are kept and what is there; make a backup, or move them to PostgreSQL.",
        "Mostrar dónde se guardan los anuncios de perla add y qué hay; hacer una copia, o pasarlos a PostgreSQL.",
    ),
    examples=(
        same("perla store show"),
        Text("perla store copy --to backup.duckdb", "perla store copy --to copia.duckdb"),
    ),
)  # fmt: skip
@with_options(o.LANG, o.DEBUG)
def store() -> None:
    pass


@store.command(
    "show",
    cls=Command,
    brief=Text("Show where listings are kept and how many.", "Mostrar dónde se guardan los anuncios y cuántos."),
    told=Text(
        "Show where listings are kept, and for every market how many, since when, until when.",
        "Mostrar dónde se guardan los anuncios y, de cada mercado, cuántos, desde cuándo y hasta cuándo.",
    ),
)
@with_options(o.LANG, o.HOME, o.DEBUG)
def show(**call: Any) -> None:
    from perla.app.cli import _say, _settings
    from perla.app.settings import store_place
    from perla.history import overview
    from perla.storage.database import open_store

    settings = _settings(call)
    with open_store(store_place(settings.home, os.environ), read_only=True) as opened:
        kept = overview(opened)
    _say([fill("Kept in {place}", "Guardado en {place}", place=opened.shown), *map(_told, kept)], settings.lang)


def _told(kept: Kept) -> Text:
    return fill(
        "  {market}: {listings} listings, seen from {first} to {last}; {additions} additions, {aside} rows set aside",
        "  {market}: {listings} anuncios, vistos del {first} al {last}; {additions} adiciones, {aside} filas apartadas",
        market=kept.market, listings=number(kept.listings), first=kept.first_seen, last=kept.last_seen,
        additions=number(kept.additions), aside=number(kept.set_aside),
    )  # fmt: skip


@store.command(
    "copy",
    cls=Command,
    brief=Text("Copy everything that is kept.", "Copiar todo lo guardado."),
    told=Text(
        "Copy everything that is kept into a new file, as a backup, or into an empty PostgreSQL database. The copy is "
        "of one moment, and whole or not made.",
        "Copiar todo lo guardado a un archivo nuevo, como respaldo, o a una base de datos PostgreSQL vacía. La copia "
        "es de un solo momento, y queda completa o no se hace.",
    ),
    examples=(Text("perla store copy --to backup.duckdb", "perla store copy --to copia.duckdb"),),
)
@with_options(TO, o.LANG, o.HOME, o.DEBUG)
def copy(to: Path | None, **call: Any) -> None:
    from perla.app.cli import _say, _settings

    settings = _settings(call)
    _say([copy_listings(to, settings)], settings.lang)


def copy_listings(to: Path | None, settings: Settings) -> Text:
    """A copy in a new file; without one, of the home folder's file in PERLA_DATABASE_URL. Raises PerlaError."""
    from perla.app.settings import store_place
    from perla.storage.database import open_store
    from perla.storage.database.copying import copy_store

    source = store_place(settings.home, os.environ if to else {})
    target = str(to) if to else store_place(settings.home, os.environ)
    _refuse_target(to, source, target)
    with open_store(source, read_only=True) as opened:
        try:
            with open_store(target) as other:
                copied = copy_store(opened, other)
        except StoreError:
            if to is not None:
                to.unlink(missing_ok=True)  # it was not there before
            raise
    return fill(
        "Copied {listings} listings and {sightings} sightings into {place}",
        "Copiados {listings} anuncios y {sightings} vistas en {place}",
        listings=number(copied["listing"]), sightings=number(copied["sighting"]), place=other.shown,
    )  # fmt: skip


def _refuse_target(to: Path | None, source: str, target: str) -> None:
    if to is not None and (to.exists() or to.is_symlink()):
        raise InputError(
            f"The file to copy into must not exist yet, but {to} does. Name another.",
            f"El archivo donde se copia no debe existir aún, pero {to} existe. Indique otro.",
        )
    if source == target:
        raise InputError(
            "Say where to copy to: --to FILE, or the address of an empty PostgreSQL database in PERLA_DATABASE_URL.",
            "Indique a dónde copiar: --to ARCHIVO, o la dirección de una base PostgreSQL vacía en PERLA_DATABASE_URL.",
        )
