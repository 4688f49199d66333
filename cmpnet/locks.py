"""Locks by which several processes share one store without training a repeat twice."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import IO

from cmpnet import file_errors

if sys.platform != "win32":  # there two benches at once may both train a repeat
    import fcntl


class Locks:
    """Claims of this process on repeats, each a lock on one byte of a file.

    The byte is the one that the first 60 bits of the repeat's key number. The system takes a lock
    back when its process ends, however it ends: nobody waits for a bench that was killed, and
    nothing has to be cleaned up.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def claim(self, key: str) -> bool:
        """Take a repeat upon this process; False while another process has it.

        Raises:
            CmpnetError: the file cannot be written.
        """
        if self._file is None:
            try:
                self._file = self.path.open("ab")
            except OSError as error:
                raise file_errors.unwritable(self.path, "locks", error) from None
        if sys.platform != "win32":
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _byte(key))
            except (BlockingIOError, PermissionError):
                return False
            except OSError:  # a file system without locks
                pass
        return True

    def release(self, key: str) -> None:
        """Leave a repeat to others: it is in the store."""
        if self._file is not None and sys.platform != "win32":
            with contextlib.suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, _byte(key))

    def close(self) -> None:
        """Give up every claim."""
        if self._file is not None:
            self._file.close()


def _byte(key: str) -> int:
    return int(key[:15], 16)
