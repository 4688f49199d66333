"""Points of the square [0, 1]^2, and whether they lie inside a disk about (1/2, 1/2).

Report 1, section 2.1. There the report gives the radius as 1 / (2 sqrt(pi)), in section 2.5.4 as
1 / sqrt(2 pi). The default is the latter: it gives the disk an area of 1/2, and thus two classes of
equal size, and it is the circle on which figure 5 shows the misclassified points. (The former gives
an area of 1/4, so that always answering "outside" is wrong for only a quarter of the points.)
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

RADIUS = 1 / math.sqrt(2 * math.pi)

Points = tuple[NDArray[np.float32], NDArray[np.int64]]


def sample(rng: np.random.Generator, points: int, radius: float) -> Points:
    """Draw points uniformly from the square.

    Args:
        rng: generator of the points.
        points: number N of points.
        radius: radius of the disk.

    Returns:
        The points (N, 2), and for each 1 if it is inside the disk, otherwise 0 (N,).

    >>> x, inside = sample(np.random.default_rng(0), 10_000, RADIUS)
    >>> x.shape, float(inside.mean().round(1))
    ((10000, 2), 0.5)
    """
    x = rng.random((points, 2), dtype=np.float32)
    distance = np.hypot(*(x.astype(np.float64) - 0.5).T)
    return x, (distance <= radius).astype(np.int64)


def train_and_test(seed: int, points: int, radius: float) -> tuple[Points, Points]:
    """Draw the training points of a repeat, and as many test points."""
    rng = np.random.default_rng([seed, 0])
    return sample(rng, points, radius), sample(rng, points, radius)


def circle(radius: float, corners: int = 360) -> NDArray[np.float64]:
    """The boundary of the disk as a closed polygon (corners + 1, 2)."""
    angle = np.linspace(0, 2 * np.pi, corners + 1)
    return 0.5 + radius * np.stack([np.cos(angle), np.sin(angle)], 1)


def fingerprint(points: int, radius: float) -> str:
    """SHA-256 of the points of seed 0, which changes with the generator and the formula."""
    both = train_and_test(0, points, radius)
    return hashlib.sha256(b"".join(array.tobytes() for part in both for array in part)).hexdigest()


def misclassified(inside: NDArray[Any], target: NDArray[Any]) -> NDArray[np.bool_]:
    """Which points are misclassified; an output above 1/2 predicts "inside".

    Args:
        inside: outputs of the network (N, 1).
        target: 1 for points inside the disk, otherwise 0 (N,).

    Returns:
        Booleans (N,).

    >>> misclassified(np.array([[0.6], [-3.0], [0.4]]), np.array([1, 1, 0])).tolist()
    [False, True, False]
    """
    return np.asarray((inside[..., 0] > 0.5) != (target == 1))


def border_distance(repeat: Any, data: Any, options: Mapping[str, Any]) -> float | None:
    """How close to the circle the misclassified test points are.

    Args:
        repeat: a finished repeat, whose ``mistakes`` are indices of test points.
        data: data of the repeat, whose ``test.x`` are the test points (N, 2).
        options: options of the task; ``radius`` is read.

    Returns:
        The mean distance from the circle of the misclassified test points, divided by that of all
        test points: 0 if they are on the circle, about 1 if they are anywhere. None if no point is
        misclassified.
    """
    if not repeat.mistakes:
        return None
    x = np.asarray(data.test.x, float)
    distance = np.full(len(x), np.inf)
    for start, end in pairwise(circle(options["radius"])):  # all sides at once would take 60 MB
        along = (x - start) @ (end - start) / np.sum((end - start) ** 2)
        nearest = start + np.clip(along, 0, 1)[:, None] * (end - start)
        np.minimum(distance, np.hypot(*(x - nearest).T), out=distance)
    return float(distance[repeat.mistakes].mean() / distance.mean())
