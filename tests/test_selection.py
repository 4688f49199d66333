"""The arms that a user selects without a name, by an arm's name and by a run's id."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cmpnet import ArmKey, CmpnetError, RepeatResult, TrainConfig, selection
from cmpnet.store import Identity, Store
from tests.helpers import arm_results


def make_arm(label: str, **config: int) -> ArmKey:
    return ArmKey(
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
            result = arm_results(arm.label, range(seed + 1)).repeats[seed]
            row = store.put(Identity(arm, seed, "", {}), result, {})
            store.add_to_run(run, number, row)
    return run


def test_the_default_is_the_latest_bench_even_if_a_training_came_after_it(store: Store) -> None:
    make_run(store, ["old"], [0, 1])
    run = make_run(store, ["a", "b"], [0, 1], have=1)
    make_run(store, ["a"], [5])
    selected = selection.select(store, [])
    assert [arm.label for arm in selected.arms] == ["a", "b"]
    assert selected.arms[0].test_errors() == [0.0]
    assert run in selected.source
    assert "2 of 4 repeats" in selected.source


def test_the_default_without_a_bench_is_the_latest_training(store: Store) -> None:
    make_run(store, ["a"], [5])
    assert selection.select(store, []).arms[0].test_errors() == [0.005]


def test_an_id_or_its_start_selects_a_run(store: Store) -> None:
    run = make_run(store, ["a", "b"], [0, 1])
    make_run(store, ["c"], [0, 1])
    for name in (run, run[:5]):
        assert [arm.label for arm in selection.select(store, [name]).arms] == ["a", "b"]


def test_a_name_selects_the_arm_of_the_last_bench_that_has_it(store: Store) -> None:
    make_run(store, ["a"], [0, 2])
    make_run(store, ["a", "b"], [0, 4])
    make_run(store, ["c", "a[alpha=1]", "a:l[alpha=2]"], [0, 6])
    (results,) = selection.select(store, ["a"]).arms
    assert results.test_errors() == [0.0, 0.004]
    both = selection.select(store, ["b", "c"]).arms
    assert [arm.label for arm in both] == ["b", "c"]


def test_an_architecture_selects_its_arms_with_any_loss_and_options(store: Store) -> None:
    make_run(store, ["ab", "a[alpha=1]", "a:l[alpha=2]"], [0, 6])
    labels = [arm.label for arm in selection.select(store, ["a"]).arms]
    assert labels == ["a[alpha=1]", "a:l[alpha=2]"]


def test_an_arm_is_found_however_its_numbers_and_options_are_written(store: Store) -> None:
    make_run(store, ["a[alpha=1.0,decay=none]", "a[alpha=0.5,decay=none]"], [0, 1])
    for name in ("a[decay=none,alpha=1]", "a[alpha=1]", "a[alpha=1.00]", "a [alpha=1 ]"):
        (arm,) = selection.select(store, [name]).arms
        assert arm.label == "a[alpha=1.0,decay=none]"
    for name in ("a[alpha=2]", "a[alpha=1,beta=3]", "a:l"):
        with pytest.raises(CmpnetError, match="no arm and no run"):
            selection.select(store, [name])


def test_one_letter_of_an_id_is_enough_if_no_other_begins_so(store: Store) -> None:
    make_run(store, ["x"], [0, 1])
    store.db.execute("UPDATE runs SET id = 'f00'")
    store.db.execute("UPDATE run_repeats SET run = 'f00'")
    assert selection.select(store, ["f"]).source.startswith("run f00")


def test_a_run_whose_repeats_all_failed_is_selected_and_one_without_repeats_is_refused(
    store: Store,
) -> None:
    arm = make_arm("x")
    run = store.begin_run([arm], [0])
    with pytest.raises(CmpnetError, match=f"Run '{run}' has no finished repeat"):
        selection.select(store, [run])
    failed = RepeatResult(seed=0, status="failed", cause="no")
    store.add_to_run(run, 0, store.put(Identity(arm, 0, "", {}), failed, {}))
    (results,) = selection.select(store, [run]).arms
    assert results.repeats[0].status == "failed"


def test_the_source_names_a_training_that_is_newer_than_the_selected_bench(store: Store) -> None:
    make_run(store, ["a"], [5])
    bench = make_run(store, ["a", "b"], [0, 1])
    assert "newer" not in selection.select(store, []).source
    run = make_run(store, ["c"], [5])
    selected = selection.select(store, [])
    assert bench in selected.source
    assert selected.source.endswith(f"; newer: run {run}")


def test_the_labels_tell_the_same_arm_of_two_runs_apart(store: Store) -> None:
    first = make_run(store, ["a"], [0, 1])
    second = make_run(store, ["a"], [3, 4])
    labels = [arm.label for arm in selection.select(store, [first, second]).arms]
    assert labels == ["a", f"a ({second})"]


def test_the_seeds_of_the_same_arm_are_merged_over_all_runs(store: Store) -> None:
    make_run(store, ["a"], [0, 1])
    make_run(store, ["b", "a"], [1, 2])
    errors = {arm.label: arm.test_errors() for arm in selection.all_arms(store)}
    assert errors == {"a": [0, 0.001, 0.002], "b": [0.001, 0.002]}


def test_an_unknown_or_ambiguous_name_is_refused_with_what_there_is(
    store: Store,
) -> None:
    with pytest.raises(CmpnetError, match="has no results; train something first"):
        selection.select(store, [])
    make_run(store, ["ws-aux"], [0, 1])
    with pytest.raises(CmpnetError, match="no arm and no run 'wsaux'"):
        selection.select(store, ["wsaux"])
    store.db.execute("UPDATE runs SET id = 'abc111'")
    store.db.execute("UPDATE run_repeats SET run = 'abc111'")
    store.db.execute("INSERT INTO runs SELECT 'abc222', started, finished, arms, seeds FROM runs")
    store.db.execute("INSERT INTO run_repeats SELECT 'abc222', arm, repeat FROM run_repeats")
    with pytest.raises(CmpnetError, match="Several runs begin with 'abc': abc111, abc222"):
        selection.select(store, ["abc"])
    assert selection.select(store, ["abc1"]).arms


def test_a_run_without_every_repeat_is_not_complete(store: Store) -> None:
    make_run(store, ["a", "b"], [0, 1])
    make_run(store, ["a", "b"], [0, 1], have=1)
    assert [(run.complete, run.finished_repeats) for run in store.runs()] == [(True, 4), (False, 2)]


def test_a_stored_result_without_details_is_read(store: Store) -> None:
    make_run(store, ["a"], [0])
    store.db.execute("UPDATE repeats SET result = json_remove(result, '$.details')")
    (run,) = store.runs()
    (arm,) = store.results(run)
    assert arm.repeats[0].details == {}


def test_the_last_run_is_the_one_that_began_last_whatever_the_clock_said(store: Store) -> None:
    make_run(store, ["a", "b"], [0, 1])
    run = make_run(store, ["c", "d"], [0, 1])
    store.db.execute("UPDATE runs SET started = '1999-01-01T00:00:00' WHERE id = ?", (run,))
    assert [arm.label for arm in selection.select(store, []).arms] == ["c", "d"]
