"""The leaderboard file: blocks of figures between markers, each row naming its command, day and commit."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEADERBOARD = ROOT / "benchmarks" / "LEADERBOARD.md"


def commit_of_perla() -> str:
    """The last commit that changed src/perla; a plus sign where files differ from it."""
    return state_of_perla()[:10]


def state_of_perla() -> str:
    """The same, the plus sign with a fingerprint of the changes."""
    commit = _git("log", "-1", "--abbrev=9", "--format=%h", "--", "src/perla")[:9]
    if not (changes := _git("status", "--porcelain", "--", "src/perla")):
        return commit
    changes += _git("diff", "HEAD", "--", "src/perla")
    return f"{commit}+{hashlib.sha256(changes.encode()).hexdigest()[:4]}"


def _git(*words: str) -> str:
    return subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=True).stdout.strip()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table.

    >>> print(table(["a", "b"], [["1", "2"]]))
    | a | b |
    |---|---|
    | 1 | 2 |
    """
    lines = [head, *rows]
    written = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([written[0], "|" + "---|" * len(head), *written[1:]])


def put_block(page: str, name: str, block: str) -> str:
    """The page with what stands between the markers of ``name`` replaced; markers not there yet come at its end.

    >>> page = put_block("# Page\\n", "speed", "old")
    >>> put_block(page, "speed", "new")
    '# Page\\n\\n<!-- begin speed -->\\nnew\\n<!-- end speed -->\\n'
    """
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    whole = f"{begin}\n{block.strip()}\n{end}"
    if begin not in page:
        return f"{page.rstrip()}\n\n{whole}\n"
    before, rest = page.split(begin, 1)
    return before + whole + rest.split(end, 1)[1]


def write_block(name: str, block: str, path: Path = LEADERBOARD) -> None:
    """Put a block of figures into the leaderboard."""
    path.write_text(put_block(path.read_text(encoding="utf-8"), name, block), encoding="utf-8")
