"""What runs on a Dask worker: a slot, a process of its own, for each thread of the worker.

Dask runs a task in a thread. The thread hands the job to a slot of :mod:`cmpnet.runtime.slots`, as
the executor ``local`` does, and waits for its messages. So one worker process may run jobs of any
``isolation``, and a killed slot kills nothing else.
"""

from __future__ import annotations

import contextlib
import pickle
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import distributed
from distributed.diagnostics.plugin import WorkerPlugin
from distributed.utils import sync

from cmpnet.runtime.slots import Pool, RefusedError, Slot, pack

POLL = 0.5  # seconds between looks at whether a running job was cancelled
IDLE = 60.0  # seconds without a job after which slots end: the client may have been killed


@dataclass(frozen=True, slots=True)
class Refused:
    """A worker, or a new process on it, cannot run jobs.

    Attributes:
        reasons: why.
    """

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Died:
    """The process of a job was killed.

    Attributes:
        how: the signal or the exit code.
    """

    how: str


class Slots(WorkerPlugin):  # type: ignore[misc]
    """The slots of one bench on one worker, and a temporary folder for its files."""

    def __init__(self, kit: bytes) -> None:
        self.reasons: tuple[str, ...] = ()
        self._running, self._lock = 0, threading.Lock()
        self._timer: threading.Timer | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        first = b""
        if kit:
            packed = pickle.loads(kit)
            if packed.files:  # else nothing is written
                self._folder = tempfile.TemporaryDirectory(prefix="cmpnet-")
                packed = packed.unpack(Path(self._folder.name))
            first = pack(type(packed).enter, packed)
        self._pool = Pool(first)

    def teardown(self, worker: object) -> None:
        """End everything."""
        with self._lock:
            if self._timer:
                self._timer.cancel()
        self._pool.close()
        if self._folder:
            self._folder.cleanup()

    def try_out(self) -> Refused | None:
        """Start a process, so that what speaks against this machine is known."""
        with self._busy():
            try:
                self._pool.put_back(self._pool.take(()), ())
            except RefusedError as error:
                return Refused(error.args)
        return None

    def run(self, isolation: object, content: bytes) -> list[Any] | Refused | Died:
        """Every message of a job."""
        with self._busy():
            try:
                slot = self._pool.take(isolation)
            except RefusedError as error:
                return Refused(error.args)
            slot.send(content)
            messages = []
            try:
                while (message := _next(slot)) is not None:
                    messages.append(message)
            except (EOFError, OSError):
                return Died(self._pool.bury(slot))
            except BaseException:  # the job was cancelled
                self._pool.end(slot)
                raise
            self._pool.put_back(slot, isolation)
            return messages

    @contextlib.contextmanager
    def _busy(self) -> Any:
        """While a job runs, no slot ends for want of one."""
        with self._lock:
            self._running += 1
            if self._timer:
                self._timer.cancel()
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    self._timer = threading.Timer(IDLE, self._end_idle)
                    self._timer.daemon = True
                    self._timer.start()

    def _end_idle(self) -> None:
        with self._lock:
            if not self._running:
                self._pool.end_idle()


def _next(slot: Slot) -> Any:
    """The next message of a job; None after the last.

    Raises:
        EOFError: its process has died.
        distributed.CancelledError: the job was cancelled.
    """
    while not slot.pipe.poll(POLL):
        if _is_cancelled():
            raise distributed.CancelledError
    return slot.pipe.recv()


def _is_cancelled() -> bool:
    """Whether the client wants this task no longer, or is gone."""
    worker = distributed.get_worker()
    task = worker.state.tasks.get(worker.get_current_task())
    return task is None or task.state == "cancelled"


# -- tasks: what the client asks a worker for -----------------------------------------------------


def enter(bench: str, kit: bytes) -> Refused | None:
    """Prepare this worker for a bench."""
    worker = distributed.get_worker()
    slots = Slots(kit)
    sync(worker.loop, worker.plugin_add, plugin=slots, name=bench)
    return slots.try_out()


def run_job(bench: str, isolation: object, content: bytes) -> list[Any] | Refused | Died:
    """Run one job in a slot of this worker."""
    return distributed.get_worker().plugins[bench].run(isolation, content)  # type: ignore[no-any-return]


async def leave(bench: str, dask_worker: Any) -> None:
    """End what :func:`enter` began."""
    if bench in dask_worker.plugins:
        await dask_worker.plugin_remove(name=bench)
