"""Slots: processes that run one job at a time, for executors on this machine and on others.

It is our own rather than ``concurrent.futures``: there, one killed worker breaks the pool for all
the others, and Python 3.11 has no public way to stop a running job on Ctrl-C.
"""

from __future__ import annotations

import contextlib
import itertools
import multiprocessing
import multiprocessing.process
import os
import signal
import sys
import threading
import traceback
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from types import ModuleType
from typing import Any

import cloudpickle

from cmpnet.events import Lost

ATTEMPTS = 3  # a job whose process was killed is run again; the third time it counts as lost
_METHOD = "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
_STARTING = threading.Lock()  # one at a time: it changes what multiprocessing looks at


class RefusedError(Exception):
    """A new process cannot run the jobs; the arguments are sentences that say why."""


@dataclass(eq=False)
class Slot:
    """A process and the pipe to it.

    Attributes:
        process: the process.
        pipe: takes jobs as bytes, gives their messages and None after the last; it ends with the
            process.
    """

    process: Any
    pipe: Connection

    def send(self, content: bytes) -> None:
        """Start a job. The end of the pipe tells if the process was killed before."""
        with contextlib.suppress(OSError):
            self.pipe.send_bytes(content)

    def reap(self) -> str:
        """Wait for the end of a process whose pipe has ended; how it died."""
        self.process.join(5)  # it still lives if it closed the pipe
        code = self.process.exitcode or 0
        self.kill()
        return f"signal {-code}" if code < 0 else f"exit {code}"

    def kill(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def pack(work: Any, job: Any) -> bytes:
    """A job as bytes.

    Raises:
        Exception: it cannot be pickled: a network may hold a lock or an open file.
    """
    content: bytes = cloudpickle.dumps((work, job))
    return content


def died(how: str) -> Lost:
    """What becomes of a job that killed its process too often."""
    memory = ", perhaps for lack of memory" if how == f"signal {signal.SIGKILL:d}" else ""
    return Lost(f"its worker process died {ATTEMPTS} times ({how}{memory})")


class Pool:
    """Slots of this machine. One is used again only for jobs with the same ``isolation``.

    A plugin that changes torch for its own networks cannot change another's numbers then. Several
    threads may use a pool.
    """

    def __init__(self, first: bytes = b"") -> None:
        """
        Args:
            first: what each new process runs first, as :func:`pack` gives it. Each message of it is
                a reason why the process cannot run jobs.
        """
        self._first = first
        self._idle: defaultdict[object, list[Slot]] = defaultdict(list)
        self._every: set[Slot] = set()
        self._closed = False
        self._context = multiprocessing.get_context(_METHOD)
        if _METHOD == "forkserver":
            # The server imports torch once (1.3 s), beside the parent; slots are forked off it.
            self._context.set_forkserver_preload(["cmpnet.runtime.preload"])
        with _STARTING, _without_main():
            _ensure_server()

    def take(self, isolation: object) -> Slot:
        """A slot that is free, or a new one.

        Raises:
            RefusedError: a new one cannot run the jobs.
        """
        with contextlib.suppress(IndexError):
            return self._idle[isolation].pop()
        slot = self._start()
        self._every.add(slot)
        if self._closed:  # meanwhile, by another thread
            slot.kill()
        if self._first and (reasons := self._refusal(slot)):
            self.end(slot)
            raise RefusedError(*reasons)
        return slot

    def _refusal(self, slot: Slot) -> list[str]:
        """What the first thing that a process runs says."""
        slot.send(self._first)
        try:
            messages = [*iter(slot.pipe.recv, None)]
        except (EOFError, OSError):
            return [f"its new process ended ({self.bury(slot)})"]
        return [m.reason.partition("\n")[0] if isinstance(m, Lost) else m for m in messages]

    def put_back(self, slot: Slot, isolation: object) -> None:
        """Keep a slot whose job is done."""
        self._idle[isolation].append(slot)

    def bury(self, slot: Slot) -> str:
        """Forget a slot whose pipe has ended; how it died."""
        self._every.discard(slot)
        return slot.reap()

    def end(self, slot: Slot) -> None:
        """End a slot, with what it runs."""
        self._every.discard(slot)
        slot.kill()

    def end_idle(self) -> None:
        """End the slots that have no job."""
        for slot in itertools.chain.from_iterable(self._idle.values()):
            self._every.discard(slot)
            slot.kill()
        self._idle.clear()

    def close(self) -> None:
        """End all slots, with what they run."""
        self._closed = True
        for slot in [*self._every]:
            slot.kill()
        self._every.clear()
        self._idle.clear()

    def _start(self) -> Slot:
        with _STARTING, _without_main(), _may_have_children():
            _ensure_server()
            ours, theirs = self._context.Pipe()
            process = self._context.Process(target=_serve, args=(theirs,), daemon=True)  # type: ignore[attr-defined]
            process.start()
        theirs.close()  # so that a killed process is seen as the end of our pipe
        return Slot(process, ours)


# -- starting -------------------------------------------------------------------------------------


@contextlib.contextmanager
def _without_main() -> Iterator[None]:
    """Start processes that do not run the user's script again.

    multiprocessing imports ``__main__`` in every child, so a script needs its
    ``if __name__ == "__main__"``. Jobs bring what they need from there by value (cloudpickle).
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextlib.contextmanager
def _may_have_children() -> Iterator[None]:
    """Start a process from one that multiprocessing calls a daemon, as Dask's workers are.

    It refuses that, since a killed daemon would leave its children. Ours end by themselves.
    """
    config: dict[str, Any] = multiprocessing.process.current_process()._config  # type: ignore[attr-defined]
    daemon = config.pop("daemon", None)
    try:
        yield
    finally:
        if daemon is not None:
            config["daemon"] = daemon


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


# -- the process ----------------------------------------------------------------------------------


def _end_with_parent() -> None:
    """End the process when its parent has been killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _serve(pipe: Connection) -> None:
    """The process: messages leave by the pipe, anything printed goes to stderr."""
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
        yield Lost(f"a worker process cannot load it: {text(error)}\n{traceback.format_exc()}")
    else:
        yield from work(job)


def text(error: BaseException) -> str:
    """The type and the message of an exception."""
    return f"{type(error).__name__}: {error}".removesuffix(": ")
