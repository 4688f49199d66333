"""What a picture shows, as plain records. Fractions are in %, and every number is finite.

:mod:`cmpnet.plots.data` makes these records of results. ``terminal_backend`` and
``matplotlib_backend`` draw them and compute nothing of their own. This module has the pictures with
axes, :mod:`cmpnet.plots.cells` those made of cells.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cmpnet.plots.cells import Floats, Grid, Pairs, Plane
from cmpnet.scales import signed

NOTHING = "No finite values."


@dataclass(frozen=True, slots=True)
class Line:
    """A mean over x, with a band of mean ± SD.

    Attributes:
        label: the arm, or the family of arms, and the number of its repeats.
        x: epochs or values of alpha, in ascending order.
        mean: mean at each x.
        sd: sample SD at each x; 0 where there is only one value.
        counts: number of repeats at each x.
    """

    label: str
    x: list[float]
    mean: list[float]
    sd: list[float]
    counts: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines over one axis.

    Attributes:
        title: the title.
        x_label: label of the x axis.
        y_label: label of the y axis, with its unit.
        lines: the lines; those of one arm are adjacent.
        per_arm: lines of each arm: 2 where the training part is shown too.
        limits: the smallest and the largest possible value, where bands end.
        marked: whether every point of a line is marked: a line over a few values of an option.
    """

    title: str
    x_label: str
    y_label: str
    lines: list[Line]
    per_arm: int = 1
    limits: tuple[float, float] = (0.0, 100.0)
    marked: bool = False

    def band(self, line: Line) -> tuple[Floats, Floats]:
        """Mean - SD and mean + SD of a line at each x, within the limits."""
        low, high = np.subtract(line.mean, line.sd), np.add(line.mean, line.sd)
        return low.clip(*self.limits), high.clip(*self.limits)


@dataclass(frozen=True, slots=True)
class Row:
    """The values of an arm's repeats.

    Attributes:
        label: the arm.
        points: value of each repeat.
        note: number of repeats, and how many were lost.
        mean: mean of the points, or None without points.
        sd: sample SD of the points, or None with fewer than two.
        box: lower whisker, quartile, median, quartile and upper whisker. The whiskers end at the
            last points within 1.5 times the interquartile range (Tukey 1977).
        reported: error that a report gives for the arm, or None.
        limits: the smallest and the largest possible value, where bands end.
        digits: digits of the mean after the decimal point.
        seeds: seed of each repeat.
    """

    label: str
    points: list[float]
    note: str
    mean: float | None = None
    sd: float | None = None
    box: tuple[float, float, float, float, float] | None = None
    reported: float | None = None
    limits: tuple[float, float] = (0.0, 100.0)
    digits: int = 2
    seeds: list[int] = field(default_factory=list)

    @property
    def band(self) -> tuple[float, float]:
        """Mean - SD and mean + SD, within the limits; 0 and 0 without points."""
        if self.mean is None:
            return 0.0, 0.0
        (low, high), sd = self.limits, self.sd or 0.0
        return max(self.mean - sd, low), min(self.mean + sd, high)

    @property
    def value(self) -> str:
        """Mean ± SD as text; "" without points."""
        if self.mean is None:
            return ""
        sd = "" if self.sd is None else f" ± {self.sd:.{self.digits}f}"
        return f"{self.mean:.{self.digits}f}{sd}"

    @property
    def value_and_note(self) -> str:
        """Mean ± SD with the note, or what became of the repeats if none succeeded."""
        return f"{self.value}  ({self.note})" if self.value else self.note.removeprefix("n=0, ")

    @property
    def value_and_losses(self) -> str:
        """Mean ± SD, with the note only where repeats were lost."""
        return self.value if self.value and "," not in self.note else self.value_and_note


@dataclass(frozen=True, slots=True)
class Rows:
    """One row per arm.

    Attributes:
        title: the title.
        x_label: label of the x axis, with its unit.
        rows: the rows.
        boxes: whether rows are box plots instead of bars.
    """

    title: str
    x_label: str
    rows: list[Row]
    boxes: bool = False


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """An arm minus its reference, paired by seed.

    Attributes:
        label: the arm, with its reference where the rows have several.
        points: difference of each seed.
        mean: mean of the points.
        interval: the interval that decides; None with too few repeats.
        verdict: "lower", "higher", "equivalent" or "undecided".
        note: number of seeds.
        margin: a difference within it counts as none, or None where it is not drawn.
        digits: digits after the decimal point.
        seeds: seed of each point.
    """

    label: str
    points: list[float]
    mean: float
    interval: tuple[float, float] | None
    verdict: str
    note: str
    margin: float | None = None
    digits: int = 2
    seeds: list[int] = field(default_factory=list)

    @property
    def value(self) -> str:
        """The mean with its interval: "-2.50 [-3.10, -1.90]"."""
        mean, *ends = (signed(v, self.digits) for v in (self.mean, *(self.interval or ())))
        return f"{mean} [{', '.join(ends)}]" if ends else mean

    @property
    def verdict_and_note(self) -> str:
        """The verdict with the number of seeds."""
        return f"{self.verdict} ({self.note})"


@dataclass(frozen=True, slots=True)
class Differences:
    """One row per comparison, on an axis with a line at 0.

    Attributes:
        title: the title.
        x_label: label of the x axis, with its unit.
        rows: the rows.
    """

    title: str
    x_label: str
    rows: list[DifferenceRow]

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest number of all rows, and 0."""
        values = [0.0]
        for row in self.rows:
            margin = row.margin or 0.0
            values += [*row.points, row.mean, *(row.interval or ()), margin, -margin]
        return min(values), max(values)


@dataclass(frozen=True, slots=True)
class Mark:
    """A mean at a place.

    Attributes:
        label: the arm, or the version of its code, with the number of repeats.
        x: its place.
        y: the mean.
        interval: 95 % interval of the mean; None with too few repeats.
        points: value of each repeat.
        joined: whether the line of the picture goes through it.
        seeds: seed of each repeat.
    """

    label: str
    x: float
    y: float
    interval: tuple[float, float] | None
    points: list[float]
    joined: bool = True
    seeds: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Marks:
    """Means with their intervals, some of them joined by a line.

    Attributes:
        title: the title.
        x_label: label of the x axis, with its unit.
        y_label: label of the y axis, with its unit.
        marks: the means.
        joined: what the line joins, in words.
        numbered: whether the places are the numbers of the marks; otherwise the x axis is
            logarithmic.
        arm: the arm, if all marks are of one.
    """

    title: str
    x_label: str
    y_label: str
    marks: list[Mark]
    joined: str
    numbered: bool = False
    arm: str = ""

    @property
    def path(self) -> tuple[list[float], list[float]]:
        """X and y of the line, from left to right."""
        ordered = sorted((mark.x, mark.y) for mark in self.marks if mark.joined)
        return [x for x, _ in ordered], [y for _, y in ordered]

    @property
    def ends(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        values = [
            v
            for mark in self.marks
            for v in (mark.y, *(mark.interval or ()), *(mark.points if self.numbered else ()))
        ]
        return min(values), max(values)


Picture = Lines | Rows | Differences | Marks | Grid | Plane | Pairs
