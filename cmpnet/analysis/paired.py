"""Statistics of one arm against another, paired by seed.

All distributions and tests are scipy's, which is imported when the first of them is asked for.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cmpnet.analysis.stats import CONFIDENCE, summarise

FEWEST = 6  # with n pairs the smallest two-sided p is 2 / 2^n: below 6 none can reach 0.05
EXACT = 2**14  # sign flips are all tried up to here (n = 14), else as many are drawn
POWER = 0.8  # of the test that repeats_needed plans for, as is usual (Cohen 1988)


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
            effect_size=(summary.mean or 0.0) / summary.sd if summary.sd else None,
        )
        for summary, p, p_adjusted in zip(summaries, ps, adjusted, strict=True)
    ]


def tested(comparisons: Iterable[Comparison]) -> int:
    """How many have a p, which is what Holm's correction counts; 1 if none has."""
    return max(1, sum(comparison.p is not None for comparison in comparisons))


def fewest(comparisons: int = 1) -> int:
    """The fewest pairs with which one of so many comparisons can be significant after Holm.

    The smallest p is 2 / 2^n, and Holm multiplies the smallest of m by m.

    >>> fewest(), fewest(2), fewest(3)
    (6, 7, 7)
    """
    n = FEWEST
    while comparisons * 2 / 2**n >= 1 - CONFIDENCE:
        n += 1
    return n


def repeats_needed(effect_size: float, comparisons: int = 1) -> int:
    """Repeats with which a paired t test finds this effect in 80 % of benches, if it is real.

    n = ((z_{1 - a/2} + z_{0.8}) / d)^2 + z_{1 - a/2}^2 / 2, rounded up, with the level a of 0.05
    shared among the comparisons (Guenther 1981, The American Statistician 35, 243-244). On normal
    differences the sign-flip test comes to the t test's power (Hoeffding 1952).

    Args:
        effect_size: mean of the differences over their SD, not 0.
        comparisons: how many are made at once.

    >>> repeats_needed(0.5)
    34
    """
    from scipy import stats

    level = float(stats.norm.ppf(1 - (1 - CONFIDENCE) / 2 / comparisons))
    needed = ((level + float(stats.norm.ppf(POWER))) / effect_size) ** 2 + level**2 / 2
    return max(math.ceil(needed), fewest(comparisons))


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
