"""What the process that workers are forked off imports once, before any of them."""

import gc
import sys
from types import TracebackType

import torch  # noqa: F401  1.3 s

import cmpnet.bench  # noqa: F401

# Nothing above is garbage: no collection looks at it again, and exit takes 0.25 s less.
gc.freeze()


def _complain(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A parent that was killed while it asked for a worker is no news to the user."""
    if not issubclass(kind, EOFError | OSError):
        sys.__excepthook__(kind, error, trace)


sys.excepthook = _complain
