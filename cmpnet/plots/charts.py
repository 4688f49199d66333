"""Terminal pictures with axes: curves, bars, box plots and the unit square."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import numpy as np
from numpy.typing import NDArray

from cmpnet.plots.canvas import GREY, Axis, Canvas, colour, columns_beside, nice_ticks, numbered
from cmpnet.plots.layout import Screen, fold, shorten, side_by_side
from cmpnet.plots.pictures import NOTHING, Floats, Line, Lines, Plane, Row, Rows

# What plotext draws a line with, and the character that stands for it in the legend.
LETTERS = tuple((c, c) for c in "abcdefghijklmnpqrstuvwyzABCDEFGHIJKLMNPQRSTUVWYZ123456789")
MARKERS = (("hd", "▚"), ("braille", "⢕"), *((c, c) for c in "•×o+*#@%"), *LETTERS)
ASCII_MARKERS = (*((c, c) for c in "*ox+#@%&"), *LETTERS)
MAX_BANDS = 4  # more lines would hide each other's ± SD


def lines(picture: Lines, screen: Screen) -> list[str]:
    """One curve per line, each with its own marker, on a dotted band of mean ± SD."""
    markers = cycle(MARKERS if screen.unicode else ASCII_MARKERS)
    looks = [
        (line, next(markers), colour(number // picture.per_arm))
        for number, line in enumerate(picture.lines)
    ]
    entries = [f"{sample} {line.label}" for line, (_, sample), _ in looks]
    looks = [look for look in looks if look[0].x]
    shown = [line for line, _, _ in looks]
    if not shown:
        return [*side_by_side(entries, screen.width), NOTHING]
    has_sd = any(any(line.sd) for line in shown)
    has_bands = has_sd and len(shown) <= MAX_BANDS
    if has_sd:
        sd = "· ± SD" if has_bands else f"(± SD not drawn: more than {MAX_BANDS} lines)"
        entries.append(screen.spell_out(sd))
    legend = [*side_by_side(entries, screen.width), shorten(picture.y_label, screen.width)]
    # A long legend scrolls away, so that half of the height is left to the curves.
    height = max(screen.height - len(legend) - 4, (screen.height + 1) // 2)
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
    for (line, _, own), band in zip(looks, bands, strict=True) if has_bands else []:
        canvas.draw(*_band(line, band, canvas), "·", own)
    for line, (marker, _), own in looks:
        canvas.draw(line.x, line.mean, marker, own, joined=True)
    return [*legend, *canvas.text(screen)]


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


def rows(picture: Rows, screen: Screen) -> list[str]:
    """One to four lines per arm, as the height allows: bar or box, SD, repeats, and a blank."""
    rows = picture.rows
    if not any(row.points for row in rows):
        return [*(shorten(f"{row.label}: {row.note}", screen.width) for row in rows), NOTHING]
    one_line, two_lines, above = _row_labels(rows, screen)
    has_sd = not picture.boxes and any(row.sd is not None for row in rows)
    most = 4 if has_sd else 3
    room = screen.height - len(above) - 5
    each = next((n for n in range(most, 1, -1) if n * len(rows) - (n == most) <= room), 1)
    below = min(each - 1, most - 2)  # where the repeats are: with two lines on the SD
    bar = "█" if each > 1 else "░"  # the only line of an arm shows its repeats too
    entries = ["├▒┃▒┤ whiskers, quartiles, median" if picture.boxes else f"{bar} mean"]
    entries += [*(["├┤ ± SD"] if has_sd and each > 1 else []), "• repeat"]
    entries += ["◆ reported"] if any(row.reported is not None for row in rows) else []
    height = each * len(rows) - (each == most)
    y_ticks = [
        (height - 1.0 - each * number - line, text)
        for number, texts in enumerate(two_lines if each > 1 else one_line)
        for line, text in enumerate(texts)
    ]
    columns = columns_beside(y_ticks, screen)
    ends = [end for r in rows for end in (r.reported or 0, *r.band, *r.points)]
    top, bottom = max(ends) * 1.02 or 1.0, min(0.0, min(ends) * 1.02)
    ticks = numbered(nice_ticks(bottom, top, max(columns // 8, 1)))
    x = Axis(bottom, top, columns, ticks, picture.x_label)
    canvas = Canvas(x, Axis(0, max(height - 1, 1), height, y_ticks))
    for number, row in enumerate(rows):
        at, own = height - 1 - each * number, colour(number)
        if picture.boxes and row.box is not None:
            low, first, median, third, high = row.box
            _interval(canvas, (low, high), at, own)
            canvas.draw([first, third], at, "▒", own, joined=True)
            canvas.draw([median], at, "┃", own)
        elif row.mean is not None:
            canvas.draw([0, row.mean], at, bar, own, joined=True)
            if row.sd and each > 1:
                _interval(canvas, row.band, at - 1, own)
        canvas.draw(row.points, at - below, "•", own)
        canvas.draw([] if row.reported is None else [row.reported], at, "◆", GREY)
    legend = side_by_side(map(screen.spell_out, entries), screen.width)
    return [*legend, *above, *canvas.text(screen)]


def _row_labels(
    rows: Sequence[Row], screen: Screen
) -> tuple[list[list[str]], list[list[str]], list[str]]:
    """Labels beside the canvas for one line per arm and for more, and the lines above it.

    Labels that take too much of the width stand above the canvas, with numbers in their place.
    """
    two_lines = [[row.label, screen.spell_out(row.value_and_note)] for row in rows]
    one_line = [[f"{row.label}  {screen.spell_out(row.value_and_losses)}"] for row in rows]
    widest = max(len(text) for texts in (*one_line, *two_lines) for text in texts)
    if widest <= screen.width * 3 // 5:
        return one_line, two_lines, []
    above = [
        line
        for number, (label, value) in enumerate(two_lines, 1)
        for line in fold(f"{number}: {label}  {value}", screen.width)
    ]
    numbers = [[str(number)] for number in range(1, len(rows) + 1)]
    return numbers, numbers, above


def _interval(canvas: Canvas, ends: tuple[float, float], at: float, colour: int) -> None:
    """A horizontal line with a bar at each end, except where it ends at 0."""
    low, high = ends
    canvas.draw([low, high], at, "─", colour, joined=True)
    canvas.draw([low] if low else [], at, "├", colour)
    canvas.draw([high], at, "┤", colour)


def plane(picture: Plane, screen: Screen) -> list[str]:
    """The unit square, true to scale."""
    entries = ["× misclassified", "░ predicted inside"]
    if picture.outline is not None:
        entries += ["o true border", "* both"]
    legend = side_by_side(entries, screen.width)
    height = max(4, min(screen.height - len(legend) - 3, (screen.width - 5) // 2))
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
        (missed, "×", colour(1)),
        (border, "o", colour(0)),
        (missed & border, "*", colour(1)),
    ]
    for cells, mark, own in layers:
        rows, columns = np.nonzero(cells)
        canvas.draw(xs[columns], ys[rows], mark, own)
    return [*legend, *canvas.text(screen)]


def _cells(points: Floats | None, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Which cells of the unit square contain a point."""
    cells = np.zeros(shape, bool)
    if points is not None:
        x, y = points[((points >= 0) & (points <= 1)).all(1)].T
        cells[np.rint(y * (shape[0] - 1)).astype(int), np.rint(x * (shape[1] - 1)).astype(int)] = (
            True
        )
    return cells
