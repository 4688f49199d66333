"""What a shell may complete: names, kinds, runs, tags and options. Nothing heavy is imported.

A completion is a help to type: whatever goes wrong, it is empty, and the shell completes files.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cmpnet.descriptions import Description, describe
from cmpnet.errors import CmpnetError
from cmpnet.options import training_options
from cmpnet.registry import GROUPS, Noun, Registry
from cmpnet.spec import RECIPE_PARTS

if TYPE_CHECKING:
    from cmpnet.store import RunRow

Items = Iterable[str | tuple[str, str]]
Completer = Callable[[typer.Context, str], list[Any]]
VARIABLE = "_CMPNET_COMPLETE"  # what a shell sets
WORDS, _REGISTRY = "cmpnet.words", "cmpnet.registry"
KINDS = (*GROUPS, "plugin", "learner")


def _safe(items: Callable[[typer.Context, str], Items]) -> Completer:
    """The items that begin as the word does; none if the names or the store cannot be read."""

    @functools.wraps(items)
    def complete(ctx: typer.Context, incomplete: str) -> list[Any]:
        with contextlib.suppress(CmpnetError, OSError):
            return [
                item
                for item in items(ctx, incomplete)
                if (item if isinstance(item, str) else item[0]).startswith(incomplete)
            ]
        return []

    complete.__annotations__ = {"ctx": typer.Context, "incomplete": str}
    return complete


# -- names ----------------------------------------------------------------------------------------


def _registry(ctx: typer.Context) -> Registry:
    """The names, read once for a completion."""
    from cmpnet.cli.common import disabled_plugins

    if _REGISTRY not in ctx.meta:
        ctx.meta[_REGISTRY] = Registry(disabled_plugins(ctx.params.get("no_plugin")))
    registry: Registry = ctx.meta[_REGISTRY]
    return registry


def _names(ctx: typer.Context, *nouns: Noun) -> Iterator[tuple[str, str]]:
    registry = _registry(ctx)
    with_help = not os.environ.get(VARIABLE, "").endswith("bash")  # it shows the names alone
    for noun in nouns:
        for entry in registry.entries(noun):
            summary = describe(registry, entry).summary if with_help else ""
            yield registry.typed_name(entry), summary


def names_of(*nouns: Noun) -> Completer:
    """The names of some kinds."""
    return _safe(lambda ctx, incomplete: _names(ctx, *nouns))


@_safe
def suites(ctx: typer.Context, incomplete: str) -> Items:
    """Suites, and their files."""
    return [*_names(ctx, "suite"), *_files(incomplete, ".toml")]


@_safe
def shown(ctx: typer.Context, incomplete: str) -> Items:
    """What ``cmpnet show`` shows."""
    nouns = [noun for noun in GROUPS if noun != "executor"]
    return [*_names(ctx, *nouns), *_files(incomplete, ".safetensors", ".toml")]


def one_of(texts: Mapping[str, str]) -> Completer:
    """Some words, with what they mean."""
    return _safe(lambda ctx, incomplete: texts.items())


@_safe
def arms(ctx: typer.Context, incomplete: str) -> Items:
    """Architectures and files, and losses after a colon, which is a word of its own to bash."""
    before, colon, _ = incomplete.rpartition(":")
    words = _words(ctx)
    if colon and before:
        return [(f"{before}:{name}", about) for name, about in _names(ctx, "loss")]
    if words and words[-1].endswith(":"):
        return _names(ctx, "loss")
    return [*_names(ctx, "architecture"), *(_files(incomplete, ".py") if incomplete else ())]


def _words(ctx: typer.Context) -> list[str]:
    """The arms or names that come before the word."""
    return list(ctx.meta.get(WORDS) or ctx.params.get("names") or ctx.params.get("what") or ())


@_safe
def given_arms(ctx: typer.Context, incomplete: str) -> Items:
    """The arms that the command line names."""
    return _words(ctx)


@_safe
def kinds(ctx: typer.Context, incomplete: str) -> Items:
    """Kinds of names, as ``cmpnet list`` calls them."""
    return [*(group.partition(".")[2] for group in GROUPS.values()), "plugins"]


@_safe
def new_kinds(ctx: typer.Context, incomplete: str) -> Items:
    """What ``cmpnet new`` makes."""
    return KINDS


@_safe
def owners(ctx: typer.Context, incomplete: str) -> Items:
    """Distributions that register names."""
    return [owner for owner, _, _ in _registry(ctx).owners()]


@_safe
def owners_and_names(ctx: typer.Context, incomplete: str) -> Items:
    """What ``cmpnet check`` checks."""
    registry = _registry(ctx)
    return [*(owner for owner, _, _ in registry.owners()), *_names(ctx, *GROUPS)]


# -- options --------------------------------------------------------------------------------------


def options_of_arms(ctx: typer.Context, words: Iterable[str]) -> list[str]:
    """Options of the arms among some words, as their source has them: also of loss and task."""
    registry = _registry(ctx)
    found: list[str] = []
    for word in words:
        network, _, loss = word.partition("[")[0].partition(":")
        about = _describe(registry, "architecture", network)
        found += about.options
        if about.task:
            found += _describe(registry, "loss", loss or about.loss).options
            found += _describe(registry, "task", about.task).options
    return [*dict.fromkeys(found)]


def options_of_parts(ctx: typer.Context, words: Iterable[str]) -> list[str]:
    """Options of the optimizers, schedules and augmentations among some words."""
    registry = _registry(ctx)
    return [
        option
        for noun in RECIPE_PARTS
        for word in words
        for option in _describe(registry, noun, word.rpartition("=")[2]).options
    ]


def _describe(registry: Registry, noun: Noun, name: str) -> Description:
    for entry in registry.entries(noun):
        if name in (entry.name, entry.qualified):
            return describe(registry, entry)
    return Description()


@_safe
def assignments(ctx: typer.Context, incomplete: str) -> Items:
    """``NAME=`` of every option of the arms and of training."""
    own = options_of_arms(ctx, _words(ctx))
    return [f"{name.replace('_', '-')}=" for name in (*own, *training_options())]


# -- the store ------------------------------------------------------------------------------------


def _runs(ctx: typer.Context) -> list[RunRow]:
    from cmpnet.run_options import default_store
    from cmpnet.store import open_readonly

    given = ctx.params.get("store") or (ctx.parent and ctx.parent.params.get("store"))
    with open_readonly(Path(given or default_store())) as store:
        return store.begun()[::-1]


@_safe
def runs(ctx: typer.Context, incomplete: str) -> Items:
    """Ids of the runs in the store, the newest first."""
    return [(run.id, _run_text(run)) for run in _runs(ctx)]


def _run_text(run: RunRow) -> str:
    labels = ", ".join(arm.label for arm in run.arms[:3]) + ", ..." * (len(run.arms) > 3)
    return f"{run.started[:16].replace('T', ' ')}  {run.about.note or labels}"


@_safe
def tags(ctx: typer.Context, incomplete: str) -> Items:
    """Tags of the runs in the store."""
    return sorted({tag for run in _runs(ctx) for tag in run.about.tags})


@_safe
def stored_arms(ctx: typer.Context, incomplete: str) -> Items:
    """Labels of the arms in the store."""
    return dict.fromkeys(arm.label for run in _runs(ctx) for arm in run.arms)


@_safe
def stored(ctx: typer.Context, incomplete: str) -> Items:
    """Arms and runs in the store, and exported files."""
    found = _runs(ctx)
    labels = dict.fromkeys(arm.label for run in found for arm in run.arms)
    return [*labels, *((run.id, _run_text(run)) for run in found), *_files(incomplete, ".json")]


@_safe
def where(ctx: typer.Context, incomplete: str) -> Items:
    """``NAME=VALUE`` of the arms in the store."""
    from cmpnet.selection.matching import values_of

    pairs = {pair for run in _runs(ctx) for arm in run.arms for pair in values_of(arm)}
    return sorted(f"{name}={value}" for name, value in pairs if "." not in name)


# -- files ----------------------------------------------------------------------------------------


def files_of(*endings: str) -> Completer:
    """Files with one of these endings, and folders."""
    return _safe(lambda ctx, incomplete: _files(incomplete, *endings))


def _files(incomplete: str, *endings: str) -> list[str]:
    folder = incomplete.rpartition("/")[0]
    place = Path(f"{folder}/" if "/" in incomplete else ".")
    prefix = f"{folder}/" if "/" in incomplete else ""
    return sorted(
        f"{prefix}{path.name}{'/' * path.is_dir()}"
        for path in place.iterdir()
        if path.name.endswith(endings) or (path.is_dir() and not path.name.startswith("."))
    )
