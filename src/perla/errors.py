"""Every error perla raises on purpose.

    PerlaError                        each also is the fitting builtin
    +-- InputError (ValueError)       a file, table or value given by the user is not usable
    |   +-- UnknownNameError          a column, key or value that does not exist (the closest one is named)
    |   +-- MarketFileError           the market file says something impossible
    |   +-- WishError                 the wish cannot be understood
    |   +-- WhereError                the filter cannot be understood
    +-- FileError (OSError)           a file or folder cannot be read or written
    +-- ShelfError (ValueError)       a saved model is of another kind, version or content than it says
    +-- NotReadyError (RuntimeError) what was asked for needs a model in service, and none is
    +-- StoreError (OSError)          the database cannot be opened, read or written
    |   +-- StoreBusyError            another process holds it; try again
    +-- EndpointError (OSError)       a server that the user named is absent, slow, or answers nonsense
    +-- MissingExtraError (ImportError)  a part of perla needs a package that is not installed

A message says what must hold, where, what was got and what to do next; it is written in both languages where it is
raised. The library raises, the doors (command line, web) catch.
"""

from __future__ import annotations

from perla.words import Lang, Text


class PerlaError(Exception):
    """The root: a message in English and Spanish.

    >>> PerlaError("no price column", "no hay columna de precio").text("es")
    'no hay columna de precio'
    """

    def __init__(self, en: str, es: str) -> None:
        super().__init__(en)
        self.message = Text(en, es)

    def text(self, lang: Lang) -> str:
        return self.message.text(lang)


class InputError(PerlaError, ValueError): ...


class UnknownNameError(InputError): ...


class MarketFileError(InputError): ...


class WishError(InputError): ...


class WhereError(InputError): ...


class FileError(PerlaError, OSError): ...


class ShelfError(PerlaError, ValueError): ...


class NotReadyError(PerlaError, RuntimeError): ...


class StoreError(PerlaError, OSError): ...


class StoreBusyError(StoreError): ...


class EndpointError(PerlaError, OSError): ...


class MissingExtraError(PerlaError, ImportError): ...


def closest(name: str, known: list[str]) -> str:
    """The known name most like a mistyped one, or an empty text.

    >>> closest("neighborhod", ["neighbourhood", "price"])
    'neighbourhood'
    """
    from difflib import get_close_matches

    folded = {k.casefold(): k for k in known}
    found = get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.5)
    return folded[found[0]] if found else ""
