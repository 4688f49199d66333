"""Is a backward right? The derivatives, by finite differences: for the author of a layer."""

from __future__ import annotations

import numpy as np

from minidl.module import Array, Module


def gradient_error(module: Module, x: Array, *, step: float = 1e-5, seed: int = 0) -> float:
    """The largest relative error of a module's gradients at ``x``: by its input and each parameter.

    The loss is a random linear function of the output. Each gradient g is held against central
    differences d with |g - d| / (|g| + |d|), Euclidean norms. The divisor is at least a thousandth
    of the largest one: a gradient may be zero but for rounding, as that of a bias in front of a
    BatchNorm1d is. In float64 the error should be below 1e-6. A module that draws at random
    (Dropout) must draw the same each time.

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
    faults, sizes = [], []
    for value, gradient in pairs:
        differences = np.empty_like(gradient)
        for place in np.ndindex(*value.shape):
            kept = value[place]
            sides = []
            for moved in (kept + step, kept - step):
                value[place] = moved
                sides.append(float(np.sum(weights * module.forward(x))))
            value[place] = kept
            differences[place] = (sides[0] - sides[1]) / (2 * step)
        faults.append(float(np.linalg.norm(gradient - differences)))
        sizes.append(float(np.linalg.norm(gradient) + np.linalg.norm(differences)))
    least = max(sizes) / 1000 or 1.0
    return max(fault / max(size, least) for fault, size in zip(faults, sizes, strict=True))
