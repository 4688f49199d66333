"""An executor that drops or repeats jobs, or runs two in one process, cannot corrupt results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import cmpnet
from cmpnet import CmpnetError
from cmpnet.registry import Registry

Pairs = Iterator[tuple[Any, Any]]
SMALL = {"epochs": 1, "pairs": 20}


class Executor:
    """Runs jobs in this process, one after the other."""

    workers = 2

    def __init__(self, workers: int) -> None:
        pass

    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        for job in jobs:
            for message in work(job):
                yield job, message


class Dropping(Executor):
    """Takes every job, and brings only the first to its end."""

    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        first, *_ = jobs
        yield from super().run(work, [first])


class Repeating(Executor):
    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        for job, message in super().run(work, jobs):
            yield job, message
            yield job, message


class Threads(Executor):
    """Runs two jobs at a time in threads of this process."""

    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        with ThreadPoolExecutor(2) as pool:
            every = [*jobs]
            for job, messages in zip(every, pool.map(lambda j: [*work(j)], every), strict=True):
                yield from ((job, message) for message in messages)


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[type], cmpnet.Results]:
    def bench(executor: type) -> cmpnet.Results:
        with monkeypatch.context() as patch:
            patch.setattr(Registry, "executor", lambda self, name: executor)
            return cmpnet.bench(["baseline"], repeats=3, store=tmp_path, **SMALL)

    return bench


def test_a_dropped_job_is_an_error_that_names_its_repeats_and_keeps_the_others(
    bench: Callable[[type], cmpnet.Results],
) -> None:
    with pytest.raises(CmpnetError, match="no result: baseline seed 1, baseline seed 2") as caught:
        bench(Dropping)
    assert caught.value.exit_code == 1
    assert bench(Executor).arms[0].stored == 1


def test_a_repeated_job_is_an_error(bench: Callable[[type], cmpnet.Results]) -> None:
    with pytest.raises(CmpnetError, match="returned a repeat twice: baseline seed 0"):
        bench(Repeating)


def test_jobs_that_share_a_process_fail_and_are_never_stored_as_good(
    bench: Callable[[type], cmpnet.Results],
) -> None:
    repeats = bench(Threads).arms[0].repeats
    shared = [r for r in repeats.values() if "another job runs in the same process" in r.cause]
    good = {seed: r.test_error for seed, r in repeats.items() if r.status == "ok"}
    assert shared
    assert len(shared) + len(good) == 3
    alone = bench(Executor).arms[0]
    assert alone.stored == len(good)
    expected = cmpnet.bench(["baseline"], repeats=3, store="alone", workers=1, **SMALL).arms[0]
    assert {seed: alone.repeats[seed].test_error for seed in range(3)} == {
        seed: expected.repeats[seed].test_error for seed in range(3)
    }
