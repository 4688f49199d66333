"""``cmpnet list`` and ``cmpnet runs``: what there is to compare and to draw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cmpnet.cli import common

if TYPE_CHECKING:
    from cmpnet.registry import Noun

NOUNS: dict[str, Noun] = {
    "architectures": "architecture",
    "losses": "loss",
    "tasks": "task",
    "metrics": "metric",
    "optimizers": "optimizer",
    "schedules": "schedule",
    "augmentations": "augmentation",
    "executors": "executor",
    "suites": "suite",
}


def list_names(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            show_default=False,
            help="architectures, losses, tasks, metrics, optimizers, schedules, augmentations, "
            "executors, suites or plugins.",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Note which names are broken; see 'cmpnet check'.")
    ] = False,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """List every name that can be typed, its owner and its version.

    Reads metadata only and imports no plugin, unless --check asks for it.

    \b
    cmpnet list
    cmpnet list losses
    cmpnet list --check
    """
    from cmpnet import errors
    from cmpnet.cli.ending import warn
    from cmpnet.output import catalogue, terminal
    from cmpnet.registry import Registry

    kinds = [*NOUNS, "plugins"]
    if kind is not None and kind not in kinds:
        raise errors.unknown_name("kind of name", kind, kinds)
    registry = Registry(common.disabled_plugins(no_plugin), plugin or ())
    out = terminal.console()
    for title, noun in NOUNS.items():
        if kind in (None, title):
            verdicts = None
            if check:
                from cmpnet import checking  # imports numpy

                verdicts = checking.verdicts(registry, registry.entries(noun))
            out.print(catalogue.names_table(title, registry, noun, verdicts))
    if kind in (None, "plugins"):
        out.print(catalogue.plugins_table(registry))
        for fault in registry.faults:
            warn(fault)


def runs(store: common.StoreFolder = common.STORE) -> None:
    """List the runs in the store, the newest last: what 'cmpnet plot' can draw.

    \b
    cmpnet runs
    cmpnet plot compare 3f1a           the run whose id begins so
    """
    from cmpnet.output import catalogue, terminal
    from cmpnet.store import open_readonly

    with open_readonly(store) as opened:
        terminal.console().print(catalogue.runs_table(opened.runs()))
