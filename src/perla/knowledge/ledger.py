"""What people said of the glossary: confirmed, rejected and added aliases and terms, with who and when.

Nothing is ever overwritten: the ledger is a history that only grows, taking a step back is a step of its own, and what
holds is what the history comes to. It is kept in ``knowledge/glossary.json`` under perla's home, written whole.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from perla.errors import FileError, InputError, StoreBusyError
from perla.knowledge.aliases import Finding, Place, Rule
from perla.knowledge.glossary import Term
from perla.knowledge.index import Index, with_findings
from perla.knowledge.windows import places_of
from perla.knowledge.words import stems, words_of

FORMAT = 1
LONGEST_NAME, MOST_WORDS = 200, 8  # characters of a name; words of an alias
LARGEST_BYTES = 64 * 2**20
PATIENCE_S, PAUSE_S, STALE_S = 3.0, 0.02, 60.0
THEME = "yours"


class What(StrEnum):
    """What a step did."""

    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    TERM = "term"
    UNDONE = "undone"


@dataclass(frozen=True)
class Step:
    """One line of the history.

    number : from 1. original : folded words as heard. canonical : the term, empty for "no term at all". names : of an
    added term, English and Spanish. undoes : the number of the step that this one takes back. when : UTC, ISO.
    """

    number: int
    what: What
    original: str
    canonical: str
    who: str
    when: str
    english: tuple[str, ...] = ()
    spanish: tuple[str, ...] = ()
    undoes: int = 0


def utc_now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """What people said of the glossary, under ``home/knowledge``.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as home:
    ...     ledger = Ledger(Path(home))
    ...     _ = ledger.confirm("la tuna", "Optuna", "me")
    ...     _ = ledger.reject("queda", "CUDA", "me")
    ...     _ = ledger.undo("me")
    ...     [(step.original, step.canonical) for step in ledger.standing()]
    [('la tuna', 'Optuna')]
    """

    def __init__(self, home: Path, now: Callable[[], datetime] = utc_now) -> None:
        self.file = home / "knowledge" / "glossary.json"
        self._now = now

    def confirm(self, original: str, canonical: str, who: str) -> Step:
        """These words, wherever they stand, are that term. Raises InputError for words or a name that cannot be one."""
        return self._add(What.CONFIRMED, _alias(original), _name(canonical), who)

    def reject(self, original: str, canonical: str, who: str) -> Step:
        """These words are not that term; an empty term: they are none."""
        return self._add(What.REJECTED, _alias(original), _name(canonical) if canonical else "", who)

    def add_term(self, name: str, english: Sequence[str], spanish: Sequence[str], who: str) -> Step:
        """A term of the user's own with its other names."""
        others = [_names(english), _names(spanish)]
        return self._add(What.TERM, "", _name(name), who, english=others[0], spanish=others[1])

    def undo(self, who: str) -> Step | None:
        """Take back the last step that still stands; again for the one before. None where nothing is left."""
        with self._alone():
            steps = self.history()
            last = next(iter(reversed(_standing(steps))), None)
            if last is None:
                return None
            taken = Step(
                len(steps) + 1, What.UNDONE, last.original, last.canonical, _who(who), self._time(), undoes=last.number
            )
            self._write([*steps, taken])
            return last

    def history(self) -> tuple[Step, ...]:
        """Every step ever taken, oldest first. Raises FileError for a file that is damaged."""
        try:
            if self.file.stat().st_size > LARGEST_BYTES:
                raise ValueError("larger than 64 MiB")
            told = json.loads(self.file.read_bytes())
            return _steps(told)
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
            raise self._unusable(problem) from problem

    def standing(self) -> tuple[Step, ...]:
        """The steps that hold: not taken back, and the last word on their alias."""
        return tuple(_standing(self.history()))

    def terms(self) -> tuple[Term, ...]:
        """The terms that were added."""
        added = [step for step in self.standing() if step.what is What.TERM]
        return tuple(_term(step) for step in added)

    def apply(self, findings: Iterable[Finding], texts: Mapping[str, Sequence[str]] | None = None) -> list[Finding]:
        """The findings as people judged them.

        Confirmed ones get score 1 and the rule ``confirmed``; rejected ones vanish, and so does everything else that
        was found in confirmed words. texts : the folded words of each source; confirmed words that no finding knows are
        searched in them letter by letter.
        """
        return apply(self.standing(), findings, texts)

    def _add(self, what: What, original: str, canonical: str, who: str, **more: Any) -> Step:
        with self._alone():
            steps = self.history()
            step = Step(len(steps) + 1, what, original, canonical, _who(who), self._time(), **more)
            self._write([*steps, step])
            return step

    def _time(self) -> str:
        return self._now().astimezone(UTC).isoformat(timespec="seconds")

    def _write(self, steps: Sequence[Step]) -> None:
        """Whole or not at all."""
        told = {"format": FORMAT, "history": [asdict(step) for step in steps]}
        aside = self.file.with_suffix(".new")
        try:
            with aside.open("w", encoding="utf-8") as file:
                json.dump(told, file, ensure_ascii=False, indent=1)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(self.file)
        except OSError as problem:
            raise self._unwritable(problem) from problem

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time; a lock left behind by a killed process goes stale after a minute."""
        lock = self.file.with_suffix(".lock")
        try:
            lock.parent.mkdir(parents=True, exist_ok=True)
            _take(lock)
        except FileExistsError:
            raise StoreBusyError(
                f"Only one process may write {self.file} at a time, and another one is at it. Try again.",
                f"Solo un proceso puede escribir {self.file} a la vez, y otro lo está haciendo. Intente de nuevo.",
            ) from None
        except OSError as problem:
            raise self._unwritable(problem) from problem
        try:
            yield
        finally:
            with suppress(OSError):
                lock.unlink()

    def _unwritable(self, problem: OSError) -> FileError:
        why = problem.strerror or str(problem)
        return FileError(
            f"The file {self.file} must be writable to keep what you say of the glossary, but the system says: {why}.",
            f"El archivo {self.file} debe permitir escritura para guardar lo que usted dice del glosario, pero el "
            f"sistema dice: {why}.",
        )

    def _unusable(self, problem: BaseException) -> FileError:
        why = " ".join(str(problem).split())[:200]
        return FileError(
            f"The file {self.file} must hold what people said of the glossary, but it cannot be read ({why}). Move it "
            "aside to begin anew.",
            f"El archivo {self.file} debe contener lo que se ha dicho del glosario, pero no se puede leer ({why}). "
            "Muévalo a otro lugar para empezar de nuevo.",
        )


def heard_in(index: Index, ledger: Ledger) -> Index:
    """The index as people judged its findings, without learning anew; added terms are in its glossary."""
    steps = ledger.standing()
    if not steps:
        return index
    known = {(finding.original, finding.canonical) for finding in index.findings}
    confirmed = [step for step in steps if step.what is What.CONFIRMED]
    unheard = [step.original for step in confirmed if (step.original, step.canonical) not in known]
    found = apply(steps, index.findings, _texts_of(index, unheard) if unheard else None)
    terms = [_term(step) for step in steps if step.what is What.TERM]
    terms += [Term(name, (name,), (), THEME, "added") for name in sorted({step.canonical for step in confirmed})]
    return with_findings(index, found, index.glossary.joined(terms))


def _texts_of(index: Index, originals: Iterable[str]) -> dict[str, list[str]]:
    """The folded words of each source where one of these may stand, put together again from its passages."""
    texts: dict[str, list[str]] = defaultdict(list)
    for row in sorted({row for original in originals for row in _rows_of(index, original)}):
        passage = index.passages[row]
        text = texts[passage.source]
        words = words_of(passage.text)[: passage.last_word - passage.first_word]
        text += [""] * (passage.first_word - len(text))
        text[passage.first_word : passage.first_word + len(words)] = words
    return texts


def _rows_of(index: Index, original: str) -> Iterable[int]:
    """Passages that may hold these words: those that hold all that say something, all passages where none does."""
    held = [index.stems.weights_of(root) > 0 for root in stems(original.split())]
    return np.flatnonzero(np.logical_and.reduce(held)).tolist() if held else range(len(index))


def apply(
    steps: Sequence[Step], findings: Iterable[Finding], texts: Mapping[str, Sequence[str]] | None = None
) -> list[Finding]:
    """See :meth:`Ledger.apply`; steps : those that stand.

    Where sound heard the same term in confirmed words, they are it in those places; otherwise wherever they stand.
    """
    confirmed = {s.original: s for s in steps if s.what is What.CONFIRMED}
    rejected = {(s.original, s.canonical) for s in steps if s.what is What.REJECTED}
    places: dict[str, dict[Place, None]] = {original: {} for original in confirmed}
    kept, unheard = [], set(confirmed)
    for finding in findings:
        pair = finding.original, finding.canonical
        if finding.original in confirmed:
            if finding.canonical == confirmed[finding.original].canonical:
                unheard.discard(finding.original)
            places[finding.original].update(dict.fromkeys(finding.places))
        elif pair not in rejected and (finding.original, "") not in rejected:
            kept.append(finding)
    for original, held in _search(unheard, texts or {}).items():
        places[original].update(dict.fromkeys(held))
    said = [
        Finding(original, step.canonical, 1.0, Rule.CONFIRMED, tuple(places[original]), step.who)
        for original, step in confirmed.items()
        if places[original]
    ]
    return said + kept


def _search(originals: Iterable[str], texts: Mapping[str, Sequence[str]]) -> dict[str, list[Place]]:
    """Where folded words stand, letter by letter."""
    found = places_of((tuple(original.split()) for original in originals), texts)
    return {
        " ".join(words): [Place(source, first, first + len(words)) for source, first in spots]
        for words, spots in found.items()
    }


def _standing(steps: Sequence[Step]) -> list[Step]:
    undone = {step.undoes for step in steps if step.what is What.UNDONE}
    last: dict[tuple[str, ...], Step] = {}
    for step in steps:
        if step.what is not What.UNDONE and step.number not in undone:
            key = _about(step)
            last.pop(key, None)
            if step.what is What.CONFIRMED or not step.canonical:  # the last word on these words
                last = {k: s for k, s in last.items() if not (s.original == step.original and s.original)}
            last[key] = step
    return sorted(last.values(), key=lambda step: step.number)


def _about(step: Step) -> tuple[str, ...]:
    return ("term", step.canonical.casefold()) if step.what is What.TERM else ("alias", step.original, step.canonical)


def _term(step: Step) -> Term:
    return Term(step.canonical, (step.canonical, *step.english), step.spanish, THEME, "added")


def _steps(told: Any) -> tuple[Step, ...]:
    if told["format"] != FORMAT:
        raise ValueError(f"format {told['format']!r}")
    found = []
    for number, one in enumerate(told["history"], 1):
        texts = [one[key] for key in ("original", "canonical", "who", "when")]
        original, canonical, who, when = texts
        english, spanish = tuple(one["english"]), tuple(one["spanish"])
        whole = one["number"] == number and isinstance(one["undoes"], int)
        if not whole or not all(isinstance(text, str) for text in (*texts, *english, *spanish)):
            raise ValueError(f"step {number}")
        found.append(Step(number, What(one["what"]), original, canonical, who, when, english, spanish, one["undoes"]))
    return tuple(found)


def _take(lock: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            return
        except FileExistsError:
            with suppress(OSError):
                if time.time() - lock.stat().st_mtime > STALE_S:
                    lock.unlink()
            if time.monotonic() > until:
                raise
            time.sleep(PAUSE_S)


def _alias(original: str) -> str:
    words = words_of(original[: LONGEST_NAME + 1])
    if not words or len(words) > MOST_WORDS or len(original) > LONGEST_NAME:
        raise InputError(
            f"An alias must be one to {MOST_WORDS} words as they stand in the transcript; got {original[:60]!r}.",
            f"Un alias debe ser de una a {MOST_WORDS} palabras como están en la transcripción; se dio "
            f"{original[:60]!r}.",
        )
    return " ".join(words)


def _name(name: str) -> str:
    plain = " ".join("".join(c if c.isprintable() else " " for c in name[: 2 * LONGEST_NAME]).split())
    if not words_of(plain) or len(name) > LONGEST_NAME:
        raise InputError(
            f"A term must have a name of letters or digits, {LONGEST_NAME} characters at most; got {name[:60]!r}.",
            f"Un término debe tener un nombre de letras o cifras, de {LONGEST_NAME} caracteres a lo sumo; se dio "
            f"{name[:60]!r}.",
        )
    return plain


def _names(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_name(name) for name in names))


def _who(who: str) -> str:
    return "".join(c if c.isprintable() else " " for c in who).strip()[:LONGEST_NAME]
