"""Locks by which several processes share one store without training a repeat twice."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path

from cmpnet.errors import file_errors

if sys.platform != "win32":  # there two benches at once may both train a repeat
    import fcntl


ALONE = 2**60  # the byte beyond those of all keys


class Locks:
    """What this process has to itself, each a lock on one byte of a file beside the store.

    A repeat's byte is the one that the first 60 bits of its key number. The system takes a lock
    back when its process ends, however it ends: nobody waits for a bench that was killed, and
    nothing has to be cleaned up. Locks are a process's, so it has one store open at a time.
    """

    def __init__(self, path: Path) -> None:
        """
        Raises:
            CmpnetError: the file cannot be written.
        """
        try:
            self._file = path.open("ab")
        except OSError as error:
            raise file_errors.unwritable(path.parent, "store", error) from None

    def claim(self, key: str) -> bool:
        """Take a repeat upon this process; False while another process has it."""
        return self._lock(_byte(key), wait=False)

    def release(self, key: str) -> None:
        """Leave a repeat to others: it is in the store."""
        self._unlock(_byte(key))

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Do something that no two processes may do at once; wait for one that does."""
        self._lock(ALONE, wait=True)
        try:
            yield
        finally:
            self._unlock(ALONE)

    def close(self) -> None:
        """Give up everything."""
        self._file.close()

    def _lock(self, byte: int, *, wait: bool) -> bool:
        if sys.platform != "win32":
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB), 1, byte)
            except (BlockingIOError, PermissionError):
                return False
            except OSError:  # a file system without locks
                pass
        return True

    def _unlock(self, byte: int) -> None:
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, byte)


def _byte(key: str) -> int:
    return int(key[:15], 16)
