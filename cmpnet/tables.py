"""The tables of ``cmpnet list`` and ``cmpnet show``, and that of arms against a reference."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from cmpnet.arms import check_entry
from cmpnet.errors import CmpnetError
from cmpnet.options import Option
from cmpnet.stats import FEWEST

if TYPE_CHECKING:
    from cmpnet.comparisons import AgainstReference
    from cmpnet.registry import Entry, Noun, Registry
    from cmpnet.spec import Layer
    from cmpnet.store import RunRow
    from cmpnet.suites import Suite


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def names_table(title: str, registry: Registry, noun: Noun, *, check: bool) -> Table:
    """Every name of a kind with its owner; a shadowed or (if checked) broken one says so."""
    table = _table(title, "Name", "Owner", "Version", "Defined in", "Note")
    for entry in registry.entries(noun):
        bare = registry.owns_bare_name(entry)
        table.add_row(
            Text(entry.name if bare else entry.qualified, style="bold"),
            entry.owner,
            entry.version,
            entry.point.module,
            _note(registry, entry, bare=bare, check=check),
        )
    return table


def _note(registry: Registry, entry: Entry, *, bare: bool, check: bool) -> str:
    notes = []
    if not bare:
        notes.append(
            "the name is also " + ", ".join(e.owner for e in registry.clashes(entry)) + "'s"
        )
    if check:
        try:
            check_entry(registry, entry)
            notes.append("ok")
        except CmpnetError as error:
            notes.append(f"broken: {error}")
    return "; ".join(notes)


def suite_table(suite: Suite) -> Table:
    """The arms of a suite and what the report says of each."""
    table = _table("arms", "Arm", "Reported train error %", "Reported test error %")
    for arm in suite.arms:
        figures = suite.reported.get(arm, {})
        shown = [figures.get(f"{part}_error") for part in ("train", "test")]
        table.add_row(
            Text(arm, style="bold"),
            *("-" if figure is None else f"{100 * figure:.1f}" for figure in shown),
        )
    return table


def plugins_table(registry: Registry) -> Table:
    """Distributions that register names, and those switched off."""
    table = _table("plugins", "Distribution", "Version", "Names")
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
    table = _table("options (-o NAME=VALUE)", "Of the", "Name", "Default", "Allowed", "What")
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
    table = _table("layers", "Layer", "Kind", "Output", "Parameters")
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
    table = _table("weights", "Name", "Shape", "Numbers")
    table.columns[-1].justify = "right"
    for name, value in weights.items():
        shape = " x ".join(map(str, value.shape)) or "-"
        table.add_row(Text(name, style="bold"), shape, f"{value.size:,}")
    return table


def comparison_table(rows: Sequence[AgainstReference]) -> Table:
    """Test error of each arm minus the reference's, in points; ~ marks what may be chance."""
    table = Table(
        title=f"Test error against {rows[0].reference}, paired by seed",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        padding=(0, 1, 0, 0),
    )
    table.add_column("Arm", overflow="fold", min_width=12)
    for heading in ("n", "Difference", "95 % interval", "p", "p (Holm)", "d"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        found = row.comparison
        mark = "" if found.significant else "~ "
        low, high = found.ci95 or (None, None)
        table.add_row(
            Text(row.arm, style="bold"),
            str(found.n),
            mark + _points(found.difference),
            "-" if low is None else f"[{_points(low)}, {_points(high)}]",
            _p(found.p),
            _p(found.p_adjusted),
            "-" if found.effect_size is None else f"{found.effect_size:+.1f}",
        )
    return table


def comparison_notes(rows: Sequence[AgainstReference]) -> list[str]:
    """What the columns are, and why there may be no p."""
    if not rows:
        return []
    notes = ["Difference in points of %; p of the sign-flip test by seed; d its mean over its SD."]
    fewest = min(row.comparison.n for row in rows)
    if fewest < FEWEST:
        notes.append(
            f"With {fewest} pairs no such test can reach 0.05: give --repeats {FEWEST} or more."
        )
    if any(not row.comparison.significant for row in rows):
        notes.append("~ may be chance: not significant at 5 %.")
    return notes


def _points(value: float | None) -> str:
    return "-" if value is None else f"{100 * value:+.2f}"


def _p(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}" if value >= 0.001 else "< 0.001"


def runs_table(runs: Sequence[RunRow]) -> Table:
    """Runs with their time (UTC), their arms, and how many of their repeats there are."""
    table = _table("runs", "Run", "Started (UTC)", "Arms", "Repeats", "Complete")
    for run in runs:
        whole = len(run.arms) * len(run.seeds)
        table.add_row(
            Text(run.id, style="bold"),
            run.started[:16].replace("T", " "),
            "\n".join(arm.label for arm in run.arms),
            str(whole) if run.complete else f"{run.finished_repeats} of {whole}",
            "yes" if run.complete else "no",
        )
    return table
