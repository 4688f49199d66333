"""Terminal pictures with one line or more per arm: bars, box plots and differences."""

from __future__ import annotations

from collections.abc import Sequence

from cmpnet.plots.canvas import GREY, Axis, Canvas, colour, columns_beside, nice_ticks, numbered
from cmpnet.plots.layout import Screen, fold, legend, shorten
from cmpnet.plots.pictures import NOTHING, Differences, Rows


def rows(picture: Rows, screen: Screen) -> list[str]:
    """One to four lines per arm, as the height allows: bar or box, SD, repeats, and a blank."""
    rows = picture.rows
    if not any(row.points for row in rows):
        return [*(shorten(f"{row.label}: {row.note}", screen.width) for row in rows), NOTHING]
    labels = [
        [[f"{row.label}  {row.value_and_losses}"] for row in rows],
        [[row.label, row.value_and_note] for row in rows],
    ]
    (one_line, two_lines), above = _labels(labels, screen)
    has_sd = not picture.boxes and any(row.sd is not None for row in rows)
    most = 4 if has_sd else 3
    room = screen.height - len(above) - 5
    each = next((n for n in range(most, 1, -1) if n * len(rows) - (n == most) <= room), 1)
    below = min(each - 1, most - 2)  # where the repeats are: with two lines on the SD
    bar = "█" if each > 1 else "░"  # the only line of an arm shows its repeats too
    texts = ["├▒┃▒┤ whiskers, quartiles, median" if picture.boxes else f"{bar} mean"]
    texts += [*(["├┤ ± SD"] if has_sd and each > 1 else []), "• repeat"]
    texts += ["◆ reported"] if any(row.reported is not None for row in rows) else []
    height = each * len(rows) - (each == most)
    y_ticks = _ticks(two_lines if each > 1 else one_line, each, height)
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
    return [*legend([(text, None) for text in texts], screen), *above, *canvas.text(screen)]


def differences(picture: Differences, screen: Screen) -> list[str]:
    """One to four lines per row: interval and mean, points, and a blank; on a line at 0."""
    rows = picture.rows
    labels = [
        [[f"{row.label}  {row.value} {row.verdict}"] for row in rows],
        [[row.label, f"{row.value} {row.verdict_and_note}"] for row in rows],
        [[row.label, row.value, row.verdict_and_note] for row in rows],
    ]
    by_lines, above = _labels(labels, screen)
    room = screen.height - len(above) - 5
    each = next((n for n in range(4, 1, -1) if n * len(rows) - (n == 4) <= room), 1)
    height = each * len(rows) - (each == 4)
    y_ticks = _ticks(by_lines[min(each, 3) - 1], each, height)
    columns = columns_beside(y_ticks, screen)
    low, high = picture.ends
    margin = 0.04 * (high - low) or 1.0
    ticks = numbered(nice_ticks(low - margin, high + margin, max(columns // 8, 1)))
    x = Axis(low - margin, high + margin, columns, ticks, picture.x_label)
    canvas = Canvas(x, Axis(0, max(height - 1, 1), height, y_ticks))
    for number, row in enumerate(rows):
        ends = [-row.margin, row.margin] if row.margin else []
        for line in range(min(each, 3)):
            canvas.draw(ends, height - 1 - each * number - line, "░", GREY, joined=True)
    canvas.draw([0.0] * height, range(height), "│", GREY)
    entries: list[tuple[str, int | None]] = [("├◆┤ mean, interval that decides", None)]
    entries += [("• seed", None)]
    if any(row.margin for row in rows):
        entries.append(("░ counts as no difference", None))
    for number, row in enumerate(rows):
        # The reference, which has no row, has the first colour in other pictures.
        at, own = height - 1 - each * number, colour(number + 1)
        below = min(each - 1, 1)
        if below:
            canvas.draw(row.points, at - below, "•", own)
        if row.interval is not None:
            _interval(canvas, row.interval, at, own)
        if not below:
            canvas.draw(row.points, at, "•", own)
        canvas.draw([row.mean], at, "◆", own)
    return [*legend(entries, screen), *above, *canvas.text(screen)]


def _ticks(labels: Sequence[Sequence[str]], each: int, height: int) -> list[tuple[float, str]]:
    """The labels beside the lines of a canvas, with ``each`` lines per row."""
    return [
        (height - 1.0 - each * number - line, text)
        for number, texts in enumerate(labels)
        for line, text in enumerate(texts)
    ]


def _labels(
    choices: Sequence[Sequence[Sequence[str]]], screen: Screen
) -> tuple[list[list[list[str]]], list[str]]:
    """Labels beside the canvas for one line per row and for more, and the lines above it.

    Labels that take too much of the width stand above the canvas, with numbers in their place.

    Args:
        choices: for one, two, ... lines per row: for each row its lines.
        screen: what it is drawn for.
    """
    spelled = [[[*map(screen.spell_out, texts)] for texts in rows] for rows in choices]
    widest = max(len(text) for rows in spelled for texts in rows for text in texts)
    if widest <= screen.width * 3 // 5:
        return spelled, []
    above = [
        line
        for number, (label, value) in enumerate(spelled[1], 1)
        for line in fold(f"{number}: {label}  {value}", screen.width)
    ]
    numbers = [[str(number)] for number in range(1, len(spelled[0]) + 1)]
    return [numbers for _ in choices], above


def _interval(canvas: Canvas, ends: tuple[float, float], at: float, colour: int) -> None:
    """A horizontal line with a bar at each end, except where it ends at 0."""
    low, high = ends
    canvas.draw([low, high], at, "─", colour, joined=True)
    canvas.draw([low] if low else [], at, "├", colour)
    canvas.draw([high], at, "┤", colour)
