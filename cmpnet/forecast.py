"""How far a bench is, and how long the rest takes: a consumer of :mod:`cmpnet.events`."""

from __future__ import annotations

import heapq
import statistics
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from cmpnet.events import Epoch, Event, Finished, Look, Planned, Started
from cmpnet.spec import ArmKey

STARTS = 8  # the most trainings at a time that this many starts saw is the number of workers
RECENT = 5  # epochs of a job, and jobs of an arm, that its pace is taken from: the load changes
SIMULATED = 2000  # jobs; with more, the last ones hardly count, and a simulation takes > 2 ms


@dataclass(slots=True)
class Training:
    """A job that is being trained: one repeat, or several side by side.

    Attributes:
        arm: number of the arm.
        seeds: seeds of its repeats.
        epochs: number of epochs of each repeat.
        started: when it began, in seconds.
        epoch: number of epochs done.
        times: when the latest of them ended.
        curve: what is measured on the test part after each epoch, the mean over the repeats.
        left: the seeds that are not finished.
    """

    arm: int
    seeds: tuple[int, ...]
    epochs: int
    started: float
    epoch: int = 0
    times: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT + 1))
    curve: list[float] = field(default_factory=list)
    left: set[int] = field(default_factory=set)
    _values: list[float] = field(default_factory=list)

    def note(self, epoch: int, value: float | None, now: float) -> None:
        """An epoch of one of its repeats is done."""
        if epoch > self.epoch:
            self.epoch, self._values = epoch, []
            self.times.append(now)
        if value is None:
            return
        self._values.append(value)
        if len(self._values) == 1:
            self.curve.append(value)
        else:
            self.curve[-1] = statistics.fmean(self._values)

    def pace(self, now: float) -> float:
        """Seconds per epoch; at first, what the first epoch has taken until now."""
        if len(self.times) > 1:
            return (self.times[-1] - self.times[0]) / (len(self.times) - 1)
        return (self.times[0] if self.times else now) - self.started

    def remaining(self, now: float) -> float:
        """Seconds to its end, by its own epochs. The first one includes the start of the job."""
        to_come, pace = self.epochs - self.epoch, self.pace(now)
        waited = now - (self.times[-1] if self.times else self.started)
        return max(pace - waited, 0.0) + pace * (to_come - 1) if to_come > 0 else 0.0


@dataclass(slots=True)
class _Cost:
    """What repeats of an arm took.

    Attributes:
        trained: seconds per repeat of its latest finished jobs, each from start to end.
        stored: seconds of the latest repeats that this bench did not train.
        size: number of repeats of its latest job.
    """

    trained: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    stored: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    size: int = 1


class Forecast:
    """What is being trained, what is done, and the seconds that the rest takes.

    Call it with each event. Arms differ in cost: a repeat takes what the latest finished ones of
    its arm took and what the running ones take by their epochs, or what the stored ones took. An
    arm of which nothing is known has the seconds per epoch of the others.

    Attributes:
        arms: names and option values of the arms.
        total: number of repeats.
        done: how many of them are finished.
        running: what is being trained, by the arm's number and the seeds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """
        Args:
            clock: returns the time in seconds.
        """
        self.arms: tuple[ArmKey, ...] = ()
        self.total = self.done = 0
        self.running: dict[tuple[int, tuple[int, ...]], Training] = {}
        self._clock, self._began = clock, clock()
        self._wanted: list[float] = []  # of each arm, repeats that are not finished
        self._costs: list[_Cost] = []
        self._side_by_side: deque[int] = deque(maxlen=STARTS)

    def __call__(self, event: Event, value: float | None = None) -> None:
        """Take note of an event.

        Args:
            event: the event.
            value: of an epoch, what the curve shows.
        """
        match event:
            case Planned():
                self.arms, self._began = event.arms, self._clock()
                self.total, self.done = len(event.arms) * len(event.seeds), 0
                self._wanted = [len(event.seeds)] * len(event.arms)
                self._costs = [_Cost() for _ in event.arms]
                self.running.clear()
            case Started():
                self._started(event)
            case Epoch():
                if training := self._training(event.arm, event.seed):
                    training.note(event.epoch, value, self._clock())
            case Finished():
                self._finished(event)
            case Look():
                self.total += event.coming
                for arm in event.arms:
                    self._wanted[arm] += event.coming / len(event.arms)

    @property
    def elapsed(self) -> float:
        """Seconds since the bench began."""
        return self._clock() - self._began

    def remaining(self) -> float | None:
        """Seconds to the end of the bench; None as long as nothing is known of any arm.

        The repeats that are left are given to the workers as the bench will: by seed, each to the
        worker that is free first. So a long repeat at the end counts in full.
        """
        now = self._clock()
        trainings = [*self.running.values()]
        costs = self._seconds(trainings, now)
        if costs is None:
            return None
        free = [self._left(training, costs[training.arm], now) for training in trainings]
        workers = max(self._side_by_side, default=1)
        unbegun, sizes = self._unbegun(trainings), [cost.size for cost in self._costs]
        if sum(unbegun) > SIMULATED * min(sizes):
            seconds = sum(repeats * cost for repeats, cost in zip(unbegun, costs, strict=True))
            return (sum(free) + seconds) / workers
        jobs = [
            (left, costs[arm] * min(sizes[arm], left))
            for arm, repeats in enumerate(unbegun)
            for left in range(repeats, 0, -sizes[arm])
        ]
        free += [0.0] * (workers - len(free))
        heapq.heapify(free)
        for _, cost in sorted(jobs, reverse=True):
            heapq.heapreplace(free, free[0] + cost)
        return max(free)

    # -- events -----------------------------------------------------------------------------------

    def _started(self, event: Started) -> None:
        epochs = self.arms[event.arm].config.epochs
        training = Training(event.arm, event.seeds, epochs, self._clock(), left={*event.seeds})
        self.running[event.arm, event.seeds] = training  # once more, if its worker died
        self._costs[event.arm].size = len(event.seeds)
        self._side_by_side.append(len(self.running))

    def _finished(self, event: Finished) -> None:
        self.done += 1
        self._wanted[event.arm] -= 1
        cost, training = self._costs[event.arm], self._training(event.arm, event.result.seed)
        if training is None or event.stored:
            if event.result.seconds:
                cost.stored.append(event.result.seconds)
            return
        training.left.discard(event.result.seed)
        if not training.left:
            del self.running[training.arm, training.seeds]
            cost.trained.append((self._clock() - training.started) / len(training.seeds))

    def _training(self, arm: int, seed: int) -> Training | None:
        return next(
            (one for one in self.running.values() if one.arm == arm and seed in one.left), None
        )

    # -- seconds ----------------------------------------------------------------------------------

    def _unbegun(self, trainings: Sequence[Training]) -> list[int]:
        """Of each arm, the repeats that nobody trains yet."""
        left = list(self._wanted)
        for training in trainings:
            left[training.arm] -= len(training.left)
        return [max(round(repeats), 0) for repeats in left]

    def _seconds(self, trainings: Sequence[Training], now: float) -> list[float] | None:
        """Seconds per repeat of each arm, in a job of its usual size."""
        known: dict[int, float] = {}
        for arm, cost in enumerate(self._costs):
            own = [
                (now - one.started + one.remaining(now)) / len(one.seeds)
                for one in trainings
                if one.arm == arm and one.epoch > bool(cost.trained)
            ]
            if latest := [*cost.trained, *own] or cost.stored:
                known[arm] = statistics.fmean(latest)
        if not known:
            return None
        epochs = [key.config.epochs for key in self.arms]
        usual = statistics.fmean(seconds / epochs[arm] for arm, seconds in known.items())
        # The first epoch of an arm takes at least what it has taken so far.
        least = [usual] * len(self.arms)
        for one in trainings:
            least[one.arm] = max(least[one.arm], one.pace(now) / len(one.seeds))
        return [known.get(arm, least[arm] * epochs[arm]) for arm in range(len(self.arms))]

    def _left(self, training: Training, cost: float, now: float) -> float:
        """Seconds to the end of a job: by its epochs, at first by what others of the arm took."""
        if training.epoch > 1:
            return training.remaining(now)
        return max(cost * len(training.seeds) - (now - training.started), 0.0)
