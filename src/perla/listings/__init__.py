"""What a market is, and a table of listings checked against it."""

from perla.listings.listings import Doubt, Listings, Rejected
from perla.listings.market import MODELLED, NUMERIC, Column, Kind, Market

__all__ = ["MODELLED", "NUMERIC", "Column", "Doubt", "Kind", "Listings", "Market", "Rejected"]
