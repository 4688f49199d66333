"""``cmpnet show``: one name, or one file, in full."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cmpnet.cli import common, completion

if TYPE_CHECKING:
    from rich.console import Console

    from cmpnet import suites
    from cmpnet.registry import Noun, Registry

SHOWN: tuple[Noun, ...] = (
    "architecture", "loss", "task", "metric", "optimizer", "schedule", "augmentation", "executor",
    "suite",
)  # fmt: skip


def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            show_default=False,
            help="Any name that 'cmpnet list' shows; or the file of a suite or a saved network.",
            autocompletion=completion.shown,
        ),
    ],
    option: common.Assignments = None,
    plugin: common.Plugins = None,
    no_plugin: common.NoPlugin = None,
) -> None:
    """Show one name: what it is, where it comes from, its options, and a network's layers.

    \b
    cmpnet show ws-aux
    cmpnet show aux-scheduled
    cmpnet show baseline -o hidden=64
    cmpnet show ws.safetensors         a network that 'train --save' wrote
    """
    from cmpnet import errors, suites
    from cmpnet.output import terminal
    from cmpnet.own_files import is_in_file
    from cmpnet.registry import Registry
    from cmpnet.syntax import assignments

    registry = Registry(common.disabled_plugins(no_plugin), plugin or ())
    out = terminal.console()
    registry.open_file_of(name)
    for noun in SHOWN:
        if registry.has(noun, name):
            _show_name(out, registry, noun, name, assignments(option or ()))
            return
    if name.endswith(".json"):
        raise errors.shown_export(name)
    if name.endswith(".safetensors") or (os.path.isfile(name) and not name.endswith(".toml")):
        _show_checkpoint(out, Path(name))
    elif is_in_file(name):
        registry.find("architecture", name)  # says what the file has
    elif suites.is_file(name):
        _show_suite(out, suites.load(registry, name), {})
    else:
        raise errors.unknown_name("name", name, [n for noun in SHOWN for n in registry.names(noun)])


def _show_name(
    out: Console, registry: Registry, noun: Noun, name: str, given: Mapping[str, str]
) -> None:
    """Print summary, source and options; of an architecture the layers too."""
    from inspect import signature

    from cmpnet import errors, suites
    from cmpnet.arms import Shared, options_by_part, resolve
    from cmpnet.output import catalogue
    from cmpnet.registry import blame, option_function, record_options
    from cmpnet.runtime.executors import executor_options

    entry = registry.find(noun, name)
    facts = {"owner": f"{entry.owner} {entry.version}"}
    if given and noun != "architecture":
        raise errors.unused_option(next(iter(given)), [name])
    if noun == "suite":
        _show_suite(out, suites.load(registry, name), facts)
        return
    if noun == "executor":
        make = registry.executor(name)
        out.print(catalogue.facts_text(name, noun, facts, make.__doc__))
        if options := executor_options(make):
            out.print(catalogue.options_table({noun: options}))
        return
    record = registry.record(noun, name, given)
    facts |= {"summary": record.summary, "source": record.source}
    if noun == "task":
        facts["metrics"] = ", ".join(record.metrics)
    if noun == "metric":
        facts |= {"unit": record.unit, "better": record.better}
        facts["asks for"] = ", ".join(signature(record.fn).parameters)
    if noun == "loss":
        facts["needs"] = ", ".join(record.needs)
    if noun in ("optimizer", "augmentation"):
        facts["backend"] = record.backend
    if noun == "architecture":
        facts |= {"outputs": catalogue.outputs_text(record.outputs)}
        facts |= {"task": record.task, "loss": record.loss}
    function = option_function(record)
    out.print(catalogue.facts_text(name, noun, facts, function.__doc__))
    if noun == "metric":
        return
    if noun != "architecture":
        out.print(catalogue.options_table({noun: record_options(record)}))
        return
    from cmpnet import training  # imports numpy

    out.print(catalogue.options_table(options_by_part(name, registry, Shared(given))))
    shared = Shared(given)
    arm = resolve(name, registry, shared)
    shared.refuse_unused([name])
    try:
        with blame(arm.architecture.name, entry.owner):
            layers = training.make_learner(arm, [0])[0].layers()
    except errors.NoDataError as error:
        out.print(f"The layers depend on the data. {error}")
        return
    out.print(catalogue.layers_table(layers))


def _show_suite(out: Console, suite: suites.ParsedSuite, facts: Mapping[str, str]) -> None:
    """Print the arms and the claims of a suite."""
    from cmpnet.output import catalogue

    about = {**facts, "summary": suite.title, "source": suite.source}
    out.print(catalogue.facts_text(suite.name, "suite", about, None))
    out.print(catalogue.suite_table(suite))
    if suite.claims:
        out.print(catalogue.claims_table(suite))


def _show_checkpoint(out: Console, path: Path) -> None:
    """Print what a checkpoint holds."""
    from cmpnet import checkpoint
    from cmpnet.output import catalogue

    saved = checkpoint.load(path)
    key = saved.key
    facts = {
        "arm": key.label,
        "seed": str(saved.seed),
        "network": _described(key.architecture, key.architecture_options),
        "loss": _described(key.loss, key.loss_options),
        "task": _described(key.task, key.task_options),
        "training": _described("", key.config.settings()),
        **{
            part: _described(getattr(key.config, part), options)
            for part, options in key.config.options().items()
            if options
        },
    }
    out.print(catalogue.facts_text(path.name, "saved network", facts, None))
    out.print(catalogue.weights_table(saved.weights))


def _described(name: str, options: Mapping[str, object]) -> str:
    text = ", ".join(f"{key.replace('_', '-')} {value}" for key, value in options.items())
    return f"{name} ({text})" if name and text else name or text
