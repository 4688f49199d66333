"""Pictures as files, drawn by matplotlib, which the extra ``cmpnet[figures]`` installs.

It needs neither pyplot nor a display. The colours are those of Okabe and Ito (2008), which
colour-blind readers can distinguish; dashes and hatches distinguish lines and bars in grey.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from cmpnet import errors
from cmpnet.plots.layout import fold
from cmpnet.plots.pictures import NOTHING, Grid, Lines, Pairs, Picture, Plane, Row, Rows, percentage

try:
    import matplotlib as mpl
    from matplotlib.figure import Figure
except ImportError:
    raise errors.no_matplotlib() from None

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
MARKERS = ("", "s", "^", "v")  # of lines 0-23, 24-47, ...: 24 combine all colours and dashes
HATCHES = ("", "//", "..", "\\\\", "xx", "--")
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "svg.fonttype": "none",  # text stays text: smaller, and searchable
    "svg.hashsalt": "cmpnet",  # the same picture gives the same file
    "savefig.dpi": 200,
}
BOX = ("whislo", "q1", "med", "q3", "whishi")  # matplotlib's names for the parts of Row.box
BOX_PARTS = ("box", "whisker", "cap")
MAX_PAIRS = 12  # of an arm
WIDTH = 6.3  # inches: the text width of a page


def to_bytes(pictures: Sequence[Picture], suffix: str) -> bytes:
    """The pictures below one another in one file.

    Args:
        pictures: at least one.
        suffix: "svg", "png" or "pdf".
    """
    with mpl.rc_context(STYLE):
        out = io.BytesIO()
        dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix)
        make_figure(pictures).savefig(
            out, format=suffix, metadata=dates, bbox_inches="tight", facecolor="white"
        )
    return out.getvalue()


def make_figure(pictures: Sequence[Picture]) -> Figure:
    """The pictures below one another in one figure."""
    heights = [_height(picture) for picture in pictures]
    figure = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    parts = figure.subfigures(len(pictures), 1, height_ratios=heights, squeeze=False)[:, 0]
    for picture, part in zip(pictures, parts, strict=True):
        if isinstance(picture, Pairs):
            _draw_pairs(picture, part)
        else:
            axes = part.subplots()
            axes.set_title("\n".join(fold(picture.title, 80)))
            DRAW[type(picture)](picture, axes)
    return figure


def _height(picture: Picture) -> float:
    """The height of a picture in inches."""
    match picture:
        case Lines():
            captions = _captions(picture)
            lines = sum(1 + caption.count("\n") for caption in captions)
            return 3.6 + 0.19 * (lines / _legend_columns(captions) + 1)
        case Rows():
            most = max((1 + _row_label(row).count("\n") for row in picture.rows), default=1)
            return 1.3 + max(0.42, 0.15 * most + 0.08) * len(picture.rows)
        case Pairs():
            return 0.6 + 1.25 * max(-(-min(len(picture.pairs), MAX_PAIRS) // 3), 1)
        case _:
            return 4.6


def _captions(picture: Lines) -> list[str]:
    """What the legend calls each line, folded to fit the page."""
    return ["\n".join(fold(line.label, 70)) for line in picture.lines]


def _legend_columns(captions: Sequence[str]) -> int:
    """Two if all captions are short."""
    return 2 if len(captions) > 2 and max(map(len, captions)) <= 32 else 1


def _row_label(row: Row) -> str:
    """The arm, its mean ± SD and its number of repeats, folded to fit beside the axes."""
    values = ", ".join(filter(None, [row.value, row.note]))
    return "\n".join([*fold(row.label, 32), *fold(values, 32)])


def _write_nothing(axes: Any) -> None:
    axes.text(0.5, 0.5, NOTHING, ha="center", transform=axes.transAxes)


def _draw_lines(picture: Lines, axes: Any) -> None:
    captions = _captions(picture)
    for number, (line, caption) in enumerate(zip(picture.lines, captions, strict=True)):
        arm, part = divmod(number, picture.per_arm)
        colour, marker = COLOURS[arm % len(COLOURS)], MARKERS[number // 24 % len(MARKERS)]
        if len(line.x) <= 10:
            marker = marker or "o"
        look = {"color": colour, "ls": DASHES[number % len(DASHES)], "lw": 1 if part else 1.6}
        axes.plot(line.x, line.mean, label=caption, marker=marker, ms=3.5, **look)
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
    if all(x == int(x) for x in xs):
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    if picture.lines:  # below the axes the legend covers no data
        columns = _legend_columns(captions)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), frameon=False, ncols=columns)


def _draw_rows(picture: Rows, axes: Any) -> None:
    reported = {"marker": "D", "ms": 6, "mfc": "white", "mec": "black", "ls": ""}
    for at, row in enumerate(picture.rows):
        colour = COLOURS[at % len(COLOURS)]
        if picture.boxes and row.box is not None:
            stats = dict(zip(BOX, row.box, strict=True), fliers=[])
            looks: dict[str, Any] = {f"{part}props": {"color": colour} for part in BOX_PARTS}
            looks["medianprops"] = {"color": colour, "lw": 2}
            axes.bxp([stats], positions=[at], orientation="horizontal", widths=0.5, **looks)
        elif row.mean is not None:
            hatch = HATCHES[at % len(HATCHES)]
            axes.barh(at, row.mean, 0.6, color=colour, alpha=0.35, hatch=hatch, edgecolor=colour)
            sides = np.abs(np.subtract(row.band, row.mean))[:, None]
            axes.errorbar(row.mean, at, xerr=sides, color=colour, capsize=3)
        n = len(row.points)
        ys = np.linspace(at - 0.2, at + 0.2, n) if n > 1 else np.full(n, at)
        if row.points:
            axes.plot(row.points, ys, "o", ms=3, color=colour, mec="white", mew=0.4)
        if row.reported is not None:
            axes.plot([row.reported], [at], **reported)
    axes.set_yticks(range(len(picture.rows)), map(_row_label, picture.rows))
    axes.set_ylim(max(len(picture.rows), 1) - 0.5, -0.5)
    axes.set_xlabel(picture.x_label)
    axes.set_xlim(left=min(0.0, *(1.02 * end for row in picture.rows for end in row.band), 0.0))
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    if not any(row.points for row in picture.rows):
        _write_nothing(axes)
        return
    what = "whiskers, quartiles, median" if picture.boxes else "mean ± SD"
    axes.errorbar([], [], xerr=[], color="#555555", capsize=3, label=what)
    axes.plot([], [], "o", ms=3, color="#555555", label="repeat")
    if any(row.reported is not None for row in picture.rows):
        axes.plot([], [], label="reported", **reported)
    axes.figure.legend(loc="outside lower center", ncols=3, frameon=False)


def _draw_grid(picture: Grid, axes: Any) -> None:
    values = np.array(picture.cells, float)  # None becomes NaN
    top = max(float(np.nanmax(values)) if np.isfinite(values).any() else 0, 1.0)
    image = axes.imshow(np.ma.masked_invalid(values), cmap="Greys", vmin=0, vmax=top)
    for (row, column), value in np.ndenumerate(values):
        text = "" if np.isnan(value) else percentage(value)
        colour = "w" if value > 0.55 * top else "k"
        axes.text(column, row, text, ha="center", va="center", fontsize=7, color=colour)
    headings = picture.headings
    turned = {"rotation": 45, "ha": "right"} if max(map(len, headings)) > 3 else {}
    axes.set_xticks(range(values.shape[1]), headings[: values.shape[1]], **turned)
    axes.set_yticks(range(values.shape[0]), headings[: values.shape[0]])
    axes.set(xlabel=picture.column_label, ylabel=picture.row_label)
    axes.figure.colorbar(image, ax=axes, label="%", shrink=0.8)


def _draw_plane(picture: Plane, axes: Any) -> None:
    axes.imshow(
        picture.region >= 0.5,
        origin="lower",
        extent=(0, 1, 0, 1),
        cmap=mpl.colors.ListedColormap(["white", "#d9d9d9"]),
        vmin=0,
        vmax=1,
        interpolation="nearest",
    )
    axes.fill([], [], color="#d9d9d9", label="predicted inside")
    if picture.outline is not None:
        axes.plot(*picture.outline.T, color=COLOURS[0], lw=1.2, label="true border")
    axes.plot(*picture.points.T, "x", color=COLOURS[1], ms=3.5, mew=0.9, label="misclassified")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="x", ylabel="y", aspect="equal")
    axes.spines[["top", "right"]].set_visible(True)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)


def _draw_pairs(picture: Pairs, part: Any) -> None:
    shown = picture.pairs[:MAX_PAIRS]
    few = f"; {MAX_PAIRS} shown" if len(picture.pairs) > MAX_PAIRS else ""
    part.suptitle("\n".join(fold(picture.title + few, 80)), fontsize=10, x=0.01, ha="left")
    panels = part.subplots(max(-(-len(shown) // 3), 1), 3, squeeze=False).ravel()
    for axes, pair in itertools.zip_longest(panels, shown):
        axes.set_axis_off()
        if pair is not None:
            gap = np.full((pair.images.shape[1], 1), np.nan)
            both = np.hstack([pair.images[0], gap, pair.images[1]])
            axes.imshow(np.ma.masked_invalid(both), cmap="gray", vmin=0, vmax=1)
            axes.set_title("\n".join(filter(None, pair.caption)), fontsize=7.5, loc="center")


DRAW: dict[type, Callable[[Any, Any], None]] = {
    Lines: _draw_lines,
    Rows: _draw_rows,
    Grid: _draw_grid,
    Plane: _draw_plane,
}
