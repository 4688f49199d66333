"""``cmpnet train``: one net, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cmpnet.cli import common

if TYPE_CHECKING:
    from rich.console import Console

    from cmpnet.bench import ArmResults, Finished
    from cmpnet.spec import Learner

LINES = 16  # of the picture at the end, so that the table above it is still seen


def train(
    architecture: Annotated[
        str,
        typer.Argument(
            metavar="ARCH", show_default=False, help="An architecture, as 'cmpnet list' names them."
        ),
    ],
    loss: Annotated[
        str | None, typer.Option(metavar="NAME", help="Another loss than the architecture's own.")
    ] = None,
    alpha: common.Alpha = None,
    option: common.Options = None,
    seed: common.Seed = "0",
    epochs: common.Epochs = None,
    batch_size: common.BatchSize = None,
    lr: common.Lr = None,
    optimizer: common.Optimizer = None,
    schedule: common.Schedule = None,
    device: common.Device = None,
    pairs: common.Pairs = None,
    points: common.Points = None,
    data_dir: common.DataDir = None,
    save: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Save the weights (safetensors) with their settings.",
            rich_help_panel="Results",
        ),
    ] = None,
    store: common.StoreFolder = common.STORE,
    fresh: common.Fresh = False,
    export_json: common.ExportJson = None,
    no_plot: common.NoPlot = False,
    verbose: common.Verbose = False,
    quiet: common.Quiet = False,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Train one net and watch it: a line an epoch, a table and its error curve at the end.

    It is the very repeat that a bench trains for this seed, and is kept in
    the same store.

    \b
    cmpnet train baseline
    cmpnet train ws-aux --alpha 0.75
    cmpnet train ws-aux --loss aux-scheduled -o decay=none --seed 3
    cmpnet train ws --epochs 5 --pairs 500 --save ws.safetensors
    """
    import contextlib
    from functools import partial
    from pathlib import Path

    from cmpnet import bench, checkpoint, errors, report, series
    from cmpnet.arms import make_arms
    from cmpnet.cli.running import compare, open_output
    from cmpnet.executors import InProcess
    from cmpnet.plots import screen
    from cmpnet.registry import Registry

    number = common.seed_number(seed)
    given = common.given_options(
        option,
        alpha=alpha,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        optimizer=optimizer,
        schedule=schedule,
        device=device,
        pairs=pairs,
        points=points,
        data_dir=data_dir,
    )
    if save == "-":
        raise errors.save_to_stdout()
    if save and export_json and Path(save).resolve() == Path(export_json).resolve():
        raise errors.same_file(save)
    with contextlib.ExitStack() as stack:
        json_file = open_output(stack, export_json, "JSON export")
        checkpoint_file = open_output(stack, save, "checkpoint")
        registry = Registry(common.disabled_plugins(no_plugin))
        (arm,) = make_arms(registry, [architecture], given, loss=loss)
        weights: list[Mapping[str, Any]] = []

        def keep(learner: Learner) -> None:
            weights.extend(learner.weights())

        def finish(results: Sequence[ArmResults], _: object, out: Console) -> None:
            (result,) = results[0].repeats.values()
            if len(result.curves.test_error) > 1 and not no_plot:
                picture = series.error_curves(results, train=True)
                report.print_picture(picture, out, screen(out, height=LINES))
            if result.status == "ok" and checkpoint_file is not None:
                checkpoint_file.write(checkpoint.to_bytes(weights[0], arm, number))

        watch = bench.Watch(on_learner=keep)
        if not quiet:
            watch = bench.Watch(report.EpochLines(arm.config.epochs), keep)
        compare(
            registry,
            [arm],
            [number],
            title=f"{arm.label}, seed {number}, {arm.config.epochs} epochs",
            executor=InProcess(),
            store=store,
            fresh=fresh or save is not None,  # the store keeps numbers, not weights
            json_file=json_file,
            quiet=quiet,
            verbose=verbose,
            work=partial(bench.run_job, watch=watch),
            on_repeat=_nothing,
            after=finish,
        )


def _nothing(finished: Finished) -> None:
    pass
