"""The executor ``local``: worker processes on this machine, one job each at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Generic, cast

from cmpnet.events import Lost
from cmpnet.runtime.executors import Job, Message, Work
from cmpnet.runtime.slots import ATTEMPTS, Pool, Slot, died, pack, text


@dataclass
class _Task(Generic[Job]):
    """A job, as bytes too, the slot that runs it, and how often it was tried."""

    job: Job
    content: bytes
    slot: Slot
    attempt: int


class LocalExecutor:
    """Worker processes on this machine.

    Attributes:
        workers: number of worker processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        Pool()  # its fork server imports torch while the caller goes on

    def run(
        self, work: Work[Job, Message], jobs: Iterable[Job]
    ) -> Generator[tuple[Job, Message | Lost]]:
        """Pairs of a job and its messages as they come; workers end when the generator does."""
        pending = iter(jobs)
        pool = Pool()
        busy: dict[Connection, _Task[Job]] = {}

        def give(job: Job, content: bytes, attempt: int = 1) -> None:
            slot = pool.take(getattr(job, "isolation", None))
            slot.send(content)
            busy[slot.pipe] = _Task(job, content, slot, attempt)

        try:
            while True:
                while len(busy) < self.workers and (job := next(pending, None)) is not None:
                    try:
                        content = pack(work, job)
                    except Exception as error:
                        yield job, Lost(f"it cannot be sent to a worker process: {text(error)}")
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
                        how = pool.bury(task.slot)
                        if task.attempt < ATTEMPTS:
                            give(task.job, task.content, task.attempt + 1)
                        else:
                            yield task.job, died(how)
                        continue
                    if message is None:
                        pool.put_back(busy.pop(pipe).slot, getattr(task.job, "isolation", None))
                    else:
                        yield task.job, message
        finally:
            pool.close()
