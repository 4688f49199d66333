"""The linear layer and its weight initialisations (report 1, sections 2.3 and 2.5.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import DTypeLike

from minidl import errors
from minidl.module import Array, Generators, Layer, Parameter, input_pattern

Initialisation = Callable[[np.random.Generator, int, int], Array]


def xavier(rng: np.random.Generator, inputs: int, outputs: int) -> Array:
    """Uniform in ±sqrt(6 / (inputs + outputs)): Glorot and Bengio 2010, eq. 16."""
    bound = (6 / (inputs + outputs)) ** 0.5
    return rng.uniform(-bound, bound, (inputs, outputs))


def uniform(rng: np.random.Generator, inputs: int, outputs: int) -> Array:
    """Uniform in ±1 / sqrt(inputs): report 1, section 2.5.2 (LeCun et al. 1998, section 4.6)."""
    bound = inputs**-0.5
    return rng.uniform(-bound, bound, (inputs, outputs))


def he(rng: np.random.Generator, inputs: int, outputs: int) -> Array:
    """Normal with variance 2 / inputs, for ReLU: He et al. 2015, eq. 10."""
    return rng.normal(0, (2 / inputs) ** 0.5, (inputs, outputs))


INITIALISATIONS: Mapping[str, Initialisation] = MappingProxyType(
    {"xavier": xavier, "uniform": uniform, "he": he}
)
"""By name, functions that draw W (inputs, outputs) from a generator."""


class Linear(Layer):
    """s = x W + b, with x (..., B, inputs), W (..., inputs, outputs) and b (..., outputs).

    The report writes w x + b for one sample as a column; here samples are rows. With g the
    gradient by s, the gradient by x is g W^T, by W it is x^T g, and by b the sum of g over the
    batch. Biases start at zero.

    W and b are rows of one block (..., inputs + 1, outputs), and a copy of x has a column of ones
    beside it. One matrix product then includes the bias, and another gives both gradients.

    Args:
        inputs: features per input sample.
        outputs: features per output sample.
        init: initialisation of W: "xavier", "uniform" or "he".
        rng: a generator, or a list of R generators for R repeats side by side.
        dtype: type of the parameters and the output.

    Raises:
        MinidlError: the initialisation is unknown, or a size is below 1.

    >>> layer = Linear(2, 3, rng=np.random.default_rng(0))
    >>> layer.param()[0].value[...] = [[1, 2, 3], [4, 5, 6]]
    >>> layer.forward(np.array([[1.0, 10.0]]))
    array([[41., 52., 63.]], dtype=float32)
    >>> layer.backward(np.array([[1.0, 0.0, 0.0]], np.float32))
    array([[1., 4.]], dtype=float32)
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        init: str = "xavier",
        rng: Generators = None,
        dtype: DTypeLike = np.float32,
    ) -> None:
        self.inputs, self.outputs, self.dtype = inputs, outputs, np.dtype(dtype)
        for what, size in (("inputs", inputs), ("outputs", outputs)):
            if size < 1:
                raise errors.out_of_range(f"{self!r}: {what}", size, "at least 1")
        if init not in INITIALISATIONS:
            raise errors.unknown_name(repr(self), "initialisation", init, INITIALISATIONS)
        self.init = INITIALISATIONS[init]
        self.draw(rng)

    def reset(self, lead: tuple[int, ...], rngs: list[np.random.Generator]) -> None:
        """Draw W and set b to zero."""
        self.lead = lead
        self._checked: tuple[int, ...] | None = None  # the last shape of x that passed the check
        block = np.zeros((len(rngs), self.inputs + 1, self.outputs), self.dtype)
        for r, rng in enumerate(rngs):
            block[r, :-1] = self.init(rng, self.inputs, self.outputs)
        self.own(block.reshape(*lead, *block.shape[1:]))

    def _use_storage(self, storage: Parameter) -> None:
        super()._use_storage(storage)
        self._transposed = self.block.value[..., :-1, :].swapaxes(-1, -2)

    def compute(self, x: Array) -> Array:
        """Map (..., B, inputs) to (..., B, outputs)."""
        if x.shape != self._checked:
            self._check(x.shape)
            self._checked = x.shape
            self._x: Array = np.ones((*x.shape[:-1], self.inputs + 1), self.dtype)
        self._x[..., :-1] = x
        output: Array = np.matmul(self._x, self.block.value)
        return output

    def _check(self, shape: tuple[int, ...]) -> None:
        fits = len(shape) >= 2 and shape[-1] == self.inputs
        if not fits or (self.lead and shape[:-2] != self.lead):
            expected = input_pattern(self.lead, self.inputs)
            raise errors.wrong_shape(self.label, "input", shape, expected)

    def derive(self, gradient: Array) -> Array:
        """Map g (..., B, outputs) to g W^T and add x^T g to the gradients of the parameters."""
        x, g = self._x, gradient
        if not self.lead and x.ndim > 2:  # one network, samples along several axes
            x, g = x.reshape(-1, self.inputs + 1), g.reshape(-1, self.outputs)
        if self.gradients_are_zero:
            np.matmul(x.swapaxes(-1, -2), g, out=self.block.gradient)
            self.gradients_are_zero = False
        else:
            self.block.gradient[...] += np.matmul(x.swapaxes(-1, -2), g)
        input_gradient: Array = np.matmul(gradient, self._transposed)
        return input_gradient

    def param(self) -> list[Parameter]:
        """W (..., inputs, outputs) and b (..., outputs)."""
        value, gradient = self.block
        return [
            Parameter(value[..., :-1, :], gradient[..., :-1, :]),
            Parameter(value[..., -1, :], gradient[..., -1, :]),
        ]

    def state(self) -> dict[str, Array]:
        """``weight`` (W) and ``bias`` (b)."""
        weight, bias = self.param()
        return {"weight": weight.value, "bias": bias.value}

    def __repr__(self) -> str:
        return f"Linear({self.inputs}, {self.outputs})"
