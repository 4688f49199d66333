"""Statistics of one arm's repeats.

Distributions come from scipy, which is imported on first use.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
TAIL = (1 - CONFIDENCE) / 2
MAX_SD = 0.5  # of a share: half of all are 0, half 1


@dataclass(frozen=True, slots=True)
class Summary:
    """Summary statistics of some values.

    Attributes:
        n: number of values.
        mean: their mean; None without values.
        sd: sample standard deviation, with n - 1; None below two values.
        median: their median; None without values.
        range: smallest and largest value; None without values.
        ci95: 95 % interval of the mean: a t interval, or for the errors of an arm that of
            :func:`cmpnet.analysis.rates.rate_interval`; None below two values.
    """

    n: int
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    range: tuple[float, float] | None = None
    ci95: tuple[float, float] | None = None


def summarise(values: Sequence[float]) -> Summary:
    """The summary statistics of some values.

    >>> summary = summarise([1.0, 2.0, 3.0])
    >>> summary.mean, summary.sd, [round(end, 3) for end in summary.ci95]
    (2.0, 1.0, [-0.484, 4.484])
    """
    if not values:
        return Summary(0)
    mean = statistics.fmean(values)
    several = len(values) > 1
    return Summary(
        n=len(values),
        mean=mean,
        sd=statistics.stdev(values) if several else None,
        median=statistics.median(values),
        range=(min(values), max(values)),
        ci95=_interval(values, mean) if several else None,
    )


def _interval(values: Sequence[float], mean: float) -> tuple[float, float]:
    """The t interval of the mean; a single point if all values are equal."""
    from scipy import stats

    error = statistics.stdev(values) / len(values) ** 0.5
    if error == 0:
        return mean, mean
    low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=mean, scale=error)
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Spread:
    """The two parts of the SD over repeats: SD^2 = ``sampling``^2 + ``seeds``^2.

    Attributes:
        sampling: SD that comes from counting errors on a finite number of samples.
        seeds: SD of the true error rates, which vary with data and weights; 0 if the repeats vary
            less than sampling alone explains.
        seeds_ci95: 95 % interval of ``seeds``; if it starts at 0, sampling alone may explain the
            SD.
    """

    sampling: float
    seeds: float
    seeds_ci95: tuple[float, float]


def spread(errors: Sequence[float], samples: Sequence[int], shared: float = 0.0) -> Spread | None:
    """Split the SD over repeats into its two parts.

    A repeat with true error rate p, measured on N samples, has an error with variance
    p (1 - p) / N. By the law of total variance, the variance over repeats is the mean of these
    plus the variance of p. So s^2 minus the mean estimates the variance of p: the method of
    moments for a beta-binomial (Kleinman 1973, JASA 68, 46-54). Dividing by N - 1 instead of N
    makes the estimate from an observed error unbiased. Repeats that share test items deviate from
    their mean together, so the sampling variance between them is smaller by the covariance C.

    The interval of the SD by seed is that of s^2 by the chi-square distribution, minus the sampling
    variance; its upper end takes s^2 to be at least the latter, so that repeats that agree by
    chance do not exclude every effect of the seed. It covers the SD in 92-98 % of cases for 3 to
    10 repeats and seed effects with an SD up to 0.3 on the logit scale. At 0.6, where the rates
    are far from normal, it covers 93-96 % for 3 repeats and 81-86 % for 10.
    (``python -m tests.benchmarks.coverage``)

    Args:
        errors: error of each repeat, a fraction.
        samples: number of samples that each error was measured on.
        shared: C, the covariance of two repeats' errors due to shared test items.

    Returns:
        None below two repeats, if an error was measured on a single sample, and if no repeat has
        a mistake (or nothing else), which tells nothing of the variance of p.

    >>> parts = spread([0.08, 0.10, 0.12], [1000] * 3)
    >>> round(parts.sampling, 5), round(parts.seeds, 5)
    (0.00948, 0.01761)
    >>> [round(end, 5) for end in parts.seeds_ci95]
    [0.00431, 0.12534]
    >>> spread([0.1, 0.1, 0.1], [1000] * 3).seeds
    0.0
    """
    if len(errors) < 2 or min(samples) < 2:
        return None
    from scipy import stats

    counting = statistics.fmean(e * (1 - e) / (n - 1) for e, n in zip(errors, samples, strict=True))
    if not counting:
        return None
    sampling = max(0.0, counting - shared)
    variance, df = statistics.variance(errors), len(errors) - 1
    most, least = (df / float(q) for q in stats.chi2.ppf([TAIL, 1 - TAIL], df))
    ends = (least * variance - sampling, most * max(variance, sampling) - sampling)
    low, high = (min(max(0.0, end) ** 0.5, MAX_SD) for end in ends)
    return Spread(sampling**0.5, max(0.0, variance - sampling) ** 0.5, (low, high))


def hedges(d: float, df: int) -> float:
    """Hedges' g: Cohen's d without its bias, which makes d too large for few repeats.

    g = J(df) d with J(m) = Gamma(m / 2) / (sqrt(m / 2) Gamma((m - 1) / 2)), about 1 - 3 / (4 m - 1)
    (Hedges 1981, Journal of Educational Statistics 6, 107-128). For ten pairs J is 0.914.

    Args:
        d: a mean over the sample SD that it is estimated with.
        df: degrees of freedom of that SD: n - 1 for the differences of n pairs; at least 2, since
            the mean of d is infinite for 1.

    >>> round(hedges(1.0, 9), 4), round(hedges(1.0, 2), 4)  # J(2) = 1 / sqrt(pi)
    (0.9139, 0.5642)
    """
    half = df / 2
    return d * math.exp(math.lgamma(half) - math.lgamma(half - 0.5)) / math.sqrt(half)


def five_numbers(values: Sequence[float]) -> tuple[float, float, float, float, float] | None:
    """The numbers of a box plot: whisker, quartile, median, quartile, whisker.

    The whiskers end at the last values within 1.5 interquartile ranges of the box (Tukey 1977).

    Returns:
        None without values.

    >>> five_numbers([1, 2, 3, 4, 100])
    (1, 2.0, 3.0, 4.0, 4)
    """
    if not values:
        return None
    low, median, high = _quartiles(values)
    reach = 1.5 * (high - low)
    inside = [v for v in values if low - reach <= v <= high + reach]
    return min(*inside, low), low, median, high, max(*inside, high)


def find_outliers(
    values: Sequence[float], min_sd: float = 0.0, significance: float = 0.01
) -> list[int]:
    """Indices of the outliers among otherwise normal values.

    The generalised extreme Studentised deviate test (Rosner 1983, Technometrics 25, 165-172). It
    also detects outliers that mask each other, and reports at most max(1, n // 4) of n values.
    Normal values have a false outlier in 1 % of cases up to n = 7 and in 1.4 % at n = 10 (Tukey's
    outer fences: 4.6 %).

    Args:
        values: the values to search.
        min_sd: known lower limit of their SD; a value that it explains is not an outlier.
        significance: probability of a false outlier among normal values.

    >>> find_outliers([10, 11, 12, 12, 13, 13, 14, 40, 42])
    [7, 8]
    """
    from scipy import stats

    rest = dict(enumerate(values))
    removed: list[int] = []
    outliers: list[int] = []
    while len(rest) > 2 and len(removed) < max(1, len(values) // 4):
        n, mean = len(rest), statistics.fmean(rest.values())
        sd, level = statistics.stdev(rest.values()), 1 - significance / (2 * n)
        removed.append(max(rest, key=lambda index: abs(rest[index] - mean)))
        t = float(stats.t.ppf(level, n - 2))
        critical = sd * (n - 1) * t / ((n - 2 + t * t) * n) ** 0.5
        deviation = abs(rest.pop(removed[-1]) - mean)
        if deviation > max(critical, min_sd * float(stats.norm.ppf(level))):
            outliers = sorted(removed)
    return outliers


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return (values[0],) * 3
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high
