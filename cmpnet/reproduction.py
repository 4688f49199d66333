"""Training again what an exported file holds: which repeats are bit-identical, why others differ.

Everything of a repeat is compared except its time: errors, counts, curves, mistakes and details.
What was left out of the file is not.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from cmpnet import errors, jobs, runner
from cmpnet.arms import parts_of
from cmpnet.decoding import decode_result
from cmpnet.events import Finished
from cmpnet.options import options_of
from cmpnet.output import json_import
from cmpnet.output.signature import seeds_text
from cmpnet.output.tables import percent
from cmpnet.provenance import NUMERICS, OWN
from cmpnet.recording import Recorder, check_device
from cmpnet.registry import Registry, option_function
from cmpnet.results import ArmResults
from cmpnet.run_options import RunOptions
from cmpnet.runtime.executors import Executor
from cmpnet.spec import Curves, RepeatResult

_NOT_COMPARED = ("seed", "seconds", "cause")
_MAY_BE_ABSENT: Mapping[str, Any] = {"curves": Curves(), "mistakes": [], "details": {}}


@dataclass(frozen=True, slots=True)
class ReproducedRepeat:
    """A repeat of the file and the same repeat trained here.

    Attributes:
        original: the repeat of the file.
        again: the repeat as it was trained here; None if it was not.
    """

    original: RepeatResult
    again: RepeatResult | None

    @property
    def differing(self) -> list[str]:
        """Names of the fields that differ."""
        if self.again is None:
            return []
        pairs = {
            field.name: (getattr(self.original, field.name), getattr(self.again, field.name))
            for field in fields(RepeatResult)
            if field.name not in _NOT_COMPARED
        }
        return [
            name
            for name, (original, again) in pairs.items()
            if original != again
            and not (name in _MAY_BE_ABSENT and original == _MAY_BE_ABSENT[name])
        ]

    @property
    def identical(self) -> bool:
        """Whether both have the same bits."""
        return self.again is not None and not self.differing


@dataclass(frozen=True, slots=True)
class ReproducedArm:
    """An arm of the file.

    Attributes:
        label: what the file calls it.
        repeats: its repeats.
        causes: what differs between the file and here, and may change numbers.
        refused: why it was not trained, or "".
    """

    label: str
    repeats: tuple[ReproducedRepeat, ...]
    causes: tuple[str, ...] = ()
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Reproduction:
    """What came of training an exported file again.

    Attributes:
        source: name of the file.
        arms: its arms.
    """

    source: str
    arms: tuple[ReproducedArm, ...]

    @property
    def repeats(self) -> list[ReproducedRepeat]:
        """Every repeat of the file."""
        return [repeat for arm in self.arms for repeat in arm.repeats]

    @property
    def complete(self) -> bool:
        """Whether every repeat is bit-identical."""
        return all(repeat.identical for repeat in self.repeats)

    def __str__(self) -> str:
        """What came of each arm, and a summary."""
        identical = sum(repeat.identical for repeat in self.repeats)
        lines = [line for arm in self.arms for line in _lines(arm)]
        count = f"{identical} of {len(self.repeats)} repeats"
        return "\n".join([*lines, f"{count} are bit-identical to those of {self.source}."])

    __repr__ = __str__


def _lines(arm: ReproducedArm) -> Iterator[str]:
    """What came of an arm: its identical repeats in one line, each other in a line of its own."""
    if arm.refused:
        yield f"{arm.label}: not trained: {arm.refused}"
        return
    identical = seeds_text(each.original.seed for each in arm.repeats if each.identical)
    if identical:
        yield f"{arm.label}: bit-identical for seed{'s' * (not identical.isdigit())} {identical}"
    for each in arm.repeats:
        if not each.identical:
            yield f"{arm.label}, seed {each.original.seed}: {_difference(each)}"
    if not all(each.identical for each in arm.repeats):
        causes = "; ".join(arm.causes) or (
            "data, code, versions and arithmetic are those of the file, so the training is not "
            "deterministic or the file was changed"
        )
        yield f"  why they may differ: {causes}"


def _difference(repeat: ReproducedRepeat) -> str:
    """How a repeat differs: "different in curves; test error 10.80 % in the file, ... here"."""
    if repeat.again is None:
        return "not trained"
    original, again = (
        f"test error {percent(each.test_error)} %" if each.status == "ok" else each.status
        for each in (repeat.original, repeat.again)
    )
    names = ", ".join(name.replace("_", " ") for name in repeat.differing)
    return f"different in {names}; {original} in the file, {again} here"


# -- training again -------------------------------------------------------------------------------


def reproduce(
    path: str,
    paths: Mapping[str, object],
    registry: Registry,
    executor: Executor,
    settings: RunOptions,
) -> Reproduction:
    """Train every repeat of an exported file.

    Args:
        path: the file.
        paths: values of the options that are paths on this machine, which a file does not hold.
        registry: the installed names.
        executor: where trainings run.
        settings: the store, and what is called with each event.

    Raises:
        CmpnetError: the file cannot be read, no task has an option of ``paths``, or the store
            cannot be written.
    """
    originals, about = json_import.read_with_provenance(path)
    if not any(arm.repeats for arm in originals):
        raise errors.unreadable_export(path, "it has no repeats")
    allowed = {name for arm in originals for name in _local_paths(arm, registry)}
    for name in sorted(paths.keys() - allowed):
        raise errors.not_a_path(name, allowed)
    plans: dict[int, jobs.Plan] = {}
    refused: dict[int, str] = {}
    for number, arm in enumerate(originals):
        try:
            plans[number] = _plan(arm, paths, registry)
        except errors.CmpnetError as error:
            refused[number] = str(error)
    trained: dict[tuple[int, int], RepeatResult] = {}
    for seeds in {tuple(sorted(originals[number].repeats)): None for number in plans}:
        numbers = [n for n in plans if tuple(sorted(originals[n].repeats)) == seeds]
        recorder = Recorder([plans[n].arm for n in numbers], settings, seeds)
        runner.admit(executor, [plans[n] for n in numbers])
        with recorder.running() as run:
            for event in runner.run(run, executor):
                if isinstance(event, Finished):
                    recorder.record([event])
                    trained[numbers[event.arm], event.result.seed] = _as_stored(event.result)
                else:
                    settings.on_event(event)
    arms = []
    for number, arm in enumerate(originals):
        repeats = tuple(
            ReproducedRepeat(repeat, trained.get((number, seed)))
            for seed, repeat in sorted(arm.repeats.items())
        )
        causes = _causes(arm, plans[number], about) if number in plans else ()
        arms.append(ReproducedArm(arm.label, repeats, tuple(causes), refused.get(number, "")))
    return Reproduction(path, tuple(arms))


def _local_paths(arm: ArmResults, registry: Registry) -> list[str]:
    """The options of an arm's task that are paths; none if the task is not installed."""
    try:
        function = option_function(registry.task(arm.key.task))
    except errors.CmpnetError:
        return []
    return [name for name, option in options_of(function).items() if option.is_local_path]


def _plan(arm: ArmResults, paths: Mapping[str, object], registry: Registry) -> jobs.Plan:
    """The arm as it is trained here.

    Raises:
        CmpnetError: a plugin, a device or the data are not here.
    """
    if OWN in arm.code:
        raise errors.own_records(arm.label)
    own = {name: paths[name] for name in _local_paths(arm, registry) if name in paths}
    key = replace(arm.key, task_options={**arm.key.task_options, **own})
    made = parts_of(key, registry)
    if (device := arm.key.config.device) != "cpu":
        check_device(device)
        made = replace(made, key=replace(made.key, config=replace(made.config, device=device)))
    (plan,) = jobs.plan([made])
    if plan.data != arm.data:
        raise errors.other_data(arm.data, plan.data, _local_paths(arm, registry))
    return plan


def _as_stored(result: RepeatResult) -> RepeatResult:
    """A repeat as a file gives it back: lists where it has tuples."""
    return decode_result(json.loads(json.dumps(asdict(result))))


def _causes(arm: ArmResults, plan: jobs.Plan, about: Mapping[str, Any]) -> Sequence[str]:
    """What differs between the file and here, and may change numbers."""
    if not arm.code:
        return ["the file does not say which code trained the arm"]
    then, now = dict(arm.code), dict(plan.code)
    then["Python"], now["Python"] = str(about.get("python", "")), platform.python_version()
    then["arithmetic"], now["arithmetic"] = then.pop(NUMERICS, ""), now.pop(NUMERICS, "")
    return [
        f"{name} {then.get(name) or 'unknown'} in the file, {now.get(name) or 'none'} here"
        + (" (another CPU, instruction set or BLAS)" if name == "arithmetic" else "")
        for name in sorted(then.keys() | now.keys())
        if then.get(name) != now.get(name)
    ]
