"""Asking a library from Python: opened once, asked as often as one likes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from perla.knowledge.answers import answer
from perla.knowledge.evidence import Texts
from perla.knowledge.index import Index
from perla.knowledge.library import Library
from perla.knowledge.passages import Answer, SourceKind
from perla.words import Lang

if TYPE_CHECKING:
    from perla.knowledge.dense import Leg


@dataclass(frozen=True)
class Opened:
    """An index and the words it was made of, held open for many questions."""

    index: Index
    texts: Texts

    @classmethod
    def of(cls, library: Library | Path) -> Opened:
        """What a library holds. Raises NotReadyError where nothing was learned, ShelfError for a damaged index."""
        shelf = library if isinstance(library, Library) else Library(library)
        index = shelf.open()
        return cls(index, Texts(shelf.readings(), index.findings))

    def ask(
        self,
        question: str,
        count: int = 5,
        kinds: Collection[SourceKind] = (),
        lang: Lang | None = None,
        leg: Leg | None = None,
    ) -> Answer:
        """As :func:`ask`. leg : of embeddings (:func:`perla.knowledge.dense.open_leg`), or none."""
        return answer(self.index, question, self.texts, count, kinds, lang, leg=leg)


def ask(
    library: Library | Path | Opened,
    question: str,
    count: int = 5,
    kinds: Collection[SourceKind] = (),
    lang: Lang | None = None,
) -> Answer:
    """What was said or written about a question, quoted with its minute or line; or that it was not found.

    library : what was learned, or the home folder it is kept under, or one that is open already. count : how many
    quotes at most. kinds : only from these; empty: from all. lang : of the answer; otherwise the question's. Raises
    InputError for a question that is empty or too long, NotReadyError where nothing was learned.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     notes = Path(home, "notes.md")
    ...     _ = notes.write_text("# Bees\\n\\nA hive holds forty thousand bees in summer.")
    ...     library = Library(Path(home))
    ...     _ = library.learn([notes])
    ...     told = ask(library, "how many bees does a hive hold?")
    >>> told.refused, told.quotes[0].text
    (False, 'A hive holds forty thousand bees in summer.')
    """
    opened = library if isinstance(library, Opened) else Opened.of(library)
    return opened.ask(question, count, kinds, lang)
