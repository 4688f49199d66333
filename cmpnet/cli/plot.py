"""``cmpnet plot``: pictures of what the store holds."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer

from cmpnet.cli import common, completion
from cmpnet.cli.ending import warn
from cmpnet.plots import KINDS, OPTION_KINDS
from cmpnet.spec import VALIDATION

HELP_OF_KINDS = "\b\n" + "\n".join(f"{kind:10} {text}" for kind, text in KINDS.items())


def plot(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND",
            show_default=False,
            help=", ".join(KINDS) + ".",
            autocompletion=completion.one_of(KINDS),
        ),
    ],
    what: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARM|RUN",
            show_default=False,
            help="Arms by name, or runs by (the start of) their id; by default the last bench.",
            autocompletion=completion.stored,
        ),
    ] = None,
    where: common.Where = None,
    metric: common.MetricName = None,
    train: Annotated[
        bool, typer.Option("--train", help="Show the training error too (errors) or instead.")
    ] = False,
    on: Annotated[
        Literal["test", "validation"] | None,
        typer.Option(
            show_default="validation for alpha, else both",
            help="Show only arms whose error is measured on these samples.",
        ),
    ] = None,
    terminal: Annotated[
        bool, typer.Option("--terminal", help="Draw here: the default, unless --save is given.")
    ] = False,
    save: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write a .svg, .png or .pdf, drawn by matplotlib."),
    ] = None,
    width: Annotated[
        int | None,
        typer.Option(min=20, max=1000, show_default="the terminal's", help="Columns to draw on."),
    ] = None,
    height: Annotated[
        int | None,
        typer.Option(min=8, max=1000, show_default="the terminal's", help="Lines to draw on."),
    ] = None,
    store: common.StoreFolder = common.STORE,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Draw what the store holds; nothing is trained.

    A picture mixes no protocols (task, data, its options, epochs) unless runs
    or option values are named. By default it shows the protocol of the newest
    complete bench, and a warning says what was left out.

    \b
    cmpnet plot errors --train
    cmpnet plot compare baseline ws-aux --save compare.svg
    cmpnet plot compare --where pairs=1000
    cmpnet plot compare 'ws\\[epochs=1]' 'ws\\[epochs=25]'
    cmpnet plot map minidl-relu --height 40
    """
    import cmpnet
    from cmpnet import errors
    from cmpnet.output.output_file import OutputFile
    from cmpnet.output.terminal import console, print_picture
    from cmpnet.plots import file_suffix, screen
    from cmpnet.syntax import assignments

    if kind not in KINDS:
        raise errors.unknown_name("picture", kind, KINDS, see="plot --help")
    suffix = None if save is None else file_suffix(save)
    file = None if save is None else OutputFile(save, "picture")
    disabled = common.disabled_plugins(no_plugin)
    results = cmpnet.load(
        *(what or ()),
        store=store,
        where=assignments(where or ()),
        all_runs=kind in OPTION_KINDS,
        option=kind if kind in OPTION_KINDS else None,
        on=(on or VALIDATION) if kind in OPTION_KINDS else None,
        metric=metric,
        plugins=plugin or (),
        disabled=disabled,
    )
    if results.left_out:
        warn(results.left_out)
    picture = results.plot(kind, train=train, on=on)
    for reason in picture.left_out:
        print(f"Left out: {reason}", file=sys.stderr)
    if file is not None and suffix is not None:
        file.write(picture.to_bytes(suffix))
        print(f"{save}: from {results.source}")
    if picture.note:
        print(f"Note: {picture.note}", file=sys.stderr)
    if file is None or terminal:
        out = console()
        print_picture(picture, out, screen(out, width, height))
        if file is None:
            out.print(f"from {results.source}")
