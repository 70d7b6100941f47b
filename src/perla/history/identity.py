"""Which listing a row is: the name its site gives it, else its link, else what is advertised (never the price)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from perla.errors import InputError
from perla.history.cells import BETWEEN, digests
from perla.listings import Kind, Listings

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_DISTINCT = 0.5  # a column that names fewer things than half its rows is no name of a listing
FEWEST_ROWS = 20


def identities(listings: Listings) -> pd.Series:
    """The identity of every listing, a text on the index of ``listings.values``; rows of one name share it.

    ``id:`` and the cell of the first id column, else ``link:`` and the link, else ``like:`` and a digest of every
    modelled column but the price and what gives it away. Listings alike in all of these are numbered by price, so they
    stay apart. Raises InputError where a column that should name listings hardly tells them apart.

    >>> from perla.listings import Column, Market
    >>> from perla.listings.checking import check
    >>> market = Market("homes", "price", "EUR", (Column("ref", Kind.ID), Column("rooms", Kind.COUNT)))
    >>> identities(check(pd.DataFrame({"ref": ["A7"], "rooms": [3], "price": [100]}), market)).tolist()
    ['id:A7']
    """
    found = pd.Series(None, index=listings.values.index, dtype="object")
    for kind in (Kind.ID, Kind.LINK):
        name = listings.market.first(kind)
        if name is None:
            continue
        words = listings.values[name]
        _refuse_no_name(words, name)
        found = found.where(found.notna() | words.isna(), f"{kind.value}:" + words.astype("object"))
    nameless = found.isna()
    if nameless.any():
        found[nameless] = _numbered(_likenesses(listings)[nameless], listings.prices[nameless])
    return found.astype("str")


def _refuse_no_name(words: pd.Series, column: str) -> None:
    named = words.dropna()
    distinct = int(named.nunique())
    if len(named) >= FEWEST_ROWS and distinct < LEAST_DISTINCT * len(named):
        raise InputError(
            f"The column {column!r} must tell listings apart, but {len(named)} rows share {distinct} values. If the "
            "file holds several days, add each day by itself with --seen-on; otherwise mark another column as the id "
            "in the market file.",
            f"La columna {column!r} debe distinguir los anuncios, pero {len(named)} filas comparten {distinct} "
            "valores. Si el archivo trae varios días, agregue cada día por aparte con --seen-on; si no, marque otra "
            "columna como id en el archivo de mercado.",
        )


def _likenesses(listings: Listings) -> pd.Series:
    """A digest of the modelled columns by their values, whatever their order in the table or how they are written."""
    import pyarrow as pa
    import pyarrow.compute as pc

    market = listings.market
    columns = sorted((c.name for c in market.modelled if c.name in listings.values), key=str)
    pieces = [_exact(listings.values[name]) for name in columns]
    if not pieces:
        texts = pa.array([""] * len(listings), pa.large_string())
    else:
        separator = pa.scalar(BETWEEN, pa.large_string())
        texts = pc.binary_join_element_wise(*pieces, separator, null_handling="replace", null_replacement="")
    salt = BETWEEN.join(columns)
    return pd.Series(digests(texts, salt), index=listings.values.index, dtype="object")


def _exact(values: pd.Series) -> pa.Array:
    """Values as texts that do not depend on how a library writes numbers: the bits of a number."""
    import pyarrow as pa

    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days = values.astype("datetime64[s]")
        return pa.array(days.astype("int64"), mask=days.isna().to_numpy()).cast(pa.large_string())
    if pd.api.types.is_numeric_dtype(values.dtype):
        numbers = values.to_numpy("float64") + 0.0  # -0.0 becomes 0.0
        return pa.array(numbers.view(np.int64), mask=np.isnan(numbers)).cast(pa.large_string())
    array = pa.array(values, from_pandas=True)
    return (array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array).cast(pa.large_string())


def _numbered(likenesses: pd.Series, prices: pd.Series) -> pd.Series:
    """``like:DIGEST``, the second of the same likeness ``like:DIGEST#2``; the lowest price comes first."""
    order = prices.sort_values(kind="stable").index
    times = likenesses.loc[order].groupby(likenesses.loc[order], sort=False).cumcount().reindex(likenesses.index) + 1
    again = ("#" + times.astype("str")).where(times > 1, "")
    return "like:" + likenesses + again.astype("object")
