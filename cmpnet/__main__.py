"""The entry point: what a signal does is settled before anything else is imported."""

from __future__ import annotations

import signal
import sys

STOPPING = (signal.SIGINT, signal.SIGTERM)


def _stop(number: int, frame: object) -> None:
    """Stop tidily; a second signal ends the process at once, and its workers end with it."""
    for each in STOPPING:
        signal.signal(each, signal.SIG_DFL)
    raise KeyboardInterrupt(number)


def main() -> None:
    """Run the command line."""
    for number in STOPPING:
        if signal.getsignal(number) != signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, _stop)
    try:
        from cmpnet.cli import run

        run()
    except KeyboardInterrupt as stop:
        from cmpnet.cli.common import stopped

        sys.exit(stopped(stop))


if __name__ == "__main__":
    main()
