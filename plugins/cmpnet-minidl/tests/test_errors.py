"""Wrong calls raise an error that says what was passed and what is allowed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from minidl import (
    SGD,
    Adam,
    BatchNorm1d,
    Dropout,
    Layer,
    Linear,
    Loss,
    LossBCE,
    LossCrossEntropy,
    LossMSE,
    MinidlError,
    Module,
    Optimizer,
    OrderError,
    ReLU,
    Sequential,
    ShapeError,
)


def ones(*shape: int) -> np.ndarray:
    return np.ones(shape, np.float32)


def rngs(repeats: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in range(repeats)]


def make() -> Sequential:
    """Three repeats of a network."""
    net = Sequential(Linear(2, 3), BatchNorm1d(3), Linear(3, 1))
    net.draw(rngs(3))
    return net


def two_repeats() -> Linear:
    layer = Linear(2, 3)
    layer.draw(rngs(2))
    return layer


def run(*modules: Module) -> None:
    Sequential(*modules).forward(ones(4, 2))


def backward(module: Module, gradient: np.ndarray, x: np.ndarray | None = None) -> None:
    if x is not None:
        module.forward(x)
    module.backward(gradient)


def use_twice_in_one_network() -> None:
    relu = ReLU()
    Sequential(Linear(2, 3), relu, Linear(3, 3), relu)


def use_in_two_networks() -> None:
    relu = ReLU()
    Sequential(Linear(2, 3), relu)
    Sequential(relu)


def redraw_with_other_repeats() -> None:
    layer = Linear(2, 3)
    layer.forward(ones(3, 4, 2))
    layer.draw(rngs(2))
    layer.forward(ones(3, 4, 2))


def backward_twice() -> None:
    relu = ReLU()
    relu.forward(relu.forward(ones(1, 2)))
    relu.backward(relu.backward(ones(1, 2)))


REFUSED: dict[str, tuple[Callable[[], object], type[MinidlError], str]] = {
    "another number of features": (
        lambda: run(ReLU(), Linear(3, 1)),
        ShapeError,
        r"layer 1 Linear\(3, 1\): the input has shape \(4, 2\); expected \(\.\.\., B, 3\)",
    ),
    "a layer of a nested network": (
        lambda: run(ReLU(), Sequential(Linear(3, 1))),
        ShapeError,
        r"layer 1\.0 Linear\(3, 1\): the input has shape \(4, 2\)",
    ),
    "a sample without a batch": (
        lambda: Linear(3, 1).forward(ones(3)),
        ShapeError,
        r"Linear\(3, 1\): the input has shape \(3,\); expected \(\.\.\., B, 3\)",
    ),
    "another number of repeats": (
        lambda: two_repeats().forward(ones(3, 4, 2)),
        ShapeError,
        r"the input has shape \(3, 4, 2\); expected \(2, B, 2\)",
    ),
    "another number of repeats after a redraw": (
        redraw_with_other_repeats,
        ShapeError,
        r"the input has shape \(3, 4, 2\); expected \(2, B, 2\)",
    ),
    "normalising another number of features": (
        lambda: BatchNorm1d(3).forward(ones(4, 2)),
        ShapeError,
        r"BatchNorm1d\(3\): the input has shape \(4, 2\); expected \(\.\.\., B, 3\)",
    ),
    "normalising another number of repeats": (
        lambda: make().modules[1].forward(ones(2, 4, 3)),
        ShapeError,
        r"the input has shape \(2, 4, 3\); expected \(3, B, 3\)",
    ),
    "normalising a single sample": (
        lambda: BatchNorm1d(3).forward(ones(1, 3)),
        ShapeError,
        r"the input has shape \(1, 3\); training needs at least two samples per batch",
    ),
    "dropout of another number of repeats": (
        lambda: Dropout(rng=rngs(2)).forward(ones(3, 4, 5)),
        ShapeError,
        r"Dropout\(0\.5\): the input has shape \(3, 4, 5\); expected \(2, B, features\)",
    ),
    "a gradient of another shape": (
        lambda: backward(Linear(2, 3), ones(4, 2), ones(4, 2)),
        ShapeError,
        r"Linear\(2, 3\): the gradient has shape \(4, 2\); expected \(4, 3\)",
    ),
    "a target that would be broadcast": (
        lambda: LossMSE().forward(ones(4, 1), ones(4)),
        ShapeError,
        r"LossMSE\(\): the target has shape \(4,\); expected \(4, 1\)",
    ),
    "an output without a batch": (
        lambda: LossMSE().forward(ones(4), ones(4)),
        ShapeError,
        r"the output has shape \(4,\); expected \(\.\.\., B, features\)",
    ),
    "a target for every class": (
        lambda: LossCrossEntropy().forward(ones(4, 3), ones(4, 3)),
        ShapeError,
        r"the target has shape \(4, 3\); expected \(4,\)",
    ),
    "a class that is too large": (
        lambda: LossCrossEntropy().forward(ones(1, 3), np.array([3])),
        MinidlError,
        r"target is array\(\[3\]\); it must be whole numbers from 0 to 2",
    ),
    "a class below zero": (
        lambda: LossCrossEntropy().forward(ones(1, 3), np.array([-1])),
        MinidlError,
        "whole numbers from 0 to 2",
    ),
    "a fractional class": (
        lambda: LossCrossEntropy().forward(ones(1, 3), np.array([0.5])),
        MinidlError,
        "whole numbers from 0 to 2",
    ),
    "backward before forward": (
        lambda: backward(Sequential(Linear(2, 3), ReLU()), ones(4, 3)),
        OrderError,
        r"layer 1 ReLU\(\): backward was called without a forward before it",
    ),
    "two backwards after one forward": (
        backward_twice,
        OrderError,
        "use two objects to apply a layer twice",
    ),
    "backward of a loss before forward": (
        lambda: LossBCE().backward(),
        OrderError,
        r"LossBCE\(\): backward was called without a forward",
    ),
    "one object in two places": (
        use_twice_in_one_network,
        MinidlError,
        r"ReLU\(\) is already layer 1",
    ),
    "one object in two networks": (
        use_in_two_networks,
        MinidlError,
        r"ReLU\(\) is already layer 1",
    ),
    "drawing the weights of a part": (
        lambda: Sequential(Linear(2, 3)).modules[0].draw(),
        OrderError,
        r"layer 0 Linear\(2, 3\) is part of a Sequential",
    ),
    "two dtypes": (
        lambda: Sequential(Linear(2, 3), Linear(3, 1, dtype=float)),
        MinidlError,
        r"Linear\(3, 1\) has float64, but the layers before it have float32",
    ),
    "two numbers of repeats": (
        lambda: Sequential(two_repeats(), Linear(3, 1)),
        MinidlError,
        r"Linear\(3, 1\) has no repeats axis, but the layers before it have 2 repeats",
    ),
    "an unknown initialisation": (
        lambda: Linear(2, 3, init="xaver"),
        MinidlError,
        r"Linear\(2, 3\): unknown initialisation 'xaver'; choose from xavier, uniform, he",
    ),
    "an unknown reduction": (
        lambda: LossMSE("max"),  # type: ignore[arg-type]
        MinidlError,
        "LossMSE: unknown reduction 'max'; choose from sum, mean",
    ),
    "no inputs": (lambda: Linear(0, 3), MinidlError, r"inputs is 0; it must be at least 1"),
    "no outputs": (lambda: Linear(2, 0), MinidlError, r"outputs is 0; it must be at least 1"),
    "no features": (lambda: BatchNorm1d(0), MinidlError, "features is 0; it must be at least 1"),
    "dropout of everything": (lambda: Dropout(1), MinidlError, "p is 1; it must be at least 0"),
    "a layer without parameters": (
        lambda: SGD(ReLU(), 0.1),
        MinidlError,
        "has no parameters to train",
    ),
    "an empty network": (lambda: SGD(Sequential(), 0.1), MinidlError, "has no parameters"),
    "a negative lr": (lambda: SGD(make(), -1), MinidlError, "SGD: lr is -1; it must be at least 0"),
    "a momentum of one": (
        lambda: SGD(make(), 1, momentum=1),
        MinidlError,
        "momentum is 1; it must be at least 0 and below 1",
    ),
    "a beta of one": (lambda: Adam(make(), betas=(0.9, 1)), MinidlError, r"betas is \(0\.9, 1\)"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_an_error_says_what_was_passed_and_what_is_allowed(what: str) -> None:
    act, kind, message = REFUSED[what]
    with pytest.raises(kind, match=message):
        act()


def test_the_layers_of_a_refused_network_can_be_used_elsewhere() -> None:
    relu, first = ReLU(), Linear(2, 2)
    with pytest.raises(MinidlError, match="already"):
        Sequential(first, relu, relu)
    assert Sequential(first, relu).forward(ones(4, 2)).shape == (4, 2)


ABSTRACT: dict[str, Callable[[], object]] = {
    "forward": lambda: Module().forward(ones(1, 1)),
    "backward": lambda: Module().backward(ones(1, 1)),
    "draw": lambda: Module().draw(),
    "storage": lambda: Module()._use_storage(make().flat),  # type: ignore[arg-type]
    "compute": lambda: Layer().compute(ones(1, 1)),
    "derive": lambda: Layer().derive(ones(1, 1)),
    "loss": lambda: Loss("sum").forward(ones(1, 1), ones(1, 1)),
    "update": lambda: Optimizer(make(), 0.1).step(),
}


@pytest.mark.parametrize("what", ABSTRACT)
def test_a_method_that_a_subclass_does_not_define_is_an_error(what: str) -> None:
    with pytest.raises(NotImplementedError):
        ABSTRACT[what]()
