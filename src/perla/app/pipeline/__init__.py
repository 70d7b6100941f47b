"""``perla pipeline run|status|graph``: from listings to a model in service, step by step."""

from perla.app.pipeline.commands import pipeline

__all__ = ["pipeline"]
