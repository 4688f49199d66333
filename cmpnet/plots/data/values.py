"""What several pictures need: finite values, the number of repeats, the label of an axis.

The modules of this package make the records of :mod:`cmpnet.plots.pictures` of results: every
number and text of a picture. Fractions are in %. Values that are not finite are left out, and a
note says how many repeats were lost.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from cmpnet import tuning
from cmpnet.results import ArmResults, value_of
from cmpnet.scales import Scale
from cmpnet.spec import ArmKey, Part


def finite(values: Iterable[float | None], factor: int = 100) -> list[float]:
    """The finite values times a factor, by default in %.

    >>> finite([0.5, None, math.nan, math.inf])
    [50.0]
    """
    return [factor * value for value in values if value is not None and math.isfinite(value)]


def by_seed(arm: ArmResults, factor: int, part: Part = "test") -> dict[int, float]:
    """The finite values of what decides, times a factor, of the successful repeats."""
    values = {repeat.seed: value_of(repeat, arm.key.metric, part) for repeat in arm.ok()}
    return {seed: own[0] for seed, value in values.items() if (own := finite([value], factor))}


def note_of(*arms: ArmResults) -> str:
    """The number of repeats that succeeded and of those that did not: "n=2, 1 diverged"."""
    return ", ".join([f"n={sum(len(arm.ok()) for arm in arms)}", *lost_repeats(*arms)])


def lost_repeats(*arms: ArmResults) -> list[str]:
    """How many repeats did not succeed, if any: ["1 diverged"]."""
    counts = Counter(repeat.status for arm in arms for repeat in arm.repeats.values())
    return [f"{counts[status]} {status}" for status in ("diverged", "failed") if counts[status]]


def axis_of(keys: Iterable[ArmKey], scale: Scale) -> str:
    """What decides, at an axis: "test error / %"."""
    name = tuning.measured_name(keys, scale.axis)
    return name[:1].lower() + name[1:]
