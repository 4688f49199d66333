"""From results to the records of ``pictures``: every number and text of a picture.

Fractions are in %. Values that are not finite are left out, and a note says how many repeats were
lost.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors, tuning
from cmpnet.analysis.stats import five_numbers, summarise
from cmpnet.decoding import has_control_characters
from cmpnet.plots.pictures import Floats, Grid, Line, Lines, Pair, Pairs, Plane, Row, Rows
from cmpnet.results import ArmResults
from cmpnet.scales import Scale, scale_of, scale_of_arms
from cmpnet.spec import ERROR, ArmKey, Part, RepeatResult, Split, Task


def finite(values: Iterable[float | None], factor: int = 100) -> list[float]:
    """The finite values times a factor, by default in %.

    >>> finite([0.5, None, math.nan, math.inf])
    [50.0]
    """
    return [factor * value for value in values if value is not None and math.isfinite(value)]


def _note(*arms: ArmResults) -> str:
    """The number of repeats that succeeded and of those that did not: "n=2, 1 diverged"."""
    counts = Counter(repeat.status for arm in arms for repeat in arm.repeats.values())
    lost = [f"{counts[status]} {status}" for status in ("diverged", "failed") if counts[status]]
    return ", ".join([f"n={counts['ok']}", *lost])


# -- lines ----------------------------------------------------------------------------------------


def _line(label: str, values: Iterable[tuple[float, list[float]]]) -> Line:
    """Mean and SD of the values at each x; an x without values is left out."""
    summaries = [(x, summarise(column)) for x, column in values if column]
    means = [summary.mean or 0.0 for _, summary in summaries]
    sds = [summary.sd or 0.0 for _, summary in summaries]
    return Line(label, [x for x, _ in summaries], means, sds)


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
            lines.append(_line(f"{label} ({_note(arm)})", values))
    keys, shown = [arm.key for arm in arms], scale.metric.shown
    name = tuning.measured_name(keys, shown)
    both = f"{name.removesuffix(f' {shown}')} and train {shown} per epoch"
    title = both if train else f"{name} per epoch"
    y_label = scale.axis if train else _axis(keys, scale)
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


def _axis(keys: Iterable[ArmKey], scale: Scale) -> str:
    """What decides, at an axis: "test error / %"."""
    name = tuning.measured_name(keys, scale.axis)
    return name[:1].lower() + name[1:]


def _without(key: ArmKey, option: str) -> ArmKey:
    options = {name: value for name, value in key.loss_options.items() if name != option}
    return replace(key, loss_options=options)


def _settings(key: ArmKey) -> dict[str, Any]:
    """Every option value of an arm by name."""
    options = {**key.task_options, **key.architecture_options, **key.loss_options}
    for own in key.config.options().values():
        options.update(own)
    return {**options, **key.config.settings()}


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
        (_without(arm.key, option), float(arm.key.loss_options[option]), arm) for arm in arms
    ]
    families: list[ArmKey] = []
    for key, _, _ in members:
        if key not in families:
            families.append(key)
    settings = [_settings(family) for family in families]
    lines, scale = [], scale_of_arms(arms)
    for family in families:
        own = [(value, arm) for key, value, arm in members if key == family]
        values = [
            (x, [y for value, arm in own if value == x for y in finite(arm.values(), scale.factor)])
            for x in sorted({value for value, _ in own})
        ]
        differing = [
            f"{name}={value}"
            for name, value in _settings(family).items()
            if any(other.get(name) != value for other in settings)
        ]
        label = ", ".join([f"{family.architecture}:{family.loss}", *differing])
        lines.append(_line(f"{label} ({_note(*(arm for _, arm in own))})", values))
    keys = [arm.key for arm in arms]
    title = f"{tuning.measured_name(keys, scale.metric.shown)} against {option}"
    return Lines(title, option, _axis(keys, scale), lines, limits=scale.limits)


# -- rows -----------------------------------------------------------------------------------------


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
        points = finite(arm.values(part), scale.factor)
        summary, reported = summarise(points), None
        if arm.key.metric == ERROR:
            reported = next(iter(finite([(arm.reported or {}).get(f"{part}_error")])), None)
        made.append(
            Row(
                arm.display,
                points,
                _note(arm),
                summary.mean,
                summary.sd,
                five_numbers(points),
                reported,
                scale.limits,
                scale.digits,
            )
        )
    shown, keys = scale.metric.shown, [arm.key for arm in arms]
    name = f"Train {shown}" if train else tuning.measured_name(keys, shown)
    axis = f"train {scale.axis}" if train else _axis(keys, scale)
    return Rows(f"{name} after the last epoch", axis, made, boxes)


# -- grids ----------------------------------------------------------------------------------------


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
    grids, note = [], _note(arm)
    matrix = _summed(arm, "confusion")
    if matrix is not None:
        cells = _percentages(matrix, matrix.sum(1, keepdims=True))
        names = _class_names(arm, len(cells))
        kind = "class" if names else "digit"
        title = f"{arm.display}: predicted {kind}, % of each true {kind} ({note})"
        grids.append(Grid(title, f"true {kind}", f"predicted {kind}", cells, names))
    pairs, wrong = _summed(arm, "pairs"), _summed(arm, "wrong_pairs")
    if pairs is not None and wrong is not None:
        untaught = "" if matrix is not None else ", it is not taught the digits"
        title = f"{arm.display}: error rate of the comparison by pair, % ({note}{untaught})"
        grids.append(Grid(title, "first digit", "second digit", _percentages(wrong, pairs)))
    if not grids:
        raise errors.no_picture("confusion", arm.label, "its repeats have no counts by class")
    return grids


def _class_names(arm: ArmResults, classes: int) -> tuple[str, ...]:
    """The names of the classes, or () where the repeats do not have one per class."""
    names: list[Any] = next((r.details["classes"] for r in arm.ok() if "classes" in r.details), [])
    if len(names) != classes:
        return ()
    return tuple("".join(c for c in str(n) if not has_control_characters(c)) for n in names)


# -- samples --------------------------------------------------------------------------------------


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
        raise errors.no_picture(kind, arm.label, f"it has no successful repeat ({_note(arm)})")
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
        f"{arm.display}: {missed.sum()} of {len(x)} test points misclassified ({_note(arm)})",
        x[missed],
        None if outline is None else np.asarray(outline, float),
        learnt_region(x, truth ^ missed),
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
            mistakes.append((test, index, sure, read))
    mistakes.sort(key=lambda mistake: -(mistake[2] or 0))
    count = f"{len(mistakes)} misclassified pairs, the most confident first"
    title = f"{arm.display}: {count} ({_note(arm)})"
    return Pairs(title, [_pair(*mistake) for mistake in mistakes[:limit]])


def _pair(test: Split, index: int, sure: float | None, read: Sequence[int] | None) -> Pair:
    first, second = test.targets["classes"][index]
    true, predicted = ("≤", ">") if test.targets["target"][index] else (">", "≤")
    low, high = float(test.x.min()), float(test.x.max())
    images = (test.x[index].astype(float) - low) / ((high - low) or 1.0)
    confidence = "" if sure is None else f" ({100 * sure:.0f} %)"
    digits = "" if read is None else f"read as {read[0]} and {read[1]}"
    return Pair(images, (f"{first} {true} {second}, says {predicted}{confidence}", digits))


def pictures_of(arm: ArmResults, kind: str) -> list[Grid] | list[Plane] | list[Pairs]:
    """The pictures of one arm.

    Args:
        arm: the arm.
        kind: "confusion", "map" or "pairs".

    Raises:
        CmpnetError: the arm has no such picture.
    """
    try:
        if kind == "confusion":
            return confusion(arm)
        return [plane(arm)] if kind == "map" else [pairs(arm)]
    except errors.CmpnetError:  # which may be a ValueError
        raise
    except (ValueError, TypeError, LookupError):  # the details are a task's, or a file's
        reason = "the details stored with its repeats are not what the picture needs"
        raise errors.no_picture(kind, arm.label, reason) from None
