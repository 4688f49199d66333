"""Lines: what decides per epoch, or against an option."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from cmpnet import errors, tuning
from cmpnet.analysis.stats import summarise
from cmpnet.plots.data.values import axis_of, finite, lost_repeats, note_of
from cmpnet.plots.pictures import Line, Lines
from cmpnet.protocol import DIGITS
from cmpnet.results import ArmResults
from cmpnet.scales import Scale, scale_of, scale_of_arms
from cmpnet.spec import ERROR, ArmKey

MANY = 8  # values of an option, whose numbers of repeats a legend no longer lists


def _line(label: str, values: Iterable[tuple[float, list[float]]]) -> Line:
    """Mean and SD of the values at each x; an x without values is left out."""
    summaries = [(x, summarise(column)) for x, column in values if column]
    means = [summary.mean or 0.0 for _, summary in summaries]
    sds = [summary.sd or 0.0 for _, summary in summaries]
    return Line(label, [x for x, _ in summaries], means, sds, [one.n for _, one in summaries])


def error_curves(arms: Sequence[ArmResults], *, train: bool = False) -> Lines:
    """What decides per epoch: the error, or the first metric of a task.

    An arm without a successful repeat is drawn up to the epoch where it diverged.

    Args:
        arms: the arms.
        train: add the training error.
    """
    lines, scale = [], _scale_of_curves(arms)
    kind = "error" if scale.metric.name == ERROR else "metric"
    for arm in arms:
        repeats = arm.ok() or arm.repeats.values()
        for part in ("test", "train") if train else ("test",):
            curves = [getattr(repeat.curves, f"{part}_{kind}") for repeat in repeats]
            epochs = range(max(map(len, curves), default=0))
            values = (
                (e + 1.0, finite((c[e] for c in curves if e < len(c)), scale.factor))
                for e in epochs
            )
            samples = arm.key.measured_on if part == "test" else part
            label = f"{arm.display}, {samples}" if train else arm.display
            lines.append(_line(f"{label} ({note_of(arm)})", values))
    keys, shown = [arm.key for arm in arms], scale.metric.shown
    name = tuning.measured_name(keys, shown)
    both = f"{name.removesuffix(f' {shown}')} and train {shown} per epoch"
    title = both if train else f"{name} per epoch"
    y_label = scale.axis if train else axis_of(keys, scale)
    return Lines(title, "epoch", y_label, lines, 2 if train else 1, scale.limits)


def _scale_of_curves(arms: Sequence[ArmResults]) -> Scale:
    """The scale of what the arms have curves of.

    Raises:
        CmpnetError: the metric that decides has none.
    """
    metric = arms[0].metric
    if metric.name == ERROR or any(arm.task and arm.task.metrics[0] == metric.name for arm in arms):
        return scale_of(metric, arms[0].values())
    raise errors.no_picture("errors", arms[0].label, f"{metric.shown} has no value per epoch")


def _without(key: ArmKey, option: str) -> ArmKey:
    options = {name: value for name, value in key.loss_options.items() if name != option}
    return replace(key, loss_options=options)


def _per_point(counts: Sequence[int]) -> str:
    """The number of repeats at each point of a line: "n=10 per point", "n=5, 10, 10"."""
    if len(counts) > 1 and min(counts) == max(counts):
        return f"n={counts[0]} per point"
    if len(counts) > MANY:
        return f"n={min(counts)} to {max(counts)} per point"
    return f"n={', '.join(map(str, counts)) or 0}"


def _settings(key: ArmKey, data: str) -> dict[str, Any]:
    """Every option value of an arm by name, and the fingerprint of its data."""
    options = {**key.task_options, **key.architecture_options, **key.loss_options}
    for own in key.config.options().values():
        options.update(own)
    return {**options, **key.config.settings(), "data": data[:DIGITS]}


def arms_with_option(arms: Sequence[ArmResults], option: str) -> list[ArmResults]:
    """The arms whose loss has a number of this name.

    Raises:
        CmpnetError: no arm has the option.
    """
    having = [arm for arm in arms if isinstance(arm.key.loss_options.get(option), int | float)]
    if not having:
        raise errors.no_option_values(option, [arm.label for arm in arms])
    return having


def option_lines(arms: Sequence[ArmResults], option: str) -> Lines:
    """Final error against an option of the loss, one line for arms that differ in it only.

    Args:
        arms: the arms, as :func:`arms_with_option` returns them.
        option: name of the option.
    """
    members = [
        ((_without(arm.key, option), arm.data), float(arm.key.loss_options[option]), arm)
        for arm in arms
    ]
    families: list[tuple[ArmKey, str]] = []
    for family, _, _ in members:
        if family not in families:
            families.append(family)
    settings = [_settings(*family) for family in families]
    lines, scale = [], scale_of_arms(arms)
    for family in families:
        own = [(value, arm) for other, value, arm in members if other == family]
        values = [
            (x, [y for value, arm in own if value == x for y in finite(arm.values(), scale.factor)])
            for x in sorted({value for value, _ in own})
        ]
        differing = [
            f"{name}={value}"
            for name, value in _settings(*family).items()
            if any(other.get(name) != value for other in settings)
        ]
        label = ", ".join([f"{family[0].architecture}:{family[0].loss}", *differing])
        lost = lost_repeats(*(arm for _, arm in own))
        line = _line(label, values)
        note = ", ".join([_per_point(line.counts), *lost])
        lines.append(replace(line, label=f"{label} ({note})"))
    keys = [arm.key for arm in arms]
    title = f"{tuning.measured_name(keys, scale.metric.shown)} against {option}"
    return Lines(title, option, axis_of(keys, scale), lines, limits=scale.limits, marked=True)
