"""The arms that a user selects without a name, by an arm's name and by a run's id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cmpnet import ArmKey, CmpnetError, RepeatResult, TrainConfig, selection
from cmpnet.store import Identity, Store
from tests.helpers import arm_results, renew_checksums, results_of


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


def make_run(
    store: Store,
    labels: list[str],
    seeds: list[int],
    *,
    have: int = 99,
    data: str = "",
    options: Mapping[str, Any] | None = None,
    **config: Any,
) -> str:
    """A run of arms whose repeat with seed s has s errors in 1000, of which some are stored."""
    arms = [replace(make_arm(label, **config), task_options=options or {}) for label in labels]
    run = store.begin_run(arms, seeds)
    for number, arm in enumerate(arms):
        for seed in seeds[:have]:
            result = arm_results(arm.label, range(seed + 1)).repeats[seed]
            row = store.put(Identity(arm, seed, data, {}), result, {})
            store.add_to_run(run, number, row)
    return run


def selected(store: Store, *names: str, **where: object) -> tuple[list[str], str]:
    """The labels that results get, and the sentence about what is left out."""
    selection_made = selection.select(store, names, where)
    return [arm.label for arm in selection_made.results().arms], selection_made.left_out


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
    renew_checksums(store.db)
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
    with pytest.raises(CmpnetError, match="no arm and no run 'x'"):
        selection.select(store, ["x"])


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
    labels = [arm.label for arm in selection.select(store, [first, second]).results().arms]
    assert labels == ["a", f"a ({second})"]


def test_three_files_of_one_name_give_three_labels() -> None:
    names = [f"{folder}/x.json" for folder in "abc"]
    for number, name in enumerate(names):
        Path(name).parent.mkdir()
        results_of([arm_results("ws", [number])]).save(name)
    labels = [arm.label for arm in selection.select(None, names).results().arms]
    assert labels == ["ws", "ws (x.json)", "ws (x.json 2)"]


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
    store.db.execute(
        "INSERT INTO runs SELECT 2, 'abc222', started, finished, arms, seeds, design, about, '' "
        "FROM runs"
    )
    store.db.execute("INSERT INTO run_repeats SELECT 'abc222', arm, repeat, '' FROM run_repeats")
    renew_checksums(store.db)
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
    renew_checksums(store.db)
    (run,) = store.runs()
    (arm,) = store.results(run)
    assert arm.repeats[0].details == {}


def test_the_last_run_is_the_one_that_began_last_whatever_the_clock_said(store: Store) -> None:
    make_run(store, ["a", "b"], [0, 1])
    run = make_run(store, ["c", "d"], [0, 1])
    store.db.execute("UPDATE runs SET started = '1999-01-01T00:00:00' WHERE id = ?", (run,))
    renew_checksums(store.db)
    assert [arm.label for arm in selection.select(store, []).arms] == ["c", "d"]


# -- protocols ------------------------------------------------------------------------------------


def test_a_short_try_is_not_shown_beside_a_full_bench(store: Store) -> None:
    make_run(store, ["a", "b"], [0, 1])
    run = make_run(store, ["b"], [0, 1], epochs=1)
    labels, left_out = selected(store, "a", "b")
    assert labels == ["a", "b"]
    assert left_out == (
        f"Only results of t, 25 epochs are shown; left out: 1 epoch (run {run}: b). "
        "To choose others, give --where epochs=1, or name a run."
    )
    assert selection.select(store, ["b"]).source.startswith(f"run {run}"), "the newest complete"


def test_without_names_the_newest_complete_bench_is_shown_and_other_protocols_are_named(
    store: Store,
) -> None:
    make_run(store, ["a", "b"], [0, 1])
    make_run(store, ["a", "b"], [0, 1], epochs=1, have=1)
    labels, left_out = selected(store)
    assert labels == ["a", "b"]
    assert "Only results of t, 25 epochs are shown; left out: 1 epoch" in left_out
    make_run(store, ["c", "d"], [0, 1], epochs=2)
    labels, left_out = selected(store)
    assert labels == ["c", "d"]
    assert "left out: 1 epoch (run " in left_out
    assert "; 25 epochs (run " in left_out


def test_a_later_training_with_other_options_is_left_out(store: Store) -> None:
    make_run(store, ["a", "b"], [0, 1], options={"pairs": 1000})
    make_run(store, ["a"], [0], options={"pairs": 50})
    labels, left_out = selected(store, "a", "b")
    assert labels == ["a", "b"]
    assert "left out: pairs 50" in left_out
    assert "--where pairs=50" in left_out


def test_other_data_are_left_out(store: Store) -> None:
    make_run(store, ["a"], [0, 1], data="1" * 64)
    make_run(store, ["b"], [0, 1], data="2" * 64)
    labels, left_out = selected(store, "a", "b")
    assert labels == ["b"]
    assert "left out: data 11111111" in left_out
    assert "To choose others, name a run." in left_out


def test_an_option_that_is_in_no_label_chooses_an_arm(store: Store) -> None:
    make_run(store, ["a", "b"], [0, 1], options={"pairs": 1000})
    make_run(store, ["a"], [0, 1], epochs=1, options={"pairs": 1000})
    for name in ("a[epochs=25]", "a[pairs=1000,epochs=25.0]", "a[training.epochs=25]"):
        assert selected(store, name) == (["a"], "")
        assert selection.select(store, [name]).arms[0].key.config.epochs == 25
    with pytest.raises(CmpnetError, match="no arm and no run"):
        selection.select(store, ["a[epochs=7]"])


def test_an_arm_that_is_named_with_its_protocol_decides_that_of_the_others(store: Store) -> None:
    make_run(store, ["a", "b"], [0, 1])
    make_run(store, ["a", "b"], [0, 1], epochs=1)
    arms = selection.select(store, ["a[epochs=25]", "b"]).arms
    assert [arm.key.config.epochs for arm in arms] == [25, 25]


def test_what_is_mixed_on_purpose_is_labelled(store: Store) -> None:
    long = make_run(store, ["a"], [0, 1])
    short = make_run(store, ["a"], [0, 1, 2], epochs=1)
    for names in (("a[epochs=1]", "a[epochs=25]"), (short, long)):
        assert selected(store, *names) == (["a (1 epoch)", "a (25 epochs)"], "")


def test_arms_of_one_bench_are_all_shown_and_called_as_in_the_bench(store: Store) -> None:
    run = store.begin_run([make_arm("a"), make_arm("a[epochs=2]", epochs=2)], [0])
    for number, arm in enumerate(store.runs()[0].arms):
        result = arm_results("a", [number]).repeats[0]
        store.add_to_run(run, number, store.put(Identity(arm, 0, "", {}), result, {}))
    assert selected(store) == (["a", "a[epochs=2]"], "")


def test_where_keeps_the_arms_with_an_option_value(store: Store) -> None:
    make_run(store, ["a", "b"], [0, 1], options={"pairs": 1000})
    run = make_run(store, ["a"], [0, 1], options={"pairs": 50})
    assert selected(store, "a", "b", pairs=1000) == (["a", "b"], "")
    assert run in selection.select(store, [], {"pairs": "50"}).source
    assert selected(store, batch_size=100, pairs=50, architecture="a")[0] == ["a"]
    assert selected(store, text="b")[0] == ["b"]


def test_a_path_is_chosen_by_its_last_component_and_its_absence_by_none(store: Store) -> None:
    make_run(store, ["a"], [0, 1], data="1", options={"data_dir": "/x/letters"})
    make_run(store, ["a"], [0, 1], data="2", options={"data_dir": None})
    for value, data in {"letters": "1", "/x/letters": "1", "none": "2"}.items():
        (arm,) = selection.select(store, ["a"], {"data_dir": value}).arms
        assert arm.data == data


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ({"epoch": 25}, "No arm here has an option 'epoch'. Did you mean 'epochs'?"),
        ({"epochs": 7}, "No arm here has epochs=7. .*Values of epochs: 1, 25."),
        ({"architecture": "nett"}, "No arm here has architecture=nett. Did you mean 'net'?"),
        (
            {"epochs": 1, "architecture": "net"},
            "No arm of the store has epochs=1 and architecture=net",
        ),
    ],
)
def test_a_where_that_nothing_satisfies_is_refused_with_what_there_is(
    store: Store, where: dict[str, object], message: str
) -> None:
    make_run(store, ["a", "net"], [0, 1])
    make_run(store, ["a"], [0, 1], epochs=1)
    with pytest.raises(CmpnetError, match=message.replace("?", "[?]")):
        selection.select(store, [], where)
    with pytest.raises(CmpnetError, match="No arm of net has epochs=1"):
        selection.select(store, ["net"], {"epochs": 1})


def test_all_runs_are_merged_within_one_protocol(store: Store) -> None:
    make_run(store, ["a[text=1]", "a[text=2]"], [0, 1])
    make_run(store, ["a[text=1]"], [2])
    make_run(store, ["a[text=1]"], [0, 1], epochs=1)
    make_run(store, ["other"], [0, 1], options={"pairs": 3})
    full = selection.select_from_all_runs(store, [], {"epochs": 25, "architecture": "a"})
    assert [sorted(arm.repeats) for arm in full.arms] == [[0, 1, 2], [0, 1]]
    newest = selection.select_from_all_runs(store, ["a"])
    assert [arm.key.config.epochs for arm in newest.arms] == [1]
    assert "left out: 25 epochs (a[text=1])" in newest.left_out
    both = selection.select_from_all_runs(store, ["a[epochs=1]", "a[epochs=25]"])
    assert len(both.arms) == 3
    assert both.left_out == ""


def test_the_sentence_names_every_protocol_that_is_shown(store: Store) -> None:
    for epochs in (1, 2, 3):
        make_run(store, ["a", "b"], [0, 1], epochs=epochs)
    _, left_out = selected(store, "a[epochs=1]", "a[epochs=2]", "b")
    assert left_out.startswith(
        "Only results of t, 1 epoch and of t, 2 epochs are shown; left out: 3 epochs"
    )


def test_many_other_protocols_are_counted(store: Store) -> None:
    for epochs in range(1, 7):
        make_run(store, ["a"], [0, 1], epochs=epochs)
    _, left_out = selected(store, "a")
    assert "; 2 more protocols. To choose others" in left_out
    assert len(left_out) < 300
