"""The forecast of a bench, from simulated events with a clock of their own."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from cmpnet.events import Epoch, Event, Finished, Look, Planned, Started
from cmpnet.forecast import Forecast
from tests.helpers import arm_results

EPOCHS = 10
(RESULT,) = arm_results("a", [60]).repeats.values()


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def planned(arms: int, repeats: int, epochs: int = EPOCHS) -> Planned:
    keys = tuple(arm_results("abc"[arm], [], epochs=epochs).key for arm in range(arms))
    return Planned(keys, tuple(range(repeats)))


def simulated(
    seconds: Sequence[float], repeats: int, workers: int, setup: float = 0.0
) -> Iterator[tuple[float, Event]]:
    """The events of a bench whose arms take some seconds per repeat, each with its time."""
    jobs = [(arm, seed) for seed in range(repeats) for arm in range(len(seconds))]
    free = [0.0] * workers
    events: list[tuple[float, int, Event]] = []
    for arm, seed in jobs:
        began = heapq.heappop(free)
        begun = began + setup
        events.append((began, len(events), Started(arm, (seed,))))
        for epoch in range(1, EPOCHS + 1):
            then = begun + seconds[arm] * epoch / EPOCHS
            events.append((then, len(events), Epoch(seed, epoch, 0.5, 0.1, 0.2, arm=arm)))
        ended = begun + seconds[arm]
        finished = Finished(arm, replace(RESULT, seed=seed, seconds=seconds[arm]), stored=False)
        events.append((ended, len(events), finished))
        heapq.heappush(free, ended)
    for then, _, event in sorted(events, key=lambda entry: entry[:2]):
        yield then, event


def forecasts(
    seconds: Sequence[float], repeats: int, workers: int, setup: float = 0.0
) -> list[tuple[int, float, float, float | None]]:
    """After each event: repeats done, seconds so far, seconds that are left, and the forecast."""
    clock = Clock()
    forecast = Forecast(clock)
    forecast(planned(len(seconds), repeats))
    rows = []
    for then, event in simulated(seconds, repeats, workers, setup):
        clock.now = then
        forecast(event)
        rows.append((forecast.done, then, forecast.remaining()))
    end = rows[-1][1]
    return [(done, then, end - then, remaining) for done, then, remaining in rows]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("seconds", [(1.0, 60.0), (60.0, 1.0)])
def test_arms_of_1_and_60_seconds_are_forecast_within_30_percent_after_two_repeats(
    seconds: tuple[float, ...], workers: int
) -> None:
    first_epoch = 60.0 / EPOCHS  # until then, nothing shows what the slow arm takes
    rows = [row for row in forecasts(seconds, 10, workers) if row[0] >= 2 and row[1] > first_epoch]
    assert len(rows) > 180
    assert all(left == pytest.approx(truth, rel=0.3, abs=0.1) for _, _, truth, left in rows)


def test_an_arm_without_an_epoch_costs_more_the_longer_its_first_epoch_takes() -> None:
    early = [row for row in forecasts((1.0, 60.0), 10, 3) if row[0] >= 2 and row[1] < 6.0]
    assert 0.2 < early[-1][3] / early[-1][2] < 1.0
    assert early[0][3] < early[-1][3]


@pytest.mark.parametrize("workers", [1, 2])
def test_from_a_fifth_of_the_work_on_a_forecast_is_within_25_percent(workers: int) -> None:
    rows = forecasts((2.0, 6.0, 8.0), 10, workers, setup=0.2)
    late = [row for row in rows if row[1] > 0.2 * rows[-1][1]]
    assert len(late) > 200
    assert all(left == pytest.approx(truth, rel=0.25, abs=0.3) for _, _, truth, left in late)


def test_a_long_repeat_at_the_end_counts_in_full_however_many_workers_are_idle() -> None:
    forecast = Forecast(clock := Clock())
    forecast(planned(1, 4))
    for seed in range(4):
        forecast(Started(0, (seed,)))
    clock.now = 10.0
    for seed in range(3):
        forecast(Finished(0, replace(RESULT, seed=seed), stored=False))
    clock.now = 4.0  # the fourth began late
    forecast.running[0, (3,)].started = 3.0
    assert forecast.remaining() == 9.0


def test_nothing_is_forecast_before_anything_is_known() -> None:
    forecast = Forecast(clock := Clock())
    forecast(planned(2, 5))
    assert forecast.remaining() is None
    forecast(Started(0, (0,)))
    clock.now = 1.0
    assert forecast.remaining() is None
    forecast(Epoch(0, 1, 0.5, 0.1, 0.2))
    assert forecast.remaining() == pytest.approx(2 * 5 * EPOCHS - 1)


def test_stored_repeats_say_what_their_arm_takes_and_take_no_time() -> None:
    forecast = Forecast(Clock())
    forecast(planned(1, 4))
    for seed in range(3):
        forecast(Finished(0, replace(RESULT, seed=seed, seconds=8.0), stored=True))
    assert (forecast.done, forecast.remaining()) == (3, 8.0)


def test_an_arm_of_which_nothing_is_known_costs_what_the_others_do_per_epoch() -> None:
    forecast = Forecast(Clock())
    long = arm_results("long", [], epochs=30).key
    short = arm_results("short", [], epochs=10).key
    forecast(Planned((short, long), (0,)))
    forecast(Finished(0, replace(RESULT, seconds=5.0), stored=True))
    assert forecast.remaining() == 15.0


def test_repeats_side_by_side_share_the_time_of_their_job() -> None:
    forecast = Forecast(clock := Clock())
    forecast(planned(1, 20))
    forecast(Started(0, tuple(range(10))))
    for epoch in (1, 2):
        clock.now = 3.0 * epoch
        for seed in range(10):
            value = 0.5 if seed % 2 else 0.25
            forecast(Epoch(seed, epoch, 0.5, value, value), value)
    (training,) = forecast.running.values()
    assert training.curve == [0.375, 0.375]
    assert forecast.remaining() == 3.0 * (EPOCHS - 2) + 3.0 * EPOCHS
    clock.now = 30.0
    for seed in range(10):
        forecast(Finished(0, replace(RESULT, seed=seed), stored=False))
    assert (forecast.done, forecast.running, forecast.remaining()) == (10, {}, 30.0)


def test_a_job_whose_worker_died_begins_again() -> None:
    forecast = Forecast(clock := Clock())
    forecast(planned(1, 1))
    forecast(Started(0, (0,)))
    clock.now = 5.0
    forecast(Epoch(0, 5, 0.5, 0.1, 0.2), 0.2)
    forecast(Started(0, (0,)))
    (training,) = forecast.running.values()
    assert (training.started, training.epoch, training.curve) == (5.0, 0, [])


def test_a_look_adds_repeats_of_the_arms_that_are_not_decided() -> None:
    forecast = Forecast(Clock())
    forecast(planned(2, 1))
    forecast(Finished(0, replace(RESULT, seconds=1.0), stored=True))
    forecast(Finished(1, replace(RESULT, seconds=60.0), stored=True))
    forecast(Look(1, ("b against a",), 2, (1,)))
    assert (forecast.total, forecast.remaining()) == (4, 120.0)


def test_a_forecast_of_many_thousand_repeats_takes_no_simulation() -> None:
    forecast = Forecast(Clock())
    forecast(planned(2, 100_000))
    forecast(Finished(0, replace(RESULT, seconds=1.0), stored=True))
    assert forecast.remaining() == 199_999.0
