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
