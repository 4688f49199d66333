"""Statistics of the repeats: one arm's own, and one arm against another by seed.

All distributions and tests are scipy's, which is imported when the first of them is asked for.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

CONFIDENCE = 0.95
FEWEST = 6  # with n pairs the smallest two-sided p is 2 / 2^n: below 6 none can reach 0.05
EXACT = 2**14  # sign flips are all tried up to here (n = 14), else as many are drawn


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
class Comparison:
    """One arm minus the reference, paired by seed.

    ``p`` is the two-sided sign-flip permutation test's, ``p_adjusted`` Holm's over all arms
    compared; both are None below n = 6, where no such test can reach 0.05. ``effect_size`` is
    Cohen's d of the differences, mean over SD (None where they do not vary).
    """

    n: int
    difference: float | None
    ci95: tuple[float, float] | None
    p: float | None
    p_adjusted: float | None
    effect_size: float | None

    @property
    def significant(self) -> bool:
        """Whether the adjusted p is below 0.05."""
        return self.p_adjusted is not None and self.p_adjusted < 1 - CONFIDENCE


def compare(differences: Sequence[Sequence[float]]) -> list[Comparison]:
    """One comparison for each arm's differences from the reference by seed.

    Holm's correction (Holm 1979) is over all that could be tested.
    """
    summaries = [summarise(values) for values in differences]
    ps = [sign_flip_p(values) for values in differences]
    adjusted = holm(ps)
    return [
        Comparison(
            n=summary.n,
            difference=summary.mean,
            ci95=summary.ci95,
            p=p,
            p_adjusted=p_adjusted,
            effect_size=summary.mean / summary.sd
            if summary.sd and summary.mean is not None
            else None,
        )
        for summary, p, p_adjusted in zip(summaries, ps, adjusted, strict=True)
    ]


def sign_flip_p(differences: Sequence[float]) -> float | None:
    """Two-sided p that the differences are symmetric about 0 (Fisher 1935, section 21).

    Exact up to n = 14, from 16384 drawn flips (always the same) above; None below n = 6.

    >>> sign_flip_p([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])  # 2 of 64
    0.03125
    """
    if len(differences) < FEWEST:
        return None
    if not any(differences):
        return 1.0
    import numpy as np
    from scipy import stats

    def mean(sample: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(sample.mean(axis))

    test = stats.permutation_test(
        (np.asarray(differences, dtype=float),),
        mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=EXACT,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """Holm's adjusted p values; None stays None and does not count.

    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    order = sorted((p, i) for i, p in enumerate(ps) if p is not None)
    adjusted: list[float | None] = [None] * len(ps)
    largest = 0.0
    for rank, (p, i) in enumerate(order):
        largest = max(largest, min(1.0, p * (len(order) - rank)))
        adjusted[i] = largest
    return adjusted


def five_numbers(values: Sequence[float]) -> tuple[float, float, float, float, float] | None:
    """Whisker, quartile, median, quartile, whisker: those of a box plot; None without values.

    The whiskers end at the last values within 1.5 times the quartiles' distance (Tukey 1977).

    >>> five_numbers([1, 2, 3, 4, 100])
    (1, 2.0, 3.0, 4.0, 4)
    """
    if not values:
        return None
    few = len(values) == 1
    low, median, high = (
        (values[0],) * 3 if few else statistics.quantiles(values, n=4, method="inclusive")
    )
    reach = 1.5 * (high - low)
    inside = [v for v in values if low - reach <= v <= high + reach]
    return min(*inside, low), low, median, high, max(*inside, high)
