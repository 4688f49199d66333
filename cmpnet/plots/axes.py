"""Terminal pictures with axes: curves, bars, boxes and the square."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from cmpnet.plots.canvas import (
    BANDS,
    COLOURS,
    NOTHING,
    Canvas,
    Screen,
    legend_lines,
    markers_for,
    nice_ticks,
    shorten,
)
from cmpnet.plots.pictures import Floats, Line, Lines, Plane, Row, Rows, fold


def lines(picture: Lines, on: Screen) -> str:
    """A line of its own marker for each arm, on a dotted band of mean ± SD where there are few."""
    lines = picture.lines
    markers = markers_for(len(lines), on)
    entries = [
        f"{sample} {line.label} ({line.note})" if line.note else f"{sample} {line.label}"
        for line, (_, sample) in zip(lines, markers, strict=True)
    ]
    shown = [line for line in lines if line.x]
    if not shown:
        return "\n".join([*legend_lines(entries, on.width), NOTHING])
    spread = any(line.low != line.high for line in shown)
    bands = spread and len(shown) <= BANDS
    if spread:
        said = "· ± SD" if bands else f"(± SD not drawn: more than {BANDS} lines)"
        entries.append(on.words(said))
    legend = [*legend_lines(entries, on.width), shorten(picture.y_label, on.width)]
    titles = len(fold(picture.title, on.width))
    rows = max(on.height - len(legend) - titles - 4, on.height // 2)  # a long legend scrolls away
    top = max(y for line in shown for y in line.high) * 1.05 or 1.0
    y_ticks = [(tick, f"{tick:g}") for tick in nice_ticks(0, top, max(rows // 3, 1))]
    columns = on.width - max(len(label) for _, label in y_ticks) - 2
    places = sorted({x for line in shown for x in line.x})
    low, high = places[0], places[-1]
    if low == high:
        low, high = low - 0.5, high + 0.5
    canvas = Canvas(columns, rows, (low, high), (0, top), _ticks(places, columns), y_ticks)
    for number, line in enumerate(lines if bands else []):
        canvas.add(*_band(line, canvas), "·", _colour(number // picture.each))
    for number, (line, (mark, _)) in enumerate(zip(lines, markers, strict=True)):
        canvas.add(line.x, line.y, mark, _colour(number // picture.each), line=True)
    return "\n".join([*legend, canvas.text(on), shorten(picture.x_label, on.width).rjust(on.width)])


def _colour(number: int) -> int:
    return COLOURS[number % len(COLOURS)]


def _ticks(places: list[float], columns: int) -> list[float]:
    """Where there is a value, if all of these can be labelled; else round numbers."""
    low, high = places[0], places[-1]
    most = max(columns // 8, 1)
    gaps = np.diff(places)
    if not len(gaps) or (len(places) <= most and gaps.min() * columns >= 6 * (high - low)):
        return places
    if all(x == int(x) for x in places):
        most = min(most, int(high - low))  # no half epochs
    ticks = nice_ticks(low, high, most)
    return ticks if low in ticks else [low, *ticks[ticks[0] - low < (high - low) / 12 :]]


def _band(line: Line, canvas: Canvas) -> tuple[list[float], list[float]]:
    """Every cell between mean - SD and mean + SD."""
    if not line.x:
        return [], []
    xs, ys = canvas.cells()
    xs = xs[(xs >= line.x[0]) & (xs <= line.x[-1])] if len(line.x) > 1 else np.array(line.x)
    half = ys[1] / 2  # a cell is in the band if some of it is
    low, high = np.interp(xs, line.x, line.low) - half, np.interp(xs, line.x, line.high) + half
    at, up = np.nonzero((ys >= low[:, None]) & (ys <= high[:, None]))
    return xs[at].tolist(), ys[up].tolist()


def _value(row: Row) -> str:
    """An arm's mean ± SD, or what became of it."""
    if row.mean is None:
        return row.note.removeprefix("n=0, ")
    return f"{row.mean:.2f}" + ("" if row.sd is None else f" ± {row.sd:.2f}")


def _value_and_note(row: Row) -> str:
    return _value(row) + ("" if row.mean is None else f"  ({row.note})")


def rows(picture: Rows, on: Screen, *, boxes: bool) -> str:
    """One to four lines an arm, as there is room: bars or boxes, with every repeat."""
    rows, told = picture.rows, any(row.reported is not None for row in picture.rows)
    values = [p for row in rows for p in (*row.points, row.reported or 0, _upper(row))]
    if not rows or not any(row.points for row in rows):
        said = [shorten(f"{row.label}: {row.note}", on.width) for row in rows]
        return "\n".join([*said, NOTHING])
    labels = [row.label for row in rows]
    # Beside the bar alone there is its value, and what is lost of it; below it there is all.
    brief = [on.words(_value_and_note(r) if "," in r.note else _value(r)) for r in rows]
    full = [on.words(_value_and_note(row)) for row in rows]
    joined = [f"{label}  {value}" for label, value in zip(labels, brief, strict=True)]
    moved: list[str] = []
    if max(map(len, joined + full)) > on.width * 3 // 5:  # above the canvas, in full
        for number, (label, value) in enumerate(zip(labels, full, strict=True), 1):
            moved += fold(f"{number}: {label}  {value}", on.width)
        labels = joined = [str(number) for number in range(1, len(rows) + 1)]
        full = [""] * len(rows)
    room = on.height - len(fold(picture.title, on.width)) - len(moved) - 5
    whiskers = not boxes and any(row.sd is not None for row in rows)
    most = 4 if whiskers else 3  # bar or box, SD, repeats, and a blank line
    each = next((n for n in range(most, 1, -1) if n * len(rows) - (n == most) <= room), 1)
    bar = "█ mean" if each > 1 else "░ mean"
    entries = ["├▒┃▒┤ whiskers, quartiles, median" if boxes else bar]
    entries += [*(["├┤ ± SD"] if whiskers and each > 1 else []), "• a repeat"]
    entries += ["◆ reported"] if told else []
    legend = [*legend_lines(map(on.words, entries), on.width), *moved]
    lines = each * len(rows) - (each == most)
    y_ticks = []
    for number in range(len(rows)):
        at = lines - 1 - each * number
        y_ticks.append((float(at), labels[number] if each > 1 else joined[number]))
        if each > 1 and full[number]:  # plotext falls over an empty label
            y_ticks.append((at - 1.0, full[number]))
    columns = on.width - max(len(label) for _, label in y_ticks) - 2
    top = max(values) * 1.02 or 1.0
    ticks = nice_ticks(0, top, max(columns // 8, 1))
    canvas = Canvas(columns, lines, (0, top), (0, max(lines - 1, 1)), ticks, y_ticks)
    for number, row in enumerate(rows):
        at, colour = lines - 1 - each * number, _colour(number)
        if row.mean is not None:
            if boxes:
                _box(canvas, row, at, colour)
            else:
                canvas.add([0, row.mean], [at, at], bar[0], colour, line=True)
            if whiskers and each > 1:
                _whisker(canvas, row, at - 1, colour)
            below = min(each - 1, most - 2)  # with two lines on the SD, with one on all
            canvas.add(row.points, [at - below] * len(row.points), "•", colour)
        if row.reported is not None:
            canvas.add([row.reported], [at], "◆", 244)
    axis = shorten(picture.x_label, on.width).rjust(on.width)
    return "\n".join([*legend, canvas.text(on), axis])


def _upper(row: Row) -> float:
    return (row.mean or 0) + (row.sd or 0)


def _whisker(canvas: Canvas, row: Row, at: float, colour: int) -> None:
    """Mean ± SD; what is below 0 is cut off, without an end."""
    if row.mean is None or not row.sd:
        return
    low, high = row.mean - row.sd, row.mean + row.sd
    canvas.add([max(low, 0), high], [at, at], "─", colour, line=True)
    canvas.add([low] if low >= 0 else [], [at], "├", colour)
    canvas.add([high], [at], "┤", colour)


def _box(canvas: Canvas, row: Row, at: float, colour: int) -> None:
    assert row.box is not None
    low, first, median, third, high = row.box
    canvas.add([low, high], [at, at], "─", colour, line=True)
    canvas.add([low], [at], "├", colour)
    canvas.add([high], [at], "┤", colour)
    canvas.add([first, third], [at, at], "▒", colour, line=True)
    canvas.add([median], [at], "┃", colour)


def plane(picture: Plane, on: Screen) -> str:
    """The unit square, true to scale: twice as many columns as rows."""
    entries = ["× misclassified", "░ learnt as inside"]
    if picture.outline is not None:
        entries += ["o true border", "* both"]
    legend = legend_lines(entries, on.width)
    titles = len(fold(picture.title, on.width))
    rows = max(4, min(on.height - len(legend) - titles - 3, (on.width - 5) // 2))
    columns = 2 * rows  # a character is twice as high as it is wide
    ticks = [0.0, 0.5, 1.0]
    canvas = Canvas(columns, rows, (0, 1), (0, 1), ticks, [(t, f"{t:g}") for t in ticks])
    side = len(picture.region)
    xs, ys = canvas.cells()
    inside = {
        (x, y)
        for y in ys.tolist()
        for x in xs.tolist()
        if picture.region[min(int(y * side), side - 1), min(int(x * side), side - 1)] >= 0.5
    }
    missed = set(_cells_of(picture.points, canvas))
    border = set() if picture.outline is None else set(_cells_of(picture.outline, canvas))
    marks = [(inside, "░", 244), (missed, "×", 208), (border, "o", 33), (missed & border, "*", 208)]
    for places, mark, colour in marks:
        canvas.add([x for x, _ in places], [y for _, y in places], mark, colour)
    return "\n".join([*legend, canvas.text(on)])


def _cells_of(points: Floats, canvas: Canvas) -> Iterator[tuple[float, float]]:
    """The cells that points of the unit square are in."""
    xs, ys = canvas.cells()
    for x, y in points[((points >= 0) & (points <= 1)).all(1)].tolist():
        yield xs[round(x * (len(xs) - 1))], ys[round(y * (len(ys) - 1))]
