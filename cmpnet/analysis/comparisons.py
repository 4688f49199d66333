"""Arms against reference arms, paired by seed: what can be compared, and what differs."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from cmpnet.analysis.decide import Comparison
from cmpnet.provenance import NUMERICS
from cmpnet.results import ERROR_METRIC, ArmResults
from cmpnet.spec import MEASURED_ON, Metric

MARGIN, RELATIVE_MARGIN = 0.01, 0.1  # one point, or a tenth of the reference's error if smaller

Decision = Literal["lower", "higher", "equivalent", "undecided"]


@dataclass(frozen=True, slots=True)
class ArmComparison:
    """What decides about one arm, minus that of its reference, over the seeds that both have.

    Attributes:
        arm: label of the arm.
        reference: label of the reference arm.
        comparison: the statistics of the differences, which are fractions.
        margin: a difference within it counts as none.
        names: what tables call both.
        metric: what decides.
        values: difference of each seed that both have.
    """

    arm: str
    reference: str
    comparison: Comparison
    margin: float = MARGIN
    names: tuple[str, str] = ("", "")
    metric: Metric = field(default=ERROR_METRIC, compare=False)
    values: Mapping[int, float] = field(default_factory=dict, compare=False)

    @property
    def decision(self) -> Decision:
        """Which arm is better: "lower" if this one is, "equivalent" if the margin says so."""
        if self.comparison.interval is None:
            return "undecided"
        low, high = self.comparison.interval
        if low > 0 or high < 0:
            return "higher" if low > 0 else "lower"
        return "equivalent" if -self.margin <= low and high <= self.margin else "undecided"


def margin_for(reference: ArmResults, margin: float | None) -> float:
    """The margin of equivalence: the given one, or one point, or a tenth of a small error.

    Of another metric it is a tenth of the distance from its best value, and at most a hundredth of
    its range; of one without a best value a tenth of its mean.
    """
    values, metric = reference.values(), reference.metric
    low, high = metric.limits
    widest = MARGIN * (high - low)
    if margin is not None or not values:
        return margin if margin is not None else widest if math.isfinite(widest) else 0.0
    best = low if metric.better == "lower" else high
    distance = abs(statistics.fmean(values) - (best if math.isfinite(best) else 0.0))
    return min(widest, RELATIVE_MARGIN * distance)


def obstacle(arm: ArmResults, reference: ArmResults) -> str | None:
    """Why two arms cannot be compared by seed, as a clause; None if they can."""
    one, other = arm.key, reference.key
    if one.task != other.task:
        return f"its task is {one.task}, not {other.task}"
    if arm.data != reference.data:
        return f"its data differ (SHA-256 {arm.data[:8]}..., not {reference.data[:8]}...)"
    if one.measured_on != other.measured_on:
        return f"it is measured on {one.measured_on} samples, not {other.measured_on} samples"
    if one.metric != other.metric:
        return f"it is judged by {one.metric}, not {other.metric}"
    names = {*one.task_options, *other.task_options} - {MEASURED_ON}
    for name in sorted(names.difference(one.local_paths, other.local_paths)):
        values = [key.task_options.get(name) for key in (one, other)]
        if values[0] != values[1]:
            return f"{name.replace('_', '-')} is {values[0]}, not {values[1]}"
    for each in (arm, reference):
        if not each.ok():
            return f"no repeat of '{each.display}' counts"
    if not {r.seed for r in arm.ok()} & {r.seed for r in reference.ok()}:
        return "they have no finished seed in common"
    return None


def remarks(arm: ArmResults, reference: ArmResults) -> list[str]:
    """Differences between two comparable arms in epochs, seeds or code, one sentence each."""
    sentences, names = [], f"{arm.display} and {reference.display}"
    epochs = [each.key.config.epochs for each in (arm, reference)]
    if epochs[0] != epochs[1]:
        sentences.append(f"{names} were trained for {epochs[0]} and {epochs[1]} epochs.")
    if arm.repeats.keys() != reference.repeats.keys():
        shared = len(arm.repeats.keys() & reference.repeats.keys())
        sentences.append(
            f"{names} have {shared} seed{'s' * (shared != 1)} in common, "
            f"of {len(arm.repeats)} and {len(reference.repeats)}."
        )
    changed = [
        f"{owner} {arm.code[owner]} and {reference.code[owner]}"
        for owner in sorted(arm.code.keys() & reference.code.keys())
        if arm.code[owner] != reference.code[owner] and owner != NUMERICS
    ]
    if changed:
        sentences.append(f"{names} were trained by different code: {', '.join(changed)}.")
    one, other = (each.code.get(NUMERICS, "") for each in (arm, reference))
    if one != other and one.partition("-")[0] == other.partition("-")[0]:
        sentences.append(
            f"{names} were computed by different arithmetic ({one} and {other}): another CPU, "
            "instruction set or BLAS changes single repeats by some tenths of a point."
        )
    return sentences
