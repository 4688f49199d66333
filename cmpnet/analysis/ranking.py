"""Arms ranked by the metric that decides."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from cmpnet.analysis.rates import summarise_part
from cmpnet.analysis.stats import Summary
from cmpnet.results import ArmResults, measured


@dataclass(frozen=True, slots=True)
class Ranked:
    """An arm in a ranking.

    Attributes:
        rank: 1 for the best mean; arms with the same mean share a rank.
        arm: the arm, judged by the metric of the ranking.
        summary: the metric on the test samples, with n and the interval of the mean.
    """

    rank: int
    arm: ArmResults
    summary: Summary


def ranking(arms: Sequence[ArmResults]) -> tuple[list[Ranked], list[ArmResults]]:
    """The arms, the best mean first, and those that were not measured with the metric.

    The metric is the one that decides for most of the arms. The rank is that of the mean alone:
    whether two arms differ is decided by comparing them, paired by seed.
    """
    if not arms:
        return [], []
    metric = Counter(arm.key.metric for arm in arms).most_common(1)[0][0]
    judged = [arm.judged_by(metric) for arm in arms if metric in measured(arm)]
    sign = -1 if judged and judged[0].metric.better == "higher" else 1
    summaries = [(arm, summarise_part(arm)) for arm in judged]

    def place(pair: tuple[ArmResults, Summary]) -> float:
        mean = pair[1].mean
        return math.inf if mean is None else sign * mean

    ordered = sorted(summaries, key=place)
    places = [place(pair) for pair in ordered]
    ranked = [
        Ranked(1 + places.index(own), *pair) for own, pair in zip(places, ordered, strict=True)
    ]
    return ranked, [arm for arm in arms if metric not in measured(arm)]
