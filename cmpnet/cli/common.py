"""Option types that several commands share."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cmpnet import errors
from cmpnet.cli import completion
from cmpnet.cli.ending import warn

if TYPE_CHECKING:
    from cmpnet.output.output_file import OutputFile
    from cmpnet.results import Results

_RESULTS = "Results"
STORE = Path(".cmpnet")
BELOW, LEAST = 4, 8  # lines of a screen below a picture, and of a picture at least
CONTEXT = {"help_option_names": ["-h", "--help"]}


def _set_verbose(ctx: typer.Context, verbose: bool) -> bool:
    ctx.obj["verbose"] = verbose
    return verbose


def _export(what: str) -> Any:
    return typer.Option(metavar="FILE", help=what, rich_help_panel=_RESULTS)


def folder(text: str | Path) -> Path:
    """A folder; an unset shell variable is not the current one."""
    if not str(text).strip():
        raise typer.BadParameter("it is empty; give the path of a folder")
    return Path(text)


Assignments = Annotated[
    list[str] | None,
    typer.Option(
        "-o",
        "--option",
        metavar="NAME=VALUE",
        help="Any option that 'cmpnet show' lists; may be repeated.",
        autocompletion=completion.assignments,
    ),
]
Where = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="NAME=VALUE",
        help="Only arms with this option value, such as epochs=25; may be repeated.",
        autocompletion=completion.where,
    ),
]
Seed = Annotated[
    int,
    typer.Option(min=0, max=2**32, help="Random seed for data, weights and sample order."),
]
StoreFolder = Annotated[
    Path,
    typer.Option(
        "--store",
        parser=folder,
        envvar="CMPNET_STORE",
        metavar="DIR",
        help="Folder where every finished repeat is kept.",
        rich_help_panel=_RESULTS,
    ),
]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Train again what the store has.", rich_help_panel=_RESULTS),
]
Note = Annotated[
    str,
    typer.Option(
        metavar="TEXT",
        show_default=False,
        help="Keep a line about the run; 'cmpnet runs' shows it.",
        rich_help_panel=_RESULTS,
    ),
]
Tags = Annotated[
    list[str] | None,
    typer.Option(
        "--tag",
        metavar="NAME",
        help="Tag the run for 'cmpnet runs --tag'; may be repeated.",
        autocompletion=completion.tags,
        rich_help_panel=_RESULTS,
    ),
]
NoPlot = Annotated[
    bool, typer.Option("--no-plot", help="Omit the picture at the end.", rich_help_panel=_RESULTS)
]
Full = Annotated[
    bool,
    typer.Option("--full", help="Print all tables, notes and claims.", rich_help_panel=_RESULTS),
]
Verbose = Annotated[
    bool,
    typer.Option("--verbose", "-v", callback=_set_verbose, help="Show tracebacks of failures."),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress on stderr.")]
NoPlugin = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME",
        help="Disable a plugin distribution; may be repeated.",
        autocompletion=completion.owners,
    ),
]
Plugins = Annotated[
    list[str] | None,
    typer.Option(
        "--plugin",
        metavar="FILE",
        help="Add the records of a Python file; may be repeated.",
        autocompletion=completion.files_of(".py"),
    ),
]
Margin = Annotated[
    float | None,
    typer.Option(
        min=0,
        show_default="0.01, or 0.1 x the reference's error if smaller",
        help="Differences within it count as none; of errors, 0.01 is one point.",
    ),
]
MetricName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        show_default="that of the task",
        help="Metric that decides ('cmpnet list metrics').",
        autocompletion=completion.names_of("metric"),
    ),
]
Labels = Annotated[
    list[str] | None,
    typer.Option(
        "--label",
        metavar="ARM=NAME",
        help="What tables and pictures call an arm; may be repeated.",
    ),
]
LossName = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Loss for arms that do not specify one.",
        autocompletion=completion.names_of("loss"),
    ),
]
FORMATS = {
    "json": "JSON export",
    "csv": "CSV export",
    "md": "Markdown export",
    "tex": "LaTeX export",
}
ExportJson = Annotated[str | None, _export("Write all raw numbers as JSON; '-' is stdout.")]
ExportCsv = Annotated[str | None, _export("Write one row per repeat.")]
ExportMarkdown = Annotated[str | None, _export("Write the printed tables.")]
ExportLatex = Annotated[str | None, _export("Write the printed tables; compiles as it is.")]


def disabled_plugins(names: list[str] | None) -> list[str]:
    """The plugins disabled by --no-plugin and by CMPNET_DISABLE_PLUGINS.

    Raises:
        CmpnetError: --no-plugin names none.
    """
    if not all(name.strip() for name in names or []):
        raise errors.empty_name("--no-plugin", "the name of a distribution")
    variable = os.environ.get("CMPNET_DISABLE_PLUGINS", "").split(",")
    return [name.strip() for name in (*(names or []), *variable) if name.strip()]


def export_paths(
    json: str | None, csv: str | None, markdown: str | None, latex: str | None
) -> dict[str, str | None]:
    """The paths that the export options give, by format as in ``FORMATS``."""
    return {"json": json, "csv": csv, "md": markdown, "tex": latex}


@contextlib.contextmanager
def output_files(
    paths: Mapping[str, str | None], protected: Mapping[Path, str], checkpoint: str | None = None
) -> Iterator[dict[str, OutputFile]]:
    """The files that a command writes at its end, found writable now, by format.

    Args:
        paths: path by format, as in ``FORMATS``; None is not written, "-" is stdout.
        protected: files that must not be overwritten, and what they are.
        checkpoint: another file that the command writes.

    Raises:
        CmpnetError: a file cannot be written, would overwrite another, or two are the same.
    """
    from cmpnet.output.output_file import OutputFile

    taken = {os.path.realpath(path): what for path, what in protected.items()}
    seen: dict[str, str] = {}
    wanted = {suffix: path for suffix, path in paths.items() if path is not None}
    written = {FORMATS[suffix]: path for suffix, path in wanted.items()}
    written |= {"checkpoint": checkpoint} if checkpoint else {}
    for name, path in written.items():
        place = path if path == "-" else os.path.realpath(path)
        if place in seen:
            raise errors.same_file(path, seen[place], name)
        if place in taken:
            raise errors.overwriting(path, name, taken[place])
        seen[place] = name
    with contextlib.ExitStack() as stack:
        yield {
            suffix: stack.enter_context(contextlib.closing(OutputFile(path, FORMATS[suffix])))
            for suffix, path in wanted.items()
        }


def report(
    results: Results,
    files: Mapping[str, OutputFile],
    *,
    picture: str | None = None,
    full: bool = True,
) -> None:
    """Write the files, then print the answers or all tables, a picture under each, and advice.

    Args:
        results: what is printed.
        files: what :func:`output_files` opened.
        picture: a kind of picture, or None. Under an answer it takes what is left of the screen.
        full: print all tables and notes instead of the answers.

    Raises:
        CmpnetError: a file can no longer be written. Nothing else is lost: results are stored.
    """
    from cmpnet.output import formats, terminal
    from cmpnet.output.answer import Answer, answers, following
    from cmpnet.output.table_data import Page, pages

    with errors.during_run():
        for suffix, file in files.items():
            file.write(formats.render(results, suffix, file.path))
    out = terminal.console(stderr=any(file.path == "-" for file in files.values()))
    contents: Sequence[Page | Answer] = pages(results) if full else answers(results)
    tables = zip(results.sections, contents, results.decisions, strict=True)
    for number, (section, content, decisions) in enumerate(tables):
        if number:
            out.print()
        text, drawn = terminal.rendered(content, out), ""
        if picture:
            from cmpnet.plots import Plot, screen

            comparisons = decisions.comparisons
            kind = "compare" if picture == "difference" and not comparisons else picture
            plot = Plot.of(
                section.arms,
                kind,
                train=kind == "errors",
                comparisons=comparisons,
                margins=results.margin is not None,
            )
            height = None if full else max(out.height - text.count("\n") - BELOW, LEAST)
            drawn = terminal.rendered_picture(plot, out, screen(out, height=height))
        # An answer is what a screen ends with, and what a file begins with.
        blocks = (drawn, text) if out.is_terminal and not full else (text, drawn)
        out.file.write("".join(blocks))
    for sentence in results.advice(undecided=full):
        warn(sentence)
    for line in () if full else following(results):
        out.print(line, style="dim", soft_wrap=True)
