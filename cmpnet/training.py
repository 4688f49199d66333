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

from cmpnet import errors, judging
from cmpnet.arms import learner_of
from cmpnet.decoding import decode_result
from cmpnet.events import Epoch, Trained
from cmpnet.judging import Judgement, judge
from cmpnet.spec import CLASSES, PARTS, Arm, Curves, Data, Learner, Part, RepeatResult

ORDER = 2  # stream of a repeat's seed that the order of the samples is drawn from


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
    judged: list[dict[Part, Judgement]] = [{} for _ in seeds]
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
        for epoch in range(1, arm.config.epochs + 1):
            with ours:
                rows = np.stack([order.permutation(samples) for order in orders])
                total = np.zeros(len(seeds))
                for start in starts:
                    batch = rows[:, start : start + arm.config.batch_size]
                    progress = done / steps
                    losses = learner.step(batch, lr=_rate(arm, progress), progress=progress)
                    total += np.asarray(losses, dtype=float) * batch.shape[1]
                    done += 1
                alive &= np.isfinite(total)
                if not alive.any():
                    break
                for part in PARTS:  # test last: the details are made of its output
                    output = learner.predict(part)
                    check_output(arm, output, part, datasets)
                    alive &= _finite(output)
                    for r in np.flatnonzero(alive).tolist():
                        split, own = getattr(datasets[r], part), _repeat(output, r)
                        judged[r][part] = judge(arm, own, split, last=epoch == arm.config.epochs)
            for r in np.flatnonzero(alive).tolist():
                yield _note(curves[r], seeds[r], float(total[r]) / samples, judged[r])
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
                    mistakes = judged[r]["test"].mistakes
                    details = judging.details(arm, _repeat(output, r), data, mistakes)
                results.append(_result(judged[r], details, common))
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


def _rate(arm: Arm, progress: float) -> float:
    """The learning rate of a step.

    Raises:
        CmpnetError: the schedule's factor is no finite number of at least 0.
    """
    with contextlib.suppress(TypeError, ValueError):
        rate = arm.rate(progress)
        if 0 <= rate < math.inf:
            return rate
    factor = arm.schedule.factor(progress, **arm.config.schedule_options)
    raise errors.bad_factor(arm.schedule.name, progress, factor)


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


def _repeat(output: Mapping[str, NDArray[Any]], r: int) -> dict[str, NDArray[Any]]:
    """Repeat r's output by name, each (N, ...)."""
    return {name: values[r] for name, values in output.items()}


def _note(curves: Curves, seed: int, loss: float, judged: Mapping[Part, Judgement]) -> Epoch:
    """Add an epoch of a repeat to its curves."""
    curves.train_loss.append(loss)
    values: dict[str, Any] = {}
    for part, judgement in judged.items():
        for kind, value in (("error", judgement.error), ("metric", judgement.first)):
            values[f"{part}_{kind}"] = value
            if value is not None:
                getattr(curves, f"{part}_{kind}").append(value)
    return Epoch(seed, len(curves.train_loss), loss, **values)


def _result(
    judged: Mapping[Part, Judgement], details: dict[str, list[Any]], common: Mapping[str, Any]
) -> RepeatResult:
    train, test = judged["train"], judged["test"]
    values = {part: each.values for part, each in judged.items()}
    return RepeatResult(
        status="ok",
        train_error=train.error,
        test_error=test.error,
        train_count=train.count,
        error_count=test.count,
        metrics={
            name: {part: v for part, own in values.items() if (v := own[name]) is not None}
            for name in test.values
        },
        mistakes=test.mistakes.tolist(),
        details=details,
        **common,
    )


def _diverged(common: Mapping[str, Any]) -> RepeatResult:
    epoch = len(common["curves"].train_loss) + 1
    cause = f"the loss or the output was no longer finite in epoch {epoch}"
    return RepeatResult(status="diverged", cause=cause, **common)
