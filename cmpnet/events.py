"""What happens while arms are trained, as :func:`cmpnet.runner.run` yields it.

``arm`` is an arm's number in the bench.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cmpnet.spec import ArmKey, RepeatResult

if TYPE_CHECKING:
    from cmpnet.spec import Learner


@dataclass(frozen=True, slots=True)
class Planned:
    """What a bench is going to do: its first event.

    Attributes:
        arms: names and option values of each arm; an event's ``arm`` is an index of it.
        seeds: seeds of each arm's repeats.
        curves: of each arm, the first metric of its task, which has a value per epoch.
    """

    arms: tuple[ArmKey, ...]
    seeds: tuple[int, ...]
    curves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Started:
    """The training of some repeats has begun; it begins again if their worker dies.

    Attributes:
        arm: number of the arm.
        seeds: seeds of the repeats, which are trained side by side.
    """

    arm: int
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Epoch:
    """A repeat has finished an epoch.

    Attributes:
        seed: seed of the repeat.
        epoch: number of epochs done.
        train_loss: mean training loss over the epoch's steps.
        train_error: fraction of misclassified training samples; None for a task that counts none.
        test_error: the same for the test samples.
        train_metric: the first metric of the task on the training part, if that is not the error.
        test_metric: the same for the test part.
        arm: number of the arm.
    """

    seed: int
    epoch: int
    train_loss: float
    train_error: float | None
    test_error: float | None
    train_metric: float | None = None
    test_metric: float | None = None
    arm: int = 0


@dataclass(frozen=True, slots=True)
class Imports:
    """Third-party code that a process has imported.

    Attributes:
        files: digests of files and packages, by their path relative to an entry of ``sys.path``.
        versions: versions of installed distributions.
    """

    files: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trained:
    """Repeats have come to their end, whatever it is.

    Attributes:
        results: one result per seed.
        learner: holds the networks, in the process that trained them; None after a failure.
        imports: third-party code that the process had imported.
    """

    results: tuple[RepeatResult, ...]
    learner: Learner | None = None
    imports: Imports = field(default_factory=Imports)


@dataclass(frozen=True, slots=True)
class Finished:
    """A repeat is in the store.

    Attributes:
        arm: number of the arm.
        result: the repeat.
        stored: whether it was in the store before.
    """

    arm: int
    result: RepeatResult
    stored: bool


@dataclass(frozen=True, slots=True)
class Look:
    """A bench until decided has looked at its results.

    Attributes:
        repeats: number of repeats of the arms that it trained on.
        undecided: what is not decided yet, a line of text each, with the interval so far.
        coming: number of trainings up to the next look; 0 at the end.
        arms: numbers of the arms that they train, each equally often.
    """

    repeats: int
    undecided: tuple[str, ...]
    coming: int
    arms: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Everything else is done; other processes are training the rest.

    Attributes:
        repeats: number of repeats that are waited for.
    """

    repeats: int


@dataclass(frozen=True, slots=True)
class Timed:
    """A round of timings is over, or the first one begins.

    Attributes:
        round: number of rounds done.
        rounds: number of rounds.
        arms: number of arms that a round times.
    """

    round: int
    rounds: int
    arms: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """An executor on other machines has more or fewer of them than before.

    Attributes:
        workers: number of workers that train.
        slots: number of trainings that they run side by side.
        notes: a sentence for each worker that was refused, or was lost.
    """

    workers: int
    slots: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """A job has no result: its workers died each time it was tried, or it could not be sent.

    Attributes:
        reason: why, as the cause of the failed repeats.
    """

    reason: str


Event = Planned | Started | Epoch | Finished | Look | Waiting | Timed | Capacity
"""What a bench reports; :class:`Trained` and :class:`Lost` stay between executor and bench."""
