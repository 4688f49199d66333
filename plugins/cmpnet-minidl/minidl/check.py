"""A gradient check by finite differences, for authors of layers."""

from __future__ import annotations

import numpy as np

from minidl.module import Array, Module


def gradient_error(module: Module, x: Array, *, step: float = 1e-5, seed: int = 0) -> float:
    """Compare the gradients of a module with central differences.

    The check differentiates a random linear function of the output, by the input and by each
    parameter. For a gradient g and its central differences d, the relative error is
    |g - d| / (|g| + |d|), in Euclidean norms. The divisor is at least 1/1000 of the largest one,
    because some gradients are zero except for rounding: for example that of a bias in front of a
    BatchNorm1d.

    Args:
        module: the module to check. If it draws random numbers, like Dropout, it must draw the
            same ones in every forward pass.
        x: an input (..., B, features).
        step: step of the central differences.
        seed: seed of the random linear function.

    Returns:
        The largest relative error. In float64 it should be below 1e-6.

    >>> from minidl import Tanh
    >>> gradient_error(Tanh(), np.array([[0.5, -1.0]])) < 1e-6
    True
    """
    x = np.array(x, np.float64)
    weights = np.random.default_rng(seed).normal(size=module.forward(x).shape)
    module.zero_grad()
    module.forward(x)
    pairs = [(x, module.backward(weights).copy())]
    pairs += [(value, gradient.copy()) for value, gradient in module.param()]
    deviations, norms = [], []
    for value, gradient in pairs:
        differences = np.empty_like(gradient)
        for index in np.ndindex(*value.shape):
            original = value[index]
            sides = []
            for shifted in (original + step, original - step):
                value[index] = shifted
                sides.append(float(np.sum(weights * module.forward(x))))
            value[index] = original
            differences[index] = (sides[0] - sides[1]) / (2 * step)
        deviations.append(float(np.linalg.norm(gradient - differences)))
        norms.append(float(np.linalg.norm(gradient) + np.linalg.norm(differences)))
    smallest = max(norms) / 1000 or 1.0
    return max(d / max(norm, smallest) for d, norm in zip(deviations, norms, strict=True))
