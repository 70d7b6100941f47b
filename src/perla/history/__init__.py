"""Every sighting of every listing, append-only: first seen, last seen, what it asked over time."""

from perla.history.adding import Added, add_sightings
from perla.history.current import Current, current, markets, newest, version

__all__ = ["Added", "Current", "add_sightings", "current", "markets", "newest", "version"]
