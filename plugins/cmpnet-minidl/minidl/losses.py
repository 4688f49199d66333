"""Loss functions. Each repeat has its own loss, so R repeats side by side give losses (R,).

``loss.forward(output, target)`` returns the loss. ``loss.backward()`` returns its gradient by the
output, where back-propagation starts. The LossMSE of the report takes its target when it is
created; here one object serves every batch.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from minidl import errors
from minidl.activations import sigmoid
from minidl.module import Array, Module

Reduction = Literal["sum", "mean"]


class Loss(Module):
    """Base class of losses: it checks shapes and reduces over the batch.

    A subclass defines ``compute``, which returns the terms of the loss and their gradient.

    Args:
        reduction: "sum" or "mean", over all terms of the batch.

    Raises:
        MinidlError: the reduction is unknown.
    """

    _gradient: Array | None = None

    def __init__(self, reduction: Reduction) -> None:
        if reduction not in ("sum", "mean"):
            raise errors.unknown_name(type(self).__name__, "reduction", reduction, ("sum", "mean"))
        self.reduction = reduction

    def compute(self, output: Array, target: Array) -> tuple[Array, Array]:
        """Compute the terms of the loss.

        Args:
            output: output of the network (..., B, features).
            target: target of the shape that :meth:`target_shape` returns.

        Returns:
            The terms (..., n), and the gradient of their sum by the output.
        """
        raise NotImplementedError

    def target_shape(self, output: tuple[int, ...]) -> tuple[int, ...]:
        """The shape that a target must have for an output of the shape ``output``."""
        return output

    def forward(self, *input: Array) -> Array:  # noqa: A002
        """Compute the loss of a batch.

        Args:
            *input: output (..., B, features) and target, whose shape :meth:`target_shape` defines.

        Returns:
            The loss (...), one number for each repeat.

        Raises:
            ShapeError: the target does not fit the output. Nothing is broadcast.
        """
        output, target = input
        if output.ndim < 2:
            raise errors.wrong_shape(repr(self), "output", output.shape, "(..., B, features)")
        expected = self.target_shape(output.shape)
        if target.shape != expected:
            raise errors.wrong_shape(repr(self), "target", target.shape, expected)
        terms, gradient = self.compute(output, target)
        total: Array = np.add.reduce(terms, -1)
        if self.reduction == "mean":
            share = output.dtype.type(1 / terms.shape[-1])
            total, gradient = total * share, gradient * share
        self._gradient = gradient
        return total

    def backward(self, *gradwrtoutput: Array) -> Array:
        """Compute the gradient of the last loss by the output.

        Args:
            *gradwrtoutput: optionally the gradient by the loss (...), which is multiplied in.

        Returns:
            The gradient (..., B, features).

        Raises:
            OrderError: there was no forward pass since the last backward pass.
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
    """Sum of (output - target)^2. Its gradient is 2 (output - target) (report 1, section 2.3).

    Despite its name it is the sum over batch and features, as in the report.

    Args:
        reduction: "sum", or "mean" to divide by the number of terms.

    >>> loss = LossMSE()
    >>> float(loss.forward(np.array([[1.0], [3.0]]), np.array([[0.0], [1.0]])))
    5.0
    >>> loss.backward().tolist()
    [[2.0], [4.0]]
    """

    def __init__(self, reduction: Reduction = "sum") -> None:
        super().__init__(reduction)

    def compute(self, output: Array, target: Array) -> tuple[Array, Array]:
        """Return the squared differences and twice the differences."""
        difference = np.subtract(output, target, dtype=output.dtype)
        terms = np.multiply(difference, difference).reshape(*output.shape[:-2], -1)
        return terms, np.add(difference, difference)


class LossCrossEntropy(Loss):
    """Softmax cross entropy, -log p_t with p = softmax(output), for classes t (..., B).

    Its gradient is p minus the one-hot target. The largest output is subtracted first, so that no
    exponential overflows (Goodfellow et al. 2016, section 4.1).

    Args:
        reduction: "mean" or "sum" over the samples.

    >>> loss = LossCrossEntropy()
    >>> float(loss.forward(np.array([[0.0, np.log(3.0)]]), np.array([1])).round(4))
    0.2877
    >>> loss.backward().round(2).tolist()
    [[0.25, -0.25]]
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def target_shape(self, output: tuple[int, ...]) -> tuple[int, ...]:
        """One class per sample: (..., B)."""
        return output[:-1]

    def compute(self, output: Array, target: Array) -> tuple[Array, Array]:
        """Return -log p_t for each sample, and p minus the one-hot target.

        Raises:
            MinidlError: a target is not one of the classes.
        """
        classes = output.shape[-1]
        if target.dtype.kind not in "iu" or ((target < 0) | (target >= classes)).any():
            allowed = f"whole numbers from 0 to {classes - 1}"
            raise errors.out_of_range(f"{self!r}: target", target, allowed)
        index = target[..., None]
        shifted = output - output.max(-1, keepdims=True)
        powers = np.exp(shifted)
        total = powers.sum(-1, keepdims=True)
        terms = (np.log(total) - np.take_along_axis(shifted, index, -1))[..., 0]
        gradient = powers / total
        np.put_along_axis(gradient, index, np.take_along_axis(gradient, index, -1) - 1, -1)
        return terms, gradient


class LossBCE(Loss):
    """Binary cross entropy of logits z: max(z, 0) - z t + log(1 + exp(-|z|)), t in [0, 1].

    This equals -t log s - (1 - t) log(1 - s) with s = 1 / (1 + exp(-z)) and cannot overflow. Its
    gradient is s - t.

    Args:
        reduction: "mean" or "sum" over the terms.

    >>> loss = LossBCE()
    >>> float(loss.forward(np.array([[0.0], [2.0]]), np.array([[1.0], [0.0]])).round(4))
    1.41
    >>> loss.backward().round(4).tolist()
    [[-0.25], [0.4404]]
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def compute(self, output: Array, target: Array) -> tuple[Array, Array]:
        """Return one term per output, and s - t."""
        t = target.astype(output.dtype)
        terms = np.maximum(output, 0) - output * t + np.log1p(np.exp(-np.abs(output)))
        return terms.reshape(*output.shape[:-2], -1), sigmoid(output) - t
