"""Terminal pictures of means with intervals at a place: the Pareto front, and a history."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import cycle

import numpy as np

from cmpnet.plots.canvas import GREY, Axis, Canvas, colour, columns_beside, nice_ticks, numbered
from cmpnet.plots.cells import Floats
from cmpnet.plots.layout import Screen, legend, shorten
from cmpnet.plots.pictures import Marks

LETTERS = "ABCDEFGHIJKLMNPQRSTUVWXYZabcdefghijklmnpqrstuvwxyz"


def marks(picture: Marks, screen: Screen) -> list[str]:
    """A letter at each mean on a line for its interval; if numbered, the repeats beside it."""
    letters = cycle(LETTERS)
    looks = [
        (mark, f"{n + 1}", colour(0)) if picture.numbered else (mark, next(letters), colour(n))
        for n, mark in enumerate(picture.marks)
    ]
    entries: list[tuple[str, int | None]] = [
        (f"{name} {mark.label}", None if picture.numbered else own) for mark, name, own in looks
    ]
    symbols: list[tuple[str, int | None]] = [
        (f"· {picture.joined}", GREY),
        ("│ 95 % interval", None),
    ]
    symbols += [("◆ mean", None), ("• repeat", None)] if picture.numbered else []
    above = [*legend(entries, screen), *legend(symbols, screen)]
    above.append(shorten(picture.y_label, screen.width))
    height = max(screen.height - len(above) - 4, (screen.height + 1) // 2)
    low, high = picture.ends
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    low, high = low - margin, high + margin
    y = Axis(low, high, height, numbered(nice_ticks(low, high, max(height // 3, 1))))
    canvas = Canvas(_x_axis(picture, columns_beside(y.ticks, screen)), y)
    place: Callable[[float], float] = float if picture.numbered else math.log10
    path, means = picture.path
    canvas.draw([place(x) for x in path], means, "·", GREY, joined=True)
    columns = canvas.x.centres()
    at = columns[_free_columns([place(mark.x) for mark in picture.marks], columns)].tolist()
    step = float(columns[1] - columns[0])
    for x, (mark, _, own) in zip(at, looks, strict=True):
        if mark.interval is not None:
            canvas.draw([x, x], [*mark.interval], "│", own, joined=True)
        if picture.numbered:
            canvas.draw([x + step] * len(mark.points), mark.points, "•", own)
    for x, (mark, name, own) in zip(at, looks, strict=True):
        canvas.draw([x], [mark.y], "◆" if picture.numbered else name, own)
    return [*above, *canvas.text(screen)]


def _free_columns(places: Sequence[float], columns: Floats) -> list[int]:
    """The column of each place, or one beside it where that would hide another mark."""
    taken: list[int] = []
    for place in places:
        nearest = int(np.abs(columns - place).argmin())
        free = [n for n in range(len(columns)) if n not in taken] or [nearest]
        taken.append(min(free, key=lambda n: abs(n - nearest)))
    return taken


def _x_axis(picture: Marks, columns: int) -> Axis:
    """The numbers of the marks, or a logarithmic axis with round numbers."""
    xs = [mark.x for mark in picture.marks]
    if picture.numbered:
        step = -(-6 * len(xs) // columns)
        ticks = [(x, f"{x:g}") for x in xs[::step]]
        return Axis(0.5, len(xs) + 0.5, columns, ticks, picture.x_label)
    low, high = math.log10(min(xs)), math.log10(max(xs))
    margin = 0.06 * (high - low) or 0.3
    low, high = low - margin, high + margin
    ticks = [
        (math.log10(value), f"{value:,.0f}" if value >= 1 else f"{value:g}")
        for value in log_ticks(10**low, 10**high)
    ]
    return Axis(low, high, columns, ticks, picture.x_label)


def log_ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers on a logarithmic axis: 1, 2 and 5 times powers of ten, or powers alone.

    >>> log_ticks(900, 30_000)
    [1000.0, 2000.0, 5000.0, 10000.0, 20000.0]
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    for factors in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
        ticks = [f * 10.0**p for p in range(first, last + 1) for f in factors]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) <= most:
            break
    return ticks if len(ticks) > 1 else [float(f"{v:.2g}") for v in np.geomspace(low, high, 3)]
