"""Contract checks for plugin authors. cmpnet's own names pass them in its tests.

    from cmpnet.testing import check_arm, check_executor, check_task

    def test_my_network_keeps_the_contract():
        check_arm("my-network", pairs=100)

    def test_my_executor_keeps_the_contract():
        check_executor("my-cluster")

Each check raises AssertionError with a sentence that names the broken promise.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cmpnet import runner, training
from cmpnet.arms import Shared, resolve
from cmpnet.errors import CmpnetError
from cmpnet.events import Lost, Trained
from cmpnet.jobs import Job
from cmpnet.options import options_of
from cmpnet.registry import Registry
from cmpnet.runtime.executors import Executor
from cmpnet.spec import MEASURED_ON, PARTS, VALIDATION, Arm, Data, Learner, Part, RepeatResult

SEEDS = (1000, 1001)
CHECKED_WORKERS = 2


def check_arm(text: str, **options: object) -> None:
    """Check that an architecture with a loss keeps the contract.

    The same seed gives the same numbers and another seed different ones; a step changes the
    weights; predictions are made in evaluation mode, with the entries and shapes that ``outputs``
    promises; the parameters of the layers add up to those of the network.

    Args:
        text: the arm as it is typed.
        options: options that make it small and quick.

    Raises:
        AssertionError: a promise is broken; the sentence says which.
        CmpnetError: the arm or an option is wrong.
    """
    shared = Shared({"epochs": 2, **options})
    arm = resolve(text, Registry(), shared)
    shared.refuse_unused([text])
    first, again, other = (_trained(arm, seed) for seed in (SEEDS[0], SEEDS[0], SEEDS[1]))
    assert first.status == "ok", f"{text} ends as {first.status}: {first.cause}"
    assert replace(first, seconds=0) == replace(again, seconds=0), (
        f"{text} gives different numbers when it is trained again with the same seed: draw from "
        "the global generators of random, numpy.random or torch, which cmpnet seeds, and from no "
        "other (os.urandom, random.SystemRandom, numpy.random.default_rng() without a seed)"
    )
    assert first.curves.train_loss != other.curves.train_loss, f"{text} ignores the seed"
    assert len(first.curves.test_error) == arm.config.epochs
    assert first.test_error is not None
    assert 0 <= first.test_error <= 1

    learner, (data,) = training.make_learner(arm, SEEDS[:1])
    before = {name: value.copy() for name, value in learner.weights()[0].items()}
    rows = np.arange(min(arm.config.batch_size, len(data.train.x)))[None]
    (loss,) = learner.step(rows, lr=arm.config.lr, progress=0.0)
    assert np.isfinite(loss), f"the first loss of {text} is {loss}"
    after = learner.weights()[0]
    assert any((before[name] != after[name]).any() for name in before), (
        f"a step of {text} changes no weight"
    )
    for part in PARTS:
        _check_output(text, learner, arm, part, data)
    total = sum(layer.parameters for layer in learner.layers())
    assert total == learner.parameters, (
        f"the layers of {text} have {total} parameters, the network {learner.parameters}"
    )


def _trained(arm: Arm, seed: int) -> RepeatResult:
    """The result of one repeat; whatever goes wrong is in it."""
    events = training.run(arm, [seed])
    return next(event.results[0] for event in events if isinstance(event, Trained))


@contextlib.contextmanager
def _as_assertion() -> Iterator[None]:
    """What the training loop refuses breaks a promise, too."""
    try:
        yield
    except CmpnetError as error:
        raise AssertionError(str(error)) from None


def _check_output(text: str, learner: Learner, arm: Arm, part: Part, data: Data) -> None:
    output, again = learner.predict(part), learner.predict(part)
    with _as_assertion():
        training.check_output(arm, output, part, [data])
    for name in arm.architecture.outputs:
        assert np.array_equal(output[name], again[name]), (
            f"'{name}' of {text} differs between two predictions: is it in evaluation mode?"
        )


def check_task(name: str, **options: Any) -> None:
    """Check that a task keeps the contract: data from the seed alone, train and test disjoint.

    With the option ``on``, the training part must be the same for validation samples, and disjoint
    from them.

    Args:
        name: the task as it is typed.
        options: options of its ``load``.

    Raises:
        AssertionError: a promise is broken; the sentence says which.
    """
    task = Registry().task(name)
    first, again, other = (task.load(seed, **options) for seed in (SEEDS[0], SEEDS[0], SEEDS[1]))
    for part in PARTS:
        split, twin = getattr(first, part), getattr(again, part)
        assert np.array_equal(split.x, twin.x), f"{name} gives different data for the same seed"
        assert not np.array_equal(split.x, getattr(other, part).x), f"{name} ignores the seed"
        for key, values in split.targets.items():
            assert len(values) == len(split.x), f"'{key}' of {name} has another length than x"
    train_rows = {row.tobytes() for row in np.asarray(first.train.x)}
    assert not any(row.tobytes() in train_rows for row in np.asarray(first.test.x)), (
        f"{name} has samples that are in both the train and the test part"
    )
    if MEASURED_ON in options_of(task.load):
        chosen = task.load(SEEDS[0], **{**options, MEASURED_ON: VALIDATION})
        assert np.array_equal(first.train.x, chosen.train.x), (
            f"{name} has other training samples with on=validation"
        )
        assert not any(row.tobytes() in train_rows for row in np.asarray(chosen.test.x)), (
            f"{name} has samples that are in both the train and the validation part"
        )
    if task.sampled is not None:
        _check_items(name, task.sampled, len(first.test.x), options)
    assert task.fingerprint(**options) == task.fingerprint(**options), (
        f"the fingerprint of {name} changes from call to call"
    )


def _check_items(
    name: str, sampled: Callable[..., Any], samples: int, options: dict[str, Any]
) -> None:
    items, again = (np.asarray(sampled(SEEDS[0], **options)) for _ in range(2))
    assert (items.ndim, len(items)) == (2, samples), (
        f"'sampled' of {name} has the shape {items.shape} for {samples} test samples, not (N, U)"
    )
    assert np.issubdtype(items.dtype, np.integer), f"'sampled' of {name} returns no integers"
    assert items.min() >= 0, f"'sampled' of {name} returns a negative index"
    assert np.array_equal(items, again), f"'sampled' of {name} differs between two calls"


def check_executor(
    executor: str | Callable[[int], Executor], text: str = "baseline", **options: object
) -> None:
    """Check that an executor keeps the contract: it brings every job to its end, once and alone.

    Jobs are taken only when there is room; their messages keep their order; jobs whose attribute
    ``isolation`` differs do not share a process; repeats have the same bits as in one process.

    Args:
        executor: its name as it is typed, or what makes one for a number of workers.
        text: an arm that it trains, as it is typed.
        options: options that make the arm small and quick.

    Raises:
        AssertionError: a promise is broken; the sentence says which, and by which jobs.
        CmpnetError: a name is unknown, or an option is wrong.
    """
    make = Registry().executor(executor) if isinstance(executor, str) else executor
    probes = {
        f"job {number} of '{owner}'": _Probe(number, (owner,))
        for number in range(3 * CHECKED_WORKERS)
        for owner in ("one", "other")
    }
    messages = _brought(make(CHECKED_WORKERS), _process, probes)
    _check_complete(messages, dict.fromkeys(probes, 2))
    users: dict[Any, str] = {}
    for name, ((first, process), (second, _)) in messages.items():
        assert (first, second) == (0, 1), f"the messages of {name} come in another order"
        other = users.setdefault(process, name)
        assert probes[name].isolation == probes[other].isolation, (
            f"{other} and {name} share a process, but differ in their 'isolation'"
        )

    arm = resolve(text, Registry(), shared := Shared({"epochs": 1, **options}))
    shared.refuse_unused([text])
    jobs = {f"the repeat with seed {seed}": Job(0, arm, (seed,)) for seed in range(1000, 1004)}
    messages = _brought(make(CHECKED_WORKERS), runner.work, jobs)
    expected: dict[str, list[Any]] = {name: [*runner.work(job)] for name, job in jobs.items()}
    for name, own in messages.items():
        for (result,) in (message.results for message in own if isinstance(message, Trained)):
            assert result.status == "ok", f"{name} ends as {result.status}: {result.cause}"
    _check_complete(messages, {name: len(own) for name, own in expected.items()})
    for name, (*events, trained) in messages.items():
        *expected_events, alone = expected[name]
        results = [replace(each.results[0], seconds=0) for each in (trained, alone)]
        assert (events, results[0]) == (expected_events, results[1]), (
            f"{name} has other numbers than in one process"
        )


@dataclass(frozen=True)
class _Probe:
    """A job that tells which process runs it."""

    number: int
    isolation: tuple[str, ...]


def _process(_: _Probe) -> Iterator[tuple[int, tuple[str, int]]]:
    """The process that this runs in, twice and numbered."""
    for number in range(2):
        yield number, (socket.gethostname(), os.getpid())


def _brought(
    executor: Executor, work: Callable[[Any], Iterator[Any]], jobs: Mapping[str, Any]
) -> dict[str, list[Any]]:
    """What an executor brings of each job, by the job's name."""
    messages: dict[str, list[Any]] = {name: [] for name in jobs}

    def taken() -> Iterator[Any]:
        for number, (name, job) in enumerate(jobs.items()):
            begun = sum(map(bool, messages.values()))
            # As many again as there are workers: it may know that a job is done before we do.
            assert number - begun < 2 * executor.workers, f"it takes {name} without room for it"
            yield job

    for job, message in executor.run(work, taken()):
        name = next((name for name, own in jobs.items() if own == job), None)
        assert name is not None, f"it returns a job that it was not given: {job!r}"
        assert not isinstance(message, Lost), f"{name} is lost: {message.reason}"
        messages[name].append(message)
    return messages


def _check_complete(messages: Mapping[str, list[Any]], expected: Mapping[str, int]) -> None:
    """Check that there are as many messages of each job as there should be."""
    dropped = [name for name, own in messages.items() if len(own) < expected[name]]
    assert not dropped, f"it drops {', '.join(dropped)}"
    repeated = [name for name, own in messages.items() if len(own) > expected[name]]
    assert not repeated, f"it repeats {', '.join(repeated)}"
