"""Warnings: each where it is due, with what to do about it, and none where all is well."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cmpnet import RepeatResult
from cmpnet.analysis.advice import advise
from cmpnet.results import ArmResults
from tests.helpers import arm_results, results_of

TEN = [100, 104, 98, 103, 96, 101, 99, 107, 95, 97]


def advice(*arms: ArmResults) -> list[str]:
    return advise(results_of(arms))


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


def test_a_warning_about_an_undecided_comparison_says_about_how_many_repeats_it_takes() -> None:
    first = arm_results("a", TEN)
    noise = 5 * np.array([12, -6, 3, 9, -4, 8, -2, 10, -7, 5])
    second = arm_results("b", [int(c + d) for c, d in zip(TEN, noise, strict=True)])
    (sentence,) = advice(first, second)
    numbers = re.search(r"by 10 repeats; a true difference of (.*) points .* about (\d+)", sentence)
    assert numbers is not None
    # By hand from Guenther's formula, ((1.960 + 0.842) / g)^2 + 1.960^2 / 2, where g is the mean
    # over the SD times Hedges' 1 - 3 / (4 * 9 - 1).
    effect = noise.mean() / noise.std(ddof=1) * (1 - 3 / 35)
    needed = ((1.95996 + 0.84162) / effect) ** 2 + 1.95996**2 / 2
    assert int(numbers[2]) == int(np.ceil(needed))
    assert float(numbers[1]) == pytest.approx(abs(noise.mean()) / 10, abs=0.005)
    assert "--until-decided" in sentence


def test_more_comparisons_take_more_repeats() -> None:
    noise = [60, -30, 15, 45, -20, 40, -10, 50, -35, 25]
    arms = [arm_results("a", TEN)]
    arms += [
        arm_results(name, [c + d for c, d in zip(TEN, noise[k:] + noise[:k], strict=True)])
        for k, name in enumerate("bcd")
    ]
    needed = [int(re.findall(r"about (\d+)", advice(*arms[:n])[0])[0]) for n in (2, 3, 4)]
    assert needed == sorted(set(needed))


def test_nothing_recommends_to_take_undecided_arms_for_equal() -> None:
    other = [count + (-1) ** n * 30 + (n == 0) for n, count in enumerate(TEN)]
    assert "equal" not in " ".join(advice(arm_results("a", TEN), arm_results("b", other)))


def test_arms_that_are_equivalent_need_no_more_repeats() -> None:
    other = [count + (-1) ** n for n, count in enumerate(TEN)]
    assert advice(arm_results("a", TEN), arm_results("b", other)) == []


def test_thousands_of_repeats_are_not_suggested_for_a_tiny_difference() -> None:
    other = [count + (-1) ** n * 30 + (n == 0) for n, count in enumerate(TEN)]
    (sentence,) = advice(arm_results("a", TEN), arm_results("b", other))
    assert "would take more than 1000" in sentence


def test_too_few_pairs_for_any_test_are_left_to_the_note_under_the_table() -> None:
    other = arm_results("b", [count + 1 for count in TEN[:2]])
    assert advice(arm_results("a", TEN[:2]), other) == []


def test_arms_with_the_same_mean_get_no_number_of_repeats() -> None:
    other = [count + (-1) ** n * 30 for n, count in enumerate(TEN)]
    (sentence,) = advice(arm_results("a", TEN), arm_results("b", other))
    assert sentence == "b and a have the same mean error over 10 repeats."


def test_an_arm_that_cannot_be_compared_is_named_with_the_reason() -> None:
    (sentence,) = advice(arm_results("a", TEN), arm_results("b", TEN, task="disk"))
    assert sentence == "b is not compared with a: its task is disk, not digit-pairs."
