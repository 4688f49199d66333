"""Pictures as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from cmpnet.ascii_fallback import to_ascii
from cmpnet.plots import charts, heatmaps, mark_charts, row_charts
from cmpnet.plots.cells import Grid, Pairs, Plane
from cmpnet.plots.layout import Screen, fold
from cmpnet.plots.pictures import Differences, Lines, Marks, Picture, Rows

DRAW: dict[type, Callable[[Any, Screen], list[str]]] = {
    Lines: charts.lines,
    Rows: row_charts.rows,
    Differences: row_charts.differences,
    Marks: mark_charts.marks,
    Plane: charts.plane,
    Grid: heatmaps.grid,
    Pairs: heatmaps.pairs,
}


def draw(picture: Picture, screen: Screen) -> str:
    """A picture as lines of text, none wider than the screen."""
    title = fold(screen.spell_out(picture.title), screen.width) if picture.title else []
    below = replace(screen, height=max(screen.height - len(title), 4))
    text = "\n".join([*title, *DRAW[type(picture)](picture, below), ""])
    return text if screen.unicode else to_ascii(text)
