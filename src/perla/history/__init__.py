"""Every sighting of every listing, append-only: first seen, last seen, what it asked over time."""

from perla.history.adding import Added, Arrival, add_sightings, arrange
from perla.history.current import Current, Kept, current, markets, newest, overview, version

__all__ = [
    "Added", "Arrival", "Current", "Kept", "add_sightings", "arrange", "current", "markets", "newest", "overview",
    "version",
]  # fmt: skip
