"""Cross entropy for an output that predicts a class by being nearer to 0 or to 1."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from minidl import LossBCE


class LossCentredBCE(LossBCE):
    """Binary cross entropy of the logits scale (output - 1/2), summed over the batch.

    The logit is positive where the output is nearer to 1, so its sign is the prediction. By the
    chain rule the gradient is scale (s - t), with s = 1 / (1 + exp(-logit)).

    Args:
        scale: factor from outputs to logits.

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
        """Return one term per output, and scale (s - t)."""
        scale, half = output.dtype.type(self.scale), output.dtype.type(0.5)
        terms, gradient = super().compute(scale * (output - half), target)
        return terms, scale * gradient
