"""The tables of ``cmpnet list``, ``cmpnet show`` and ``cmpnet runs``."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from cmpnet import suites
from cmpnet.arms import check_entry
from cmpnet.errors import CmpnetError
from cmpnet.options import Option

if TYPE_CHECKING:
    from cmpnet.registry import Entry, Noun, Registry
    from cmpnet.spec import Layer
    from cmpnet.store import RunRow


def headed(title: str, *headings: str) -> Table:
    """An empty table that folds what does not fit."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def names_table(title: str, registry: Registry, noun: Noun, *, check: bool) -> Table:
    """Every name of a kind with its owner; a shadowed or (if checked) broken one says so.

    Of a suite there is the title in place of where it is defined.
    """
    what = "Title" if noun == "suite" else "Defined in"
    table = headed(title, "Name", "Owner", "Version", what, "Note")
    for entry in registry.entries(noun):
        bare = registry.owns_bare_name(entry)
        table.add_row(
            Text(entry.name if bare else entry.qualified, style="bold"),
            entry.owner,
            entry.version,
            _title(registry, entry) if noun == "suite" else entry.point.module,
            _note(registry, entry, bare=bare, check=check),
        )
    return table


def _title(registry: Registry, entry: Entry) -> str:
    try:
        return suites.load(registry, entry.qualified).title
    except CmpnetError:
        return "cannot be read: see --check"


def _note(registry: Registry, entry: Entry, *, bare: bool, check: bool) -> str:
    notes = []
    if not bare:
        notes.append(
            "the name is also " + ", ".join(e.owner for e in registry.clashes(entry)) + "'s"
        )
    if check:
        try:
            if entry.noun == "suite":
                suites.check(registry, entry.qualified)
            else:
                check_entry(registry, entry)
            notes.append("ok")
        except CmpnetError as error:
            notes.append(f"broken: {error}")
    return "; ".join(notes)


def percent(value: float | None, digits: int = 2) -> str:
    """A fraction in %; "-" where there is none."""
    return "-" if value is None else f"{100 * value:.{digits}f}"


def reported_error(figures: Mapping[str, Any]) -> str:
    """The test error that a report gives, which may be a range: "1-5"."""
    if "test_error_range" in figures:
        return "-".join(f"{100 * end:g}" for end in figures["test_error_range"])
    return percent(figures.get("test_error"))


def plugins_table(registry: Registry) -> Table:
    """Distributions that register names, and those switched off."""
    table = headed("plugins", "Distribution", "Version", "Names")
    for owner, version, names in registry.owners():
        table.add_row(Text(owner, style="bold"), version, str(names))
    for name in sorted(registry.disabled):
        table.add_row(name, "-", "switched off")
    return table


def facts_text(name: str, noun: str, facts: Mapping[str, str], doc: str | None) -> Text:
    """Name, facts and the docstring's prose."""
    text = Text()
    text.append(f"{name}", style="bold")
    text.append(f"  ({noun})\n")
    for key, value in facts.items():
        if value:
            text.append(f"  {key:8s} ", style="dim")
            text.append(f"{value}\n")
    if doc:
        text.append(f"\n{inspect.cleandoc(doc)}\n")
    return text


def options_table(options: Mapping[str, Mapping[str, Option]]) -> Table:
    """Options by part, as ``-o name=value`` takes them."""
    table = headed("options (-o NAME=VALUE)", "Of the", "Name", "Default", "Allowed", "What")
    for part, known in options.items():
        for option in known.values():
            table.add_row(
                part,
                Text(option.name.replace("_", "-"), style="bold"),
                str(option.default).lower() if option.default is None else str(option.default),
                option.allowed,
                option.doc,
            )
    return table


def layers_table(layers: Sequence[Layer]) -> Table:
    """Layers with the shape each gives for one sample, and their parameters; then the sum."""
    table = headed("layers", "Layer", "Kind", "Output", "Parameters")
    table.columns[-1].justify = "right"
    for layer in layers:
        shape = " x ".join(map(str, layer.shape))
        table.add_row(layer.name, layer.kind, shape, f"{layer.parameters:,}")
    table.add_section()
    total = sum(layer.parameters for layer in layers)
    table.add_row("total", "", "", f"{total:,}", style="bold")
    return table


def weights_table(weights: Mapping[str, Any]) -> Table:
    """Every array of a saved net, by name."""
    table = headed("weights", "Name", "Shape", "Numbers")
    table.columns[-1].justify = "right"
    for name, value in weights.items():
        shape = " x ".join(map(str, value.shape)) or "-"
        table.add_row(Text(name, style="bold"), shape, f"{value.size:,}")
    return table


def runs_table(runs: Sequence[RunRow]) -> Table:
    """Runs with their time (UTC), their arms, and how many of their repeats there are."""
    table = headed("runs", "Run", "Started (UTC)", "Arms", "Settings", "Repeats")
    for run in runs:
        whole = len(run.arms) * len(run.seeds)
        table.add_row(
            Text(run.id, style="bold"),
            run.started[:16].replace("T", " "),
            "\n".join(arm.label for arm in run.arms),
            _settings(run),
            str(whole) if run.complete else f"{run.finished_repeats} of {whole}",
        )
    return table


def _settings(run: RunRow) -> str:
    """What labels do not say: the epochs and the samples, where its arms have them in common."""
    said: dict[str, set[int]] = {}
    for arm in run.arms:
        for name, value in {"epochs": arm.config.epochs, **arm.task_options}.items():
            if type(value) is int:
                said.setdefault(name, set()).add(value)
    words = [
        f"{name.replace('_', '-')} {values.pop()}"
        for name, values in said.items()
        if len(values) == 1
    ]
    first, last = min(run.seeds), max(run.seeds)
    seeds = f"seed {first}" if first == last else f"seeds {first}-{last}"
    return ", ".join([*words, seeds])
