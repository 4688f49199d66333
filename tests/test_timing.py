"""Times that decide: CPU time of one repeat alone, in turn."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Generator, Iterable
from pathlib import Path
from typing import Any

import pytest
import torch

import cmpnet
from cmpnet import Architecture, CmpnetError, timing
from cmpnet.arms import Shared, resolve
from cmpnet.events import Event, Lost, Timed
from cmpnet.jobs import Job
from cmpnet.output.table_data import pages
from cmpnet.registry import Registry
from cmpnet.spec import Arm
from tests.helpers import QUICK, arm_results, call, results_of

SMALL: dict[str, Any] = {"epochs": 1, "pairs": 50, "repeats": 1}
REGISTRY = Registry()


class Net(torch.nn.Module):
    """Applies one layer several times, and may wait or fail."""

    def __init__(self, times: int, wait: float, calls: int) -> None:
        super().__init__()
        self.first, self.last = torch.nn.Linear(392, 256), torch.nn.Linear(256, 2)
        self.body = torch.nn.Linear(256, 256)
        self.times, self.wait, self.calls = times, wait, calls

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        """The verdict (B, 2)."""
        self.calls -= 1
        if self.calls == 0:
            raise ArithmeticError("no more calls")
        time.sleep(self.wait)
        hidden = self.first(x.flatten(1))
        for _ in range(self.times):
            hidden = self.body(hidden).tanh()
        return {"verdict": self.last(hidden)}


def network(name: str, *, times: int = 20, wait: float = 0.0, calls: int = -1) -> Architecture:
    """A network that does so much work per sample."""
    return Architecture(
        name=name,
        summary="",
        build=lambda: Net(times, wait, calls),
        outputs={"verdict": (2,)},
        task="digit-pairs",
        loss="ce",
    )


def arm(architecture: Architecture, **options: object) -> Arm:
    return resolve(architecture, REGISTRY, Shared({"pairs": 100, "epochs": 5, **options}))


def medians(*arms: Arm) -> list[float]:
    """Median CPU seconds of each arm over three rounds in this process."""
    rounds = [[next(timing.work(Job(0, one, (0,)))) for one in arms] for _ in range(3)]
    return [statistics.median(column) for column in zip(*rounds, strict=True)]


def test_three_times_the_work_takes_about_three_times_as_long() -> None:
    once, thrice = medians(arm(network("once")), arm(network("thrice", times=60)))
    assert 2 < thrice / once < 4


def test_waiting_does_not_count() -> None:
    busy, idle = medians(arm(network("busy")), arm(network("idle", wait=0.03)))
    assert idle / busy < 2  # it waits for longer than it computes


def test_the_time_is_that_of_a_whole_repeat() -> None:
    few, many = medians(arm(network("net")), arm(network("net"), epochs=20))
    assert 3 < many / few < 5


def test_bench_times_each_arm_in_every_round_and_stores_nothing_of_it() -> None:
    events: list[Event] = []
    names = ["baseline", "minidl-relu"]
    small = {**SMALL, "points": 50, "on_event": events.append}
    results = cmpnet.bench(names, time=True, **small)
    assert [len(one.times) for one in results.arms] == [timing.ROUNDS] * 2
    assert all(seconds > 0 for one in results.arms for seconds in one.times)
    rounds = [event for event in events if isinstance(event, Timed)]
    assert rounds == [Timed(n, timing.ROUNDS, 2) for n in range(timing.ROUNDS + 1)]
    assert all(one.times == () for one in cmpnet.load().arms)
    assert [len(one.repeats) for one in cmpnet.load().arms] == [1, 1]
    (table, *_) = pages(results)[0].tables
    assert table.headings[-1] == "CPU s/repeat"
    results.save("timed.json")
    document = json.loads(Path("timed.json").read_text())
    assert document["arms"][0]["cpu_seconds"]["rounds"] == list(results.arms[0].times)
    assert [one.times for one in cmpnet.load("timed.json").arms] == [
        one.times for one in results.arms
    ]


def test_the_command_line_says_what_the_times_are() -> None:
    done = call("bench", "baseline", "--repeats", "1", "--time", "--no-plot", "--full", *QUICK)
    assert done.returncode == 0, done.stderr
    assert f"timing 1 arm in {timing.ROUNDS} rounds, one at a time" in done.stderr
    assert f"CPU s/repeat is the median of {timing.ROUNDS} rounds" in done.stdout
    plain = call("bench", "baseline", "--repeats", "1", "--no-plot", "--full", *QUICK)
    assert "CPU s/repeat" not in plain.stdout
    assert "s/repeat" in plain.stdout


def test_an_arm_that_cannot_be_timed_keeps_its_errors_and_a_warning_says_why() -> None:
    # One epoch of one step calls the network three times; timing takes more than ten epochs.
    arms = [network("brief", times=1, calls=10), network("broken", calls=1), "baseline"]
    results = cmpnet.bench(arms, time=True, **SMALL)
    brief, broken, baseline = results.arms
    assert (len(brief.ok()), brief.times) == (1, ())
    assert len(baseline.times) == timing.ROUNDS
    assert results.warnings == ("'brief' was not timed: ArithmeticError: no more calls.",)
    assert pages(results)[0].tables[0].rows[0].cells[-1] == "-"
    assert (len(broken.ok()), broken.times) == (0, ()), "nothing of it succeeded"


class Recording:
    """An executor that runs no job."""

    workers = 1

    def __init__(self, lost: int) -> None:
        self.jobs: list[int] = []
        self.lost = lost

    def run(self, work: Callable[..., Any], jobs: Iterable[Job]) -> Generator[tuple[Job, Any]]:
        """A time for each job; the job with this number in the sequence is lost."""
        for job in jobs:
            self.jobs.append(job.number)
            yield job, Lost("killed") if len(self.jobs) == self.lost else float(len(self.jobs))


def test_a_round_times_every_arm_once_and_rounds_differ_in_order() -> None:
    arms = {number: arm(network(f"net{number}")) for number in range(3)}
    executor = Recording(lost=0)
    times = timing.measure(arms, 0, executor, lambda _: None)
    rounds = [tuple(executor.jobs[n : n + 3]) for n in range(0, len(executor.jobs), 3)]
    assert len(rounds) == timing.ROUNDS
    assert all(sorted(order) == [0, 1, 2] for order in rounds)
    assert len(set(rounds)) > 2
    for number in arms:  # the n-th time of each arm is that of round n
        places = [3 * n + order.index(number) + 1 for n, order in enumerate(rounds)]
        assert times[number] == tuple(map(float, places))


def test_a_round_that_is_lost_leaves_its_arm_without_times() -> None:
    arms = {number: arm(network(f"net{number}")) for number in range(2)}
    executor = Recording(lost=3)
    times = timing.measure(arms, 0, executor, lambda _: None)
    lost = executor.jobs[2]
    assert times[lost] == Lost("killed")
    assert len(times[1 - lost]) == timing.ROUNDS  # type: ignore[arg-type]


def test_the_table_shows_the_median_and_how_far_the_rounds_spread() -> None:
    timed = [
        arm_results("a", [100, 200], times=(1.0, 2.0, 3.0, 4.0, 5.0)),
        arm_results("b", [100, 200], times=(10.0, 10.0, 10.0, 10.0, 10.0)),
        arm_results("c", [100, 200]),
    ]
    shown = pages(results_of(timed))[0]
    assert [row.cells[-1] for row in shown.tables[0].rows] == ["3.00", "10.00", "-"]
    # by hand: quartiles 2 and 4 around a median of 3
    assert any("the interquartile range is at most 66.7 % of it" in note for note in shown.notes)


def test_times_on_another_device_are_refused_before_training() -> None:
    other = arm(network("net"), device="cuda")
    with pytest.raises(CmpnetError, match="--time measures CPU time, and 'net' computes on 'cuda'"):
        timing.check({0: other})


@pytest.mark.parametrize("damage", [{"rounds": [-1.0]}, {"rounds": "x"}, {}, 3])
def test_an_export_with_impossible_times_is_refused(damage: object) -> None:
    results = results_of([arm_results("a", [100])])
    results.save("a.json")
    document = json.loads(Path("a.json").read_text())
    assert document["arms"][0]["cpu_seconds"] is None
    document["arms"][0]["cpu_seconds"] = damage
    Path("a.json").write_text(json.dumps(document))
    with pytest.raises(CmpnetError, match=r"'a.json' cannot be read"):
        cmpnet.load("a.json")
