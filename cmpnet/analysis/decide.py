"""The one rule that decides a difference, for tables and claims alike.

A difference has one value per repeat, paired by seed. Its interval is a t interval whose error
probability is 1 - 0.95^(1/m), where m is the number of differences that the same screen decides
(Sidak 1967, JASA 62, 626-633), so that all intervals of a screen hold together in 95 % of benches.
The adjusted p is at most 0.05 exactly where the interval excludes 0. Of screens with six equal arms
and eight claims, 3 to 4 % show a wrong decision (``make trust``); a max-T correction that knows the
correlations would gain another 0.5 points, at the price of a simulation.

Three things keep the t interval honest:

- Errors are counts, and a few equal counts have an SD of 0. The variance of few repeats is at least
  what counting alone explains. Without this, 15 % of screens of 3 repeats at 0.2 % error are wrong.
- Repeats that draw their test samples from one pool share what is peculiar to it: that variance
  does not shrink with the number of repeats (:mod:`cmpnet.analysis.pool`).
- Looking again after each repeat would raise the error from 5 to 26 % (looks at 3 to 30). A bench
  until decided looks only after 5, 7, 10, 13, 17, ... repeats, and each look spends its own share
  of the 5 %. The shares add up to 5 %, so it may be stopped or continued at any time.

scipy is imported on first use.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

ALPHA = 0.05
MIN_REPEATS = 3  # two repeats have one degree of freedom: their interval is 13 standard errors wide
FEW = 10  # repeats whose SD may be too small by chance: see _moments
FIRST_LOOK, GROWTH = 5, 1.3  # growing by 30 %, 11 looks reach 88 repeats
CLAIMED_SHARE = 0.9  # of the error, for the side that a claim is about (lopsided: Abelson 1995)

Direction = Literal["lower", "higher"]
Interval = tuple[float, float]


def _nothing_shared(repeats: int) -> float:
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference that a screen decides.

    Attributes:
        values: one per repeat, in the order of their seeds.
        sampling: for each value a lower bound of its variance due to counting errors on a finite
            number of samples; empty for what is not counted.
        shared: ``shared(n)`` is the variance that the first n repeats share, which their mean
            keeps.
        limits: the smallest and largest value that is possible; an interval ends there.
        claimed: the direction that a claim states beforehand. It is tested one-sided as far as the
            contrary can still be shown: nine tenths of the error probability are spent on this
            side.
    """

    values: tuple[float, ...]
    sampling: tuple[float, ...] = ()
    shared: Callable[[int], float] = _nothing_shared
    limits: Interval = (-math.inf, math.inf)
    claimed: Direction | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Statistics of a difference.

    Attributes:
        n: number of repeats.
        difference: mean of the values; None without repeats.
        ci95: 95 % interval of this difference alone; None below two repeats.
        interval: the interval that decides, which holds together with all others of the screen;
            None below 3 repeats, or before the first look of a bench until decided.
        p: p of a mean of 0, two-sided or, of a claimed direction, one-sided for the most part.
        p_adjusted: p for the whole screen; at most 0.05 exactly where ``interval`` excludes 0.
        effect_size: Hedges' g, the mean over the SD of the values, corrected for small n (Hedges
            1981); None below 3 repeats, or if the values do not vary.
    """

    n: int
    difference: float | None = None
    ci95: Interval | None = None
    interval: Interval | None = None
    p: float | None = None
    p_adjusted: float | None = None
    effect_size: float | None = None

    def reversed(self) -> Comparison:
        """The statistics of the negative difference."""

        def ends(interval: Interval | None) -> Interval | None:
            return interval and (-interval[1], -interval[0])

        def negative(value: float | None) -> float | None:
            return None if value is None else -value

        return replace(
            self,
            difference=negative(self.difference),
            ci95=ends(self.ci95),
            interval=ends(self.interval),
            effect_size=negative(self.effect_size),
        )


def decide(differences: Sequence[Difference], *, until_decided: bool = False) -> list[Comparison]:
    """The statistics of all differences of a screen.

    Args:
        differences: each once, however often the screen shows it.
        until_decided: whether the number of repeats depended on the results; by default it was
            fixed beforehand.
    """
    count = counted([len(one.values) for one in differences], until_decided=until_decided)
    statistics_of = _at_looks if until_decided else _at_end
    return [statistics_of(one, count) for one in differences]


def counted(repeats: Sequence[int], *, until_decided: bool) -> int:
    """How many differences share the error probability, by their numbers of repeats.

    Those with too few repeats at the end are not decided. Until decided, the number must not
    change from look to look.

    >>> counted([0, 2, 5], until_decided=False), counted([0, 2, 5], until_decided=True)
    (1, 2)
    """
    return sum(n >= (1 if until_decided else MIN_REPEATS) for n in repeats)


def looks(repeats: int) -> Iterator[tuple[int, float]]:
    """The looks of a bench until decided: after how many repeats, with which share of the 5 %.

    Look j spends 2 / ((j + 1) (j + 2)) of it; these shares add up to 1 over all j from 1 on.

    >>> [(n, round(share, 3)) for n, share in looks(16)]
    [(5, 0.333), (7, 0.167), (10, 0.1), (13, 0.067)]
    """
    number, at = 1, FIRST_LOOK
    while at <= repeats:
        yield at, 2 / ((number + 1) * (number + 2))
        number, at = number + 1, -int(-at * GROWTH // 1)


def _at_end(difference: Difference, count: int) -> Comparison:
    """The statistics of all repeats, whose number was fixed beforehand."""
    moments = _moments(difference, len(difference.values))
    result = _summary(difference, moments)
    if moments is None or result.n < MIN_REPEATS:
        return result
    p = moments.p(difference.claimed)
    interval = moments.interval(_for_each(ALPHA, count), difference)
    return replace(result, interval=interval, p=p, p_adjusted=_for_all(p, count))


def _at_looks(difference: Difference, count: int) -> Comparison:
    """The statistics after the last look: the intersection of the intervals of all looks."""
    result = _summary(difference, _moments(difference, len(difference.values)))
    for repeats, share in looks(result.n):
        moments = _moments(difference, repeats)
        assert moments is not None
        p = moments.p(difference.claimed)
        low, high = moments.interval(_for_each(ALPHA * share, count), difference)
        if result.interval is not None:
            low, high = max(low, result.interval[0]), min(high, result.interval[1])
        result = replace(result, p=p)
        if low <= high:  # disjoint intervals: at least one is wrong, and the earlier one stays
            before = 1.0 if result.p_adjusted is None else result.p_adjusted
            adjusted = min(before, _for_all(p, count) / share)
            result = replace(result, interval=(low, high), p_adjusted=adjusted)
    return result


def _for_each(probability: float, count: int) -> float:
    """The error probability of each of so many intervals that are to hold together."""
    return -math.expm1(math.log1p(-probability) / count)


def _for_all(p: float, count: int) -> float:
    """The probability of a p as small among so many: the inverse of :func:`_for_each`.

    >>> round(_for_all(_for_each(0.05, 13), 13), 12)
    0.05
    """
    return -math.expm1(count * math.log1p(-p)) if p < 1 else 1.0


def _summary(difference: Difference, moments: _Moments | None) -> Comparison:
    """What holds for this difference alone, from the moments of all its repeats."""
    from cmpnet.analysis.stats import hedges

    values = difference.values
    if moments is None:
        return Comparison(len(values), values[0] if values else None)
    sd = statistics.stdev(values)
    effect = hedges(moments.mean / sd, len(values) - 1) if sd and len(values) > 2 else None
    alone = moments.interval(ALPHA, replace(difference, claimed=None))
    return Comparison(len(values), moments.mean, ci95=alone, effect_size=effect)


@dataclass(frozen=True, slots=True)
class _Moments:
    """A mean with the two parts of its variance.

    Attributes:
        mean: the mean of some repeats.
        own: its variance due to these repeats, estimated with ``df`` degrees of freedom.
        shared: its variance due to what all repeats share, which counts as known.
        df: degrees of freedom.
    """

    mean: float
    own: float
    shared: float
    df: int

    def reach(self, probability: float) -> float:
        """How far the mean is from the true one, on one side, except with this probability.

        The squares of both parts add up (Zou and Donner 2008, Statistics in Medicine 27,
        1693-1702): t for the estimated variance, the normal z for the known one.
        """
        from scipy.special import ndtri, stdtrit

        t, z = float(stdtrit(self.df, probability)), float(ndtri(probability))
        return math.sqrt(self.own * t**2 + self.shared * z**2)

    def interval(self, probability: float, difference: Difference) -> Interval:
        """The interval that misses the true mean with this probability."""
        above, below = _shares(difference.claimed)
        low = self.mean - self.reach(probability * below)
        high = self.mean + self.reach(probability * above)
        return max(low, difference.limits[0]), min(high, difference.limits[1])

    def p(self, claimed: Direction | None) -> float:
        """The smallest probability whose interval excludes 0."""
        if not self.mean:
            return 1.0
        above, below = _shares(claimed)
        return min(1.0, self._tail() / (above if self.mean < 0 else below))

    def _tail(self) -> float:
        """The probability for which the mean is just within reach of 0; at most 1/2."""
        from scipy.optimize import brentq
        from scipy.special import ndtr, stdtr

        if not self.own + self.shared:
            return 0.0
        if not self.shared:
            return float(stdtr(self.df, -abs(self.mean) / math.sqrt(self.own)))
        if not self.own:
            return float(ndtr(-abs(self.mean) / math.sqrt(self.shared)))

        def excess(logarithm: float) -> float:
            return self.reach(math.exp(logarithm)) - abs(self.mean)

        least = -700.0  # a smaller probability is 0 as a float
        if excess(least) < 0:
            return 0.0
        return math.exp(brentq(excess, least, math.log(0.5), xtol=1e-12))


def _shares(claimed: Direction | None) -> tuple[float, float]:
    """The shares of the error probability above and below the interval."""
    share = {None: 0.5, "lower": CLAIMED_SHARE, "higher": 1 - CLAIMED_SHARE}[claimed]
    return share, 1 - share


def _moments(difference: Difference, repeats: int) -> _Moments | None:
    """The moments of the first repeats; None below two."""
    if repeats < 2:
        return None
    values = difference.values[:repeats]
    mean, shared = statistics.fmean(values), difference.shared(repeats)
    variance = math.fsum((value - mean) ** 2 for value in values) / (repeats - 1)
    if sampling := difference.sampling[:repeats]:
        # From ten repeats on their own SD suffices, unless all agree: 3.5 % of screens at 0.2 %
        # error are wrong, and 2.4 % with the mean.
        variance = max(variance, statistics.fmean(sampling) if repeats < FEW else min(sampling))
    return _Moments(mean, variance / repeats, shared, repeats - 1)


def repeats_needed(effect_size: float, comparisons: int = 1) -> int:
    """The number of repeats with which a paired t test detects a real effect in 80 % of benches.

    n = ((z_{1 - a/2} + z_{0.8}) / d)^2 + z_{1 - a/2}^2 / 2, rounded up, where a is 0.05 divided by
    the number of comparisons (Guenther 1981, The American Statistician 35, 243-244).

    Args:
        effect_size: d, the mean of the differences over their SD; not 0.
        comparisons: number of comparisons made at once.

    >>> repeats_needed(0.5)
    34
    """
    from scipy.special import ndtri

    level, power = float(ndtri(1 - ALPHA / 2 / comparisons)), float(ndtri(0.8))
    needed = ((level + power) / effect_size) ** 2 + level**2 / 2
    return max(-int(-needed // 1), MIN_REPEATS)
