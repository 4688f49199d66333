"""What is trained: the plan of an arm, its jobs, and the guard that keeps a job to the plan."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from cmpnet import errors, judging, provenance, training
from cmpnet.arms import learner_of
from cmpnet.decoding import decode
from cmpnet.events import Epoch, Imports, Trained
from cmpnet.registry import HOME, blame
from cmpnet.runtime.imports import changed, edited_since, imported
from cmpnet.runtime.loaded import outdated
from cmpnet.spec import Arm, Line
from cmpnet.store import Identity


@dataclass(frozen=True, slots=True)
class Plan:
    """An arm, checked, with what decides whether a stored repeat may be reused.

    Attributes:
        arm: the arm.
        data: fingerprint of its data.
        code: version of the code that trains it, by distribution.
        side_by_side: whether its backend trains several repeats in less time than one by one.
        made: when these were found out, in seconds: what is edited later is not what was planned.
    """

    arm: Arm
    data: str
    code: dict[str, str]
    side_by_side: bool = False
    made: float = field(default_factory=time.time)

    def identity(self, seed: int) -> Identity:
        """What makes this arm's repeat with this seed the same as a stored one."""
        return Identity(self.arm.key, seed, self.data, self.code)


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker needs to train one arm once per seed.

    Attributes:
        number: number of the arm in the bench.
        arm: the arm, with its records.
        seeds: seeds to train side by side.
        plan: the plan that the training must keep to; None if its results are not stored.
    """

    number: int
    arm: Arm
    seeds: tuple[int, ...]
    plan: Plan | None = None

    @property
    def isolation(self) -> tuple[str, ...]:
        """Whose code it runs beside cmpnet's: only jobs with the same owners share a process.

        A record of the caller's own shares a process with itself alone.
        """
        owners = {owner or self.arm.label for owner in self.arm.owners.values()}
        return tuple(sorted(owners - {HOME}))


def plan(arms: Sequence[Arm]) -> list[Plan]:
    """Check each arm's data and device, and note which code will train it.

    Raises:
        CmpnetError: the data of an arm cannot be used, its network does not run on its device,
            a record of the caller's own cannot be pickled, or a file that a record depends on
            does not exist.
    """
    planned = []
    for arm in arms:
        made = time.time()
        with blame(arm.task.name, arm.owners["task"]):
            data = arm.task.fingerprint(**arm.key.task_options)
            decode(Line, data, "the fingerprint")
        learner = learner_of(arm.architecture, arm.owners["architecture"])
        if arm.config.device.partition(":")[0] not in learner.devices:
            allowed = f"'{arm.architecture.name}' runs only on {' and '.join(learner.devices)}"
            raise errors.no_device(arm.config.device, allowed)
        if arm.metrics.keys() - {*arm.task.metrics}:
            with blame(arm.task.name, arm.owners["task"]):
                sample = arm.task.load(0, **arm.key.task_options)
            judging.check_metrics(arm, sample)
        planned.append(Plan(arm, data, provenance.code(arm), learner.side_by_side, made))
    return planned


class Guard:
    """Trains a job in this process, by the code and on the data of its plan or not at all.

    Both are compared with the plan before the training and after it. What third-party code has
    imported must not have been edited since this process imported it, nor since the plan was made:
    such an edit is on the disk, but not in the process, or in some of the processes only.
    """

    def __init__(self, job: Job) -> None:
        self._job, self._plan = job, job.plan
        self._before = self._imports()
        self._cause = self._deviation(self._before)

    def train(self) -> Iterator[Epoch | Trained]:
        """The events of the training; the last one is to be passed through :meth:`checked`."""
        if self._cause:
            return iter([Trained(training.failed(self._job.seeds, self._cause))])
        return training.run(self._job.arm, self._job.seeds)

    def checked(self, event: Trained) -> Trained:
        """The event with what was imported; failed results if something changed meanwhile."""
        imports = self._imports()
        if cause := self._cause or self._deviation(imports):
            return Trained(training.failed(self._job.seeds, cause))
        return replace(event, imports=imports)

    def _imports(self) -> Imports:
        return imported() if self._plan is not None and self._job.isolation else Imports()

    def _deviation(self, imports: Imports) -> str:
        """Why this process does not do what was planned; "" if it does."""
        if self._plan is None:
            return ""
        try:
            data = self._plan.arm.task.fingerprint(**self._job.arm.key.task_options)
            code = provenance.code(self._job.arm, own=False)
        except Exception as error:  # it can no longer be read
            return f"its data or code changed while it ran ({error}); rerun the same command"
        if data != self._plan.data:
            return "its data changed while it ran; rerun the same command"
        planned = {**self._plan.code}
        planned.pop(provenance.OWN, None)
        other = [name for name in planned if planned[name] != code.get(name)]
        if other == [provenance.NUMERICS]:
            return (
                f"the process that trained it computes other bits ({code[provenance.NUMERICS]}) "
                f"than the one that asked for it ({planned[provenance.NUMERICS]})"
            )
        edited = edited_since(self._plan.made, imports.files)
        edited = edited or outdated(imports) or changed(self._before, imports)
        return code_changed(edited or other)


def code_changed(names: Sequence[str]) -> str:
    """The cause of repeats whose code changed; "" if none of it did."""
    if not names:
        return ""
    shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"its code changed while it ran ({shown}); rerun the same command"
