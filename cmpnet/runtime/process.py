"""The process: Ctrl-C, SIGTERM and its end. The first signal stops tidily, the second at once."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from types import FrameType

from cmpnet import errors

STOPPING = (signal.SIGINT, signal.SIGTERM)
RETRY = 0.02  # seconds until a stop that came at a bad moment is tried again
PATIENCE = 3.0  # seconds that an import may still take; torch's takes 1.3


def name_of(stop: KeyboardInterrupt) -> tuple[str, int]:
    """What the user did ("Ctrl-C" or "SIGTERM"), and the exit code that shells use for it."""
    number = signal.Signals(*stop.args or (signal.SIGINT,))
    return ("Ctrl-C" if number == signal.SIGINT else number.name), 128 + number


def is_stop(error: BaseException) -> bool:
    """Whether an exception is the user's Ctrl-C or SIGTERM, and not one that a plugin raises."""
    ours = signal.getsignal(signal.SIGINT) in (_stop, signal.SIG_DFL)
    return isinstance(error, KeyboardInterrupt) and (bool(error.args) or not ours)


@contextlib.contextmanager
def stop_tidily() -> Iterator[None]:
    """Raise KeyboardInterrupt, with the signal's number, on the first Ctrl-C or SIGTERM.

    Signals that the caller ignores, as nohup does, stay ignored.
    """
    before = sys.unraisablehook
    sys.unraisablehook = _unraisable
    handled = [each for each in STOPPING if signal.getsignal(each) != signal.SIG_IGN]
    earlier = {number: signal.signal(number, _stop) for number in handled}
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in earlier.items():
            signal.signal(number, handler)
        sys.unraisablehook = before


def finish() -> None:
    """Prepare to exit: everything is written."""
    _end_at_once()
    gc.freeze()  # what torch made is not searched for garbage: exit takes 0.25 s less


def _end_at_once() -> None:
    """From here on a signal ends the process."""
    for number in STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop tidily; a second signal ends the process at once, and its workers end with it."""
    _end_at_once()
    _interrupt(number, frame, time.monotonic() + PATIENCE)


def _interrupt(number: int, frame: FrameType | None, deadline: float) -> None:
    """Raise KeyboardInterrupt, or after the import that is under way.

    An exception inside an import aborts the interpreter (torch's extensions) or is dropped
    (importlib's locks): 1 of 35 and 1 of 20 stops at random moments. An import that does not come
    to its end, as an endless loop in a plugin, ends the process.
    """
    while frame is not None and "importlib._bootstrap" not in frame.f_code.co_filename:
        frame = frame.f_back
    if frame is None or sys.platform == "win32":
        raise KeyboardInterrupt(number)
    if time.monotonic() > deadline:
        name, code = name_of(KeyboardInterrupt(number))
        os.write(2, f"Error: {errors.stopped(name)}\n".encode())
        os._exit(code)
    _retry(number, deadline)


def _retry(number: int, deadline: float) -> None:
    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, lambda _, frame: _interrupt(number, frame, deadline))
        signal.setitimer(signal.ITIMER_REAL, RETRY)


def _unraisable(dropped: sys.UnraisableHookArgs) -> None:
    """Retry a stop that Python dropped, as it does in callbacks of its collector."""
    if isinstance(dropped.exc_value, KeyboardInterrupt):
        number, *_ = dropped.exc_value.args or (signal.SIGINT,)
        _retry(number, time.monotonic() + PATIENCE)
    else:
        sys.__unraisablehook__(dropped)
