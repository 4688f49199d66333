"""Warnings: each where it is due, with what to do, and none where all is well."""

from __future__ import annotations

import re

import numpy as np
import pytest

from cmpnet import RepeatResult
from cmpnet.analysis.advice import of_outcome
from cmpnet.bench import ArmResults
from tests.helpers import arm_with, outcome_of

TEN = [100, 104, 98, 103, 96, 101, 99, 107, 95, 97]


def said(*arms: ArmResults) -> list[str]:
    return of_outcome(outcome_of(arms))


def test_nothing_is_said_of_a_clear_and_complete_bench() -> None:
    assert said(arm_with("a", TEN), arm_with("b", [c - 50 + c % 3 for c in TEN])) == []


def test_diverged_failed_and_missing_repeats_are_counted_and_named() -> None:
    arm = arm_with("a", [*TEN[:5], None, None], wanted=10)
    arm.repeats[7] = RepeatResult(seed=7, status="failed", cause="KeyError")
    (sentence,) = said(arm)
    assert sentence.startswith(
        "a: 5 of 10 repeats count (seed 5, 6 diverged, seed 7 failed, 2 not trained)"
    )
    assert "--lr" in sentence
    assert "same bench again" in sentence


def test_repeats_far_from_the_others_are_named_with_their_seeds() -> None:
    (sentence,) = said(arm_with("a", [*TEN, 400, 410]))
    assert sentence.startswith("a: far from the other repeats: seed 10 (40.00 %), 11 (41.00 %);")


def test_counts_that_sampling_explains_are_no_outliers() -> None:
    # Nine repeats of 2 errors and one of 3: their quartiles are the same, but 3 is no news.
    assert said(arm_with("a", [2] * 9 + [3])) == []


def test_arms_that_cannot_be_told_apart_get_the_repeats_that_would_do() -> None:
    first = arm_with("a", TEN)
    noise = np.array([12, -6, 3, 9, -4, 8, -2, 10, -7, 5])
    second = arm_with("b", [int(c + d) for c, d in zip(TEN, noise, strict=True)])
    (sentence,) = said(first, second)
    found = re.search(r"by 10 repeats; if .* is (\d\.\d+) points, --repeats (\d+)", sentence)
    assert found is not None
    # By hand from Guenther's formula: ((1.960 + 0.842) sd / mean)^2 + 1.960^2 / 2.
    needed = ((1.95996 + 0.84162) * noise.std(ddof=1) / noise.mean()) ** 2 + 1.95996**2 / 2
    assert int(found[2]) == int(np.ceil(needed))
    assert float(found[1]) == pytest.approx(abs(noise.mean()) / 10, abs=0.005)


def test_a_tiny_difference_is_not_chased_with_thousands_of_repeats() -> None:
    other = [c + (-1) ** n * 10 + (n == 0) for n, c in enumerate(TEN)]
    (sentence,) = said(arm_with("a", TEN), arm_with("b", other))
    assert "more than 1000 repeats" in sentence


def test_too_few_pairs_for_any_test_are_left_to_the_note_under_the_table() -> None:
    assert said(arm_with("a", TEN[:5]), arm_with("b", [c + 1 for c in TEN[:5]])) == []


def test_arms_with_the_same_errors_are_said_to_have_them() -> None:
    (sentence,) = said(arm_with("a", TEN), arm_with("b", TEN))
    assert "the same mean error over 10 repeats" in sentence


def test_what_is_not_compared_is_said_with_the_reason() -> None:
    (sentence,) = said(arm_with("a", TEN), arm_with("b", TEN, task="disk"))
    assert sentence == "b is not compared with a: its task is disk, not digit-pairs."
