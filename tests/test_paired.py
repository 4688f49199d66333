"""Paired comparisons, checked against scipy, textbooks and simulation."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from cmpnet.analysis.paired import compare, holm, min_pairs, repeats_needed, sign_flip_p
from scipy import stats as scipy_stats

from cmpnet.analysis.stats import summarise


@pytest.mark.parametrize("seed", range(5))
def test_the_exact_test_tries_every_combination_of_signs(seed: int) -> None:
    values = np.random.default_rng(seed).normal(0.3, 1, 8)
    means = [np.mean(values * signs) for signs in itertools.product((1, -1), repeat=8)]
    extreme = np.mean([abs(mean) >= abs(values.mean()) - 1e-12 for mean in means])
    assert sign_flip_p(values.tolist()) == pytest.approx(extreme)


def test_ten_differences_of_one_sign_have_the_smallest_possible_p() -> None:
    assert sign_flip_p([0.01 * k for k in range(1, 11)]) == pytest.approx(2 / 1024)


def test_p_is_none_below_six_pairs_and_one_without_differences() -> None:
    assert sign_flip_p([1, 2, 3, 4, 5]) is None
    assert sign_flip_p([0.0] * 10) == 1.0


def test_holms_correction_agrees_with_the_textbook() -> None:
    # Holm 1979: sorted p times (m - rank), made non-decreasing, at most 1.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, None, 0.6]) == [pytest.approx(1.0), None, pytest.approx(1.0)]
    assert holm([]) == []


def test_a_comparison_has_the_paired_interval_and_effect_size_of_scipy() -> None:
    values = np.random.default_rng(1).normal(-0.05, 0.02, 10)
    (comparison,) = compare([values.tolist()])
    expected = scipy_stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert comparison.ci95 == pytest.approx((expected.low, expected.high))
    assert comparison.effect_size == pytest.approx(values.mean() / values.std(ddof=1))
    assert comparison.significant


def test_equal_arms_differ_significantly_in_5_percent_of_benches() -> None:
    # 1000 benches of 10 repeats on 1000 pairs, with an error rate that varies with the seed as
    # measured for `ws` (11 % with an SD of 1 %). The interval covers the truth in 95 %. Both
    # shares are measured on 1000 benches, which gives them an SD of 0.7 points.
    rng = np.random.default_rng(2026)
    rates = rng.normal(0.11, 0.01, (1000, 10)).clip(0.01, 1)
    one, two = (rng.binomial(1000, rates) / 1000 for _ in range(2))
    rejected = covered = 0
    for a, b in zip(one, two, strict=True):
        (comparison,) = compare([(a - b).tolist()])
        rejected += comparison.significant
        interval = summarise(a.tolist()).ci95
        assert interval is not None
        covered += interval[0] <= 0.11 <= interval[1]
    assert 35 <= rejected <= 65
    assert 935 <= covered <= 965


@pytest.mark.parametrize("effect", [0.2, 0.3, 0.5, 0.8, 1.0, 1.5])
@pytest.mark.parametrize("comparisons", [1, 3])
def test_the_repeats_needed_agree_with_the_exact_power_of_the_t_test(
    effect: float, comparisons: int
) -> None:
    def power(n: int) -> float:
        edge = scipy_stats.t.ppf(1 - 0.025 / comparisons, n - 1)
        centre = effect * n**0.5
        upper, lower = (scipy_stats.nct.sf, edge), (scipy_stats.nct.cdf, -edge)
        return float(sum(tail(at, n - 1, centre) for tail, at in (upper, lower)))

    exact = next(n for n in itertools.count(2) if power(n) >= 0.8)
    assert repeats_needed(effect, comparisons) == repeats_needed(-effect, comparisons) == exact


def test_the_repeats_needed_detect_a_real_difference_in_80_percent_of_benches() -> None:
    n = repeats_needed(0.9)
    draws = np.random.default_rng(2026).normal(0.9, 1, (400, n))
    detected = sum(result.significant for row in draws for result in compare([row.tolist()]))
    assert 0.75 <= detected / 400 <= 0.88  # n = 12 gives 81 %; 2 SE of 400 benches are 4 points


def test_more_comparisons_need_more_pairs_to_be_significant() -> None:
    for arms in (1, 2, 3, 8):
        n = min_pairs(arms)
        rows = [[0.01 * k for k in range(1, n + 1)]] * arms
        assert all(comparison.significant for comparison in compare(rows))
        assert not any(comparison.significant for comparison in compare([v[1:] for v in rows]))
