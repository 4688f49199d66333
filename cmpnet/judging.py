"""What outputs are worth: which samples are wrong, the values of metrics, details for plots."""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.registry import blame
from cmpnet.spec import ERROR, Arm, Data, Metric, Output, Split, Task

ROUNDING = 1e-6  # that a value may be beyond its limits
ROWS = 2  # samples that a metric is tried on


def wrong(task: Task, output: Output, split: Split) -> NDArray[np.bool_] | None:
    """Which samples are misclassified, (N,); None for a task that counts none.

    Raises:
        CmpnetError: the task returns something else.
    """
    if task.wrong is None:
        return None
    verdicts = np.asarray(task.wrong(output, split.targets))
    if verdicts.shape != (len(split.x),) or verdicts.dtype != bool:
        returned = f"{verdicts.dtype} {verdicts.shape}"
        raise errors.bad_verdicts(task.name, returned, len(split.x))
    return verdicts


def seen(
    task: Task, output: Output, split: Split, verdicts: NDArray[np.bool_] | None
) -> dict[str, Any]:
    """Everything that metrics may ask for, by name."""
    view = dict(task.view(output, split.targets)) if task.view else {}
    view |= {"output": output, "targets": split.targets}
    return view if verdicts is None else view | {"wrong": verdicts}


def value(metric: Metric, view: Mapping[str, Any], owner: str = "") -> float | None:
    """The value of a metric; None where it has no meaning for the samples.

    Raises:
        CmpnetError: it asks for what the task does not give, raises an exception, or returns
            something other than a number within its limits.
    """
    asked = [*inspect.signature(metric.fn).parameters]
    for name in asked:
        if name not in view:
            raise errors.unseen(metric.name, name, view)
    with blame(metric.name, owner):
        result = metric.fn(**{name: view[name] for name in asked})
    if np.shape(result) != () or not np.issubdtype(np.asarray(result).dtype, np.number):
        raise errors.bad_metric_value(metric.name, result)
    number, (low, high) = float(result), metric.limits
    if not math.isfinite(number):
        return None
    if not low - ROUNDING <= number <= high + ROUNDING:
        raise errors.beyond_limits(metric.name, number, low, high)
    return min(max(number, low), high)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the outputs for a part are worth.

    Attributes:
        wrong: which samples are misclassified (N,); None for a task that counts none.
        values: values of metrics by name, except the error; None where one has no meaning.
        first: the value of the task's first metric; None if that is the error.
    """

    wrong: NDArray[np.bool_] | None
    values: Mapping[str, float | None]
    first: float | None

    @property
    def count(self) -> int | None:
        """Number of misclassified samples."""
        return None if self.wrong is None else int(np.count_nonzero(self.wrong))

    @property
    def error(self) -> float | None:
        """Share of misclassified samples."""
        return None if self.wrong is None else float(self.wrong.mean())

    @property
    def mistakes(self) -> NDArray[np.intp]:
        """Indices of the misclassified samples."""
        return np.flatnonzero([] if self.wrong is None else self.wrong)


def judge(arm: Arm, output: Output, split: Split, *, last: bool = True) -> Judgement:
    """Judge the output (N, ...) by name for a part.

    Args:
        arm: the arm.
        output: what its network returns.
        split: the part.
        last: measure all metrics; otherwise only the task's first one, for curves.

    Raises:
        CmpnetError: the task or a metric does not keep its contract.
    """
    verdicts, first = wrong(arm.task, output, split), arm.task.metrics[0]
    names = [name for name in arm.metrics if name != ERROR and (last or name == first)]
    if not names:
        return Judgement(verdicts, {}, None)
    view = seen(arm.task, output, split, verdicts)
    owners = [arm.owners.get(f"metric {name}", "") for name in names]
    found = {n: value(arm.metrics[n], view, o) for n, o in zip(names, owners, strict=True)}
    return Judgement(verdicts, found, found.get(first))


def check_metrics(arm: Arm, data: Data) -> None:
    """Try an arm's metrics on two test samples with outputs of zeros.

    Raises:
        CmpnetError: a metric asks for what the task does not give, or does not work.
    """
    targets = {name: values[:ROWS] for name, values in data.test.targets.items()}
    split = Split(data.test.x[:ROWS], targets)
    shapes = arm.outputs(data.info).items()
    output = {name: np.zeros((len(split.x), *shape), np.float32) for name, shape in shapes}
    with np.errstate(all="ignore"):
        judge(arm, output, split)


def details(arm: Arm, output: Output, data: Data, mistakes: NDArray[np.intp]) -> dict[str, Any]:
    """What the task keeps for plots, of the outputs that the loss trains; names of the classes."""
    if arm.task.details is None:
        return {}
    trained = {name: values for name, values in output.items() if name in arm.loss.needs}
    found = arm.task.details(trained, data.test.targets, mistakes)
    lists = {name: np.asarray(values).tolist() for name, values in found.items()}
    return lists | ({"classes": list(data.classes)} if data.classes and lists else {})
