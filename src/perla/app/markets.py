"""Which market a call means: a file, a market kept under the home folder, one that comes with perla, or a draft."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from perla.errors import FileError, MarketFileError
from perla.listings import Market
from perla.listings.drafting import Draft, draft_market
from perla.listings.market_file import read_market, shipped_market
from perla.sources import RawTable
from perla.words import Text, fill, same

MOST_MARKET_BYTES = 4_000_000


def named_market(name: str, home: Path) -> Market:
    """The market of ``--market``: a file, else ``HOME/markets/NAME.toml``, else one that comes with perla.

    Raises FileError for a file that cannot be read, MarketFileError for one that says something impossible.
    """
    kept = home / "markets" / f"{name}.toml"
    is_file_name = name.endswith(".toml") or "/" in name or "\\" in name
    if is_file_name or Path(name).is_file():
        return read_market(_read_text(Path(name)), name)
    return read_market(_read_text(kept), str(kept)) if kept.is_file() else shipped_market(name)


def _read_text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MOST_MARKET_BYTES + 1)
    except OSError as problem:
        why = problem.strerror or "?"
        raise FileError(
            f"The market file {path} cannot be read: {why}. Check its name, or draft one with: perla init",
            f"No se puede leer el archivo de mercado {path}: {why}. Revise su nombre, o cree uno con: perla init",
        ) from problem
    try:
        if len(content) > MOST_MARKET_BYTES:
            raise ValueError
        return content.decode("utf-8-sig")
    except ValueError:
        raise MarketFileError(
            f"A market file must be a UTF-8 text of a few pages; {path} is not. Draft one with: perla init",
            f"Debe ser un texto UTF-8 de pocas páginas, pero {path} no lo es. Cree uno con: perla init",
        ) from None


def draft_from(table: RawTable, paths: Sequence[Path]) -> Draft:
    """What perla guesses the columns of a table mean; the market is named after the first file or folder."""
    return draft_market(table.frame, _name(paths[0]))


def _name(path: Path) -> str:
    stem = path.resolve().name.removesuffix(".gz")
    return (stem if path.is_dir() else Path(stem).stem) or "market"


def drafted_note(draft: Draft, paths: Sequence[Path]) -> Text:
    """One line: that the market is a guess, the guess that matters most, and how to correct it."""
    market = draft.market
    currency = same(f" ({market.currency})") if market.currency else same("")
    return fill(
        "No market file was given, so perla guessed what the columns mean; the price is {price}{currency}. "
        "To see and correct the guess: perla init {files} -o market.toml",
        "No se dio un archivo de mercado, así que perla adivinó qué significan las columnas; el precio es {price}"
        "{currency}. Para ver y corregir: perla init {files} -o market.toml",
        price=market.price, currency=currency,
        files=" ".join(_quoted(p) for p in paths[:3]) + (" ..." if len(paths) > 3 else ""),
    )  # fmt: skip


def _quoted(path: Path) -> str:
    import shlex

    return shlex.quote(str(path))
