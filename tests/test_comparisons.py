"""Which arms are compared with which, and what is said where they differ."""

from __future__ import annotations

import pytest

from cmpnet import CmpnetError
from cmpnet.analysis.comparisons import (
    against,
    by_name,
    obstacle,
    reference_place,
    remarks,
    with_reference,
)
from tests.helpers import arm_with

TEN = [100, 104, 98, 103, 96, 101, 99, 107, 95, 97]


def test_any_arm_can_be_the_reference() -> None:
    arms = [arm_with(name, [c + add for c in TEN]) for name, add in (("a", 0), ("b", 9), ("c", 1))]
    rows = against(arms, with_reference(3, 1))
    assert [(row.arm, row.reference) for row in rows] == [("a", "b"), ("c", "b")]
    assert [row.comparison.difference for row in rows] == pytest.approx([-0.009, -0.008])


def test_a_constant_difference_has_no_spread_of_rounding_dust() -> None:
    arms = [arm_with("a", TEN), arm_with("b", [c + 7 for c in TEN])]
    (row,) = against(arms, with_reference(2))
    assert row.comparison.ci95 == pytest.approx((0.007, 0.007), abs=1e-15)
    assert row.comparison.effect_size is None


def test_only_seeds_that_both_finished_are_paired() -> None:
    arms = [arm_with("a", [10, None, 30, 40]), arm_with("b", [11, 22, None, 44, 55])]
    (row,) = against(arms, with_reference(2))
    assert row.comparison.n == 2
    assert row.comparison.difference == pytest.approx(0.0025)


def test_runs_are_compared_arm_by_arm_and_what_has_no_namesake_with_the_first() -> None:
    assert by_name([["a", "b"], ["b", "a"], ["c"]]) == [(2, 1), (3, 0), (4, 0)]
    assert by_name([["a", "b", "c"]]) == [(1, 0), (2, 0)]
    assert by_name([["a"]]) == []


def test_a_reference_is_meant_by_its_label_or_its_start_if_that_is_one_arm() -> None:
    labels = ["ws", "ws-aux[alpha=0]", "ws-aux[alpha=1]", "net:ce"]
    assert reference_place(labels, "ws") == 0
    assert reference_place(labels, "ws-aux[alpha=1]") == 2
    assert reference_place(labels, "net") == 3
    with pytest.raises(CmpnetError, match="several arms: ws-aux"):
        reference_place(labels, "ws-aux")
    with pytest.raises(CmpnetError, match=r"no arm 'sw' .* Did you mean 'ws'"):
        reference_place(labels, "sw")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"task": "disk"}, "its task is disk, not digit-pairs"),
        ({"pairs": 500}, "pairs is 500, not 1000"),
        ({"data": "fedcba9876543210"}, r"its data are others \(SHA-256 fedcba98..., not 0123"),
    ],
)
def test_arms_of_another_task_or_of_other_data_are_not_compared(
    other: dict[str, object], said: str
) -> None:
    first = arm_with("a", TEN, data="0123456789abcdef")
    second = arm_with("b", TEN, **{"data": first.data, **other})  # type: ignore[arg-type]
    assert against([first, second], [(1, 0)]) == []
    reason = obstacle(second, first)
    assert reason is not None
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(reason)


def test_the_folder_of_the_same_data_does_not_matter() -> None:
    first, second = arm_with("a", TEN, data="x"), arm_with("b", TEN, data="x")
    second.arm.task_options["data_dir"] = "elsewhere"  # type: ignore[index]
    assert obstacle(second, first) is None


def test_other_epochs_seeds_and_code_are_said_in_words() -> None:
    first = arm_with("a", TEN, code={"cmpnet": "1+abc", "plugin": "3"})
    second = arm_with("b", TEN[:7], epochs=5, code={"cmpnet": "1+def", "torch": "2"})
    assert remarks(first, first) == []
    assert remarks(second, first) == [
        "b and a were trained for 5 and 25 epochs.",
        "b and a have 7 seeds in common, of 7 and 10.",
        "b and a were trained by different code: cmpnet 1+def and 1+abc.",
    ]
