"""Lines about running trainings, none wider than the terminal."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from cmpnet.ascii_fallback import to_ascii
from cmpnet.events import Epoch
from cmpnet.forecast import Training
from cmpnet.output.tables import percent
from cmpnet.plots.layout import shorten
from cmpnet.spec import ERROR, ArmKey, Part

LEVELS, ASCII_LEVELS = "▁▂▃▄▅▆▇█", "_.-:=+*#"
SPARKLINE = 8, 25  # columns at least and at most: one per epoch of the default training
BAR = 20  # columns
PER_SECOND = 8  # how often the lines are drawn


def can_redraw(console: Console) -> bool:
    """Whether lines may be drawn over and over: not in a pipe, with TERM=dumb or NO_COLOR."""
    return console.is_terminal and not console.is_dumb_terminal and not console.no_color


def live(console: Console, render: Callable[[], RenderableType]) -> Live:
    """An area at the bottom of the terminal that is drawn again and again, then erased."""
    return Live(
        console=console, get_renderable=render, transient=True, refresh_per_second=PER_SECOND
    )


def progress_line(console: Console, share: float, text: str, width: int = BAR) -> RenderableType:
    """A bar, and a text beside it."""
    grid = Table.grid(padding=(0, 1))
    grid.add_row(ProgressBar(total=1.0, completed=share, width=width), line(console, text))
    return grid


def line(console: Console, text: str) -> Text:
    """One line, cut at the edge of the terminal."""
    text = to_ascii(text) if console.options.ascii_only else text
    return Text(text, no_wrap=True, overflow="crop")


def training_lines(
    trainings: Sequence[tuple[ArmKey, str, Training]], console: Console
) -> RenderableType:
    """One line per job: arm, seeds, epochs, and what is measured with its curve.

    Args:
        trainings: of each job the arm, what its curve shows, and the job itself.
        console: the terminal; of jobs that it is too low for, only the number is shown.
    """
    room = max(console.height - 3, 1)
    shown, more = trainings[:room], len(trainings) - room
    facts = _columns([_facts(*training) for training in shown])
    longest = max((len(key.label) for key, _, _ in shown), default=0)
    taken = max(map(len, facts), default=0) + 4  # two spaces between columns
    label = max(min(longest, console.width - taken - SPARKLINE[0]), 8)
    width = min(max(console.width - taken - label, 0), SPARKLINE[1])
    lines = []
    for (key, _, training), text in zip(shown, facts, strict=True):
        curve = sparkline(training.curve, width, ascii_only=console.options.ascii_only)
        lines.append(f"{shorten(key.label, label):{label}}  {text}  {curve}")
    if more > 0:
        lines.append(f"and {more} more")
    return Group(*(line(console, text) for text in lines))


def _facts(key: ArmKey, name: str, training: Training) -> tuple[str, str, str]:
    seeds = training.seeds
    if len(seeds) == 1:
        which = f"seed {seeds[0]}"
    elif len(seeds) == seeds[-1] - seeds[0] + 1:
        which = f"seeds {seeds[0]}-{seeds[-1]}"
    else:
        which = f"{len(seeds)} seeds"
    done = f"{training.epoch:{len(str(training.epochs))}}/{training.epochs}"
    curve = training.curve
    value = f"{shorten(name, 13)} {value_text(name, curve[-1], 5)}" if curve else ""
    return which, f"epoch {done}", value


def _columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """The cells of each row, aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def sparkline(values: Sequence[float], width: int, *, ascii_only: bool = False) -> str:
    """A curve as one row of blocks, from the smallest value to the largest.

    Args:
        values: the values; those that are not finite are left out.
        width: number of columns at most. With more values, a column is the mean of some.
        ascii_only: draw it with ASCII characters.

    >>> sparkline([0.4, 0.2, 0.1, 0.1], 8)
    '█▃▁▁'
    >>> sparkline([4.0, 2.0, 1.0, 1.0], 2, ascii_only=True)
    '#_'
    """
    columns: dict[int, list[float]] = {}
    for place, value in enumerate(values):
        if math.isfinite(value):
            columns.setdefault(place * width // max(len(values), width), []).append(value)
    means = [statistics.fmean(columns[column]) for column in sorted(columns)] if width > 0 else []
    low, high = min(means, default=0.0), max(means, default=0.0)
    levels = ASCII_LEVELS if ascii_only else LEVELS
    scale = (len(levels) - 1) / (high - low) if high > low else 0.0
    return "".join(levels[round((mean - low) * scale)] for mean in means)


def measured_after(epoch: Epoch, key: ArmKey, curve: str, part: Part) -> tuple[str, float | None]:
    """Name and value of what is shown of an epoch: what decides, if it has a value per epoch.

    Args:
        epoch: the epoch.
        key: the arm.
        curve: first metric of its task.
        part: the part of the data.
    """
    error, other = (
        (epoch.test_error, epoch.test_metric)
        if part == "test"
        else (epoch.train_error, epoch.train_metric)
    )
    if epoch.test_error is None or (key.metric == curve and curve != ERROR):
        return curve or key.metric, other
    return ERROR, error


def value_text(metric: str, value: float | None, width: int = 0) -> str:
    """The value of a metric; an error in %."""
    if metric == ERROR:
        return f"{percent(value):>{width}} %"
    return "-" if value is None else f"{value:.4g}"


def clock(seconds: float) -> str:
    """A duration in minutes and seconds, or with the hours.

    >>> clock(9.6), clock(75), clock(3725)
    ('0:10', '1:15', '1:02:05')
    """
    minutes, second = divmod(round(seconds), 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour}:{minute:02}:{second:02}" if hour else f"{minute}:{second:02}"


def eta(seconds: float | None) -> str:
    """When the rest is done, or "" as long as that is unknown."""
    return "" if seconds is None else f"ETA {clock(seconds)}"
