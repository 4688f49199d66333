"""Means at a place: arms by their costs, and one arm over the versions of its code."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from cmpnet import errors, tuning
from cmpnet.analysis.pareto import pareto_front
from cmpnet.analysis.rates import summarise_part
from cmpnet.plots.data.values import axis_of, by_seed, note_of
from cmpnet.plots.pictures import Mark, Marks
from cmpnet.provenance import NUMERICS
from cmpnet.results import ArmResults
from cmpnet.scales import Scale, scale_of_arms

Cost = Literal["parameters", "seconds"]
COSTS: tuple[Cost, ...] = ("parameters", "seconds")
WALL_CLOCK = (
    "These are wall-clock times, which also depend on what else was running; 'bench --time' "
    "measures CPU times."
)


def pareto(arms: Sequence[ArmResults], against: Cost = "parameters") -> tuple[Marks, str]:
    """What decides against what an arm costs, with a line through the arms that are not dominated.

    Args:
        arms: the arms, each with a value and a cost above 0.
        against: "parameters", or "seconds" of a repeat: CPU time where ``bench --time`` measured
            all arms, otherwise the median of the wall-clock times.

    Returns:
        The picture, and a sentence about its times or "".
    """
    scale, timed = scale_of_arms(arms), all(arm.times for arm in arms)
    costs = [_cost(arm, against, timed=timed) for arm in arms]
    sign = 1 if scale.metric.better == "lower" else -1
    means = [statistics.fmean(by_seed(arm, scale.factor).values()) for arm in arms]
    front = pareto_front([(x, sign * y) for x, y in zip(costs, means, strict=True)])
    marks = [
        _mark(f"{arm.display} ({note_of(arm)})", cost, arm, scale, joined=number in front)
        for number, (arm, cost) in enumerate(zip(arms, costs, strict=True))
    ]
    keys, unit = [arm.key for arm in arms], "parameters"
    if against == "seconds":
        unit = "CPU seconds per repeat" if timed else "seconds per repeat"
    title = f"{tuning.measured_name(keys, scale.metric.shown)} against {unit}"
    axes = (f"{unit} (logarithmic)", axis_of(keys, scale))
    note = WALL_CLOCK if against == "seconds" and not timed else ""
    return Marks(title, *axes, marks, "not dominated"), note


def unplaced(arm: ArmResults, against: Cost) -> str:
    """Why an arm has no place among the others, as a clause; "" if it has one."""
    if not by_seed(arm, 1):
        return f"no repeat has a value ({note_of(arm)})"
    if _cost(arm, against, timed=bool(arm.times)) <= 0:
        return f"its number of {against} is not known"
    return ""


def _cost(arm: ArmResults, against: Cost, *, timed: bool) -> float:
    if against == "parameters":
        return float(arm.ok()[0].parameters)
    return statistics.median(arm.times if timed else [repeat.seconds for repeat in arm.ok()])


def _mark(label: str, x: float, arm: ArmResults, scale: Scale, *, joined: bool = True) -> Mark:
    values, ends = by_seed(arm, scale.factor), summarise_part(arm).ci95
    interval = ends and (scale.factor * ends[0], scale.factor * ends[1])
    points = [*values.values()]
    return Mark(label, x, statistics.fmean(points), interval, points, joined, [*values])


# -- history --------------------------------------------------------------------------------------


def families(arms: Sequence[ArmResults]) -> list[list[ArmResults]]:
    """The results of each arm, however many versions of the code trained it."""
    groups: list[list[ArmResults]] = []
    for arm in arms:
        own = (arm.key.portable(), arm.data)
        for group in groups:
            if (group[0].key.portable(), group[0].data) == own:
                group.append(arm)
                break
        else:
            groups.append([arm])
    return groups


def history(versions: Sequence[ArmResults]) -> Marks:
    """What decides of one arm over the versions of the code, with every repeat.

    Args:
        versions: results of the arm, one for each version, the oldest first.

    Raises:
        CmpnetError: fewer than two versions have a value.
    """
    scale, first = scale_of_arms(versions), versions[0]
    having = [arm for arm in versions if by_seed(arm, 1)]
    if len(having) < 2:
        reason = "all of its successful repeats were trained by one version of the code"
        if not having:
            reason = f"it has no successful repeat ({note_of(*versions)})"
        raise errors.no_picture("history", first.label, reason)
    names = version_names([arm.code for arm in having])
    marks = []
    for number, (arm, name) in enumerate(zip(having, names, strict=True), 1):
        label = f"{' '.join(filter(None, [arm.since[:16].replace('T', ' '), name]))}"
        marks.append(_mark(f"{label} ({note_of(arm)})", float(number), arm, scale))
    keys = [arm.key for arm in having]
    title = (
        f"{first.display}: {tuning.measured_name(keys, scale.metric.shown).lower()} over versions"
    )
    axes = ("version of the code, in order of time", axis_of(keys, scale))
    return Marks(title, *axes, marks, "order of time", numbered=True, arm=first.display)


def version_names(codes: Iterable[Mapping[str, str]]) -> list[str]:
    """What tells each version of the code from the others.

    >>> version_names([{"cmpnet": "0.1+3f1a", "torch": "2"}, {"cmpnet": "0.1+77aa", "torch": "2"}])
    ['cmpnet 0.1+3f1a', 'cmpnet 0.1+77aa']
    """
    codes = [*codes]
    owners = dict.fromkeys(owner for code in codes for owner in code)
    varying = [o for o in owners if len({code.get(o) for code in codes}) > 1]
    return [
        ", ".join(f"{'arithmetic' if o == NUMERICS else o} {code.get(o, 'none')}" for o in varying)
        for code in codes
    ]
