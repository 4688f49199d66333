"""Statistics of one arm against another, paired by seed.

Distributions and tests come from scipy, which is imported on first use.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cmpnet.analysis.stats import CONFIDENCE, summarise

MIN_PAIRS = 6  # the smallest two-sided p of n pairs is 2 / 2^n, which is above 0.05 below n = 6
MAX_FLIPS = 2**14  # every combination of sign flips up to n = 14, this many random ones above
POWER = 0.8  # of the test that repeats_needed plans for; the usual choice (Cohen 1988)


@dataclass(frozen=True, slots=True)
class Comparison:
    """One arm minus the reference, paired by seed.

    Attributes:
        n: number of pairs.
        difference: mean of the differences; None without pairs.
        ci95: 95 % t interval of the mean difference; None below two pairs.
        p: two-sided p of the sign-flip permutation test; None below 6 pairs, since no such test
            can reach 0.05 there.
        p_adjusted: p after Holm's correction for all arms compared.
        effect_size: Cohen's d, mean over SD of the differences; None if they do not vary.
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
    """One comparison per arm, with Holm's correction (Holm 1979) for those that can be tested.

    Args:
        differences: for each arm its differences from the reference, one per shared seed.
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
            effect_size=(summary.mean or 0.0) / summary.sd if summary.sd else None,
        )
        for summary, p, p_adjusted in zip(summaries, ps, adjusted, strict=True)
    ]


def tested(comparisons: Iterable[Comparison]) -> int:
    """The number of comparisons with a p, which Holm's correction counts; at least 1."""
    return max(1, sum(comparison.p is not None for comparison in comparisons))


def min_pairs(comparisons: int = 1) -> int:
    """The smallest number of pairs with which a comparison can be significant.

    The smallest p of n pairs is 2 / 2^n. Holm's correction multiplies the smallest p of m
    comparisons by m.

    >>> min_pairs(), min_pairs(2), min_pairs(3)
    (6, 7, 7)
    """
    n = MIN_PAIRS
    while comparisons * 2 / 2**n >= 1 - CONFIDENCE:
        n += 1
    return n


def repeats_needed(effect_size: float, comparisons: int = 1) -> int:
    """The number of repeats with which a paired t test detects a real effect in 80 % of benches.

    n = ((z_{1 - a/2} + z_{0.8}) / d)^2 + z_{1 - a/2}^2 / 2, rounded up, where a is 0.05 divided by
    the number of comparisons (Guenther 1981, The American Statistician 35, 243-244). For normal
    differences the power of the sign-flip test approaches that of the t test (Hoeffding 1952).

    Args:
        effect_size: d, the mean of the differences over their SD; not 0.
        comparisons: number of comparisons made at once.

    >>> repeats_needed(0.5)
    34
    """
    from scipy import stats

    level = float(stats.norm.ppf(1 - (1 - CONFIDENCE) / 2 / comparisons))
    needed = ((level + float(stats.norm.ppf(POWER))) / effect_size) ** 2 + level**2 / 2
    return max(math.ceil(needed), min_pairs(comparisons))


def sign_flip_p(differences: Sequence[float]) -> float | None:
    """Two-sided p of the hypothesis that the differences are symmetric about 0.

    A permutation test over the signs (Fisher 1935, section 21): exact up to n = 14, with 16384
    random flips from a fixed seed above.

    Returns:
        None below 6 differences.

    >>> sign_flip_p([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])  # 2 of 64
    0.03125
    """
    if len(differences) < MIN_PAIRS:
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
        n_resamples=MAX_FLIPS,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)


def holm(ps: Sequence[float | None]) -> list[float | None]:
    """The p values after Holm's correction; None stays None and is not counted.

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
