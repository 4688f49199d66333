"""The local executor: real processes, some of which are killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmpnet.executors import LocalExecutor, Lost


def square(number: int) -> int:
    return number * number


def die_once(path: str) -> int:
    """Is killed the first time it runs, and gives its process the second time."""
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def die(_: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def my_process(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_job_is_done_once(workers: int) -> None:
    done = dict(LocalExecutor(workers).run(square, range(20)))
    assert done == {number: number * number for number in range(20)}


def test_a_killed_worker_does_not_lose_its_job(tmp_path: Path) -> None:
    jobs = [str(tmp_path / name) for name in "abc"]
    done = dict(LocalExecutor(2).run(die_once, jobs))
    assert set(done) == set(jobs)
    assert not any(isinstance(result, Lost) for result in done.values())


def test_a_job_that_always_kills_its_worker_is_given_up_with_the_reason() -> None:
    ((_, result),) = LocalExecutor(1).run(die, [1])
    assert isinstance(result, Lost)
    assert "signal 9" in result.reason


def test_jobs_are_taken_only_when_there_is_room() -> None:
    taken = []

    def jobs() -> Iterator[float]:
        for number in range(6):
            taken.append(number)
            yield 0.01

    for count, _ in enumerate(LocalExecutor(2).run(my_process, jobs()), 1):
        assert len(taken) <= count + 2


def test_no_worker_is_left_when_the_caller_stops_in_the_middle() -> None:
    outcomes = LocalExecutor(2).run(my_process, [0.01, 60, 60])
    _, pid = next(outcomes)
    outcomes.close()  # type: ignore[attr-defined]
    assert isinstance(pid, int)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
