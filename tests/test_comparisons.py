"""Which arms are compared with which, and what is reported where they differ."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cmpnet import CmpnetError
from cmpnet.analysis.comparisons import ArmComparison, margin_for, obstacle, remarks
from cmpnet.analysis.decide import Comparison, Interval
from cmpnet.results import pairs_by_name, reference_index
from tests.helpers import arm_results, results_of

TEN = [100, 104, 98, 103, 96, 101, 99, 107, 95, 97]


def test_any_arm_can_be_the_reference() -> None:
    extra = (("a", 0), ("b", 9), ("c", 1))
    arms = [arm_results(name, [count + more for count in TEN]) for name, more in extra]
    rows = results_of(arms).compare("b")
    assert [(row.arm, row.reference) for row in rows] == [("a", "b"), ("c", "b")]
    assert [row.comparison.difference for row in rows] == pytest.approx([-0.009, -0.008])


def test_a_constant_difference_has_the_variance_of_counting_and_no_effect_size() -> None:
    arms = [arm_results("a", TEN), arm_results("b", [count + 7 for count in TEN])]
    (row,) = results_of(arms).compare()
    # By hand: t(0.975, 9) = 2.2622 times sqrt(0.007 * 0.993 / 1000 / 10), McNemar's variance.
    assert row.comparison.interval == pytest.approx((0.007 - 0.001886, 0.007 + 0.001886), abs=1e-6)
    assert row.comparison.effect_size is None
    assert row.decision == "higher"


def test_only_seeds_that_both_arms_finished_are_paired() -> None:
    arms = [arm_results("a", [10, None, 30, 40]), arm_results("b", [11, 22, None, 44, 55])]
    (row,) = results_of(arms).compare()
    assert row.comparison.n == 2
    assert row.comparison.difference == pytest.approx(0.0025)


@pytest.mark.parametrize(
    ("interval", "decision"),
    [
        (None, "undecided"),
        ((-0.05, -0.001), "lower"),
        ((0.001, 0.05), "higher"),
        ((0.001, 0.005), "higher"),  # different, though within the margin
        ((-0.01, 0.01), "equivalent"),
        ((0.0, 0.0), "equivalent"),
        ((0.0, 0.011), "undecided"),
        ((-0.011, 0.005), "undecided"),
    ],
)
def test_the_interval_and_the_margin_make_one_of_four_decisions(
    interval: Interval | None, decision: str
) -> None:
    assert (
        ArmComparison("a", "b", Comparison(10, 0.0, interval=interval), 0.01).decision == decision
    )


def test_the_margin_is_one_point_or_a_tenth_of_a_smaller_error_or_what_was_given() -> None:
    large, small, none = (arm_results("a", counts) for counts in ([200, 220], [20, 40], [None]))
    assert margin_for(large, None) == margin_for(none, None) == 0.01
    assert margin_for(small, None) == pytest.approx(0.003)
    assert [margin_for(arm, 0.02) for arm in (large, small, none)] == [0.02] * 3
    assert margin_for(large, 0) == 0


def test_a_margin_changes_what_is_equivalent_and_not_what_is_different() -> None:
    near = [count + (-1) ** n for n, count in enumerate(TEN)]
    arms = [arm_results("a", TEN), arm_results("b", near), arm_results("c", range(50, 60))]
    decisions = {
        margin: [row.decision for row in replace(results_of(arms), margin=margin).compare()]
        for margin in (None, 0.0, 0.5)
    }
    assert decisions == {
        None: ["equivalent", "lower"],
        0.0: ["undecided", "lower"],
        0.5: ["equivalent", "lower"],
    }


def test_runs_are_compared_arm_by_arm_and_arms_without_a_namesake_with_the_first() -> None:
    assert pairs_by_name([["a", "b"], ["b", "a"], ["c"]]) == ((2, 1), (3, 0), (4, 0))
    assert pairs_by_name([["a", "b", "c"]]) == ((1, 0), (2, 0))
    assert pairs_by_name([["a"]]) == ()


def test_a_reference_is_named_by_its_label_or_by_its_architecture_if_that_is_unique() -> None:
    labels = ["ws", "ws-aux[alpha=0]", "ws-aux[alpha=1]", "net:ce"]
    assert reference_index(labels, "ws") == 0
    assert reference_index(labels, "ws-aux[alpha=1]") == 2
    assert reference_index(labels, "net") == 3
    with pytest.raises(CmpnetError, match="several arms: ws-aux"):
        reference_index(labels, "ws-aux")
    with pytest.raises(CmpnetError, match=r"no arm 'sw' .* Did you mean 'ws'"):
        reference_index(labels, "sw")


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"task": "disk"}, "its task is disk, not digit-pairs"),
        ({"pairs": 500}, "pairs is 500, not 1000"),
        (
            {"data": "fedcba9876543210"},
            "its data differ (SHA-256 fedcba98..., not 01234567...)",
        ),
    ],
)
def test_arms_with_another_task_or_other_data_are_not_compared(
    other: dict[str, object], message: str
) -> None:
    first = arm_results("a", TEN, data="0123456789abcdef")
    second = arm_results("b", TEN, **{"data": first.data, **other})  # type: ignore[arg-type]
    assert results_of([first, second]).compare() == []
    assert obstacle(second, first) == message


def test_where_the_same_data_is_stored_does_not_matter() -> None:
    first, second = arm_results("a", TEN, data="x"), arm_results("b", TEN, data="x")
    moved = replace(second.key, task_options={"pairs": 1000, "data_dir": "elsewhere"})
    assert obstacle(replace(second, key=moved), first) is None
    options = {"pairs": 1000, "images": "elsewhere"}
    other_option = replace(second.key, task_options=options, local_paths=("images",))
    assert obstacle(replace(second, key=other_option), first) is None
    not_a_path = replace(other_option, local_paths=())
    assert obstacle(replace(second, key=not_a_path), first) == "images is elsewhere, not None"


def test_other_epochs_seeds_and_code_are_remarked_on() -> None:
    first = arm_results("a", TEN, code={"cmpnet": "1+abc", "plugin": "3"})
    second = arm_results("b", TEN[:7], epochs=5, code={"cmpnet": "1+def", "torch": "2"})
    assert remarks(first, first) == []
    assert remarks(second, first) == [
        "b and a were trained for 5 and 25 epochs.",
        "b and a have 7 seeds in common, of 7 and 10.",
        "b and a were trained by different code: cmpnet 1+def and 1+abc.",
    ]
