"""The digit-pairs task: whether the first of two 14x14 digits is less than or equal to the second.

The protocol is that of the course for which both reports were written: 2N digits are drawn from a
split without replacement and paired, and the images are standardised with the mean and SD of the
training pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.spec import PARTS, Bounds, Data, LocalPath, Output, Split, Task
from cmpnet.tasks import mnist

Pairs = Annotated[int, Bounds(1, 30_000), "number of training pairs, and of test pairs"]
DataDir = Annotated[
    str | None, LocalPath(), "folder of IDX files to use instead of the packaged MNIST"
]


def _rows(digits: mnist.Digits, pairs: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Indices (N, 2) of the digits of N random pairs."""
    return rng.permutation(len(digits.labels))[: 2 * pairs].reshape(pairs, 2)


def _draw(digits: mnist.Digits, pairs: int, rng: np.random.Generator) -> tuple[Any, Any]:
    """Images (N, 2, 14, 14) and classes (N, 2) of N random pairs."""
    rows = _rows(digits, pairs, rng)
    return digits.sums[rows].astype(np.float32), digits.labels[rows].astype(np.int64)


def load(seed: int, *, pairs: Pairs = 1000, data_dir: DataDir = None) -> Data:
    """Draw the N training pairs and N test pairs of one repeat.

    Args:
        seed: the repeat's seed.
        pairs: N.
        data_dir: folder of IDX files; None stands for the packaged MNIST.

    Returns:
        Splits with images ``x`` (N, 2, 14, 14), standardised; ``target`` (N,), 1 if the first digit
        is less than or equal to the second, else 0; and ``classes`` (N, 2), the digits.

    Raises:
        CmpnetError: the data cannot be read, or has fewer than 2N digits.
    """
    source = mnist.source(data_dir)
    _check(source, pairs)
    rng = np.random.default_rng([seed, 0])
    (x, classes), (test_x, test_classes) = (_draw(source[part], pairs, rng) for part in PARTS)
    mean, sd = x.mean(dtype=np.float64), x.std(dtype=np.float64) or 1.0
    return Data(_split(x, classes, mean, sd), _split(test_x, test_classes, mean, sd))


def sampled(seed: int, *, pairs: int = 1000, data_dir: str | None = None) -> NDArray[np.int64]:
    """Which digits of the test split the N test pairs of :func:`load` are made of, (N, 2)."""
    source = mnist.source(data_dir)
    rng = np.random.default_rng([seed, 0])
    _, rows = (_rows(source[part], pairs, rng) for part in PARTS)
    return rows


def _split(x: Any, classes: Any, mean: float, sd: float) -> Split:
    standardised = ((x - mean) / sd).astype(np.float32)
    target = (classes[:, 0] <= classes[:, 1]).astype(np.int64)
    return Split(standardised, {"target": target, "classes": classes})


def _check(source: mnist.Source, pairs: int) -> None:
    for part, digits in source.items():
        if 2 * pairs > len(digits.labels):
            raise errors.too_many_pairs(pairs, part, len(digits.labels))


def fingerprint(*, pairs: int = 1000, data_dir: str | None = None) -> str:
    """SHA-256 of the digits.

    Raises:
        CmpnetError: the data cannot be read, or has too few digits.
    """
    _check(mnist.source(data_dir), pairs)
    return mnist.fingerprint(data_dir)


def _verdict(output: Output) -> NDArray[Any]:
    """The scores of both answers (N, 2): the verdict, or (0, logit) for an output of one logit.

    The softmax of (0, logit) is the sigmoid of the logit.
    """
    if "logit" in output:
        return np.stack([np.zeros_like(output["logit"]), output["logit"]], axis=-1)
    return np.asarray(output["verdict"])


def wrong(output: Output, targets: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Which pairs are misclassified, (N,): the answer with the larger score is not the target.

    Args:
        output: "verdict" (N, 2) or "logit" (N,), positive for the answer 1.
        targets: "target" (N,).
    """
    return np.asarray(_verdict(output).argmax(-1) != targets["target"])


def _probabilities(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Softmax over the last axis, with 0 in place of scores that are not finite."""
    finite = np.nan_to_num(scores.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    powers = np.exp(finite - finite.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def _counts(rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[np.int64]:
    """How often each (row, column) occurs, (10, 10)."""
    return np.bincount(10 * rows + columns, minlength=100).reshape(10, 10)


def details(
    output: Output, targets: Mapping[str, Any], mistakes: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """What the plots of a repeat need, about 2 KB.

    Args:
        output: "verdict" (N, 2) or "logit" (N,), and "digits" (N, 2, 10) if they are learned.
        targets: "classes" (N, 2).
        mistakes: indices of the M misclassified pairs (M,).

    Returns:
        "pairs" and "wrong_pairs" (10, 10), test pairs and errors by (first, second) digit;
        "confidence" (M,), the probability of the wrong verdict; and for a network that learns the
        digits, "confusion" (10, 10), all test digits by (true, predicted) class, and "predicted"
        (M, 2).
    """
    classes = targets["classes"]
    plot_data = {
        "pairs": _counts(*classes.T),
        "wrong_pairs": _counts(*classes[mistakes].T),
    }
    if output.keys() & {"verdict", "logit"}:
        plot_data["confidence"] = _probabilities(_verdict(output)[mistakes]).max(-1).round(4)
    if "digits" in output:
        predicted = output["digits"].argmax(-1)
        plot_data["confusion"] = _counts(classes.ravel(), predicted.ravel())
        plot_data["predicted"] = predicted[mistakes]
    return plot_data


DIGIT_PAIRS = Task(
    name="digit-pairs",
    summary="is the first of two 14x14 MNIST digits less than or equal to the second?",
    load=load,
    wrong=wrong,
    fingerprint=fingerprint,
    details=details,
    sampled=sampled,
    unit="pairs",
    item="digit",
    source="Report 2, section A and Table I",
)
