"""``cmpnet runs``: the runs in the store, listed, described, exported and removed."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cmpnet import errors
from cmpnet.cli import common, completion

if TYPE_CHECKING:
    from cmpnet.store import RunRow, Store

app = typer.Typer(invoke_without_command=True, context_settings=common.CONTEXT)

Run = Annotated[
    str,
    typer.Argument(
        metavar="RUN",
        show_default=False,
        help="The (start of the) id of a run.",
        autocompletion=completion.runs,
    ),
]


@app.callback()
def runs(
    ctx: typer.Context,
    tag: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Only runs with this tag; may be repeated.",
            autocompletion=completion.tags,
        ),
    ] = None,
    arm: Annotated[
        str | None,
        typer.Option(
            metavar="ARM",
            help="Only runs of this arm.",
            autocompletion=completion.stored_arms,
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            metavar="DATE",
            help="Only runs that began on this day or later, such as 2026-01-31 (UTC).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
    store: common.StoreFolder = common.STORE,
) -> None:
    """List the runs in the store, the newest last; describe, export and remove them.

    \b
    cmpnet runs
    cmpnet runs --tag course --arm ws-aux --since 2026-01-31
    cmpnet runs show 3f1a              the run whose id begins so, and its command
    cmpnet runs note 3f1a "before the fix"
    cmpnet runs rm 3f1a 90cd
    cmpnet plot compare 3f1a
    """
    if ctx.invoked_subcommand is not None:
        if tag or arm or since or as_json:
            raise errors.filters_before_command(ctx.invoked_subcommand)
        return
    from cmpnet.output import catalogue, terminal
    from cmpnet.selection.runs import filtered
    from cmpnet.store import open_readonly

    with open_readonly(store) as opened:
        found = opened.runs()
        in_progress = opened.in_progress()
    start = None if since is None else since.replace(tzinfo=UTC)
    shown = filtered(found, tags=tag or (), arm=arm or "", since=start)
    if as_json:
        rows = [_row(run, run.id in in_progress) for run in shown]
        print(json.dumps({"schema": 1, "runs": rows}, indent=2))
    elif shown:
        terminal.console().print(catalogue.runs_table(shown, in_progress))
    else:
        print(f"None of the {len(found)} runs in the store is like that.")


@app.command("show")
def show(ctx: typer.Context, run: Run, store: common.StoreFolder = common.STORE) -> None:
    """Show one run: its note, its tags, its arms, and the command that made it.

    \b
    cmpnet runs show 3f1a
    """
    import cmpnet
    from cmpnet.output import catalogue, terminal
    from cmpnet.store import open_readonly

    folder = _folder(ctx, store)
    with open_readonly(folder) as opened:
        found = _find(opened.runs(), run)
        in_progress = found.id in opened.in_progress()
        shared = opened.removal([found.id]).shared
    out = terminal.console()
    facts = catalogue.run_facts(found, in_progress=in_progress, shared=shared)
    out.print(catalogue.facts_text(found.id, "run", facts, None), end="", soft_wrap=True)
    if not found.finished_repeats:
        out.print("  It has no finished repeat.")
        return
    results = cmpnet.load(found.id, store=folder)
    out.print(catalogue.run_arms_table(results))
    out.print(f"For intervals and differences: cmpnet compare {found.id}")


@app.command("note")
def note(
    ctx: typer.Context,
    run: Run,
    text: Annotated[
        str, typer.Argument(metavar="TEXT", show_default=False, help="A line; '' removes it.")
    ],
    store: common.StoreFolder = common.STORE,
) -> None:
    """Write a line about a run, in place of the one that it had.

    \b
    cmpnet runs note 3f1a "before the fix"
    """
    from cmpnet.store import About

    with _writable(_folder(ctx, store)) as opened:
        found = _find(opened.begun(), run)
        about = About.checked(text, found.about.tags, found.about.command)
        opened.describe_run(found.id, about)
    print(f"{found.id}: {about.note or 'no note'}")


@app.command("tag")
def tag_run(
    ctx: typer.Context,
    run: Run,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="NAME...", show_default=False, help="Words.", autocompletion=completion.tags
        ),
    ],
    remove: Annotated[bool, typer.Option("--remove", help="Remove these tags.")] = False,
    store: common.StoreFolder = common.STORE,
) -> None:
    """Tag a run, for 'cmpnet runs --tag NAME'.

    \b
    cmpnet runs tag 3f1a course
    cmpnet runs tag 3f1a course --remove
    """
    from cmpnet.store import About

    with _writable(_folder(ctx, store)) as opened:
        found = _find(opened.begun(), run)
        own = found.about.tags
        for name in names if remove else ():
            if name not in own:
                raise errors.no_such_tag(found.id, name, own)
        kept = [one for one in own if one not in names] if remove else [*own, *names]
        checked = About.checked(found.about.note, kept)
        opened.describe_run(found.id, replace(found.about, tags=checked.tags))
    print(f"{found.id}: {', '.join(checked.tags) or 'no tags'}")


@app.command("rm")
def remove_runs(
    ctx: typer.Context,
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...",
            show_default=False,
            help="The (starts of the) ids of runs.",
            autocompletion=completion.runs,
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    store: common.StoreFolder = common.STORE,
) -> None:
    """Remove runs, and the repeats that no other run has; it says which, and asks.

    Refused while a run is in progress in the store.

    \b
    cmpnet runs rm 3f1a
    cmpnet runs rm 3f1a 90cd --yes
    """
    from cmpnet.output import catalogue, terminal

    with _writable(_folder(ctx, store)) as opened:
        every = opened.runs()
        found = list({run.id: run for run in (_find(every, name) for name in names)}.values())
        removal = opened.removal([run.id for run in found])
        terminal.console().print(catalogue.runs_table(found))
        print(catalogue.removal_text(removal))
        if not yes and not _confirmed():
            print("Nothing was removed.")
            raise typer.Exit(1)
        opened.remove(removal)
    print("Removed.")


@app.command("export")
def export(
    ctx: typer.Context,
    run: Run,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", show_default=False, help="A .json, .csv, .md or .tex; '-' is JSON here."
        ),
    ],
    store: common.StoreFolder = common.STORE,
) -> None:
    """Write the results of a run to a file, as the --export options of a bench do.

    \b
    cmpnet runs export 3f1a results.json
    cmpnet runs export 3f1a - > results.json
    """
    import cmpnet
    from cmpnet.output import formats
    from cmpnet.store import files, open_readonly

    folder = _folder(ctx, store)
    suffix = "json" if file == "-" else Path(file).suffix.lower().removeprefix(".")
    if suffix not in common.FORMATS:
        raise errors.bad_results_file(file, [f".{known}" for known in common.FORMATS])
    with open_readonly(folder) as opened:
        found = _find(opened.begun(), run)
    with common.output_files({suffix: file}, files(folder)) as outputs:
        results = cmpnet.load(found.id, store=folder)
        outputs[suffix].write(formats.render(results, suffix, file))
    if file != "-":
        print(f"{file}: from {results.source}")


def _folder(ctx: typer.Context, store: Path) -> Path:
    """The store of a command, or else the one that is given before it: ``runs --store X show``."""
    source = ctx.get_parameter_source("store")
    above: Path = ctx.parent.params["store"] if ctx.parent else store
    return store if source is not None and source.name == "COMMANDLINE" else above


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[Store]:
    """The store, for changes.

    Raises:
        CmpnetError: the folder has no store, or it cannot be written.
    """
    from cmpnet.store import FILE, Store

    if not (folder / FILE).exists():
        raise errors.empty_store(folder)
    with contextlib.closing(Store(folder)) as store:
        yield store


def _find(every: Sequence[RunRow], name: str) -> RunRow:
    """The run whose id begins so.

    Raises:
        CmpnetError: none does, or several do.
    """
    from cmpnet.selection.runs import begun

    found = begun(every, name)
    if found is None:
        raise errors.no_such_run(name, len(every))
    return found


def _confirmed() -> bool:
    """Whether the user says yes.

    Raises:
        CmpnetError: there is no user to ask.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        raise errors.needs_yes()
    print("Remove? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _row(run: RunRow, in_progress: bool) -> dict[str, Any]:
    return {
        "id": run.id,
        "started": run.started,
        "complete": run.complete,
        "in_progress": in_progress,
        "arms": [arm.label for arm in run.arms],
        "seeds": run.seeds,
        "repeats": run.finished_repeats,
        "wanted": run.wanted,
        "until_decided": run.design.until_decided,
        "note": run.about.note,
        "tags": list(run.about.tags),
        "command": None if run.about.command is None else list(run.about.command),
    }
