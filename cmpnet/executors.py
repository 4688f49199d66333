"""Where jobs run: an executor takes jobs one by one and gives back results as they come.

The built-in one trains in worker processes of this machine, one job each at a time. It is our own
rather than ``concurrent.futures``: there one killed worker breaks the pool for all the others, and
Python 3.11 has no public way to stop a running job on Ctrl-C.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any, Protocol, TypeVar, cast

Job = TypeVar("Job")
Result = TypeVar("Result")
ATTEMPTS = 3  # a job whose worker was killed is run again; the third time it counts as failed
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


@dataclass(frozen=True)
class Lost:
    """What comes back for a job whose workers were killed each time it was tried."""

    reason: str


class Executor(Protocol):
    """Runs ``work(job)`` for each job; jobs are taken only when there is room for them."""

    workers: int  # jobs at a time

    def run(
        self, work: Callable[[Job], Result], jobs: Iterable[Job]
    ) -> Generator[tuple[Job, Result | Lost]]:
        """Pairs of job and result, in the order in which they finish."""


class InProcess:
    """One job after the other, right here: for a single training that is watched."""

    workers = 1

    def run(
        self, work: Callable[[Job], Result], jobs: Iterable[Job]
    ) -> Generator[tuple[Job, Result | Lost]]:
        """Pairs of job and result, in order."""
        for job in jobs:
            yield job, work(job)


@dataclass
class _Worker:
    process: Any
    pipe: Connection


def _end_with_parent() -> None:
    """A parent that was killed takes its workers along."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _serve(pipe: Connection) -> None:
    """A worker: results leave by the pipe, anything printed goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    os.dup2(2, 1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            work, job = pipe.recv()
            pipe.send(work(job))
        except (EOFError, OSError):  # the parent has gone
            return


def _ensure_server() -> None:
    """Have the server run, deaf to Ctrl-C from its first moment on, and so its workers.

    A server that was killed is replaced.
    """
    if _METHOD != "forkserver":
        return
    from multiprocessing import forkserver, resource_tracker

    resource_tracker.ensure_running()  # by itself: it ends with Ctrl-C unblocked
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # a child inherits it
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class LocalExecutor:
    """Worker processes on this machine, as many as ``workers``."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._context = multiprocessing.get_context(_METHOD)
        if _METHOD == "forkserver":
            # The server imports torch once (1.3 s), beside the parent; workers are forked off it.
            self._context.set_forkserver_preload(["cmpnet.preload"])
        _ensure_server()

    def _start(self) -> _Worker:
        _ensure_server()
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs,), daemon=True)  # type: ignore[attr-defined]
        process.start()
        theirs.close()  # so that a killed worker is seen as the end of our pipe
        return _Worker(process, ours)

    def run(
        self, work: Callable[[Job], Result], jobs: Iterable[Job]
    ) -> Generator[tuple[Job, Result | Lost]]:
        """Pairs of job and result as they finish; workers end when the iterator does."""
        pending = iter(jobs)
        busy: dict[Connection, tuple[_Worker, Job, int]] = {}
        idle: list[_Worker] = []

        def give(job: Job, attempt: int) -> None:
            worker = idle.pop() if idle else self._start()
            with contextlib.suppress(OSError):  # it was killed: its pipe's end will say so
                worker.pipe.send((work, job))
            busy[worker.pipe] = (worker, job, attempt)

        try:
            while True:
                while len(busy) < self.workers and (job := next(pending, None)) is not None:
                    give(job, 1)
                if not busy:
                    return
                for pipe in cast("list[Connection]", wait(list(busy))):
                    worker, job, attempt = busy.pop(pipe)
                    try:
                        result = pipe.recv()
                    except (EOFError, OSError):
                        worker.process.join(5)
                        worker.process.kill()  # it lives, if it closed the pipe itself
                        worker.process.join()
                        if attempt < ATTEMPTS:
                            give(job, attempt + 1)
                        else:
                            yield job, Lost(_death(worker.process.exitcode))
                        continue
                    idle.append(worker)
                    yield job, result
        finally:
            for worker in [*idle, *(entry[0] for entry in busy.values())]:
                worker.process.kill()
                worker.process.join()
                worker.pipe.close()


def _death(exitcode: int | None) -> str:
    code = exitcode or 0
    how = f"signal {-code}" if code < 0 else f"exit {code}"
    return f"its worker process died {ATTEMPTS} times ({how})"


def default_workers() -> int:
    """The cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux: what a container was given
    return len(affinity(0)) if affinity else os.cpu_count() or 1
