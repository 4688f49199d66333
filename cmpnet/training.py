"""The training loop: one for every backend.

Each repeat has fresh data and fresh weights from its seed. Errors are those after the last epoch,
in evaluation mode; nothing is chosen on the test set.
"""

from __future__ import annotations

import contextlib
import json
import math
import multiprocessing
import random
import sys
import time
import traceback
from collections.abc import Generator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.arms import learner_of
from cmpnet.decoding import decode_result
from cmpnet.events import Epoch, Trained
from cmpnet.spec import CLASSES, PARTS, Arm, Curves, Data, Learner, Part, RepeatResult, Split

ORDER = 2  # stream of a repeat's seed that the order of the samples is drawn from
WARM_UP = 0.3  # share of the steps in which one-cycle rises


def learning_rate(schedule: str, progress: float) -> float:
    """The factor on the learning rate when a share ``progress`` of the steps is done.

    One-cycle (Smith and Topin 2018, arXiv:1708.07120) rises linearly over 30 % of the steps and
    falls as a cosine, without a floor; cosine (Loshchilov and Hutter 2017, eq. 5) only falls.

    >>> [learning_rate("onecycle", p) for p in (0.0, 0.3)], learning_rate("cosine", 0.5)
    ([0.04, 1.0], 0.5)
    """
    if schedule == "onecycle" and progress < WARM_UP:
        return 0.04 + 0.96 * progress / WARM_UP
    if schedule == "constant":
        return 1.0
    start = WARM_UP if schedule == "onecycle" else 0.0
    return (1 + math.cos(math.pi * (progress - start) / (1 - start))) / 2


def make_learner(arm: Arm, seeds: Sequence[int]) -> tuple[Learner, list[Data]]:
    """Fresh networks and the fresh data they learn from, one of each per seed.

    Raises:
        CmpnetError: the data or the device cannot be used, or the data have no classes for a
            network that has an output per class.
    """
    datasets = [arm.task.load(seed, **arm.key.task_options) for seed in seeds]
    if not datasets[0].classes and any(CLASSES in s for s in arm.architecture.outputs.values()):
        raise errors.no_classes(arm.architecture.name, arm.task.name)
    make: Any = learner_of(arm.architecture, arm.owners.get("architecture", ""))
    learner: Learner = make(arm, datasets, seeds)
    return learner, datasets


def run(arm: Arm, seeds: Sequence[int]) -> Generator[Epoch | Trained]:
    """Train one arm once per seed: an event per epoch and repeat, then the results.

    Whatever goes wrong is a failed result, with its traceback as the cause. What plugins print
    goes to stderr.

    Raises:
        KeyboardInterrupt: the user stopped the training.
    """
    curves = [Curves() for _ in seeds]
    wrong: dict[Part, list[NDArray[np.bool_]]] = {}
    output: Mapping[str, NDArray[Any]] = {}
    ours = _OurProcess(seeds[0])
    try:
        with ours:
            learner, datasets = make_learner(arm, seeds)
        orders = [np.random.default_rng([seed, ORDER]) for seed in seeds]
        samples = len(datasets[0].train.x)
        starts = range(0, samples, arm.config.batch_size)
        steps = arm.config.epochs * len(starts)
        alive = np.ones(len(seeds), dtype=bool)
        started, done = time.perf_counter(), 0
        for epoch in range(arm.config.epochs):
            with ours:
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
                for part in PARTS:  # test last: the details are made of its output
                    output = learner.predict(part)
                    check_output(arm, output, part, datasets)
                    alive &= _finite(output)
                    wrong[part] = _wrong(arm, output, part, datasets)
            for r in np.flatnonzero(alive).tolist():
                curve = curves[r]
                curve.train_loss.append(float(total[r]) / samples)
                curve.train_error.append(float(wrong["train"][r].mean()))
                curve.test_error.append(float(wrong["test"][r].mean()))
                last = curve.train_loss[-1], curve.train_error[-1], curve.test_error[-1]
                yield Epoch(seeds[r], epoch + 1, *last)
        common: dict[str, Any] = {
            "seconds": (time.perf_counter() - started) / len(seeds),
            "parameters": learner.parameters,
            "train_samples": samples,
            "test_samples": len(datasets[0].test.x),
        }
        results = []
        for r, (seed, data) in enumerate(zip(seeds, datasets, strict=True)):
            common |= {"seed": seed, "curves": curves[r]}
            if alive[r]:
                with ours:
                    details = _details(arm, _repeat(output, r), data, wrong["test"][r])
                results.append(_result(wrong, r, details, common))
            else:
                results.append(_diverged(common))
        for result in results:  # a plugin's numbers are among them: only what can be read is kept
            decode_result(json.loads(json.dumps(asdict(result), allow_nan=False)))
        yield Trained(tuple(results), learner)
    except BaseException as error:  # a plugin's SystemExit and the like are failures too
        if isinstance(error, GeneratorExit) and _comes_from_here(error):
            raise  # the consumer has enough
        if isinstance(error, KeyboardInterrupt) and multiprocessing.parent_process() is None:
            raise  # Ctrl-C; a worker ignores it, so there it is the plugin's
        yield Trained(failed(seeds, f"{errors.text_of(error)}\n{traceback.format_exc()}"))


class _OurProcess:
    """While code of plugins runs, stdout is stderr and the global generators are the training's.

    Between two blocks the caller has its own back: it is told of each epoch, and may draw numbers.
    The learner seeds torch's generator and sets its number of threads.
    """

    def __init__(self, seed: int) -> None:
        self._stack = contextlib.ExitStack()
        numpy_state = np.random.RandomState(seed % 2**32).get_state()
        self._states: dict[str, Any] = {
            "random": random.Random(seed).getstate(),
            "numpy": numpy_state,
        }

    def __enter__(self) -> None:
        self._swap()
        self._stack.enter_context(contextlib.redirect_stdout(sys.stderr))

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._swap()

    def _swap(self) -> None:
        generators: dict[str, tuple[Any, Any]] = {
            "random": (random.getstate, random.setstate),
            "numpy": (np.random.get_state, np.random.set_state),
        }
        if "torch" in sys.modules:
            torch = sys.modules["torch"]
            generators["torch"] = torch.random.get_rng_state, torch.random.set_rng_state
            generators["threads"] = torch.get_num_threads, torch.set_num_threads
        before = {name: get() for name, (get, _) in generators.items()}
        for name, (_, put) in generators.items():
            if name in self._states:
                put(self._states[name])
        self._states = before


def _comes_from_here(error: BaseException) -> bool:
    """Whether an exception was raised by the frame that caught it, not by one that it called."""
    return error.__traceback__ is not None and error.__traceback__.tb_next is None


def failed(seeds: Sequence[int], cause: str) -> tuple[RepeatResult, ...]:
    """A failed result per seed."""
    return tuple(RepeatResult(seed=seed, status="failed", cause=cause) for seed in seeds)


def check_output(arm: Arm, output: Mapping[str, Any], part: Part, datasets: Sequence[Data]) -> None:
    """Check that an output for a part has the entries and shapes that the architecture promises.

    Raises:
        CmpnetError: an entry is missing or has another shape.
    """
    samples = len(getattr(datasets[0], part).x)
    for name, shape in arm.outputs(datasets[0].info).items():
        promised = (len(datasets), samples, *shape)
        returned = output[name].shape if name in output else None
        if returned != promised:
            raise errors.bad_output(name, arm.architecture.name, returned, promised)


def _finite(output: Mapping[str, NDArray[Any]]) -> NDArray[np.bool_]:
    """Which repeats' outputs are finite throughout, (R,)."""
    each = [np.isfinite(values).reshape(len(values), -1).all(1) for values in output.values()]
    return np.asarray(np.logical_and.reduce(each))


def _wrong(
    arm: Arm, output: Mapping[str, Any], part: Part, datasets: Sequence[Data]
) -> list[NDArray[np.bool_]]:
    """Which samples each repeat misclassifies, R arrays (N,)."""
    judged = []
    for r, data in enumerate(datasets):
        split: Split = getattr(data, part)
        wrong = arm.task.wrong(_repeat(output, r), split.targets)
        if np.shape(wrong) != (len(split.x),) or np.asarray(wrong).dtype != bool:
            returned = f"{np.asarray(wrong).dtype} {np.shape(wrong)}"
            raise errors.bad_verdicts(arm.task.name, returned, len(split.x))
        judged.append(np.asarray(wrong))
    return judged


def _repeat(output: Mapping[str, NDArray[Any]], r: int) -> dict[str, NDArray[Any]]:
    """Repeat r's output by name, each (N, ...)."""
    return {name: values[r] for name, values in output.items()}


def _details(
    arm: Arm, output: Mapping[str, NDArray[Any]], data: Data, wrong: NDArray[np.bool_]
) -> dict[str, list[Any]]:
    """What the task keeps for plots, of the outputs that the loss trains; names of the classes."""
    if arm.task.details is None:
        return {}
    trained = {name: values for name, values in output.items() if name in arm.loss.needs}
    details = arm.task.details(trained, data.test.targets, np.flatnonzero(wrong))
    lists = {name: np.asarray(values).tolist() for name, values in details.items()}
    return lists | ({"classes": list(data.classes)} if data.classes and lists else {})


def _result(
    wrong: Mapping[Part, list[NDArray[np.bool_]]],
    r: int,
    details: dict[str, list[Any]],
    common: Mapping[str, Any],
) -> RepeatResult:
    mistakes = np.flatnonzero(wrong["test"][r])
    return RepeatResult(
        status="ok",
        train_error=common["curves"].train_error[-1],
        test_error=common["curves"].test_error[-1],
        train_count=int(np.count_nonzero(wrong["train"][r])),
        error_count=len(mistakes),
        mistakes=mistakes.tolist(),
        details=details,
        **common,
    )


def _diverged(common: Mapping[str, Any]) -> RepeatResult:
    epoch = len(common["curves"].train_loss) + 1
    cause = f"the loss or the output was no longer finite in epoch {epoch}"
    return RepeatResult(status="diverged", cause=cause, **common)
