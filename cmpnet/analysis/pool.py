"""Repeats whose test samples are drawn from one finite pool, and therefore share items of it.

If a task draws 2N of 10,000 test digits per repeat, two repeats have some digits in common. A hard
digit then raises the error of both, so their errors are correlated, and the variance over the
repeats misses what they share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cmpnet.errors import CmpnetError
from cmpnet.registry import blame
from cmpnet.results import ArmResults

if TYPE_CHECKING:  # imported on first use, as by all of analysis
    import numpy as np
    from numpy.typing import NDArray


def shared_variance(values: Sequence[NDArray[Any]], items: Sequence[NDArray[Any]]) -> float:
    """The covariance C of the means of two repeats that is due to the items they share.

    The model is a crossed random-effects model: the value of a sample of repeat r made of the
    items i and j is mu + seed_r + h_i + h_j + rest. The means of r and r' over N samples have the
    covariance C = sigma_h^2 (items in common) / N^2, which is 4 sigma_h^2 / D for 2N of D items.
    With s^2, the sample variance of the R means, the mean over all repeats has the variance

        s^2 / R + C

    over new seeds and new items, because s^2 / R alone estimates it without the shared part (Owen
    2007, Annals of Applied Statistics 1, 386-411, for such crossed data).

    C is estimated without bias from the products of different repeats. With T_ri, the sum over the
    samples of repeat r that contain item i of (value - the repeat's mean), divided by N, it is
    the mean over r != r' of sum_i T_ri T_r'i. All pairs of repeats together take one pass,
    because the sum over r != r' of T_ri T_r'i is (sum_r T_ri)^2 - sum_r T_ri^2.

    Args:
        values: for each of R repeats one value per test sample, (N,): 1 for a mistake and 0
            otherwise, or the difference of two arms.
        items: for each repeat the items of each sample, (N, U), integers from 0.

    Returns:
        C in the unit of the values squared, not below 0; 0 for a single repeat.

    >>> import numpy as np
    >>> values, items = [np.array([0, 1])] * 2, [np.array([[0], [1]])] * 2
    >>> shared_variance(values, items)  # both repeats miss the same one of the same two items
    0.125
    """
    import numpy as np

    if len(values) < 2:
        return 0.0
    size = 1 + max(int(rows.max()) for rows in items)
    total, squares = np.zeros(size), 0.0
    for value, rows in zip(values, items, strict=True):
        residuals = (value - value.mean()) / len(value)
        weights = np.repeat(residuals, rows.shape[1])
        effects = np.bincount(rows.ravel(), weights, minlength=size)
        total += effects
        squares += float(effects @ effects)
    pairs = len(values) * (len(values) - 1)
    return max(0.0, (float(total @ total) - squares) / pairs)


def mistakes_by_seed(arm: ArmResults) -> dict[int, NDArray[np.float64]]:
    """For each finished repeat 1 for every misclassified test sample and 0 for the others, (N,).

    A repeat whose list of mistakes is not at hand is left out.
    """
    import numpy as np

    values = {}
    for repeat in arm.ok():
        if len(repeat.mistakes) == repeat.error_count:
            values[repeat.seed] = np.zeros(repeat.test_samples)
            values[repeat.seed][repeat.mistakes] = 1
    return values


def items_by_seed(arm: ArmResults) -> dict[int, NDArray[np.int64]] | None:
    """The pool's items in each test sample of each finished repeat, (N, U).

    Returns:
        None where the task is not installed, does not draw from a pool, or cannot read the data
        that the arm was tested on.
    """
    import numpy as np

    task, options = arm.task, arm.key.task_options
    if task is None or task.sampled is None:
        return None
    try:
        with blame(f"the data of {task.name}", owner=""):
            if task.fingerprint(**options) != arm.data:
                return None
            items = {r.seed: np.asarray(task.sampled(r.seed, **options)) for r in arm.ok()}
    except CmpnetError:  # a folder of data that has moved does not stop a table
        return None
    sizes = {repeat.seed: repeat.test_samples for repeat in arm.ok()}
    return items if all(len(items[seed]) == size for seed, size in sizes.items()) else None


def shared_error_variance(arm: ArmResults) -> float | None:
    """:func:`shared_variance` of an arm's test errors; None if its items are not known."""
    values, items = mistakes_by_seed(arm), items_by_seed(arm)
    if items is None or len(values) < max(2, len(arm.ok())):
        return None
    return shared_variance(list(values.values()), [items[seed] for seed in values])
