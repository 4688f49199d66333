"""Workers, the scheduler and the client are killed in the middle of a bench."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import cloudpickle
import pytest

import cmpnet
from cmpnet.events import Capacity, Finished
from cmpnet_dask.executor import DaskExecutor

cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import a test
BENCH = {"repeats": 8, "pairs": 20, "epochs": 1, "executor": "dask", "store": "store"}
COMMAND = [
    sys.executable, "-m", "cmpnet", "bench", "baseline", "--repeats", "12", "--pairs", "20",
    "--epochs", "40", "--no-plot", "--executor", "dask", "--store", "store", "--address",
]  # fmt: skip


def process_of(_: int) -> Iterator[int]:
    time.sleep(0.2)
    yield os.getppid()


def stored() -> list[int]:
    """The seeds of all trainings in the store, each as often as it was trained."""
    try:
        with closing(sqlite3.connect("file:store/results.sqlite?mode=ro", uri=True)) as db:
            return sorted(seed for (seed,) in db.execute("SELECT seed FROM repeats"))
    except sqlite3.OperationalError:  # it is about to be made
        return []


def wait_until(reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_the_jobs_of_a_killed_worker_run_on_another_and_one_that_joins_is_used(
    make_cluster: Any,
) -> None:
    cluster = make_cluster()
    doomed = cluster.worker()
    executor = DaskExecutor(address=cluster.address)
    users: list[int] = []
    notes: list[str] = []
    jobs: list[int] = []
    given: list[int] = []

    def enough() -> Iterator[int]:
        """Jobs until a worker has joined and another was killed, however long a start takes."""
        deadline = time.monotonic() + 60
        while doomed.poll() is None and time.monotonic() < deadline:
            given.append(len(given) + 1)
            yield given[-1]
        for _ in range(5):
            given.append(len(given) + 1)
            yield given[-1]

    for job, message in executor.run(process_of, enough()):
        if isinstance(message, Capacity):
            notes += message.notes
            continue
        jobs.append(job)
        users.append(message)
        if len(jobs) == 3:
            cluster.worker()
        if len(set(users)) == 2 and doomed.poll() is None:
            cluster.kill(doomed)
    executor.close()
    assert sorted(jobs) == given
    assert len(set(users)) == 2
    assert len(notes) == 1
    assert "has gone; its 1 job is run again" in notes[0]


@pytest.mark.slow
def test_when_the_scheduler_is_killed_the_rerun_trains_only_what_is_missing(
    make_cluster: Any,
) -> None:
    cluster = make_cluster()
    cluster.worker()
    events: list[Any] = []

    def on_event(event: Any) -> None:
        events.append(event)
        if sum(isinstance(one, Finished) for one in events) == 3:
            cluster.kill(cluster.scheduler)

    with pytest.raises(cmpnet.CmpnetError, match=r"has gone\. Finished repeats are in") as caught:
        cmpnet.bench("baseline", address=cluster.address, on_event=on_event, **BENCH)
    assert caught.value.exit_code == 1
    done = stored()
    assert 3 <= len(done) < 8
    another = make_cluster()
    another.worker()
    cmpnet.bench("baseline", address=another.address, **BENCH)
    assert stored() == [*range(8)], "nothing is lost, and nothing is trained twice"


@pytest.mark.slow
def test_when_the_client_is_killed_its_jobs_are_cancelled_and_the_rerun_resumes(
    make_cluster: Any,
) -> None:
    cluster = make_cluster()
    worker = cluster.worker()
    client = subprocess.Popen(
        [*COMMAND, cluster.address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_until(lambda: len(stored()) >= 2)
    client.send_signal(signal.SIGKILL)
    client.wait()
    done = len(stored())
    wait_until(lambda: _is_idle(cluster, worker))
    again = subprocess.run([*COMMAND, cluster.address], capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert again.stderr.count("from the store") == done
    assert stored() == [*range(12)]


def _is_idle(cluster: Any, worker: Any) -> bool:
    """Whether no task runs on the cluster."""
    import distributed

    with distributed.Client(cluster.address, set_as_default=False) as client:
        return not any(client.processing().values())


@pytest.mark.slow
def test_ctrl_c_ends_with_a_sentence_and_what_ran_is_cancelled(make_cluster: Any) -> None:
    cluster = make_cluster()
    worker = cluster.worker()
    client = subprocess.Popen(
        [*COMMAND, cluster.address], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    wait_until(lambda: len(stored()) >= 1)
    client.send_signal(signal.SIGINT)
    _, err = client.communicate(timeout=30)
    assert client.returncode == 130
    assert "Error: Stopped by Ctrl-C." in err
    assert "Traceback" not in err
    assert _is_idle(cluster, worker)
