"""A plotext figure with axes, which the terminal charts are drawn on.

plotext drops titles and legends that do not fit, so the charts write their own above the canvas.
It aborts the interpreter on NaN, so no value may reach it that is not finite.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from cmpnet.plots.cells import Floats
from cmpnet.plots.layout import Screen, shorten

Points = Sequence[float] | Floats
GREY = 244
COLOURS = (33, 208, 36, 175, 178, 81, 160, GREY)  # of 256, similar to those of matplotlib_backend


def colour(number: int) -> int:
    """The colour of an arm by its place."""
    return COLOURS[number % len(COLOURS)]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a canvas.

    Attributes:
        low: value at the centre of the first cell.
        high: value at the centre of the last cell.
        cells: number of columns or lines.
        ticks: values and labels of the ticks.
        label: what the axis shows; only that of the x axis is drawn.
    """

    low: float
    high: float
    cells: int
    ticks: Sequence[tuple[float, str]]
    label: str = ""

    def centres(self) -> Floats:
        """The value at the centre of each cell."""
        return np.linspace(self.low, self.high, self.cells)


def numbered(ticks: Sequence[float]) -> list[tuple[float, str]]:
    """Ticks whose labels are their values."""
    return [(tick, f"{tick:g}") for tick in ticks]


def nice_ticks(low: float, high: float, steps: int) -> list[float]:
    """Round numbers from low to high, 1, 2 or 5 times 10^n apart.

    Args:
        low: lower end.
        high: upper end.
        steps: steps at most.

    >>> nice_ticks(0, 15, 4)
    [0.0, 5.0, 10.0, 15.0]
    """
    least = max(high - low, 1e-9) / max(steps, 1)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * f for f in (1, 2, 5, 10, 20) if power * f >= least * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def columns_beside(y_ticks: Sequence[tuple[float, str]], screen: Screen) -> int:
    """Columns that the labels of the y axis and the frame leave to a canvas."""
    return screen.width - max(len(label) for _, label in y_ticks) - 2


class Canvas:
    """A plotext figure; the cells of its axes are the inside of its frame."""

    def __init__(self, x: Axis, y: Axis) -> None:
        import plotext  # it takes 60 ms, which callers without a terminal picture save

        self.x, self.y = x, y
        self._marker = plotext.marker
        self._figure = plotext.figure
        self._figure.clear()
        plotext.terminal.limit(False, False)
        self._figure.theme("simple")
        margin = max(len(label) for _, label in y.ticks)
        self._figure.plot_size(margin + x.cells + 2, y.cells + 3)
        for name, axis in (("x", x), ("y", y)):
            ruler = self._figure.ruler(name)
            ruler.lim(axis.low, axis.high)
            ruler.ticks([at for at, _ in axis.ticks], [label for _, label in axis.ticks])

    def draw(
        self, xs: Points, ys: Points | float, mark: str, colour: int, *, joined: bool = False
    ) -> None:
        """Draw a mark at each point, or along the line through the points.

        Args:
            xs: x of the points.
            ys: y of the points, or one y of all.
            mark: a character, or the name of a plotext marker.
            colour: number of the colour, of 256.
            joined: draw the line.
        """
        if len(xs):
            x, y = (np.broadcast_to(values, len(xs)).astype(float).tolist() for values in (xs, ys))
            signal: Any = self._figure.signal(x, y, marker=self._marker(mark, colour))
            self._figure.draw(signal.lines() if joined and len(x) > 1 else signal)

    def text(self, screen: Screen) -> list[str]:
        """The lines of the figure and the label of its x axis, without trailing spaces."""
        text = self._figure.build().string(colorless=not screen.colour).rstrip("\n")
        label = shorten(self.x.label, screen.width).rjust(screen.width)
        return [line.rstrip() for line in (*text.split("\n"), *filter(str.strip, [label]))]
