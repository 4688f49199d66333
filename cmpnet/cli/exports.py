"""The files that a command writes at its end: found writable before anything is trained."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cmpnet import errors

if TYPE_CHECKING:
    from cmpnet.output.export import Output

_RESULTS = "Results"


def exports(
    export_json: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write all raw numbers as JSON; - is stdout.",
            rich_help_panel=_RESULTS,
        ),
    ] = None,
    export_csv: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write a row a repeat.", rich_help_panel=_RESULTS),
    ] = None,
    export_markdown: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the printed tables.", rich_help_panel=_RESULTS),
    ] = None,
    export_latex: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="The same; compiles as it is.",
            rich_help_panel=_RESULTS,
        ),
    ] = None,
) -> dict[str, str]:
    """The files that were asked for, by format."""
    paths = {
        "JSON export": export_json,
        "CSV export": export_csv,
        "Markdown export": export_markdown,
        "LaTeX export": export_latex,
    }
    return {name: path for name, path in paths.items() if path}


def open_files(
    stack: contextlib.ExitStack, paths: Mapping[str, str], keep: Mapping[Path, str]
) -> dict[str, Output]:
    """Each file by what it is ("JSON export", "checkpoint"), open until the stack is closed.

    ``keep`` says of files that must not be overwritten what they are.

    Raises:
        CmpnetError: one cannot be written, would overwrite another file, or two are the same.
    """
    from cmpnet.output.export import Output

    kept = {os.path.realpath(path): what for path, what in keep.items()}
    seen: dict[str, str] = {}
    for name, path in paths.items():
        place = path if path == "-" else os.path.realpath(path)
        if place in seen:
            raise errors.same_file(path, seen[place], name)
        if place in kept:
            raise errors.overwriting(path, name, kept[place])
        seen[place] = name
    return {
        name: stack.enter_context(contextlib.closing(Output(path, name)))
        for name, path in paths.items()
    }


def write_files(files: Mapping[str, Output], contents: Mapping[str, Callable[[], bytes]]) -> None:
    """Write what was asked for, each of its content."""
    for name, make in contents.items():
        if name in files:
            files[name].write(make())


def stdout_taken(files: Mapping[str, Output]) -> bool:
    """Whether one of the files is stdout, so that everything else goes to stderr."""
    return any(file.path == "-" for file in files.values())
