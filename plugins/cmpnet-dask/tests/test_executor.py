"""The executor dask on a real scheduler with two worker processes, over TCP."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle
import pytest

import cmpnet
from cmpnet.events import Capacity, Lost
from cmpnet.testing import check_executor
from cmpnet_dask.executor import DaskExecutor

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import a test
SMALL = {"epochs": 1, "pairs": 20}


def messages(executor: DaskExecutor, work: Any, jobs: Any) -> list[tuple[Any, Any]]:
    try:
        pairs = executor.run(work, jobs)
        return [(job, message) for job, message in pairs if not isinstance(message, Capacity)]
    finally:
        executor.close()


def twice(number: int) -> Iterator[tuple[int, int]]:
    yield number, os.getpid()
    yield -number, os.getpid()


def die_once(path: str) -> Iterator[int]:
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield os.getpid()


def die(_: int) -> Iterator[int]:
    yield 0
    os.kill(os.getpid(), signal.SIGKILL)


def test_the_numbers_are_those_of_local_bit_for_bit(cluster: Any) -> None:
    arms = ["baseline", "ws-aux"]
    here = cmpnet.bench(arms, repeats=3, store="here", **SMALL)
    there = cmpnet.bench(
        arms, repeats=3, store="there", executor="dask", address=cluster.address, **SMALL
    )
    for one, other in zip(here.arms, there.arms, strict=True):
        assert [replace(r, seconds=0) for r in one.repeats.values()] == [
            replace(r, seconds=0) for r in other.repeats.values()
        ]
    there.save("there.json")
    assert cluster.address not in Path("there.json").read_text()


@pytest.mark.slow
def test_it_keeps_the_contract_of_executors(cluster: Any) -> None:
    check_executor("dask", pairs=20, address=cluster.address)


@pytest.mark.slow
def test_it_keeps_the_contract_on_this_machine_alone() -> None:
    check_executor("dask", pairs=20)


def test_every_job_is_done_once_by_both_workers(cluster: Any) -> None:
    done = messages(DaskExecutor(scheduler_file=str(cluster.file)), twice, range(1, 200))
    assert sorted(job for job, _ in done) == sorted([*range(1, 200)] * 2)
    assert all(abs(number) == job for job, (number, _) in done)
    assert len({process for _, (_, process) in done}) == 2


@pytest.mark.slow
def test_a_killed_slot_does_not_lose_its_job(cluster: Any, tmp_path: Path) -> None:
    jobs = [str(tmp_path / name) for name in "abc"]
    done = dict(messages(DaskExecutor(address=cluster.address), die_once, jobs))
    assert set(done) == set(jobs)
    assert not any(isinstance(message, Lost) for message in done.values())


def test_what_cannot_be_run_is_lost_with_its_reason_and_the_others_are_done(cluster: Any) -> None:
    def work(job: Any) -> Iterator[int]:
        if job == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        yield 1

    jobs = ["die", 1, threading.Lock(), 2]
    done = messages(DaskExecutor(address=cluster.address), work, jobs)
    reasons = [message.reason for _, message in done if isinstance(message, Lost)]
    assert sorted(job for job, message in done if message == 1) == [1, 2]
    assert any(reason.startswith("it cannot be sent to a worker process") for reason in reasons)
    assert "its worker process died 3 times (signal 9, perhaps for lack of memory)" in reasons


def test_no_more_jobs_run_at_a_time_than_the_user_asked_for(cluster: Any) -> None:
    executor = DaskExecutor(1, address=cluster.address)
    taken: list[int] = []

    def jobs() -> Iterator[int]:
        for number in range(1, 6):
            taken.append(number)
            yield number

    done = 0
    for _, message in executor.run(slow, jobs()):
        done += not isinstance(message, Capacity)
        assert len(taken) <= done + 1
    executor.close()


def slow(_: int) -> Iterator[float]:
    time.sleep(0.3)
    yield time.time()


def sleep_long(path: str) -> Iterator[int]:
    Path(path).write_text(str(os.getpid()))
    time.sleep(600)
    yield 0


@pytest.mark.slow
def test_what_runs_is_cancelled_when_the_caller_stops(cluster: Any, tmp_path: Path) -> None:
    executor = DaskExecutor(address=cluster.address)
    running = tmp_path / "running"
    pairs = executor.run(sleep_long, [str(running)] * 5)
    next(pairs)
    stopper = threading.Thread(target=lambda: (wait_for(running), executor._events.put(OSError())))
    stopper.start()
    with pytest.raises(cmpnet.CmpnetError, match=r"has gone\. Finished repeats are in the store"):
        next(pairs)
    stopper.join()
    executor.close()
    wait_for_end(int(running.read_text()))


def wait_for(path: Path) -> None:
    deadline = time.monotonic() + 60
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wait_for_end(process: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return
        assert time.monotonic() < deadline, "it still runs"
        time.sleep(0.1)
