"""The command line: a thin shell around the verbs of :mod:`cmpnet.api`."""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import Annotated

import typer
from typer.main import get_command

from cmpnet.ascii_fallback import ascii_letter, spell_out
from cmpnet.cli import (
    bench,
    catalogue,
    check,
    compare,
    evaluate,
    leaderboard,
    new,
    plot,
    report,
    reproduce,
    runs,
    show,
    train,
)
from cmpnet.cli.common import CONTEXT
from cmpnet.cli.completion import VARIABLE
from cmpnet.cli.flags import ArmCommand, BenchCommand

app = typer.Typer(
    rich_markup_mode="rich",
    context_settings=CONTEXT,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from cmpnet.provenance import version

        print(f"cmpnet {version('cmpnet')}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def cmpnet(
    ctx: typer.Context,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Compare small neural architectures and losses, honestly and fast.

    \b
    cmpnet bench                      the main comparison, 10 repeats each
    cmpnet train ws-aux --alpha 0.75  one training, epoch by epoch
    cmpnet list                       what there is to compare
    cmpnet new plugin my-net          a network of your own to begin with
    cmpnet check my-net               whether it keeps its promises
    cmpnet runs                       what is in the store
    cmpnet leaderboard                every arm in it, the best first
    cmpnet compare ws ws-aux          two arms of it against each other
    cmpnet plot compare               a picture of it
    cmpnet reproduce results.json     an export, trained again bit by bit
    """
    if ctx.invoked_subcommand is None:
        print(ctx.get_help())
        raise typer.Exit(2)


app.command("train", cls=ArmCommand)(train.train)
app.command("bench", cls=BenchCommand)(bench.bench)
app.command("compare")(compare.compare)
app.command("leaderboard")(leaderboard.leaderboard)
app.command("report")(report.report)
app.command("reproduce")(reproduce.reproduce)
app.command("evaluate")(evaluate.evaluate)
app.command("new")(new.new)
app.command("list")(catalogue.list_names)
app.command("check")(check.check)
app.command("show")(show.show)
app.command("plot", epilog=plot.HELP_OF_KINDS)(plot.plot)
app.add_typer(runs.app, name="runs")
command = get_command(app)
"""The whole command line, to be invoked in a context of its own."""

if VARIABLE in os.environ:  # a shell asks for completions
    command.main(prog_name="cmpnet")


def prepare_streams() -> None:
    """Where stdout or stderr has no Unicode, print the nearest ASCII instead of a traceback."""
    codecs.register_error("cmpnet", _nearest_ascii)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="cmpnet")


def _nearest_ascii(error: UnicodeError) -> tuple[str, int]:
    """Letters that a stream cannot encode, in ASCII."""
    assert isinstance(error, UnicodeEncodeError)
    letters = error.object[error.start : error.end]
    return "".join(map(ascii_letter, spell_out(letters))), error.end


def flush() -> None:
    """Write out what was printed: a full disk is found here and not after the end."""
    if sys.stdout is not None:  # the caller closed it
        sys.stdout.flush()
