"""What an executor is: it takes jobs one by one and yields what comes of them.

The built-in one, :class:`cmpnet.runtime.local.LocalExecutor`, trains in worker processes of this
machine. A plugin registers another under the entry-point group ``cmpnet.executors``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Protocol, TypeVar

from cmpnet.events import Lost

Job = TypeVar("Job")
Message = TypeVar("Message")
Work = Callable[[Job], Iterator[Message]]


class Executor(Protocol):
    """Runs ``work(job)`` for each job. Jobs are taken only when there is room for them.

    Attributes:
        workers: number of jobs that run at a time.
    """

    workers: int

    def run(
        self, work: Work[Job, Message], jobs: Iterable[Job]
    ) -> Generator[tuple[Job, Message | Lost]]:
        """Pairs of a job and a message that ``work(job)`` yielded, as they come.

        The messages of one job keep their order. A job that cannot be brought to its end yields
        :class:`Lost` last.
        """


def default_workers() -> int:
    """The number of cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux: what a container was given
    return len(affinity(0)) if affinity else os.cpu_count() or 1
