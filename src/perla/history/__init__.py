"""Every sighting of every listing: first seen, last seen, price changes."""
