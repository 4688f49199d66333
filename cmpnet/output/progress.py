"""Progress of a bench on stderr: a consumer of :mod:`cmpnet.events`."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable

from rich.console import Group, RenderableType

from cmpnet.events import Capacity, Epoch, Event, Finished, Look, Planned, Timed, Waiting
from cmpnet.forecast import Forecast
from cmpnet.output import live
from cmpnet.output.live import clock, eta, measured_after, value_text
from cmpnet.output.table_data import failure_line
from cmpnet.output.tables import percent
from cmpnet.output.terminal import console, print_traceback
from cmpnet.plots.layout import shorten
from cmpnet.results import value_of
from cmpnet.spec import ERROR, ArmKey, Part

TEST_TRAIN: tuple[Part, Part] = ("test", "train")
SHORTEST = 8  # columns of a shortened label at least


class BenchProgress:
    """One line per running training and a bar; one line per finished repeat in a pipe.

    Call it with each event of a bench, inside a ``with`` block.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """
        Args:
            quiet: print no progress.
            verbose: print the traceback of each failure.
            clock: returns the time in seconds.
        """
        self._forecast, self._clock = Forecast(clock), clock
        self._curves: tuple[str, ...] = ()  # what each arm has curves of
        self._names: dict[int, str] = {}  # what is shown of the epochs of each arm
        self._values: list[list[float]] = []  # of each arm, what decides of its repeats so far
        self._last = 0  # the arm of the latest repeat
        self._timed: tuple[Timed, float] | None = None  # and when the timing began
        self._quiet, self._verbose, self._waiting = quiet, verbose, False
        self._console = console(stderr=True)
        self._redraws = live.can_redraw(self._console) and not quiet
        self._lock = threading.Lock()  # the lines are drawn by a thread while events come
        self._live = live.live(self._console, self._lines)

    def __enter__(self) -> BenchProgress:
        if self._redraws:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._redraws:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        with self._lock:
            self._note(event)
        if not self._quiet:
            self._print(event)
        if self._verbose and isinstance(event, Finished):
            print_traceback(event.result)

    def _note(self, event: Event) -> None:
        """Keep what the lines of a terminal show."""
        value = None
        match event:
            case Planned():
                self._values = [[] for _ in event.arms]
                self._curves = event.curves or tuple(key.metric for key in event.arms)
            case Epoch():
                key, curve = self._forecast.arms[event.arm], self._curves[event.arm]
                self._names[event.arm], value = measured_after(event, key, curve, "test")
            case Finished():
                metric = self._forecast.arms[event.arm].metric
                if (decides := value_of(event.result, metric, "test")) is not None:
                    self._values[event.arm].append(decides)
                self._last = event.arm
            case Timed():
                self._timed = event, self._clock() if self._timed is None else self._timed[1]
        self._forecast(event, value)

    def _print(self, event: Event) -> None:
        """Print what stays. The lock is free: the thread that draws waits for the console."""
        match event:
            case Finished():
                key = self._forecast.arms[event.arm]
                if not self._redraws:
                    self._console.print(self._line(key, event), soft_wrap=True)
                elif event.result.status != "ok":
                    self._console.print(failure_line(key.label, event.result), style="yellow")
            case Capacity():
                for note in event.notes:
                    self._console.print(note, soft_wrap=True)
                where = f"{_count(event.workers, 'worker')}, {_count(event.slots, 'slot')}"
                self._console.print(f"training on {where}")
            case Look():
                self._console.print(look_text(event), soft_wrap=True)
            case Timed() if event.round == 0 and not self._redraws:
                arms = f"{event.arms} arm{'s' if event.arms != 1 else ''}"
                self._console.print(f"timing {arms} in {event.rounds} rounds, one at a time")
            case Waiting() if not self._waiting:
                self._waiting = True
                repeats = f"{event.repeats} repeat{'s' if event.repeats != 1 else ''}"
                self._console.print(f"waiting for {repeats} that another cmpnet is training")

    # -- lines of a terminal ----------------------------------------------------------------------

    def _lines(self) -> RenderableType:
        """What the terminal shows now."""
        with self._lock:
            return self._drawn()

    def _drawn(self) -> RenderableType:
        forecast, shown = self._forecast, self._console
        if self._timed is not None:
            timed, began = self._timed
            spent, left = self._clock() - began, timed.rounds - timed.round
            text = f"round {timed.round}/{timed.rounds} of timings  {clock(spent)}"
            if timed.round:
                text += f"  {eta(spent / timed.round * left)}"
            return live.progress_line(shown, timed.round / timed.rounds, text)
        if not forecast.total:
            return ""
        trainings = [
            (forecast.arms[one.arm], self._names.get(one.arm, ERROR), one)
            for one in forecast.running.values()
        ]
        text = f"{forecast.done}/{forecast.total} repeats  {clock(forecast.elapsed)}"
        text = "  ".join(filter(None, [text, eta(forecast.remaining())]))
        text += self._means(shown.width - live.BAR - 1 - len(text))
        summary = live.progress_line(shown, forecast.done / forecast.total, text)
        return Group(live.training_lines(trainings, shown), summary)

    def _means(self, room: int) -> str:
        """Mean errors of all arms so far, or of the latest alone where they do not fit."""
        means = [
            f"  {key.label} {_short(key, statistics.fmean(values))}" if values else ""
            for key, values in zip(self._forecast.arms, self._values, strict=True)
        ]
        return next((text for text in ("".join(means), means[self._last]) if len(text) <= room), "")

    # -- lines of a pipe --------------------------------------------------------------------------

    def _line(self, key: ArmKey, event: Finished) -> str:
        """One line about a finished repeat; in a terminal, the label is short enough for it."""
        result, forecast = event.result, self._forecast
        count = f"[{forecast.done}/{forecast.total}] "
        left = eta(forecast.remaining())
        rest = f", {left}" if left else ""
        if result.status != "ok":
            return count + failure_line(key.label, result) + rest
        origin = "from the store" if event.stored else f"{result.seconds:.1f} s"
        test, train = (value_text(key.metric, value_of(result, key.metric, p)) for p in TEST_TRAIN)
        text = (
            f" seed {result.seed}: {key.measured_on} {key.metric} {test}, "
            f"train {train}, {origin}{rest}"
        )
        room = self._console.width - len(count) - len(text)
        label = shorten(key.label, max(room, SHORTEST)) if self._console.is_terminal else key.label
        return count + label + text


def _short(key: ArmKey, value: float) -> str:
    """A mean, as short as a bar needs it."""
    return percent(value, 1) if key.metric == ERROR else f"{value:.3g}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


def look_text(look: Look) -> str:
    """One line per difference that is not decided yet, with its interval so far."""
    if not look.undecided:
        return f"after {look.repeats} repeats: all is decided"
    lines = [f"after {look.repeats} repeats, not decided:", *look.undecided]
    return "\n  ".join(lines)
