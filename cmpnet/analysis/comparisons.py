"""Arms against a reference arm, paired by seed: which can be compared at all, and what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cmpnet.analysis.paired import Comparison, compare
from cmpnet.arms import matches
from cmpnet.bench import ArmResults
from cmpnet.errors import compare_errors

Pairs = Sequence[tuple[int, int]]  # places of an arm and of its reference


@dataclass(frozen=True, slots=True)
class AgainstReference:
    """How one arm's test error differs from the reference's, over the seeds both have."""

    arm: str
    reference: str
    comparison: Comparison


def against(results: Sequence[ArmResults], pairs: Pairs) -> list[AgainstReference]:
    """Each arm against its reference, those left out that cannot be compared with it."""
    both = [(results[arm], results[reference]) for arm, reference in pairs]
    both = [(arm, reference) for arm, reference in both if obstacle(arm, reference) is None]
    found = compare([_differences(arm, reference) for arm, reference in both])
    return [
        AgainstReference(arm.arm.label, reference.arm.label, comparison)
        for (arm, reference), comparison in zip(both, found, strict=True)
    ]


def _differences(arm: ArmResults, reference: ArmResults) -> list[float]:
    """By seed; rounded, since 0.3 - 0.2 is not 0.2 - 0.1 and such dust would count as a spread."""
    known = {r.seed: r.test_error for r in reference.ok()}
    return [
        round(r.test_error - error, 12)
        for r in arm.ok()
        if r.test_error is not None and (error := known.get(r.seed)) is not None
    ]


def with_reference(arms: int, reference: int = 0) -> list[tuple[int, int]]:
    """Each of so many arms but the reference itself with the reference."""
    return [(arm, reference) for arm in range(arms) if arm != reference]


def by_name(groups: Sequence[Sequence[str]]) -> list[tuple[int, int]]:
    """Arms of several runs, given by their names: later ones with their namesake in the first.

    An arm without a namesake has the first arm of all as its reference; so have the arms of a run
    that is alone.

    >>> by_name([["a", "b"], ["b", "c"]])
    [(2, 1), (3, 0)]
    """
    first, later = groups[0], [name for group in groups[1:] for name in group]
    if not later:
        return with_reference(len(first))
    return [
        (place, first.index(name) if name in first else 0)
        for place, name in enumerate(later, len(first))
    ]


def reference_place(labels: Sequence[str], name: str) -> int:
    """The place of the one arm that a name means, in the way in which the store's are meant.

    Raises:
        CmpnetError: none is meant, or several are.
    """
    exact = [place for place, label in enumerate(labels) if label == name]
    found = exact or [place for place, label in enumerate(labels) if matches(label, name)]
    if len(found) != 1:
        raise compare_errors.no_reference(name, [labels[place] for place in found], labels)
    return found[0]


# -- what can be compared -------------------------------------------------------------------------


def obstacle(arm: ArmResults, reference: ArmResults) -> str | None:
    """Why two arms cannot be paired by seed: another task, other data or options, no such seed."""
    one, other = arm.arm, reference.arm
    if one.task != other.task:
        return f"its task is {one.task}, not {other.task}"
    if arm.data != reference.data:
        return f"its data are others (SHA-256 {arm.data[:8]}..., not {reference.data[:8]}...)"
    for name in sorted({*one.task_options, *other.task_options} - {"data_dir"}):  # data says more
        values = [options.get(name) for options in (one.task_options, other.task_options)]
        if values[0] != values[1]:
            return f"{name.replace('_', '-')} is {values[0]}, not {values[1]}"
    for which in (arm, reference):
        if not which.ok():
            return f"no repeat of '{which.arm.label}' counts"
    if not {r.seed for r in arm.ok()} & {r.seed for r in reference.ok()}:
        return "they have no finished seed in common"
    return None


def remarks(arm: ArmResults, reference: ArmResults) -> list[str]:
    """What a reader should know of two arms that can be compared: epochs, seeds, code."""
    said, names = [], f"{arm.arm.label} and {reference.arm.label}"
    epochs = [which.arm.config.epochs for which in (arm, reference)]
    if epochs[0] != epochs[1]:
        said.append(f"{names} were trained for {epochs[0]} and {epochs[1]} epochs.")
    seeds = [{r.seed for r in which.repeats.values()} for which in (arm, reference)]
    if seeds[0] != seeds[1]:
        shared = len(seeds[0] & seeds[1])
        said.append(
            f"{names} have {shared} seed{'s' * (shared != 1)} in common, "
            f"of {len(seeds[0])} and {len(seeds[1])}."
        )
    changed = [
        f"{owner} {arm.code[owner]} and {reference.code[owner]}"
        for owner in sorted({*arm.code} & {*reference.code})
        if arm.code[owner] != reference.code[owner]
    ]
    if changed:
        said.append(f"{names} were trained by different code: {', '.join(changed)}.")
    return said
