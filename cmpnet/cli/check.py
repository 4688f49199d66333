"""``cmpnet check``: whether plugins, and cmpnet's own names, keep their promises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cmpnet.cli import common

if TYPE_CHECKING:
    from cmpnet.checking import Check


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME|DISTRIBUTION",
            show_default=False,
            help="Names that 'cmpnet list' shows, or distributions; by default all.",
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON instead of one line per check.")
    ] = False,
    timeout: Annotated[
        float, typer.Option(min=1, max=3600, help="Seconds that one check may take.")
    ] = 60,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Check that names keep their promises: a network builds, trains, predicts, saves and loads.

    A loss trains a network, a task gives its data and judges outputs, an executor
    runs jobs as one process would, a suite names what exists. Each distribution is
    imported in a process of its own, so a hang or a crash is one line like any other.
    Exit code 0 if all promises are kept, 1 otherwise.

    \b
    cmpnet check                       every installed name
    cmpnet check my-net ce
    cmpnet check my-plugin --json
    """
    from cmpnet import checking
    from cmpnet.registry import Registry

    registry = Registry(common.disabled_plugins(no_plugin))
    entries = checking.entries_of(registry, names or ())
    faults = checking.faults_of(registry, names or ())
    checks: list[Check] = []
    for one in checking.check(registry, entries, timeout):
        if not as_json:
            _print(one, first=not checks or checks[-1].entry != one.entry)
        checks.append(one)
    broken = [one for one in checks if one.fault]
    if as_json:
        rows = [_row(one) for one in checks]
        print(json.dumps({"schema": 1, "checks": rows, "metadata": faults}, indent=2))
    else:
        for fault in faults:
            print(f"FAILED  {fault}")
        count = len({one.entry for one in checks})
        print(f"\n{count} names, {len(checks)} checks, {len(broken) + len(faults)} failed")
    if broken or faults:
        raise typer.Exit(1)


def _print(one: Check, *, first: bool) -> None:
    """One line per check, under the name that it is about."""
    if first:
        entry = one.entry
        print(f"\n{entry.name} ({entry.noun} of {entry.owner} {entry.version})")
    mark, reason = ("FAILED", f": {one.fault}") if one.fault else ("ok", "")
    print(f"  {mark:6}  {one.promise}{reason}", flush=True)


def _row(one: Check) -> dict[str, Any]:
    entry = one.entry
    return {
        "noun": entry.noun,
        "name": entry.name,
        "distribution": entry.owner,
        "version": entry.version,
        "check": one.promise,
        "ok": not one.fault,
        "reason": one.fault,
    }
