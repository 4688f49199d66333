"""The task of the user's own data: the class of a sample.

The samples of one file are split again for each seed. So the repeats are not independent: they
share samples, and ``sampled`` says which, so that intervals cover other samples too.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cmpnet.spec import Bounds, Data, LocalPath, Output, Split, Task
from cmpnet.tasks import samples
from cmpnet.tasks.scores import class_view

MOST_CLASSES = 100  # of a confusion matrix: 10,000 counts are kept with each repeat

File = Annotated[
    str | None, LocalPath(), ".csv or .npz file, or folder with a subfolder of images per class"
]
TestShare = Annotated[
    float, Bounds(0.01, 0.45), "share of each class for testing; as much is for validation"
]
Side = Annotated[int | None, Bounds(1, 4096), "side in pixels that images are resized to"]
On = Annotated[
    Literal["test", "validation"],
    "samples that the error is measured on: test, or validation samples, which nothing trains on",
]


@lru_cache(maxsize=256)  # every arm of a table needs the same
def _draw(counts: tuple[int, ...], seed: int, share: float) -> tuple[NDArray[np.int64], ...]:
    """Training, validation and test samples, each as numbers in the order of the classes.

    ``counts`` has the number of samples of each class. At least one of each goes to each part.
    """
    rng = np.random.default_rng([seed, 0])
    parts: tuple[list[NDArray[np.int64]], ...] = ([], [], [])
    first = 0
    for count in counts:
        held_out = min(max(round(share * count), 1), (count - 1) // 2)
        order = first + rng.permutation(count)
        test, validation, train = np.split(order, [held_out, 2 * held_out])
        for part, rows in zip(parts, (train, validation, test), strict=True):
            part.append(rows)
        first += count
    drawn = tuple(np.concatenate(part) for part in parts)
    for rows in drawn:
        rows.flags.writeable = False
    return drawn


def _split(read: samples.Samples, seed: int, share: float, on: str) -> tuple[Any, Any]:
    """Rows of the file that are trained on, and that the error is measured on, in ascending order.

    The classes decide how the samples are drawn; their order in the file does not otherwise matter.
    """
    by_class = np.argsort(read.labels, kind="stable")
    counts = tuple(np.bincount(read.labels).tolist())
    train, validation, test = _draw(counts, seed, share)
    measured = validation if on == "validation" else test
    return np.sort(by_class[train]), np.sort(by_class[measured])


def load(
    seed: int,
    *,
    data: File = None,
    test_share: TestShare = 0.2,
    size: Side = None,
    on: On = "test",
) -> Data:
    """Split the samples of a file or folder, stratified by class.

    Of each class, ``test_share`` is for testing and as much for validation; the rest, 60 % unless
    told otherwise, is trained on. The training samples are the same either way.

    Args:
        seed: the repeat's seed, which alone decides the split.
        data: the file or folder.
        test_share: share of each class for testing, rounded to at least one sample.
        size: side in pixels that images are resized to; None if all have the same size.
        on: "test" or "validation", what the part ``test`` consists of.

    Returns:
        Splits with inputs ``x`` (N, ...), standardised by the training samples: every feature of a
        table on its own, the values of images and of other arrays together. The target ``class``
        (N,) is a number from 0; ``classes`` of the data has their names.

    Raises:
        CmpnetError: no data is given, or it cannot be used.
    """
    read = samples.samples(data, size)
    rows, measured = _split(read, seed, test_share, on)
    x, test_x = samples.standardised(read.x, rows, measured)
    train, test = ({"class": read.labels[own]} for own in (rows, measured))
    return Data(Split(x, train), Split(test_x, test), classes=read.classes)


def fingerprint(
    *,
    data: str | None = None,
    test_share: float = 0.2,
    size: int | None = None,
    on: str = "test",
) -> str:
    """SHA-256 of the samples and classes, whatever the format of their file.

    Raises:
        CmpnetError: no data is given, or it cannot be used.
    """
    return samples.fingerprint(data, size)


def sampled(
    seed: int,
    *,
    data: str | None = None,
    test_share: float = 0.2,
    size: int | None = None,
    on: str = "test",
) -> NDArray[np.int64]:
    """The rows of the file that the error of a repeat is measured on, (N, 1)."""
    return np.asarray(_split(samples.samples(data, size), seed, test_share, on)[1][:, None])


def wrong(output: Output, targets: Mapping[str, Any]) -> NDArray[np.bool_]:
    """Which samples are misclassified, (N,): another class has the largest score.

    Args:
        output: "scores" (N, C).
        targets: "class" (N,).
    """
    return np.asarray(output["scores"].argmax(-1) != targets["class"])


def details(
    output: Output, targets: Mapping[str, Any], mistakes: NDArray[np.int64]
) -> dict[str, NDArray[Any]]:
    """The confusion matrix of the test samples.

    Args:
        output: "scores" (N, C).
        targets: "class" (N,).
        mistakes: indices of the misclassified samples; not used.

    Returns:
        "confusion" (C, C), the number of test samples by true and by predicted class; nothing for
        more than 100 classes.
    """
    classes = output["scores"].shape[-1]
    if classes > MOST_CLASSES:
        return {}
    cells = classes * targets["class"] + output["scores"].argmax(-1)
    return {"confusion": np.bincount(cells, minlength=classes**2).reshape(classes, classes)}


def view(output: Output, targets: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """What metrics may ask for: "probabilities" and their logarithms (N, C), "truth" (N,)."""
    return class_view(output["scores"], targets["class"])


def name_outputs(output: Any) -> dict[str, Any]:
    """The name of what a plain network returns for B samples.

    Args:
        output: a score per class, (B, C).

    Returns:
        "scores" (B, C).

    Raises:
        ValueError: it is anything else.
    """
    if len(getattr(output, "shape", ())) != 2:
        raise ValueError("scores (B, C) for C classes")
    return {"scores": output}


CLASSES = Task(
    name="classes",
    summary="to which class does a sample of your own file belong?",
    load=load,
    wrong=wrong,
    fingerprint=fingerprint,
    details=details,
    view=view,
    metrics=("error", "cross-entropy", "macro-f1", "auc", "ece"),
    sampled=sampled,
    name_outputs=name_outputs,
    losses=("cross-entropy",),
    unit="samples",
    item="sample",
)
