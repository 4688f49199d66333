"""What a user means by nothing, by an arm's name and by a run's id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmpnet import Arm, CmpnetError, RepeatResult, TrainConfig, history
from cmpnet.store import Store, identity
from tests.helpers import arm_with


def make_arm(label: str, **config: int) -> Arm:
    return Arm(
        label=label,
        architecture=label.split(":")[0].split("[")[0],
        loss="l",
        task="t",
        architecture_options={},
        loss_options={"text": label},
        task_options={},
        config=TrainConfig(**config),
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store(tmp_path)
    yield made
    made.close()


def make_run(store: Store, labels: list[str], seeds: list[int], *, have: int = 99) -> str:
    """A run of arms whose repeat with seed s has s errors in 1000, of which some are stored."""
    arms = [make_arm(label) for label in labels]
    run = store.begin_run(arms, seeds)
    for number, arm in enumerate(arms):
        for seed in seeds[:have]:
            result = arm_with(arm.label, range(seed + 1)).repeats[seed]
            row = store.put(identity(arm, seed, "", {}), result, {})
            store.add_to_run(run, number, row)
    return run


def test_the_latest_bench_is_meant_by_default_and_not_a_training_after_it(store: Store) -> None:
    make_run(store, ["old"], [0, 1])
    run = make_run(store, ["a", "b"], [0, 1], have=1)
    make_run(store, ["a"], [5])
    chosen = history.select(store, [])
    assert [results.arm.label for results in chosen.results] == ["a", "b"]
    assert chosen.results[0].test_errors() == [0.0]
    assert run in chosen.source
    assert "2 of 4 repeats" in chosen.source


def test_a_single_training_is_meant_where_there_is_no_bench(store: Store) -> None:
    make_run(store, ["a"], [5])
    assert history.select(store, []).results[0].test_errors() == [0.005]


def test_an_id_or_its_start_means_a_run(store: Store) -> None:
    run = make_run(store, ["a", "b"], [0, 1])
    make_run(store, ["c"], [0, 1])
    for name in (run, run[:5]):
        assert [r.arm.label for r in history.select(store, [name]).results] == ["a", "b"]


def test_a_name_means_the_arm_of_the_last_bench_that_has_it(store: Store) -> None:
    make_run(store, ["a"], [0, 2])
    make_run(store, ["a", "b"], [0, 4])
    make_run(store, ["c", "a[alpha=1]", "a:l[alpha=2]"], [0, 6])
    (results,) = history.select(store, ["a"]).results
    assert results.test_errors() == [0.0, 0.004]
    both = history.select(store, ["b", "c"]).results
    assert [r.arm.label for r in both] == ["b", "c"]


def test_the_start_of_a_name_means_all_arms_that_go_on_with_options(store: Store) -> None:
    make_run(store, ["ab", "a[alpha=1]", "a:l[alpha=2]"], [0, 6])
    labels = [r.arm.label for r in history.select(store, ["a"]).results]
    assert labels == ["a[alpha=1]", "a:l[alpha=2]"]


def test_an_arm_is_found_however_its_numbers_and_options_are_written(store: Store) -> None:
    make_run(store, ["a[alpha=1.0,decay=none]", "a[alpha=0.5,decay=none]"], [0, 1])
    for name in ("a[decay=none,alpha=1]", "a[alpha=1]", "a[alpha=1.00]", "a [alpha=1 ]"):
        (found,) = history.select(store, [name]).results
        assert found.arm.label == "a[alpha=1.0,decay=none]"
    for name in ("a[alpha=2]", "a[alpha=1,beta=3]", "a:l"):
        with pytest.raises(CmpnetError, match="no arm and no run"):
            history.select(store, [name])


def test_one_letter_of_an_id_is_enough_if_no_other_begins_so(store: Store) -> None:
    make_run(store, ["x"], [0, 1])
    store.db.execute("UPDATE runs SET id = 'f00'")
    store.db.execute("UPDATE run_repeats SET run = 'f00'")
    assert history.select(store, ["f"]).source.startswith("run f00")


def test_a_run_whose_repeats_all_failed_is_found_by_its_id_and_one_without_any_is_named(
    store: Store,
) -> None:
    arm = make_arm("x")
    run = store.begin_run([arm], [0])
    with pytest.raises(CmpnetError, match=f"Run '{run}' has no finished repeat"):
        history.select(store, [run])
    failed = RepeatResult(seed=0, status="failed", cause="no")
    store.add_to_run(run, 0, store.put(identity(arm, 0, "", {}), failed, {}))
    (results,) = history.select(store, [run]).results
    assert results.repeats[0].status == "failed"


def test_a_training_newer_than_the_bench_that_is_meant_is_named(store: Store) -> None:
    make_run(store, ["a"], [5])
    bench = make_run(store, ["a", "b"], [0, 1])
    assert "newer" not in history.select(store, []).source
    run = make_run(store, ["c"], [5])
    chosen = history.select(store, [])
    assert bench in chosen.source
    assert chosen.source.endswith(f"; newer: run {run}")


def test_the_same_arm_of_two_runs_is_told_apart(store: Store) -> None:
    first = make_run(store, ["a"], [0, 1])
    second = make_run(store, ["a"], [3, 4])
    labels = [r.arm.label for r in history.select(store, [first, second]).results]
    assert labels == ["a", f"a ({second})"]


def test_everything_joins_the_seeds_of_the_same_arm_over_the_runs(store: Store) -> None:
    make_run(store, ["a"], [0, 1])
    make_run(store, ["b", "a"], [1, 2])
    found = {r.arm.label: r.test_errors() for r in history.everything(store)}
    assert found == {"a": [0, 0.001, 0.002], "b": [0.001, 0.002]}


def test_what_means_nothing_is_refused_with_what_there_is(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CmpnetError, match="no results to draw"):
        history.select(store, [])
    make_run(store, ["ws-aux"], [0, 1])
    with pytest.raises(CmpnetError, match="no arm and no run 'wsaux'"):
        history.select(store, ["wsaux"])
    store.db.execute("UPDATE runs SET id = 'abc111'")
    store.db.execute("UPDATE run_repeats SET run = 'abc111'")
    store.db.execute("INSERT INTO runs SELECT 'abc222', started, finished, arms, seeds FROM runs")
    store.db.execute("INSERT INTO run_repeats SELECT 'abc222', arm, repeat FROM run_repeats")
    with pytest.raises(CmpnetError, match="begins several runs: abc111, abc222"):
        history.select(store, ["abc"])
    assert history.select(store, ["abc1"]).results


def test_a_run_without_every_repeat_is_not_complete(store: Store) -> None:
    make_run(store, ["a", "b"], [0, 1])
    make_run(store, ["a", "b"], [0, 1], have=1)
    assert [(run.complete, run.finished_repeats) for run in store.runs()] == [(True, 4), (False, 2)]


def test_a_result_of_before_there_were_details_is_read(store: Store) -> None:
    run = make_run(store, ["a"], [0])
    store.db.execute("UPDATE repeats SET result = json_remove(result, '$.details')")
    assert store.repeats(run)[0][1].details == {}
