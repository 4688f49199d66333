"""Guarded tuning: what a value is chosen on is not what its error is reported on.

Seeds below :data:`FIRST_SEED` and test samples are for reporting. A sweep is for choosing: unless
the caller says otherwise, it measures errors on validation samples, from :data:`FIRST_SEED` on. A
task without validation samples draws its test samples afresh for each seed, so that other seeds are
enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cmpnet.options import options_of
from cmpnet.results import ArmResults
from cmpnet.spec import ERROR, MEASURED_ON, VALIDATION, ArmKey

FIRST_SEED = 100
_OPTION = f"task.{MEASURED_ON}"


def preset(given: Iterable[str], sweeps: Iterable[str]) -> dict[str, str]:
    """The option that a call with these sweeps sets for every task that has it.

    It is set unless the call gives or sweeps the option itself.

    >>> preset(["epochs"], ["alpha"]), preset(["on"], ["alpha"]), preset(["epochs"], [])
    ({'task.on': 'validation'}, {}, {})
    """
    sweeps = [*sweeps]
    own = {MEASURED_ON, _OPTION} & {*given, *sweeps}
    return {_OPTION: VALIDATION} if sweeps and not own else {}


def first_seed(sweeps: Mapping[str, object]) -> int:
    """The seed of the first repeat, unless the call gives one."""
    return FIRST_SEED if sweeps else 0


def is_for_choosing(arm: ArmResults) -> bool:
    """Whether a choice by these errors leaves the samples and seeds of reports untouched."""
    if arm.task is None or MEASURED_ON in options_of(arm.task.load):
        return arm.key.measured_on == VALIDATION
    return min(arm.repeats, default=0) >= FIRST_SEED


def measured_on(arms: Iterable[ArmResults], samples: str) -> list[ArmResults]:
    """The arms that are for choosing ("validation"), or those that are not ("test")."""
    return [arm for arm in arms if is_for_choosing(arm) == (samples == VALIDATION)]


def caution(arms: Iterable[ArmResults]) -> str:
    """What a choice among these arms means for a report; "" if it has no consequences."""
    exposed = measured_on(arms, "test")
    if len(exposed) < 2:  # there is nothing to choose from
        return ""
    task = exposed[0].task
    return (
        f"These values were compared on the test {task.unit if task else 'samples'}: a choice "
        "among them is tuned to these seeds; report it on others."
    )


def measured_name(keys: Iterable[ArmKey], metric: str = ERROR) -> str:
    """What a metric of some arms is called: by the samples that it is measured on.

    >>> measured_name([]), measured_name([], "AUC")
    ('Test error', 'Test AUC')
    """
    names = {key.measured_on for key in keys} or {"test"}
    if len(names) == 1:
        return f"{names.pop().capitalize()} {metric}"
    return metric[:1].upper() + metric[1:]


def samples_name(arms: Sequence[tuple[ArmKey, str]]) -> str:
    """What all arms are measured on where it is not the test part: "validation pairs".

    Args:
        arms: the key of each arm, and what its task calls samples.
    """
    if not arms or any(key.measured_on != VALIDATION for key, _ in arms):
        return ""
    units = {unit for _, unit in arms}
    return f"{VALIDATION} {units.pop() if len(units) == 1 else 'samples'}"
