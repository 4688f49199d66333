"""Warnings: each where it is due, with what to do about it, and none where all is well."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cmpnet import RepeatResult
from cmpnet.analysis.advice import advise
from cmpnet.results import ArmResults
from tests.helpers import arm_results, section_of

TEN = [100, 104, 98, 103, 96, 101, 99, 107, 95, 97]


def advice(*arms: ArmResults) -> list[str]:
    return advise(section_of(arms))


def test_a_clear_and_complete_bench_has_no_warning() -> None:
    other = arm_results("b", [count - 50 + count % 3 for count in TEN])
    assert advice(arm_results("a", TEN), other) == []


def test_diverged_failed_and_missing_repeats_are_counted_and_named() -> None:
    arm = arm_results("a", [*TEN[:5], None, None], wanted=10)
    arm.repeats[7] = RepeatResult(seed=7, status="failed", cause="KeyError")  # type: ignore[index]
    (sentence,) = advice(arm)
    assert sentence.startswith(
        "a: 5 of 10 repeats succeeded (seed 5, 6 diverged, seed 7 failed, 2 not trained)"
    )
    assert "--lr" in sentence
    assert "rerun the same command" in sentence


def test_repeats_far_from_the_others_are_named_with_their_seeds() -> None:
    (sentence,) = advice(arm_results("a", [*TEN, 400, 410]))
    assert sentence.startswith("a: far from the other repeats: seed 10 (40.00 %), 11 (41.00 %);")


def test_counts_that_sampling_explains_are_not_outliers() -> None:
    # Nine repeats with 2 errors and one with 3: the quartiles are equal, yet 3 is unremarkable.
    assert advice(arm_results("a", [2] * 9 + [3])) == []


def test_a_warning_about_an_undecided_comparison_says_how_many_repeats_would_decide_it() -> None:
    first = arm_results("a", TEN)
    noise = np.array([12, -6, 3, 9, -4, 8, -2, 10, -7, 5])
    second = arm_results("b", [int(c + d) for c, d in zip(TEN, noise, strict=True)])
    (sentence,) = advice(first, second)
    numbers = re.search(r"with 10 repeats; if .* is (\d\.\d+) points, --repeats (\d+)", sentence)
    assert numbers is not None
    # By hand from Guenther's formula: ((1.960 + 0.842) sd / mean)^2 + 1.960^2 / 2.
    needed = ((1.95996 + 0.84162) * noise.std(ddof=1) / noise.mean()) ** 2 + 1.95996**2 / 2
    assert int(numbers[2]) == int(np.ceil(needed))
    assert float(numbers[1]) == pytest.approx(abs(noise.mean()) / 10, abs=0.005)


def test_thousands_of_repeats_are_not_suggested_for_a_tiny_difference() -> None:
    other = [count + (-1) ** n * 10 + (n == 0) for n, count in enumerate(TEN)]
    (sentence,) = advice(arm_results("a", TEN), arm_results("b", other))
    assert "more than 1000 repeats" in sentence


def test_too_few_pairs_for_any_test_are_left_to_the_note_under_the_table() -> None:
    other = arm_results("b", [count + 1 for count in TEN[:5]])
    assert advice(arm_results("a", TEN[:5]), other) == []


def test_arms_with_the_same_errors_are_called_equal() -> None:
    (sentence,) = advice(arm_results("a", TEN), arm_results("b", TEN))
    assert "the same mean error over 10 repeats" in sentence


def test_an_arm_that_cannot_be_compared_is_named_with_the_reason() -> None:
    (sentence,) = advice(arm_results("a", TEN), arm_results("b", TEN, task="disk"))
    assert sentence == "b is not compared with a: its task is disk, not digit-pairs."
