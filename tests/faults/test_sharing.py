"""Two benches on one store at the same time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.processes import running, stored

QUICK = ("--pairs", "60", "--epochs", "2", "--no-plot", "--workers", "2")
STORE = Path(".cmpnet")


def test_two_benches_on_one_store_train_nothing_twice() -> None:
    with (
        running("bench", "baseline", "ws-plain", "--repeats", "8", *QUICK) as one,
        running("bench", "ws-plain", "baseline", "--repeats", "10", *QUICK) as two,
    ):
        assert one.wait() == 0, one.stderr
        assert two.wait() == 0, two.stderr
    # stored() fails where a repeat is there twice.
    assert stored(STORE).keys() == {(a, s) for a in ("baseline", "ws-plain") for s in range(10)}
    assert len(one.reported()) == 16
    assert len(two.reported()) == 20


def test_a_bench_waits_for_another_and_trains_the_repeat_once_that_one_is_killed() -> None:
    endless = ("bench", "baseline", "--epochs", "100000", "--repeats", "1", "--no-plot")
    with running(*endless) as one, running(*endless) as two:
        one.wait_until(lambda: any("waiting for 1 repeat" in b.stderr for b in (one, two)))
        waiting, training = (one, two) if "waiting" in one.stderr else (two, one)
        assert not waiting.workers()
        training.kill()
        training.wait()
        waiting.wait_until(waiting.workers)
        assert waiting.process.poll() is None


def test_several_processes_may_make_one_store_at_once() -> None:
    code = """
import time
from pathlib import Path
from cmpnet.store import Store
time.sleep(2 - time.time() % 2)
for number in range(20):
    time.sleep(0.05 - time.time() % 0.05)
    Store(Path(f"store{number}")).close()
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [each.communicate(timeout=60)[1] for each in processes] == [""] * 4
