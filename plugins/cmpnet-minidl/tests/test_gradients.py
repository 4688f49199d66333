"""Every gradient agrees with finite differences in float64: relative error below 1e-6."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from minidl import (
    BatchNorm1d,
    Dropout,
    Layer,
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
    gradient_error,
)

LIMIT = 1e-6


class Frozen(Dropout):
    """Dropout with the same mask in every forward pass."""

    def compute(self, x: np.ndarray) -> np.ndarray:
        self.rngs = [np.random.default_rng(r) for r in range(len(self.rngs))]
        return super().compute(x)


LAYERS: dict[str, Callable[[], Module]] = {
    "linear, xavier": lambda: Linear(3, 4, dtype=float),
    "linear, uniform": lambda: Linear(3, 4, init="uniform", dtype=float),
    "linear, he": lambda: Linear(3, 4, init="he", dtype=float),
    "relu": ReLU,
    "leaky relu": LeakyReLU,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "batch norm": lambda: BatchNorm1d(3, dtype=float),
    "dropout": lambda: Frozen(0.4),
    "network": lambda: Sequential(
        Linear(3, 25, dtype=float),
        ReLU(),
        Sequential(Linear(25, 25, dtype=float), BatchNorm1d(25, dtype=float), Tanh()),
        Frozen(0.2),
        Linear(25, 1, dtype=float),
    ),
}


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("repeats", [0, 3])
def test_gradients_of_modules_agree_with_finite_differences(
    name: str, training: bool, repeats: int
) -> None:
    rngs = [np.random.default_rng(seed) for seed in range(repeats)]
    module = LAYERS[name]()
    module.draw(rngs or np.random.default_rng(0))
    module.train(training)
    if module.flat is not None:
        module.flat.value[...] += 0.1  # so that biases are not 0 and gammas not 1
    x = np.random.default_rng(9).normal(size=(repeats, 6, 3) if repeats else (6, 3))
    assert gradient_error(module, x) < LIMIT


TARGETS = np.random.default_rng(1).integers(0, 3, (2, 6, 3))
LOSSES: dict[str, tuple[Loss, np.ndarray]] = {
    "squares": (LossMSE(), TARGETS),
    "mean of squares": (LossMSE("mean"), TARGETS),
    "cross entropy": (LossCrossEntropy(), TARGETS[..., 0]),
    "sum of cross entropies": (LossCrossEntropy("sum"), TARGETS[..., 0]),
    "binary": (LossBCE(), TARGETS / 2),
    "sum of binary": (LossBCE("sum"), TARGETS / 2),
}


class LossLayer(Layer):
    """A loss as a layer, with a fixed target."""

    def __init__(self, loss: Loss, target: np.ndarray) -> None:
        self.loss, self.target = loss, target

    def compute(self, x: np.ndarray) -> np.ndarray:
        return self.loss.forward(x, self.target)

    def derive(self, gradient: np.ndarray) -> np.ndarray:
        return self.loss.backward(gradient)


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_of_losses_agree_with_finite_differences(name: str) -> None:
    x = np.random.default_rng(2).normal(size=(2, 6, 3))
    assert gradient_error(LossLayer(*LOSSES[name]), x) < LIMIT


def test_the_check_detects_a_wrong_gradient() -> None:
    class Wrong(Tanh):
        def derive(self, gradient: np.ndarray) -> np.ndarray:
            return 1.001 * super().derive(gradient)

    assert gradient_error(Wrong(), np.array([[0.5]])) > 1e-4


def test_a_gradient_of_zero_has_no_error() -> None:
    assert gradient_error(ReLU(), np.array([[-1.0]])) == 0
