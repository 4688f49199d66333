"""Matrices over classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from cmpnet import errors
from cmpnet.decoding import has_control_characters
from cmpnet.plots.cells import Floats, Grid
from cmpnet.plots.data.values import note_of
from cmpnet.results import ArmResults


def _summed(arm: ArmResults, name: str) -> Floats | None:
    """The sum of a detail over the repeats, or None where they do not have it in one shape."""
    counts = [np.asarray(r.details[name], float) for r in arm.ok() if name in r.details]
    return np.sum(counts, axis=0) if len({count.shape for count in counts}) == 1 else None


def _percentages(part: Floats, whole: Floats) -> list[list[float | None]]:
    """100 part / whole, None where the whole is 0."""
    return [
        [100 * float(a) / float(b) if b else None for a, b in zip(*both, strict=True)]
        for both in zip(part, np.broadcast_to(whole, part.shape), strict=True)
    ]


def confusion(arm: ArmResults) -> list[Grid]:
    """The confusion matrix where the network learns classes, and the error rate of each pair.

    Raises:
        CmpnetError: the repeats have no such counts.
    """
    grids, note = [], note_of(arm)
    matrix = _summed(arm, "confusion")
    if matrix is not None:
        cells = _percentages(matrix, matrix.sum(1, keepdims=True))
        names = _class_names(arm, len(cells))
        kind = "class" if names else "digit"
        title = f"{arm.display}: predicted {kind}, % of each true {kind} ({note})"
        axes = (f"true {kind}", f"predicted {kind}")
        grids.append(Grid(title, *axes, cells, names, arm=arm.display))
    pairs, wrong = _summed(arm, "pairs"), _summed(arm, "wrong_pairs")
    if pairs is not None and wrong is not None:
        untaught = "" if matrix is not None else ", it is not taught the digits"
        title = f"{arm.display}: error rate of the comparison by pair, % ({note}{untaught})"
        cells = _percentages(wrong, pairs)
        grids.append(Grid(title, "first digit", "second digit", cells, arm=arm.display))
    if not grids:
        raise errors.no_picture("confusion", arm.label, "its repeats have no counts by class")
    return grids


def _class_names(arm: ArmResults, classes: int) -> tuple[str, ...]:
    """The names of the classes, or () where the repeats do not have one per class."""
    names: list[Any] = next((r.details["classes"] for r in arm.ok() if "classes" in r.details), [])
    if len(names) != classes:
        return ()
    return tuple("".join(c for c in str(n) if not has_control_characters(c)) for n in names)


def with_one_scale(grids: Sequence[Grid]) -> list[Grid]:
    """The matrices, each with the largest percentage of all that show the same, as its top."""

    def largest(shown: Grid) -> float:
        cells = [
            c for g in grids if g.column_label == shown.column_label for r in g.cells for c in r
        ]
        return max((cell for cell in cells if cell is not None), default=0.0) or 1.0

    return [replace(grid, top=largest(grid)) for grid in grids]
