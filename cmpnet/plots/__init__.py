"""Terminal pictures: the records of ``pictures`` as text."""

from __future__ import annotations

from cmpnet.glyphs import to_ascii
from cmpnet.plots import axes, cells
from cmpnet.plots.canvas import Screen, screen
from cmpnet.plots.pictures import Grid, Lines, Pairs, Picture, Plane, Rows, fold

__all__ = ["Screen", "draw", "screen"]


def draw(picture: Picture, on: Screen, *, boxes: bool = False) -> str:
    """A picture as lines of text, each no wider than the screen; ``boxes`` says how rows look."""
    match picture:
        case Lines():
            text = axes.lines(picture, on)
        case Rows():
            text = axes.rows(picture, on, boxes=boxes)
        case Plane():
            text = axes.plane(picture, on)
        case Grid():
            text = cells.grid(picture, on)
        case Pairs():
            text = cells.pairs(picture, on)
    whole = "\n".join([*fold(on.words(picture.title), on.width), text]) + "\n"
    return whole if on.unicode else to_ascii(whole)
