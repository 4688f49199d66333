"""The losses equal numpy computations written from the equations of the reports."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from cmpnet import losses

RNG = np.random.default_rng(0)
VERDICT = RNG.normal(size=(7, 2))
DIGITS = RNG.normal(size=(7, 2, 10))
TARGET = RNG.integers(0, 2, 7)
CLASSES = RNG.integers(0, 10, (7, 2))
LOGIT = RNG.normal(size=7)
OUTPUT = {
    "verdict": torch.tensor(VERDICT),
    "digits": torch.tensor(DIGITS),
    "logit": torch.tensor(LOGIT),
}
BATCH = {"target": torch.tensor(TARGET), "classes": torch.tensor(CLASSES)}


def cross_entropy(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    """Mean of -log softmax at the label."""
    shares = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    return float(np.mean([-np.log(row[label]) for row, label in zip(shares, labels, strict=True)]))


COMPARISON = cross_entropy(VERDICT, TARGET)
CLASS_A = cross_entropy(DIGITS[:, 0], CLASSES[:, 0])
CLASS_B = cross_entropy(DIGITS[:, 1], CLASSES[:, 1])


def test_ce_is_the_cross_entropy_of_the_verdict() -> None:
    assert float(losses.comparison(OUTPUT, BATCH)) == pytest.approx(COMPARISON)


def test_bce_is_the_mean_negative_log_of_the_sigmoid_of_the_target() -> None:
    shares = 1 / (1 + np.exp(-LOGIT))
    expected = -np.mean(np.log(np.where(TARGET == 1, shares, 1 - shares)))
    assert float(losses.binary(OUTPUT, BATCH)) == pytest.approx(expected)


def test_bce_is_ce_of_the_scores_zero_and_logit() -> None:
    pair = {"verdict": torch.tensor(np.stack([np.zeros(7), LOGIT], axis=1))}
    expected = float(losses.comparison(pair, BATCH))
    assert float(losses.binary(OUTPUT, BATCH)) == pytest.approx(expected)


def test_bce_of_a_huge_logit_is_finite() -> None:
    output = {"logit": torch.tensor([1000.0, -1000.0])}
    assert float(losses.binary(output, {"target": torch.tensor([0, 0])})) == pytest.approx(500)


def test_constant_is_equation_1() -> None:
    expected = COMPARISON + CLASS_A + CLASS_B
    assert float(losses.constant(OUTPUT, BATCH)) == pytest.approx(expected)


@pytest.mark.parametrize("alpha", [0.0, 0.25, 0.75, 1.0])
def test_discounted_is_equation_2(alpha: float) -> None:
    expected = COMPARISON + alpha * (CLASS_A + CLASS_B)
    assert float(losses.discounted(OUTPUT, BATCH, alpha=alpha)) == pytest.approx(expected)


@pytest.mark.parametrize("progress", [0.0, 0.4, 0.99])
def test_scheduled_without_decay_is_equation_3_throughout(progress: float) -> None:
    expected = 0.75 * COMPARISON + 0.25 * (CLASS_A + CLASS_B)
    loss = losses.scheduled(OUTPUT, BATCH, alpha=0.25, decay="none", progress=progress)
    assert float(loss) == pytest.approx(expected)


@pytest.mark.parametrize(("progress", "alpha"), [(0.0, 0.8), (0.25, 0.6), (0.5, 0.4), (1.0, 0.0)])
def test_alpha_of_scheduled_decreases_linearly_to_zero(progress: float, alpha: float) -> None:
    expected = (1 - alpha) * COMPARISON + alpha * (CLASS_A + CLASS_B)
    loss = losses.scheduled(OUTPUT, BATCH, alpha=0.8, progress=progress)
    assert float(loss) == pytest.approx(expected)
