"""Misclassified samples: points of the plane, and pairs of images."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.plots.cells import Floats, Pair, Pairs, Plane
from cmpnet.plots.data.values import note_of
from cmpnet.results import ArmResults
from cmpnet.spec import RepeatResult, Split, Task


def _test_parts(
    arm: ArmResults, kind: str, samples: str, shape: tuple[int, int]
) -> tuple[Task, list[tuple[RepeatResult, Split]]]:
    """The task, and the successful repeats with their test parts, which the seed reproduces.

    Args:
        arm: the arm.
        kind: the picture.
        samples: what its samples must be, in words.
        shape: their number of dimensions, N included, and the size of the second.

    Raises:
        CmpnetError: the task is not installed, no repeat succeeded, or the samples do not fit.
    """
    if arm.task is None:
        raise errors.no_picture(kind, arm.label, "its task's plugin is not installed")
    parts = [(r, arm.task.load(r.seed, **arm.key.task_options).test) for r in arm.ok()]
    if not parts:
        raise errors.no_picture(kind, arm.label, f"it has no successful repeat ({note_of(arm)})")
    x = parts[0][1].x
    if (x.ndim, x.shape[1]) != shape:
        raise errors.no_picture(kind, arm.label, f"its samples are not {samples}")
    return arm.task, parts


def learnt_region(x: Floats, inside: NDArray[np.bool_]) -> Floats:
    """The share of verdicts "inside" in each cell of the unit square.

    A cell without points takes the share of the nearest cell with some. There are about four
    points per cell.

    Args:
        x: points (N, 2).
        inside: verdict on each point (N,).

    Returns:
        Shares (S, S): row from below, column from the left.
    """
    side = int(np.clip(math.sqrt(len(x) / 4), 8, 100))
    column, row = np.clip((x * side).astype(int), 0, side - 1).T
    total = np.bincount(side * row + column, minlength=side * side)
    share = np.bincount(side * row + column, inside, side * side) / np.maximum(total, 1)
    at = np.stack(np.divmod(np.arange(side * side), side), 1)
    filled = np.flatnonzero(total)
    for cell in np.flatnonzero(total == 0):
        share[cell] = share[filled[((at[filled] - at[cell]) ** 2).sum(1).argmin()]]
    return np.asarray(share.reshape(side, side))


def plane(arm: ArmResults) -> Plane:
    """The misclassified test points of all repeats in the unit square.

    Raises:
        CmpnetError: the samples are not points of a plane, or there are none.
    """
    task, parts = _test_parts(arm, "map", "points of a plane", (2, 2))
    x = np.concatenate([test.x for _, test in parts]).astype(float)
    truth = np.concatenate([test.targets["target"] for _, test in parts]).astype(bool)
    missed = np.concatenate([np.isin(np.arange(len(test.x)), r.mistakes) for r, test in parts])
    usable = np.isfinite(x).all(1)
    x, truth, missed = x[usable], truth[usable], missed[usable]
    outline = task.outline(**arm.key.task_options) if task.outline else None
    return Plane(
        f"{arm.display}: {missed.sum()} of {len(x)} test points misclassified ({note_of(arm)})",
        x[missed],
        None if outline is None else np.asarray(outline, float),
        learnt_region(x, truth ^ missed),
        arm.display,
    )


def pairs(arm: ArmResults, *, limit: int = 200) -> Pairs:
    """The misclassified pairs of images, the most confident first.

    Args:
        arm: the arm.
        limit: pairs at most.

    Raises:
        CmpnetError: the samples are not pairs of images, or there are none.
    """
    _, parts = _test_parts(arm, "pairs", "pairs of images", (4, 2))
    mistakes = []
    for result, test in parts:
        nothing = [None] * len(result.mistakes)
        confidence = result.details.get("confidence") or nothing
        digits = result.details.get("predicted") or nothing
        for index, sure, read in zip(result.mistakes, confidence, digits, strict=False):
            mistakes.append((test, result.seed, index, sure, read))
    mistakes.sort(key=lambda mistake: -(mistake[3] or 0))
    count = f"{len(mistakes)} misclassified pairs, the most confident first"
    title = f"{arm.display}: {count} ({note_of(arm)})"
    return Pairs(title, [_pair(*mistake) for mistake in mistakes[:limit]], arm.display)


def _pair(
    test: Split, seed: int, index: int, sure: float | None, read: Sequence[int] | None
) -> Pair:
    first, second = test.targets["classes"][index]
    true, predicted = ("≤", ">") if test.targets["target"][index] else (">", "≤")
    low, high = float(test.x.min()), float(test.x.max())
    images = (test.x[index].astype(float) - low) / ((high - low) or 1.0)
    confidence = "" if sure is None else f" ({100 * sure:.0f} %)"
    digits = "" if read is None else f"read as {read[0]} and {read[1]}"
    caption = (f"{first} {true} {second}, says {predicted}{confidence}", digits)
    return Pair(images, caption, seed, index, None if sure is None else 100 * sure)
