"""What was heard so far of a recording, kept beside the transcript to be, so that a killed run goes on from there."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO

from perla.errors import FileError
from perla.knowledge.locks import lock_alone
from perla.knowledge.transcription.said import Said, SaidWord

FORMAT = 1
ENDING = ".partial"
LONGEST_HEADER = 1 << 16


@dataclass(frozen=True)
class Part:
    """One finished piece: its samples, and what was said, in seconds of the recording.

    language : it was taken to be in. sure : whether the model was sure of that.
    """

    first: int
    end: int
    said: tuple[Said, ...]
    language: str
    sure: bool
    speech_s: float


@dataclass
class Partial:
    """The finished pieces, in order, and the file that holds them. anew : why what stood there was not used."""

    file: IO[bytes]
    parts: list[Part] = field(default_factory=list)
    anew: bool = False

    @property
    def end(self) -> int:
        """The first sample that was not heard yet."""
        return self.parts[-1].end if self.parts else 0

    @property
    def language(self) -> str:
        """The language the first sure piece was in, or empty."""
        return next((part.language for part in self.parts if part.sure), "")

    @property
    def likeliest(self) -> str:
        """The same, else the language most pieces with words were taken to be in."""
        taken = Counter(part.language for part in self.parts if part.said)
        return self.language or next((language for language, _ in taken.most_common(1)), "")

    def add(self, part: Part) -> None:
        """Keep a finished piece; once this returns, a kill does not lose it."""
        self.parts.append(part)
        self.file.write(json.dumps(asdict(part), ensure_ascii=False).encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())


@contextmanager
def opened(path: Path, settings: dict[str, str]) -> Iterator[Partial]:
    """What stands in a partial file of the same settings; another is begun anew.

    Raises FileError when it cannot be written, or when another run is at it.
    """
    try:
        file = path.open("a+b")
    except OSError as problem:
        raise FileError(
            f"Nothing can be written in {path.parent} ({problem.strerror}). Choose another folder: -o FOLDER",
            f"No se puede escribir en {path.parent} ({problem.strerror}). Elija otra carpeta: -o CARPETA",
        ) from problem
    with file:
        _lock(file, path)
        file.seek(0)
        header = file.readline(LONGEST_HEADER)
        ours = (json.dumps({"format": FORMAT, **settings}) + "\n").encode()
        partial = Partial(file, anew=header not in (b"", ours))
        if header == ours:
            file.truncate(len(ours) + _read_parts(file, partial.parts))
        else:
            file.truncate(0)
            file.write(ours)
            file.flush()
        yield partial


def _read_parts(lines: Iterable[bytes], parts: list[Part]) -> int:
    """Whole pieces that follow one another; returns how many bytes they take."""
    length = 0
    for line in lines:
        part = _part(line) if line.endswith(b"\n") else None
        if part is None or part.first != (parts[-1].end if parts else 0) or part.end <= part.first:
            break
        parts.append(part)
        length += len(line)
    return length


def _part(line: bytes) -> Part | None:
    try:
        told = json.loads(line)
        said = tuple(
            Said(tuple(SaidWord(str(w["text"]), float(w["start_s"]), float(w["end_s"]), float(w["probability"]))
                       for w in one["words"]), float(one["no_speech"]), float(one["log_probability"]))
            for one in told["said"] if one["words"]
        )  # fmt: skip
        return Part(int(told["first"]), int(told["end"]), said, str(told["language"]), bool(told["sure"]),
                    float(told["speech_s"]))  # fmt: skip
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _lock(file: IO[bytes], path: Path) -> None:
    """One run at a time; the lock goes with the process."""
    try:
        lock_alone(file)
    except OSError:
        raise FileError(
            f"Another run is writing {path}. Wait until it has ended.",
            f"Otra ejecución está escribiendo {path}. Espere a que termine.",
        ) from None
