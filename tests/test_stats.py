"""Statistics against scipy, textbooks and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cmpnet.analysis.stats import far_out, spread, summarise


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


def test_what_is_left_of_the_sd_over_repeats_is_the_spread_by_seed() -> None:
    # Known truth: error rates with an SD of 1 point around 11 %, counted on 1000 pairs each.
    # Binomial SD: sqrt(0.11 * 0.89 / 1000) = 0.989 points.
    rng = np.random.default_rng(2026)
    rates = rng.normal(0.11, 0.01, 20_000).clip(0, 1)
    errors = rng.binomial(1000, rates) / 1000
    found = spread(errors.tolist(), [1000] * len(errors))
    assert found is not None
    assert found.sampling == pytest.approx(0.00989, rel=0.01)
    assert found.seeds == pytest.approx(0.01, rel=0.02)


def test_the_two_parts_of_ten_repeats_are_right_on_average() -> None:
    # The same truth in benches of ten: the parts' variances are unbiased, so their mean is the
    # truth (a bench whose repeats vary less than sampling alone would counts below 0 in it).
    rng = np.random.default_rng(7)
    errors = rng.binomial(1000, rng.normal(0.11, 0.01, (4000, 10)).clip(0, 1)) / 1000
    found = [spread(row.tolist(), [1000] * 10) for row in errors]
    sampling = np.array([one.sampling**2 for one in found if one])
    assert sampling.mean() == pytest.approx(97.8e-6, rel=0.01)
    assert (errors.var(1, ddof=1) - sampling).mean() == pytest.approx(100e-6, rel=0.05)


def test_repeats_that_vary_less_than_sampling_alone_have_no_spread_by_seed() -> None:
    found = spread([0.10, 0.101, 0.102], [1000] * 3)
    assert found is not None
    assert found.seeds is None
    assert spread([0.1], [1000]) is None


ROSNER = """
    -0.25 0.68 0.94 1.15 1.20 1.26 1.26 1.34 1.38 1.43 1.49 1.49 1.55 1.56 1.58 1.65 1.69 1.70
    1.76 1.77 1.81 1.91 1.94 1.96 1.99 2.06 2.09 2.10 2.14 2.15 2.23 2.24 2.26 2.35 2.37 2.40
    2.47 2.54 2.62 2.64 2.90 2.92 2.92 2.93 3.21 3.26 3.30 3.59 3.68 4.30 4.64 5.34 5.42 6.01
"""


def test_outliers_are_those_of_rosner_s_paper() -> None:
    # At 5 % the paper and the NIST handbook (1.3.5.17.3) find three, 5.34, 5.42 and 6.01, although
    # the first two steps alone find none: each hides behind the others.
    values = [float(word) for word in ROSNER.split()]
    assert far_out(values, chance=0.05) == [51, 52, 53]


@pytest.mark.parametrize(("n", "percent"), [(3, 1.0), (5, 1.0), (7, 1.0), (10, 1.4), (20, 1.0)])
def test_a_normal_arm_has_an_outlier_as_seldom_as_the_docstring_says(
    n: int, percent: float
) -> None:
    draws = np.random.default_rng(2026).normal(0, 1, (4000, n)).tolist()
    flagged = sum(bool(far_out(row)) for row in draws)
    assert 100 * flagged / 4000 == pytest.approx(percent, abs=0.55)  # 3 SE of 4000 draws


def test_a_repeat_far_from_the_others_is_found_and_an_ordinary_one_is_not() -> None:
    assert far_out([0.10, 0.11, 0.12, 0.10, 0.11, 0.12, 0.11, 0.50]) == [7]
    assert far_out([0.10, 0.11, 0.12, 0.10, 0.11, 0.12, 0.11, 0.14]) == []
    assert far_out([0.1, 0.1, 0.1, 0.9]) == [3]
    assert far_out([0.002] * 9 + [0.003]) == [9]
    assert far_out([0.002] * 9 + [0.003], least=0.002) == []


@pytest.mark.parametrize("rate", [0.0004, 0.002, 0.02, 0.1])
@pytest.mark.parametrize(("n", "samples"), [(3, 50), (10, 50), (10, 1000), (10, 10000)])
def test_what_counting_few_errors_brings_is_seldom_an_outlier(
    rate: float, n: int, samples: int
) -> None:
    counts = np.random.default_rng(2027).binomial(samples, rate, (1000, n)) / samples
    flagged = 0
    for row in counts.tolist():
        parts = spread(row, [samples] * n)
        assert parts is not None
        flagged += bool(far_out(row, max(parts.sampling, 1 / samples)))
    assert flagged <= 20


def test_nothing_is_an_outlier_among_too_few() -> None:
    assert far_out([]) == far_out([0.1]) == far_out([0.1, 0.9]) == far_out([0.1] * 8) == []
