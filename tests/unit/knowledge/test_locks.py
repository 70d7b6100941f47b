"""One process at a time, by the locks of Unix and, as far as they can be had elsewhere, by those of Windows."""

import subprocess
import sys
import types
from contextlib import ExitStack

import pytest

from perla.knowledge.locks import FAR, lock_alone

fcntl = pytest.importorskip("fcntl", reason="the locks of Windows are made here out of those of Unix")

WINDOWS = """
import fcntl, os, sys, types
def locking(handle, mode, count):
    fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, count, os.lseek(handle, 0, os.SEEK_CUR))
sys.modules["msvcrt"] = types.SimpleNamespace(locking=locking, LK_NBLCK=2)
sys.platform = "win32"
"""
HOLD = """
from perla.knowledge.locks import lock_alone
with open({path!r}, "a+b") as file:
    lock_alone(file)
    file.write(b"held")
    file.flush()
    print("in", flush=True)
    input()
"""


def held_by_another(path, before, stack):
    script = before + HOLD.format(path=str(path))
    other = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    stack.callback(other.communicate, b"\n", timeout=20)
    assert other.stdout.readline() == b"in\n"


@pytest.fixture
def as_on_windows(monkeypatch):
    """msvcrt by the locks of byte ranges that Unix has too."""
    told = types.ModuleType("made up")
    exec(WINDOWS.replace('sys.platform = "win32"', "").replace('sys.modules["msvcrt"]', "made"), told.__dict__)
    monkeypatch.setitem(sys.modules, "msvcrt", told.made)
    monkeypatch.setattr("perla.knowledge.locks.sys", types.SimpleNamespace(platform="win32"))


def test_a_file_that_another_process_locked_is_refused_at_once_and_free_when_it_ends(tmp_path):
    path = tmp_path / ".lock"
    with ExitStack() as stack:
        held_by_another(path, "", stack)
        with path.open("ab") as file, pytest.raises(OSError):
            lock_alone(file)
    with path.open("ab") as file:
        lock_alone(file)


def test_so_it_is_by_the_locks_of_windows(tmp_path, as_on_windows):
    path = tmp_path / ".lock"
    with ExitStack() as stack:
        held_by_another(path, WINDOWS, stack)
        with path.open("ab") as file, pytest.raises(OSError):
            lock_alone(file)
        assert path.read_bytes() == b"held"
    with path.open("ab") as file:
        lock_alone(file)


def test_the_locked_byte_lies_behind_everything_and_the_file_stands_where_it_stood(tmp_path, monkeypatch):
    places = []
    made = types.SimpleNamespace(LK_NBLCK=2, locking=lambda handle, mode, count: places.append((file.tell(), count)))
    monkeypatch.setitem(sys.modules, "msvcrt", made)
    monkeypatch.setattr("perla.knowledge.locks.sys", types.SimpleNamespace(platform="win32"))
    with (tmp_path / "talk.csv.partial").open("w+b") as file:
        file.write(b"one\ntwo\n")
        file.seek(4)
        lock_alone(file)
        assert (places, file.read()) == ([(FAR, 1)], b"two\n")
