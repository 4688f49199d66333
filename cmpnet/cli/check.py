"""``cmpnet check``: whether plugins, and cmpnet's own names, keep their promises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cmpnet.cli import common, completion

if TYPE_CHECKING:
    from cmpnet.checking.subjects import Check


def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME|DISTRIBUTION|FILE",
            show_default=False,
            help="Names that 'cmpnet list' shows, distributions, or files; by default all names.",
            autocompletion=completion.owners_and_names,
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
    cmpnet check mine.py               its networks, losses and records
    cmpnet check 'mine.py:MyNet[width=16]' mine.toml
    """
    from cmpnet import checking
    from cmpnet.checking.subjects import FILE
    from cmpnet.registry import Registry

    registry = Registry(common.disabled_plugins(no_plugin))
    selection = checking.select(registry, names or ())
    checks: list[Check] = []
    for one in checking.check_all(registry, selection, timeout):
        if not as_json:
            _print(one, first=not checks or checks[-1].subject != one.subject)
        checks.append(one)
    broken = [one for one in checks if one.fault]
    if as_json:
        rows = [_row(one) for one in checks]
        print(json.dumps({"schema": 1, "checks": rows, "metadata": selection.faults}, indent=2))
    else:
        for fault in selection.faults:
            print(f"FAILED  {fault}")
        count = len({one.subject for one in checks if one.subject.noun != FILE})
        failed = len(broken) + len(selection.faults)
        total = len(checks)
        counts = f"{count} name{'s' * (count != 1)}, {total} check{'s' * (total != 1)}"
        print(f"\n{counts}, {failed} failed")
    if broken or selection.faults:
        raise typer.Exit(1)


def _print(one: Check, *, first: bool) -> None:
    """One line per check, under the name that it is about."""
    if first:
        print(f"\n{one.subject}")
    mark, reason = ("FAILED", f": {one.fault}") if one.fault else ("ok", "")
    print(f"  {mark:6}  {one.promise}{reason}", flush=True)


def _row(one: Check) -> dict[str, Any]:
    return {
        "noun": one.subject.noun,
        "name": one.subject.name,
        "distribution": one.subject.owner,
        "version": one.subject.version,
        "check": one.promise,
        "ok": not one.fault,
        "reason": one.fault,
    }
