"""How long arms take to train: CPU time of one repeat alone, measured in turn.

The seconds of a repeat are wall-clock time. They depend on what else the machine does, they may
come from a store, and a repeat that was trained beside nine others has a tenth of their time. So
they decide nothing. Here each arm is trained alone, in one process at a time, for a few epochs of
one seed: a round times every arm once, and each round takes the arms in another order. What slows
the machine down for a while slows down all arms of a round, which is therefore what arms are
paired by.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from cmpnet import errors, training
from cmpnet.events import Capacity, Event, Lost, Timed, Trained
from cmpnet.jobs import Job
from cmpnet.runtime.executors import Executor
from cmpnet.spec import Arm

# The first epoch warms up; what follows takes 0.1 s of CPU time: one epoch of ws-aux, four of
# minidl-relu. On 2 cores with a load average of 4, the interquartile range over the rounds was
# 1-4 % of the median for table3 and 1-5 % for fig4 (2 benches each), and 0.3 s gave no less. With
# 11 rounds, the 95 % interval of the ratio of two paired arms is ± 2-4 % and ± 0.3-1 %. Each of
# the two suites takes 12 s.
ROUNDS = 11
CPU_SECONDS = 0.1
WALL_SECONDS = 10 * CPU_SECONDS  # for a network that mostly waits
_ENDLESS = 100_000  # epochs; the clock stops the training


def check(arms: Mapping[int, Arm]) -> None:
    """
    Raises:
        CmpnetError: an arm does not compute on the CPU.
    """
    for arm in arms.values():
        if arm.config.device != "cpu":
            raise errors.no_cpu_time(arm.label, arm.config.device)


def work(job: Job) -> Iterator[float | Lost]:
    """The CPU time of one repeat of a job's arm, in seconds: what a worker does.

    The time of data loading, of building the network and of the first epoch does not count;
    evaluation after each epoch does, as in a training.
    """
    config = replace(job.arm.config, epochs=_ENDLESS)
    arm = replace(job.arm, key=replace(job.arm.key, config=config))
    started = None
    with contextlib.closing(training.run(arm, job.seeds)) as events:
        for epochs, event in enumerate(events):  # the first epoch is number 0
            now = time.process_time(), time.perf_counter()
            if isinstance(event, Trained):
                yield Lost(event.results[0].cause)
                return
            if started is None:
                started = now
                continue
            cpu, wall = now[0] - started[0], now[1] - started[1]
            if cpu >= CPU_SECONDS or wall >= WALL_SECONDS:
                yield cpu / epochs * job.arm.config.epochs
                return


def measure(
    arms: Mapping[int, Arm], seed: int, executor: Executor, on_event: Callable[[Event], None]
) -> dict[int, tuple[float, ...] | Lost]:
    """CPU seconds of one repeat of each arm, one per round; or why an arm has none.

    Args:
        arms: the arms by number.
        seed: seed of data, weights and sample order.
        executor: runs one job at a time.
        on_event: called with a :class:`Timed` at the beginning and after each round.
    """
    jobs = [Job(n, arms[n], (seed,)) for r in range(ROUNDS) for n in _order([*arms], r)]
    times: dict[int, list[float]] = {number: [] for number in arms}
    lost: dict[int, Lost] = {}
    with contextlib.closing(executor.run(work, jobs)) as messages:
        on_event(Timed(0, ROUNDS, len(arms)))
        for done, (job, message) in enumerate(messages, 1):
            if job is None or isinstance(message, Capacity):
                continue
            if isinstance(message, Lost):
                lost[job.number] = message
            else:
                times[job.number].append(message)
            if done % len(arms) == 0:
                on_event(Timed(done // len(arms), ROUNDS, len(arms)))
    return {number: lost.get(number, tuple(times[number])) for number in arms}


def _order(numbers: list[int], turn: int) -> list[int]:
    """Another order of the arms for each round, the same in each bench."""
    random.Random(turn).shuffle(numbers)
    return numbers
