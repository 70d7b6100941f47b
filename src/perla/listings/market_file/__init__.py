"""Market files: what a table of listings means, written down in TOML for people to read and edit.

The keys are documented, with examples, in ``docs/market-files.md``.
"""

from perla.listings.market_file.gate import GATE_KEYS
from perla.listings.market_file.reading import COLUMN_KEYS, COMPOUND_UNITS, TABLE_KEYS, read_market
from perla.listings.market_file.shipped import shipped_market, shipped_markets
from perla.listings.market_file.writing import write_market

__all__ = [
    "COLUMN_KEYS",
    "COMPOUND_UNITS",
    "GATE_KEYS",
    "TABLE_KEYS",
    "read_market",
    "shipped_market",
    "shipped_markets",
    "write_market",
]
