"""Benches with real worker processes on real digits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cmpnet import RepeatResult, bench
from cmpnet.arms import make_arms
from cmpnet.executors import Executor, InProcess, LocalExecutor
from cmpnet.registry import Registry
from cmpnet.store import Store
from tests.helpers import TINY, make_plugin

QUICK = {"epochs": "2", "pairs": "100", "batch_size": "50"}
ARMS = ["baseline", "ws-aux"]


def run_bench(
    folder: Path, executor: Executor, arms: list[str], seeds: list[int], *, fresh: bool = False
) -> tuple[list[bench.ArmResults], list[bench.Finished]]:
    registry = Registry()
    planned = bench.plan(registry, make_arms(registry, arms, QUICK))
    finished: list[bench.Finished] = []
    store = Store(folder)
    results = bench.run(
        planned, seeds, store=store, executor=executor, fresh=fresh, on_repeat=finished.append
    )
    store.close()
    return results, finished


def numbers(results: list[bench.ArmResults]) -> dict[str, dict[int, RepeatResult]]:
    """Everything but the time it took."""
    return {
        arm.arm.label: {seed: replace(r, seconds=0) for seed, r in arm.repeats.items()}
        for arm in results
    }


def test_workers_and_order_of_arms_do_not_change_a_bit(tmp_path: Path) -> None:
    seeds = [0, 1, 2]
    alone, _ = run_bench(tmp_path / "a", InProcess(), ARMS, seeds)
    one, _ = run_bench(tmp_path / "b", LocalExecutor(1), ARMS, seeds)
    two, _ = run_bench(tmp_path / "c", LocalExecutor(2), ARMS[::-1], seeds[::-1])
    assert numbers(alone) == numbers(one) == numbers(two)
    assert all(len(arm.repeats) == 3 for arm in two)


def test_what_is_stored_is_not_trained_again_unless_fresh(tmp_path: Path) -> None:
    first, _ = run_bench(tmp_path, InProcess(), ["baseline"], [0, 1])
    more, finished = run_bench(tmp_path, InProcess(), ["baseline"], [0, 1, 2])
    assert [(f.result.seed, f.stored) for f in finished] == [(0, True), (1, True), (2, False)]
    assert more[0].stored == 2
    assert more[0].repeats[0] == first[0].repeats[0]
    again, finished = run_bench(tmp_path, InProcess(), ["baseline"], [0], fresh=True)
    assert not finished[0].stored
    assert numbers(again)["baseline"][0] == numbers(first)["baseline"][0]


def test_jobs_are_interleaved_by_seed(tmp_path: Path) -> None:
    _, finished = run_bench(tmp_path, InProcess(), ARMS, [0, 1])
    assert [(f.result.seed, f.number) for f in finished] == [(0, 0), (0, 1), (1, 0), (1, 1)]


def test_a_repeat_is_in_the_store_before_it_is_reported(tmp_path: Path) -> None:
    registry = Registry()
    planned = bench.plan(registry, make_arms(registry, ["baseline"], QUICK))
    seen = []

    def look(finished: bench.Finished) -> None:
        other = Store(tmp_path)
        seen.append(other.db.execute("SELECT seed FROM repeats").fetchall())
        other.close()

    store = Store(tmp_path)
    bench.run(planned, [7, 8], store=store, executor=InProcess(), on_repeat=look)
    store.close()
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
    monkeypatch.syspath_prepend(str(site))
    results, finished = run_bench(tmp_path, LocalExecutor(2), ["tiny", "baseline"], [0, 1])
    assert [r.status for r in results[0].repeats.values()] == ["failed", "failed"]
    assert all(r.cause for r in results[0].repeats.values())
    assert [r.status for r in results[1].repeats.values()] == ["ok", "ok"]
    assert len(finished) == 4
    assert capfd.readouterr().out == ""


def test_arms_that_train_side_by_side_share_their_seeds_among_the_workers() -> None:
    (arm,) = make_arms(Registry(), ["baseline"], {})
    alone = bench.Planned(arm, "", {})
    together = bench.Planned(arm, "", {}, side_by_side=True)
    seeds = list(range(5))
    groups = list(bench._groups([alone, together], seeds, 2))
    assert [list(group) for number, group in groups if number == 1] == [[0, 1, 2], [3, 4]]
    assert [list(group) for number, group in groups if number == 0] == [[0], [1], [2], [3], [4]]
    assert groups[0] == (0, [0])
    many = list(bench._groups([together], range(1000), 1))
    assert max(len(group) for _, group in many) == bench.SIDE_BY_SIDE
    assert sorted(seed for _, group in many for seed in group) == list(range(1000))
