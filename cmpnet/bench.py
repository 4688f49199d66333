"""Arms x seeds -> jobs -> executor -> store: results are written as they come."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pkgutil import resolve_name
from typing import Any

from cmpnet import provenance, train
from cmpnet.arms import load_parts
from cmpnet.executors import Executor, Lost
from cmpnet.registry import Registry
from cmpnet.spec import Arm, Learner, RepeatResult
from cmpnet.store import Store, identity, key_of

SIDE_BY_SIDE = 50  # repeats in one job at most: what is not finished is lost with its worker


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to train one arm once for each seed: names alone."""

    number: int
    arm: Arm
    seeds: tuple[int, ...]
    disabled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """What someone who trains in their own process wants to see of it."""

    on_epoch: train.EpochDone = lambda done, curves: None
    on_learner: Callable[[Learner], None] = lambda learner: None


@dataclass(frozen=True, slots=True)
class Planned:
    """An arm with what decides whether a stored repeat is the same.

    ``side_by_side``: its backend trains several repeats at once, in less time than one by one.
    """

    arm: Arm
    data: str
    code: dict[str, str]
    side_by_side: bool = False

    def identity(self, seed: int) -> dict[str, Any]:
        """What makes this arm's repeat with this seed the same as a stored one."""
        return identity(self.arm, seed, self.data, self.code)


@dataclass(frozen=True, slots=True)
class Finished:
    """One repeat of arm number ``number``, new or from the store."""

    number: int
    result: RepeatResult
    stored: bool


@dataclass(slots=True)
class ArmResults:
    """An arm's repeats by seed, and how many of them came from the store.

    ``wanted`` repeats were asked for; all are of the same ``data`` (their fingerprint) and ``code``
    (versions by distribution).
    """

    arm: Arm
    repeats: dict[int, RepeatResult] = field(default_factory=dict)
    stored: int = 0
    wanted: int = 0
    data: str = ""
    code: Mapping[str, str] = field(default_factory=dict)

    def ok(self) -> list[RepeatResult]:
        """The repeats that count, in the order of their seeds."""
        return [r for _, r in sorted(self.repeats.items()) if r.status == "ok"]

    def train_errors(self) -> list[float]:
        """Of the repeats that count."""
        return [r.train_error for r in self.ok() if r.train_error is not None]

    def test_errors(self) -> list[float]:
        """Of the repeats that count."""
        return [r.test_error for r in self.ok() if r.test_error is not None]


def plan(registry: Registry, arms: Sequence[Arm]) -> list[Planned]:
    """Check each arm's data and note which code will train it.

    Raises:
        CmpnetError: the data of an arm cannot be used.
    """
    planned = []
    for arm in arms:
        net = registry.find("architecture", arm.architecture)
        loss, task = registry.find("loss", arm.loss), registry.find("task", arm.task)
        with registry.blame(task):
            data = registry.task(arm.task).fingerprint(**arm.task_options)
        with registry.blame(net):
            side_by_side = resolve_name(
                registry.architecture(arm.architecture).learner
            ).side_by_side
        planned.append(Planned(arm, data, provenance.code([net, loss, task]), side_by_side))
    return planned


def run_job(job: Job, watch: Watch | None = None) -> list[RepeatResult]:
    """In a worker: look the names up and train; whatever goes wrong is the result."""
    watch = watch or Watch()
    try:
        arm = job.arm
        parts = load_parts(Registry(job.disabled), arm.architecture, arm.loss)
        results, learner = train.run(parts, arm, job.seeds, on_epoch=watch.on_epoch)
        watch.on_learner(learner)
        return results
    except (Exception, SystemExit) as error:
        cause = f"{type(error).__name__}: {error}\n{traceback.format_exc()}"
        return [RepeatResult(seed=seed, status="failed", cause=cause) for seed in job.seeds]


def _groups(
    planned: Sequence[Planned], seeds: Sequence[int], workers: int
) -> Iterator[tuple[int, Sequence[int]]]:
    """Arm numbers with the seeds to train in one job, interleaved by seed.

    Interleaved, so that an interrupted bench has the same repeats of every arm. Arms that train
    side by side share their seeds among the workers.
    """
    together = min(-(-len(seeds) // workers), SIDE_BY_SIDE)
    for start in range(len(seeds)):
        for number, item in enumerate(planned):
            size = together if item.side_by_side else 1
            if start % size == 0:
                yield number, seeds[start : start + size]


def run(
    planned: Sequence[Planned],
    seeds: Sequence[int],
    *,
    store: Store,
    executor: Executor,
    disabled: Sequence[str] = (),
    fresh: bool = False,
    work: Callable[[Job], list[RepeatResult]] = run_job,
    on_repeat: Callable[[Finished], None] = lambda finished: None,
) -> list[ArmResults]:
    """Train what the store does not have; every result is stored before it is reported."""
    results = [
        ArmResults(item.arm, wanted=len(seeds), data=item.data, code=item.code) for item in planned
    ]
    run_id = store.begin_run([item.arm for item in planned], seeds)
    origin = provenance.machine()

    def report(number: int, result: RepeatResult, row: int, stored: bool) -> None:
        store.add_to_run(run_id, number, row)
        results[number].repeats[result.seed] = result
        results[number].stored += stored
        on_repeat(Finished(number, result, stored))

    def missing() -> Iterator[Job]:
        # The store is asked right before a job is handed out, so that what another bench has
        # finished meanwhile is used as well.
        for number, group in _groups(planned, seeds, executor.workers):
            wanted = []
            for seed in group:
                found = None if fresh else store.get(key_of(planned[number].identity(seed)))
                if found is not None:
                    report(number, found[1], found[0], stored=True)
                else:
                    wanted.append(seed)
            if wanted:
                yield Job(number, planned[number].arm, tuple(wanted), tuple(disabled))

    for job, outcome in executor.run(work, missing()):
        if isinstance(outcome, Lost):
            outcome = [
                RepeatResult(seed=seed, status="failed", cause=outcome.reason) for seed in job.seeds
            ]
        for result in outcome:
            ident = planned[job.number].identity(result.seed)
            report(job.number, result, store.put(ident, result, origin), stored=False)
    store.end_run(run_id)
    return results
