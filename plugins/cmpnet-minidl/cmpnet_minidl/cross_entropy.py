"""Cross entropy for outputs of which the nearer of 0 and 1 is the prediction."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from minidl import LossBCE


class LossCentredBCE(LossBCE):
    """Binary cross entropy of the logits scale (output - 1/2), summed over the batch.

    The sign of the logit is the prediction: the output is nearer to 1 where it is positive. By the
    chain rule the gradient is scale (s - t), with s = 1 / (1 + exp(-logit)).

    >>> import numpy as np
    >>> loss = LossCentredBCE(2.0)
    >>> float(loss.forward(np.array([[0.5], [1.5]]), np.array([[1.0], [0.0]])).round(4))
    2.8201
    >>> loss.backward().round(4).tolist()
    [[-1.0], [1.7616]]
    """

    def __init__(self, scale: float) -> None:
        super().__init__("sum")
        self.scale = scale

    def compute(self, output: NDArray[Any], target: NDArray[Any]) -> tuple[Any, Any]:
        """One term an output; scale (s - t)."""
        scale, half = output.dtype.type(self.scale), output.dtype.type(0.5)
        terms, gradient = super().compute(scale * (output - half), target)
        return terms, scale * gradient
