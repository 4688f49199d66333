"""Intervals of mean errors: what they cover, by simulation, and where they stay.

``python -m tests.benchmarks.coverage`` is the long form of the simulations.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from cmpnet.analysis.pool import shared_error_variance, shared_variance
from cmpnet.analysis.rates import (
    rate_interval,
    spread_of,
    summarise_test_errors,
    summarise_train_errors,
)
from cmpnet.analysis.stats import hedges, spread
from tests.benchmarks.coverage import part_coverage, pool_coverage, seed_coverage
from tests.helpers import arm_results
from tests.test_pool import digit_arm, draw

RATES = (0.002, 0.01, 0.05, 0.2)
# Two SE of the share of 2000 and of 500 draws are 1.0 and 1.9 points. The limit is 1.5 points.
OF_2000, OF_500 = 0.015 + 0.010, 0.015 + 0.019


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("seed_sd", [0.0, 0.3, 0.6])
def test_the_interval_covers_new_seeds_in_95_percent(rate: float, seed_sd: float) -> None:
    shown, _ = seed_coverage(rate, seed_sd, draws=2000)
    assert shown == pytest.approx(0.95, abs=OF_2000)


def test_the_interval_covers_more_than_the_t_interval_where_seeds_matter_most() -> None:
    shown, plain = seed_coverage(0.002, 1.0, draws=2000)
    assert plain < 0.90  # 86 % in 20,000 draws
    assert shown == pytest.approx(0.95, abs=OF_2000)


@pytest.mark.parametrize("pairs", [250, 1000])
def test_the_interval_covers_new_digits_too(pairs: int) -> None:
    # Of a pool of 2000 digits 1000 pairs use all, as 5000 pairs use all of MNIST's 10,000.
    shown, plain = pool_coverage(0.01, 0.0, pairs, 1, pool=2000, draws=500)
    assert plain < 0.9
    assert shown == pytest.approx(0.95, abs=OF_500)


@pytest.mark.parametrize("seed_sd", [0.0, 0.1, 0.3])
def test_the_sd_by_seed_is_in_its_interval_in_95_percent(seed_sd: float) -> None:
    shown, at_zero = part_coverage(0.1, seed_sd, draws=2000)
    assert shown >= 0.95 - 0.025 - 0.01
    assert (at_zero > 0.95) == (seed_sd == 0)


@pytest.mark.parametrize("repeats", [2, 3, 5, 10])
def test_no_interval_leaves_0_to_100_percent_or_its_mean(repeats: int) -> None:
    rng = np.random.default_rng(5)
    for rate in (0.0, 0.0005, 0.01, 0.5, 0.99, 0.9995, 1.0):
        for shared in (0.0, 1e-6):
            for _ in range(20):
                errors = (rng.binomial(1000, rate, repeats) / 1000).tolist()
                interval = rate_interval(errors, [1000] * repeats, shared)
                assert interval is not None
                low, high = interval
                assert 0 <= low <= np.mean(errors) <= high <= 1
                assert low < high


def test_without_a_mistake_the_upper_limit_is_that_of_clopper_and_pearson() -> None:
    # By hand: (1 - p)^10000 = 0.025.
    interval = rate_interval([0.0] * 10, [1000] * 10)
    assert interval == pytest.approx((0, 1 - 0.025 ** (1 / 10_000)))
    mirrored = rate_interval([1.0] * 10, [1000] * 10)
    assert mirrored == pytest.approx((0.025 ** (1 / 10_000), 1))


def test_equal_errors_have_the_exact_binomial_interval() -> None:
    exact = stats.binomtest(6, 3000).proportion_ci(method="exact")
    interval = rate_interval([0.002] * 3, [1000] * 3)
    assert interval == pytest.approx((exact.low, exact.high))
    wider = rate_interval([0.002] * 3, [1000] * 3, 1e-6)
    assert wider is not None
    assert wider[0] < exact.low < exact.high < wider[1]


def test_a_single_repeat_has_no_interval() -> None:
    assert rate_interval([], []) is None
    assert rate_interval([0.1], [1000]) is None


def test_the_interval_approaches_the_t_interval_where_errors_are_many_and_alike() -> None:
    errors = [0.498, 0.500, 0.502, 0.500]
    expected = stats.t.interval(0.95, 3, loc=0.5, scale=np.std(errors, ddof=1) / 2)
    assert rate_interval(errors, [10**6] * 4) == pytest.approx(expected, abs=1e-5)


def test_a_larger_shared_variance_widens_the_interval() -> None:
    errors = [0.018, 0.020, 0.022, 0.019, 0.017, 0.021, 0.020, 0.023, 0.019, 0.020]
    intervals = [rate_interval(errors, [1000] * 10, shared) for shared in (0, 1e-7, 1e-6, 1e-5)]
    widths = [ends[1] - ends[0] for ends in intervals if ends]
    assert all(wider > width for width, wider in pairwise(widths))


def test_the_sampling_variance_between_repeats_is_smaller_by_what_they_share() -> None:
    # 1000 pairs of 2000 items, all of them in every repeat, and no effect of the seed: between the
    # repeats of a bench the error varies by p (1 - p) / N - C.
    rng = np.random.default_rng(4)
    variances, sampling = [], []
    for _ in range(400):
        items = draw(rng, 10, 1000, 2000)
        rates = np.where(rng.random(2000) < 0.05, 0.4, 0.01)
        values = [(rng.random(1000) < rates[rows].sum(1)).astype(np.int64) for rows in items]
        errors = [float(value.mean()) for value in values]
        parts = spread(errors, [1000] * 10, shared_variance(values, items))
        assert parts is not None
        variances.append(np.var(errors, ddof=1))
        sampling.append(parts.sampling**2)
    # p is 2 (0.05 * 0.4 + 0.95 * 0.01) = 0.059, and sigma_h^2 is 0.05 * 0.95 * 0.39^2.
    truth = 0.059 * 0.941 / 1000 - 4 * 0.05 * 0.95 * 0.39**2 / 2000
    assert np.mean(sampling) == pytest.approx(truth, rel=0.03)
    assert np.mean(variances) == pytest.approx(truth, rel=0.1)  # two SE are 5 %


def test_an_arm_without_a_mistake_has_no_parts_of_its_sd() -> None:
    assert spread([0.0] * 5, [1000] * 5) is None
    assert spread([1.0] * 5, [1000] * 5) is None


def test_an_arms_interval_includes_the_variance_of_its_digits() -> None:
    arm = digit_arm(0.01)
    unknown = replace(arm, task=None)
    shared = shared_error_variance(arm)
    assert shared
    errors, samples = arm.test_errors(), [1000] * 10
    assert summarise_test_errors(arm).ci95 == rate_interval(errors, samples, shared)
    assert summarise_test_errors(unknown).ci95 == rate_interval(errors, samples)
    assert spread_of(arm) == spread(errors, samples, shared)
    assert summarise_train_errors(arm).ci95 == pytest.approx((0, 1 - 0.025 ** (1 / 10_000)))
    assert summarise_test_errors(arm_results("one", [3])).ci95 is None


@pytest.mark.parametrize("n", [3, 6, 10])
def test_hedges_correction_makes_the_mean_of_d_the_true_effect(n: int) -> None:
    draws = np.random.default_rng(1).normal(0.8, 1, (100_000, n))
    d = draws.mean(1) / draws.std(1, ddof=1)
    assert d.mean() > 0.8 * 1.05
    se = d.std() / 100_000**0.5
    assert hedges(d.mean(), n - 1) == pytest.approx(0.8, abs=4 * se)
