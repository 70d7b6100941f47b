"""Recordings, documents and code -> passages -> answers with the minute and the line where they stand."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perla.knowledge.asking import Opened, ask
    from perla.knowledge.library import Library
    from perla.knowledge.passages import Answer, Quote, SourceKind

__all__ = ["Answer", "Library", "Opened", "Quote", "SourceKind", "ask"]
_HOMES = {"Library": "library", "Opened": "asking", "ask": "asking"}


def __getattr__(name: str) -> Any:
    """The public names, imported when first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'passages')}"), name)
