"""Results as files: the JSON of schema 1, and writing that never leaves half a file."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cmpnet import errors
from cmpnet.bench import ArmResults
from cmpnet.stats import summarise

SCHEMA = 1


class Output:
    """A file to be written at the end, found writable at the start; ``-`` is stdout.

    A regular file is written beside its place and moved there in one step, so whatever stood there
    stays whole until the new content is.
    """

    def __init__(self, path: str, what: str) -> None:
        """
        Raises:
            CmpnetError: the path cannot be written.
        """
        self.path, self.what = path, what
        self._temporary: str | None = None
        target = Path(path)
        self._direct = path == "-" or (target.exists() and not target.is_file())
        if path == "-":
            return
        try:
            if self._direct:  # a device or a pipe; a folder fails here
                with target.open("ab"):
                    return
            if target.exists():
                with target.open("ab"):
                    pass
            folder = target.resolve().parent
            handle, self._temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=folder)
            os.close(handle)
        except OSError as error:
            raise errors.unwritable(path, what, error) from None

    def write(self, content: bytes) -> None:
        """Write everything.

        Raises:
            CmpnetError: the disk is full, or the place has gone.
        """
        if self.path == "-":
            sys.stdout.write(content.decode())
            sys.stdout.flush()
            return
        try:
            if self._direct:
                Path(self.path).write_bytes(content)
                return
            assert self._temporary is not None
            with open(self._temporary, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            mask = os.umask(0)
            os.umask(mask)
            os.chmod(self._temporary, 0o666 & ~mask)  # mkstemp makes it private
            os.replace(self._temporary, Path(self.path).resolve())
            self._temporary = None
        except OSError as error:
            raise errors.unwritable(self.path, self.what, error) from None

    def close(self) -> None:
        """Take the temporary file away if nothing was written."""
        if self._temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._temporary)
            self._temporary = None


def document(
    results: Sequence[ArmResults],
    reported: Sequence[Mapping[str, float] | None],
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    """Schema 1: every raw number; errors are fractions, times seconds."""
    arms = []
    for arm_results, figures in zip(results, reported, strict=True):
        arm, ok = arm_results.arm, arm_results.ok()
        arms.append(
            {
                "name": arm.label,
                "architecture": arm.architecture,
                "loss": arm.loss,
                "task": arm.task,
                "options": {
                    "architecture": dict(arm.architecture_options),
                    "loss": dict(arm.loss_options),
                    "task": {k: v for k, v in arm.task_options.items() if k != "data_dir"},
                },
                "config": asdict(arm.config),
                "parameters": ok[0].parameters if ok else None,
                "repeats": [asdict(r) for _, r in sorted(arm_results.repeats.items())],
                "train_error": asdict(summarise(arm_results.train_errors())),
                "test_error": asdict(summarise(arm_results.test_errors())),
                "seconds": {"median": statistics.median(r.seconds for r in ok) if ok else None},
                "reported": dict(figures) if figures else None,
            }
        )
    return {"schema": SCHEMA, "arms": arms, "comparisons": [], "provenance": dict(provenance)}


def to_json(content: Mapping[str, Any]) -> bytes:
    """Readable JSON without NaN."""
    return (json.dumps(content, indent=1, allow_nan=False) + "\n").encode()
