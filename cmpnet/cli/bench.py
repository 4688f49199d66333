"""``cmpnet bench``: arms x seeds, a table at the end."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from cmpnet.cli import common
from cmpnet.cli.exports import exports, open_files
from cmpnet.cli.readers import reads, training


@reads(given=training, files=exports)
def bench(
    arms: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARCH[:LOSS][OPTIONS]",
            show_default=False,
            help="What to compare; without any, the second report's Table III.",
        ),
    ] = None,
    repeats: Annotated[str, typer.Option(metavar="N", help="Trainings of each arm.")] = "10",
    seed: Annotated[str, typer.Option(metavar="N", help="Repeat r has the seed N + r.")] = "0",
    suite: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE",
            help="A named bench ('cmpnet list suites'), 'all', or a .toml of your own.",
        ),
    ] = None,
    loss: Annotated[
        str | None, typer.Option(metavar="NAME", help="Loss of the arms that name none.")
    ] = None,
    *,
    given: Mapping[str, str],
    sweep: Annotated[
        list[str] | None,
        typer.Option(
            "-L",
            metavar="NAME V1,V2,...",
            help="One arm for each of these values; may be repeated, for every combination.",
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            metavar="ARM", show_default="the first", help="The arm that others are compared with."
        ),
    ] = None,
    workers: Annotated[
        str | None,
        typer.Option(metavar="N", show_default="all cores", help="Trainings side by side."),
    ] = None,
    executor: Annotated[
        str, typer.Option(metavar="NAME", help="Where trainings run, as 'cmpnet list' names it.")
    ] = "local",
    store: common.StoreFolder = common.STORE,
    fresh: common.Fresh = False,
    files: dict[str, str],
    no_plot: common.NoPlot = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Stop at the first repeat that fails or diverges.")
    ] = False,
    verbose: common.Verbose = False,
    quiet: common.Quiet = False,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Train each arm several times with seeds of its own and compare the errors in a table.

    An arm is an architecture, with a loss after a colon and options in
    brackets (quoted, for the shell). The same seed gives every arm the same
    data. Finished repeats are kept in the store and not trained twice.

    \b
    cmpnet bench --repeats 10
    cmpnet bench ws ws-aux 'ws-aux:aux-scheduled\\[alpha=0.25]'
    cmpnet bench 'ws-aux\\[alpha=0.5]' 'ws-aux\\[lr=0.05]' --epochs 10
    cmpnet bench ws-aux -L alpha 0,0.25,0.5,0.75,1
    cmpnet bench --suite mine.toml
    cmpnet bench --suite table4 --reference ws --export-json table4.json
    """
    from dataclasses import replace

    from cmpnet import errors, suites, sweeps
    from cmpnet.analysis.sections import referring
    from cmpnet.cli.running import bars, compare, nothing_more
    from cmpnet.executors import default_workers
    from cmpnet.registry import Registry
    from cmpnet.store import files as stored

    if suite is not None and arms:
        raise errors.suite_and_arms(suite, arms)
    count, first = common.whole_number("repeats", repeats, 1, 100_000), common.seed_number(seed)
    side_by_side = common.whole_number("workers", workers or str(default_workers()), 1, 1024)
    values = sweeps.read(sweep or [], given)
    shown = {name: ",".join(each) for name, each in values.items()}
    with contextlib.ExitStack() as stack:
        own = {Path(suite): "the suite"} if suite and suites.is_file(suite) else {}
        opened = open_files(stack, files, {**stored(store), **own})
        registry = Registry(common.disabled_plugins(no_plugin))
        typed = [suites.Suite(arms=tuple(arms))] if arms else None
        chosen = typed or suites.chosen(registry, suite or "table3")
        # First of all: its workers import torch while this process does.
        trainers = registry.executor(executor)(side_by_side)
        sections = suites.sections(registry, chosen, given, loss=loss, sweep=values)
        if reference is not None:
            sections = referring(sections, reference)
        compare(
            registry,
            [
                replace(one, title=_title(one.title, count, first, {**given, **shown}))
                for one in sections
            ],
            [first + r for r in range(count)],
            executor=trainers,
            store=store,
            fresh=fresh,
            files=opened,
            quiet=quiet,
            verbose=verbose,
            fail_fast=fail_fast,
            after=nothing_more if no_plot else bars,
        )


def _title(suite: str, count: int, first: int, given: Mapping[str, str]) -> str:
    """What was run: "Table III: ...; 10 repeats, seeds 0-9, epochs 5"."""
    seeds = f"seeds {first}-{first + count - 1}" if count > 1 else f"seed {first}"
    pieces = [f"{count} repeat{'s' if count > 1 else ''}", seeds]
    pieces += [f"{name.replace('_', '-')} {value}" for name, value in given.items()]
    return (f"{suite}\n" if suite else "") + ", ".join(pieces)
