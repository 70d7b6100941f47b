"""The options of the commands, each told in two languages."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from perla import __version__
from perla.app.bilingual import Argument, Option
from perla.app.settings import MOST_THREADS
from perla.errors import InputError
from perla.words import LANGS, Text

FILE, FOLDER, TEXT = Text("FILE", "ARCHIVO"), Text("FOLDER", "CARPETA"), Text("TEXT", "TEXTO")
SHARE, FDR_BOUNDS = Text("SHARE", "PROPORCIÓN"), (0.001, 0.5)
DAY = Text("DATE", "FECHA")
NUMBER, ID, NAME = Text("N", "N"), Text("ID", "ID"), Text("FILE|NAME", "ARCHIVO|NOMBRE")
PATH = click.Path(path_type=Path)
UNITS, LONGEST_SEARCH = {"s": 1.0, "m": 60.0, "h": 3600.0}, 86_400.0
MOST_SHOWN, MOST_COMPARABLES, HIGHEST_SEED = 1000, 50, 2**31 - 1


class WholeNumber(click.ParamType):
    """A whole number within bounds; the message is in both languages."""

    name = "number"

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number = int(str(value))
        except ValueError:
            number = self.low - 1
        if not self.low <= number <= self.high:
            option = "/".join(param.opts) if param else "N"
            raise InputError(
                f"The option {option} must be a whole number from {self.low} to {self.high}; got {value!r}.",
                f"La opción {option} debe ser un número entero de {self.low} a {self.high}; se dio {value!r}.",
            )
        return number


class Share(click.ParamType):
    """A share such as 0.1, within bounds; the message is in both languages."""

    name = "share"

    def __init__(self, low: float, high: float) -> None:
        self.low, self.high = low, high

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            share = float(str(value).replace(",", "."))
        except ValueError:
            share = -1.0
        if not self.low <= share <= self.high:
            option = "/".join(param.opts) if param else "N"
            raise InputError(
                f"The option {option} must be a share from {self.low} to {self.high}, such as 0.1; got {value!r}.",
                f"La opción {option} debe ser una proporción de {self.low} a {self.high}, como 0.1; se dio {value!r}.",
            )
        return share


class Duration(click.ParamType):
    """A time such as 90s, 10m or 1h, in seconds; the message is in both languages."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float):
            return value
        count, unit = str(value)[:-1], str(value)[-1:]
        plain = count.isdecimal() and count.isascii() and len(count) <= 6
        seconds = int(count) * UNITS.get(unit, 0.0) if plain else 0.0
        if not 1 <= seconds <= LONGEST_SEARCH:
            option = "/".join(param.opts) if param else "TIME"
            raise InputError(
                f"The option {option} must be a time from 1s to 24h, such as 90s, 10m or 1h; got {value!r}.",
                f"La opción {option} debe ser un tiempo de 1s a 24h, como 90s, 10m o 1h; se dio {value!r}.",
            )
        return seconds


class Day(click.ParamType):
    """A day such as 2026-03-14; the message is in both languages."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value).strip())
        except ValueError:
            option = "/".join(param.opts) if param else "DATE"
            raise InputError(
                f"The option {option} must be a day written year-month-day, such as 2026-03-14; got {value!r}.",
                f"La opción {option} debe ser un día escrito año-mes-día, como 2026-03-14; se dio {value!r}.",
            ) from None


class Language(click.ParamType):
    """``en`` or ``es``."""

    name = "language"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if value not in LANGS:
            raise InputError(
                f"The option --lang must be en or es; got {value!r}.",
                f"La opción --lang debe ser en o es; se dio {value!r}.",
            )
        return str(value)


def _show_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        click.echo(f"perla {__version__}")
        ctx.exit()


LISTINGS = Argument("listings", Text("LISTINGS", "ANUNCIOS"), nargs=-1, required=True, type=PATH)
VERSION = Option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version,
    told=Text("Show perla's version.", "Mostrar la versión de perla."),
)  # fmt: skip
LANG = Option(
    "--lang", value=Text("en|es", "en|es"), type=Language(), expose_value=False,
    told=Text("Language of everything you read; otherwise the locale's.",
              "Idioma de todo lo que se lee; si no, el del sistema."),
)  # fmt: skip
DEBUG = Option(
    "--debug", is_flag=True, expose_value=False,
    told=Text("Show the traceback of an unexpected error.", "Mostrar el detalle de un error inesperado."),
)  # fmt: skip
REFERENCE = Option(
    "--reference", value=Text("FILE|FOLDER", "ARCHIVO|CARPETA"), multiple=True, type=PATH,
    told=Text("What to learn from; otherwise the listings themselves, each judged by models that never saw it. "
              "Repeat it for several files.",
              "De qué aprender; si no, de los anuncios mismos, cada uno juzgado por modelos que nunca lo vieron. "
              "Repítala para varios archivos."),
)  # fmt: skip
MARKET = Option(
    "--market", value=NAME, default=None,
    told=Text("What the columns mean: a market file, or the name of one that comes with perla (see: perla markets). "
              "Otherwise perla guesses.",
              "Qué significan las columnas: un archivo de mercado, o el nombre de uno que viene con perla (vea: perla "
              "markets). Si no, perla adivina."),
)  # fmt: skip
MARKET_TO_KEEP = Option(
    "--market", value=NAME, default=None,
    told=Text("Which market the listings are kept under: a market file, or the name of one that comes with perla (see: "
              "perla markets).",
              "Bajo qué mercado se guardan los anuncios: un archivo de mercado, o el nombre de uno que viene con perla "
              "(vea: perla markets)."),
)  # fmt: skip
SEEN_ON = Option(
    "--seen-on", value=DAY, type=Day(), default=None,
    told=Text("The day the listings were seen, such as 2026-03-14; otherwise today. Days may be added in any order.",
              "El día en que se vieron los anuncios, como 2026-03-14; si no, hoy. Los días se pueden agregar en "
              "cualquier orden."),
)  # fmt: skip
MODEL = Option(
    "--model", value=FOLDER, default=None, type=PATH,
    told=Text("A model saved by perla train; nothing is learned anew.",
              "Un modelo guardado con perla train; no se aprende nada nuevo."),
)  # fmt: skip
WISH = Option(
    "--wish", value=TEXT, default=None,
    told=Text('In which direction it should be odd, such as "price low, area high". Otherwise: price low.',
              "En qué dirección debe ser raro, como «precio bajo, área alta». Si no: precio bajo."),
)  # fmt: skip
WHERE = Option(
    "--where", value=TEXT, default=None,
    told=Text("Which listings to search, such as \"neighbourhood = 'Laureles' and stratum >= 4\".",
              "En cuáles anuncios buscar, como «barrio = 'Laureles' y estrato >= 4»."),
)  # fmt: skip
SHOWN = Option(
    "-n", "--shown", value=NUMBER, type=WholeNumber(1, MOST_SHOWN), default=None,
    told=Text("How many bargains to show; otherwise 7.", "Cuántas gangas mostrar; si no, 7."),
)  # fmt: skip
FDR = Option(
    "--fdr", value=SHARE, type=Share(*FDR_BOUNDS), default=None,
    told=Text("Instead of a fixed number, show those that stand out so far that at most this share of them is expected "
              "to be no bargain, such as 0.1 (1 in 10).",
              "En vez de un número fijo, mostrar las que sobresalen tanto que a lo sumo esta proporción de ellas, como "
              "0.1 (1 de cada 10), no sería ganga."),
)  # fmt: skip
COMPARABLES = Option(
    "--comparables", value=NUMBER, type=WholeNumber(1, MOST_COMPARABLES), default=5,
    told=Text("How many similar listings to lay beside each.", "Cuántos anuncios similares poner al lado de cada una."),
)  # fmt: skip
ALL = Option(
    "--all", "everything", is_flag=True,
    told=Text("Files and --json hold every listing, not the bargains alone.",
              "Los archivos y --json traen todos los anuncios, no solo las gangas."),
)  # fmt: skip
OUTPUT = Option(
    "-o", "--output", value=FILE, multiple=True, type=PATH,
    told=Text("A report to write: .xlsx, .html, .csv, .parquet or .json. Repeat it for several.",
              "Un informe por escribir: .xlsx, .html, .csv, .parquet o .json. Repítala para varios."),
)  # fmt: skip
SERVER_MODEL = Option(
    "--model", value=Text("NAME", "NOMBRE"), default="",
    told=Text("Which model of that server; otherwise the first it offers.",
              "Cuál modelo de ese servidor; si no, el primero que ofrezca."),
)  # fmt: skip
SEED = Option(
    "--seed", value=NUMBER, type=WholeNumber(0, HIGHEST_SEED), default=None,
    told=Text("Same seed, same findings. Otherwise 0.", "La misma semilla, los mismos hallazgos. Si no: 0."),
)  # fmt: skip
JSON = Option(
    "--json", "as_json", is_flag=True,
    told=Text("Write the findings to stdout as JSON, and nothing else.",
              "Escribir los hallazgos en stdout como JSON, y nada más."),
)  # fmt: skip
PLAIN_JSON = Option(
    "--json", "as_json", is_flag=True,
    told=Text("Write everything to stdout as JSON, and nothing else.",
              "Escribir todo en stdout como JSON, y nada más."),
)  # fmt: skip
HOME = Option(
    "--home", value=FOLDER, default=None,
    told=Text("Where perla keeps its things (your market files in markets/, caches); otherwise PERLA_HOME, else your "
              "user data folder.",
              "Dónde guarda perla sus cosas (sus archivos de mercado en markets/, cachés); si no, PERLA_HOME, o la "
              "carpeta de datos del usuario."),
)  # fmt: skip
THREADS = Option(
    "--threads", value=NUMBER, type=WholeNumber(1, MOST_THREADS), default=None,
    told=Text("How many threads to use; otherwise PERLA_THREADS, else the cores, at most 8.",
              "Cuántos hilos usar; si no, PERLA_THREADS, o los núcleos, máximo 8."),
)  # fmt: skip
QUIET = Option(
    "-q", "--quiet", is_flag=True, told=Text("Show no progress.", "No mostrar el avance."),
)  # fmt: skip
TUNE = Option(
    "--tune", value=NUMBER, type=WholeNumber(0, 1000), default=0,
    told=Text("Tune the autoencoder first, with so many trials, by its error on prices it is not shown; 0: do not.",
              "Ajustar antes el autoencoder, con tantos intentos, según su error en precios que no ve; 0: no."),
)  # fmt: skip
SEARCH = Option(
    "--search", "search_seconds", value=Text("TIME", "TIEMPO"), type=Duration(), default=None,
    told=Text("First search, for so long (90s, 10m, 1h), for the price models that estimate this market best.",
              "Buscar antes, durante este tiempo (90s, 10m, 1h), los modelos de precio que mejor estiman este "
              "mercado."),
)  # fmt: skip
LISTING_ID = Option(
    "--id", "listing_id", value=ID, required=True,
    told=Text("The listing to explain: its id, or its row number where there are no ids.",
              "El anuncio por explicar: su id, o su número de fila si no hay ids."),
)  # fmt: skip
MODEL_FOLDER = Option(
    "-o", "--output", value=FOLDER, required=True, type=PATH,
    told=Text("Where to keep the model; a perla model that stands there is replaced.",
              "Dónde guardar el modelo; si ya hay un modelo de perla, se reemplaza."),
)  # fmt: skip
MARKET_FILE = Option(
    "-o", "--output", value=FILE, default=Path("market.toml"), type=PATH,
    told=Text("The market file to write; otherwise market.toml.",
              "El archivo de mercado por escribir; si no, market.toml."),
)  # fmt: skip
FORCE = Option(
    "--force", is_flag=True,
    told=Text("Replace a file that stands there.", "Reemplazar el archivo si ya existe."),
)  # fmt: skip
DEMO_FOLDER = Option(
    "-o", "--output", value=FOLDER, default=Path("perla-demo"), type=PATH,
    told=Text("The folder to write into; otherwise perla-demo.", "La carpeta donde escribir; si no, perla-demo."),
)  # fmt: skip
DEMO_LISTINGS = Option(
    "--listings", value=NUMBER, type=WholeNumber(100, 100_000), default=1500,
    told=Text("How many listings to simulate.", "Cuántos anuncios simular."),
)  # fmt: skip
DEMO_SEED = Option(
    "--seed", value=NUMBER, type=WholeNumber(0, HIGHEST_SEED), default=7,
    told=Text("Same seed, same market.", "La misma semilla, el mismo mercado."),
)  # fmt: skip
