"""Every sighting of every listing, append-only: first seen, last seen, what it asked over time."""

from perla.history.adding import Added, Arrival, add_sightings, arrange
from perla.history.current import Current, current, markets, newest, version

__all__ = ["Added", "Arrival", "Current", "add_sightings", "arrange", "current", "markets", "newest", "version"]
