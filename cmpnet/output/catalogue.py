"""The tables of ``cmpnet list``, ``cmpnet show`` and ``cmpnet runs``."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from cmpnet import suites
from cmpnet.errors import CmpnetError
from cmpnet.options import Option
from cmpnet.output.table_data import reported_error
from cmpnet.output.tables import percent
from cmpnet.registry import Entry, Noun, Registry
from cmpnet.spec import MEASURED_ON, VALIDATION, Layer, OutputShape, Shape

if TYPE_CHECKING:  # imports sqlite3
    from cmpnet.store import RunRow


def _table(title: str, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table that wraps long cells; the first of each row is bold."""
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for first, *others in rows:
        table.add_row(Text(first, style="bold"), *others)
    return table


# -- names ----------------------------------------------------------------------------------------


def names_table(
    title: str, registry: Registry, noun: Noun, verdicts: Mapping[Entry, str] | None = None
) -> Table:
    """Every name of a kind with its owner, and notes about clashes.

    Args:
        title: title of the table.
        registry: the names.
        noun: the kind. A suite is listed with its title, anything else with its module.
        verdicts: why names are broken, "" for those that are not; None if they are not checked.
    """
    headings = ("Name", "Owner", "Version", "Title" if noun == "suite" else "Defined in", "Note")
    rows = []
    for entry in registry.entries(noun):
        about = _suite_title(registry, entry) if noun == "suite" else entry.defined_in
        note = _note(registry, entry, verdicts)
        rows.append((registry.typed_name(entry), entry.owner, entry.version, about, note))
    return _table(title, headings, rows)


def _suite_title(registry: Registry, entry: Entry) -> str:
    try:
        return suites.load(registry, entry.qualified).title
    except CmpnetError:
        return "cannot be read: see --check"


def _note(registry: Registry, entry: Entry, verdicts: Mapping[Entry, str] | None) -> str:
    notes = []
    if not registry.owns_bare_name(entry):
        owners = ", ".join(other.owner for other in registry.clashes(entry))
        notes.append(f"{owners} also has this name")
    if verdicts is not None:
        notes.append(f"broken: {verdicts[entry]}" if verdicts[entry] else "ok")
    return "; ".join(notes)


def plugins_table(registry: Registry) -> Table:
    """Distributions that register names, and the disabled ones."""
    rows = [(owner, version, str(names)) for owner, version, names in registry.owners()]
    rows += [(name, "-", "disabled") for name in sorted(registry.disabled)]
    return _table("plugins", ("Distribution", "Version", "Names"), rows)


# -- one name -------------------------------------------------------------------------------------


def facts_text(name: str, kind: str, facts: Mapping[str, str], doc: str | None) -> Text:
    """A name with its facts, those that are empty left out, and a docstring."""
    text = Text.assemble((name, "bold"), f"  ({kind})\n")
    for key, value in facts.items():
        if value:
            text.append(f"  {key:8s} ", style="dim")
            text.append(f"{value}\n")
    if doc:
        text.append(f"\n{inspect.cleandoc(doc)}\n")
    return text


def outputs_text(outputs: Mapping[str, OutputShape]) -> str:
    """Outputs of a network with the shapes of a batch of B samples.

    >>> outputs_text({"verdict": (2,), "logit": ()})
    'verdict (B, 2), logit (B)'
    """
    return ", ".join(f"{n} ({', '.join(map(str, ('B', *s)))})" for n, s in outputs.items())


def options_table(options: Mapping[str, Mapping[str, Option]]) -> Table:
    """Options by name, with the part of the arm that each belongs to."""
    rows = []
    for part, own in options.items():
        for option in own.values():
            default = "none" if option.default is None else str(option.default)
            if option.default is inspect.Parameter.empty:
                default = "required"
            rows.append((option.flag, part, default, option.allowed, option.doc))
    headings = ("Name", "Part", "Default", "Allowed", "Meaning")
    return _table("options (-o NAME=VALUE)", headings, rows)


def layers_table(layers: Sequence[Layer]) -> Table:
    """Layers with the output shape of one sample and their parameters; then the sum."""
    rows = [(one.name, one.kind, _sizes(one.shape), f"{one.parameters:,}") for one in layers]
    table = _table("layers", ("Layer", "Kind", "Output", "Parameters"), rows)
    table.columns[-1].justify = "right"
    table.add_section()
    total = sum(layer.parameters for layer in layers)
    table.add_row("total", "", "", f"{total:,}", style="bold")
    return table


def weights_table(weights: Mapping[str, Any]) -> Table:
    """Every array of a checkpoint."""
    rows = [(name, _sizes(a.shape) or "-", f"{a.size:,}") for name, a in weights.items()]
    table = _table("weights", ("Name", "Shape", "Numbers"), rows)
    table.columns[-1].justify = "right"
    return table


def _sizes(shape: Shape) -> str:
    return " x ".join(map(str, shape))


# -- suites ---------------------------------------------------------------------------------------


def suite_table(suite: suites.ParsedSuite) -> Table:
    """The arms of a suite with their titles and reported figures, or the suites that it names."""
    if suite.suites:
        names = ["every installed suite" if name == suites.EVERY else name for name in suite.suites]
        return _table("suites", ("Suite",), [(name,) for name in names])
    rows = []
    for arm in suite.arms:
        figures = suite.reported.get(arm, {})
        title = [suite.titles.get(arm, "")] if suite.titles else []
        rows.append((arm, *title, percent(figures.get("train_error")), reported_error(figures)))
    titles = ["Title"] if suite.titles else []
    return _table("arms", ("Arm", *titles, "Reported train error %", "Reported test error %"), rows)


def claims_table(suite: suites.ParsedSuite) -> Table:
    """The claims of a suite and the measure that decides each."""
    rows = []
    for claim in suite.claims:
        quantity = claim.parts[0].quantity
        measure = quantity.measure.replace("_", " ")
        if quantity.first_epochs is not None:
            measure += f", mean of the first {quantity.first_epochs} epochs"
        rows.append((claim.says, f"{measure}: {claim.formula}", claim.source))
    return _table("claims", ("Claim", "Decided by", "Source"), rows)


# -- runs -----------------------------------------------------------------------------------------


def runs_table(runs: Sequence[RunRow]) -> Table:
    """Runs with their start in UTC, arms, settings and number of finished repeats."""
    rows = []
    for run in runs:
        started = run.started[:16].replace("T", " ")
        labels = "\n".join(arm.label for arm in run.arms)
        rows.append((run.id, started, labels, _settings(run), run.repeats))
    return _table("runs", ("Run", "Started (UTC)", "Arms", "Settings", "Repeats"), rows)


def _settings(run: RunRow) -> str:
    """What labels do not show: epochs, task options that all arms share, and seeds."""
    values: dict[str, set[int]] = {}
    for arm in run.arms:
        for name, value in {"epochs": arm.config.epochs, **arm.task_options}.items():
            if type(value) is int:
                values.setdefault(name, set()).add(value)
    shared = [f"{n.replace('_', '-')} {v.pop()}" for n, v in values.items() if len(v) == 1]
    if all(arm.measured_on == VALIDATION for arm in run.arms):
        shared.append(f"{MEASURED_ON} {VALIDATION}")
    first, last = min(run.seeds), max(run.seeds)
    seeds = f"seed {first}" if first == last else f"seeds {first}-{last}"
    return ", ".join([*shared, seeds])
