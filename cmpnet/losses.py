"""Built-in losses: cross entropies, and the second report's auxiliary losses.

From simple to complex: ``squared-error`` scores a number, ``cross-entropy`` the class of a sample.
``bce`` and ``ce`` score the
comparison of two digits, from one logit or two scores. ``aux-discounted`` adds alpha times the
digit losses; ``aux-constant`` is the case alpha = 1. ``aux-scheduled`` weighs the two parts with
1 - alpha and alpha.

Each function takes the network's output and the targets of a batch of B samples, by name, and
returns the mean loss of the batch as a scalar tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from torch import Tensor
from torch.nn import functional

from cmpnet.spec import Bounds, Loss

Batch = Mapping[str, Tensor]
Alpha = Annotated[float, Bounds(0, 1), "weight of the digit losses"]


def classification(output: Batch, batch: Batch) -> Tensor:
    """Cross entropy of the scores (B, C) and the class (B,)."""
    return functional.cross_entropy(output["scores"], batch["class"])


def squared(output: Batch, batch: Batch) -> Tensor:
    """Squared error of the value (B,) and the target (B,)."""
    return functional.mse_loss(output["value"], batch["value"])


def binary(output: Batch, batch: Batch) -> Tensor:
    """Binary cross entropy of the logit (B,) and the target (B,): ``ce`` of (0, logit)."""
    target = batch["target"].to(output["logit"].dtype)
    return functional.binary_cross_entropy_with_logits(output["logit"], target)


def comparison(output: Batch, batch: Batch) -> Tensor:
    """L_comparison: cross entropy of the verdict (B, 2) and the target (B,)."""
    return functional.cross_entropy(output["verdict"], batch["target"])


def digits(output: Batch, batch: Batch) -> Tensor:
    """L_classA + L_classB: cross entropies of the digits (B, 2, 10) and the classes (B, 2).

    The mean over all 2B digits is half the sum of the means of the two images.
    """
    return 2 * functional.cross_entropy(output["digits"].flatten(0, 1), batch["classes"].flatten())


def discounted(output: Batch, batch: Batch, *, alpha: Alpha = 1.0) -> Tensor:
    """L_comparison + alpha (L_classA + L_classB), report 2, eq. 2."""
    return comparison(output, batch) + alpha * digits(output, batch)


def constant(output: Batch, batch: Batch) -> Tensor:
    """L_comparison + L_classA + L_classB, report 2, eq. 1: eq. 2 with alpha = 1."""
    return discounted(output, batch, alpha=1.0)


def scheduled(
    output: Batch,
    batch: Batch,
    *,
    alpha: Alpha = 0.75,
    decay: Annotated[
        Literal["linear", "none"], "linear: alpha decreases to 0 over the training"
    ] = "linear",
    progress: float,
) -> Tensor:
    """(1 - alpha) L_comparison + alpha (L_classA + L_classB), report 2, eq. 3.

    With linear decay, alpha is multiplied by 1 - ``progress``, the share of the training left.
    """
    weight = alpha * (1 - progress) if decay == "linear" else alpha
    return (1 - weight) * comparison(output, batch) + weight * digits(output, batch)


CROSS_ENTROPY = Loss(
    name="cross-entropy",
    summary="cross entropy of the class",
    fn=classification,
    needs=("scores",),
)
SQUARED_ERROR = Loss(
    name="squared-error",
    summary="mean squared error of a number",
    fn=squared,
    needs=("value",),
)
BCE = Loss(
    name="bce",
    summary="binary cross entropy of the comparison, from one logit",
    fn=binary,
    needs=("logit",),
    source="Report 1, section 1.2.2",
)
CE = Loss(
    name="ce",
    summary="cross entropy of the comparison",
    fn=comparison,
    needs=("verdict",),
    source="Report 2, section C",
)
AUX_CONSTANT = Loss(
    name="aux-constant",
    summary="comparison + digit losses, equal weights",
    fn=constant,
    needs=("verdict", "digits"),
    source="Report 2, section D.1, eq. 1",
)
AUX_DISCOUNTED = Loss(
    name="aux-discounted",
    summary="comparison + alpha x digit losses",
    fn=discounted,
    needs=("verdict", "digits"),
    source="Report 2, section D.2, eq. 2",
)
AUX_SCHEDULED = Loss(
    name="aux-scheduled",
    summary="(1 - alpha) x comparison + alpha x digit losses, alpha decreasing or constant",
    fn=scheduled,
    needs=("verdict", "digits"),
    source="Report 2, section D.2, eq. 3",
)
