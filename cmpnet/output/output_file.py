"""Writing an output file: checked before training begins, never left half-written."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cmpnet import errors
from cmpnet.runtime.files import replace_file


class OutputFile:
    """A file that is written at the end and checked to be writable at the start; ``-`` is stdout.

    A regular file is written beside its target and moved there in one step, so the target stays
    whole until the new content is. While ``-`` is open, stdout receives the content only:
    everything else that is printed, by plugins too, goes to stderr.

    Attributes:
        path: the path as the user gave it.
        what: what errors call the file: "JSON export", "picture".
    """

    def __init__(self, path: str, what: str) -> None:
        """
        Raises:
            CmpnetError: the path cannot be written.
        """
        self.path, self.what = path, what
        self._target = Path(path)
        self._stdout: int | None = None
        if path == "-":
            sys.stdout.flush()
            self._stdout = os.dup(1)
            os.dup2(2, 1)
            return
        with self._explained():
            self._direct = self._target.exists() and not self._target.is_file()  # a device, a pipe
            if self._target.exists():
                with self._target.open("ab"):  # fails for a folder
                    pass
            if not self._direct:
                with tempfile.TemporaryFile(dir=os.path.dirname(os.path.realpath(path))):
                    pass

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn an OSError into a sentence about this file."""
        try:
            yield
        except OSError as error:
            raise errors.unwritable(self.path, self.what, error) from None

    def write(self, content: bytes) -> None:
        """Write the whole content.

        Raises:
            CmpnetError: the disk is full, or the folder no longer exists.
        """
        with self._explained():
            if self._stdout is not None:
                with os.fdopen(os.dup(self._stdout), "wb") as stdout:
                    stdout.write(content)
            elif self._direct:
                self._target.write_bytes(content)
            else:
                replace_file(self._target, content)

    def close(self) -> None:
        """Give stdout back to everything that prints."""
        if self._stdout is not None:
            sys.stdout.flush()
            os.dup2(self._stdout, 1)
            os.close(self._stdout)
            self._stdout = None
