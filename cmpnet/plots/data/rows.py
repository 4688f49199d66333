"""Rows: the values of each arm's repeats, and the differences of arms."""

from __future__ import annotations

from collections.abc import Sequence

from cmpnet import tuning
from cmpnet.analysis.comparisons import ArmComparison
from cmpnet.analysis.stats import five_numbers, summarise
from cmpnet.plots.data.values import axis_of, by_seed, finite, note_of
from cmpnet.plots.pictures import DifferenceRow, Differences, Row, Rows
from cmpnet.results import ArmResults
from cmpnet.scales import Scale, scale_of_arms
from cmpnet.spec import ERROR, Part


def rows(arms: Sequence[ArmResults], *, train: bool = False, boxes: bool = False) -> Rows:
    """What decides, of every repeat, one row per arm; with the error that a report gives.

    Args:
        arms: the arms.
        train: on the training part instead of the test part.
        boxes: draw box plots instead of bars.
    """
    part: Part = "train" if train else "test"
    made, scale = [], scale_of_arms(arms)
    for arm in arms:
        values = by_seed(arm, scale.factor, part)
        points = [*values.values()]
        summary, reported = summarise(points), None
        if arm.key.metric == ERROR:
            reported = next(iter(finite([(arm.reported or {}).get(f"{part}_error")])), None)
        made.append(
            Row(
                arm.display,
                points,
                note_of(arm),
                summary.mean,
                summary.sd,
                five_numbers(points),
                reported,
                scale.limits,
                scale.digits,
                [*values],
            )
        )
    shown, keys = scale.metric.shown, [arm.key for arm in arms]
    name = f"Train {shown}" if train else tuning.measured_name(keys, shown)
    axis = f"train {scale.axis}" if train else axis_of(keys, scale)
    return Rows(f"{name} after the last epoch", axis, made, boxes)


def differences(
    comparisons: Sequence[ArmComparison], arms: Sequence[ArmResults], *, margins: bool = False
) -> Differences:
    """What decides, of each arm minus its reference, paired by seed.

    Args:
        comparisons: at least one, as :meth:`cmpnet.Results.compare` returns them.
        arms: the arms that are compared.
        margins: show the margins of equivalence.
    """
    scale, keys = scale_of_arms(arms), [arm.key for arm in arms]
    references = list(dict.fromkeys(row.names[1] for row in comparisons))
    made = []
    for row in comparisons:
        result, factor = row.comparison, scale.factor
        ends = result.interval
        made.append(
            DifferenceRow(
                row.names[0] if len(references) == 1 else " - ".join(row.names),
                finite(row.values.values(), factor),
                factor * (result.difference or 0.0),
                None if ends is None else (factor * ends[0], factor * ends[1]),
                row.decision,
                f"n={result.n}",
                factor * row.margin if margins else None,
                scale.digits,
                [*row.values],
            )
        )
    name = tuning.measured_name(keys, scale.metric.shown)
    other = f"that of {references[0]}" if len(references) == 1 else "that of the reference"
    return Differences(f"{name} minus {other}, paired by seed", _difference_axis(scale), made)


def _difference_axis(scale: Scale) -> str:
    """The unit of the differences, and on which side an arm is better: "points, better if < 0"."""
    sign = "<" if scale.metric.better == "lower" else ">"
    return f"{scale.axis_of_differences}, better if {sign} 0"
