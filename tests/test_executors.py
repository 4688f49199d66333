"""The local executor: real processes, some of which are killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cmpnet.events import Lost
from cmpnet.runtime.local import LocalExecutor
from cmpnet.testing import check_executor


def test_the_local_executor_keeps_the_contract() -> None:
    check_executor("local", pairs=20)


def count(number: int) -> Iterator[int]:
    """0, 1, ..., number."""
    yield from range(number + 1)


def die_once(path: str) -> Iterator[int]:
    """Is killed the first time it runs, and yields its process the second time."""
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    yield os.getpid()


def die(_: int) -> Iterator[int]:
    yield os.getpid()
    os.kill(os.getpid(), signal.SIGKILL)


def my_process(seconds: float) -> Iterator[int]:
    yield os.getpid()
    time.sleep(seconds)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_job_is_done_once_and_its_messages_keep_their_order(workers: int) -> None:
    messages: dict[int, list[object]] = {number: [] for number in range(20)}
    for job, message in LocalExecutor(workers).run(count, range(20)):
        messages[job].append(message)
    assert messages == {number: list(range(number + 1)) for number in range(20)}


def test_a_message_comes_before_its_job_has_ended() -> None:
    pairs = LocalExecutor(1).run(my_process, [60])
    started = time.monotonic()
    next(pairs)
    pairs.close()
    assert time.monotonic() - started < 30


def test_a_killed_worker_does_not_lose_its_job(tmp_path: Path) -> None:
    jobs = [str(tmp_path / name) for name in "abc"]
    done = dict(LocalExecutor(2).run(die_once, jobs))
    assert set(done) == set(jobs)
    assert not any(isinstance(result, Lost) for result in done.values())


def test_a_job_that_always_kills_its_worker_is_given_up_with_the_reason() -> None:
    *messages, (_, last) = LocalExecutor(1).run(die, [1])
    assert [isinstance(message, int) for _, message in messages] == [True] * 3
    assert isinstance(last, Lost)
    assert "signal 9" in last.reason


def test_a_job_that_cannot_be_sent_to_a_worker_is_lost_and_the_others_are_done() -> None:
    jobs = [1, threading.Lock(), 2]
    done = list(LocalExecutor(2).run(lambda job: iter([job]), jobs))
    (reason,) = (message.reason for _, message in done if isinstance(message, Lost))
    assert reason.startswith("it cannot be sent to a worker process: TypeError: cannot pickle")
    assert sorted(message for _, message in done if isinstance(message, int)) == [1, 2]


class Unreadable:
    """Leaves the process, but cannot be made again in a worker."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.stat, ("/nowhere",)


def test_a_job_that_a_worker_cannot_read_is_lost_with_the_reason() -> None:
    ((_, message),) = LocalExecutor(1).run(lambda job: iter([1]), [Unreadable()])
    assert isinstance(message, Lost)
    assert "FileNotFoundError" in message.reason


def test_jobs_are_taken_only_when_there_is_room() -> None:
    taken = []

    def jobs() -> Iterator[float]:
        for number in range(6):
            taken.append(number)
            yield 0.01

    for done, _ in enumerate(LocalExecutor(2).run(my_process, jobs()), 1):
        assert len(taken) <= done + 2


def test_no_worker_is_left_when_the_caller_stops_in_the_middle() -> None:
    pairs = LocalExecutor(2).run(my_process, [0.01, 60, 60])
    workers = {pid for _, pid in (next(pairs) for _ in range(3)) if isinstance(pid, int)}
    pairs.close()
    assert len(workers) == 2
    for pid in workers:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
