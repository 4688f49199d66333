"""What the terminal pictures share: the screen, the axes (plotext's), legends, ticks.

Titles and legends are lines of our own above the canvas, since plotext drops those that do not fit;
nothing that is not finite may reach it, since it aborts the interpreter on NaN.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.console import Console

from cmpnet.glyphs import spelt
from cmpnet.plots.pictures import Floats

LEAST = (20, 8)  # columns and lines; a smaller terminal gets a picture of this size
COLOURS = (33, 208, 36, 175, 178, 81, 160, 244)  # of the 256, near to those of ``figures``
MARKERS = (("hd", "▚"), ("braille", "⢕"), *((c, c) for c in "•×o+*#@%"))
ASCII_MARKERS = tuple((c, c) for c in "*ox+#@%&")
LETTERS = tuple((c, c) for c in "abcdefghijklmnpqrstuvwyzABCDEFGHIJKLMNPQRSTUVWYZ123456789")
NOTHING = "No finite value."
BANDS = 4  # lines at most whose ± SD is drawn: more would hide each other


@dataclass(frozen=True, slots=True)
class Screen:
    """What is drawn on: columns, lines, and whether it has colours and Unicode."""

    width: int
    height: int
    colour: bool = False
    unicode: bool = True

    def words(self, text: str) -> str:
        """A text before it is laid out, in the letters that this screen has."""
        return text if self.unicode else spelt(text)


def screen(out: Console, width: int | None = None, height: int | None = None) -> Screen:
    """A terminal but for two lines (at most 120x40); 80x24 for a pipe."""
    size = shutil.get_terminal_size() if out.is_dumb_terminal else out.size  # rich does not look
    columns, lines = (size[0], size[1] - 2) if out.is_terminal else (80, 24)
    try:
        "▚⢕│█×".encode(out.encoding)
        encodes = True
    except (UnicodeError, LookupError):
        encodes = False
    return Screen(
        max(LEAST[0], width or min(columns, 120)),
        max(LEAST[1], height or min(lines, 40)),
        out.color_system is not None and not out.no_color,
        encodes,
    )


def shorten(text: str, width: int) -> str:
    """A text that does not fit, without its middle.

    >>> shorten("ws-aux:aux-scheduled[alpha=0.25]", 16)
    'ws-aux:a…a=0.25]'
    """
    if len(text) <= width:
        return text
    tail = max(width - 1, 0) // 2
    return text[: max(width - 1 - tail, 0)] + "…" + (text[-tail:] if tail else "")


def nice_ticks(low: float, high: float, most: int) -> list[float]:
    """Round numbers from low to high, at most ``most`` steps of 1, 2 or 5 times 10^n apart.

    >>> nice_ticks(0, 15, 4)
    [0.0, 5.0, 10.0, 15.0]
    """
    least = max(high - low, 1e-9) / max(most, 1)
    power = 10.0 ** math.floor(math.log10(least))
    step = next(power * f for f in (1, 2, 5, 10, 20) if power * f >= least * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def legend_lines(entries: Iterable[str], width: int) -> list[str]:
    """Entries side by side as far as they fit; one that is wider than the screen is shortened."""
    lines = [""]
    for entry in (shorten(entry, width) for entry in entries):
        joined = f"{lines[-1]}   {entry}" if lines[-1] else entry
        if len(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(entry)
    return lines


def markers_for(count: int, on: Screen) -> list[tuple[str, str]]:
    """For each line what plotext draws it with, and the letter its legend shows."""
    known = [*(MARKERS if on.unicode else ASCII_MARKERS), *LETTERS]
    return [known[i % len(known)] for i in range(count)]


class Canvas:
    """A plotext figure with axes: columns and rows count the inside of the frame."""

    def __init__(
        self,
        columns: int,
        rows: int,
        x: tuple[float, float],
        y: tuple[float, float],
        x_ticks: Sequence[float],
        y_ticks: Sequence[tuple[float, str]],
    ) -> None:
        import plotext  # here: its 60 ms are for those who look at a picture

        margin = max((len(label) for _, label in y_ticks), default=0)
        self._cells = np.linspace(*x, columns), np.linspace(*y, rows)
        self._marker = plotext.marker
        self.figure = plotext.figure
        self.figure.clear()
        plotext.terminal.limit(False, False)
        self.figure.theme("simple")
        self.figure.plot_size(margin + columns + 2, rows + 3)
        self.figure.ruler("x").lim(*x)
        self.figure.ruler("y").lim(*y)
        self.figure.ruler("x").ticks(list(x_ticks), [f"{tick:g}" for tick in x_ticks])
        self.figure.ruler("y").ticks([at for at, _ in y_ticks], [label for _, label in y_ticks])

    def cells(self) -> tuple[Floats, Floats]:
        """Where the columns lie on the x axis and the rows on the y axis."""
        return self._cells

    def add(
        self,
        xs: Sequence[float],
        ys: Sequence[float],
        mark: str,
        colour: int,
        *,
        line: bool = False,
    ) -> None:
        """Points, or the line through them."""
        if len(xs):
            signal: Any = self.figure.signal(
                [float(x) for x in xs], [float(y) for y in ys], marker=self._marker(mark, colour)
            )
            self.figure.draw(signal.lines() if line and len(xs) > 1 else signal)

    def text(self, on: Screen) -> str:
        """What was drawn, without blanks at the ends of lines."""
        lines = self.figure.build().string(colorless=not on.colour).rstrip("\n").split("\n")
        return "\n".join(line if on.colour else line.rstrip() for line in lines)
