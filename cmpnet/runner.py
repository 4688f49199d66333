"""Arms x seeds -> jobs -> executor -> store: a generator of events, written down as they come."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, replace

from cmpnet import errors, provenance, training
from cmpnet.events import Capacity, Epoch, Event, Finished, Imports, Lost, Started, Trained, Waiting
from cmpnet.jobs import Guard, Job, Plan, code_changed
from cmpnet.kit import here, kit_of
from cmpnet.run_options import RunOptions
from cmpnet.runtime.executors import Executor
from cmpnet.runtime.imports import changed, merged, still_here
from cmpnet.spec import ERROR, RepeatResult
from cmpnet.store import Design, Store, StoredRepeat

POLL = 0.5  # seconds between looks at what another process is training
SIDE_BY_SIDE = 50  # repeats per job at most: what is not finished is lost with its worker

Group = tuple[int, Sequence[int]]  # an arm's number, and seeds to train in one job
_PROCESS = threading.Lock()  # held by the job that this process trains
Message = Started | Epoch | Trained | Lost


def work(job: Job) -> Iterator[Message]:
    """Train a job: what a worker does.

    Jobs that share a process share torch's and numpy's generators: a thread pool as executor once
    gave 32 % test error where 21 % was right. So all but the first of them fail.
    """
    if not _PROCESS.acquire(blocking=False):
        cause = "another job runs in the same process; an executor must give each its own process"
        yield Trained(training.failed(job.seeds, cause))
        return
    try:
        yield Started(job.number, job.seeds)
        guard = Guard(here(job))
        for event in guard.train():
            if isinstance(event, Epoch):
                yield replace(event, arm=job.number)
            else:
                yield replace(guard.checked(event), learner=None)
    finally:
        _PROCESS.release()


def admit(executor: Executor, plans: Sequence[Plan]) -> None:
    """Give an executor on other machines what its processes need for some arms.

    Raises:
        CmpnetError: none of them can train.
    """
    if hasattr(executor, "admit"):
        executor.admit(kit_of(plans))


def run(
    bench: Bench,
    executor: Executor,
    groups: Sequence[Group] | None = None,
    more: Callable[[], Sequence[Group]] = tuple,
) -> Iterator[Event]:
    """Train what the store does not have. Every result is stored before it is yielded.

    What another process is training is waited for at the end, and trained if nothing came of it.

    Args:
        bench: the run in the store.
        executor: where to train.
        groups: what to train; by default all repeats of all arms.
        more: called when all of it is done; what to train then.

    Raises:
        CmpnetError: the store can no longer be used, or the executor lost or repeated a job.
    """
    groups = bench.groups(executor.workers) if groups is None else groups
    while groups:
        with contextlib.closing(executor.run(work, bench.jobs(groups))) as messages:
            for job, message in messages:
                if isinstance(message, Capacity):
                    yield message
                if job is None or isinstance(message, Capacity):
                    continue
                if isinstance(message, Lost):
                    message = Trained(training.failed(job.seeds, message.reason))
                if isinstance(message, Trained):
                    yield from bench.finish(job, message)
                else:
                    yield message
                yield from bench.reused()
                if bench.over:
                    break
        yield from bench.reused()
        bench.refuse_missing()
        if groups := bench.taken_by_others():
            yield Waiting(sum(len(seeds) for _, seeds in groups))
            time.sleep(POLL)
        elif not bench.over:
            groups = more()
    bench.end()


class Bench:
    """A run in the store: what is left to train, and where results go.

    Attributes:
        id: the run's id.
        over: whether a failure ends it before all is trained.
    """

    def __init__(
        self, plans: Sequence[Plan], seeds: Sequence[int], store: Store, options: RunOptions
    ) -> None:
        self.plans, self.seeds, self.options, self.over = plans, seeds, options, False
        self._store = store
        design = Design(until_decided=options.until_decided)
        keys = [one.arm.key for one in plans]
        self.id = store.begin_run(keys, list(seeds), design, options.about)
        self._machine = provenance.machine()
        self._imports = Imports()  # of all repeats so far, which must agree
        self._unnoted: list[tuple[int, int]] = []  # arm and row of repeats not noted for this run
        self._reused: list[Finished] = []
        self._taken: list[Group] = []
        self._handed_out: set[tuple[int, int]] = set()  # arm and seed of what is being trained

    def groups(
        self, workers: int, seeds: Sequence[int] | None = None, arms: Sequence[int] | None = None
    ) -> list[Group]:
        """Arm numbers with the seeds of one job, interleaved by seed; by default of all arms.

        Interleaved, so that an interrupted bench has the same repeats of every arm. Arms that
        train side by side share their seeds among the workers.
        """
        seeds = self.seeds if seeds is None else seeds
        together = min(-(-len(seeds) // workers), SIDE_BY_SIDE)
        return [
            (number, seeds[start : start + size])
            for start in range(len(seeds))
            for number, one in enumerate(self.plans)
            if arms is None or number in arms
            if start % (size := together if one.side_by_side else 1) == 0
        ]

    def jobs(self, groups: Sequence[Group]) -> Iterator[Job]:
        """Jobs for what the store lacks.

        The store is asked right before a job is handed out, so that what another process has
        finished meanwhile is reused; and after the claim, which that process releases once the
        repeat is stored.
        """
        store, fresh = self._store, self.options.fresh
        for number, seeds in groups:
            missing, taken = [], []
            for seed in seeds:
                key = self.plans[number].identity(seed).key
                if not store.locks.claim(key) and not fresh:
                    taken.append(seed)
                elif not fresh and (row := self._stored(number, key)) is not None:
                    store.locks.release(key)
                    self._unnoted.append((number, row.id))
                    self._look(row.result)
                    self._reused.append(Finished(number, row.result, stored=True))
                else:
                    missing.append(seed)
            if taken:
                self._taken.append((number, taken))
            if self.over:
                return
            if missing:
                self._handed_out |= {(number, seed) for seed in missing}
                one = self.plans[number]
                yield Job(number, one.arm, tuple(missing), one)

    def _stored(self, number: int, key: str) -> StoredRepeat | None:
        """The newest repeat with this key that was trained by what would be imported now.

        It must have been measured with all metrics of its arm.
        """
        arm = self.plans[number].arm
        third_party = bool(Job(number, arm, ()).isolation)
        for row, imports in self._store.history(key):
            if row.result.status == "ok" and arm.metrics.keys() - {ERROR, *row.result.metrics}:
                continue
            if imports is not None and still_here(imports) and not changed(self._imports, imports):
                self._imports = merged(self._imports, imports)
                return row
            if not third_party:
                return row
        return None

    def finish(self, job: Job, trained: Trained) -> list[Finished]:
        """Write a job's results, then release its claims.

        Within a run, what is imported stays the same: it fails what was trained after an edit.

        Raises:
            CmpnetError: the executor returned a result that was not asked for, or a second one.
        """
        store = self._store
        if cause := code_changed(changed(self._imports, trained.imports)):
            trained = Trained(training.failed(job.seeds, cause))
        self._imports = merged(self._imports, trained.imports)
        results = trained.results
        for seed in [result.seed for result in results]:
            if (job.number, seed) not in self._handed_out:
                raise errors.bad_executor("returned a repeat twice", self._name(job.number, seed))
            self._handed_out.remove((job.number, seed))
        identified = [(self.plans[job.number].identity(r.seed), r) for r in results]
        origin = {**self._machine, "imports": asdict(trained.imports)}
        with store.transaction():
            for identity, result in identified:
                self._unnoted.append((job.number, store.put(identity, result, origin)))
            self._note()
        for identity, result in identified:
            store.locks.release(identity.key)
            self._look(result)
        return [Finished(job.number, result, stored=False) for result in results]

    def reused(self) -> list[Finished]:
        """Repeats that the store had, each once."""
        reused, self._reused = self._reused, []
        return reused

    def refuse_missing(self) -> None:
        """
        Raises:
            CmpnetError: the executor has come to its end without a result of every job.
        """
        if self._handed_out and not self.over:
            missing = ", ".join(self._name(*one) for one in sorted(self._handed_out))
            raise errors.bad_executor("returned no result", missing)

    def _name(self, number: int, seed: int) -> str:
        return f"{self.plans[number].arm.label} seed {seed}"

    def taken_by_others(self) -> list[Group]:
        """What other processes were training when it was asked for, each once."""
        taken, self._taken = self._taken, []
        return [] if self.over else taken

    def end(self) -> None:
        """Note the reused repeats, and that the run is complete."""
        with self._store.transaction():
            self._note()
            if not self.over:
                self._store.end_run(self.id)

    def _look(self, result: RepeatResult) -> None:
        self.over |= self.options.fail_fast and result.status != "ok"

    def _note(self) -> None:
        for number, row in self._unnoted:
            self._store.add_to_run(self.id, number, row)
        self._unnoted.clear()
