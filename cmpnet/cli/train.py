"""``cmpnet train``: one net, epoch by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cmpnet.cli import common
from cmpnet.cli.exports import exports, open_files
from cmpnet.cli.readers import reads, training

if TYPE_CHECKING:
    from rich.console import Console

    from cmpnet.analysis.sections import Outcome
    from cmpnet.bench import Finished
    from cmpnet.spec import Learner

LINES = 16  # of the picture at the end, so that the table above it is still seen


@reads(given=training, files=exports)
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
    *,
    given: Mapping[str, str],
    seed: common.Seed = "0",
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
    files: dict[str, str],
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

    from cmpnet import bench, checkpoint, errors
    from cmpnet.analysis.sections import Section
    from cmpnet.arms import make_arms
    from cmpnet.cli.running import compare
    from cmpnet.executors import InProcess
    from cmpnet.output import report
    from cmpnet.plots import screen, series
    from cmpnet.registry import Registry
    from cmpnet.store import files as stored
    from cmpnet.suites import Reported

    number = common.seed_number(seed)
    if save == "-":
        raise errors.save_to_stdout()
    with contextlib.ExitStack() as stack:
        written = {**files, **({"checkpoint": save} if save else {})}
        opened = open_files(stack, written, stored(store))
        registry = Registry(common.disabled_plugins(no_plugin))
        (arm,) = make_arms(registry, [architecture], given, loss=loss)
        weights: list[Mapping[str, Any]] = []

        def keep(learner: Learner) -> None:
            weights.extend(learner.weights())

        def finish(outcome: Outcome, out: Console) -> None:
            (result,) = outcome.results[0].repeats.values()
            if len(result.curves.test_error) > 1 and not no_plot:
                picture = series.error_curves(outcome.results, train=True)
                report.print_picture(picture, out, screen(out, height=LINES))
            if result.status == "ok" and "checkpoint" in opened:
                opened["checkpoint"].write(checkpoint.to_bytes(weights[0], arm, number))

        watch = bench.Watch(on_learner=keep)
        if not quiet:
            watch = bench.Watch(report.EpochLines(arm.config.epochs), keep)
        title = f"{arm.label}, seed {number}, {arm.config.epochs} epochs"
        compare(
            registry,
            [Section(title, [arm], [Reported(registry).of(arm)])],
            [number],
            executor=InProcess(),
            store=store,
            fresh=fresh or save is not None,  # the store keeps numbers, not weights
            files=opened,
            quiet=quiet,
            verbose=verbose,
            work=partial(bench.run_job, watch=watch),
            on_repeat=_nothing,
            after=finish,
        )


def _nothing(finished: Finished) -> None:
    pass
