"""Arms against a reference arm, paired by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cmpnet.bench import ArmResults
from cmpnet.paired import Comparison, compare


@dataclass(frozen=True, slots=True)
class AgainstReference:
    """How one arm's test error differs from the reference's, over the seeds both have."""

    arm: str
    reference: str
    comparison: Comparison


def _same_data(one: ArmResults, other: ArmResults) -> bool:
    return (one.arm.task, one.arm.task_options) == (other.arm.task, other.arm.task_options)


def against_first(results: Sequence[ArmResults]) -> list[AgainstReference]:
    """Every other arm against the first; only arms of the same task are compared."""
    if not results:
        return []
    reference, *others = results
    known = {r.seed: r.test_error for r in reference.ok()}
    others = [arm for arm in others if _same_data(arm, reference)]
    differences = [
        [
            r.test_error - error
            for r in arm.ok()
            if r.test_error is not None and (error := known.get(r.seed)) is not None
        ]
        for arm in others
    ]
    return [
        AgainstReference(arm.arm.label, reference.arm.label, comparison)
        for arm, comparison in zip(others, compare(differences), strict=True)
    ]
