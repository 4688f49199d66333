"""``cmpnet list``, ``cmpnet show`` and ``cmpnet runs``: what there is to compare and to draw."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cmpnet.cli import common

if TYPE_CHECKING:
    from cmpnet.registry import Noun

KINDS: dict[str, Noun] = {
    "architectures": "architecture",
    "losses": "loss",
    "tasks": "task",
    "executors": "executor",
    "suites": "suite",
}


def list_names(
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="KIND",
            show_default=False,
            help="architectures, losses, tasks, executors, suites or plugins.",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Import every plugin and say which are broken.")
    ] = False,
    no_plugin: common.NoPlugin = None,
) -> None:
    """List every name that can be typed, who owns it and which version.

    Reads metadata only and imports no plugin, unless --check asks for it.

    \b
    cmpnet list
    cmpnet list losses
    cmpnet list --check
    """
    from cmpnet import errors
    from cmpnet.output import report, tables
    from cmpnet.registry import Registry

    kinds = [*KINDS, "plugins"]
    if kind is not None and kind not in kinds:
        raise errors.unknown_name("kind of name", kind, kinds)
    registry = Registry(common.disabled_plugins(no_plugin))
    out = report.console()
    for title, noun in KINDS.items():
        if kind in (None, title):
            out.print(tables.names_table(title, registry, noun, check=check))
    if kind in (None, "plugins"):
        out.print(tables.plugins_table(registry))


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            show_default=False,
            help="An architecture, loss, task or suite; or the file of a suite or a saved net.",
        ),
    ],
    option: common.Options = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Show one name: what it is, where it comes from, its options, and a network's layers.

    \b
    cmpnet show ws-aux
    cmpnet show aux-scheduled
    cmpnet show baseline -o hidden=64
    cmpnet show ws.safetensors         a net that 'train --save' wrote
    """
    from cmpnet import errors, suites
    from cmpnet.cli import describe
    from cmpnet.output import report
    from cmpnet.registry import Registry

    registry = Registry(common.disabled_plugins(no_plugin))
    out = report.console()
    shown = [noun for noun in KINDS.values() if noun != "executor"]
    for noun in shown:
        if registry.has(noun, name):
            describe.spec(out, registry, noun, name, common.given_options(option))
            return
    if name.endswith(".json"):
        raise errors.shown_export(name)
    if name.endswith(".safetensors") or (os.path.isfile(name) and not name.endswith(".toml")):
        describe.saved(out, Path(name))
        return
    if suites.is_file(name):
        describe.suite(out, suites.load(registry, name), {})
        return
    raise errors.unknown_name("name", name, [n for noun in shown for n in registry.known(noun)])


def runs(store: common.StoreFolder = common.STORE) -> None:
    """List the runs in the store, the newest last: what 'cmpnet plot' can draw.

    \b
    cmpnet runs
    cmpnet plot compare 3f1a           the run whose id begins so
    """
    from cmpnet.output import report, tables
    from cmpnet.store import to_read

    with to_read(store) as kept:
        report.console().print(tables.runs_table(kept.runs()))
