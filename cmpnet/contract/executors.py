"""The promises of an executor: it brings every job to its end, once and alone."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cmpnet import runner
from cmpnet.contract import ExecutorPromise, Promises
from cmpnet.events import Capacity, Lost, Trained
from cmpnet.jobs import Job, plan
from cmpnet.runtime.executors import Executor, closing
from cmpnet.spec import Arm

WORKERS = 2


def promises(make: Callable[[int], Executor], arm: Arm) -> Promises:
    """Jobs are taken only when there is room, and none is dropped, repeated, mixed or changed.

    Args:
        make: makes an executor for a number of workers.
        arm: a quick arm.
    """
    yield ExecutorPromise.JOBS
    probes = {
        f"job {number} of '{owner}'": _Probe(number, (owner,))
        for number in range(3 * WORKERS)
        for owner in ("one", "other")
    }
    with closing(make(WORKERS)) as executor:
        messages = _brought(executor, _process, probes)
    _check_complete(messages, dict.fromkeys(probes, 2))
    for name, ((first, _), (second, _)) in messages.items():
        assert (first, second) == (0, 1), f"the messages of {name} come in another order"

    yield ExecutorPromise.ISOLATION
    users: dict[Any, str] = {}
    for name, ((_, process), _) in messages.items():
        other = users.setdefault(process, name)
        assert probes[name].isolation == probes[other].isolation, (
            f"{other} and {name} share a process, but differ in their 'isolation'"
        )
    yield ExecutorPromise.SAME_NUMBERS
    jobs = {f"the repeat with seed {seed}": Job(0, arm, (seed,)) for seed in range(1000, 1004)}
    with closing(make(WORKERS)) as executor:
        runner.admit(executor, plan([arm]))
        messages = _brought(executor, runner.work, jobs)
    expected: dict[str, list[Any]] = {name: [*runner.work(job)] for name, job in jobs.items()}
    for name, own in messages.items():
        for (result,) in (message.results for message in own if isinstance(message, Trained)):
            assert result.status == "ok", f"{name} ends as {result.status}: {result.cause}"
    _check_complete(messages, {name: len(own) for name, own in expected.items()})
    for name, (*events, trained) in messages.items():
        *expected_events, alone = expected[name]
        results = [replace(each.results[0], seconds=0) for each in (trained, alone)]
        assert (events, results[0]) == (expected_events, results[1]), (
            f"{name} has other numbers than in one process"
        )


@dataclass(frozen=True)
class _Probe:
    """A job that tells which process runs it."""

    number: int
    isolation: tuple[str, ...]


def _process(_: _Probe) -> Iterator[tuple[int, tuple[str, int]]]:
    """The process that this runs in, twice and numbered."""
    for number in range(2):
        yield number, (socket.gethostname(), os.getpid())


def _brought(
    executor: Executor, work: Callable[[Any], Iterator[Any]], jobs: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """What an executor brings of each job, by the job's name."""
    messages: dict[str, list[Any]] = {name: [] for name in jobs}

    def taken() -> Iterator[Any]:
        for number, (name, job) in enumerate(jobs.items()):
            begun = sum(map(bool, messages.values()))
            # As many again as there are workers: it may know that a job is done before we do.
            assert number - begun < 2 * executor.workers, f"it takes {name} without room for it"
            yield job

    for job, message in executor.run(work, taken()):
        if isinstance(message, Capacity):
            continue
        name = next((name for name, own in jobs.items() if own == job), None)
        assert name is not None, f"it returns a job that it was not given: {job!r}"
        assert not isinstance(message, Lost), f"{name} is lost: {message.reason}"
        messages[name].append(message)
    return messages


def _check_complete(messages: Mapping[str, list[Any]], expected: Mapping[str, int]) -> None:
    """Check that there are as many messages of each job as there should be."""
    dropped = [name for name, own in messages.items() if len(own) < expected[name]]
    assert not dropped, f"it drops {', '.join(dropped)}"
    repeated = [name for name, own in messages.items() if len(own) > expected[name]]
    assert not repeated, f"it repeats {', '.join(repeated)}"
