"""Which of several arms no other arm beats in two respects at once."""

from __future__ import annotations

from collections.abc import Sequence


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Indices of the points that are not dominated, by their first coordinate.

    A point is dominated if another one is at most as large in both coordinates and smaller in one
    of them. Equal points do not dominate each other.

    Args:
        points: two numbers each, of which lower is better.

    >>> pareto_front([(3.0, 1.0), (1.0, 2.0), (2.0, 2.0), (1.0, 2.0)])
    [1, 3, 0]
    """
    front = [
        n
        for n, (x, y) in enumerate(points)
        if not any(a <= x and b <= y and (a, b) != (x, y) for a, b in points)
    ]
    return sorted(front, key=lambda n: points[n])
