"""The task of the user's own data whose samples have a number each, which is to be predicted.

As in ``classes``, the samples of one file are split again for each seed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from cmpnet.spec import Bounds, Data, LocalPath, Output, Split, Task
from cmpnet.tasks import samples
from cmpnet.tasks.classes import On

File = Annotated[str | None, LocalPath(), ".csv or .npz file with a number to predict per sample"]
TestShare = Annotated[
    float, Bounds(0.01, 0.45), "share of the samples for testing; as much is for validation"
]


@lru_cache(maxsize=256)
def _split(count: int, seed: int, share: float, on: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Rows that are trained on, and that the error is measured on, in ascending order."""
    held_out = min(max(round(share * count), 1), (count - 1) // 2)
    order = np.random.default_rng([seed, 0]).permutation(count)
    test, validation, train = np.split(order, [held_out, 2 * held_out])
    parts = np.sort(train), np.sort(validation if on == "validation" else test)
    for rows in parts:
        rows.flags.writeable = False
    return parts


def load(seed: int, *, data: File = None, test_share: TestShare = 0.2, on: On = "test") -> Data:
    """Split the samples of a file.

    ``test_share`` of them is for testing and as much for validation; the rest is trained on. The
    training samples are the same either way.

    Args:
        seed: the repeat's seed, which alone decides the split.
        data: the file; the number to predict is in the column that is called "label", "class",
            "target" or "y", or in the last one.
        test_share: share of the samples for testing.
        on: "test" or "validation", what the part ``test`` consists of.

    Returns:
        Splits with inputs ``x`` (N, ...), standardised by the training samples. The target
        ``value`` (N,) is standardised by them, too; ``mean`` and ``sd`` (N,) are what it takes to
        undo that, the same for all samples.

    Raises:
        CmpnetError: no data is given, or it cannot be used.
    """
    read = samples.numbers(data)
    rows, measured = _split(len(read.y), seed, test_share, on)
    y = read.y[rows]
    mean, sd = y.mean(), y.std() or 1.0
    x = samples.standardised(read.x, rows, measured)

    def part(inputs: NDArray[Any], own: NDArray[Any]) -> Split:
        value = ((read.y[own] - mean) / sd).astype(np.float32)
        scale = {"mean": np.full(len(own), mean), "sd": np.full(len(own), sd)}
        return Split(inputs, {"value": value, **scale})

    return Data(part(x[0], rows), part(x[1], measured))


def fingerprint(*, data: str | None = None, test_share: float = 0.2, on: str = "test") -> str:
    """SHA-256 of the samples, whatever the format of their file.

    Raises:
        CmpnetError: no data is given, or it cannot be used.
    """
    return samples.fingerprint_of_numbers(data)


def sampled(
    seed: int, *, data: str | None = None, test_share: float = 0.2, on: str = "test"
) -> NDArray[np.int64]:
    """The rows of the file that a repeat is measured on, (N, 1)."""
    return np.asarray(_split(len(samples.numbers(data).y), seed, test_share, on)[1][:, None])


def view(output: Output, targets: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
    """What metrics may ask for: "prediction" and "truth" (N,), in the unit of the file.

    Args:
        output: "value" (N,), standardised.
        targets: "value", "mean" and "sd" (N,).
    """
    mean, sd = targets["mean"], targets["sd"]
    prediction, truth = (np.asarray(each["value"] * sd + mean) for each in (output, targets))
    return {"prediction": prediction, "truth": truth}


REGRESSION = Task(
    name="regression",
    summary="what number does a sample of your own file have?",
    load=load,
    fingerprint=fingerprint,
    view=view,
    metrics=("rmse", "mae"),
    sampled=sampled,
    unit="samples",
    item="sample",
)
