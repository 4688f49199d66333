"""The promises of a task: its data, and how it judges the outputs of a network."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmpnet import judging, training
from cmpnet.contract import SEEDS, JudgingPromise, Promises, TaskPromise
from cmpnet.decoding import decode
from cmpnet.options import options_of
from cmpnet.spec import MEASURED_ON, PARTS, VALIDATION, Arm, Data, Line, Measure, Split, Task

NUMERIC = "fiub"  # kinds of numpy dtypes: float, int, unsigned, bool


def promises(task: Task, options: Mapping[str, Any]) -> Promises:
    """Data from the seed alone, train and test disjoint."""
    name = f"'{task.name}'"
    yield TaskPromise.LOADS
    first = task.load(SEEDS[0], **options)
    assert isinstance(first, Data), f"load() of {name} returns a {_kind(first)}, not a cmpnet.Data"
    for part in PARTS:
        _check_split(name, part, getattr(first, part))

    yield TaskPromise.SAME_SEED
    again = task.load(SEEDS[0], **options)
    for part in PARTS:
        one, two = getattr(first, part), getattr(again, part)
        same = np.array_equal(one.x, two.x) and all(
            np.array_equal(values, two.targets.get(key)) for key, values in one.targets.items()
        )
        assert same, f"{name} gives different data for the same seed"

    yield TaskPromise.OTHER_SEED
    other = task.load(SEEDS[1], **options)
    for part in PARTS:
        assert not np.array_equal(getattr(first, part).x, getattr(other, part).x), (
            f"{name} ignores the seed"
        )
    yield TaskPromise.DISJOINT
    train_rows = {row.tobytes() for row in first.train.x}
    assert not any(row.tobytes() in train_rows for row in first.test.x), (
        f"{name} has samples that are in both the train and the test part"
    )
    if MEASURED_ON in options_of(task.load):
        yield TaskPromise.VALIDATION
        chosen = task.load(SEEDS[0], **{**options, MEASURED_ON: VALIDATION})
        assert np.array_equal(first.train.x, chosen.train.x), (
            f"{name} has other training samples with on=validation"
        )
        assert not any(row.tobytes() in train_rows for row in chosen.test.x), (
            f"{name} has samples that are in both the train and the validation part"
        )
    if task.sampled is not None:
        yield TaskPromise.POOL
        _check_items(name, task.sampled, len(first.test.x), options)

    yield TaskPromise.FINGERPRINT
    prints = [task.fingerprint(**options) for _ in range(2)]
    try:
        decode(Line, prints[0], f"the fingerprint of {name}")
    except ValueError as error:
        raise AssertionError(str(error)) from None
    assert prints[0] == prints[1], f"the fingerprint of {name} changes from call to call"

    if task.outline is not None:
        yield TaskPromise.OUTLINE
        line = np.asarray(task.outline(**options), dtype=float)
        assert line.ndim == 2 and line.shape[1] == 2 and np.isfinite(line).all(), (  # noqa: PT018
            f"outline() of {name} returns {line.shape}, not a line of finite points [x, y]"
        )
    if task.measures:
        yield TaskPromise.MEASURES
    for key, measure in task.measures.items():
        assert isinstance(measure, Measure), (
            f"the measure '{key}' of {name} is a {_kind(measure)}, not a cmpnet.Measure"
        )


def judging_promises(task: Task, arm: Arm) -> Promises:
    """It judges outputs of a network that learns it, whatever they are.

    Args:
        task: the task.
        arm: an arm with a network that learns it.
    """
    learner, (data,) = training.make_learner(arm, SEEDS[:1])
    shown = {name: values[0] for name, values in learner.predict("test").items()}
    random = np.random.default_rng(0)
    output = {n: random.standard_normal(v.shape).astype(v.dtype) for n, v in shown.items()}
    targets = data.test.targets

    wrong: NDArray[np.bool_] = np.zeros(len(data.test.x), bool)
    if task.wrong is not None:
        yield JudgingPromise.WRONG
        wrong = _check_verdicts(task, output, targets, len(data.test.x))

        yield JudgingPromise.WRONG_OF_NONE
        nothing = {name: values[:0] for name, values in targets.items()}
        empty = {name: values[:0] for name, values in output.items()}
        _check_verdicts(task, empty, nothing, 0)

        yield JudgingPromise.WRONG_OF_NAN
        unknown = {name: np.full_like(values, np.nan) for name, values in output.items()}
        _check_verdicts(task, unknown, targets, len(data.test.x))

    yield JudgingPromise.METRICS
    judging.judge(arm, output, data.test)

    if task.details is not None:
        yield JudgingPromise.DETAILS
        output = {n: values for n, values in output.items() if n in arm.loss.needs}
        for mistakes in (wrong, np.zeros_like(wrong), np.ones_like(wrong)):
            _check_details(task, task.details(output, targets, np.flatnonzero(mistakes)))


def _kind(value: object) -> str:
    return type(value).__name__


def _check_split(name: str, part: str, split: object) -> None:
    where = f"the {part} part of {name}"
    assert isinstance(split, Split), f"{where} is a {_kind(split)}, not a cmpnet.Split"
    assert isinstance(split.x, np.ndarray), f"x of {where} is a {_kind(split.x)}, not a numpy array"
    assert isinstance(split.targets, Mapping), (
        f"the targets of {where} are a {_kind(split.targets)}, not a mapping from names to arrays"
    )
    assert split.x.ndim, f"x of {where} is a single number, not an array (N, ...)"
    assert len(split.x), f"{where} is empty"
    for key, values in {"x": split.x, **split.targets}.items():
        assert isinstance(values, np.ndarray), (
            f"'{key}' of {where} is a {_kind(values)}, not a numpy array"
        )
        assert values.dtype.kind in NUMERIC, f"'{key}' of {where} has the dtype {values.dtype}"
        assert np.isfinite(values).all(), f"'{key}' of {where} has a NaN or an infinite number"
        assert values.shape[:1] == (len(split.x),), f"'{key}' of {where} has another length than x"


def _check_items(
    name: str, sampled: Callable[..., Any], samples: int, options: Mapping[str, Any]
) -> None:
    items, again = (np.asarray(sampled(SEEDS[0], **options)) for _ in range(2))
    assert (items.ndim, len(items)) == (2, samples), (
        f"'sampled' of {name} has the shape {items.shape} for {samples} test samples, not (N, U)"
    )
    assert np.issubdtype(items.dtype, np.integer), f"'sampled' of {name} returns no integers"
    assert items.min() >= 0, f"'sampled' of {name} returns a negative index"
    assert np.array_equal(items, again), f"'sampled' of {name} differs between two calls"


def _check_verdicts(
    task: Task, output: Mapping[str, Any], targets: Mapping[str, Any], samples: int
) -> NDArray[np.bool_]:
    assert task.wrong is not None
    wrong = np.asarray(task.wrong(output, targets))
    assert wrong.dtype == bool and wrong.shape == (samples,), (  # noqa: PT018
        f"wrong() of '{task.name}' returns {wrong.dtype} {wrong.shape} for {samples} samples, not "
        f"bool ({samples},)"
    )
    return wrong


def _check_details(task: Task, details: object) -> None:
    assert isinstance(details, Mapping), (
        f"details() of '{task.name}' returns a {_kind(details)}, not a mapping from names to lists"
    )
    for key, values in details.items():
        listed = np.asarray(values).tolist()
        where = f"'{key}' of details() of '{task.name}'"
        assert isinstance(listed, list), f"{where} is a {_kind(values)}, not a list"
        try:
            json.dumps(listed, allow_nan=False)
        except (TypeError, ValueError):
            bad = next(one for one in _leaves(listed) if not _storable(one))
            raise AssertionError(f"{where} contains {bad!r}, which cannot be stored") from None


def _leaves(values: object) -> Iterator[object]:
    if isinstance(values, list):
        for value in values:
            yield from _leaves(value)
    else:
        yield values


def _storable(value: object) -> bool:
    is_simple = value is None or isinstance(value, str | bool | int | float)
    return is_simple and not (isinstance(value, float) and not math.isfinite(value))
