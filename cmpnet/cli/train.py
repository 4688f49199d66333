"""``cmpnet train``: one network, epoch by epoch."""

from __future__ import annotations

from typing import Annotated

import typer

from cmpnet.cli import common, completion
from cmpnet.cli.flags import given_options


def train(
    ctx: typer.Context,
    architecture: Annotated[
        str,
        typer.Argument(
            metavar="ARCH[:LOSS][OPTIONS]",
            show_default=False,
            help="An architecture, as 'cmpnet list' names them.",
            autocompletion=completion.arms,
        ),
    ],
    loss: common.LossName = None,
    metric: common.MetricName = None,
    option: common.Assignments = None,
    seed: common.Seed = 0,
    save: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Save the weights with their settings (safetensors).",
            rich_help_panel="Results",
        ),
    ] = None,
    executor: Annotated[str | None, typer.Option(metavar="NAME", hidden=True)] = None,
    store: common.StoreFolder = common.STORE,
    fresh: common.Fresh = False,
    note: common.Note = "",
    tag: common.Tags = None,
    export_json: common.ExportJson = None,
    export_csv: common.ExportCsv = None,
    export_markdown: common.ExportMarkdown = None,
    export_latex: common.ExportLatex = None,
    full: common.Full = False,
    no_plot: common.NoPlot = False,
    verbose: common.Verbose = False,
    quiet: common.Quiet = False,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Train one network and watch it epoch by epoch, then see a table and the error curve.

    It is the same repeat that a bench trains for this seed, and it is kept in
    the same store; a stored one is replayed. 'cmpnet train ARCH --help' shows the options of ARCH.

    \b
    cmpnet train baseline
    cmpnet train ws-aux --alpha 0.75
    cmpnet train ws-aux --loss aux-scheduled --decay none --seed 3
    cmpnet train ws --epochs 5 --pairs 500 --save ws.safetensors
    """
    import cmpnet
    from cmpnet import errors
    from cmpnet.output.epochs import EpochProgress
    from cmpnet.output.terminal import print_traceback
    from cmpnet.store import files

    if executor is not None:
        raise errors.trains_here(executor)
    exports = common.export_paths(export_json, export_csv, export_markdown, export_latex)
    protected = files(store)
    with common.output_files(exports, protected, save) as opened:
        with EpochProgress(quiet=quiet) as progress:
            results = cmpnet.train(
                architecture,
                seed=seed,
                save=save,
                loss=loss,
                metric=metric,
                store=store,
                fresh=fresh,
                plugins=plugin or (),
                note=note,
                tags=tag or (),
                command=ctx.obj["command"],
                disabled=common.disabled_plugins(no_plugin),
                on_event=progress,
                **given_options(ctx, option),
            )
        (repeat,) = results.arms[0].repeats.values()
        if verbose:
            print_traceback(repeat)
        curve = len(repeat.curves.train_loss) > 1 and not no_plot
        common.report(results, opened, picture="errors" if curve else None, full=full)
    if results.failed:
        raise typer.Exit(1)
