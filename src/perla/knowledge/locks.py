"""One process at a time at a file: Linux, macOS and Windows, by what their systems lock with."""

from __future__ import annotations

import sys
from typing import IO

FAR = 1 << 40  # Windows locks bytes for reading too, so the locked one lies where nobody writes


def lock_alone(file: IO[bytes]) -> None:
    """Lock an open file for this process; the system lets go of it when the file is closed or the process ends.

    Raises OSError at once where another process has locked it.
    """
    if sys.platform == "win32":
        import msvcrt

        place = file.tell()
        file.seek(FAR)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        finally:
            file.seek(place)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
