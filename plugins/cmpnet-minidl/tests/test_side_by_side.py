"""Each repeat gives the same numbers side by side with others as alone."""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import pytest

from minidl import (
    SGD,
    Adam,
    BatchNorm1d,
    Dropout,
    LeakyReLU,
    Linear,
    Loss,
    LossBCE,
    LossCrossEntropy,
    LossMSE,
    Module,
    ReLU,
    Sequential,
    Sigmoid,
    Tanh,
)

SINGLE = 1e-4
"""Relative tolerance in float32 after 20 steps; with the same build of numpy all bits agree."""

NETS: dict[str, Callable[[type], Module]] = {
    "relu": lambda t: Sequential(
        Linear(2, 25, dtype=t), ReLU(), Linear(25, 25, dtype=t), ReLU(), Linear(25, 3, dtype=t)
    ),
    "everything": lambda t: Sequential(
        Linear(2, 25, dtype=t, init="he"),
        BatchNorm1d(25, dtype=t),
        LeakyReLU(),
        Dropout(0.2),
        Sequential(Linear(25, 7, dtype=t, init="uniform"), Tanh()),
        Linear(7, 3, dtype=t),
        Sigmoid(),
    ),
}
LOSSES: dict[str, Loss] = {"mse": LossMSE(), "ce": LossCrossEntropy(), "bce": LossBCE("sum")}
OPTIMIZERS = {
    "sgd": lambda net: SGD(net, 0.01),
    "momentum": lambda net: SGD(net, 0.01, momentum=0.9),
    "adam": lambda net: Adam(net, 0.01, decay=0.01),
}


def train(
    make: Callable[[type], Module],
    dtype: type,
    loss: Loss,
    optimizer: Callable[[Module], SGD | Adam],
    seeds: list[int] | int,
    steps: int = 20,
    poison: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Losses of all steps and the final output, each (R, ...), or without R for a single seed."""
    net = make(dtype)
    if isinstance(seeds, int):
        net.draw(np.random.default_rng(seeds))
    else:
        net.draw([np.random.default_rng(seed) for seed in seeds])
    step = optimizer(net)

    def data(seed: int, t: int) -> tuple[np.ndarray, np.ndarray]:
        source = np.random.default_rng([seed, t])
        x = source.random((10, 2)).astype(dtype)
        target = source.integers(0, 3, 10)
        if not isinstance(loss, LossCrossEntropy):
            target = np.eye(3, dtype=dtype)[target]
        if seed == poison and t == 3:
            x[0] = np.inf
        return x, target

    losses = []
    for t in range(steps):
        if isinstance(seeds, int):
            x, target = data(seeds, t)
        else:
            x, target = (np.stack(side) for side in zip(*(data(s, t) for s in seeds), strict=True))
        losses.append(loss.forward(net.forward(x), target))
        net.zero_grad()
        net.backward(loss.backward())
        step.step()
    net.train(False)
    return np.stack(losses, -1), net.forward(x)


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_repeat_is_the_same_alone_and_side_by_side(
    net: str, loss: str, optimizer: str, dtype: type
) -> None:
    arguments = (NETS[net], dtype, LOSSES[loss], OPTIMIZERS[optimizer])
    losses, outputs = train(*arguments, [3, 4, 5, 6, 7])
    tolerance = 1e-12 if dtype is np.float64 else SINGLE
    for seeds, places in (([5], [2]), ([7, 3], [4, 0]), (4, 1)):
        some_losses, some_outputs = train(*arguments, seeds)
        assert some_outputs.dtype == dtype
        np.testing.assert_allclose(some_losses, losses[places], rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(some_outputs, outputs[places], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("net", NETS)
def test_a_repeat_that_diverges_does_not_disturb_the_others(net: str) -> None:
    arguments = (NETS[net], np.float32, LossMSE(), OPTIMIZERS["adam"])
    with np.errstate(all="ignore"):
        losses, outputs = train(*arguments, [3, 4, 5], poison=4)
    good, good_outputs = train(*arguments, [3, 5])
    assert not np.isfinite(losses[1, -1])
    np.testing.assert_allclose(losses[[0, 2]], good, rtol=SINGLE)
    np.testing.assert_allclose(outputs[[0, 2]], good_outputs, rtol=SINGLE)


def test_the_parameters_of_a_network_are_views_into_one_array() -> None:
    net = Sequential(Linear(2, 3), Sequential(BatchNorm1d(3), Linear(3, 1)))
    net.draw([np.random.default_rng(r) for r in range(4)])
    assert net.flat is not None
    assert net.flat.value.shape == (4, 2 * 3 + 3 + 6 + 3 + 1)
    assert [value.shape for value, _ in net.param()] == [
        (4, 2, 3), (4, 3), (4, 3), (4, 3), (4, 3, 1), (4, 1),
    ]  # fmt: skip
    net.flat.value[...] = 7
    net.flat.gradient[...] = 8
    for value, gradient in net.param():
        assert (value == 7).all()
        assert (gradient == 8).all()


def test_a_copy_of_a_network_trains_independently() -> None:
    net = NETS["everything"](np.float64)
    twin = copy.deepcopy(net)
    twin.forward(np.random.default_rng(0).random((10, 2)))
    twin.backward(np.ones((10, 3)))
    SGD(twin, 0.1).step()
    for (mine, untouched), (other, gradient) in zip(net.param(), twin.param(), strict=True):
        assert not untouched.any()
        assert gradient.any()
        assert (mine != other).any()


def test_a_nested_network_keeps_its_weights_and_its_optimizer() -> None:
    inner = Sequential(Linear(2, 3), Tanh())
    optimizer = SGD(inner, 0.1)
    weights = inner.param()[0].value.copy()
    outer = Sequential(inner, Linear(3, 1))
    assert (outer.param()[0].value == weights).all()
    outer.forward(np.ones((4, 2), np.float32))
    outer.backward(np.ones((4, 1), np.float32))
    last = outer.param()[2].value.copy()
    optimizer.step()
    assert (outer.param()[0].value != weights).any()
    assert (outer.param()[2].value == last).all()


def test_redrawing_the_weights_resets_the_optimizer() -> None:
    net = Sequential(Linear(2, 1))
    optimizer = SGD(net, 1.0, momentum=0.9)
    for repeats in (1, 3):
        net.draw([np.random.default_rng(0)] * repeats)
        before = net.param()[0].value.copy()
        assert net.flat is not None
        net.flat.gradient[...] = 1
        optimizer.step()
        np.testing.assert_allclose(net.param()[0].value, before - 1)
