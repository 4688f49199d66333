"""What a person reads: tables and progress. Nothing else in cmpnet prints results."""

from __future__ import annotations

import re
import statistics
import sys
import textwrap
import time
from collections.abc import Sequence
from typing import IO, TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cmpnet.output.sheets import Page, Sheet, failure
from cmpnet.output.tables import percent
from cmpnet.spec import Arm, Curves, RepeatResult

if TYPE_CHECKING:  # bench imports numpy, which a listing does without
    from cmpnet.bench import Finished
    from cmpnet.plots import Screen
    from cmpnet.plots.pictures import Picture

PIPED_WIDTH = 110  # a pipe has no width; room for long arm names


def console(file: IO[str] | None = None, *, stderr: bool = False) -> Console:
    """A console that honours NO_COLOR and gives a pipe a fixed width."""
    made = Console(file=file, stderr=stderr, highlight=False, markup=False)
    if not made.is_terminal:
        made.width = PIPED_WIDTH
    return made


def print_page(shown: Page, out: Console) -> None:
    """Tables, then what is to be said of them."""
    for sheet in shown.sheets:
        out.print(sheet_table(sheet, out.width))
    piped = not out.is_terminal  # where a sentence stays a line; a terminal gets whole words
    for note in shown.notes:
        out.print(note, style="dim", soft_wrap=piped)
    for line in shown.claims:
        folded = line if piped else textwrap.fill(line, out.width, subsequent_indent="    ")
        out.print(folded, soft_wrap=True)


def sheet_table(sheet: Sheet, width: int = PIPED_WIDTH) -> Table:
    """A table of the terminal, names in bold and folded where they do not fit."""
    table = Table(
        title=sheet.title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0)
    )
    columns = list(zip(sheet.headings, *(row.cells for row in sheet.rows), strict=True))
    taken = 1 + sum(2 + max(map(len, cells)) for cells in columns[sheet.texts :])
    room = (width - taken) // sheet.texts - 2  # what each column of names has
    for number, heading in enumerate(sheet.headings):
        if number < sheet.texts:
            table.add_column(heading, overflow="fold", min_width=min(12, room))
        else:
            table.add_column(heading, justify="right", no_wrap=True)
    for row in sheet.rows:
        names = [_folded(cell, room) for cell in row.cells[: sheet.texts]]
        first = Text(names[0], style="" if row.aside else "bold")
        style = "dim" if row.aside else None
        table.add_row(first, *names[1:], *row.cells[sheet.texts :], style=style)
    return table


def _folded(label: str, width: int) -> str:
    """A label that does not fit, broken before its loss and its options."""
    return label if len(label) <= width else re.sub(r"(?<=:)|(?=\[)", "\n", label)


def print_traceback(result: RepeatResult) -> None:
    """What led to a failure, on stderr: all of its cause but the line that tables show."""
    rest = result.cause.partition("\n")[2]
    if rest:
        console(stderr=True).print(rest.rstrip(), soft_wrap=True)


def print_picture(picture: Picture, out: Console, on: Screen, *, boxes: bool = False) -> None:
    """A picture in the terminal, or its text without escape codes anywhere else."""
    from cmpnet.plots import draw  # with numpy, which a listing does without

    out.print(Text.from_ansi(draw(picture, on, boxes=boxes)), end="", soft_wrap=True)


class BenchProgress:
    """The bar and the running estimates on stderr; one plain line a repeat where it is piped."""

    def __init__(self, arms: Sequence[Arm], repeats: int, *, quiet: bool) -> None:
        self.labels = [arm.label for arm in arms]
        self.total = len(arms) * repeats
        self.errors: list[list[float]] = [[] for _ in arms]
        self.done = 0
        self.quiet = quiet
        self.waiting = False
        self.started = time.monotonic()
        self.console = console(stderr=True)
        self.live = self.console.is_terminal and not quiet
        self.bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            TextColumn("{task.fields[estimates]}", markup=False),  # arms have brackets
            console=self.console,
            transient=True,
        )
        self.task = self.bar.add_task("bench", total=self.total, estimates="")

    def __enter__(self) -> BenchProgress:
        if self.live:
            self.bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            self.bar.stop()

    def __call__(self, finished: Finished) -> None:
        """Show one more finished repeat."""
        self.done += 1
        result, label = finished.result, self.labels[finished.number]
        if result.test_error is not None:
            self.errors[finished.number].append(result.test_error)
        if self.live:
            estimates = self._estimates(finished.number)
            self.bar.update(self.task, completed=self.done, estimates=estimates)
        elif not self.quiet:
            self.console.print(self._line(label, finished), soft_wrap=True)
        if result.status != "ok" and not self.quiet and self.live:
            self.console.print(failure(label, result), style="yellow")

    def _estimates(self, last: int) -> str:
        """Mean test errors so far of all arms, or where they do not fit of the last alone."""
        known = [
            f"{name} {percent(statistics.fmean(errors), 1)}" if errors else ""
            for name, errors in zip(self.labels, self.errors, strict=True)
        ]
        text, room = "  ".join(filter(None, known)), self.console.width - 45  # beside the bar
        text = text if len(text) <= room else known[last]
        return text if len(text) <= room else f"{text[: room - 1]}…"

    def wait(self, repeats: int) -> None:
        """Say once that another process is training what is missing."""
        if self.waiting or self.quiet:
            return
        self.waiting = True
        are = "repeat that another cmpnet is" if repeats == 1 else "repeats that others are"
        self.console.print(f"waiting for {repeats} {are} training")

    def _line(self, label: str, finished: Finished) -> str:
        result = finished.result
        if result.status != "ok":
            said = failure(label, result)
        else:
            said = (
                f"{label} seed {result.seed}: test error {percent(result.test_error)} %, "
                f"train {percent(result.train_error)} %"
            )
            said += ", from the store" if finished.stored else f", {result.seconds:.1f} s"
        eta = (time.monotonic() - self.started) / self.done * (self.total - self.done)
        return f"[{self.done}/{self.total}] {said}, ETA {eta:.0f} s"


class EpochLines:
    """One line an epoch on stderr while a single net is trained."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs
        self.started = time.monotonic()

    def __call__(self, done: int, curves: Curves) -> None:
        """Show one more finished epoch."""
        eta = (time.monotonic() - self.started) / done * (self.epochs - done)
        width = len(str(self.epochs))
        print(
            f"epoch {done:{width}d}/{self.epochs}"
            f"  train loss {curves.train_loss[-1]:7.4f}"
            f"  train error {percent(curves.train_error[-1]):>5} %"
            f"  test error {percent(curves.test_error[-1]):>5} %"
            f"  ETA {eta:.0f} s",
            file=sys.stderr,
            flush=True,
        )
