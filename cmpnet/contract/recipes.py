"""The promises of optimizers, schedules and augmentations.

What holds for any network is checked with one: it trains, and the same seed gives the same numbers.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from cmpnet import training
from cmpnet.contract import (
    SEEDS,
    AugmentationPromise,
    OptimizerPromise,
    Promises,
    SchedulePromise,
)
from cmpnet.options import AUGMENTATION_INPUTS, inputs_asked
from cmpnet.spec import Arm, Augmentation, Schedule

STEPS = 100
SAMPLES = 8
IN_PLACE = "changes the samples that it is given in place; change a copy, such as x.clone()"
SHAPES = ((SAMPLES, 2, 14, 14), (SAMPLES, 6))  # of samples: images, and rows of a table


def optimizer_promises(arm: Arm) -> Promises:
    """A larger learning rate changes the weights by something else."""
    yield OptimizerPromise.RATE
    one, other = (_weights_after_a_step(arm, lr) for lr in (arm.config.lr, arm.config.lr / 2))
    assert any(not np.array_equal(one[name], other[name]) for name in one), (
        f"'{arm.optimizer.name}' ignores the learning rate that it is given"
    )


def _weights_after_a_step(arm: Arm, lr: float) -> dict[str, Any]:
    learner, (data,) = training.make_learner(arm, SEEDS[:1])
    learner.step(np.arange(min(arm.config.batch_size, len(data.train.x)))[None], lr=lr, progress=0)
    return {name: np.array(value) for name, value in learner.weights()[0].items()}


def schedule_promises(schedule: Schedule) -> Promises:
    """A factor of at least 0 for each share of the training."""
    yield SchedulePromise.FACTORS
    shares = [step / STEPS for step in range(STEPS)]
    factors = [schedule.factor(share) for share in shares]
    for share, factor in zip(shares, factors, strict=True):
        is_factor = isinstance(factor, int | float) and 0 <= factor < math.inf
        assert is_factor, (
            f"factor({share}) of '{schedule.name}' is {factor!r}; it must be a finite number of at "
            "least 0"
        )
    assert any(factors), f"'{schedule.name}' is 0 throughout, so nothing is learnt"
    yield SchedulePromise.SAME_FACTORS
    assert factors == [schedule.factor(share) for share in shares], (
        f"'{schedule.name}' gives different factors for the same share of the training"
    )


def augmentation_promises(augmentation: Augmentation, arm: Arm | None) -> Promises:
    """Samples of the same shape and type, from the generator alone.

    Args:
        augmentation: the augmentation.
        arm: an arm that it trains, whose targets it is tried with if it asks for them.
    """
    if augmentation.backend != "torch":
        return  # a network's training shows whether it works
    if inputs_asked(augmentation.fn, AUGMENTATION_INPUTS):
        if arm is not None:
            yield AugmentationPromise.SHAPE
            _check_in_place(augmentation, arm)
        return
    import torch

    name = f"'{augmentation.name}'"
    yield AugmentationPromise.SHAPE
    x = _suitable(augmentation)
    before = x.clone()
    one = _augmented(augmentation, x, seed=1)
    returned = (tuple(getattr(one, "shape", ())), getattr(one, "dtype", type(one).__name__))
    assert returned == (tuple(x.shape), x.dtype), (
        f"{name} returns {returned[1]} {returned[0]} for {x.dtype} {tuple(x.shape)}"
    )
    assert torch.equal(x, before), f"{name} {IN_PLACE}"
    assert bool(one.isfinite().all()), f"{name} returns samples that are not finite"
    yield AugmentationPromise.GENERATOR
    assert torch.equal(one, _augmented(augmentation, x, seed=2)), (
        f"{name} gives different samples for the same generator: draw from the generator that it "
        "is given"
    )


def _check_in_place(augmentation: Augmentation, arm: Arm) -> None:
    """Check that it leaves samples and targets of an arm's task as they are."""
    import torch

    split = arm.task.load(SEEDS[0], **arm.key.task_options).train
    x = torch.tensor(split.x[:SAMPLES])
    targets = {name: torch.tensor(values[:SAMPLES]) for name, values in split.targets.items()}
    before = [value.clone() for value in (x, *targets.values())]
    generator, options = torch.Generator().manual_seed(0), arm.config.augmentation_options
    augmentation.fn(x, generator, targets=dict(targets), **options)
    after = x, *targets.values()
    assert all(map(torch.equal, before, after)), f"'{augmentation.name}' {IN_PLACE}"


def _augmented(augmentation: Augmentation, x: Any, seed: int) -> Any:
    """What it makes of samples with one state of its generator and any of torch's own."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return augmentation.fn(x, torch.Generator().manual_seed(0))


def _suitable(augmentation: Augmentation) -> Any:
    """Samples of a shape that it takes.

    Raises:
        Exception: what it raises for images, if it takes no rows of a table either.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    images, rows = (torch.rand(shape, generator=generator) for shape in SHAPES)
    try:
        _augmented(augmentation, images.clone(), seed=1)
    except Exception as error:
        try:
            _augmented(augmentation, rows.clone(), seed=1)
        except Exception:
            raise error from None
        return rows
    return images
