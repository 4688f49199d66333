"""What a report claims of its arms, and whether it holds here.

A claim compares one measure of two arms, paired by seed, or of an arm and a number. It says that
one side is lower than the other, or that both are the same within a margin. The 95 % t interval of
the difference decides it; if the interval allows both answers, the claim is not decided.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from cmpnet.analysis.stats import summarise
from cmpnet.registry import blame
from cmpnet.results import ArmResults
from cmpnet.spec import Curves, Measure, RepeatResult, Task

Side = str | float  # an arm as its suite writes it, or a number
Decision = Literal["holds", "does not hold", "not decided"]


@dataclass(frozen=True, slots=True)
class Claim:
    """``one`` is lower than ``other``, or both are the same within a margin.

    Attributes:
        says: the claim in words.
        one: an arm as its suite writes it, or a number.
        other: what it is compared with; at least one side is an arm.
        within: margin of a claim that both are the same; None if one is claimed to be lower.
        measure: name of the measure that is compared.
        first_epochs: compare the mean over this many first epochs, instead of the value of the
            finished repeat.
        source: report and section that make the claim.
    """

    says: str
    one: Side
    other: Side
    within: float | None = None
    measure: str = "test_error"
    first_epochs: int | None = None
    source: str = ""

    @property
    def arms(self) -> list[str]:
        """The arms it is about, as its suite writes them."""
        return [side for side in (self.one, self.other) if isinstance(side, str)]

    @property
    def limit(self) -> float | None:
        """The number that an arm is compared with; None if both sides are arms."""
        return next((s for s in (self.one, self.other) if not isinstance(s, str)), None)

    @property
    def formula(self) -> str:
        """The claim in symbols: ``ws < baseline``, ``0 = ws-aux, within 0.03``."""
        one, other = (s if isinstance(s, str) else f"{s:g}" for s in (self.one, self.other))
        if self.within is None:
            return f"{one} < {other}"
        return f"{one} = {other}, within {self.within:g}"

    def renamed(self, names: Mapping[str, str]) -> Claim:
        """The claim with other names for its arms."""
        one, other = (names[s] if isinstance(s, str) else s for s in (self.one, self.other))
        return replace(self, one=one, other=other)

    def displayed_value(self, difference: float) -> float:
        """What to show for one minus other: if a side is a number, the value of the arm itself."""
        if self.limit is None:
            return difference
        return difference + self.limit if isinstance(self.one, str) else self.limit - difference


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a claim holds for some results.

    Attributes:
        claim: the claim.
        measure: the measure that its ``measure`` names.
        verdict: whether it holds.
        n: number of seeds that the compared arms have in common.
        difference: mean of one minus other over these seeds; None without seeds.
        ci95: 95 % t interval of the mean difference; None below two seeds.
        reported: one minus other in the report's own figures; None unless it gives both.
    """

    claim: Claim
    measure: Measure
    verdict: Decision
    n: int
    difference: float | None
    ci95: tuple[float, float] | None
    reported: float | None


# -- measures -------------------------------------------------------------------------------------


def _gap(repeat: RepeatResult, *_: object) -> float | None:
    if repeat.test_error is None or repeat.train_error is None:
        return None
    return repeat.test_error - repeat.train_error


def _gap_per_epoch(curves: Curves) -> list[float]:
    pairs = zip(curves.test_error, curves.train_error, strict=False)
    return [test - train for test, train in pairs]


MEASURES: Mapping[str, Measure] = {
    "test_error": Measure(
        summary="error on the test part after the last epoch",
        of=lambda repeat, *_: repeat.test_error,
        unit="points",
        per_epoch=lambda curves: curves.test_error,
    ),
    "train_error": Measure(
        summary="error on the training part after the last epoch",
        of=lambda repeat, *_: repeat.train_error,
        unit="points",
        per_epoch=lambda curves: curves.train_error,
    ),
    "gap": Measure(
        summary="test error minus training error", of=_gap, unit="points", per_epoch=_gap_per_epoch
    ),
    "seconds": Measure(
        summary="training time of a repeat", of=lambda repeat, *_: repeat.seconds, unit="s"
    ),
}
"""Measures of every task, by name."""


def measures_of(task: Task | None) -> Mapping[str, Measure]:
    """The measures that claims about a task may use: the task's own and those of every task."""
    return {**(task.measures if task else {}), **MEASURES}


def _values(claim: Claim, measure: Measure, arm: ArmResults) -> dict[int, float]:
    """The measure of each repeat that has one, by seed.

    Raises:
        CmpnetError: the measure raised an exception.
    """
    with blame(f"{claim.measure} of {arm.label}", owner=""):
        values = {repeat.seed: _value(claim, measure, arm, repeat) for repeat in arm.ok()}
        return {s: float(v) for s, v in values.items() if v is not None and math.isfinite(v)}


def _value(claim: Claim, measure: Measure, arm: ArmResults, repeat: RepeatResult) -> float | None:
    if claim.first_epochs is None:
        task = arm.task if measure.needs_data else None
        data = task.load(repeat.seed, **arm.key.task_options) if task else None
        return measure.of(repeat, data, arm.key.task_options)
    assert measure.per_epoch is not None  # a suite whose claim needs it is refused
    curve = measure.per_epoch(repeat.curves)[: claim.first_epochs]
    return statistics.fmean(curve) if len(curve) else None


def _reported(claim: Claim, arm: ArmResults) -> float | None:
    """The report's own figure for the measure."""
    if claim.first_epochs is not None:
        return None
    figures = dict(arm.reported or {})
    if figures.keys() >= {"test_error", "train_error"}:
        figures["gap"] = figures["test_error"] - figures["train_error"]
    return figures.get(claim.measure)


# -- verdicts -------------------------------------------------------------------------------------


def decide(claim: Claim, arms: Mapping[str, ArmResults]) -> Verdict:
    """Whether a claim holds for these results.

    It holds if the whole interval of the difference says so, and does not hold if the whole
    interval says the contrary.

    Args:
        claim: the claim; its arms know its measure.
        arms: results by the name that the claim uses for each arm.
    """
    measure = measures_of(arms[claim.arms[0]].task)[claim.measure]
    values: dict[Side, Mapping[int, float]] = {}
    reported: dict[Side, float | None] = {}
    for name in claim.arms:
        values[name] = _values(claim, measure, arms[name])
        reported[name] = _reported(claim, arms[name])
    seeds = sorted(set.intersection(*map(set, values.values())))
    if claim.limit is not None:
        values[claim.limit] = dict.fromkeys(seeds, claim.limit)
        reported[claim.limit] = claim.limit
    summary = summarise([values[claim.one][seed] - values[claim.other][seed] for seed in seeds])
    one, other = reported[claim.one], reported[claim.other]
    return Verdict(
        claim=claim,
        measure=measure,
        verdict=_verdict(summary.ci95, claim.within),
        n=summary.n,
        difference=summary.mean,
        ci95=summary.ci95,
        reported=None if one is None or other is None else one - other,
    )


def _verdict(ci95: tuple[float, float] | None, within: float | None) -> Decision:
    """The verdict of an interval.

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
