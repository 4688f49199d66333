"""The promises of a metric: one number for the outputs of a task."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from cmpnet import judging, training
from cmpnet.contract import SEEDS, UNCHECKED, MetricPromise, Promises
from cmpnet.spec import Arm, Metric

SAMPLES, CLASSES = 60, 3


def promises(metric: Metric, arm: Arm | None) -> Promises:
    """One number, the same for the same outputs, within the limits.

    Args:
        metric: the metric.
        arm: an arm whose task gives what it asks for, if that is something of its own.
    """
    name = f"'{metric.name}'"
    views = [view for view in _views() if {*inspect.signature(metric.fn).parameters} <= view.keys()]
    if not views and arm is not None:
        views = [_view_of(arm)]
    if not views:
        yield MetricPromise.MEASURES
        known = {"output", "targets"}.union(*_views())
        unknown = next((n for n in inspect.signature(metric.fn).parameters if n not in known), "")
        assert not unknown, (
            f"{name} asks for '{unknown}', which no task here gives; it may ask for "
            f"{', '.join(sorted(known))}, or for what the view() of a task in the same "
            "distribution or file returns"
        )
        yield f"{MetricPromise.MEASURES}{UNCHECKED}no network here has what it asks for)"
        return
    yield MetricPromise.MEASURES
    (low, high), numbers = metric.limits, [judging.value(metric, view) for view in views]
    for number in numbers:
        assert number is None or low <= number <= high, (
            f"{name} is {number}, which is outside of its limits from {low} to {high}"
        )
    yield MetricPromise.SAME_VALUE
    again = [judging.value(metric, view) for view in views]
    assert again == numbers, f"{name} gives {again} for the outputs of which it gave {numbers}"


def _views() -> Iterator[Mapping[str, Any]]:
    """What the tasks of cmpnet give: of classes and of numbers."""
    random = np.random.default_rng(0)
    probabilities = random.dirichlet(np.ones(CLASSES), SAMPLES)
    truth = random.integers(CLASSES, size=SAMPLES)
    yield {
        "probabilities": probabilities,
        "log_probabilities": np.log(probabilities),
        "truth": truth,
        "wrong": probabilities.argmax(1) != truth,
    }
    numbers = random.standard_normal((2, SAMPLES))
    yield {"prediction": numbers[0], "truth": numbers[1]}


def _view_of(arm: Arm) -> dict[str, Any]:
    """What the task of an arm gives of an untrained network's outputs."""
    learner, (data,) = training.make_learner(arm, SEEDS[:1])
    output = {name: values[0] for name, values in learner.predict("test").items()}
    verdicts = judging.wrong(arm.task, output, data.test)
    return judging.seen(arm.task, output, data.test, verdicts)
