"""Results on the terminal: tables, notes and pictures."""

from __future__ import annotations

import io
import re
import textwrap
from typing import IO, TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from cmpnet.output.answer import Answer
from cmpnet.output.signature import wrapped as signature_lines
from cmpnet.output.table_data import Page, pages
from cmpnet.output.tables import Table
from cmpnet.results import Results
from cmpnet.spec import RepeatResult

if TYPE_CHECKING:  # imports numpy
    from cmpnet.plots import Plot, Screen

PIPED_WIDTH = 110  # columns where the output has no width of its own; holds long arm names


def console(file: IO[str] | None = None, *, stderr: bool = False, plain: bool = False) -> Console:
    """A console that honours NO_COLOR and gives a pipe a fixed width.

    Args:
        file: where to write; None is stdout.
        stderr: write to stderr instead of stdout.
        plain: never write escape codes, whatever FORCE_COLOR says.
    """
    made = Console(
        file=file,
        stderr=stderr,
        force_terminal=False if plain else None,
        force_jupyter=False,  # rich would print HTML in a notebook, wherever ``file`` goes
        highlight=False,
        markup=False,
        emoji=False,  # ":x:" in a label is no emoji
    )
    if not made.is_terminal:
        made.width = PIPED_WIDTH
    return made


def results_text(results: Results) -> str:
    """The tables of results as text without escape codes."""
    file = io.StringIO()
    print_results(results, console(file, plain=True))
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip("\n").split("\n"))


def print_results(results: Results, out: Console) -> None:
    """Print every page with a blank line between two."""
    for number, content in enumerate(pages(results)):
        if number:
            out.print()
        print_page(content, out)


def print_page(content: Page, out: Console) -> None:
    """Print the tables of a section, its notes, its claims and its signature."""
    for table in content.tables:
        out.print(rich_table(table, out.width))
    piped = not out.is_terminal  # a sentence stays on one line there; a terminal wraps at words
    for note in content.notes:
        out.print(note, style="dim", soft_wrap=piped)
    for line in content.claims:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        wrapped = line if piped else textwrap.fill(line, out.width, subsequent_indent=indent)
        out.print(wrapped, soft_wrap=True)
    out.print()
    _print_signature(content.signature, out)


def print_answer(content: Answer, out: Console) -> None:
    """Print the verdict of a section, its table, its notes and its signature."""
    piped = not out.is_terminal
    out.print(content.verdict, style="bold", soft_wrap=piped)
    out.print(rich_table(content.table, out.width))
    for note in content.notes:
        out.print(note, style="dim", soft_wrap=piped)
    _print_signature(content.signature, out)


def rendered(content: Page | Answer, out: Console) -> str:
    """A page or an answer as the console writes it."""
    with out.capture() as captured:
        if isinstance(content, Answer):
            print_answer(content, out)
        else:
            print_page(content, out)
    return captured.get()


def _print_signature(signature: str, out: Console) -> None:
    lines = signature_lines(signature, out.width) if out.is_terminal else [signature]
    for line in lines:
        out.print(line, style="dim", soft_wrap=True)


def rich_table(table: Table, width: int = PIPED_WIDTH) -> RichTable:
    """A table for the console; names are bold, and wrapped where they do not fit."""
    made = RichTable(
        title=table.title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 1, 0, 0)
    )
    names = table.text_columns
    columns = list(zip(table.headings, *(row.cells for row in table.rows), strict=True))
    taken = 1 + sum(2 + max(map(len, cells)) for cells in columns[names:])
    room = (width - taken) // names - 2  # columns left for each name
    for heading in table.headings[:names]:
        made.add_column(heading, overflow="fold", min_width=min(12, room))
    for heading in table.headings[names:]:
        made.add_column(heading, justify="right", no_wrap=True)
    for row in table.rows:
        first, *others = [_wrapped(cell, room) for cell in row.cells[:names]]
        name = Text(first, style="" if row.aside else "bold")
        style = "dim" if row.aside else "bold" if row.strong else None
        made.add_row(name, *others, *row.cells[names:], style=style)
    return made


def _wrapped(label: str, width: int) -> str:
    """A label, broken before its loss and its options if it does not fit."""
    return label if len(label) <= width else re.sub(r"(?<=:)|(?=\[)", "\n", label)


def print_traceback(result: RepeatResult) -> None:
    """Print the traceback of a failed repeat on stderr, without the line that tables show."""
    traceback = result.cause.partition("\n")[2]
    if traceback:
        console(stderr=True).print(traceback.rstrip(), soft_wrap=True)


def rendered_picture(plot: Plot, out: Console, screen: Screen) -> str:
    """A picture as the console writes it, without escape codes where it has no colours."""
    with out.capture() as captured:
        print_picture(plot, out, screen)
    return captured.get()


def print_picture(plot: Plot, out: Console, screen: Screen) -> None:
    """Print a picture, without escape codes where the console has no colours."""
    out.print(Text.from_ansi(plot.draw(screen)), end="", soft_wrap=True)
