"""The training loop: once, for every backend. It takes objects, not names.

Each repeat has fresh data and fresh weights from its seed; errors are those of the last epoch, in
evaluation mode; nothing is chosen on the test set.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pkgutil import resolve_name
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.arms import Parts
from cmpnet.spec import Arm, Curves, Data, Learner, RepeatResult, Split

ORDER = 2  # stream of a repeat's seed that the order of the samples comes from
WARM_UP = 0.3  # share of the steps in which one-cycle rises

EpochDone = Callable[[int, Curves], None]  # number of finished epochs, curves of the first repeat
Part = Literal["train", "test"]
PARTS: tuple[Part, ...] = ("train", "test")


def learning_rate(schedule: str, progress: float) -> float:
    """The factor on the learning rate when a share ``progress`` of the steps is done.

    One-cycle (Smith and Topin 2018, arXiv:1708.07120) rises linearly over 30 % of the steps and
    falls as a cosine, with no floor; cosine (Loshchilov and Hutter 2017, eq. 5) only falls.

    >>> [learning_rate("onecycle", p) for p in (0.0, 0.3)], learning_rate("cosine", 0.5)
    ([0.04, 1.0], 0.5)
    """
    if schedule == "onecycle" and progress < WARM_UP:
        return 0.04 + 0.96 * progress / WARM_UP
    if schedule == "constant":
        return 1.0
    start = WARM_UP if schedule == "onecycle" else 0.0
    return (1 + math.cos(math.pi * (progress - start) / (1 - start))) / 2


def make_learner(parts: Parts, arm: Arm, seeds: Sequence[int]) -> tuple[Learner, list[Data]]:
    """Fresh nets and the fresh data they learn from, one of each a seed.

    Raises:
        CmpnetError: the data or the device cannot be used.
    """
    datasets = [parts.task.load(seed, **arm.task_options) for seed in seeds]
    learner_class = resolve_name(parts.architecture.learner)
    learner: Learner = learner_class(parts.architecture, parts.loss, arm, datasets, seeds)
    return learner, datasets


def run(
    parts: Parts,
    arm: Arm,
    seeds: Sequence[int],
    *,
    on_epoch: EpochDone = lambda done, curves: None,
) -> tuple[list[RepeatResult], Learner]:
    """Train one arm once for each seed: the results, and the learner that holds the nets.

    Raises:
        CmpnetError: the data or the device cannot be used.
    """
    learner, datasets = make_learner(parts, arm, seeds)
    orders = [np.random.default_rng([seed, ORDER]) for seed in seeds]
    samples = len(datasets[0].train.x)
    starts = range(0, samples, arm.config.batch_size)
    steps = arm.config.epochs * len(starts)
    curves = [Curves() for _ in seeds]
    alive = np.ones(len(seeds), dtype=bool)
    output: Mapping[str, NDArray[Any]] = {}
    wrong: dict[Part, list[NDArray[np.bool_]]] = {}
    started, done = time.perf_counter(), 0
    for epoch in range(arm.config.epochs):
        rows = np.stack([order.permutation(samples) for order in orders])
        total = np.zeros(len(seeds))
        for start in starts:
            batch = rows[:, start : start + arm.config.batch_size]
            progress = done / steps
            lr = arm.config.lr * learning_rate(arm.config.schedule, progress)
            losses = learner.step(batch, lr=lr, progress=progress)
            total += np.asarray(losses, dtype=float) * batch.shape[1]
            done += 1
        alive &= np.isfinite(total)
        if not alive.any():
            break
        for part in PARTS:  # the test part last: its output is what the details are made of
            output = learner.predict(part)
            check_output(parts, output, len(seeds), len(getattr(datasets[0], part).x))
            alive &= _finite(output)
            wrong[part] = _wrong(output, part, parts, datasets)
        for r in np.flatnonzero(alive):
            curves[r].train_loss.append(float(total[r]) / samples)
            curves[r].train_error.append(float(wrong["train"][r].mean()))
            curves[r].test_error.append(float(wrong["test"][r].mean()))
        on_epoch(epoch + 1, curves[0])
    seconds = (time.perf_counter() - started) / len(seeds)
    common: dict[str, Any] = {
        "seconds": seconds,
        "parameters": learner.parameters,
        "train_samples": samples,
        "test_samples": len(datasets[0].test.x),
    }
    return [
        replace(
            _result(seed, curves[r], wrong, r, common),
            details=_details(parts, _of(output, r), datasets[r], wrong["test"][r]),
        )
        if alive[r]
        else _diverged(seed, curves[r], common)
        for r, seed in enumerate(seeds)
    ], learner


def check_output(parts: Parts, output: Mapping[str, Any], repeats: int, samples: int) -> None:
    """An output has the entries and the shapes that the architecture's record promises.

    Raises:
        CmpnetError: an entry is missing or of another shape.
    """
    for name, shape in parts.architecture.gives.items():
        promised = shape.replace("B", f"{repeats}, {samples}", 1).replace(",)", ")")
        found = str(output[name].shape) if name in output else "not there"
        if found != promised:
            raise errors.bad_output(name, parts.architecture.name, found, promised)


def _finite(output: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Which repeats' outputs are finite throughout, (R,)."""
    each = [np.isfinite(values).reshape(len(values), -1).all(1) for values in output.values()]
    return np.asarray(np.logical_and.reduce(each))


def _wrong(
    output: Mapping[str, Any], part: Part, parts: Parts, datasets: Sequence[Data]
) -> list[NDArray[np.bool_]]:
    """Which samples each repeat misjudges, R arrays (N,)."""
    judged = []
    for r, data in enumerate(datasets):
        split: Split = getattr(data, part)
        wrong = parts.task.wrong(_of(output, r), split.targets)
        if np.shape(wrong) != (len(split.x),) or np.asarray(wrong).dtype != bool:
            found = f"{np.asarray(wrong).dtype} {np.shape(wrong)}"
            raise errors.bad_verdicts(parts.task.name, found, len(split.x))
        judged.append(np.asarray(wrong))
    return judged


def _of(output: Mapping[str, NDArray[Any]], r: int) -> dict[str, NDArray[Any]]:
    """Repeat r's output by name, each (N, ...)."""
    return {name: values[r] for name, values in output.items()}


def _details(
    parts: Parts, output: Mapping[str, NDArray[Any]], data: Data, wrong: NDArray[np.bool_]
) -> dict[str, list[Any]]:
    """What the task keeps for pictures, of the entries that the loss trains."""
    if parts.task.details is None:
        return {}
    trained = {name: values for name, values in output.items() if name in parts.loss.needs}
    kept = parts.task.details(trained, data.test.targets, np.flatnonzero(wrong))
    return {name: np.asarray(values).tolist() for name, values in kept.items()}


def _result(
    seed: int,
    curves: Curves,
    wrong: Mapping[Part, list[NDArray[np.bool_]]],
    r: int,
    common: Mapping[str, Any],
) -> RepeatResult:
    mistakes = np.flatnonzero(wrong["test"][r])
    return RepeatResult(
        seed=seed,
        status="ok",
        train_error=curves.train_error[-1],
        test_error=curves.test_error[-1],
        train_count=int(np.count_nonzero(wrong["train"][r])),
        error_count=len(mistakes),
        mistakes=mistakes.tolist(),
        curves=curves,
        **common,
    )


def _diverged(seed: int, curves: Curves, common: Mapping[str, Any]) -> RepeatResult:
    cause = f"the loss or the output was no longer finite in epoch {len(curves.train_loss) + 1}"
    return RepeatResult(seed=seed, status="diverged", curves=curves, cause=cause, **common)
