"""Progress on stderr while arms are trained: consumers of :mod:`cmpnet.events`."""

from __future__ import annotations

import statistics
import sys
import time

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cmpnet.events import Capacity, Epoch, Event, Finished, Look, Planned, Timed, Waiting
from cmpnet.output.table_data import failure_line
from cmpnet.output.tables import percent
from cmpnet.output.terminal import console, print_traceback
from cmpnet.results import value_of
from cmpnet.spec import ERROR, ArmKey, Part

TEST_TRAIN: tuple[Part, Part] = ("test", "train")
BAR_WIDTH = 45  # columns of the bar with its count and ETA, beside the mean errors


class BenchProgress:
    """A bar with the mean errors so far; one line per repeat where stderr is not a terminal.

    Call it with each event of a bench, inside a ``with`` block.
    """

    def __init__(self, *, quiet: bool = False, verbose: bool = False) -> None:
        """
        Args:
            quiet: print no progress.
            verbose: print the traceback of each failure.
        """
        self._arms: list[tuple[ArmKey, list[float]]] = []  # with the errors so far
        self._total = self._done = 0
        self._quiet, self._verbose, self._waiting = quiet, verbose, False
        self._started = time.monotonic()
        self._console = console(stderr=True)
        self._live = self._console.is_terminal and not quiet
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            TextColumn("{task.fields[errors]}", markup=False),  # labels contain brackets
            console=self._console,
            transient=True,
        )
        self._task = self._bar.add_task("bench", total=None, errors="")

    def __enter__(self) -> BenchProgress:
        if self._live:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._bar.stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        match event:
            case Planned():
                self._arms = [(key, []) for key in event.arms]
                self._total = len(event.arms) * len(event.seeds)
                self._started = time.monotonic()
                self._bar.update(self._task, total=self._total)
            case Finished():
                self._finished(event)
                if self._verbose:
                    print_traceback(event.result)
            case Look():
                self._total += event.coming
                self._bar.update(self._task, total=self._total)
                if not self._quiet:
                    self._console.print(look_text(event), soft_wrap=True)
            case Timed():
                self._timed(event)
            case Capacity():
                self._capacity(event)
            case Waiting() if not (self._waiting or self._quiet):
                self._waiting = True
                repeats = f"{event.repeats} repeat{'s' if event.repeats != 1 else ''}"
                self._console.print(f"waiting for {repeats} that another cmpnet is training")

    def _capacity(self, event: Capacity) -> None:
        where = f"{_count(event.workers, 'worker')}, {_count(event.slots, 'slot')}"
        self._bar.update(self._task, description=where)
        if not self._quiet:
            for note in event.notes:
                self._console.print(note, soft_wrap=True, markup=False, highlight=False)
            if not self._live:
                self._console.print(f"training on {where}")

    def _timed(self, event: Timed) -> None:
        self._bar.update(
            self._task, description="times", completed=event.round, total=event.rounds, errors=""
        )
        if event.round == 0 and not (self._live or self._quiet):
            arms = f"{event.arms} arm{'s' if event.arms != 1 else ''}"
            self._console.print(f"timing {arms} in {event.rounds} rounds, one at a time")

    def _finished(self, event: Finished) -> None:
        self._done += 1
        result, (key, errors) = event.result, self._arms[event.arm]
        value = value_of(result, key.metric, "test")
        if value is not None:
            errors.append(value)
        if self._live:
            self._bar.update(self._task, completed=self._done, errors=self._mean_errors(event.arm))
            if result.status != "ok":
                self._console.print(failure_line(key.label, result), style="yellow")
        elif not self._quiet:
            self._console.print(self._line(key, event), soft_wrap=True)

    def _mean_errors(self, last: int) -> str:
        """Mean errors of all arms, or of the last arm alone where they do not fit."""
        means = [
            f"{key.label} {_short(key, statistics.fmean(errors))}" if errors else ""
            for key, errors in self._arms
        ]
        text, room = "  ".join(filter(None, means)), self._console.width - BAR_WIDTH
        text = text if len(text) <= room else means[last]
        return text if len(text) <= room else f"{text[: room - 1]}…"

    def _line(self, key: ArmKey, event: Finished) -> str:
        result = event.result
        if result.status == "ok":
            origin = "from the store" if event.stored else f"{result.seconds:.1f} s"
            test, train = (_text(key, value_of(result, key.metric, part)) for part in TEST_TRAIN)
            text = (
                f"{key.label} seed {result.seed}: {key.measured_on} {key.metric} {test}, "
                f"train {train}, {origin}"
            )
        else:
            text = failure_line(key.label, result)
        eta = _remaining(self._started, self._done, self._total)
        return f"[{self._done}/{self._total}] {text}, ETA {eta:.0f} s"


def _text(key: ArmKey, value: float | None) -> str:
    """What decides, of a repeat; an error in %."""
    if key.metric == ERROR:
        return f"{percent(value)} %"
    return "-" if value is None else f"{value:.4g}"


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


class EpochLines:
    """One line per epoch of a single training; call it with each of its events."""

    def __init__(self, *, quiet: bool = False) -> None:
        """
        Args:
            quiet: print nothing.
        """
        self._epochs, self._samples, self._metric, self._quiet = 0, "test", ERROR, quiet
        self._started = time.monotonic()

    def __call__(self, event: Event) -> None:
        """Print the line of an epoch; other events print nothing."""
        if isinstance(event, Planned):
            self._epochs, self._started = event.arms[0].config.epochs, time.monotonic()
            self._samples, self._metric = event.arms[0].measured_on, event.arms[0].metric
        if self._quiet or not isinstance(event, Epoch):
            return
        width = len(str(self._epochs))
        if event.test_error is None:
            both = event.train_metric, event.test_metric
            values = ["-" if value is None else f"{value:.4g}" for value in both]
        else:
            values = [f"{percent(value):>5} %" for value in (event.train_error, event.test_error)]
        print(
            f"epoch {event.epoch:{width}d}/{self._epochs}"
            f"  train loss {event.train_loss:7.4f}"
            f"  train {self._metric} {values[0]}"
            f"  {self._samples} {self._metric} {values[1]}"
            f"  ETA {_remaining(self._started, event.epoch, self._epochs):.0f} s",
            file=sys.stderr,
            flush=True,
        )


def _remaining(started: float, done: int, total: int) -> float:
    """Seconds that the rest takes at the pace so far."""
    return (time.monotonic() - started) / done * (total - done)
