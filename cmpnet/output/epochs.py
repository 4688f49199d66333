"""Progress of a single training on stderr, epoch by epoch: a consumer of :mod:`cmpnet.events`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import zip_longest
from typing import Any

from rich.console import Group, RenderableType

from cmpnet.events import Epoch, Event, Finished, Planned, Waiting
from cmpnet.forecast import Forecast
from cmpnet.output import live
from cmpnet.output.live import clock, eta, measured_after, sparkline, value_text
from cmpnet.output.terminal import console
from cmpnet.plots.layout import shorten
from cmpnet.spec import ArmKey, Curves, RepeatResult

REPLAY = 3.0, 0.12  # seconds that a replay takes at most, in all and per epoch
LONGEST_BAR = 40  # columns


class EpochProgress:
    """A bar over the epochs with the last values; one line per epoch in a pipe.

    A repeat from the store is replayed from its curves: on a terminal at a pace that can be
    watched, in a pipe at once. Call it with each event of a training, inside a ``with`` block.
    """

    def __init__(
        self,
        *,
        quiet: bool = False,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """
        Args:
            quiet: print nothing.
            clock: returns the time in seconds.
            sleep: waits for some seconds.
        """
        self._forecast, self._sleep, self._quiet = Forecast(clock), sleep, quiet
        self._curve = ""  # the first metric of the task
        self._replays = self._waiting = False
        self._epoch: Epoch | None = None
        self._values: list[float] = []
        self._console = console(stderr=True)
        self._redraws = live.can_redraw(self._console) and not quiet
        self._lock = threading.Lock()  # the lines are drawn by a thread while events come
        self._live = live.live(self._console, self._lines)

    def __enter__(self) -> EpochProgress:
        if self._redraws:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._redraws:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if self._quiet:
            return
        with self._lock:
            self._forecast(event)
        match event:
            case Planned():
                self._curve = "".join(event.curves)
            case Epoch():
                self._show(event)
            case Finished(stored=True):
                self._replay(event.result)
            case Waiting() if not self._waiting:
                self._waiting = True
                self._console.print("waiting for another cmpnet that is training this repeat")

    @property
    def _arm(self) -> ArmKey:
        return self._forecast.arms[0]

    def _show(self, epoch: Epoch) -> None:
        with self._lock:
            self._epoch = epoch
            _, value = measured_after(epoch, self._arm, self._curve, "test")
            if value is not None:
                self._values.append(value)
        if not self._redraws:
            self._console.print(self._line(epoch), soft_wrap=True)

    def _replay(self, result: RepeatResult) -> None:
        epochs = [*epochs_of(result.seed, result.curves)]
        if not epochs:
            return
        self._replays = True
        self._console.print(
            f"seed {result.seed} is in the store; replaying its {len(epochs)} "
            f"epoch{'s' * (len(epochs) > 1)} (--fresh trains it again)",
            soft_wrap=True,
        )
        for epoch in epochs:
            self._show(epoch)
            if self._redraws:
                self._sleep(min(REPLAY[1], REPLAY[0] / len(epochs)))

    # -- lines ------------------------------------------------------------------------------------

    def _line(self, epoch: Epoch) -> str:
        """The line of an epoch; in a terminal, it fits."""
        total = self._arm.config.epochs
        before = f"epoch {epoch.epoch:{len(str(total))}}/{total}  "
        after = "" if self._replays else f"  {eta(self._forecast.remaining())}"
        room = self._console.width - len(before) - len(after)
        return (before + self._measured(epoch, room) + after).rstrip()

    def _measured(self, epoch: Epoch, room: int) -> str:
        """Loss and what is measured on both parts; the name is shortened where there is no room."""
        name, _ = measured_after(epoch, self._arm, self._curve, "test")
        train, test = (
            value_text(name, measured_after(epoch, self._arm, self._curve, part)[1], 5)
            for part in ("train", "test")
        )
        loss = f"loss {epoch.train_loss:.4f}  "
        values = f": train {train}, {self._arm.measured_on} {test}"
        return loss + shorten(name, max(room - len(loss) - len(values), 4)) + values

    def _lines(self) -> RenderableType:
        """What a terminal shows now."""
        with self._lock:
            return self._drawn()

    def _drawn(self) -> RenderableType:
        forecast, shown = self._forecast, self._console
        if not forecast.arms:
            return ""
        total, epoch = self._arm.config.epochs, self._epoch
        done = epoch.epoch if epoch else 0
        time = f"{clock(forecast.elapsed)}  {eta(forecast.remaining())}".rstrip()
        text = f"epoch {done:{len(str(total))}}/{total}  "
        text += "from the store" if self._replays else time
        bar = min(max(shown.width - len(text) - 1, 4), LONGEST_BAR)
        lines = [live.progress_line(shown, done / total, text, bar)]
        if epoch:
            measured = self._measured(epoch, shown.width)
            room = min(max(shown.width - len(measured) - 2, 0), live.SPARKLINE[1])
            ascii_only = shown.options.ascii_only
            curve = sparkline(self._values, room, ascii_only=ascii_only)
            lines.append(live.line(shown, f"{measured}  {curve}"))
        return Group(*lines)


def epochs_of(seed: int, curves: Curves) -> Iterator[Epoch]:
    """The epochs of a finished repeat, as its training yielded them."""
    rows: Iterator[Any] = zip_longest(
        curves.train_loss,
        curves.train_error,
        curves.test_error,
        curves.train_metric,
        curves.test_metric,
    )
    for number, (loss, *measured) in enumerate(rows, 1):
        yield Epoch(seed, number, loss, *measured)
