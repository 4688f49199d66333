"""``cmpnet reproduce``: an exported file trained again, bit by bit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cmpnet.cli import common, completion


def reproduce(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="What --export-json wrote.",
            autocompletion=completion.files_of(".json"),
        ),
    ],
    option: Annotated[
        list[str] | None,
        typer.Option(
            "-o",
            "--option",
            metavar="NAME=VALUE",
            help="A path on this machine, which the file does not hold, such as data-dir; or an "
            "option of the executor.",
        ),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=1024, show_default="all cores", help="Trainings side by side."),
    ] = None,
    executor: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            help="Where trainings run ('cmpnet list executors').",
            autocompletion=completion.names_of("executor"),
        ),
    ] = "local",
    store: Annotated[
        Path | None,
        typer.Option(
            parser=common.folder,
            metavar="DIR",
            show_default="not kept",
            help="Keep the trained repeats in this folder.",
        ),
    ] = None,
    verbose: common.Verbose = False,
    quiet: common.Quiet = False,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Train every repeat of an export again and say which are bit-identical.

    For those that differ it lists what may explain it: other code, versions,
    arithmetic. Exit code 0 if all are identical, 1 otherwise.

    \b
    cmpnet reproduce docs/results.json
    cmpnet reproduce mine.json -o data-dir=digits
    cmpnet reproduce mine.json --plugin mine.py
    """
    import cmpnet
    from cmpnet import errors
    from cmpnet.cli.ending import complain
    from cmpnet.output.progress import BenchProgress
    from cmpnet.runtime.process import name_of
    from cmpnet.syntax import assignments

    try:
        with BenchProgress(quiet=quiet, verbose=verbose) as progress:
            reproduction = cmpnet.reproduce(
                file,
                workers=workers,
                executor=executor,
                store=store,
                command=ctx.obj["command"],
                plugins=plugin or (),
                disabled=common.disabled_plugins(no_plugin),
                on_event=progress,
                **assignments(option or ()),
            )
    except KeyboardInterrupt as stop:
        name, code = name_of(stop)
        complain(str(errors.stopped_reproduction(name)))
        raise typer.Exit(code) from None
    print(reproduction)
    if not reproduction.complete:
        raise typer.Exit(1)
