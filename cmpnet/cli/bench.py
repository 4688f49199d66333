"""``cmpnet bench``: arms x seeds, and a table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cmpnet.cli import common, completion
from cmpnet.cli.flags import given_options, given_sweeps


def bench(
    ctx: typer.Context,
    arms: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARCH[:LOSS][OPTIONS]",
            show_default=False,
            help="What to compare; by default Table III of the second report.",
            autocompletion=completion.arms,
        ),
    ] = None,
    repeats: Annotated[
        int, typer.Option(min=1, max=100_000, help="Number of trainings per arm.")
    ] = 10,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=2**32,
            show_default="0; 100 with --sweep",
            help="Seed of the first repeat; the next adds 1.",
        ),
    ] = None,
    suite: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="A named bench ('cmpnet list suites'), 'all', or a .toml file.",
            autocompletion=completion.suites,
        ),
    ] = None,
    loss: common.LossName = None,
    metric: common.MetricName = None,
    option: common.Assignments = None,
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=V1,V2,...",
            help="One arm per value; repeat it for every combination. Errors are measured on "
            "validation samples, unless --on test is given.",
            autocompletion=completion.assignments,
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="ARM",
            show_default="the first",
            help="Arm that the others are compared with.",
            autocompletion=completion.given_arms,
        ),
    ] = None,
    until_decided: Annotated[
        bool,
        typer.Option(
            "--until-decided",
            help="Train each arm until its comparisons and claims are decided, not a fixed number "
            "of repeats.",
        ),
    ] = False,
    max_repeats: Annotated[
        int | None,
        typer.Option(
            min=5,
            max=100_000,
            show_default="100",
            help="Repeats of an arm at most: the last of 5, 7, 10, 13, 17, 23, ... up to it.",
        ),
    ] = None,
    margin: common.Margin = None,
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
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first repeat that fails or diverges.")
    ] = False,
    time: Annotated[
        bool,
        typer.Option(
            "--time",
            help="Measure the CPU time of each arm afterwards, one arm at a time on this machine; "
            "only these times decide what is faster.",
        ),
    ] = False,
    verbose: common.Verbose = False,
    quiet: common.Quiet = False,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Train each arm several times with its own seeds and compare the errors in a table.

    An arm is an architecture, with a loss after a colon and options in
    brackets (quoted, for the shell). The same seed gives every arm the same
    data. Finished repeats are kept in the store and not trained twice: rerun
    the same command to resume.

    \b
    cmpnet bench --repeats 10
    cmpnet bench ws ws-aux 'ws-aux:aux-scheduled\\[alpha=0.25]'
    cmpnet bench 'ws-aux\\[alpha=0.5]' 'ws-aux\\[lr=0.05]' --epochs 10
    cmpnet bench ws-aux --sweep alpha=0,0.25,0.5,0.75,1
    cmpnet bench ws ws-aux --until-decided
    cmpnet bench --suite mine.toml
    cmpnet bench minidl-relu torch-mlp --time
    cmpnet bench --suite table4 --reference ws --export-json table4.json
    """
    import cmpnet
    from cmpnet import errors, suites
    from cmpnet.output.progress import BenchProgress
    from cmpnet.store import files
    from cmpnet.syntax import read_sweeps

    if max_repeats is not None and not until_decided:
        raise errors.needs_until_decided()
    given = given_options(ctx, option)
    protected = files(store) | (
        {Path(suite): "the suite"} if suite and suites.is_file(suite) else {}
    )
    exports = common.export_paths(export_json, export_csv, export_markdown, export_latex)
    with common.output_files(exports, protected) as opened:
        with BenchProgress(quiet=quiet, verbose=verbose) as progress:
            results = cmpnet.bench(
                arms or None,
                suite=suite,
                repeats=repeats,
                seed=seed,
                loss=loss,
                metric=metric,
                reference=reference,
                sweep=read_sweeps(given_sweeps(ctx, sweep), given),
                until_decided=until_decided,
                max_repeats=100 if max_repeats is None else max_repeats,
                margin=margin,
                workers=workers,
                executor=executor,
                store=store,
                fresh=fresh,
                fail_fast=fail_fast,
                time=time,
                plugins=plugin or (),
                note=note,
                tags=tag or (),
                command=ctx.obj["command"],
                disabled=common.disabled_plugins(no_plugin),
                on_event=progress,
                **given,
            )
        common.report(results, opened, picture=None if no_plot else "difference", full=full)
    if results.failed:
        raise typer.Exit(1)
