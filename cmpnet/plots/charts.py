"""Terminal pictures with two axes: curves, means at a place, and the unit square."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from cmpnet.plots.canvas import GREY, Axis, Canvas, colour, columns_beside, nice_ticks, numbered
from cmpnet.plots.cells import Floats, Plane
from cmpnet.plots.layout import Screen, legend, shorten
from cmpnet.plots.pictures import NOTHING, Line, Lines

# What plotext draws a line with, and the character that stands for it in the legend.
LETTERS = tuple((c, c) for c in "abcdefghijklmnpqrstuvwyzABCDEFGHIJKLMNPQRSTUVWYZ123456789")
MARKERS = (("hd", "▚"), ("braille", "⢕"), *((c, c) for c in "•×o+*#@%"), *LETTERS)
ASCII_MARKERS = (*((c, c) for c in "*ox+#@%&"), *LETTERS)
MAX_BANDS = 4  # more lines would hide each other's ± SD
DASH, GAP = 4, 3  # columns


def lines(picture: Lines, screen: Screen) -> list[str]:
    """One curve per line, each with its own marker, on a dotted band of mean ± SD."""
    looks = [
        _Look(line, *marker, colour(number // picture.per_arm), number % picture.per_arm > 0)
        for number, (line, marker) in enumerate(
            zip(picture.lines, _markers(picture, screen), strict=False)
        )
    ]
    entries: list[tuple[str, int | None]] = [
        (f"{o.sample} {o.line.label}", o.colour) for o in looks
    ]
    looks = [look for look in looks if look.line.x]
    shown = [look.line for look in looks]
    if not shown:
        return [*legend(entries, screen), NOTHING]
    has_sd = any(any(line.sd) for line in shown)
    has_bands = has_sd and len(shown) <= MAX_BANDS
    if has_sd:
        sd = "· ± SD" if has_bands else f"(± SD not drawn: more than {MAX_BANDS} lines)"
        entries.append((sd, None))
    above = [*legend(entries, screen), shorten(picture.y_label, screen.width)]
    # A long legend scrolls away, so that half of the height is left to the curves.
    height = max(screen.height - len(above) - 4, (screen.height + 1) // 2)
    bands = [picture.band(line) for line in shown]
    top = 1.05 * max(high.max() for _, high in bands) or 1.0
    bottom = min(0.0, *(1.05 * low.min() for low, _ in bands))
    y = Axis(bottom, top, height, numbered(nice_ticks(bottom, top, max(height // 3, 1))))
    columns = columns_beside(y.ticks, screen)
    places = sorted({x for line in shown for x in line.x})
    margin = 0.5 if len(places) == 1 else 0
    ticks = numbered(_x_ticks(places, columns))
    x = Axis(places[0] - margin, places[-1] + margin, columns, ticks, picture.x_label)
    canvas = Canvas(x, y)
    for look, band in zip(looks, bands, strict=True) if has_bands else []:
        canvas.draw(*_band(look.line, band, canvas), "·", look.colour)
    for look in looks:
        _draw_line(look, canvas)
    for look in looks if picture.marked else []:
        canvas.draw(look.line.x, look.line.mean, look.sample, look.colour)
    return [*above, *canvas.text(screen)]


@dataclass(frozen=True, slots=True)
class _Look:
    """How a line is drawn.

    Attributes:
        line: the line.
        marker: what plotext draws it with.
        sample: the character that stands for it in the legend.
        colour: its colour.
        dashed: whether it has gaps.
    """

    line: Line
    marker: str
    sample: str
    colour: int
    dashed: bool


def _markers(picture: Lines, screen: Screen) -> Iterator[tuple[str, str]]:
    """A marker and a sample for each line, without end.

    Marked points are told apart by their marks, on thin lines.
    """
    if not picture.marked:
        return cycle(MARKERS if screen.unicode else ASCII_MARKERS)
    marks = [sample for _, sample in (MARKERS[2:] if screen.unicode else ASCII_MARKERS)]
    return cycle(("braille" if screen.unicode else "-", mark) for mark in marks)


def _draw_line(look: _Look, canvas: Canvas) -> None:
    line = look.line
    if not look.dashed or len(line.x) < 2:
        canvas.draw(line.x, line.mean, look.marker, look.colour, joined=True)
        return
    xs = canvas.x.centres()
    xs = xs[(xs >= line.x[0]) & (xs <= line.x[-1])]
    ys = np.interp(xs, line.x, line.mean)
    for start in range(0, len(xs), DASH + GAP):
        dash = slice(start, start + DASH)
        canvas.draw(xs[dash], ys[dash], look.marker, look.colour, joined=True)


def _x_ticks(places: list[float], columns: int) -> list[float]:
    """The places of the values if all can be labelled, else round numbers."""
    low, high = places[0], places[-1]
    steps = max(columns // 8, 1)
    gaps = np.diff(places)
    if not len(gaps) or (len(places) <= steps and gaps.min() * columns >= 6 * (high - low)):
        return places
    if all(x == int(x) for x in places):
        steps = min(steps, int(high - low))  # no half epochs
    ticks = nice_ticks(low, high, steps)
    overlapping = ticks[0] - low < (high - low) / 12
    return ticks if low in ticks else [low, *ticks[1 if overlapping else 0 :]]


def _band(line: Line, band: tuple[Floats, Floats], canvas: Canvas) -> tuple[Floats, Floats]:
    """The centres of all cells that mean ± SD covers at least in part."""
    xs, ys = canvas.x.centres(), canvas.y.centres()
    xs = xs[(xs >= line.x[0]) & (xs <= line.x[-1])] if len(line.x) > 1 else np.array(line.x)
    half = ys[1] / 2
    low, high = (np.interp(xs, line.x, edge) for edge in band)
    columns, rows = np.nonzero((ys >= low[:, None] - half) & (ys <= high[:, None] + half))
    return xs[columns], ys[rows]


def plane(picture: Plane, screen: Screen) -> list[str]:
    """The unit square, true to scale."""
    wrong, border_colour = colour(1), colour(0)
    entries: list[tuple[str, int | None]] = [("× misclassified", wrong)]
    entries += [("░ predicted inside", GREY)]
    if picture.outline is not None:  # the colour of "both" keeps the border visible as a line
        entries += [("o true border", border_colour), ("* both", border_colour)]
    above = legend(entries, screen)
    height = max(4, min(screen.height - len(above) - 3, (screen.width - 5) // 2))
    ticks = numbered([0.0, 0.5, 1.0])
    # A character is twice as high as it is wide.
    canvas = Canvas(Axis(0, 1, 2 * height, ticks), Axis(0, 1, height, ticks))
    xs, ys = canvas.x.centres(), canvas.y.centres()
    side = len(picture.region)
    rows, columns = (np.minimum((at * side).astype(int), side - 1) for at in (ys, xs))
    inside = picture.region[np.ix_(rows, columns)] >= 0.5
    missed, border = (_cells(points, inside.shape) for points in (picture.points, picture.outline))
    layers = [
        (inside, "░", GREY),
        (missed, "×", wrong),
        (border, "o", border_colour),
        (missed & border, "*", border_colour),
    ]
    for cells, mark, own in layers:
        rows, columns = np.nonzero(cells)
        canvas.draw(xs[columns], ys[rows], mark, own)
    return [*above, *canvas.text(screen)]


def _cells(points: Floats | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which cells of the unit square contain a point."""
    cells = np.zeros(shape, bool)
    if points is not None:
        x, y = points[((points >= 0) & (points <= 1)).all(1)].T
        cells[np.rint(y * (shape[0] - 1)).astype(int), np.rint(x * (shape[1] - 1)).astype(int)] = (
            True
        )
    return cells
