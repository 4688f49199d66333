"""Pictures in files: the records of ``pictures`` drawn by matplotlib (extra ``cmpnet[figures]``).

No pyplot and no display. Colours are those of Okabe and Ito (2008), told apart by the colour-blind;
dashes and hatches tell them apart in grey.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from cmpnet import errors
from cmpnet.plots.pictures import Grid, Lines, Pairs, Picture, Plane, Row, Rows, fold

try:
    import matplotlib as mpl
    from matplotlib.figure import Figure
except ImportError:
    raise errors.no_matplotlib() from None

COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999999")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (1, 1)))
MARKS = ("", "s", "^", "v")  # of lines 0-23, 24-47, ...: colours and dashes come again after 24
HATCHES = ("", "//", "..", "\\\\", "xx", "--")
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "svg.fonttype": "none",  # text stays text: smaller, and it can be searched
    "svg.hashsalt": "cmpnet",  # the same picture is the same file
    "savefig.dpi": 200,
}
SHOWN = 12  # pairs of an arm in a file
COLUMN = 6.3  # inches: the width of a page's text


def to_bytes(pictures: Sequence[Picture], suffix: str, *, boxes: bool = False) -> bytes:
    """The pictures below one another as one svg, png or pdf.

    Args:
        pictures: at least one.
        suffix: "svg", "png" or "pdf".
        boxes: whether rows are drawn as box plots instead of bars.
    """
    with mpl.rc_context(STYLE):
        figure = make(pictures, boxes=boxes)
        out = io.BytesIO()
        dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix)
        figure.savefig(out, format=suffix, metadata=dates, bbox_inches="tight", facecolor="white")
    return out.getvalue()


def make(pictures: Sequence[Picture], *, boxes: bool = False) -> Figure:
    """The figure itself."""
    heights = [_height(picture) for picture in pictures]
    figure = Figure(figsize=(COLUMN, sum(heights)), layout="constrained")
    parts = figure.subfigures(len(pictures), 1, height_ratios=heights, squeeze=False)[:, 0]
    for picture, part in zip(pictures, parts, strict=True):
        if isinstance(picture, Pairs):
            _pairs(picture, part)
            continue
        axes = part.subplots()
        axes.set_title("\n".join(fold(picture.title, 80)))
        match picture:
            case Lines():
                _lines(picture, axes)
            case Rows():
                _rows(picture, axes, boxes=boxes)
            case Grid():
                _grid(picture, axes)
            case Plane():
                _plane(picture, axes)
    return figure


def _height(picture: Picture) -> float:
    """Inches."""
    match picture:
        case Lines():
            lines = sum(1 + label.count("\n") for label in _labels(picture))
            return 3.6 + 0.19 * (lines / _columns(picture) + 1)
        case Rows():
            most = max((len(_row_label(row)) for row in picture.rows), default=1)
            return 1.3 + max(0.42, 0.15 * most + 0.08) * len(picture.rows)
        case Pairs():
            return 0.6 + 1.25 * max(-(-min(len(picture.pairs), SHOWN) // 3), 1)
        case _:
            return 4.6


def _labels(picture: Lines) -> list[str]:
    """What the legend calls each line, in lines that fit the page."""
    return ["\n".join(fold(f"{line.label} ({line.note})", 70)) for line in picture.lines]


def _row_label(row: Row) -> list[str]:
    """An arm's name, mean ± SD and what became of its repeats, in lines."""
    mean = (
        []
        if row.mean is None
        else [f"{row.mean:.2f}" + ("" if row.sd is None else f" ± {row.sd:.2f}")]
    )
    return [*fold(row.label, 32), *fold(", ".join([*mean, row.note]), 32)]


def _columns(picture: Lines) -> int:
    """Columns of the legend: two if all labels are short."""
    labels = _labels(picture)
    return 2 if len(labels) > 2 and max(map(len, labels)) <= 32 else 1


def _nothing(axes: Any) -> None:
    axes.text(0.5, 0.5, "no finite value to draw", ha="center", transform=axes.transAxes)


def _legend(axes: Any, columns: int = 1) -> None:
    """Below the axes, where it covers no data."""
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.16), frameon=False, ncols=columns)


def _lines(picture: Lines, axes: Any) -> None:
    looks = zip(picture.lines, _labels(picture), itertools.cycle(DASHES), strict=False)
    for number, (line, label, dash) in enumerate(looks):
        arm, part = divmod(number, picture.each)
        colour, mark = COLOURS[arm % len(COLOURS)], MARKS[number // 24 % len(MARKS)]
        if not mark and len(line.x) <= 10:
            mark = "o"
        look = {"color": colour, "ls": dash, "lw": 1 if part else 1.6, "marker": mark, "ms": 3.5}
        axes.plot(line.x, line.y, label=label, **look)
        if line.low != line.high:
            axes.fill_between(line.x, line.low, line.high, color=colour, alpha=0.15, lw=0)
    if not any(line.x for line in picture.lines):
        _nothing(axes)
    elif any(line.low != line.high for line in picture.lines):
        axes.fill_between([], [], [], color="#777777", alpha=0.25, lw=0, label="± SD")
    axes.set_xlabel(picture.x_label)
    axes.set_ylabel(picture.y_label)
    xs = [x for line in picture.lines for x in line.x] or [0.0]
    margin = 0.02 * (max(xs) - min(xs)) or 0.5
    axes.set_xlim(min(xs) - margin, max(xs) + margin)  # no epoch 0
    axes.set_ylim(0, 1.05 * max((y for line in picture.lines for y in line.high), default=0) or 1)
    if all(x == int(x) for x in xs):
        axes.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
    axes.grid(axis="y", color="#dddddd", lw=0.6)
    if picture.lines:
        _legend(axes, _columns(picture))


def _rows(picture: Rows, axes: Any, *, boxes: bool) -> None:
    for at, row in enumerate(picture.rows):
        colour, hatch = COLOURS[at % len(COLOURS)], HATCHES[at % len(HATCHES)]
        if row.mean is not None and row.box is not None:
            if boxes:
                keys = ("whislo", "q1", "med", "q3", "whishi")
                stats = [dict(zip(keys, row.box, strict=True), fliers=[])]
                thin = {"color": colour}
                axes.bxp(
                    stats,
                    positions=[at],
                    orientation="horizontal",
                    widths=0.5,
                    boxprops=thin,
                    whiskerprops=thin,
                    capprops=thin,
                    medianprops={"color": colour, "lw": 2},
                )
            else:
                axes.barh(
                    at, row.mean, 0.6, color=colour, alpha=0.35, hatch=hatch, edgecolor=colour
                )
                axes.errorbar(row.mean, at, xerr=row.sd, color=colour, capsize=3)
            spread = at + 0.2 * np.linspace(-1, 1, len(row.points)) if len(row.points) > 1 else [at]
            axes.plot(row.points, spread, "o", ms=3, color=colour, mec="white", mew=0.4)
        if row.reported is not None:
            axes.plot([row.reported], [at], "D", ms=6, mfc="white", mec="black")
    labels = ["\n".join(_row_label(row)) for row in picture.rows]
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(max(len(labels), 1) - 0.5, -0.5)
    axes.set_xlabel(picture.x_label)
    axes.set_xlim(left=0)
    axes.grid(axis="x", color="#dddddd", lw=0.6)
    axes.set_axisbelow(True)
    if not any(row.points for row in picture.rows):
        _nothing(axes)
        return
    what = "whiskers, quartiles, median" if boxes else "mean ± SD"
    axes.errorbar([], [], xerr=[], color="#555555", capsize=3, label=what)
    axes.plot([], [], "o", ms=3, color="#555555", label="a repeat")
    if any(row.reported is not None for row in picture.rows):
        axes.plot([], [], "D", ms=6, mfc="white", mec="black", ls="", label="reported")
    axes.figure.legend(loc="outside lower center", ncols=3, frameon=False)


def _grid(picture: Grid, axes: Any) -> None:
    values = np.array([[np.nan if v is None else v for v in row] for row in picture.cells])
    top = max(float(np.nanmax(values)) if np.isfinite(values).any() else 0, 1.0)
    image = axes.imshow(np.ma.masked_invalid(values), cmap="Greys", vmin=0, vmax=top)
    for (i, j), value in np.ndenumerate(values):
        said = "" if np.isnan(value) else "·" if value == 0 else f"{value:.0f}"
        said = "<1" if said == "0" else said
        white = value > 0.55 * top
        axes.text(j, i, said, ha="center", va="center", fontsize=7, color="w" if white else "k")
    axes.set_xticks(range(values.shape[1]))
    axes.set_yticks(range(values.shape[0]))
    axes.set_xlabel(picture.column_label)
    axes.set_ylabel(picture.row_label)
    axes.figure.colorbar(image, ax=axes, label="%", shrink=0.8)


def _plane(picture: Plane, axes: Any) -> None:
    axes.imshow(
        picture.region >= 0.5,
        origin="lower",
        extent=(0, 1, 0, 1),
        cmap=mpl.colors.ListedColormap(["white", "#d9d9d9"]),
        vmin=0,
        vmax=1,
        interpolation="nearest",
    )
    axes.fill([], [], color="#d9d9d9", label="learnt as inside")
    if picture.outline is not None:
        axes.plot(*picture.outline.T, color=COLOURS[0], lw=1.2, label="true border")
    axes.plot(*picture.points.T, "x", color=COLOURS[1], ms=3.5, mew=0.9, label="misclassified")
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="x", ylabel="y", aspect="equal")
    axes.spines[["top", "right"]].set_visible(True)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)


def _pairs(picture: Pairs, part: Any) -> None:
    shown = picture.pairs[:SHOWN]
    few = f"; {SHOWN} of them" if len(picture.pairs) > SHOWN else ""
    part.suptitle("\n".join(fold(picture.title + few, 80)), fontsize=10, x=0.01, ha="left")
    every = part.subplots(max(-(-len(shown) // 3), 1), 3, squeeze=False).ravel()
    for axes, pair in itertools.zip_longest(every, shown):
        axes.set_axis_off()
        if pair is not None:
            gap = np.full((pair.images.shape[1], 1), np.nan)
            both = np.hstack([pair.images[0], gap, pair.images[1]])
            axes.imshow(np.ma.masked_invalid(both), cmap="gray", vmin=0, vmax=1)
            axes.set_title("\n".join(filter(None, pair.caption)), fontsize=7.5, loc="center")
