"""Charts drawn by matplotlib on axes that :mod:`cmpnet.plots.matplotlib_backend` makes.

The colours are those of Okabe and Ito (2008), which colour-blind readers can distinguish; dashes,
marks and hatches distinguish lines and bars in grey.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.ticker import LogLocator, NullFormatter

from cmpnet.plots.layout import Paper, fold
from cmpnet.plots.pictures import NOTHING, DifferenceRow, Differences, Lines, Marks, Row, Rows

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("", "s", "^", "v")  # of lines 0-23, 24-47, ...: 24 combine all colours and dashes
HATCHES = ("", "//", "..", "\\\\", "xx", "--")
MARKS = ("o", "s", "^", "D", "v", "P", "X", "*")
BAND: dict[str, Any] = {"color": "#777777", "alpha": 0.2, "lw": 0}
MOST_MARKS = 30  # that a legend names
BOX = ("whislo", "q1", "med", "q3", "whishi")  # matplotlib's names for the parts of Row.box
BOX_PARTS = ("box", "whisker", "cap")


def captions(picture: Lines, paper: Paper) -> list[str]:
    """What the legend calls each line, folded to fit the page."""
    return ["\n".join(fold(line.label, paper.characters(70))) for line in picture.lines]


def mark_captions(picture: Marks, paper: Paper) -> list[str]:
    """What the legend calls the marks that it names, folded to fit the page."""
    texts = [mark.label for mark in picture.marks[:MOST_MARKS]]
    if picture.numbered:
        texts = [f"{number}: {text}" for number, text in enumerate(texts, 1)]
    return ["\n".join(fold(text, paper.characters(70))) for text in texts]


def legend_columns(labels: Sequence[str]) -> int:
    """Two if all captions are short."""
    return 2 if len(labels) > 2 and max(map(len, labels)) <= 32 else 1


def row_label(row: Row, paper: Paper) -> str:
    """The arm, its mean ± SD and its number of repeats, folded to fit beside the axes."""
    values, room = ", ".join(filter(None, [row.value, row.note])), paper.characters(32)
    return "\n".join([*fold(row.label, room), *fold(values, room)])


def difference_label(row: DifferenceRow, paper: Paper) -> str:
    """The arm, the mean with its interval, and the verdict, folded to fit beside the axes."""
    texts = (row.label, row.value, row.verdict_and_note)
    return "\n".join(line for text in texts for line in fold(text, paper.characters(32)))


def _write_nothing(axes: Any) -> None:
    axes.text(0.5, 0.5, NOTHING, ha="center", transform=axes.transAxes)


def draw_lines(picture: Lines, axes: Any, paper: Paper) -> None:
    """One curve per line on a band of mean ± SD, with the legend below."""
    labels = captions(picture, paper)
    for number, (line, caption) in enumerate(zip(picture.lines, labels, strict=True)):
        arm, part = divmod(number, picture.per_arm)
        colour = COLOURS[arm % len(COLOURS)]
        look = {"color": colour, "lw": 1 if part else 1.6, "ms": 3.5, **_look(picture, number)}
        axes.plot(line.x, line.mean, label=caption, **look)
        if any(line.sd):
            axes.fill_between(line.x, *picture.band(line), color=colour, alpha=0.15, lw=0)
    if not any(line.x for line in picture.lines):
        _write_nothing(axes)
    elif any(any(line.sd) for line in picture.lines):
        axes.fill_between([], [], [], color="#777777", alpha=0.25, lw=0, label="± SD")
    xs = [x for line in picture.lines for x in line.x] or [0.0]
    margin = 0.02 * (max(xs) - min(xs)) or 0.5
    bands = [picture.band(line) for line in picture.lines if line.x]
    top = 1.05 * max((high.max() for _, high in bands), default=0) or 1
    bottom = min(0.0, *(1.05 * low.min() for low, _ in bands), 0.0)
    axes.set(xlabel=picture.x_label, xlim=(min(xs) - margin, max(xs) + margin))  # no epoch 0
    axes.set(ylabel=picture.y_label, ylim=(bottom, top))
    if paper.log:
        _make_logarithmic(axes, "y", [y for line in picture.lines for y in line.mean])
    if all(x == int(x) for x in xs):
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    if picture.lines:  # below the axes the legend covers no data
        columns = legend_columns(labels)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), frameon=False, ncols=columns)


def _look(picture: Lines, number: int) -> dict[str, Any]:
    """Dashes and marks of a line, which distinguish lines in grey.

    With training curves, those are dashed and the others solid, and marks distinguish the arms.
    """
    few, total = max(len(line.x) for line in picture.lines) <= 10, len(picture.lines)
    arm, part = divmod(number, picture.per_arm)
    every = max(len(picture.lines[number].x) // 8, 1)
    if picture.per_arm > 1 and total > picture.per_arm:
        return {"ls": "--" if part else "-", "marker": MARKS[arm % len(MARKS)], "markevery": every}
    if picture.per_arm > 1:
        return {"ls": "--" if part else "-", "marker": "o" if few else ""}
    if picture.marked:
        return {"ls": DASHES[number % len(DASHES)], "marker": MARKS[number % len(MARKS)]}
    marker = MARKERS[number // 24 % len(MARKERS)]
    return {"ls": DASHES[number % len(DASHES)], "marker": marker or ("o" if few else "")}


def _make_logarithmic(axes: Any, which: Literal["x", "y"], values: Iterable[float]) -> None:
    """A logarithmic axis, which begins below the smallest value above 0, if there is one."""
    positive = [value for value in values if value > 0]
    x, y = (
        (axes.set_xscale, axes.set_xlim, axes.xaxis),
        (axes.set_yscale, axes.set_ylim, axes.yaxis),
    )
    set_type, set_limits, axis = x if which == "x" else y
    if positive:
        set_type("log")
        set_limits(min(positive) / 1.3, max(positive) * 1.3)
        few = max(positive) < 30 * min(positive)  # powers of ten alone would be one label or none
        subs = (1, 2, 3, 5, 7) if few else (1, 2, 5)
        axis.set_major_locator(LogLocator(subs=subs))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter(NullFormatter())


def draw_rows(picture: Rows, axes: Any, paper: Paper) -> None:
    """A bar or a box per arm, with every repeat."""
    reported = {"marker": "D", "ms": 6, "mfc": "white", "mec": "black", "ls": ""}
    for at, row in enumerate(picture.rows):
        colour = COLOURS[at % len(COLOURS)]
        if picture.boxes and row.box is not None:
            stats = dict(zip(BOX, row.box, strict=True), fliers=[])
            looks: dict[str, Any] = {f"{part}props": {"color": colour} for part in BOX_PARTS}
            looks["medianprops"] = {"color": colour, "lw": 2}
            axes.bxp([stats], positions=[at], orientation="horizontal", widths=0.5, **looks)
        elif row.mean is not None:
            if not paper.log:  # a logarithmic axis has no 0 for a bar to begin at
                bar = {"color": colour, "alpha": 0.35, "edgecolor": colour}
                axes.barh(at, row.mean, 0.6, hatch=HATCHES[at % len(HATCHES)], **bar)
            sides = np.abs(np.subtract(row.band, row.mean))[:, None]
            axes.errorbar(row.mean, at, xerr=sides, color=colour, capsize=3, fmt="|", ms=10)
        n = len(row.points)
        ys = np.linspace(at - 0.2, at + 0.2, n) if n > 1 else np.full(n, at)
        if row.points:
            axes.plot(row.points, ys, "o", ms=3, color=colour, mec="white", mew=0.4)
        if row.reported is not None:
            axes.plot([row.reported], [at], **reported)
    _name_rows(axes, [row_label(row, paper) for row in picture.rows])
    axes.set_xlabel(picture.x_label)
    axes.set_xlim(left=min(0.0, *(1.02 * end for row in picture.rows for end in row.band), 0.0))
    if paper.log:
        _make_logarithmic(axes, "x", [x for row in picture.rows for x in (*row.points, *row.band)])
    if not any(row.points for row in picture.rows):
        _write_nothing(axes)
        return
    what = "whiskers, quartiles, median" if picture.boxes else "mean ± SD"
    axes.errorbar([], [], xerr=[], color="#555555", capsize=3, label=what)
    axes.plot([], [], "o", ms=3, color="#555555", label="repeat")
    if any(row.reported is not None for row in picture.rows):
        axes.plot([], [], label="reported", **reported)
    axes.figure.legend(loc="outside lower center", ncols=3, frameon=False)


def draw_differences(picture: Differences, axes: Any, paper: Paper) -> None:
    """The mean and the interval of each row, its seeds below, and a line at 0."""
    axes.axvline(0, color="black", lw=0.8)
    for at, row in enumerate(picture.rows):
        # The reference, which has no row, has the first colour in other pictures.
        colour = COLOURS[(at + 1) % len(COLOURS)]
        if row.margin:
            axes.fill_betweenx([at - 0.45, at + 0.45], -row.margin, row.margin, **BAND)
        axes.plot(row.points, np.full(len(row.points), at + 0.22), "o", ms=3.5, **_dots(colour))
        if row.interval is not None:
            axes.plot(row.interval, [at, at], color=colour, lw=2, marker="|", ms=7)
        axes.plot([row.mean], [at], "D", ms=5, color=colour)
    _name_rows(axes, [difference_label(row, paper) for row in picture.rows])
    low, high = picture.ends
    margin = 0.04 * (high - low) or 1.0
    axes.set(xlabel=picture.x_label, xlim=(low - margin, high + margin))
    axes.plot([], [], "D", ms=5, color="#555555", ls="-", label="mean, interval that decides")
    axes.plot([], [], "o", label="seed", ms=3.5, **_dots("#555555"))
    if any(row.margin for row in picture.rows):
        axes.fill_between([], [], [], label="counts as no difference", **BAND)
    axes.figure.legend(loc="outside lower center", ncols=3, frameon=False)


def _dots(colour: str) -> dict[str, Any]:
    return {"color": colour, "mec": "white", "mew": 0.4, "alpha": 0.75}


def _name_rows(axes: Any, labels: Sequence[str]) -> None:
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)


def draw_marks(picture: Marks, axes: Any, paper: Paper) -> None:
    """Means with their intervals, those that are joined on a line; repeats beside them."""
    labels = mark_captions(picture, paper)
    others = "" if all(mark.joined for mark in picture.marks) else " (others are hollow)"
    line = {"color": "#999999", "lw": 1, "ls": "--", "zorder": 1}
    axes.plot(*picture.path, label=picture.joined + others, **line)
    for number, mark in enumerate(picture.marks):
        colour = COLOURS[0 if picture.numbered else number % len(COLOURS)]
        if picture.numbered:
            at = np.full(len(mark.points), mark.x + 0.08)
            axes.plot(at, mark.points, "o", ms=3.5, **_dots(colour))
        if mark.interval is not None:
            axes.plot([mark.x] * 2, mark.interval, color=colour, lw=1.5, marker="_", ms=6)
        shape = "D" if picture.numbered else MARKS[number % len(MARKS)]
        hollow = {} if mark.joined else {"mfc": "white"}
        label = {"label": labels[number]} if number < len(labels) else {}
        axes.plot([mark.x], [mark.y], shape, ms=6, color=colour, ls="", **hollow, **label)
    axes.set(xlabel=picture.x_label, ylabel=picture.y_label)
    if picture.numbered:
        count = len(picture.marks)
        axes.set_xlim(0.5, count + 0.5)
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    else:
        _make_logarithmic(axes, "x", [mark.x for mark in picture.marks])
        axes.xaxis.set_major_formatter("{x:,g}")
    low, high = picture.ends
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    axes.set_ylim(low - margin, high + margin)
    if paper.log:
        _make_logarithmic(axes, "y", picture.ends)
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), frameon=False)
