"""Reasons why rows were set aside or cells hidden, gathered into a few kinds."""

from __future__ import annotations

import re
from collections.abc import Iterable

from perla.words import Text

REPEATED = Text("repeated", "repetidas")


def count_kinds(reasons: Iterable[Text]) -> list[tuple[Text, int]]:
    """How many reasons there are of each kind, the most frequent first.

    Reasons that differ only in their figures or quoted cells are of one kind; a kind of one wording keeps it.

    >>> count_kinds([Text("price 1: below", "precio 1: debajo"), Text("price 2: below", "precio 2: debajo")])
    [(Text(en='price below', es='precio debajo'), 2)]
    """
    told: dict[Text, int] = {}
    for reason in reasons:
        told[reason] = told.get(reason, 0) + 1
    kinds: dict[str, list[Text]] = {}
    for reason in told:
        kinds.setdefault(kind_of(reason.en), []).append(reason)
    counted = [(k[0] if len(k) == 1 else _kind(k[0]), sum(told[reason] for reason in k)) for k in kinds.values()]
    return sorted(counted, key=lambda pair: -pair[1])


def _kind(reason: Text) -> Text:
    kind = Text(kind_of(reason.en), kind_of(reason.es))
    return REPEATED if kind.en == "the same as row" else kind


def kind_of(reason: str) -> str:
    """A reason without what is special about one row.

    >>> kind_of("price £ 1,100: above the plausible (£ 900)"), kind_of("no price ('call us')")
    ('price above the plausible', 'no price')
    """
    general = re.sub(r"\s*\([^()]*\)", "", reason)
    general = re.sub(r"'[^']*'", "…", general).split("; ")[0]
    general = re.sub(r"(?:[$€£]\s?|\b[A-Z]{3}\s)?\d[\d.,]*(?:\s[€£])?", "…", general)
    return general.replace(" …: ", " ").removesuffix(" …")
