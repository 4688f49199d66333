"""How the values of a metric are written: its unit, and as many digits as tell values apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cmpnet.results import ERROR_METRIC, ArmResults
from cmpnet.spec import Metric

PERCENT = "%"  # the unit of fractions that are shown in %
SIGNIFICANT = 4  # digits of a value in another unit


@dataclass(frozen=True, slots=True)
class Scale:
    """How the values of a metric are written.

    Attributes:
        metric: the metric.
        digits: digits after the decimal point.
    """

    metric: Metric
    digits: int = 2

    @property
    def factor(self) -> int:
        """What values are multiplied by."""
        return 100 if self.metric.unit == PERCENT else 1

    def number(self, value: float | None) -> str:
        """A value; "-" for None."""
        return "-" if value is None else f"{self.factor * value:.{self.digits}f}"

    def difference(self, value: float | None) -> str:
        """A difference with its sign; "-" for None, and 0 is not negative."""
        return "-" if value is None else signed(self.factor * value, self.digits)

    @property
    def heading(self) -> str:
        """Name and unit above a column: "error %", "RMSE (m)", "AUC"."""
        name, unit = self.metric.shown, self.metric.unit
        return f"{name} %" if unit == PERCENT else f"{name} ({unit})" if unit else name

    @property
    def axis(self) -> str:
        """Name and unit at an axis: "error / %"."""
        name, unit = self.metric.shown, self.metric.unit
        return f"{name} / {unit}" if unit else name

    @property
    def differences(self) -> str:
        """The unit of differences: "points" of %, or that of the values."""
        return "points" if self.metric.unit == PERCENT else self.metric.unit

    @property
    def axis_of_differences(self) -> str:
        """What an axis of differences shows, with its unit: "difference / points"."""
        return f"difference / {self.differences}" if self.differences else "difference"

    @property
    def limits(self) -> tuple[float, float]:
        """The smallest and the largest possible value, as they are shown."""
        low, high = self.metric.limits
        return self.factor * low, self.factor * high


ERRORS = Scale(ERROR_METRIC)


def signed(value: float, digits: int) -> str:
    """A number with its sign; 0 is not negative.

    >>> signed(-0.001, 2), signed(1.5, 1)
    ('+0.00', '+1.5')
    """
    return f"{round(value, digits) + 0.0:+.{digits}f}"


def digits_of(values: Iterable[float]) -> int:
    """Digits after the decimal point that show four digits of the largest value.

    >>> digits_of([0.98, 0.5]), digits_of([54.3]), digits_of([12345.0])
    (4, 2, 0)
    """
    largest = max((abs(value) for value in values), default=0.0)
    if not 0 < largest < math.inf:
        return 2
    return min(max(SIGNIFICANT - 1 - math.floor(math.log10(largest)), 0), 8)


def scale_of(metric: Metric, values: Iterable[float]) -> Scale:
    """The scale for some values of a metric."""
    return Scale(metric, 2 if metric.unit == PERCENT else digits_of(values))


def scale_of_arms(arms: Sequence[ArmResults]) -> Scale:
    """The scale of the metric that decides in a table: that of its first arm."""
    metric = arms[0].metric
    return scale_of(metric, [v for arm in arms if arm.metric == metric for v in arm.values()])
