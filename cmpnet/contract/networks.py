"""The promises of an architecture with a loss."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import cloudpickle
import numpy as np

from cmpnet import errors, training
from cmpnet.contract import SEEDS, NetworkPromise, Promises
from cmpnet.errors import CmpnetError
from cmpnet.events import Trained
from cmpnet.spec import PARTS, Arm, Data, Learner, Part, RepeatResult, Split

SAMPLES = 64  # of each part: two epochs of them take a few milliseconds
BATCH = 32
EPOCHS = 2


def small(arm: Arm) -> Arm:
    """The arm with few samples and epochs, whatever its task's options are called."""

    def load(seed: int, **options: Any) -> Data:
        data = arm.task.load(seed, **options)
        return replace(data, train=_first(data.train), test=_first(data.test))

    config = arm.config
    config = replace(config, epochs=EPOCHS, batch_size=min(config.batch_size, BATCH))
    return replace(arm, key=replace(arm.key, config=config), task=replace(arm.task, load=load))


def _first(split: Split) -> Split:
    return Split(split.x[:SAMPLES], {n: values[:SAMPLES] for n, values in split.targets.items()})


def promises(arm: Arm) -> Promises:
    """It trains, is reproducible, learns, predicts, and its weights can be saved."""
    name = f"'{arm.label}'"
    yield NetworkPromise.SENT
    for record in (arm.architecture, arm.loss, arm.task):
        try:
            cloudpickle.dumps(record)
        except Exception as error:  # what a plugin's objects raise
            reason = errors.text_of(error)
            raise AssertionError(f"'{record.name}' cannot be sent: {reason}") from None

    yield NetworkPromise.TRAINS
    first = _trained(arm, SEEDS[:1])[0]
    assert first.status == "ok", f"{name} ends as {first.status}: {_first_line(first.cause)}"
    assert len(first.curves.train_loss) == arm.config.epochs

    yield NetworkPromise.SAME_SEED
    again = _trained(arm, SEEDS[:1])[0]
    assert _numbers(first) == _numbers(again), (
        f"{name} gives different numbers when it is trained again with the same seed: draw from "
        "the global generators of random, numpy.random or torch, which cmpnet seeds, and from no "
        "other (os.urandom, random.SystemRandom, numpy.random.default_rng() without a seed)"
    )
    yield NetworkPromise.OTHER_SEED
    other = _trained(arm, SEEDS[1:])[0]
    assert first.curves.train_loss != other.curves.train_loss, f"{name} ignores the seed"

    learner, (data,) = training.make_learner(arm, SEEDS[:1])
    given = {part: np.array(getattr(data, part).x) for part in PARTS}
    if learner.side_by_side:
        yield NetworkPromise.SIDE_BY_SIDE
        for alone, beside in zip((first, other), _trained(arm, SEEDS), strict=True):
            assert _numbers(alone) == _numbers(beside), (
                f"{name} gives other numbers beside another repeat than alone, for seed "
                f"{alone.seed}"
            )
    yield NetworkPromise.LEARNS
    before = _copy(learner)
    rows = np.arange(min(arm.config.batch_size, len(data.train.x)))[None]
    (loss,) = learner.step(rows, lr=arm.config.lr, progress=0.0)
    assert np.isfinite(loss), f"the first loss of {name} is {loss}"
    after = learner.weights()[0]
    assert any(not np.array_equal(before[key], after[key]) for key in before), (
        f"a step of {name} changes no weight"
    )
    yield NetworkPromise.OUTPUTS
    for part in PARTS:
        with _as_assertion():
            training.check_output(arm, learner.predict(part), part, [data])

    yield NetworkPromise.PREDICTS
    for part in PARTS:  # they have been predicted for already
        assert np.array_equal(given[part], getattr(data, part).x), (
            f"{name} changes the samples that it is given in place; change a copy in forward()"
        )
        _check_equal(
            learner.predict(part),
            learner.predict(part),
            f"'{{}}' of {name} differs between two predictions: is it in evaluation mode?",
        )
    yield NetworkPromise.SAVES
    _check_weights(name, arm, learner)

    yield NetworkPromise.LAYERS
    total = sum(layer.parameters for layer in learner.layers())
    assert total == learner.parameters, (
        f"the layers of {name} have {total} parameters, the network {learner.parameters}"
    )


def _check_weights(name: str, arm: Arm, learner: Learner) -> None:
    """A network of another seed predicts the same once it has these weights."""
    for key, value in learner.weights()[0].items():
        assert isinstance(value, np.ndarray), (
            f"weights() of {name} returns a {type(value).__name__} as '{key}', not a numpy array"
        )
    saved = _copy(learner)
    # The same data, so that both predict for the same inputs; the step makes its weights differ.
    twin, (data,) = training.make_learner(arm, SEEDS[:1])
    twin.step(np.arange(min(2, len(data.train.x)))[None], lr=arm.config.lr, progress=0.0)
    twin.load([saved])
    part: Part = "test"
    _check_equal(
        learner.predict(part),
        twin.predict(part),
        f"'{{}}' of {name} differs after weights() and load(): a buffer may be missing",
    )


def _copy(learner: Learner) -> dict[str, Any]:
    return {name: np.array(value) for name, value in learner.weights()[0].items()}


def _check_equal(one: Mapping[str, Any], two: Mapping[str, Any], message: str) -> None:
    for name in one:
        assert np.array_equal(one[name], two[name]), message.format(name)


def _trained(arm: Arm, seeds: tuple[int, ...]) -> tuple[RepeatResult, ...]:
    """The results of some repeats; whatever goes wrong is in them."""
    return next(e.results for e in training.run(arm, seeds) if isinstance(e, Trained))


def _numbers(result: RepeatResult) -> RepeatResult:
    return replace(result, seconds=0)


def _first_line(cause: str) -> str:
    return cause.partition("\n")[0].rstrip(".")


@contextlib.contextmanager
def _as_assertion() -> Iterator[None]:
    """What the training loop refuses breaks a promise, too."""
    try:
        yield
    except CmpnetError as error:
        raise AssertionError(str(error)) from None
