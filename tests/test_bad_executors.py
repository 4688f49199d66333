"""An executor that drops or repeats jobs, or runs two in one process, cannot corrupt results."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cmpnet
from cmpnet import CmpnetError
from cmpnet.events import Epoch, Lost
from cmpnet.registry import Registry
from cmpnet.runtime.local import LocalExecutor
from cmpnet.testing import check_executor

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


# -- the contract check for plugin authors --------------------------------------------------------


class Local(LocalExecutor):
    """Keeps the contract; what follows breaks one promise each."""

    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        yield from super().run(work, jobs)


class Eager(Local):
    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        yield from super().run(work, [*jobs])


class Incomplete(Local):
    """Loses the last message of every third job."""

    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        last: dict[int, list[Any]] = {}
        for job, message in super().run(work, jobs):
            own = last.setdefault(id(job), [])
            own.append(message)
            if len(last) % 3 or len(own) < 2:
                yield job, message


class Backwards(Local):
    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        for job in jobs:
            yield from [*super().run(work, [job])][::-1]


class Rounding(Local):
    """Keeps six digits of the losses, as a text format may."""

    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        for job, message in super().run(work, jobs):
            if isinstance(message, Epoch):
                message = replace(message, train_loss=round(message.train_loss, 6))
            yield job, message


class Unable(Local):
    def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
        for job in jobs:
            yield job, Lost("the cluster is full")


def test_an_executor_that_keeps_the_contract_passes_its_check() -> None:
    check_executor(Local, pairs=20)


@pytest.mark.parametrize(
    ("executor", "sentence"),
    [
        (Dropping, "it takes job 2 of 'one' without room for it"),
        (Eager, "it takes job 2 of 'one' without room for it"),
        (Repeating, "it repeats job 0 of 'one', job 0 of 'other', job 1 of 'one', "),
        (Incomplete, "it drops job "),
        (Backwards, "the messages of job 0 of 'one' come in another order"),
        (Executor, "job 0 of 'one' and job 0 of 'other' share a process"),
        (Threads, "it takes job 2 of 'one' without room for it"),
        (Rounding, "the repeat with seed 1000 has other numbers than in one process"),
        (Unable, "job 0 of 'one' is lost: the cluster is full"),
    ],
)
def test_a_broken_promise_of_an_executor_is_named(executor: Any, sentence: str) -> None:
    with pytest.raises(AssertionError, match=f"^{sentence}"):
        check_executor(executor, pairs=20)


def test_threads_in_one_process_are_named_even_if_they_take_jobs_one_by_one() -> None:
    class Patient(Threads):
        def run(self, work: Callable[[Any], Iterator[Any]], jobs: Iterable[Any]) -> Pairs:
            pairs = iter(jobs)
            while two := [*itertools.islice(pairs, 2)]:
                yield from super().run(work, two)

    with pytest.raises(AssertionError, match="share a process"):
        check_executor(Patient, pairs=20)
