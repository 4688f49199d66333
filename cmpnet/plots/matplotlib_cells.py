"""Matrices, the unit square and images, drawn by matplotlib."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from matplotlib.colors import ListedColormap

from cmpnet.plots.cells import Grid, Pairs, Plane, percentage
from cmpnet.plots.layout import Paper, fold
from cmpnet.plots.matplotlib_charts import COLOURS

MAX_PAIRS = 12  # of an arm


def draw_grid(picture: Grid, axes: Any, paper: Paper) -> None:
    """Numbers by row and column on shades of grey."""
    values = np.array(picture.cells, float)  # None becomes NaN
    top = max(picture.top, 1.0)
    image = axes.imshow(np.ma.masked_invalid(values), cmap="Greys", vmin=0, vmax=top)
    for (row, column), value in np.ndenumerate(values):
        text = "" if np.isnan(value) else percentage(value)
        colour = "w" if value > 0.55 * top else "k"
        axes.text(
            column,
            row,
            text,
            ha="center",
            va="center",
            fontsize=7 / 9 * paper.font_size,
            color=colour,
        )
    headings = picture.headings
    turned = {"rotation": 45, "ha": "right"} if max(map(len, headings)) > 3 else {}
    axes.set_xticks(range(values.shape[1]), headings[: values.shape[1]], **turned)
    axes.set_yticks(range(values.shape[0]), headings[: values.shape[0]])
    axes.set(xlabel=picture.column_label, ylabel=picture.row_label)
    axes.figure.colorbar(image, ax=axes, label="%", shrink=0.8)


def draw_plane(picture: Plane, axes: Any, _: Paper) -> None:
    """The unit square, true to scale."""
    axes.imshow(
        picture.region >= 0.5,
        origin="lower",
        extent=(0, 1, 0, 1),
        cmap=ListedColormap(["white", "#d9d9d9"]),
        vmin=0,
        vmax=1,
        interpolation="nearest",
    )
    axes.fill([], [], color="#d9d9d9", label="predicted inside")
    points = {"color": COLOURS[1], "ms": 3.5, "mew": 0.9, "alpha": 0.6}
    axes.plot(*picture.points.T, "x", label="misclassified", **points)
    if picture.outline is not None:  # above the mistakes, most of which are near it
        for colour, width in (("white", 2.4), (COLOURS[0], 1.2)):
            label = {"label": "true border"} if colour != "white" else {}
            axes.plot(*picture.outline.T, color=colour, lw=width, zorder=3, **label)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="x", ylabel="y", aspect="equal")
    axes.spines[["top", "right"]].set_visible(True)
    axes.legend(loc="upper left", bbox_to_anchor=(1.02, 1), frameon=False)


def draw_pairs(picture: Pairs, part: Any, paper: Paper) -> None:
    """Three pairs per line, each with its caption."""
    shown = picture.pairs[:MAX_PAIRS]
    few = f"; {MAX_PAIRS} shown" if len(picture.pairs) > MAX_PAIRS else ""
    part.suptitle(
        "\n".join(fold(picture.title + few, paper.characters(80))),
        fontsize=paper.font_size + 1,
        x=0.01,
        ha="left",
    )
    panels = part.subplots(max(-(-len(shown) // 3), 1), 3, squeeze=False).ravel()
    for axes, pair in itertools.zip_longest(panels, shown):
        axes.set_axis_off()
        if pair is not None:
            gap = np.full((pair.images.shape[1], 1), np.nan)
            both = np.hstack([pair.images[0], gap, pair.images[1]])
            axes.imshow(np.ma.masked_invalid(both), cmap="gray", vmin=0, vmax=1)
            axes.set_title(
                "\n".join(filter(None, pair.caption)),
                fontsize=7.5 / 9 * paper.font_size,
                loc="center",
            )
