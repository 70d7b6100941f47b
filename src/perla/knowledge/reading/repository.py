"""Which commit a folder stands at, read from the files git keeps, without running it."""

from __future__ import annotations

import re
from pathlib import Path

COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
REFERENCE = re.compile(r"ref: (refs/[\w./@+-]{1,200})")
MOST_BYTES = 4 * 10**6
MOST_UPWARDS = 40


def repository_of(folder: Path) -> Path | None:
    """The repository a folder belongs to, or None."""
    for outer in [folder, *folder.parents][:MOST_UPWARDS]:
        if (outer / ".git").exists():
            return outer
    return None


def commit_of(repository: Path) -> str:
    """The commit a repository has checked out, or an empty text where its files do not say."""
    try:
        return _commit(repository / ".git")
    except (OSError, ValueError):
        return ""


def _commit(git: Path) -> str:
    if git.is_file():  # a second working tree, or a submodule
        told = _read(git).strip()
        if not told.startswith("gitdir: "):
            return ""
        git = (git.parent / told.removeprefix("gitdir: ")).resolve()
    head = _read(git / "HEAD").strip()
    if COMMIT.fullmatch(head):
        return head
    found = REFERENCE.fullmatch(head)
    if found is None or ".." in found[1]:
        return ""
    shared = git / "commondir"
    places = [git, (git / _read(shared).strip()).resolve()] if shared.is_file() else [git]
    return next((commit for place in places if (commit := _of_branch(place, found[1]))), "")


def _of_branch(git: Path, branch: str) -> str:
    loose = git / branch
    if loose.is_file():
        said = _read(loose).strip()
        return said if COMMIT.fullmatch(said) else ""
    packed = git / "packed-refs"
    if not packed.is_file():
        return ""
    lines = (line.split(" ", 1) for line in _read(packed).splitlines())
    return next((line[0] for line in lines if len(line) == 2 and line[1] == branch and COMMIT.fullmatch(line[0])), "")


def _read(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(MOST_BYTES).decode("utf-8", "replace")
