"""The digit-pairs task: whether the first of two 14x14 digits is less than or equal to the second.

The protocol is that of the course for which both reports were written: 2N digits are drawn from a
split without replacement and paired, and the images are standardised with the mean and SD of the
training pairs.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.spec import Bounds, Data, LocalPath, Output, Split, Task
from cmpnet.tasks import mnist
from cmpnet.tasks.scores import class_view

Pairs = Annotated[int, Bounds(1, 30_000), "number of training pairs, and of pairs to measure on"]
DataDir = Annotated[
    str | None, LocalPath(), "folder of IDX files to use instead of the packaged MNIST"
]
On = Annotated[
    Literal["test", "validation"],
    "pairs that the error is measured on: test, or validation pairs of MNIST's training split",
]


def _sizes(source: mnist.Source) -> tuple[int, int]:
    return len(source["train"].labels), len(source["test"].labels)


@lru_cache(maxsize=256)  # 0.6 ms each, and every arm of a table needs the same; 20 MB at most
def _draw(
    sizes: tuple[int, int], seed: int, pairs: int, on: str
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The digits (2N,) of the training pairs, and of the pairs that the error is measured on."""
    rng = np.random.default_rng([seed, 0])
    order = rng.permutation(sizes[0])
    rows, others = order[: 2 * pairs].copy(), order[2 * pairs : 4 * pairs].copy()
    if on == "test":
        others = rng.permutation(sizes[1])[: 2 * pairs].copy()
    for each in (rows, others):
        each.flags.writeable = False
    return rows, others


def _images(digits: mnist.Digits, rows: NDArray[np.int64]) -> tuple[Any, Any]:
    """Images (N, 2, 14, 14) and classes (N, 2) of the pairs of 2N rows."""
    x = digits.sums[rows].reshape(-1, 2, mnist.SIDE, mnist.SIDE)
    return x.astype(np.float32), digits.labels[rows].reshape(-1, 2).astype(np.int64)


def load(seed: int, *, pairs: Pairs = 1000, data_dir: DataDir = None, on: On = "test") -> Data:
    """Draw the N training pairs of one repeat, and N pairs to measure its error on.

    Validation pairs are for choosing between networks and options: they are drawn from the training
    split, without the digits of the training pairs. The training pairs are the same either way.

    Args:
        seed: the repeat's seed.
        pairs: N.
        data_dir: folder of IDX files; None stands for the packaged MNIST.
        on: "test" or "validation", what the part ``test`` consists of.

    Returns:
        Splits with images ``x`` (N, 2, 14, 14), standardised; ``target`` (N,), 1 if the first digit
        is less than or equal to the second, else 0; and ``classes`` (N, 2), the digits.

    Raises:
        CmpnetError: the data cannot be read, or has fewer than 2N digits for each part.
    """
    source = mnist.source(data_dir)
    _check(source, pairs, on)
    rows, test_rows = _draw(_sizes(source), seed, pairs, on)
    x, classes = _images(source["train"], rows)
    test_x, test_classes = _images(source["test" if on == "test" else "train"], test_rows)
    mean, sd = x.mean(dtype=np.float64), x.std(dtype=np.float64) or 1.0
    return Data(_split(x, classes, mean, sd), _split(test_x, test_classes, mean, sd))


def sampled(
    seed: int, *, pairs: int = 1000, data_dir: str | None = None, on: str = "test"
) -> NDArray[np.int64]:
    """Which digits of its split the N pairs are made of that the error is measured on, (N, 2)."""
    _, rows = _draw(_sizes(mnist.source(data_dir)), seed, pairs, on)
    return rows.reshape(pairs, 2)


def _split(x: Any, classes: Any, mean: float, sd: float) -> Split:
    standardised = ((x - mean) / sd).astype(np.float32)
    target = (classes[:, 0] <= classes[:, 1]).astype(np.int64)
    return Split(standardised, {"target": target, "classes": classes})


def _check(source: mnist.Source, pairs: int, on: str) -> None:
    used = {"train": 4} if on == "validation" else dict.fromkeys(source, 2)  # digits per pair
    for part, per_pair in used.items():
        if per_pair * pairs > (digits := len(source[part].labels)):
            raise errors.too_many_pairs(pairs, part, digits, digits // per_pair)


def fingerprint(*, pairs: int = 1000, data_dir: str | None = None, on: str = "test") -> str:
    """SHA-256 of the digits.

    Raises:
        CmpnetError: the data cannot be read, or has too few digits.
    """
    _check(mnist.source(data_dir), pairs, on)
    return mnist.fingerprint(data_dir)


def _verdict(output: Output) -> NDArray[Any]:
    """The scores of both answers (N, 2): the verdict, or (0, logit) for an output of one logit.

    The softmax of (0, logit) is the sigmoid of the logit.
    """
    if "logit" in output:
        return np.stack([np.zeros_like(output["logit"]), output["logit"]], axis=-1)
    return np.asarray(output["verdict"])


OUTPUTS = {"verdict": (2,), "logit": (), "digits": (2, 10)}


def name_outputs(output: Any) -> dict[str, Any]:
    """Names of what a plain network returns for B pairs, by its shapes.

    Args:
        output: a tensor, or a tuple or list of tensors in any order: a verdict (B, 2) or a logit
            (B,) or (B, 1); and the digits (B, 2, 10) or (B, 20), or (B, 10) for each image.

    Returns:
        "verdict" (B, 2) or "logit" (B,), and "digits" (B, 2, 10). Digits alone imply a verdict:
        the logarithms of the probabilities that the first digit is larger, and that it is not, for
        independent digits with the softmaxes as probabilities.

    Raises:
        ValueError: it is anything else.
    """
    import torch  # numpy is enough for the task itself

    named: dict[str, Any] = {}
    images: list[Any] = []
    for tensor in _flat(output):
        shape = (
            tuple(tensor.shape[1:]) if isinstance(tensor, torch.Tensor) and tensor.ndim else None
        )
        if shape == (10,):
            images.append(tensor)
            continue
        name = {(2,): "verdict", (): "logit", (1,): "logit", (20,): "digits", (2, 10): "digits"}
        if shape not in name or name[shape] in named:
            raise ValueError(_ALLOWED)
        named[name[shape]] = tensor.reshape(-1, *OUTPUTS[name[shape]])
    if len(images) == 2 and "digits" not in named:
        named["digits"] = torch.stack(images, dim=1)
    elif images:
        raise ValueError(_ALLOWED)
    if not named or named.keys() >= {"verdict", "logit"}:
        raise ValueError(_ALLOWED)
    if named.keys() == {"digits"}:
        first, second = named["digits"].softmax(-1).unbind(1)
        smaller = (first.cumsum(-1) * second).sum(-1)  # sum of p_i q_j over i <= j
        both = torch.stack([1 - smaller, smaller], dim=-1)
        named["verdict"] = both.clamp(1e-7, 1).log()  # 1e-7: the resolution of 32-bit floats
    return named


_ALLOWED = (
    "a verdict (B, 2) or a logit (B,); digits (B, 2, 10) or (B, 20), or a tuple of both images' "
    "digits, (B, 10) and (B, 10); a tuple of a verdict and digits, such as (B, 2), (B, 10) and "
    "(B, 10); or a mapping of the names verdict, logit, digits"
)


def _flat(output: Any) -> list[Any]:
    """The items of nested tuples and lists."""
    if isinstance(output, tuple | list):
        return [item for one in output for item in _flat(one)]
    return [output]


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


def view(output: Output, targets: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """What metrics may ask for: "probabilities" and their logarithms (N, 2), "truth" (N,).

    Args:
        output: "verdict" (N, 2) or "logit" (N,).
        targets: "target" (N,).
    """
    return class_view(_verdict(output), targets["target"])


DIGIT_PAIRS = Task(
    name="digit-pairs",
    summary="is the first of two 14x14 MNIST digits less than or equal to the second?",
    load=load,
    wrong=wrong,
    fingerprint=fingerprint,
    details=details,
    view=view,
    metrics=("error", "cross-entropy", "macro-f1", "auc", "ece"),
    sampled=sampled,
    name_outputs=name_outputs,
    outputs=OUTPUTS,
    losses=("aux-discounted", "ce", "bce"),
    separate_channels=True,
    unit="pairs",
    item="digit",
    source="Report 2, section A and Table I",
)
