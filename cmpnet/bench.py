"""Arms x seeds -> jobs -> executor -> store: results are written as they come."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pkgutil import resolve_name
from typing import Any

from cmpnet import errors, provenance, train
from cmpnet.arms import load_parts
from cmpnet.executors import Executor, Lost
from cmpnet.records import check_name, result_from
from cmpnet.registry import Registry
from cmpnet.spec import Arm, Learner, RepeatResult
from cmpnet.store import Store, identity, key_of

LOOK_AGAIN = 0.5  # seconds between looks at what another bench is training
SIDE_BY_SIDE = 50  # repeats in one job at most: what is not finished is lost with its worker


Group = tuple[int, Sequence[int]]  # an arm's number, and seeds to train in one job


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
        CmpnetError: the data of an arm cannot be used, or its network not run on its device.
    """
    planned = []
    for arm in arms:
        net = registry.find("architecture", arm.architecture)
        loss, task = registry.find("loss", arm.loss), registry.find("task", arm.task)
        with registry.blame(task):
            data = registry.task(arm.task).fingerprint(**arm.task_options)
            check_name("its fingerprint", data)
        with registry.blame(net):
            learner: type[Learner] = resolve_name(registry.architecture(arm.architecture).learner)
            if arm.config.device.partition(":")[0] not in learner.devices:
                wanted = f"'{arm.architecture}' runs on {' and '.join(learner.devices)} alone"
                raise errors.no_device(arm.config.device, wanted)
            side_by_side = learner.side_by_side
        planned.append(Planned(arm, data, provenance.code([net, loss, task]), side_by_side))
    return planned


def run_job(job: Job, watch: Watch | None = None) -> list[RepeatResult]:
    """Look the names up and train; whatever goes wrong is the result, and printed on stderr."""
    watch = watch or Watch()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            arm = job.arm
            parts = load_parts(Registry(job.disabled), arm.architecture, arm.loss)
            results, learner = train.run(parts, arm, job.seeds, on_epoch=watch.on_epoch)
            watch.on_learner(learner)
            for result in results:  # a plugin's numbers are part of it: what is stored can be read
                result_from(json.loads(json.dumps(asdict(result), allow_nan=False)))
        return results
    except BaseException as error:  # a plugin's SystemExit, GeneratorExit, ... is a failure too
        if isinstance(error, KeyboardInterrupt) and multiprocessing.parent_process() is None:
            raise  # Ctrl-C; a worker is deaf to it, so there it is the plugin's
        said = f"{type(error).__name__}: {error}".removesuffix(": ")
        cause = f"{said}\n{traceback.format_exc()}"
        return [RepeatResult(seed=seed, status="failed", cause=cause) for seed in job.seeds]


def _groups(planned: Sequence[Planned], seeds: Sequence[int], workers: int) -> Iterator[Group]:
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
    fail_fast: bool = False,
    work: Callable[[Job], list[RepeatResult]] = run_job,
    on_repeat: Callable[[Finished], None] = lambda finished: None,
    on_wait: Callable[[int], None] = lambda repeats: None,
) -> list[ArmResults]:
    """Train what the store does not have; every result is stored before it is reported.

    What another bench is training is waited for at the end, and trained if nothing came of it.
    With ``fail_fast`` the first repeat that failed or diverged ends all.

    Raises:
        CmpnetError: the store can no longer be used.
    """
    results = [
        ArmResults(item.arm, wanted=len(seeds), data=item.data, code=item.code) for item in planned
    ]
    run_id = store.begin_run([item.arm for item in planned], seeds)
    origin = provenance.machine()
    unnoted: list[tuple[int, int]] = []  # arm and row of repeats not yet noted for this run

    def report(number: int, result: RepeatResult, *, stored: bool) -> None:
        results[number].repeats[result.seed] = result
        results[number].stored += stored
        on_repeat(Finished(number, result, stored))

    def missing(groups: Sequence[Group], others: list[Group]) -> Iterator[Job]:
        # The store is asked right before a job is handed out, so that what another bench has
        # finished meanwhile is used as well; after the claim, which it gives up once it is stored.
        for number, group in groups:
            wanted, taken = [], []
            for seed in group:
                key = key_of(planned[number].identity(seed))
                if not store.locks.claim(key) and not fresh:
                    taken.append(seed)
                elif not fresh and (found := store.get(key)) is not None:
                    store.locks.release(key)
                    unnoted.append((number, found[0]))
                    report(number, found[1], stored=True)
                else:
                    wanted.append(seed)
            if taken:
                others.append((number, taken))
            if failed():
                return
            if wanted:
                yield Job(number, planned[number].arm, tuple(wanted), tuple(disabled))

    def add_to_run() -> None:
        for number, row in unnoted:
            store.add_to_run(run_id, number, row)
        unnoted.clear()

    def failed() -> bool:
        statuses = (r.status for arm in results for r in arm.repeats.values())
        return fail_fast and any(status != "ok" for status in statuses)

    groups = list(_groups(planned, seeds, executor.workers))
    while groups:
        others: list[Group] = []
        with contextlib.closing(executor.run(work, missing(groups, others))) as outcomes:
            for job, outcome in outcomes:
                if isinstance(outcome, Lost):
                    outcome = [
                        RepeatResult(seed=seed, status="failed", cause=outcome.reason)
                        for seed in job.seeds
                    ]
                idents = [planned[job.number].identity(result.seed) for result in outcome]
                with store.together():  # on the disk before it is reported
                    for ident, result in zip(idents, outcome, strict=True):
                        unnoted.append((job.number, store.put(ident, result, origin)))
                    add_to_run()
                for ident, result in zip(idents, outcome, strict=True):
                    store.locks.release(key_of(ident))
                    report(job.number, result, stored=False)
                if failed():
                    break
        groups = [] if failed() else others
        if groups:
            on_wait(sum(len(group) for _, group in groups))
            time.sleep(LOOK_AGAIN)
    with store.together():
        add_to_run()
        if not failed():
            store.end_run(run_id)
    return results
