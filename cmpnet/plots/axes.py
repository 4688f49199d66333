"""Terminal pictures with axes: curves, bars, boxes and the square."""

from __future__ import annotations

import textwrap

from cmpnet.pictures import Lines, Plane, Row, Rows
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


def lines(picture: Lines, on: Screen) -> str:
    """A line of its own marker for each arm, with dots at mean ± SD where there are few."""
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
        entries.append("· ± SD" if bands else "(± SD not drawn: too many lines)")
    legend = [*legend_lines(entries, on.width), shorten(picture.y_label, on.width)]
    titles = len(textwrap.wrap(picture.title, on.width))
    rows = max(on.height - len(legend) - titles - 4, 4)
    top = max(y for line in shown for y in line.high) * 1.05 or 1.0
    y_ticks = [(tick, f"{tick:g}") for tick in nice_ticks(0, top, max(rows // 3, 1))]
    columns = on.width - max(len(label) for _, label in y_ticks) - 2
    places = sorted({x for line in shown for x in line.x})
    low, high = places[0], places[-1] if len(places) > 1 else places[0] + 1
    most = max(columns // 8, 1)
    if all(x == int(x) for x in places):
        most = min(most, max(int(high - low), 1))  # no half epochs
    x_ticks = nice_ticks(low, high, most)
    if low not in x_ticks:
        x_ticks = [low, *x_ticks[x_ticks[0] - low < (high - low) / 12 :]]
    canvas = Canvas(columns, rows, (low, high), (0, top), x_ticks, y_ticks)
    for number, (line, (mark, _)) in enumerate(zip(lines, markers, strict=True)):
        colour = COLOURS[number % len(COLOURS)]
        if bands:
            canvas.add(line.x, line.low, "·", colour)
            canvas.add(line.x, line.high, "·", colour)
        canvas.add(line.x, line.y, mark, colour, line=True)
    return "\n".join([*legend, canvas.text(on), shorten(picture.x_label, on.width).rjust(on.width)])


def _value(row: Row) -> str:
    """An arm's mean ± SD, or what became of it."""
    if row.mean is None:
        return row.note.removeprefix("n=0, ")
    return f"{row.mean:.2f}" + ("" if row.sd is None else f" ± {row.sd:.2f}")


def rows(picture: Rows, on: Screen, *, boxes: bool) -> str:
    """Three lines an arm, two or one, as there is room: bars or boxes with every repeat."""
    rows, told = picture.rows, any(row.reported is not None for row in picture.rows)
    values = [p for row in rows for p in (*row.points, row.reported or 0, _upper(row))]
    if not rows or not any(row.points for row in rows):
        said = [shorten(f"{row.label}: {row.note}", on.width) for row in rows]
        return "\n".join([*said, NOTHING])
    shapes = "├▒┃▒┤ whiskers, quartiles, median" if boxes else "█ mean   ├┤ ± SD"
    entries = [*shapes.split("   "), "• a repeat", *(["◆ reported"] if told else [])]
    legend = legend_lines(entries, on.width)
    margin = max(8, on.width * 2 // 5)
    labels = [row.label for row in rows]
    if max(map(len, labels)) > margin:  # moved above the canvas, in full
        for number, row in enumerate(rows, 1):
            legend += textwrap.wrap(f"{number}: {row.label}  {_value(row)}", on.width)
        labels = [str(number) for number in range(1, len(rows) + 1)]
    room = on.height - len(legend) - 5
    each = 3 if 3 * len(rows) - 1 <= room else 2 if 2 * len(rows) <= room else 1
    valued = [f"{label}  {_value(row)}" for label, row in zip(labels, rows, strict=True)]
    if each == 1 and max(map(len, valued)) <= margin:
        labels = valued
    lines = each * len(rows) - (each == 3)
    y_ticks = []
    for number, row in enumerate(rows):
        at = lines - 1 - each * number
        y_ticks.append((float(at), labels[number]))
        if each > 1:
            y_ticks.append((at - 1.0, shorten(f"{_value(row)}  ({row.note})", margin)))
    columns = on.width - max(len(label) for _, label in y_ticks) - 2
    top = max(values) * 1.02 or 1.0
    ticks = nice_ticks(0, top, max(columns // 8, 1))
    canvas = Canvas(columns, lines, (0, top), (0, max(lines - 1, 1)), ticks, y_ticks)
    for number, row in enumerate(rows):
        at, colour = lines - 1 - each * number, COLOURS[number % len(COLOURS)]
        if row.mean is not None:
            lower = at - (each > 1)
            if boxes:
                _box(canvas, row, at, colour)
            else:
                full, dim = (row.mean, "█" if each > 1 else "░")
                canvas.add([0, full], [at, at], dim, colour, line=True)
                if each > 1 and row.sd:
                    ends = [max(row.mean - row.sd, 0), row.mean + row.sd]
                    canvas.add(ends, [lower, lower], "─", colour, line=True)
                    canvas.add(ends[:1], [lower], "├", colour)
                    canvas.add(ends[1:], [lower], "┤", colour)
            canvas.add(row.points, [lower] * len(row.points), "•", colour)
        if row.reported is not None:
            canvas.add([row.reported], [at], "◆", 244)
    axis = shorten(picture.x_label, on.width).rjust(on.width)
    return "\n".join([*legend, canvas.text(on), axis])


def _upper(row: Row) -> float:
    return (row.mean or 0) + (row.sd or 0)


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
    legend = legend_lines(
        [*entries, *(["o true border"] if picture.outline is not None else [])], on.width
    )
    titles = len(textwrap.wrap(picture.title, on.width))
    rows = max(4, min(on.height - len(legend) - titles - 3, (on.width - 5) // 2))
    columns = 2 * rows  # a character is twice as high as it is wide
    ticks = [0.0, 0.5, 1.0]
    canvas = Canvas(columns, rows, (0, 1), (0, 1), ticks, [(t, f"{t:g}") for t in ticks])
    side = len(picture.region)
    cells = [
        (column / (columns - 1), row / (rows - 1))
        for row in range(rows)
        for column in range(columns)
    ]
    inside = [
        (x, y)
        for x, y in cells
        if picture.region[min(int(y * side), side - 1), min(int(x * side), side - 1)] >= 0.5
    ]
    canvas.add([x for x, _ in inside], [y for _, y in inside], "░", 244)
    if picture.outline is not None:
        canvas.add(picture.outline[:, 0].tolist(), picture.outline[:, 1].tolist(), "o", 33)
    canvas.add(picture.points[:, 0].tolist(), picture.points[:, 1].tolist(), "×", 208)
    return "\n".join([*legend, canvas.text(on)])
