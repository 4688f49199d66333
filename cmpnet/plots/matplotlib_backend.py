"""Pictures as files, drawn by matplotlib, which the extra ``cmpnet[figures]`` installs.

It needs neither pyplot nor a display.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from cmpnet import errors
from cmpnet.plots.cells import Grid, Pairs, Plane
from cmpnet.plots.layout import Paper, fold
from cmpnet.plots.pictures import Differences, Lines, Marks, Picture, Rows

try:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    from cmpnet.plots import matplotlib_cells as cells
    from cmpnet.plots import matplotlib_charts as charts
except ImportError:
    raise errors.no_matplotlib() from None

STYLE: dict[Any, Any] = {
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "svg.fonttype": "none",  # text stays text: smaller, and searchable
    "svg.hashsalt": "cmpnet",  # the same picture gives the same file
    "savefig.dpi": 200,
}
DRAW: dict[type, Callable[[Any, Any, Paper], None]] = {
    Lines: charts.draw_lines,
    Rows: charts.draw_rows,
    Differences: charts.draw_differences,
    Marks: charts.draw_marks,
    Grid: cells.draw_grid,
    Plane: cells.draw_plane,
}
A4 = Paper()


def to_bytes(pictures: Sequence[Picture], suffix: str, paper: Paper = A4) -> bytes:
    """The pictures below one another in one file.

    Args:
        pictures: at least one.
        suffix: "svg", "png" or "pdf".
        paper: size of the file and of its text.
    """
    out = io.BytesIO()
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(suffix)
    sizes: dict[Any, Any] = {"font.size": paper.font_size, "axes.titlesize": paper.font_size + 1}
    with mpl.rc_context({**STYLE, **sizes}):
        figure = make_figure(pictures, paper)
        # A height that is asked for is kept exactly; otherwise no margin is wasted.
        box: dict[str, Any] = {} if paper.height else {"bbox_inches": "tight"}
        figure.savefig(out, format=suffix, metadata=dates, facecolor="white", **box)
    return out.getvalue()


def make_figure(pictures: Sequence[Picture], paper: Paper = A4) -> Figure:
    """The pictures below one another in one figure."""
    heights = [paper.font_size / A4.font_size * _height(picture, paper) for picture in pictures]
    size = (paper.width, paper.height or sum(heights))
    figure = Figure(figsize=size, layout="constrained")
    parts = figure.subfigures(len(pictures), 1, height_ratios=heights, squeeze=False)[:, 0]
    for picture, part in zip(pictures, parts, strict=True):
        if isinstance(picture, Pairs):
            cells.draw_pairs(picture, part, paper)
        else:
            axes = part.subplots()
            axes.set_title("\n".join(fold(picture.title, paper.characters(80))))
            DRAW[type(picture)](picture, axes, paper)
    return figure


def _height(picture: Picture, paper: Paper) -> float:
    """The height of a picture in inches, with text of the default size."""
    match picture:
        case Lines():
            labels = charts.captions(picture, paper)
            lines = sum(1 + label.count("\n") for label in labels)
            return 3.6 + 0.19 * (lines / charts.legend_columns(labels) + 1)
        case Marks():
            labels = charts.mark_captions(picture, paper)
            return 3.6 + 0.19 * (sum(1 + label.count("\n") for label in labels) + 1)
        case Rows():
            return _height_of_rows([charts.row_label(row, paper) for row in picture.rows])
        case Differences():
            return _height_of_rows([charts.difference_label(row, paper) for row in picture.rows])
        case Pairs():
            return 0.6 + 1.25 * max(-(-min(len(picture.pairs), cells.MAX_PAIRS) // 3), 1)
        case _:
            return 4.6


def _height_of_rows(labels: Sequence[str]) -> float:
    most = max((1 + label.count("\n") for label in labels), default=1)
    return 1.3 + max(0.42, 0.15 * most + 0.08) * len(labels)
