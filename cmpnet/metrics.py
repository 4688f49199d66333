"""Built-in metrics: how good the outputs for N samples are, as one number.

A metric's parameters are what it asks for, by name (:class:`cmpnet.spec.Metric`):
``probabilities`` and ``log_probabilities`` (N, C) of C classes with ``truth`` (N,), the number of
the class; or ``prediction`` and ``truth`` (N, ...), which are numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmpnet.spec import Metric

Floats = NDArray[np.floating[Any]]
Classes = NDArray[np.integer[Any]]
BINS = 15  # of the confidence, as in Guo et al. 2017
UNIT = (0.0, 1.0)
POSITIVE = (0.0, float("inf"))


def error(wrong: NDArray[np.bool_]) -> float:
    """The share of misclassified samples."""
    return float(np.mean(wrong))


def cross_entropy(log_probabilities: Floats, truth: Classes) -> float:
    """The mean of -log p(true class), in nats."""
    return -float(np.mean(log_probabilities[np.arange(len(truth)), truth], dtype=np.float64))


def macro_f1(probabilities: Floats, truth: Classes) -> float:
    """The mean over the classes of F1 = 2 TP / (2 TP + FP + FN).

    A class that is neither among the samples nor predicted does not count.
    """
    predicted = probabilities.argmax(1)
    classes = probabilities.shape[1]
    hit = np.bincount(truth[predicted == truth], minlength=classes)
    total = np.bincount(truth, minlength=classes) + np.bincount(predicted, minlength=classes)
    return float(np.mean(2 * hit[total > 0] / total[total > 0]))


def auc(probabilities: Floats, truth: Classes) -> float:
    """The area under the ROC curve; for more than two classes the mean of one against the rest.

    It is the probability that a random sample of a class has a higher probability of that class
    than a random other sample; ties count half (Hanley and McNeil 1982). NaN where a class has
    all samples, or none.
    """
    classes = range(probabilities.shape[1]) if probabilities.shape[1] > 2 else (1,)
    return float(np.mean([_area(probabilities[:, one], truth == one) for one in classes]))


def _area(scores: Floats, positive: NDArray[np.bool_]) -> float:
    """The Mann-Whitney U of the positive samples over the number of pairs."""
    ones, zeros = int(positive.sum()), int((~positive).sum())
    if not ones or not zeros:
        return float("nan")
    _, group, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2  # the mean rank of equal scores
    return float((ranks[group[positive]].sum() - ones * (ones + 1) / 2) / (ones * zeros))


def calibration_error(probabilities: Floats, truth: Classes) -> float:
    """The expected calibration error: the mean of |accuracy - confidence| over 15 equal bins.

    The confidence is the probability of the predicted class; each bin counts as often as it has
    samples (Guo et al. 2017, eq. 3).
    """
    confidence = probabilities.max(1).astype(np.float64)
    right = probabilities.argmax(1) == truth
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = np.bincount(place, right - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(truth))


def rmse(prediction: Floats, truth: Floats) -> float:
    """The root of the mean squared error, in the unit of the truth."""
    return float(np.sqrt(np.mean(np.square(np.subtract(prediction, truth, dtype=np.float64)))))


def mae(prediction: Floats, truth: Floats) -> float:
    """The mean absolute error, in the unit of the truth."""
    return float(np.mean(np.abs(np.subtract(prediction, truth, dtype=np.float64))))


ERROR = Metric(
    name="error",
    summary="share of misclassified samples",
    fn=error,
    unit="%",
    limits=UNIT,
)
CROSS_ENTROPY = Metric(
    name="cross-entropy",
    summary="mean negative log probability of the true class, in nats",
    fn=cross_entropy,
    title="cross entropy",
    limits=POSITIVE,
)
MACRO_F1 = Metric(
    name="macro-f1",
    summary="F1, averaged over the classes",
    fn=macro_f1,
    title="macro F1",
    unit="%",
    better="higher",
    limits=UNIT,
)
AUC = Metric(
    name="auc",
    summary="area under the ROC curve; with more than two classes the mean of one against the rest",
    fn=auc,
    title="AUC",
    better="higher",
    limits=UNIT,
    source="Hanley and McNeil 1982",
)
ECE = Metric(
    name="ece",
    summary="expected calibration error, over 15 bins of the confidence",
    fn=calibration_error,
    title="calibration error",
    unit="%",
    limits=UNIT,
    source="Guo et al. 2017, eq. 3",
)
RMSE = Metric(
    name="rmse",
    summary="root of the mean squared error, in the unit of what is predicted",
    fn=rmse,
    title="RMSE",
    limits=POSITIVE,
)
MAE = Metric(
    name="mae",
    summary="mean absolute error, in the unit of what is predicted",
    fn=mae,
    title="MAE",
    limits=POSITIVE,
)
