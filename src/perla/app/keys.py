"""``perla keys``: who may ask the service from outside, how fast, how much, and what they did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from perla.app import options as o
from perla.app.bilingual import Argument, Command, Group, with_options
from perla.errors import InputError
from perla.words import Text, fill, same

if TYPE_CHECKING:
    from perla.app.settings import Settings
    from perla.storage.operations import Key, Operations

SECONDS = {"s": 1, "min": 60, "h": 3600}
MOST_CALLS = 10**9


class CallsIn(click.ParamType):
    """So many calls within a time, such as 60/min; the message is in both languages."""

    name = "calls"

    def __init__(self, *units: str) -> None:
        self.units = units

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, str]:
        if isinstance(value, tuple):
            return value
        count, _, unit = str(value).partition("/")
        if not (count.isascii() and count.isdecimal() and 1 <= int(count[:12]) <= MOST_CALLS and unit in self.units):
            option = "/".join(param.opts) if param else "N"
            shown = " ".join(f"60/{u}" for u in self.units)
            raise InputError(
                f"The option {option} must be written such as {shown}; got {value!r}.",
                f"La opción {option} se escribe como {shown}; se dio {value!r}.",
            )
        return int(count), unit


NAME = Argument("name", Text("NAME", "NOMBRE"))
ANY_NAME = Argument("name", Text("[NAME]", "[NOMBRE]"), required=False)
RATE = o.Option(
    "--rate", value=Text("N/min", "N/min"), type=CallsIn("min", "s", "h"), default=None,
    told=Text("How many calls it may make in a time: 60/min, 5/s, 1000/h; otherwise as many as it likes.",
              "Cuántas llamadas puede hacer en un tiempo: 60/min, 5/s, 1000/h; si no, las que quiera."),
)  # fmt: skip
QUOTA = o.Option(
    "--quota", value=Text("N/month", "N/month"), type=CallsIn("month"), default=None,
    told=Text("How many calls it may make in a calendar month (UTC): 10000/month; otherwise as many as it likes.",
              "Cuántas llamadas puede hacer en un mes calendario (UTC): 10000/month; si no, las que quiera."),
)  # fmt: skip
COMMON = (o.LANG, o.HOME, o.DEBUG)


@click.group(
    "keys",
    cls=Group,
    brief=Text("Say who may ask the service.", "Decir quién puede preguntar al servicio."),
    told=Text(
        "Keys of the API: who may ask the service from outside, how fast and how much. A program sends its key as "
        "x-api-key; a browser asks for it as a password.",
        "Claves del API: quién puede preguntar al servicio desde afuera, con qué rapidez y cuánto. Un programa envía "
        "su clave como x-api-key; un navegador la pide como contraseña.",
    ),
)
@with_options(o.LANG, o.DEBUG)
def keys() -> None:
    pass


@keys.command(
    "create",
    cls=Command,
    brief=Text("Make a key, shown once.", "Crear una clave, que se muestra una vez."),
    told=Text(
        "Make a key. It is shown once and kept only as a digest: whoever loses it needs another.",
        "Crear una clave. Se muestra una vez y solo se guarda su huella: quien la pierda necesita otra.",
    ),
    examples=(
        Text(
            "perla keys create ana --rate 60/min --quota 10000/month",
            "perla keys create ana --rate 60/min --quota 10000/month",
        ),
    ),
)
@with_options(NAME, RATE, QUOTA, *COMMON)
def create(name: str, rate: tuple[int, str] | None, quota: tuple[int, str] | None, **call: Any) -> None:
    settings = _read(call)
    calls, unit = rate or (0, "min")
    with _operations(settings) as operations:
        secret, _ = operations.create_key(name, _now(), calls, SECONDS[unit], quota[0] if quota else 0)
    note = Text(
        "Keep it now: it is not shown again. Send it as the header x-api-key.",
        "Guárdela ahora: no se vuelve a mostrar. Envíela en el encabezado x-api-key.",
    )
    click.echo(secret)
    click.echo(note.text(settings.lang), err=True)


@keys.command(
    "list",
    cls=Command,
    brief=Text("List the keys.", "Listar las claves."),
    told=Text("List the keys, without their secrets.", "Listar las claves, sin sus secretos."),
)
@with_options(*COMMON)
def list_all(**call: Any) -> None:
    settings = _read(call)
    with _operations(settings) as operations:
        found = operations.list_keys()
    if not found:
        none = Text("There is no key. Make one with: perla keys create NAME",
                    "No hay ninguna clave. Cree una con: perla keys create NOMBRE")  # fmt: skip
        click.echo(none.text(settings.lang))
        return
    heads = Text("name\tkey\tlimits\tmade\tstate", "nombre\tclave\tlímites\tcreada\testado").text(settings.lang)
    _table([heads.split("\t"), *([t.text(settings.lang) for t in _told(key)] for key in found)])


@keys.command(
    "revoke",
    cls=Command,
    brief=Text("Make a key good for nothing.", "Anular una clave."),
    told=Text(
        "Make a key, by its name or its public part, good for nothing; a service that runs refuses it from then on.",
        "Anular una clave, por su nombre o su parte pública; un servicio en marcha la rechaza desde entonces.",
    ),
)
@with_options(NAME, *COMMON)
def revoke(name: str, **call: Any) -> None:
    settings = _read(call)
    with _operations(settings) as operations:
        key = operations.revoke_key(name, _now())
    told = fill("The key {name} is revoked.", "La clave {name} quedó anulada.", name=key.name)
    click.echo(told.text(settings.lang))


@keys.command(
    "usage",
    cls=Command,
    brief=Text("Tell what keys were used for.", "Decir cuánto se usaron las claves."),
    told=Text("Tell how many calls each key made in each month.", "Decir cuántas llamadas hizo cada clave por mes."),
)
@with_options(ANY_NAME, *COMMON)
def usage(name: str | None, **call: Any) -> None:
    settings = _read(call)
    with _operations(settings) as operations:
        found = operations.list_usage(name)
    if not found:
        click.echo(Text("No calls yet.", "Todavía no hay llamadas.").text(settings.lang))
        return
    heads = Text("name\tkey\tmonth\tcalls\tof\tbusiest day", "nombre\tclave\tmes\tllamadas\tde\tdía con más")
    rows = [
        [
            u.key.name,
            _shown(u.key),
            u.month,
            str(u.calls),
            str(u.key.quota or "-"),
            f"{u.busiest_day} ({u.busiest_calls})",
        ]
        for u in found
    ]
    _table([heads.text(settings.lang).split("\t"), *rows])


def _told(key: Key) -> list[Text]:
    unit = {seconds: name for name, seconds in SECONDS.items()}.get(key.rate_seconds, f"{key.rate_seconds} s")
    limits = [f"{key.rate_calls}/{unit}"] if key.rate_calls else []
    limits += [f"{key.quota}/month"] if key.quota else []
    revoked = fill("revoked {day}", "anulada {day}", day=key.revoked[:10])
    return [
        same(key.name), same(_shown(key)), same(" ".join(limits) or "-"), same(key.created[:10]),
        revoked if key.revoked else Text("good", "vigente"),
    ]  # fmt: skip


def _shown(key: Key) -> str:
    return f"perla_{key.prefix}_…"


def _table(rows: list[list[str]]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _read(call: dict[str, Any]) -> Settings:
    from perla.app.cli import _settings

    return _settings({**call, "threads": None})


def _operations(settings: Settings) -> Operations:
    from perla.storage.operations import OPERATIONS, Operations

    return Operations(settings.home / OPERATIONS)


def _now() -> Any:
    from datetime import UTC, datetime

    return datetime.now(UTC)
