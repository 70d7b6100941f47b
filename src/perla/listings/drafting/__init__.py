"""Drafting a market from a table: what each column probably means, from its name and its values."""

from perla.listings.drafting.draft import Draft, draft_market

__all__ = ["Draft", "draft_market"]
