"""kill -9 at any moment: reported repeats are stored, and a rerun ends with the same numbers."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from tests.processes import Numbers, Running, running, stored

ARMS = ("baseline", "ws-plain")
BENCH = ("bench", *ARMS, "--pairs", "60", "--epochs", "1", "--repeats", "12", "--no-plot")
STORE = Path(".cmpnet")
COUNT = 24


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Numbers:
    """The numbers of a bench that was not killed."""
    folder = tmp_path_factory.mktemp("undisturbed")
    here = Path.cwd()
    os.chdir(folder)
    try:
        with running(*BENCH) as bench:
            assert bench.wait() == 0, bench.stderr
            assert len(bench.reported()) == COUNT
    finally:
        os.chdir(here)
    return stored(folder / STORE)


def die(bench: Running, moment: float, workers_too: bool) -> None:
    """Kill the bench at a random time after its start, or right after a repeat was written."""
    if moment < 2.5:
        bench.wait_at_most(moment)
    else:
        done = len(bench.reported()) + int((moment - 2.5) * 4)
        bench.wait_until(lambda: len(bench.reported()) > done)
    for pid in bench.workers()[:1] if workers_too else []:
        os.kill(pid, signal.SIGKILL)
    bench.kill()
    assert bench.wait() in (-signal.SIGKILL, 0)


@pytest.mark.parametrize("times", [3, pytest.param(50, marks=pytest.mark.slow)])
def test_a_bench_killed_at_random_moments_loses_nothing(times: int, undisturbed: Numbers) -> None:
    moments = random.Random(times)
    for number in range(times):
        before = stored(STORE) if STORE.exists() else {}
        if len(before) == COUNT:  # all done: start over
            STORE.rename(f"done{number}")
            before = {}
        with running(*BENCH) as bench:
            die(bench, moments.uniform(0, 5), workers_too=moments.random() < 0.3)
            reported = bench.reported()
        after = stored(STORE) if STORE.exists() else {}
        assert reported <= after.keys()
        assert before.items() <= after.items(), "a stored repeat was lost or trained again"
        assert after.items() <= undisturbed.items()
    with running(*BENCH) as bench:
        assert bench.wait() == 0, bench.stderr
        assert len(bench.reported()) == COUNT
        assert bench.stderr.count("from the store") == len(after)
    assert stored(STORE) == undisturbed


@pytest.mark.parametrize("victim", ["worker", pytest.param("server", marks=pytest.mark.slow)])
def test_the_repeat_of_a_killed_worker_is_run_again(undisturbed: Numbers, victim: str) -> None:
    with running(*BENCH) as bench:
        bench.wait_until(bench.reported)
        workers = bench.workers()
        assert workers
        if victim == "server":
            os.kill(bench.server(), signal.SIGKILL)
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        assert bench.wait() == 0, bench.stderr
        assert "Traceback" not in bench.stderr
        assert len(bench.reported()) == COUNT
    assert stored(STORE) == undisturbed
