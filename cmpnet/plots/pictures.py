"""What a picture shows, as plain records: numbers and words, no more. ``series`` makes them of
results, ``plots`` draws them in a terminal, ``figures`` into a file. Errors are in %.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fold(text: str, width: int) -> list[str]:
    """A title or a name in lines of at most so many letters, broken where its parts end.

    >>> fold("ws-aux:aux-scheduled[alpha=0.25,decay=none]", 24)
    ['ws-aux:aux-scheduled', '[alpha=0.25,decay=none]']
    """
    lines = [""]
    for part in re.split(r"(?<=[:,\s])|(?=\[)", text):
        for piece in [part[start : start + width] for start in range(0, len(part), width)]:
            if len(lines[-1]) + len(piece.rstrip()) > width:
                lines.append("")
            lines[-1] += piece
    return [line.strip() for line in lines]


@dataclass(frozen=True, slots=True)
class Line:
    """A mean over x with the band mean ± SD (``low`` is ``y`` where there is one value alone)."""

    label: str
    x: list[float]
    y: list[float]
    low: list[float]
    high: list[float]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Several lines over one axis; each arm has so many next to one another (test, train)."""

    title: str
    x_label: str
    y_label: str
    lines: list[Line]
    each: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """The errors of an arm's repeats, what they amount to, and what a report says of the arm.

    ``box`` is (low whisker, quartile, median, quartile, high whisker), the whiskers at the last
    points within 1.5 times the distance of the quartiles (Tukey 1977).
    """

    label: str
    points: list[float]
    mean: float | None
    sd: float | None
    box: tuple[float, float, float, float, float] | None
    reported: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """One row an arm, as bars or as boxes."""

    title: str
    x_label: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix in % over classes; None where there is nothing to count."""

    title: str
    row_label: str
    column_label: str
    cells: list[list[float | None]]


@dataclass(frozen=True, slots=True)
class Plane:
    """The unit square: misjudged points (M, 2), the true border (K, 2), and the learnt region.

    ``region[i, j]`` is the share of verdicts "inside" in row i from below and column j.
    """

    title: str
    points: Floats
    outline: Floats | None
    region: Floats


@dataclass(frozen=True, slots=True)
class Pair:
    """A misjudged pair: two images (H, W) from 0 to 1 and what was said of them."""

    images: Floats
    caption: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Misjudged pairs of an arm, the surest first."""

    title: str
    pairs: list[Pair] = field(default_factory=list)


Picture = Lines | Rows | Grid | Plane | Pairs
