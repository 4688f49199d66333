"""The command line: words in, words out. No tensor and no maths in here."""

from __future__ import annotations

import atexit
import errno
import gc
import sys
from typing import Annotated

import typer

from cmpnet.cli import bench, catalogue, compare, evaluate, plot, train
from cmpnet.cli.common import Group, cut_off, print_what_can_be_printed
from cmpnet.cli.readers import Sweeping

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)  # what a stream on a disk may meet

app = typer.Typer(
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        from cmpnet.provenance import version

        print(f"cmpnet {version('cmpnet')}")
        raise typer.Exit


@app.callback()
def cmpnet(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Compare small neural architectures and losses, honestly and fast.

    \b
    cmpnet bench                      the main comparison, 10 repeats each
    cmpnet train ws-aux --alpha 0.75  one training, epoch by epoch
    cmpnet list                       what there is to compare
    cmpnet runs                       what is in the store
    cmpnet compare ws ws-aux          two arms of it against each other
    cmpnet plot compare               a picture of it
    """


app.command("train")(train.train)
app.command("bench", cls=Sweeping)(bench.bench)
app.command("compare")(compare.compare)
app.command("evaluate")(evaluate.evaluate)
app.command("list")(catalogue.list_names)
app.command("show")(catalogue.show)
app.command("plot")(plot.plot)
app.command("runs")(catalogue.runs)


def run() -> None:
    """What the entry point calls."""
    print_what_can_be_printed()
    atexit.register(gc.freeze)  # what torch made is not searched for garbage: 0.25 s less
    try:
        try:
            app(prog_name="cmpnet")
        finally:
            if sys.stdout is not None:  # it was closed by who called
                sys.stdout.flush()  # a full disk is found here and not after the end
    except OSError as error:
        if error.filename or error.errno not in FULL:
            raise
        sys.exit(cut_off(error))
