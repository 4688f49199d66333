"""Locks that let several processes share one store without training a repeat twice."""

from __future__ import annotations

import contextlib
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

from cmpnet import errors

if sys.platform != "win32":  # there two benches at once may both train a repeat
    import fcntl


EXCLUSIVE = 2**60  # the byte after those of all keys


class Locks:
    """Locks of this process on single bytes of a file beside the store.

    The first 60 bits of a repeat's key are the number of its byte. The system releases a lock when
    its process ends, however it ends: nobody waits for a bench that was killed, and nothing has to
    be cleaned up. On Linux a lock belongs to the open file (F_OFD_SETLK), so a process may open a
    store twice; elsewhere closing one of them releases the locks of the other.
    """

    def __init__(self, path: Path) -> None:
        """
        Raises:
            CmpnetError: the file cannot be written.
        """
        try:
            self._file = path.open("ab")
        except OSError as error:
            raise errors.unwritable(path.parent, "store", error) from None

    def claim(self, key: str) -> bool:
        """Reserve a repeat for this process; False while another process has it."""
        return self._lock(_byte(key), wait=False)

    def release(self, key: str) -> None:
        """Release a repeat: it is in the store."""
        self._unlock(_byte(key))

    @contextlib.contextmanager
    def exclusive(self) -> Iterator[None]:
        """Run what no two processes may run at once; wait for one that does."""
        self._lock(EXCLUSIVE, wait=True)
        try:
            yield
        finally:
            self._unlock(EXCLUSIVE)

    def close(self) -> None:
        """Release everything."""
        self._file.close()

    def _lock(self, byte: int, *, wait: bool) -> bool:
        if sys.platform != "win32":
            try:
                self._set(fcntl.F_WRLCK, byte, wait=wait)
            except (BlockingIOError, PermissionError):
                return False
            except OSError:  # a file system without locks
                pass
        return True

    def _unlock(self, byte: int) -> None:
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                self._set(fcntl.F_UNLCK, byte, wait=False)

    def _set(self, kind: int, byte: int, *, wait: bool) -> None:
        """Set or release the lock on one byte."""
        if sys.platform == "linux":
            command = fcntl.F_OFD_SETLKW if wait else fcntl.F_OFD_SETLK
            # struct flock: kind, from the start of the file, first byte, number of bytes, no pid
            fcntl.fcntl(self._file, command, struct.pack("hhqqi0q", kind, 0, byte, 1, 0))
        elif sys.platform != "win32":
            blocking = 0 if wait or kind == fcntl.F_UNLCK else fcntl.LOCK_NB
            operation = fcntl.LOCK_UN if kind == fcntl.F_UNLCK else fcntl.LOCK_EX
            fcntl.lockf(self._file, operation | blocking, 1, byte)


def _byte(key: str) -> int:
    return int(key[:15], 16)
