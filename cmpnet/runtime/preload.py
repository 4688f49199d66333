"""What the fork server imports once, before any worker is forked off it."""

import gc
import sys
from types import TracebackType

import cloudpickle  # noqa: F401
import torch  # noqa: F401  1.3 s

import cmpnet.learners.torch
import cmpnet.runner  # noqa: F401

# Nothing above is garbage: no collection looks at it again, and exit takes 0.25 s less.
gc.freeze()


def _complain(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Keep quiet about a parent that was killed while it asked for a worker."""
    if not issubclass(kind, EOFError | OSError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _complain
