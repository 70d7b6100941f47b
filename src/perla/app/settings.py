"""What perla may decide once for a whole run: language, where it keeps things, how many threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from perla.errors import InputError
from perla.words import LANGS, Lang

MOST_THREADS_UNASKED = 8
MOST_THREADS = 512


@dataclass(frozen=True)
class Settings:
    """Settings of one run.

    lang : the language of everything a person reads. home : where perla keeps what it is asked to keep; the folder is
    made when there is something to put into it. threads : how many threads the models may use.
    """

    lang: Lang
    home: Path
    threads: int


def read_settings(environment: Mapping[str, str], lang: Lang, home: str | None, threads: int | None) -> Settings:
    """What the call says, else what the environment says (PERLA_HOME, PERLA_THREADS), else what fits the machine.

    >>> read_settings({"PERLA_HOME": "/tmp/perla", "PERLA_THREADS": "2"}, "en", None, None)
    Settings(lang='en', home=PosixPath('/tmp/perla'), threads=2)
    """
    kept = home or environment.get("PERLA_HOME")
    return Settings(lang, Path(kept) if kept else _user_folder(), threads or _threads(environment))


def store_place(home: Path, environment: Mapping[str, str]) -> str:
    """Where the listings are kept: the address in PERLA_DATABASE_URL, else a file under the home folder.

    >>> store_place(Path("/tmp/perla"), {})
    '/tmp/perla/listings.duckdb'
    """
    return environment.get("PERLA_DATABASE_URL", "").strip() or str(home / "listings.duckdb")


def caches_at_home(home: Path) -> dict[str, str]:
    """Where libraries shall keep what they would otherwise scatter over the user's folders (matplotlib's fonts)."""
    return {"MPLCONFIGDIR": str(home / "cache" / "matplotlib")}


def choose_language(arguments: Sequence[str], environment: Mapping[str, str]) -> Lang:
    """The language of a call: ``--lang``, else the locale, else English. Known before the call is parsed.

    >>> choose_language(["find", "x.csv", "--lang", "es"], {}), choose_language([], {"LANG": "es_CO.UTF-8"})
    ('es', 'es')
    """
    asked = _asked_language(arguments)
    if asked:
        return "es" if asked == "es" else "en"
    spoken = next((environment[v] for v in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(v)), "")
    return "es" if spoken.lower().startswith("es") else "en"


def _asked_language(arguments: Sequence[str]) -> str:
    """The last language that ``--lang`` names, wherever it stands before a bare ``--``."""
    asked = ""
    for place, word in enumerate(arguments):
        if word == "--":
            break
        if word == "--lang":
            said = arguments[place + 1] if place + 1 < len(arguments) else ""
        else:
            said = word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        asked = said if said in LANGS else asked
    return asked


def _user_folder() -> Path:
    from platformdirs import user_data_path

    return user_data_path("perla", appauthor=False)


def _threads(environment: Mapping[str, str]) -> int:
    written = environment.get("PERLA_THREADS", "").strip()
    if not written:
        return min(_cores(), MOST_THREADS_UNASKED)
    if not written.isdecimal() or not 1 <= int(written) <= MOST_THREADS:
        raise InputError(
            f"PERLA_THREADS must be a whole number from 1 to {MOST_THREADS}; got {written!r}. Change or unset it.",
            f"PERLA_THREADS debe ser un número entero de 1 a {MOST_THREADS}; se dio {written!r}. Cámbiela o quítela.",
        )
    return int(written)


def _cores() -> int:
    """Cores this process may use."""
    import os

    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed else os.cpu_count() or 1


@contextmanager
def limit_threads(threads: int) -> Iterator[None]:
    """The one place where threads are set: at most ``threads`` in every library while inside.

    LightGBM and PyTorch each bring a pool of OpenMP threads. Idle threads of one pool that spin while the other works
    were seen to make a run many times slower, so waiting threads sleep (OMP_WAIT_POLICY). Libraries loaded inside
    read the variables, those loaded before are limited by threadpoolctl, and the models get the number itself.
    """
    import os

    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    wanted = {"OMP_NUM_THREADS": str(threads), "OPENBLAS_NUM_THREADS": str(threads), "OMP_WAIT_POLICY": "PASSIVE"}
    before = {name: os.environ.get(name) for name in wanted}
    os.environ.update(wanted)
    try:
        with threadpool_limits(limits=threads):
            yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
