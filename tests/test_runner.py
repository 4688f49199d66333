"""Benches with real worker processes on real digits."""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import threading
from collections import Counter
from collections.abc import Generator, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import cmpnet
from cmpnet import CmpnetError, Results, jobs, runner
from cmpnet.arms import Shared, resolve_all
from cmpnet.events import Epoch, Event, Finished, Planned, Started
from cmpnet.registry import Registry
from cmpnet.run_options import RunOptions
from cmpnet.runtime.executors import Executor, Job, Message, Work
from cmpnet.runtime.local import LocalExecutor
from cmpnet.spec import RepeatResult
from cmpnet.store import Store
from tests.helpers import TINY, make_plugin
from tests.processes import started

QUICK = {"epochs": "2", "pairs": "100", "batch_size": "50"}
ARMS = ("baseline", "ws-aux")
Numbers = dict[str, dict[int, RepeatResult]]


class InProcess:
    """The simplest executor: one job after another, in this process."""

    workers = 1

    def run(
        self, work: Work[Job, Message], jobs: Iterable[Job]
    ) -> Generator[tuple[Job, Message], None, None]:
        for job in jobs:
            for message in work(job):
                yield job, message


def plan(*arms: str) -> list[jobs.Plan]:
    return jobs.plan(resolve_all(arms, Registry(), Shared(QUICK)))


def events_of(
    folder: Path, executor: Executor, arms: Sequence[str], seeds: Sequence[int], *, fresh: bool
) -> list[Event]:
    with contextlib.closing(Store(folder)) as store:
        bench = runner.Bench(plan(*arms), seeds, store, RunOptions(fresh=fresh))
        return list(runner.run(bench, executor))


def finished(
    folder: Path,
    executor: Executor,
    arms: Sequence[str],
    seeds: Sequence[int],
    *,
    fresh: bool = False,
) -> list[Finished]:
    events = events_of(folder, executor, arms, seeds, fresh=fresh)
    return [event for event in events if isinstance(event, Finished)]


def numbers(arms: Sequence[str], repeats: Iterable[Finished]) -> Numbers:
    """Everything but the time it took, by arm and seed."""
    results: Numbers = {arm: {} for arm in arms}
    for event in repeats:
        results[arms[event.arm]][event.result.seed] = replace(event.result, seconds=0)
    return results


def test_workers_and_order_of_arms_do_not_change_a_bit(tmp_path: Path) -> None:
    seeds = [0, 1, 2]
    alone = finished(tmp_path / "a", InProcess(), ARMS, seeds)
    one = finished(tmp_path / "b", LocalExecutor(1), ARMS, seeds)
    two = finished(tmp_path / "c", LocalExecutor(2), ARMS[::-1], seeds[::-1])
    assert numbers(ARMS, alone) == numbers(ARMS, one) == numbers(ARMS[::-1], two)
    assert Counter(event.arm for event in two) == {0: 3, 1: 3}


def test_what_is_stored_is_not_trained_again_unless_fresh(tmp_path: Path) -> None:
    first = finished(tmp_path, InProcess(), ["baseline"], [0, 1])
    more = finished(tmp_path, InProcess(), ["baseline"], [0, 1, 2])
    assert [(f.result.seed, f.stored) for f in more] == [(0, True), (1, True), (2, False)]
    assert more[0].result == first[0].result
    (again,) = finished(tmp_path, InProcess(), ["baseline"], [0], fresh=True)
    assert not again.stored
    assert replace(again.result, seconds=0) == replace(first[0].result, seconds=0)


def test_jobs_are_interleaved_by_seed(tmp_path: Path) -> None:
    repeats = finished(tmp_path, InProcess(), ARMS, [0, 1])
    assert [(f.result.seed, f.arm) for f in repeats] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_repeat_is_in_the_store_before_it_is_reported(tmp_path: Path) -> None:
    seen = []
    with contextlib.closing(Store(tmp_path)) as store:
        bench = runner.Bench(plan("baseline"), [7, 8], store, RunOptions())
        for event in runner.run(bench, InProcess()):
            if isinstance(event, Finished):
                with contextlib.closing(Store(tmp_path)) as other:
                    seen.append(other.db.execute("SELECT seed FROM repeats").fetchall())
    assert seen == [[(7,)], [(7,), (8,)]]


@pytest.mark.parametrize(
    "fault",
    [
        "raise ValueError('sour milk')",
        "raise SystemExit('sour milk')",
        "print('sour milk'); 1 / 0",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
def test_one_arm_that_fails_in_any_way_leaves_the_others_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    site = tmp_path / "site"
    code = TINY.replace("return Net(width)", fault)
    make_plugin(site, "sour-plugin", code, {"architectures": {"tiny": "TINY"}})
    monkeypatch.delitem(sys.modules, "sour_plugin", raising=False)  # of another case
    monkeypatch.syspath_prepend(str(site))
    repeats = finished(tmp_path, LocalExecutor(2), ["tiny", "baseline"], [0, 1])
    assert [f.result.status for f in repeats if f.arm == 0] == ["failed", "failed"]
    assert all(f.result.cause for f in repeats if f.arm == 0)
    assert [f.result.status for f in repeats if f.arm == 1] == ["ok", "ok"]
    assert len(repeats) == 4
    assert capfd.readouterr().out == ""


def test_arms_that_train_side_by_side_share_their_seeds_among_the_workers(tmp_path: Path) -> None:
    (alone,) = plan("baseline")
    together = replace(alone, side_by_side=True)

    def groups(plans: list[jobs.Plan], repeats: int, workers: int) -> list[runner.Group]:
        return runner.Bench(plans, range(repeats), store, RunOptions()).groups(workers)

    with contextlib.closing(Store(tmp_path)) as store:
        few = groups([alone, together], 5, 2)
        many = groups([together], 1000, 1)
    assert [list(seeds) for number, seeds in few if number == 1] == [[0, 1, 2], [3, 4]]
    assert [list(seeds) for number, seeds in few if number == 0] == [[0], [1], [2], [3], [4]]
    assert (few[0][0], list(few[0][1])) == (0, [0])
    assert max(len(seeds) for _, seeds in many) == runner.SIDE_BY_SIDE
    assert sorted(seed for _, seeds in many for seed in seeds) == list(range(1000))


# -- events ---------------------------------------------------------------------------------------


def bench(**options: object) -> Results:
    return cmpnet.bench(ARMS, repeats=3, workers=2, store="store", **{**QUICK, **options})


def test_events_come_in_order_and_one_per_epoch_and_repeat() -> None:
    events: list[Event] = []
    results = bench(on_event=events.append)
    assert isinstance(events[0], Planned)
    planned = [(key.label, key.config.epochs) for key in events[0].arms]
    assert (planned, events[0].seeds) == ([(label, 2) for label in ARMS], (0, 1, 2))
    for number, arm in enumerate(results.arms):
        for seed, result in arm.repeats.items():
            mine = [
                event
                for event in events[1:]
                if event.arm == number  # type: ignore[union-attr]
                and (
                    (isinstance(event, Started) and seed in event.seeds)
                    or (isinstance(event, Epoch) and event.seed == seed)
                    or (isinstance(event, Finished) and event.result.seed == seed)
                )
            ]
            assert [type(event) for event in mine] == [Started, Epoch, Epoch, Finished]
            epochs = [event for event in mine if isinstance(event, Epoch)]
            assert [event.epoch for event in epochs] == [1, 2]
            assert [event.test_error for event in epochs] == result.curves.test_error
            assert mine[-1] == Finished(number, result, stored=False)
    assert Counter(type(event) for event in events) == {
        Planned: 1,
        Started: 6,
        Epoch: 12,
        Finished: 6,
    }


def test_a_stored_repeat_is_only_finished() -> None:
    bench()
    events: list[Event] = []
    bench(on_event=events.append)
    assert [type(event) for event in events] == [Planned] + [Finished] * 6
    assert all(event.stored for event in events if isinstance(event, Finished))


def workers() -> list[int]:
    """Ids of the living worker processes."""
    return [process.pid for process in multiprocessing.active_children() if process.pid]


def are_gone(pids: Sequence[int]) -> bool:
    return bool(pids) and not any(Path(f"/proc/{pid}").exists() for pid in pids)


def stored_seeds(folder: str) -> set[tuple[str, int]]:
    return {(arm.label, seed) for arm in cmpnet.load(store=folder).arms for seed in arm.repeats}


def test_an_exception_in_on_event_leaves_no_worker_and_keeps_what_is_finished() -> None:
    reported: set[tuple[str, int]] = set()
    pids = []

    def stop_at_the_second(event: Event) -> None:
        if isinstance(event, Finished):
            reported.add((ARMS[event.arm], event.result.seed))
            if len(reported) == 2:
                pids.extend(workers())
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bench(on_event=stop_at_the_second)
    assert are_gone(pids)
    assert stored_seeds("store") >= reported
    results = bench()
    assert sum(arm.stored for arm in results.arms) >= 2
    assert [sorted(arm.repeats) for arm in results.arms] == [[0, 1, 2]] * 2


def test_a_closed_bench_leaves_no_worker_and_keeps_what_is_finished(tmp_path: Path) -> None:
    with contextlib.closing(Store(tmp_path)) as store:
        bench = runner.Bench(plan(*ARMS), range(20), store, RunOptions())
        events = runner.run(bench, LocalExecutor(2))
        repeat = next(event for event in events if isinstance(event, Finished))
        pids = workers()
        events.close()  # type: ignore[attr-defined]
        assert are_gone(pids)
    assert (ARMS[repeat.arm], repeat.result.seed) in stored_seeds(str(tmp_path))


def test_an_own_network_that_cannot_be_pickled_is_refused_before_training() -> None:
    lock = threading.Lock()
    baseline = Registry().architecture("baseline")
    mine = replace(baseline, name="mine", build=lambda *, hidden=4: lock or baseline.build())
    with pytest.raises(CmpnetError, match=r"'mine' raised TypeError: cannot pickle"):
        cmpnet.bench([mine, "baseline"], repeats=1, workers=2, store="store")


def test_a_plugin_that_cannot_be_sent_to_a_worker_fails_alone_and_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = TINY.replace("build=build", "build=lambda *, width=4: LOCK or Net(width)")
    code += """
    import threading
    LOCK = threading.Lock()
    """
    make_plugin(tmp_path / "site", "locked-plugin", code, {"architectures": {"tiny": "TINY"}})
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    repeats = finished(tmp_path, LocalExecutor(2), ["tiny", "baseline"], [0])
    failed, whole = (f.result for f in sorted(repeats, key=lambda f: f.arm))
    assert failed.status == "failed"
    assert "cannot pickle '_thread.lock' object" in failed.cause
    assert whole.status == "ok"


# -- networks of a script -------------------------------------------------------------------------

SCRIPT = """
import torch
import cmpnet

print("the script runs")

class Net(torch.nn.Module):
    def __init__(self, width):
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Flatten(), torch.nn.Linear(392, width), torch.nn.ReLU(),
            torch.nn.Linear(width, 2))

    def forward(self, x):
        return {"verdict": self.body(x)}

def build(*, width: int = 4):
    return Net(width)

mine = cmpnet.Architecture(name="mine", summary="", build=build, outputs={"verdict": (2,)},
                           task="digit-pairs", loss="ce")
results = cmpnet.bench([mine, "baseline"], repeats=2, workers=2, epochs=1, pairs=20)
for arm in results.arms:
    for seed, repeat in sorted(arm.repeats.items()):
        print(arm.label, seed, repeat.status, repeat.parameters)
print(sum(arm.stored for arm in results.arms), "from the store")
"""


def run_script() -> tuple[list[str], set[int]]:
    """The output of the script, and the workers of a fork server that it has trained on."""
    Path("script.py").write_text(SCRIPT)
    workers: set[int] = set()

    def look() -> set[int]:
        workers.update(script.workers())
        return workers

    with started(sys.executable, "script.py") as script:
        script.wait_until(look)
        assert (script.wait(), script.stderr) == (0, "")
    return script.stdout.splitlines(), workers


def test_workers_train_the_networks_of_a_script_that_has_no_main_guard() -> None:
    output, workers = run_script()
    assert output == [
        "the script runs",  # once: no worker runs it again
        *(f"mine {seed} ok {392 * 4 + 4 + 4 * 2 + 2}" for seed in (0, 1)),
        *(f"baseline {seed} ok 185506" for seed in (0, 1)),
        "0 from the store",
    ]
    assert workers
    output, workers = run_script()
    assert output[-1] == "4 from the store", "its own networks too"
    assert not workers
