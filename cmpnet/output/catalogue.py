"""The tables of ``cmpnet list``, ``cmpnet show`` and ``cmpnet runs``."""

from __future__ import annotations

import inspect
import shlex
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from cmpnet import suites
from cmpnet.descriptions import describe
from cmpnet.errors import CmpnetError
from cmpnet.options import Option
from cmpnet.output import tables
from cmpnet.output.table_data import reported_error
from cmpnet.output.tables import percent
from cmpnet.registry import Entry, Noun, Registry
from cmpnet.results import Results
from cmpnet.scales import scale_of_arms
from cmpnet.spec import MEASURED_ON, VALIDATION, Layer, OutputShape, Shape

if TYPE_CHECKING:  # imports sqlite3
    from cmpnet.analysis.ranking import Ranked
    from cmpnet.store import Removal, RunRow


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
    title: str,
    registry: Registry,
    noun: Noun,
    *,
    owners: bool = False,
    parameters: Mapping[Entry, str] | None = None,
    verdicts: Mapping[Entry, str] | None = None,
) -> Table:
    """Every name of a kind with its summary, and notes about clashes if there are any.

    Args:
        title: title of the table.
        registry: the names.
        noun: the kind. A suite has its title as summary, a network its task, too.
        owners: show owner, version and module instead.
        parameters: the numbers of parameters of networks, another column.
        verdicts: why names are broken, "" for those that are not; None if they are not checked.
    """
    columns: dict[str, list[str]] = {}
    for entry in registry.entries(noun):
        cells = {"Name": registry.typed_name(entry)}
        if owners:
            cells |= {
                "Owner": entry.owner,
                "Version": entry.version,
                "Defined in": entry.defined_in,
            }
        elif noun == "suite":
            cells["Title"] = _suite_title(registry, entry)
        else:
            about = describe(registry, entry)
            if noun == "architecture":
                cells["Task"] = about.task
            cells["Summary"] = about.summary
        if parameters is not None:
            cells["Parameters"] = parameters[entry]
        cells["Note"] = _note(registry, entry, verdicts)
        for heading, text in cells.items():
            columns.setdefault(heading, []).append(text)
    if not any(columns.get("Note", ())):
        columns.pop("Note", None)
    table = _table(title, [*columns] or ["Name"], zip(*columns.values(), strict=True))
    for column in table.columns:
        if column.header == "Parameters":
            column.justify = "right"
    return table


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


def runs_table(runs: Sequence[RunRow], in_progress: Collection[str] = ()) -> Table:
    """Runs with their start in UTC, arms, settings and number of finished repeats.

    Args:
        runs: the runs.
        in_progress: ids of those that a process is working on.
    """
    described = any(run.about.note or run.about.tags for run in runs)
    rows = []
    for run in runs:
        started = run.started[:16].replace("T", " ")
        labels = "\n".join(arm.label for arm in run.arms)
        repeats = run.repeats + (", in progress" if run.id in in_progress else "")
        about = [_about(run)] if described else []
        rows.append((run.id, started, labels, _settings(run), repeats, *about))
    headings = ("Run", "Started (UTC)", "Arms", "Settings", "Repeats")
    return _table("runs", (*headings, *(["Note"] if described else [])), rows)


def _about(run: RunRow) -> str:
    tags = ", ".join(run.about.tags)
    return "\n".join(filter(None, [run.about.note, f"tags: {tags}" if tags else ""]))


def run_facts(run: RunRow, *, in_progress: bool, shared: int) -> dict[str, str]:
    """What is known of a run; ``shared`` repeats belong to other runs too."""
    command = "not recorded: it was begun from Python, or by cmpnet 0.1"
    if run.about.command is not None:
        command = "".join(c if c.isprintable() else "?" for c in shlex.join(run.about.command))
    repeats = run.repeats + (", in progress" if in_progress else "")
    if shared:
        repeats += f"; {shared} of them in other runs too"
    return {
        "started": run.started[:19].replace("T", " ") + " UTC",
        "repeats": repeats,
        "settings": _settings(run),
        "note": run.about.note,
        "tags": ", ".join(run.about.tags),
        "command": command,
    }


def run_arms_table(results: Results) -> Table:
    """The arms of a run with their repeats and the mean of the metric that decides."""
    rows, summaries, scale = [], results.summary(), scale_of_arms(results.arms)
    for arm in results.arms:
        summary = summaries[arm.label]
        sd = "" if summary.sd is None else f" ± {scale.number(summary.sd)}"
        ok = f"{summary.n}" if summary.n == arm.wanted else f"{summary.n} of {arm.wanted}"
        rows.append((arm.display, ok, f"{scale.number(summary.mean)}{sd}"))
    return _table("", ("Arm", "n", f"Test {scale.heading}, mean ± SD"), rows)


def leaderboard_table(ranked: Sequence[Ranked]) -> tables.Table:
    """Ranked arms with mean, SD and interval of the metric, and the newest run of each."""
    scale = scale_of_arms([one.arm for one in ranked])
    rows = []
    for one in ranked:
        about, ok = one.summary, one.arm.ok()
        sd = "" if about.sd is None else f" ± {scale.number(about.sd)}"
        interval = "-"
        if about.ci95 is not None:
            interval = f"[{scale.number(about.ci95[0])}, {scale.number(about.ci95[1])}]"
        cells = (
            one.arm.display,
            str(one.rank),
            str(about.n),
            f"{scale.number(about.mean)}{sd}",
            interval,
            f"{ok[0].parameters:,}" if ok else "-",
            one.arm.run,
        )
        rows.append(tables.Row(cells))
    better = "higher is better" if scale.metric.better == "higher" else "lower is better"
    title = f"{ranked[0].arm.protocol}: {_count(len(ranked), 'arm')}, {better}"
    headings = ("Arm", "Rank", "n", f"Test {scale.heading}", "95 % interval", "Params", "Run")
    return tables.Table(title, headings, rows)


def removal_text(removal: Removal) -> str:
    """What is removed with some runs, and what stays."""
    runs, repeats = len(removal.runs), len(removal.repeats)
    text = f"To be removed: {_count(runs, 'run')}, {_count(repeats, 'repeat')}."
    if removal.shared:
        text += f" To be kept for other runs: {_count(removal.shared, 'repeat')}."
    return text


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' * (number != 1)}"


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
