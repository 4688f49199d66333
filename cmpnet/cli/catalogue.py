"""``cmpnet list``: what there is to compare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cmpnet.cli import common, completion

if TYPE_CHECKING:
    from cmpnet.registry import Entry, Noun, Registry

NETWORK: Noun = "architecture"

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
            autocompletion=completion.kinds,
            help="architectures, losses, tasks, metrics, optimizers, schedules, augmentations, "
            "executors, suites or plugins.",
        ),
    ] = None,
    owners: Annotated[
        bool, typer.Option("--owners", help="Show owner, version and module instead.")
    ] = False,
    parameters: Annotated[
        bool,
        typer.Option(
            "--parameters", help="Build every network, and show its number of parameters."
        ),
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Note which names are broken; see 'cmpnet check'.")
    ] = False,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """List every name that can be typed, and what it is.

    Imports no plugin, unless --parameters or --check asks for it: summaries are
    read from the source of plugins. 'cmpnet show NAME' shows one name in full.

    \b
    cmpnet list
    cmpnet list losses
    cmpnet list architectures --parameters
    cmpnet list --owners
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
            table = catalogue.names_table(
                title,
                registry,
                noun,
                owners=owners,
                parameters=_parameters(registry) if parameters and noun == NETWORK else None,
                verdicts=verdicts,
            )
            out.print(table)
    if kind in (None, "plugins"):
        out.print(catalogue.plugins_table(registry))
        for fault in registry.faults:
            warn(fault)


def _parameters(registry: Registry) -> dict[Entry, str]:
    """The number of parameters of every network, with its default options."""
    return {entry: _parameters_of(registry, entry) for entry in registry.entries(NETWORK)}


def _parameters_of(registry: Registry, entry: Entry) -> str:
    from cmpnet import errors, training
    from cmpnet.arms import Shared, resolve
    from cmpnet.registry import blame

    try:
        arm = resolve(entry.qualified, registry, Shared({}))
        with blame(entry.name, entry.owner):
            layers = training.make_learner(arm, [0])[0].layers()
    except errors.NoDataError:
        return "by the data"
    except errors.CmpnetError:
        return "cannot be built"
    return f"{sum(layer.parameters for layer in layers):,}"
