"""Say which plugin is being imported when it takes long: a hang is then somebody's."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

PATIENCE = 2.0  # seconds; importing torch takes 1.3


@contextlib.contextmanager
def announced(label: str) -> Iterator[None]:
    """Print on stderr what is being imported, if it is not done within two seconds.

    Args:
        label: what is imported; "" is never announced.
    """
    if not label:
        yield
        return
    text = f"Importing {label} ... (Ctrl-C to stop)"
    timer = threading.Timer(PATIENCE, print, [text], {"file": sys.stderr, "flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
