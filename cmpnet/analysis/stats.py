"""Statistics of one arm's repeats.

All distributions are scipy's, which is imported when the first of them is asked for.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class Summary:
    """n, mean, sample SD (n - 1), median, range and the 95 % t interval of the mean.

    What takes more values than there are is None: all of n = 0, SD and interval of n = 1.
    """

    n: int
    mean: float | None = None
    sd: float | None = None
    median: float | None = None
    range: tuple[float, float] | None = None
    ci95: tuple[float, float] | None = None


def summarise(values: Sequence[float]) -> Summary:
    """Summary of the given values.

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
    """The t interval of the mean; a point where all values are the same."""
    from scipy import stats

    error = statistics.stdev(values) / len(values) ** 0.5
    if error == 0:
        return mean, mean
    low, high = stats.t.interval(CONFIDENCE, len(values) - 1, loc=mean, scale=error)
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Spread:
    """What the SD over repeats is made of: ``sampling`` squared plus ``seeds`` squared.

    ``sampling`` is the SD that errors counted on finitely many samples have even if every net were
    equally good; ``seeds`` that of the true error rates, from data and weights. None: the repeats
    vary less than sampling alone makes them, so nothing of it can be seen.
    """

    sampling: float
    seeds: float | None


def spread(errors: Sequence[float], samples: Sequence[int]) -> Spread | None:
    """The SD over repeats taken apart; None below two repeats, or of a single sample.

    A repeat with true error rate p has an error of N samples with the variance p (1 - p) / N. By
    the law of total variance that of the repeats is the mean of these plus the variance of p, so
    what is left of s^2 is the latter: the method of moments for a beta-binomial (Kleinman 1973,
    JASA 68, 46-54). N - 1 in place of N makes the estimate from an observed error unbiased.

    Args:
        errors: of each repeat, fractions.
        samples: how many each was counted on.

    >>> found = spread([0.08, 0.10, 0.12], [1000] * 3)
    >>> round(found.sampling, 5), round(found.seeds, 5)
    (0.00948, 0.01761)
    >>> spread([0.1, 0.1, 0.1], [1000] * 3).seeds is None
    True
    """
    if len(errors) < 2 or min(samples) < 2:
        return None
    sampling = statistics.fmean(e * (1 - e) / (n - 1) for e, n in zip(errors, samples, strict=True))
    rest = statistics.variance(errors) - sampling
    return Spread(sampling**0.5, rest**0.5 if rest > 0 else None)


def five_numbers(values: Sequence[float]) -> tuple[float, float, float, float, float] | None:
    """Whisker, quartile, median, quartile, whisker: those of a box plot; None without values.

    The whiskers end at the last values within 1.5 times the quartiles' distance (Tukey 1977).

    >>> five_numbers([1, 2, 3, 4, 100])
    (1, 2.0, 3.0, 4.0, 4)
    """
    if not values:
        return None
    low, median, high = _quartiles(values)
    reach = 1.5 * (high - low)
    inside = [v for v in values if low - reach <= v <= high + reach]
    return min(*inside, low), low, median, high, max(*inside, high)


def far_out(values: Sequence[float], least: float = 0.0, chance: float = 0.01) -> list[int]:
    """Places of the outliers among otherwise normal values, up to a quarter of them, at least one.

    The generalised extreme Studentised deviate test (Rosner 1983, Technometrics 25, 165-172), which
    finds as well what hide each other. What is as near as chance brings it with the known SD
    ``least`` is none.
    Among normal values there is one by chance in 1 % of cases up to 7 values, in 1.4 % at 10
    (Tukey's outer fences: 4.6 %).

    >>> far_out([10, 11, 12, 12, 13, 13, 14, 40, 42])
    [7, 8]
    """
    from scipy import stats

    left = dict(enumerate(values))
    tried: list[int] = []
    found: list[int] = []
    while len(left) > 2 and len(tried) < max(1, len(values) // 4):
        n, mean = len(left), statistics.fmean(left.values())
        sd, level = statistics.stdev(left.values()), 1 - chance / (2 * n)
        tried.append(max(left, key=lambda place: abs(left[place] - mean)))
        t = float(stats.t.ppf(level, n - 2))
        likely = sd * (n - 1) * t / ((n - 2 + t * t) * n) ** 0.5
        if abs(left.pop(tried[-1]) - mean) > max(likely, least * float(stats.norm.ppf(level))):
            found = sorted(tried)
    return found


def _quartiles(values: Sequence[float]) -> tuple[float, float, float]:
    if len(values) == 1:
        return (values[0],) * 3
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, median, high
