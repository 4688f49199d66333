"""What an executor is: it takes jobs one by one and yields what comes of them.

The built-in one, :class:`cmpnet.runtime.local.LocalExecutor`, trains in worker processes of this
machine. A plugin registers another under the entry-point group ``cmpnet.executors``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from cmpnet.errors import a_kind
from cmpnet.events import Capacity, Lost
from cmpnet.options import Option, fault_of_option, options_of

Job = TypeVar("Job")
Message = TypeVar("Message")
Work = Callable[[Job], Iterator[Message]]


class Executor(Protocol):
    """Runs ``work(job)`` for each job. Jobs are taken only when there is room for them.

    An entry point names its class, which is called with the number of workers that the user asked
    for; if the user gave none, with the number of cores here, or without a number if the parameter
    has a default. Its keyword-only parameters are its options, as those of a ``build`` function are
    an architecture's.

    One that runs jobs on other machines has two more methods. ``admit(kit)`` is called before
    anything is trained: each new process runs ``kit.enter()`` first, once ``kit.unpack(folder)``
    was called on its machine; what ``enter`` yields says why the process must not train.
    ``close()`` is called at the end. ``run`` may also yield None and a
    :class:`~cmpnet.events.Capacity`.

    Attributes:
        workers: number of jobs that run at a time.
    """

    workers: int

    def run(
        self, work: Work[Job, Message], jobs: Iterable[Job]
    ) -> Generator[tuple[Job, Message | Lost] | tuple[None, Capacity]]:
        """Pairs of a job and a message that ``work(job)`` yielded, as they come.

        The messages of one job keep their order. A job that cannot be brought to its end yields
        :class:`Lost` last.
        """


@contextlib.contextmanager
def closing(executor: Executor) -> Iterator[Executor]:
    """Close an executor at the end, if it is one that has to be closed."""
    try:
        yield executor
    finally:
        if hasattr(executor, "close"):
            executor.close()


def executor_options(make: Callable[..., Any]) -> dict[str, Option]:
    """The options of an executor by name."""
    return options_of(make.__init__ if isinstance(make, type) else make)  # type: ignore[misc]


def fault_of_executor(make: object) -> str:
    """Why what an entry point names cannot be an executor; "" if it can."""
    if not callable(make):
        return f"it is {a_kind(make)}, not a class that makes an executor"
    return next(filter(None, map(fault_of_option, executor_options(make).values())), "")


def default_workers() -> int:
    """The number of cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux: what a container was given
    return len(affinity(0)) if affinity else os.cpu_count() or 1
