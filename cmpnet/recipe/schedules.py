"""Built-in schedules: factors on the learning rate, by the share of the training that is done."""

from __future__ import annotations

import math
from typing import Annotated

from cmpnet.spec import Bounds, Schedule

WarmUp = Annotated[float, Bounds(0, 0.99), "share of the steps in which the rate rises"]
Start = Annotated[float, Bounds(0, 1), "factor of the first step"]


def constant(progress: float) -> float:
    """1 throughout."""
    return 1.0


def cosine(progress: float) -> float:
    """(1 + cos(pi p)) / 2 at a share p of the steps: falls from 1 towards 0."""
    return (1 + math.cos(math.pi * progress)) / 2


def onecycle(progress: float, *, warm_up: WarmUp = 0.3, start: Start = 0.04) -> float:
    """Rises linearly from ``start`` to 1, then falls as a cosine towards 0, without a floor.

    Torch's ``OneCycleLR`` rises over 30 % of the steps, too, and from 1/25.
    """
    if progress < warm_up:
        return start + (1 - start) * progress / warm_up
    return cosine((progress - warm_up) / (1 - warm_up))


CONSTANT = Schedule(name="constant", summary="the same rate in all steps", factor=constant)
COSINE = Schedule(
    name="cosine",
    summary="falls as a cosine towards 0",
    factor=cosine,
    source="Loshchilov and Hutter 2017, arXiv:1608.03983, eq. 5",
)
ONECYCLE = Schedule(
    name="onecycle",
    summary="rises linearly, then falls as a cosine towards 0",
    factor=onecycle,
    source="Smith and Topin 2018, arXiv:1708.07120",
)
