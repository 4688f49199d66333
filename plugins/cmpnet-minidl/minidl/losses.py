"""Losses: what is made small. Each repeat has its own, so R repeats side by side give (R,).

``loss.forward(output, target)`` is the loss, ``loss.backward()`` its gradient by the output, where
back-propagation begins. (The report's LossMSE is given the target when it is made; here one object
serves every batch.)
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from minidl import errors
from minidl.activations import sigmoid
from minidl.module import Array, Module

Reduction = Literal["sum", "mean"]


class Loss(Module):
    """What losses share: checks, and the sum or mean over the batch.

    A loss defines ``compute``, which gives its terms (..., n) and keeps the gradient by the output.
    """

    _gradient: Array | None = None

    def __init__(self, reduction: Reduction) -> None:
        if reduction not in ("sum", "mean"):
            raise errors.unknown(f"reduction of {type(self).__name__}", reduction, ("sum", "mean"))
        self.reduction = reduction

    def compute(self, output: Array, target: Array) -> tuple[Array, Array]:
        """The loss's terms (..., n) and the gradient of their sum by the output."""
        raise NotImplementedError

    def target_shape(self, output: tuple[int, ...]) -> tuple[int, ...]:
        """The shape that a target must have for an output of this shape."""
        return output

    def forward(self, *input: Array) -> Array:  # noqa: A002
        """The loss (...) of ``output`` (..., B, features) and ``target``.

        Raises:
            ShapeError: the target does not fit the output; nothing is broadcast.
        """
        output, target = input
        if output.ndim < 2:
            raise errors.wrong_shape(repr(self), "output", output.shape, "(..., B, features)")
        wanted = self.target_shape(output.shape)
        if target.shape != wanted:
            raise errors.wrong_shape(repr(self), "target", target.shape, wanted)
        terms, gradient = self.compute(output, target)
        total: Array = np.add.reduce(terms, -1)
        if self.reduction == "mean":
            share = output.dtype.type(1 / terms.shape[-1])
            total, gradient = total * share, gradient * share
        self._gradient = gradient
        return total

    def backward(self, *gradwrtoutput: Array) -> Array:
        """The gradient by the output; times that by the loss (...), if it is given.

        Raises:
            OrderError: there was no forward, or a backward has used it up.
        """
        if self._gradient is None:
            raise errors.no_forward(repr(self))
        gradient, self._gradient = self._gradient, None
        for upstream in gradwrtoutput:
            gradient = gradient * np.asarray(upstream, gradient.dtype)[..., None, None]
        return gradient

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class LossMSE(Loss):
    """Sum of (output - target)^2; its gradient is 2 (output - target) (report 1, section 2.3).

    The sum over batch and features as in the report, in spite of the name; ``reduction="mean"``
    divides both by their number.

    >>> loss = LossMSE()
    >>> float(loss.forward(np.array([[1.0], [3.0]]), np.array([[0.0], [1.0]])))
    5.0
    >>> loss.backward().tolist()
    [[2.0], [4.0]]
    """

    def __init__(self, reduction: Reduction = "sum") -> None:
        super().__init__(reduction)

    def compute(self, output: Array, target: Array) -> tuple[Array, Array]:
        """Squares of the differences; twice the differences."""
        difference = np.subtract(output, target, dtype=output.dtype)
        terms = np.multiply(difference, difference).reshape(*output.shape[:-2], -1)
        return terms, np.add(difference, difference)


class LossCrossEntropy(Loss):
    """Softmax cross entropy, -log p_t with p = softmax(output), of classes t (..., B).

    Its gradient is p - (1 in place t, else 0). The largest output is subtracted first, so that no
    exponential overflows (Goodfellow et al. 2016, section 4.1).

    >>> loss = LossCrossEntropy()
    >>> float(loss.forward(np.array([[0.0, np.log(3.0)]]), np.array([1])).round(4))
    0.2877
    >>> loss.backward().round(2).tolist()
    [[0.25, -0.25]]
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def target_shape(self, output: tuple[int, ...]) -> tuple[int, ...]:
        """One class a sample."""
        return output[:-1]

    def compute(self, output: Array, target: Array) -> tuple[Array, Array]:
        """-log p_t of each sample; p less the one-hot target.

        Raises:
            MinidlError: a target is not one of the classes.
        """
        classes = output.shape[-1]
        if target.dtype.kind not in "iu" or ((target < 0) | (target >= classes)).any():
            raise errors.out_of_range(f"{self!r}: target", target, f"whole, 0 to {classes - 1}")
        place = target[..., None]
        shifted = output - output.max(-1, keepdims=True)
        powers = np.exp(shifted)
        total = powers.sum(-1, keepdims=True)
        terms = (np.log(total) - np.take_along_axis(shifted, place, -1))[..., 0]
        gradient = powers / total
        np.put_along_axis(gradient, place, np.take_along_axis(gradient, place, -1) - 1, -1)
        return terms, gradient


class LossBCE(Loss):
    """Binary cross entropy of logits z: max(z, 0) - z t + log(1 + exp(-|z|)), t in [0, 1].

    This form of -t log s - (1 - t) log(1 - s), s = 1 / (1 + exp(-z)), cannot overflow. Its gradient
    is s - t.

    >>> loss = LossBCE()
    >>> float(loss.forward(np.array([[0.0], [2.0]]), np.array([[1.0], [0.0]])).round(4))
    1.41
    >>> loss.backward().round(4).tolist()
    [[-0.25], [0.4404]]
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def compute(self, output: Array, target: Array) -> tuple[Array, Array]:
        """One term an output; s - t."""
        t = target.astype(output.dtype)
        terms = np.maximum(output, 0) - output * t + np.log1p(np.exp(-np.abs(output)))
        return terms.reshape(*output.shape[:-2], -1), sigmoid(output) - t
