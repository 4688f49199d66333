"""Statistics, checked against scipy, textbooks and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cmpnet.analysis.stats import find_outliers, spread, summarise


def test_the_summary_agrees_with_the_textbook() -> None:
    summary = summarise([2, 4, 4, 4, 5, 5, 7, 9])
    assert (summary.n, summary.mean, summary.median, summary.range) == (8, 5, 4.5, (2, 9))
    assert summary.sd == pytest.approx(math.sqrt(32 / 7))
    # t(0.975, 7) = 2.3646 from a table.
    half = 2.3646 * math.sqrt(32 / 7) / math.sqrt(8)
    assert summary.ci95 == pytest.approx((5 - half, 5 + half), abs=1e-3)


def test_too_few_values_have_no_sd_and_no_interval() -> None:
    assert summarise([]).mean is None
    assert summarise([0.5]).sd is None
    assert summarise([0.5]).ci95 is None
    assert summarise([0.5, 0.5]).ci95 == (0.5, 0.5)


def test_the_sd_over_repeats_is_split_into_sampling_and_seeds() -> None:
    # Known truth: error rates of 11 % with an SD of 1 point, each measured on 1000 pairs.
    # Binomial SD: sqrt(0.11 * 0.89 / 1000) = 0.989 points.
    rng = np.random.default_rng(2026)
    rates = rng.normal(0.11, 0.01, 20_000).clip(0, 1)
    errors = rng.binomial(1000, rates) / 1000
    parts = spread(errors.tolist(), [1000] * len(errors))
    assert parts is not None
    assert parts.sampling == pytest.approx(0.00989, rel=0.01)
    assert parts.seeds == pytest.approx(0.01, rel=0.02)


def test_the_two_parts_of_ten_repeats_are_unbiased() -> None:
    # The same truth in benches of ten repeats. The mean of the estimated variances is the truth;
    # a bench that varies less than sampling explains contributes a negative value.
    rng = np.random.default_rng(7)
    errors = rng.binomial(1000, rng.normal(0.11, 0.01, (4000, 10)).clip(0, 1)) / 1000
    parts = [spread(row.tolist(), [1000] * 10) for row in errors]
    sampling = np.array([each.sampling**2 for each in parts if each])
    assert sampling.mean() == pytest.approx(97.8e-6, rel=0.01)
    assert (errors.var(1, ddof=1) - sampling).mean() == pytest.approx(100e-6, rel=0.05)


def test_a_seed_part_of_repeats_that_sampling_alone_explains_may_be_0() -> None:
    parts = spread([0.10, 0.101, 0.102], [1000] * 3)
    assert parts is not None
    assert parts.seeds == parts.seeds_ci95[0] == 0.0
    # s^2 counts as 0.101 * 0.899 / 999, of which 2 / 0.0506 (chi-square of a table, 2 df) may be.
    assert parts.seeds_ci95[1] == pytest.approx((90.9e-6 * (2 / 0.0506 - 1)) ** 0.5, rel=0.01)
    assert spread([0.1], [1000]) is None


ROSNER = """
    -0.25 0.68 0.94 1.15 1.20 1.26 1.26 1.34 1.38 1.43 1.49 1.49 1.55 1.56 1.58 1.65 1.69 1.70
    1.76 1.77 1.81 1.91 1.94 1.96 1.99 2.06 2.09 2.10 2.14 2.15 2.23 2.24 2.26 2.35 2.37 2.40
    2.47 2.54 2.62 2.64 2.90 2.92 2.92 2.93 3.21 3.26 3.30 3.59 3.68 4.30 4.64 5.34 5.42 6.01
"""


def test_the_outliers_agree_with_rosners_paper() -> None:
    # At 5 % the paper and the NIST handbook (1.3.5.17.3) find 5.34, 5.42 and 6.01, although the
    # first two steps alone find none, since the three mask each other.
    values = [float(word) for word in ROSNER.split()]
    assert find_outliers(values, significance=0.05) == [51, 52, 53]


@pytest.mark.parametrize(("n", "percent"), [(3, 1.0), (5, 1.0), (7, 1.0), (10, 1.4), (20, 1.0)])
def test_normal_values_have_false_outliers_as_rarely_as_the_docstring_says(
    n: int, percent: float
) -> None:
    draws = np.random.default_rng(2026).normal(0, 1, (4000, n)).tolist()
    flagged = sum(bool(find_outliers(row)) for row in draws)
    assert 100 * flagged / 4000 == pytest.approx(percent, abs=0.55)  # 3 SE of 4000 draws


def test_a_distant_value_is_an_outlier_and_an_ordinary_one_is_not() -> None:
    assert find_outliers([0.10, 0.11, 0.12, 0.10, 0.11, 0.12, 0.11, 0.50]) == [7]
    assert find_outliers([0.10, 0.11, 0.12, 0.10, 0.11, 0.12, 0.11, 0.14]) == []
    assert find_outliers([0.1, 0.1, 0.1, 0.9]) == [3]
    assert find_outliers([0.002] * 9 + [0.003]) == [9]
    assert find_outliers([0.002] * 9 + [0.003], min_sd=0.002) == []


@pytest.mark.parametrize("rate", [0.0004, 0.002, 0.02, 0.1])
@pytest.mark.parametrize(("n", "samples"), [(3, 50), (10, 50), (10, 1000), (10, 10000)])
def test_errors_that_vary_by_sampling_alone_are_rarely_outliers(
    rate: float, n: int, samples: int
) -> None:
    counts = np.random.default_rng(2027).binomial(samples, rate, (1000, n)) / samples
    flagged = 0
    for row in counts.tolist():
        parts = spread(row, [samples] * n)
        sampling = parts.sampling if parts else 0.0
        flagged += bool(find_outliers(row, max(sampling, 1 / samples)))
    assert flagged <= 20


def test_too_few_or_equal_values_have_no_outlier() -> None:
    assert (
        find_outliers([])
        == find_outliers([0.1])
        == find_outliers([0.1, 0.9])
        == find_outliers([0.1] * 8)
        == []
    )
