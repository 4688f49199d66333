"""What the store and exported files hold, by the names that a user gives."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath

from cmpnet import errors, tuning
from cmpnet.output import json_import
from cmpnet.protocol import Protocol, distinctions
from cmpnet.results import ArmResults, Results, Section, pairs_by_name, same_repeats
from cmpnet.selection.matching import (
    Where,
    check_where,
    gives_protocol,
    matches,
    satisfies,
    where_text,
)
from cmpnet.selection.runs import (
    Match,
    Runs,
    all_arms,
    complete_first,
    default_protocols,
    latest,
    left_out_sentence,
    source_of,
    with_repeats,
)
from cmpnet.store import Store
from cmpnet.syntax import names_file


@dataclass(frozen=True, slots=True)
class Selection:
    """The arms that some names mean.

    Attributes:
        arms: results of the arms.
        places: the run or file that each arm comes from.
        source: where they come from, in words.
        groups: for each name the arms' own labels, without arms that an earlier name means too.
        redundant: the names that mean no other arms than earlier names do.
        left_out: a sentence about arms of other protocols that are not shown, or "".
        versions: whether an arm is there once for each version of its code, under one label.
    """

    arms: tuple[ArmResults, ...]
    places: tuple[str, ...]
    source: str
    groups: list[list[str]]
    redundant: list[str] = field(default_factory=list)
    left_out: str = ""
    versions: bool = False

    def results(self) -> Results:
        """The arms as results, with labels that tell them apart.

        Later arms are compared with their namesakes in the first group.
        """
        title = f"from {self.source}"
        section = Section(arms=self._labelled(), pairs=pairs_by_name(self.groups), title=title)
        return Results(sections=(section,), source=self.source)

    def _labelled(self) -> tuple[ArmResults, ...]:
        """Each label with what is special about the arm's protocol: "ws (1 epoch)".

        Of arms that then still have the same label, the later ones get their places too. Arms of
        one bench or file have labels that tell them apart already.
        """
        own_labels = [arm.label for arm in self.arms]
        if self.versions or (len({*self.places}) == 1 and len({*own_labels}) == len(own_labels)):
            return self.arms
        labels: list[str] = []
        words = distinctions([arm.protocol for arm in self.arms], own_labels)
        for arm, place, own in zip(self.arms, self.places, words, strict=True):
            own = [word for word in own if word not in arm.label]  # of a file that has such labels
            numbered = itertools.chain([place], (f"{place} {n}" for n in itertools.count(2)))
            tried = itertools.chain([own], ([*own, text] for text in numbered))
            texts = (f"{arm.label} ({', '.join(text)})" if text else arm.label for text in tried)
            labels.append(next(text for text in texts if text not in labels))
        return tuple(arm.labelled(label) for arm, label in zip(self.arms, labels, strict=True))


# -- selecting ------------------------------------------------------------------------------------


def is_file(name: str) -> bool:
    """Whether a name means an exported file: by its ending, or because it is a path.

    >>> [is_file(name) for name in ("a.json", "out/a", "ws[alpha=0.5]", "nets/mine.py:MyNet")]
    [True, True, False, False]
    """
    if names_file(name):
        return False
    return name.endswith(".json") or "/" in name.partition("[")[0] or _is_other_file(name)


def _is_other_file(name: str) -> bool:
    """Whether a name with an ending is that of a file, which then turns out not to be an export."""
    return "." in name.partition("[")[0] and os.path.isfile(name)


def select(store: Store | None, names: Sequence[str], where: Where | None = None) -> Selection:
    """The arms that the names mean; without names, those of the latest bench.

    A name is that of an exported file; an arm's: its label, or its architecture with or without a
    loss and option values, for every such arm of the last bench that has one; or the start of a
    run's id. The store may be None if only files are named.

    Arms that are named without an option of their protocol have one protocol: that of the arms
    named with one, of the files or of the runs; or, without these, that of the newest complete
    bench.

    Raises:
        CmpnetError: the store is empty, a name means nothing, two runs or a run without results,
            no arm satisfies ``where``, or a file is damaged.
    """
    where = where or {}
    runs = Runs(store, where)
    if store and not (runs.all if names else latest(runs.all)):
        raise errors.empty_store(store.path.parent)
    files = {name: with_repeats(json_import.read(name)) for name in names if is_file(name)}
    check_where([*runs.keys(), *(arm.key for arms in files.values() for arm in arms)], where)
    named = {name: _named(runs, name) for name in names or [""] if name not in files}
    wanted = _wanted_protocols(list(named.values()), [a for own in files.values() for a in own])
    chosen = [
        _from_file(name, files[name], where)
        if name in files
        else _from_store(name, named[name], wanted, runs)
        for name in names or [""]
    ]
    selection = _merged([one for one in chosen if one is not None])
    if not selection.arms and not where:  # only a file may have no repeat
        raise errors.unreadable_export(names[0], "it has no repeats")
    if not selection.arms:
        raise errors.nowhere(names, where_text(where))
    tasks = {arm.key.task for arm in selection.arms}
    others = [
        (protocol, match.place)
        for one in named.values()
        for match in one.matches
        for protocol in match.protocols
        if names or protocol.task in tasks
    ]
    newest = next((run for run in reversed(runs.all) if run.finished_repeats), None)
    newer = ""
    if not names and newest and newest.id not in selection.places:
        newer = f"; newer: run {newest.id}"
    return replace(
        selection,
        source=selection.source + newer,
        left_out=left_out_sentence([arm.protocol for arm in selection.arms], others),
    )


def select_from_all_runs(
    store: Store,
    names: Sequence[str],
    where: Where | None = None,
    option: str | None = None,
    on: str | None = None,
    *,
    versions: bool = False,
) -> Selection:
    """Every arm of the store over all its runs, or those that the names mean; of one protocol.

    Args:
        store: the store.
        names: arms by name; one that gives an option of the protocol is of any protocol.
        where: option values that the arms must have.
        option: only arms whose loss has this option, if any has.
        on: choose the protocol by arms that are measured on these samples, if any is. The others
            of the protocol are kept, since a picture separates them.
        versions: each arm once for each version of the code that trained it, the oldest first.

    Raises:
        CmpnetError: as :func:`select`.
    """

    def protocol(arm: ArmResults) -> Protocol:
        return replace(arm.protocol, measured_on="") if on else arm.protocol

    arms = [
        arm
        for arm in all_arms(store, versions=versions)
        if satisfies(arm.key, where or {})
        and (not names or any(matches(arm.key, name) for name in names))
    ]
    arms = [arm for arm in arms if option in arm.key.loss_options] or arms
    if not arms:
        return select(store, names, where)
    fixed = [
        arm
        for arm in arms
        if any(matches(arm.key, name) and gives_protocol(name, arm.key) for name in names)
    ]
    free = [arm for arm in arms if arm not in fixed]
    wanted = [protocol(arm) for arm in fixed]
    if not any(protocol(arm) in wanted for arm in free):
        deciding = (tuning.measured_on(free, on) if on else []) or free
        ordered = complete_first(Runs(store, where or {}).matches())
        protocols = [p for m in ordered for p in m.protocols_of([arm.key for arm in deciding])]
        wanted += [replace(p, measured_on="") if on else p for p in protocols[:1]]
    if not wanted:  # no repeat of any run succeeded
        return select(store, names, where)
    shown = [arm for arm in arms if protocol(arm) in wanted]
    return Selection(
        arms=tuple(shown),
        places=tuple(f"arm {number}" for number in range(1, len(shown) + 1)),
        source=f"all {len(store.runs())} runs",
        groups=[[arm.label for arm in shown]],
        left_out=left_out_sentence(wanted, [(protocol(arm), arm.label) for arm in arms]),
        versions=versions,
    )


@dataclass(frozen=True, slots=True)
class _Named:
    """What a name means in a store.

    Attributes:
        matches: the runs with such arms, the latest first.
        fixed: whether the name says which protocol it means.
    """

    matches: list[Match]
    fixed: bool


def _named(runs: Runs, name: str) -> _Named:
    """The runs that have arms of this name, else the run whose id begins so.

    Raises:
        CmpnetError: there is none.
    """
    assert runs.store is not None, "only files can be named without a store"
    if found := runs.matches(name):
        key = found[0].run.arms[next(iter(found[0].arms))]
        return _Named(found, bool(name) and gives_protocol(name, key))
    keys = runs.keys()
    if runs.where and (not name or any(matches(key, name) for key in keys)):
        raise errors.nowhere([name] if name else [], where_text(runs.where))
    run = runs.begun(name)
    if run is None:
        raise errors.unknown_selection(name, {key.label for key in keys})
    if not with_repeats(runs.store.results(run)):
        raise errors.empty_run(run.id)
    match = runs.match(run)
    if match is None:
        raise errors.nowhere([name], where_text(runs.where))
    return _Named([match], fixed=True)


def _wanted_protocols(named: Sequence[_Named], from_files: Sequence[ArmResults]) -> list[Protocol]:
    """The protocols of what is named without one."""
    fixed = [protocol for one in named if one.fixed for protocol in one.matches[0].protocols]
    fixed += [arm.protocol for arm in from_files]
    free = [one.matches for one in named if not one.fixed]
    if any(match.shares(fixed) for own in free for match in own):
        return fixed
    return default_protocols(free)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The arms that a name stands for, and where they come from in a short and a long form."""

    name: str
    place: str
    source: str
    arms: list[ArmResults]


def _from_file(name: str, arms: Sequence[ArmResults], where: Where) -> _Chosen:
    file = PurePath(name).name
    return _Chosen(name, file, file, [arm for arm in arms if satisfies(arm.key, where)])


def _from_store(name: str, named: _Named, wanted: Sequence[Protocol], runs: Runs) -> _Chosen | None:
    """The latest arms of one of these protocols; None if there are only others."""
    suitable = [match for match in named.matches if named.fixed or match.shares(wanted)]
    if not suitable:
        return None
    match = suitable[0]
    return _Chosen(name, match.run.id, source_of(match.run), runs.results(match))


def _merged(chosen: Sequence[_Chosen]) -> Selection:
    """Every arm once; what an earlier name means too is left out."""
    arms: list[ArmResults] = []
    places: list[str] = []
    groups: list[list[str]] = []
    for one in chosen:
        new = [arm for arm in one.arms if not any(same_repeats(arm, other) for other in arms)]
        arms += new
        places += [one.place] * len(new)
        groups.append([arm.label for arm in new])
    return Selection(
        arms=tuple(arms),
        places=tuple(places),
        source="; ".join(dict.fromkeys(one.source for one in chosen)),
        groups=groups,
        redundant=[one.name for one, group in zip(chosen, groups, strict=True) if not group],
    )
