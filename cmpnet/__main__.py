"""The entry point: what a signal does is settled before anything else is imported."""

from __future__ import annotations

import signal
import sys
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM)
AGAIN = 0.02  # seconds until a stop that came at a bad moment is tried once more


def _stop(number: int, frame: FrameType | None) -> None:
    """Stop tidily; a second signal ends the process at once, and its workers end with it."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_DFL)
    _interrupt(number, frame)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise KeyboardInterrupt; after an import, if one is under way.

    An exception inside one aborts the interpreter (torch's extensions) or is dropped (importlib's
    locks): 1 of 35 and 1 of 20 stops at random moments.
    """
    while frame is not None and "importlib._bootstrap" not in frame.f_code.co_filename:
        frame = frame.f_back
    if frame is None or sys.platform == "win32":
        raise KeyboardInterrupt(number)
    _try_again(number)


def _try_again(number: int) -> None:
    if sys.platform != "win32":
        signal.signal(signal.SIGALRM, lambda _, frame: _interrupt(number, frame))
        signal.setitimer(signal.ITIMER_REAL, AGAIN)


def _unraisable(dropped: sys.UnraisableHookArgs) -> None:
    """A stop that Python dropped, as it does in callbacks of its collector, is tried once more."""
    if isinstance(dropped.exc_value, KeyboardInterrupt):
        _try_again(*dropped.exc_value.args or (signal.SIGINT,))
    else:
        sys.__unraisablehook__(dropped)


def main() -> None:
    """Run the command line."""
    sys.unraisablehook = _unraisable
    taken = [each for each in STOPPING if signal.getsignal(each) != signal.SIG_IGN]  # by nohup
    for number in taken:
        signal.signal(number, _stop)
    try:
        from cmpnet.cli import run

        run()
    except KeyboardInterrupt as stop:
        from cmpnet.cli.common import stopped

        sys.exit(stopped(stop))
    finally:
        if sys.platform != "win32":
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number in taken:  # all is written: nothing is left to stop tidily
            signal.signal(number, signal.SIG_DFL)


if __name__ == "__main__":
    main()
