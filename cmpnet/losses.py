"""Built-in losses: cross entropies of the comparison, and the second report's auxiliary losses.

From simple to complex: ``bce`` and ``ce`` are the comparison alone, of one logit and of two scores;
``aux-discounted`` adds the digit losses times alpha, ``aux-constant`` is that with alpha 1,
``aux-scheduled`` trades one against the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from torch import Tensor
from torch.nn import functional

from cmpnet.spec import Bounds, Loss

Batch = Mapping[str, Tensor]
Alpha = Annotated[float, Bounds(0, 1), "weight of the digit losses"]


def binary(output: Batch, batch: Batch) -> Tensor:
    """Binary cross entropy of the logit (B,) against the target (B,): ``ce`` of (0, logit)."""
    target = batch["target"].to(output["logit"].dtype)
    return functional.binary_cross_entropy_with_logits(output["logit"], target)


def comparison(output: Batch, batch: Batch) -> Tensor:
    """L_comparison: cross entropy of the verdict (B, 2) against the target (B,)."""
    return functional.cross_entropy(output["verdict"], batch["target"])


def digits(output: Batch, batch: Batch) -> Tensor:
    """L_classA + L_classB: cross entropies of the digits (B, 2, 10) against the classes (B, 2).

    The mean over all 2B digits is half the sum of the two images' means.
    """
    return 2 * functional.cross_entropy(output["digits"].flatten(0, 1), batch["classes"].flatten())


def discounted(output: Batch, batch: Batch, *, alpha: Alpha = 1.0) -> Tensor:
    """Report 2, eq. 2: L_comparison + alpha (L_classA + L_classB)."""
    return comparison(output, batch) + alpha * digits(output, batch)


def constant(output: Batch, batch: Batch) -> Tensor:
    """Report 2, eq. 1: L_comparison + L_classA + L_classB, which is eq. 2 with alpha 1."""
    return discounted(output, batch, alpha=1.0)


def scheduled(
    output: Batch,
    batch: Batch,
    *,
    alpha: Alpha = 0.75,
    decay: Annotated[
        Literal["linear", "none"], "linear: alpha falls to 0 over the training"
    ] = "linear",
    progress: float,
) -> Tensor:
    """Report 2, eq. 3: (1 - alpha) L_comparison + alpha (L_classA + L_classB)."""
    now = alpha * (1 - progress) if decay == "linear" else alpha
    return (1 - now) * comparison(output, batch) + now * digits(output, batch)


BCE = Loss(
    name="bce",
    summary="binary cross entropy of the comparison's one logit",
    fn=binary,
    needs=("logit",),
    source="Report 1, section 1.2.2",
)
CE = Loss(
    name="ce",
    summary="cross entropy of the comparison alone",
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
    summary="(1 - alpha) x comparison + alpha x digit losses, alpha falling or constant",
    fn=scheduled,
    needs=("verdict", "digits"),
    source="Report 2, section D.2, eq. 3",
)
