"""What a report claims of its arms, and whether it is so here: the interval decides.

A claim compares two things, of which at least one is an arm, by one measure and paired by seed:
either one is lower than the other, or both are the same within a margin. The 95 % t interval of the
difference decides it; a claim on which it does not is "not decided".
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from cmpnet.analysis.stats import summarise
from cmpnet.spec import RepeatResult

if TYPE_CHECKING:  # bench imports numpy, which a listing does without
    from cmpnet.bench import ArmResults
    from cmpnet.registry import Registry

Side = str | float  # an arm as its suite writes it, or a number
Figures = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Claim:
    """``one`` is lower than ``other``; with ``within`` they are the same to so much instead.

    ``first_epochs`` takes the mean over so many first epochs instead of the value after the last.
    """

    says: str
    one: Side
    other: Side
    within: float | None = None
    measure: str = "test_error"
    first_epochs: int | None = None
    source: str = ""

    @property
    def arms(self) -> set[str]:
        """The arms it is about, as its suite writes them."""
        return {side for side in (self.one, self.other) if isinstance(side, str)}

    @property
    def limit(self) -> float | None:
        """The number that an arm is held against, if it is one."""
        return next((s for s in (self.one, self.other) if not isinstance(s, str)), None)

    def told(self, difference: float) -> float:
        """What is said in place of one minus other: beside a number the arm's own value."""
        if self.limit is None:
            return difference
        return difference + self.limit if isinstance(self.one, str) else self.limit - difference


@dataclass(frozen=True, slots=True)
class Verdict:
    """One minus other over the ``n`` seeds both have, and what that says of the claim.

    ``reported`` is the same difference in the report's own figures, where it gives both.
    """

    claim: Claim
    verdict: Literal["holds", "does not hold", "not decided"]
    n: int
    difference: float | None
    ci95: tuple[float, float] | None
    reported: float | None


def _error(part: str, repeat: RepeatResult, epochs: int | None) -> float | None:
    last: float | None = getattr(repeat, f"{part}_error")
    curve: list[float] = getattr(repeat.curves, f"{part}_error")
    return last if epochs is None else statistics.fmean(curve[:epochs])


def _gap(repeat: RepeatResult, epochs: int | None) -> float | None:
    test, train = _error("test", repeat, epochs), _error("train", repeat, epochs)
    return None if test is None or train is None else test - train


OfRepeat = Callable[[RepeatResult, int | None], float | None]
_OF_REPEAT: Mapping[str, OfRepeat] = {
    "test_error": lambda repeat, epochs: _error("test", repeat, epochs),
    "train_error": lambda repeat, epochs: _error("train", repeat, epochs),
    "gap": _gap,
    "seconds": lambda repeat, epochs: repeat.seconds,
}
MEASURES: Mapping[str, str] = {
    "test_error": "points",
    "train_error": "points",
    "gap": "points",
    "seconds": "s",
    "border": "",
}
"""Measures with their units; errors are in points of %. ``gap`` is test minus train error,
``seconds`` the time of a repeat, ``border`` how far the misjudged points of a task in the plane lie
from its border, as a share of how far its points do (1: mistakes are anywhere, 0: on the border).
"""


def border_distance(arm: ArmResults, registry: Registry) -> dict[int, float]:
    """The measure ``border`` of each repeat with a mistake; none where the task has no border."""
    import numpy as np

    task = registry.task(arm.arm.task)
    if task.outline is None:
        return {}
    line = np.asarray(task.outline(**arm.arm.task_options), float)
    shares = {}
    for repeat in arm.ok():
        if repeat.mistakes:
            x = np.asarray(task.load(repeat.seed, **arm.arm.task_options).test.x, float)
            distance = np.full(len(x), np.inf)
            for start, end in pairwise(line):  # piece by piece: all at once would take 60 MB
                along = (x - start) @ (end - start) / np.sum((end - start) ** 2)
                nearest = start + np.clip(along, 0, 1)[:, None] * (end - start)
                np.minimum(distance, np.hypot(*(x - nearest).T), out=distance)
            shares[repeat.seed] = float(distance[repeat.mistakes].mean() / distance.mean())
    return shares


def _measured(claim: Claim, arm: ArmResults, registry: Registry) -> dict[int, float]:
    """The claim's measure of each repeat that counts, by seed."""
    if claim.measure == "border":
        return border_distance(arm, registry)
    of = _OF_REPEAT[claim.measure]
    values = {repeat.seed: of(repeat, claim.first_epochs) for repeat in arm.ok()}
    return {seed: value for seed, value in values.items() if value is not None}


def _reported(claim: Claim, side: Side, figures: Mapping[str, Figures]) -> float | None:
    """What the report's own figures give for one side."""
    if not isinstance(side, str):
        return side
    known = figures.get(side) or {}
    if claim.first_epochs is not None:
        return None
    if claim.measure == "gap":
        test, train = known.get("test_error"), known.get("train_error")
        return None if test is None or train is None else test - train
    found: float | None = known.get(claim.measure)
    return found


def decide(
    claim: Claim,
    arms: Mapping[str, ArmResults],
    figures: Mapping[str, Figures],
    registry: Registry,
) -> Verdict:
    """Whether a claim holds for these results; arms and reported figures by the arms' names.

    It holds if the whole interval of the difference says so, and does not if the whole of it says
    the contrary.
    """
    sides = [
        _measured(claim, arms[side], registry) if isinstance(side, str) else side
        for side in (claim.one, claim.other)
    ]
    shared = set.intersection(*(set(side) for side in sides if isinstance(side, dict)))
    one, other = (
        [side[seed] if isinstance(side, dict) else side for seed in sorted(shared)]
        for side in sides
    )
    found = summarise([a - b for a, b in zip(one, other, strict=True)])
    said = [_reported(claim, side, figures) for side in (claim.one, claim.other)]
    return Verdict(
        claim=claim,
        verdict=_verdict(found.ci95, claim.within),
        n=found.n,
        difference=found.mean,
        ci95=found.ci95,
        reported=None if None in said else said[0] - said[1],  # type: ignore[operator]
    )


def _verdict(
    ci95: tuple[float, float] | None, within: float | None
) -> Literal["holds", "does not hold", "not decided"]:
    """By the interval alone.

    >>> _verdict((-3, -1), None), _verdict((-3, 1), None), _verdict((1, 3), None)
    ('holds', 'not decided', 'does not hold')
    >>> _verdict((-1, 1), 2), _verdict((-1, 3), 2), _verdict((3, 4), 2)
    ('holds', 'not decided', 'does not hold')
    """
    if ci95 is None:
        return "not decided"
    low, high = ci95
    if within is None:
        return "holds" if high < 0 else "does not hold" if low > 0 else "not decided"
    if -within <= low and high <= within:
        return "holds"
    return "does not hold" if low > within or high < -within else "not decided"
