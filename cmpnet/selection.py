"""What the store and exported files hold, by the names that a user gives."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from cmpnet import errors
from cmpnet.output import json_import
from cmpnet.results import ArmResults, Results, Section, pairs_by_name, same_repeats
from cmpnet.store import RunRow, Store
from cmpnet.syntax import label_matches, parse_label

_ID = re.compile(r"[0-9a-f]{1,12}")


@dataclass(frozen=True, slots=True)
class Selection:
    """The arms that some names mean.

    Attributes:
        arms: results of the arms, with labels that tell them apart.
        source: where they come from, in words.
        groups: for each name the arms' own labels, without arms that an earlier name means too.
        redundant: the names that mean no other arms than earlier names do.
    """

    arms: list[ArmResults]
    source: str
    groups: list[list[str]]
    redundant: list[str] = field(default_factory=list)

    def results(self) -> Results:
        """The arms as results: later ones are compared with their namesakes in the first group."""
        title = f"from {self.source}"
        section = Section(arms=tuple(self.arms), pairs=pairs_by_name(self.groups), title=title)
        return Results(sections=(section,), source=self.source)


def all_arms(store: Store) -> list[ArmResults]:
    """Every arm of every run once, with the newest repeat of each seed."""
    merged: list[ArmResults] = []
    for arm in (arm for run in store.runs() for arm in store.results(run)):
        place = next((n for n, other in enumerate(merged) if other.key == arm.key), None)
        if place is None:
            merged.append(arm)
        else:
            repeats = {**merged[place].repeats, **arm.repeats}
            merged[place] = replace(merged[place], repeats=repeats)
    return [arm for arm in merged if arm.repeats]


def select_from_all_runs(store: Store, names: Sequence[str]) -> Selection:
    """Every arm of the store over all its runs, or those that the names mean."""
    arms = all_arms(store)
    if names:
        arms = [a for a in arms if any(label_matches(a.label, name) for name in names)]
    if names and not arms:
        return select(store, names)
    return Selection(arms, f"all {len(store.runs())} runs", [[arm.label for arm in arms]])


def latest(runs: Sequence[RunRow]) -> list[RunRow]:
    """Runs with results, newest first; benches come before single trainings."""
    return sorted(
        (run for run in reversed(runs) if run.finished_repeats), key=lambda run: run.wanted == 1
    )


def is_file(name: str) -> bool:
    """Whether a name means an exported file: by its ending, or because it is a path.

    >>> [is_file(name) for name in ("a.json", "out/a", "ws[alpha=0.5]", "3f1a")]
    [True, True, False, False]
    """
    return name.endswith(".json") or "/" in name.partition("[")[0] or _is_other_file(name)


def _is_other_file(name: str) -> bool:
    """Whether a name with an ending is that of a file, which then turns out not to be an export."""
    return "." in name.partition("[")[0] and os.path.isfile(name)


def select(store: Store | None, names: Sequence[str]) -> Selection:
    """The arms that the names mean; without names, those of the latest bench.

    A name is that of an exported file; an arm's: its label, or its architecture with or without a
    loss and options, for every such arm of the last bench that has one; or the start of a run's
    id. The store may be None if only files are named.

    Raises:
        CmpnetError: the store is empty, a name means nothing, two runs or a run without results,
            or a file is damaged.
    """
    runs = store.runs() if store else []
    if store and not (runs if names else latest(runs)):
        raise errors.empty_store(store.path.parent)
    arms: list[ArmResults] = []
    groups: list[list[str]] = []
    redundant: list[str] = []
    sources: list[str] = []
    for name in names or [latest(runs)[0].id]:
        place, source, named = _named(store, runs, name)
        new = [arm for arm in named if not any(same_repeats(arm, other) for other in arms)]
        groups.append([arm.label for arm in new])
        redundant += [] if new else [name]
        for arm in new:
            taken = any(arm.label == other.label for other in arms)
            arms.append(arm.labelled(f"{arm.label} ({place})") if taken else arm)
        if source not in sources:
            sources.append(source)
    newest = next((run for run in reversed(runs) if run.finished_repeats), None)
    if not names and newest and newest.id != latest(runs)[0].id:
        sources.append(f"newer: run {newest.id}")
    return Selection(arms, "; ".join(sources), groups, redundant)


def _named(
    store: Store | None, runs: Sequence[RunRow], name: str
) -> tuple[str, str, list[ArmResults]]:
    """A short and a long description of where the arms come from, and the arms."""
    if is_file(name):
        file = PurePath(name).name
        return file, file, _with_repeats(json_import.read(name))
    assert store is not None, "only files can be named without a store"
    run, arms = _from_store(store, runs, name)
    return run.id, _source(run), arms


def _from_store(store: Store, runs: Sequence[RunRow], name: str) -> tuple[RunRow, list[ArmResults]]:
    """The last run that has arms of this name, else the run whose id begins so."""
    labels = sorted({arm.label for run in runs for arm in run.arms})
    exact = {label for label in labels if parse_label(label) == parse_label(name)}
    for matching in (exact, {label for label in labels if label_matches(label, name)}):
        for run in latest(runs) if matching else []:
            arms = [a for a in _with_repeats(store.results(run)) if a.label in matching]
            if arms:
                return run, arms
    begun = [run for run in runs if run.id.startswith(name)] if _ID.fullmatch(name) else []
    if len(begun) > 1:
        raise errors.ambiguous_run(name, [run.id for run in begun])
    if not begun:
        raise errors.unknown_selection(name, labels)
    if not (arms := _with_repeats(store.results(begun[0]))):
        raise errors.empty_run(begun[0].id)
    return begun[0], arms


def _with_repeats(arms: Sequence[ArmResults]) -> list[ArmResults]:
    return [arm for arm in arms if arm.repeats]


def _source(run: RunRow) -> str:
    count = str(run.wanted) if run.complete else f"{run.finished_repeats} of {run.wanted}"
    return f"run {run.id}, {run.started[:10]}, {count} {'repeat' if run.wanted == 1 else 'repeats'}"
