"""What ``cmpnet show`` says of one spec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from cmpnet import checkpoint, errors, suites, train
from cmpnet.arms import load_parts, make_arms, part_options
from cmpnet.options import options_of
from cmpnet.output import suite_tables, tables

if TYPE_CHECKING:
    from rich.console import Console

    from cmpnet.registry import Noun, Registry


def spec(out: Console, registry: Registry, noun: Noun, name: str, given: Mapping[str, str]) -> None:
    """Print summary, source and options; for an architecture the layers too."""
    entry = registry.find(noun, name)
    facts = {"owner": f"{entry.owner} {entry.version}"}
    if given and noun != "architecture":
        raise errors.unused_option(next(iter(given)), [name])
    if noun == "loss":
        loss = registry.loss(name)
        facts |= {"summary": loss.summary, "source": loss.source, "needs": ", ".join(loss.needs)}
        doc, options = loss.fn.__doc__, options_of(loss.fn)
        out.print(tables.facts_text(name, noun, facts, doc))
        out.print(tables.options_table({"loss": options}))
    elif noun == "task":
        task = registry.task(name)
        facts |= {"summary": task.summary, "source": task.source}
        out.print(tables.facts_text(name, noun, facts, task.load.__doc__))
        out.print(tables.options_table({"task": options_of(task.load)}))
    elif noun == "suite":
        suite(out, suites.load(registry, name), facts)
    else:
        parts = load_parts(registry, name)
        arch = parts.architecture
        gives = ", ".join(f"{key} {shape}" for key, shape in arch.gives.items())
        facts |= {
            "summary": arch.summary,
            "source": arch.source,
            "gives": gives,
            "task": arch.task,
            "loss": arch.loss,
        }
        out.print(tables.facts_text(name, noun, facts, arch.build.__doc__))
        out.print(tables.options_table(part_options(parts)))
        (arm,) = make_arms(registry, [name], given)
        with registry.blame(entry):
            layers = train.make_learner(parts, arm, [0])[0].layers()
        out.print(tables.layers_table(layers))


def suite(out: Console, shown: suites.Suite, facts: Mapping[str, str]) -> None:
    """Print the arms and the claims of a suite."""
    said = {**facts, "summary": shown.title, "source": shown.source}
    out.print(tables.facts_text(shown.name, "suite", said, None))
    out.print(suite_tables.suite_table(shown))
    if shown.claims:
        out.print(suite_tables.claims_table(shown))


def saved(out: Console, path: Path) -> None:
    """Print what a checkpoint holds."""
    found = checkpoint.load(path)
    arm = found.arm
    facts = {
        "arm": arm.label,
        "seed": str(found.seed),
        "network": _options(arm.architecture, arm.architecture_options),
        "loss": _options(arm.loss, arm.loss_options),
        "task": _options(arm.task, arm.task_options),
        "training": _options("", asdict(arm.config)),
    }
    out.print(tables.facts_text(path.name, "saved net", facts, None))
    out.print(tables.weights_table(found.weights))


def _options(name: str, options: Mapping[str, object]) -> str:
    said = ", ".join(f"{key.replace('_', '-')} {value}" for key, value in options.items())
    return f"{name} ({said})" if name and said else name or said
