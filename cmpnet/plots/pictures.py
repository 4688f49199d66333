"""What a picture shows, as plain records. Fractions are in %, and every number is finite.

``plot_data`` makes these records of results. ``terminal_backend`` and ``matplotlib_backend`` draw
them and compute nothing of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
NOTHING = "No finite values."


@dataclass(frozen=True, slots=True)
class Line:
    """A mean over x, with a band of mean ± SD.

    Attributes:
        label: the arm, or the family of arms, and the number of its repeats.
        x: epochs or values of alpha, in ascending order.
        mean: mean at each x.
        sd: sample SD at each x; 0 where there is only one value.
    """

    label: str
    x: list[float]
    mean: list[float]
    sd: list[float]


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
    """

    title: str
    x_label: str
    y_label: str
    lines: list[Line]
    per_arm: int = 1
    limits: tuple[float, float] = (0.0, 100.0)

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
class Grid:
    """A matrix over classes.

    Attributes:
        title: the title.
        row_label: what the rows are.
        column_label: what the columns are.
        cells: percentages by row and column; None where there is nothing to count.
        names: name of each class; numbers from 0 where they have none.
    """

    title: str
    row_label: str
    column_label: str
    cells: list[list[float | None]]
    names: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        """The name of each class, or its number."""
        most = max(len(self.cells), *map(len, self.cells))
        return [*self.names] or [str(number) for number in range(most)]


@dataclass(frozen=True, slots=True)
class Plane:
    """Misclassified points of the unit square.

    Attributes:
        title: the title.
        points: the misclassified points (M, 2).
        outline: the true border (K, 2), or None where the task has none.
        region: share of verdicts "inside" by cell (S, S): row from below, column from the left.
    """

    title: str
    points: Floats
    outline: Floats | None
    region: Floats


@dataclass(frozen=True, slots=True)
class Pair:
    """A misclassified pair of images.

    Attributes:
        images: the two images (2, H, W), from 0 to 1.
        caption: what the network says of the pair, and of each digit; the second may be "".
    """

    images: Floats
    caption: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Misclassified pairs of an arm.

    Attributes:
        title: the title.
        pairs: the pairs, the most confident first.
    """

    title: str
    pairs: list[Pair]


def percentage(value: float) -> str:
    """A cell of a grid as text: "·" for 0, "<1" for what rounds to 0.

    >>> percentage(0.0), percentage(0.4), percentage(12.6)
    ('·', '<1', '13')
    """
    text = f"{value:.0f}"
    return "·" if value == 0 else "<1" if text == "0" else text


Picture = Lines | Rows | Grid | Plane | Pairs
