"""What a registered name promises, by kind.

Each function is a generator: it yields what a promise is called, then checks it. It raises
AssertionError, with a sentence, at the first promise that is broken. Three callers share them:
``cmpnet check``, ``cmpnet list --check`` and :mod:`cmpnet.testing`.
"""

from collections.abc import Iterator

SEEDS = (1000, 1001)
Promises = Iterator[str]
