"""The executor ``local``: worker processes on this machine, one job each at a time.

It is our own rather than ``concurrent.futures``: there, one killed worker breaks the pool for all
the others, and Python 3.11 has no public way to stop a running job on Ctrl-C.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import os
import signal
import sys
import threading
import traceback
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from types import ModuleType
from typing import Any, Generic, cast

import cloudpickle

from cmpnet.events import Lost
from cmpnet.runtime.executors import Job, Message, Work

ATTEMPTS = 3  # a job whose worker was killed is run again; the third time it counts as lost
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"


@dataclass
class _Worker:
    process: Any
    pipe: Connection


@dataclass
class _Task(Generic[Job]):
    """A job, as bytes too, the worker that runs it, and how often it was tried."""

    job: Job
    content: bytes
    worker: _Worker
    attempt: int


def _end_with_parent() -> None:
    """End the worker when its parent has been killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _serve(pipe: Connection) -> None:
    """The worker: messages leave by the pipe, anything printed goes to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    os.dup2(2, 1)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):  # the parent has gone
        while True:
            for message in _messages(pipe.recv_bytes()):
                pipe.send(message)
            pipe.send(None)


def _messages(content: bytes) -> Iterator[Any]:
    """What a job yields, or why it cannot be loaded here."""
    try:
        work, job = cloudpickle.loads(content)
    except Exception as error:
        yield Lost(f"a worker process cannot load it: {_text(error)}\n{traceback.format_exc()}")
    else:
        yield from work(job)


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Start workers that do not run the user's script again.

    multiprocessing imports ``__main__`` in every child, so a script needs its
    ``if __name__ == "__main__"``. Jobs bring what they need from there by value (cloudpickle).
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _ensure_server() -> None:
    """Have the fork server run. It and its workers ignore Ctrl-C from their first moment on.

    A server that was killed is replaced.
    """
    if _METHOD != "forkserver":
        return
    from multiprocessing import forkserver, resource_tracker

    resource_tracker.ensure_running()  # by itself, it ends with Ctrl-C unblocked
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])  # a child inherits it
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class LocalExecutor:
    """Worker processes on this machine.

    Attributes:
        workers: number of worker processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._context = multiprocessing.get_context(_METHOD)
        if _METHOD == "forkserver":
            # The server imports torch once (1.3 s), beside the parent; workers are forked off it.
            self._context.set_forkserver_preload(["cmpnet.runtime.preload"])
        with _without_main():
            _ensure_server()

    def _start(self) -> _Worker:
        with _without_main():
            _ensure_server()
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=_serve, args=(theirs,), daemon=True)  # type: ignore[attr-defined]
            process.start()
        theirs.close()  # so that a killed worker is seen as the end of our pipe
        return _Worker(process, ours)

    def run(
        self, work: Work[Job, Message], jobs: Iterable[Job]
    ) -> Generator[tuple[Job, Message | Lost]]:
        """Pairs of a job and its messages as they come; workers end when the generator does.

        A worker is used again only for jobs with the same attribute ``isolation``: a plugin that
        changes torch for its own networks cannot change another's numbers.
        """
        pending = iter(jobs)
        busy: dict[Connection, _Task[Job]] = {}
        idle: defaultdict[object, list[_Worker]] = defaultdict(list)

        def give(job: Job, content: bytes, attempt: int = 1) -> None:
            free = idle[getattr(job, "isolation", None)]
            worker = free.pop() if free else self._start()
            with contextlib.suppress(OSError):  # it was killed: its pipe's end will say so
                worker.pipe.send_bytes(content)
            busy[worker.pipe] = _Task(job, content, worker, attempt)

        try:
            while True:
                while len(busy) < self.workers and (job := next(pending, None)) is not None:
                    try:
                        content = cloudpickle.dumps((work, job))
                    except Exception as error:  # a network may hold a lock or an open file
                        reason = f"it cannot be sent to a worker process: {_text(error)}"
                        yield job, Lost(reason)
                    else:
                        give(job, content)
                if not busy:
                    return
                for pipe in cast("list[Connection]", wait(list(busy))):
                    task = busy[pipe]
                    try:
                        message = pipe.recv()
                    except (EOFError, OSError):
                        del busy[pipe]
                        _reap(task.worker)
                        if task.attempt < ATTEMPTS:
                            give(task.job, task.content, task.attempt + 1)
                        else:
                            yield task.job, Lost(_death(task.worker.process.exitcode))
                        continue
                    if message is None:
                        idle[getattr(task.job, "isolation", None)].append(busy.pop(pipe).worker)
                    else:
                        yield task.job, message
        finally:
            unused = itertools.chain.from_iterable(idle.values())
            for worker in [*unused, *(task.worker for task in busy.values())]:
                worker.process.kill()
                worker.process.join()
                worker.pipe.close()


def _reap(worker: _Worker) -> None:
    """Wait for the end of a worker whose pipe has ended; it still lives if it closed the pipe."""
    worker.process.join(5)
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _text(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


def _death(exitcode: int | None) -> str:
    code = exitcode or 0
    how = f"signal {-code}" if code < 0 else f"exit {code}"
    return f"its worker process died {ATTEMPTS} times ({how})"
