"""The executor ``dask``: jobs on the workers of a Dask cluster, as many at a time as it has slots.

The client chooses the worker of each job: it knows which of them were found fit, and what is
running where. Dask carries the jobs there and the messages back, and says who joins and who leaves.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import time
import uuid
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Generic

import cloudpickle
import distributed
from distributed.client import FutureCancelledError

from cmpnet.events import Capacity, Lost
from cmpnet.runtime.executors import Job, Message, Work
from cmpnet.runtime.slots import ATTEMPTS, died, pack, text
from cmpnet.spec import Bounds, LocalPath
from cmpnet_dask import connection, errors
from cmpnet_dask.hosts import Host, Hosts
from cmpnet_dask.worker import Died, Refused, enter, leave, run_job

LOOK = 1.0  # seconds between looks at who has joined and who has left
GOODBYE = 5.0  # seconds that workers have to end what is left


@dataclass(eq=False)
class _Task(Generic[Job]):
    """A job, as bytes too, where it runs, since when, and how often it was tried."""

    job: Job
    content: bytes
    attempt: int = 0
    host: Host | None = None
    future: Any = None
    since: float = 0.0


@dataclass(frozen=True)
class _Outcome:
    """What came of a future that was asked of a worker, or what the scheduler says of workers."""

    future: Any
    value: Any


def _there(name: str, arguments: bytes) -> Any:
    """A function of :mod:`cmpnet_dask.worker`, called there.

    Dask sends this one by value. So the scheduler needs no cmpnet, and a worker without it says so
    in an exception; one that cannot read a task disappears.
    """
    import importlib
    import pickle

    function = getattr(importlib.import_module("cmpnet_dask.worker"), name)
    return function(*pickle.loads(arguments))


_there.__module__ = "__main__"  # what cloudpickle sends by value


class DaskExecutor:
    """Workers of a Dask cluster. Each of their threads runs one job at a time, in a process.

    Without an address, the cluster is this machine. With one, jobs run on all workers of that
    scheduler that have the same versions as this machine.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        address: Annotated[str | None, "of a running scheduler, such as tcp://host:8786"] = None,
        scheduler_file: Annotated[
            str | None, LocalPath(), "what 'dask scheduler --scheduler-file' wrote"
        ] = None,
        patience: Annotated[
            float, Bounds(1, 604_800), "seconds to wait while there is no worker"
        ] = 60.0,
    ) -> None:
        self._address = connection.address_of(address, scheduler_file)
        self._patience = patience
        self._hosts = Hosts(workers if self._address else None)
        self._asked, self._begun = workers, False
        self._kit = b""
        self._client: Any = None
        self._bench = ""
        self._events: queue.SimpleQueue[_Outcome | BaseException] = queue.SimpleQueue()
        self._preparing: dict[Any, Host] = {}  # by the future of what they say
        self._watching: set[Any] = set()  # tasks of the event loop, which keeps no reference

    @property
    def workers(self) -> int:
        """Number of jobs that run at a time."""
        return max(1, self._hosts.slots)

    def admit(self, kit: Any) -> None:
        """Connect, and find out which workers can train.

        Raises:
            CmpnetError: there is no scheduler, no worker, or none that can train.
        """
        content = cloudpickle.dumps(kit)
        if content != self._kit:
            self.close()
            self._kit = content
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End what is left on the workers, and disconnect."""
        if self._client is None:
            return
        client, self._client = self._client, None
        if client.status == "running" and (ready := [one.address for one in self._hosts.ready]):
            with contextlib.suppress(Exception):
                self._in_loop(client, client._run(leave, bench=self._bench, workers=ready), GOODBYE)
        with contextlib.suppress(Exception):
            self._in_loop(client, self._stop_watching(), GOODBYE)
        with contextlib.suppress(Exception):
            cluster = client.cluster
            client.close(timeout=GOODBYE)
            if cluster is not None:
                cluster.close(timeout=GOODBYE)
        self._hosts.update({})

    def run(
        self, work: Work[Job, Message], jobs: Iterable[Job]
    ) -> Generator[tuple[Job, Message | Lost] | tuple[None, Capacity]]:
        """Pairs of a job and its messages, which come when it is done.

        Raises:
            CmpnetError: the scheduler has gone, or there has been no worker for too long.
        """
        self._open()
        self._begun = True
        pending: Iterator[Job] | None = iter(jobs)
        again: deque[_Task[Job]] = deque()
        busy: dict[Any, _Task[Job]] = {}
        shown: Capacity | None = None
        try:
            while True:
                if (capacity := self._hosts.capacity()) != shown:
                    yield None, capacity
                    shown = Capacity(capacity.workers, capacity.slots)
                while (again or pending) and (host := self._hosts.free(len(busy))):
                    if again:
                        self._give(again.popleft(), host, busy)
                        continue
                    assert pending is not None
                    if (job := next(pending, None)) is None:
                        pending = None
                        continue
                    try:
                        content = pack(work, job)
                    except Exception as error:
                        yield job, Lost(f"it cannot be sent to a worker process: {text(error)}")
                    else:
                        self._give(_Task(job, content), host, busy)
                if not (busy or again or pending):
                    return
                for outcome in self._outcomes():
                    task = busy.pop(outcome.future, None)
                    if task is None:
                        self._membership(outcome, busy, again)
                    else:
                        yield from self._done(task, outcome.value, again)
        finally:
            if busy and self._client is not None and self._client.status == "running":
                futures = [*busy]
                with contextlib.suppress(Exception):
                    self._in_loop(self._client, self._client._cancel(futures), GOODBYE)

    # -- jobs -------------------------------------------------------------------------------------

    def _give(self, task: _Task[Job], host: Host, busy: dict[Any, _Task[Job]]) -> None:
        """Send a job to a worker."""
        isolation = getattr(task.job, "isolation", None)
        task.host, task.attempt, task.since = host, task.attempt + 1, time.monotonic()
        task.future = self._ask(host, run_job, self._bench, isolation, task.content)
        host.busy += 1
        busy[task.future] = task

    def _done(
        self, task: _Task[Job], value: Any, again: deque[_Task[Job]]
    ) -> Iterator[tuple[Job, Message | Lost]]:
        """What a job has come to; it is tried again if its process or its worker was killed."""
        assert task.host is not None
        host, how = task.host, "its worker was lost"
        host.busy -= 1
        if isinstance(value, list):
            self._hosts.took(time.monotonic() - task.since)
            yield from ((task.job, message) for message in value)
            return
        if isinstance(value, Refused):
            self._refuse(host, value.reasons)
            task.attempt -= 1
        elif isinstance(value, Died):
            how = value.how
        elif isinstance(value, FutureCancelledError) and value.reason == (
            "scheduler-connection-lost"
        ):
            raise errors.lost_scheduler(str(self._address))
        elif isinstance(value, KeyError):  # the worker has forgotten the bench
            self._hosts.forget([host.address])
        elif not isinstance(value, distributed.CancelledError | distributed.KilledWorker):
            yield task.job, Lost(f"a worker cannot run it: {text(value)}")
            return
        if task.attempt < ATTEMPTS:
            again.append(task)
        else:
            yield task.job, died(how)

    # -- workers ----------------------------------------------------------------------------------

    def _membership(
        self, outcome: _Outcome, busy: dict[Any, _Task[Job]], again: deque[_Task[Job]]
    ) -> None:
        """Workers have joined or left, or one says whether it can train."""
        if outcome.future is not None:
            host, value = self._preparing.pop(outcome.future, None), outcome.value
            if host is None or host.address not in self._hosts:  # of a job that was given up
                return
            if value is None:
                host.state = "ready"
            elif isinstance(value, Refused):
                self._refuse(host, value.reasons)
            elif isinstance(value, FutureCancelledError):
                return
            else:
                self._refuse(host, [errors.cannot_enter(text(value))])
            return
        new, gone = self._hosts.update(outcome.value)
        for host in gone:
            lost = [task for task in busy.values() if task.host is host]
            self._hosts.notes.append(errors.lost_worker(host.address, len(lost)))
            for task in lost:
                del busy[task.future]
                task.future.cancel()
                again.append(task)
        for host in new:
            self._preparing[self._ask(host, enter, self._bench, self._kit)] = host

    def _refuse(self, host: Host, reasons: Iterable[str]) -> None:
        if host.state != "refused":
            host.state = "refused"
            self._hosts.notes.append(errors.refused_worker(host.address, [*reasons]))

    def _open(self) -> None:
        """Connect, unless that was done, and wait for workers.

        Raises:
            CmpnetError: as :meth:`admit`.
        """
        if self._client is None:
            if self._address is None:
                self._client = connection.start_here(self._asked)
            else:
                self._client = connection.connect(self._address, self._patience)
            self._bench = f"cmpnet-{uuid.uuid4().hex[:12]}"
            self._spawn(self._look())
        while self._hosts.entering or not self._hosts.ready:
            for outcome in self._outcomes():
                self._membership(outcome, {}, deque())
            if self._hosts.notes and not (self._hosts.entering or self._hosts.ready):
                raise errors.no_fit_workers(self._place, self._hosts.notes)

    @property
    def _place(self) -> str:
        return self._address or "this machine"

    # -- the event loop of the client -------------------------------------------------------------

    def _outcomes(self) -> Iterator[_Outcome]:
        """What has happened since; waits for the first.

        Raises:
            CmpnetError: the scheduler has gone, or there has been no worker for too long.
        """
        patience = None if self._hosts.ready else self._patience
        deadline = time.monotonic() + self._patience
        while True:
            try:
                left = None if patience is None else max(0.0, deadline - time.monotonic())
                event = self._events.get(timeout=left)
            except queue.Empty:
                if reasons := [errors.paused(address) for address in self._hosts.paused]:
                    raise errors.no_fit_workers(self._place, reasons) from None
                raise errors.no_workers(self._place, self._patience, begun=self._begun) from None
            if isinstance(event, BaseException):
                raise errors.lost_scheduler(self._place) from event
            if event.future is None and event.value is None:
                continue
            yield event
            if self._events.empty():
                return

    def _ask(self, host: Host, function: Any, *arguments: Any) -> Any:
        """A future of what a function returns on a worker.

        Raises:
            CmpnetError: the scheduler has gone.
        """
        if self._client.status != "running":
            raise errors.lost_scheduler(self._place)
        future = self._client.submit(
            _there,
            function.__name__,
            cloudpickle.dumps(arguments),
            workers=[host.address],
            allow_other_workers=False,
            pure=False,
            key=f"{function.__name__}-{uuid.uuid4().hex}",
        )
        self._spawn(self._watch(self._client, future))
        return future

    def _spawn(self, coroutine: Any) -> None:
        """Run a coroutine in the event loop of the client."""

        def start() -> None:
            task = asyncio.ensure_future(coroutine)
            self._watching.add(task)
            task.add_done_callback(self._watching.discard)

        self._client.loop.add_callback(start)

    async def _watch(self, client: Any, future: Any) -> None:
        """Pass on what comes of a future."""
        try:
            value = await client.gather(future, asynchronous=True)
        except Exception as error:
            value = error
        self._events.put(_Outcome(future, value))

    async def _look(self) -> None:
        """Pass on who has joined and who has left, as long as the client runs."""
        client, before = self._client, None
        while client.status == "running":
            try:
                info = await asyncio.wait_for(client.scheduler.identity(n_workers=-1), 30)
            except (TimeoutError, OSError) as error:
                if client is self._client:
                    self._events.put(error)
                return
            seen = {
                address: (int(one["nthreads"]), one["status"] == "paused")
                for address, one in info["workers"].items()
                if one["status"] in ("running", "paused")
            }
            if seen != before:
                self._events.put(_Outcome(None, seen))
                before = seen
            await asyncio.sleep(max(LOOK, len(seen) / 100))
        if client is self._client:  # a job sent after the end of the connection never comes back
            self._events.put(ConnectionError(client.status))

    async def _stop_watching(self) -> None:
        watching = [*self._watching]
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)

    @staticmethod
    def _in_loop(client: Any, coroutine: Any, seconds: float) -> Any:
        loop = client.loop.asyncio_loop
        return asyncio.run_coroutine_threadsafe(coroutine, loop).result(seconds)
