"""Numbers of a finished repeat that can be compared, and their differences between arms."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from cmpnet.analysis.decide import Difference, Direction, Interval
from cmpnet.analysis.pool import items_by_seed, mistakes_by_seed, shared_variance
from cmpnet.registry import blame
from cmpnet.results import ERROR_METRIC, ArmResults, value_of
from cmpnet.spec import ERROR, Curves, Measure, Metric, Part, RepeatResult, Task


def _gap(repeat: RepeatResult, *_: object) -> float | None:
    if repeat.test_error is None or repeat.train_error is None:
        return None
    return repeat.test_error - repeat.train_error


def _gap_per_epoch(curves: Curves) -> list[float]:
    pairs = zip(curves.test_error, curves.train_error, strict=False)
    return [test - train for test, train in pairs]


TIME = "seconds"
MEASURES: Mapping[str, Measure] = {
    "test_error": Measure(
        summary="error on the test part after the last epoch",
        of=lambda repeat, *_: repeat.test_error,
        unit="points",
        per_epoch=lambda curves: curves.test_error,
        counted_on="test",
    ),
    "train_error": Measure(
        summary="error on the training part after the last epoch",
        of=lambda repeat, *_: repeat.train_error,
        unit="points",
        per_epoch=lambda curves: curves.train_error,
        counted_on="train",
    ),
    "gap": Measure(
        summary="test error minus training error",
        of=_gap,
        unit="points",
        per_epoch=_gap_per_epoch,
        counted_on="test",
    ),
    TIME: Measure(
        summary="CPU time of a repeat, which 'bench --time' measures",
        of=lambda repeat, *_: None,
        unit="s",
    ),
}
"""Measures of every task, by name."""


def measures_of(
    task: Task | None, metrics: Mapping[str, Metric] | None = None
) -> Mapping[str, Measure]:
    """The measures that claims may use: the task's own, those of every task, and metrics.

    A metric's name means its value on the test part, ``train_`` before it that on the training
    part.
    """
    known = {**(task.measures if task else {}), **MEASURES}
    own = {name: _of(metric, part) for name, metric, part in _parts_of(metrics or {})}
    return {**known, **{name: one for name, one in own.items() if name not in known}}


def _parts_of(metrics: Mapping[str, Metric]) -> Iterator[tuple[str, Metric, Part]]:
    for name, metric in metrics.items():
        if name != ERROR:
            yield name, metric, "test"
            yield f"train_{name}", metric, "train"


def _of(metric: Metric, part: Part) -> Measure:
    """The measure of a metric on a part."""
    return Measure(
        summary=f"{metric.shown} on the {part} part after the last epoch",
        of=lambda repeat, *_: value_of(repeat, metric.name, part),
        unit="points" if metric.unit == "%" else metric.unit,
    )


@dataclass(frozen=True, slots=True)
class Quantity:
    """What is compared.

    Attributes:
        measure: name of the measure.
        first_epochs: compare the mean over this many first epochs, instead of the value of the
            finished repeat.
    """

    measure: str = "test_error"
    first_epochs: int | None = None

    def values(self, arm: ArmResults) -> dict[int, float]:
        """The measure of each repeat that has one, by seed; of times, by round.

        Raises:
            CmpnetError: the measure raised an exception.
        """
        if self.measure == TIME:
            return dict(enumerate(arm.times))
        with blame(f"{self.measure} of {arm.label}", owner=""):
            values = {repeat.seed: self._value(arm, repeat) for repeat in arm.ok()}
            return {s: float(v) for s, v in values.items() if v is not None and math.isfinite(v)}

    def of(self, arm: ArmResults) -> Measure:
        """The measure's record."""
        metrics = {arm.key.metric: arm.metric, **arm.metrics}
        return measures_of(arm.task, metrics)[self.measure]

    def limits(self, arm: ArmResults) -> Interval:
        """The smallest and the largest possible value; of a measure that is no metric, infinity."""
        if self.first_epochs is not None:
            return -math.inf, math.inf
        metrics = {arm.key.metric: arm.metric, **arm.metrics, ERROR: ERROR_METRIC}
        names = {"test_error": ERROR, "train_error": ERROR}
        name = names.get(self.measure, self.measure.removeprefix("train_"))
        return metrics[name].limits if name in metrics else (-math.inf, math.inf)

    def _value(self, arm: ArmResults, repeat: RepeatResult) -> float | None:
        measure, options = self.of(arm), arm.key.task_options
        if self.first_epochs is None:
            data = None
            if measure.needs_data and arm.task is not None:
                data = arm.task.load(repeat.seed, **options)
            return measure.of(repeat, data, options)
        assert measure.per_epoch is not None  # a suite whose claim needs it is refused
        curve = measure.per_epoch(repeat.curves)[: self.first_epochs]
        return statistics.fmean(curve) if len(curve) else None

    def reported(self, arm: ArmResults) -> float | None:
        """The report's own figure."""
        if self.first_epochs is not None:
            return None
        figures = dict(arm.reported or {})
        if figures.keys() >= {"test_error", "train_error"}:
            figures["gap"] = figures["test_error"] - figures["train_error"]
        return figures.get(self.measure)


def deciding(arm: ArmResults) -> Quantity:
    """What decides between an arm and another one: the metric of their table on the test part."""
    return Quantity() if arm.key.metric == ERROR else Quantity(arm.key.metric)


@dataclass(frozen=True, slots=True)
class Contrast:
    """A sum of an arm's measure times a whole number, over some arms, minus a constant.

    The difference of two arms has the weights 1 and -1. By how much more a measure falls from a to
    b than from b to c has 1, -2 and 1.

    Attributes:
        quantity: what is compared.
        terms: weights and arms.
        constant: the number that is subtracted.
    """

    quantity: Quantity
    terms: tuple[tuple[int, ArmResults], ...]
    constant: float = 0.0


def sums_by_seed(contrast: Contrast) -> dict[int, float]:
    """The sum of a contrast, without its constant, for each seed that all its arms have.

    Raises:
        CmpnetError: the measure raised an exception.
    """
    values = [(weight, contrast.quantity.values(each)) for weight, each in contrast.terms]
    seeds = sorted(set.intersection(*(set(own) for _, own in values)))
    # Rounded: as floats, 0.3 - 0.2 and 0.2 - 0.1 differ.
    return {seed: round(sum(weight * own[seed] for weight, own in values), 12) for seed in seeds}


def difference(contrast: Contrast, claimed: Direction | None = None) -> Difference:
    """The values of a contrast, paired by seed.

    Raises:
        CmpnetError: the measure raised an exception.
    """
    quantity, arm = contrast.quantity, contrast.terms[0][1]
    by_seed = sums_by_seed(contrast)
    seeds, sums = [*by_seed], [*by_seed.values()]
    made: dict[str, Any] = {
        "values": tuple(round(value - contrast.constant, 12) for value in sums),
        "claimed": claimed,
    }
    part = quantity.of(arm).counted_on
    if part is None or quantity.first_epochs is not None:
        return Difference(**made, limits=_limits(contrast))
    samples = [getattr(arm.repeats[seed], f"{part}_samples") for seed in seeds]
    made["limits"] = _limits(contrast)
    if all(samples):
        made["sampling"] = tuple(map(_sampling_variance, sums, samples))
    if part == "test":
        made["shared"] = _shared(contrast.terms, seeds)
    return Difference(**made)


def _limits(contrast: Contrast) -> Interval:
    """The smallest and the largest possible value of a contrast."""
    low, high = contrast.quantity.limits(contrast.terms[0][1])
    weights = [weight for weight, _ in contrast.terms]
    if not math.isfinite(low) and not math.isfinite(high):
        return low, high
    ends = [sum(w * (low if w * sign > 0 else high) for w in weights) for sign in (1, -1)]
    return ends[0] - contrast.constant, ends[1] - contrast.constant


def _sampling_variance(value: float, samples: int) -> float:
    """A lower bound of the variance of a share, or of a sum of shares with whole weights.

    If b samples are errors of the first arm only and c of the second only, the difference
    (b - c) / N has the variance (b + c - (b - c)^2 / N) / N^2 (McNemar 1947), and b + c is at least
    |b - c|: likewise, each sample counts as a whole number, whose square is at least its size. It
    counts as at least 1: equal numbers of errors do not prove that nothing varies.
    """
    share = max(abs(value), 1 / samples)
    return share * max(0.0, 1 - share) / samples


def _shared(
    terms: Sequence[tuple[int, ArmResults]], seeds: Sequence[int]
) -> Callable[[int], float]:
    """The variance that the first n repeats share because their test samples have one pool."""

    @cache  # each look asks for other repeats of the same samples
    def samples() -> tuple[dict[int, Any], dict[int, Any]]:
        mistakes = [(weight, mistakes_by_seed(arm)) for weight, arm in terms]
        shared = set.intersection(*(set(own) for _, own in mistakes))
        sums = {seed: sum(weight * own[seed] for weight, own in mistakes) for seed in shared}
        return sums, items_by_seed(terms[0][1]) or {}

    def variance(repeats: int) -> float:
        values, items = samples()
        first = seeds[:repeats]
        if not values.keys() & items.keys() >= set(first):
            return 0.0
        return shared_variance([values[seed] for seed in first], [items[seed] for seed in first])

    return variance
