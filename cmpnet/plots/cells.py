"""Pictures made of cells, as plain records: matrices, the unit square and images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Grid:
    """A matrix over classes.

    Attributes:
        title: the title.
        row_label: what the rows are.
        column_label: what the columns are.
        cells: percentages by row and column; None where there is nothing to count.
        names: name of each class; numbers from 0 where they have none.
        arm: the arm.
        top: the percentage that is drawn darkest in a file and brightest in a terminal: the largest
            of all such matrices of a picture.
    """

    title: str
    row_label: str
    column_label: str
    cells: list[list[float | None]]
    names: tuple[str, ...] = ()
    arm: str = ""
    top: float = 100.0

    @property
    def headings(self) -> list[str]:
        """The name of each class, or its number."""
        most = max(len(self.cells), *map(len, self.cells))
        return [*self.names] or [str(number) for number in range(most)]


@dataclass(frozen=True, slots=True)
class Plane:
    """Misclassified points of the unit square.

    Attributes:
        title: the title.
        points: the misclassified points (M, 2).
        outline: the true border (K, 2), or None where the task has none.
        region: share of verdicts "inside" by cell (S, S): row from below, column from the left.
        arm: the arm.
    """

    title: str
    points: Floats
    outline: Floats | None
    region: Floats
    arm: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """A misclassified pair of images.

    Attributes:
        images: the two images (2, H, W), from 0 to 1.
        caption: what the network says of the pair, and of each digit; the second may be "".
        seed: seed of the repeat.
        sample: number of the pair among the test pairs of that seed.
        confidence: of the wrong answer, in %, or None where it is not known.
    """

    images: Floats
    caption: tuple[str, str]
    seed: int = 0
    sample: int = 0
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """Misclassified pairs of an arm.

    Attributes:
        title: the title.
        pairs: the pairs, the most confident first.
        arm: the arm.
    """

    title: str
    pairs: list[Pair]
    arm: str = ""


def percentage(value: float) -> str:
    """A cell of a grid as text: "·" for 0, "<1" for what rounds to 0.

    >>> percentage(0.0), percentage(0.4), percentage(12.6)
    ('·', '<1', '13')
    """
    text = f"{value:.0f}"
    return "·" if value == 0 else "<1" if text == "0" else text
