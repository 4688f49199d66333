"""Statistics against scipy, textbooks and simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from cmpnet.stats import compare, holm, sign_flip_p, summarise


def test_summary_is_that_of_the_textbook() -> None:
    summary = summarise([2, 4, 4, 4, 5, 5, 7, 9])
    assert (summary.n, summary.mean, summary.median, summary.range) == (8, 5, 4.5, (2, 9))
    assert summary.sd == pytest.approx(math.sqrt(32 / 7))
    # t(0.975, 7) = 2.3646 from a table.
    half = 2.3646 * math.sqrt(32 / 7) / math.sqrt(8)
    assert summary.ci95 == pytest.approx((5 - half, 5 + half), abs=1e-3)


def test_too_few_values_have_no_spread() -> None:
    assert summarise([]).mean is None
    assert summarise([0.5]).sd is None
    assert summarise([0.5]).ci95 is None
    assert summarise([0.5, 0.5]).ci95 == (0.5, 0.5)


@pytest.mark.parametrize("seed", range(5))
def test_the_exact_test_tries_every_flip(seed: int) -> None:
    values = np.random.default_rng(seed).normal(0.3, 1, 8)
    means = [np.mean(values * signs) for signs in itertools.product((1, -1), repeat=8)]
    extreme = np.mean([abs(mean) >= abs(values.mean()) - 1e-12 for mean in means])
    assert sign_flip_p(values.tolist()) == pytest.approx(extreme)


def test_ten_differences_of_one_sign_have_the_smallest_p_there_is() -> None:
    assert sign_flip_p([0.01 * k for k in range(1, 11)]) == pytest.approx(2 / 1024)


def test_no_test_below_six_pairs_and_none_of_no_difference() -> None:
    assert sign_flip_p([1, 2, 3, 4, 5]) is None
    assert sign_flip_p([0.0] * 10) == 1.0


def test_holm_is_that_of_the_textbook() -> None:
    # Holm 1979: sorted p times (m - rank), kept from falling, at most 1.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, None, 0.6]) == [pytest.approx(1.0), None, pytest.approx(1.0)]
    assert holm([]) == []


def test_a_comparison_has_the_paired_interval_and_effect_of_scipy() -> None:
    values = np.random.default_rng(1).normal(-0.05, 0.02, 10)
    (found,) = compare([values.tolist()])
    expected = scipy_stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert found.ci95 == pytest.approx((expected.low, expected.high))
    assert found.effect_size == pytest.approx(values.mean() / values.std(ddof=1))
    assert found.significant


def test_an_arm_against_itself_is_rejected_in_5_percent_and_covered_in_95() -> None:
    # 1000 benches of 10 repeats: error counts of 1000 pairs whose rate varies with the seed, as
    # measured for `ws` (11 % with an SD of 1 %). Binomial SD of 5 % in 1000: 0.7 points.
    rng = np.random.default_rng(2026)
    rates = rng.normal(0.11, 0.01, (1000, 10)).clip(0.01, 1)
    one, two = (rng.binomial(1000, rates) / 1000 for _ in range(2))
    rejected = covered = 0
    for a, b in zip(one, two, strict=True):
        (found,) = compare([(a - b).tolist()])
        rejected += found.significant
        interval = summarise(a.tolist()).ci95
        assert interval is not None
        covered += interval[0] <= 0.11 <= interval[1]
    assert 35 <= rejected <= 65
    assert 935 <= covered <= 965
