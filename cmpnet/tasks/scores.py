"""From scores to what metrics of classes ask for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def class_view(scores: NDArray[Any], truth: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """What metrics may ask for, of scores (N, C) before the softmax and the true classes (N,).

    Returns:
        "probabilities" and "log_probabilities" (N, C), and "truth" (N,).
    """
    shifted = scores.astype(np.float64) - scores.max(-1, keepdims=True)
    logarithms = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    return {
        "probabilities": np.exp(logarithms),
        "log_probabilities": logarithms,
        "truth": truth,
    }
