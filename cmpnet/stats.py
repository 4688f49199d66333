"""Statistics of the repeats of one arm."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Summary:
    """n, mean and sample standard deviation (n - 1; None below two values)."""

    n: int
    mean: float | None
    sd: float | None


def summarise(values: Sequence[float]) -> Summary:
    """Summary of the given values.

    >>> summarise([1.0, 3.0])
    Summary(n=2, mean=2.0, sd=1.4142135623730951)
    """
    return Summary(
        n=len(values),
        mean=statistics.fmean(values) if values else None,
        sd=statistics.stdev(values) if len(values) > 1 else None,
    )


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
