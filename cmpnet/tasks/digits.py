"""The digit-pairs task: whether the first of two 14x14 digits is at most the second.

The protocol is that of the course both reports come from: 2N digits are drawn without replacement
from a split and paired; the input is standardised with the mean and SD of the train pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.spec import Bounds, Data, Output, Split, Task
from cmpnet.tasks import mnist

Pairs = Annotated[int, Bounds(1, 30_000), "train pairs, and as many test pairs"]
DataDir = Annotated[str | None, "folder of IDX files in place of the packaged MNIST"]


def _draw(digits: mnist.Digits, pairs: int, rng: np.random.Generator) -> tuple[Any, Any]:
    chosen = rng.permutation(len(digits.labels))[: 2 * pairs]
    x = digits.sums[chosen].reshape(pairs, 2, mnist.SIDE, mnist.SIDE)
    return x.astype(np.float32), digits.labels[chosen].reshape(pairs, 2).astype(np.int64)


def load(seed: int, *, pairs: Pairs = 1000, data_dir: DataDir = None) -> Data:
    """The pairs of one repeat: ``x`` (N, 2, 14, 14), ``target`` (N,) 0/1, ``classes`` (N, 2).

    Raises:
        CmpnetError: the data cannot be read, or has too few digits for so many pairs.
    """
    source = mnist.source(data_dir)
    _check(source, pairs)
    rng = np.random.default_rng([seed, 0])
    (x, classes), (test_x, test_classes) = (
        _draw(source[part], pairs, rng) for part in ("train", "test")
    )
    mean, sd = x.mean(dtype=np.float64), x.std(dtype=np.float64) or 1.0
    return Data(_split(x, classes, mean, sd), _split(test_x, test_classes, mean, sd))


def _split(x: Any, classes: Any, mean: float, sd: float) -> Split:
    standardised = ((x - mean) / sd).astype(np.float32)
    target = (classes[:, 0] <= classes[:, 1]).astype(np.int64)
    return Split(standardised, {"target": target, "classes": classes})


def _check(source: mnist.Source, pairs: int) -> None:
    for part, digits in source.items():
        if 2 * pairs > len(digits.labels):
            raise errors.too_many_pairs(pairs, part, len(digits.labels))


def fingerprint(*, pairs: int = 1000, data_dir: str | None = None) -> str:
    """SHA-256 of the digits, once it is sure that so many pairs can be made of them."""
    _check(mnist.source(data_dir), pairs)
    return mnist.fingerprint(data_dir)


def _verdict(output: Output) -> NDArray[Any]:
    """The scores of both answers (N, 2); one logit (N,) is the second's, with 0 for the first.

    The softmax of (0, logit) is the sigmoid of the logit.
    """
    if "logit" in output:
        return np.stack([np.zeros_like(output["logit"]), output["logit"]], axis=-1)
    return np.asarray(output["verdict"])


def wrong(output: Output, targets: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Misjudged pairs (N,): the larger score, of a "verdict" or a "logit", is not the target's."""
    return np.asarray(_verdict(output).argmax(-1) != targets["target"])


def _probabilities(scores: NDArray[Any]) -> NDArray[np.float64]:
    """Softmax over the last axis; scores that are not finite count as 0."""
    finite = np.nan_to_num(scores.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    powers = np.exp(finite - finite.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def _counts(rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[np.int64]:
    """How often each (row, column) occurs, (10, 10)."""
    return np.bincount(10 * rows + columns, minlength=100).reshape(10, 10)


def details(
    output: Output, targets: Mapping[str, Any], mistakes: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """What the pictures of a repeat need, some 2 KB.

    "pairs" and "wrong_pairs" (10, 10), test pairs and errors by (first, second) digit; "confidence"
    (mistakes,), the probability of the wrong verdict; and of a net that learns the digits,
    "confusion" (10, 10), both digits of all test pairs by (true, predicted), and "predicted"
    (mistakes, 2).
    """
    classes = targets["classes"]
    kept = {
        "pairs": _counts(*classes.T),
        "wrong_pairs": _counts(*classes[mistakes].T),
    }
    if output.keys() & {"verdict", "logit"}:
        kept["confidence"] = _probabilities(_verdict(output)[mistakes]).max(-1).round(4)
    if "digits" in output:
        predicted = output["digits"].argmax(-1)
        kept["confusion"] = _counts(classes.ravel(), predicted.ravel())
        kept["predicted"] = predicted[mistakes]
    return kept


DIGIT_PAIRS = Task(
    name="digit-pairs",
    summary="is the first of two 14x14 MNIST digits less than or equal to the second?",
    load=load,
    wrong=wrong,
    fingerprint=fingerprint,
    details=details,
    unit="pairs",
    source="Report 2, section A and Table I",
)
