"""Suites: named benches as data, one TOML file each, with what a report says and claims.

A distribution registers a suite as an entry point of the group ``cmpnet.suites``. The entry point's
name is that of the file, its value the package that the file is in. A user's own suite is named by
its path. The figures that a registered suite reports are shown wherever its arms are benched.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from cmpnet import errors
from cmpnet.analysis.claims import Claim
from cmpnet.analysis.measures import measures_of
from cmpnet.arms import Shared, expand, refuse_repeated, told_apart
from cmpnet.arms import resolve as resolve_arm
from cmpnet.protocol import deviations
from cmpnet.registry import Entry, Registry, blame
from cmpnet.results import Figures
from cmpnet.spec import Arm, ArmKey
from cmpnet.suites.reading import Suite as Suite
from cmpnet.suites.reading import read

EVERY = "*"  # in a suite of suites: every installed one


@dataclass(frozen=True, slots=True)
class ResolvedSuite:
    """A suite whose arms are ready to train.

    Attributes:
        arms: its arms, under the options of the call.
        title: title of its table.
        suite: name of the suite.
        claims: the claims about these arms, which they call by their labels.
        deviation: how the arms differ from those of the suite's file ("3 of 25 epochs"), or "".
        swept: whether a sweep has replaced an arm by several.
    """

    arms: tuple[Arm, ...]
    title: str = ""
    suite: str = ""
    claims: tuple[Claim, ...] = ()
    deviation: str = ""
    swept: bool = False


# -- reading --------------------------------------------------------------------------------------


def is_file(name: str) -> bool:
    """Whether a name is the path of a suite file: it ends in .toml or contains a separator."""
    return name.endswith(".toml") or any(s in name for s in (os.sep, os.altsep) if s)


def load(registry: Registry, name: str) -> Suite:
    """A suite by its registered name or its file. Imports no plugin.

    Raises:
        CmpnetError: there is no such suite, or its file cannot be used.
    """
    if not is_file(name):
        return _installed(registry.find("suite", name))
    try:
        text = Path(name).read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise errors.unreadable_suite(name, error) from None
    return read(text, Path(name).stem, f"'{name}'")


def members(registry: Registry, name: str) -> list[Suite]:
    """The suite that a name means, or the suites that a suite of suites lists.

    Of "every installed suite", those that cannot be used are left out: :func:`left_out` names them.

    Raises:
        CmpnetError: as :func:`load`.
    """
    suite = load(registry, name)
    if not suite.suites:
        return [suite]
    names = [*suite.suites]
    if EVERY in names:
        at = names.index(EVERY)
        names[at : at + 1] = [one for one in registry.names("suite") if not _fault(registry, one)]
    try:
        listed = [load(registry, name) for name in dict.fromkeys(names)]
    except errors.CmpnetError as error:
        raise errors.bad_suite(suite.where, "'suites':", str(error)) from None
    return [member for member in listed if member.arms]  # without the suites of suites


def left_out(registry: Registry, name: str) -> list[str]:
    """Why :func:`members` leaves out installed suites, in sentences."""
    if EVERY not in load(registry, name).suites:
        return []
    faults = (_fault(registry, one) for one in registry.names("suite"))
    return [f"A suite was left out: {fault}" for fault in faults if fault]


def _fault(registry: Registry, name: str) -> str:
    """Why a suite cannot be used; "" if it can, or if it only lists others."""
    try:
        _check(registry, load(registry, name))
    except errors.CmpnetError as error:
        return str(error)
    return ""


def _installed(entry: Entry) -> Suite:
    with blame(entry.name, entry.owner):
        text = _path(entry).read_text("utf-8")
    return read(text, entry.name, _where(entry))


def _where(entry: Entry) -> str:
    return f"Suite '{entry.name}' of {entry.owner} {entry.version}"


def _path(entry: Entry) -> Path:
    """The file of a registered suite, located without importing the package that it is in."""
    top, *below = entry.module.split(".")
    spec = importlib.util.find_spec(top)
    folders = (spec.submodule_search_locations if spec else None) or [top]
    paths = [Path(folder, *below, f"{entry.name}.toml") for folder in folders]
    return next((path for path in paths if path.exists()), paths[0])


# -- resolving ------------------------------------------------------------------------------------


def check(registry: Registry, name: str) -> None:
    """Look up everything that a suite names.

    Raises:
        CmpnetError: something is missing or broken.
    """
    for suite in members(registry, name):
        _check(registry, suite)


def resolve(registry: Registry, suites: Sequence[Suite], shared: Shared) -> list[ResolvedSuite]:
    """The arms and claims of suites under the options of a call.

    A sweep replaces an arm by one arm per value; a claim about a replaced arm is dropped.

    Raises:
        CmpnetError: a suite is wrong, which its message names; or a shared option is not allowed,
            or fits no arm of any of the suites.
    """
    try:
        resolved = [_resolve(registry, suite, shared) for suite in suites]
        shared.refuse_unused(dict.fromkeys(arm.label for one in resolved for arm in one.arms))
    except errors.CmpnetError:
        for suite in suites:  # a fault of a file is named as such
            _check(registry, suite)
        raise
    return resolved


def _resolve(registry: Registry, suite: Suite, shared: Shared) -> ResolvedSuite:
    """One suite under the options of a call."""
    arms: list[Arm] = []
    places: dict[str, int] = {}  # by the text in the file; without those that a sweep replaces
    changes: list[str] = []
    for text in suite.arms:
        expanded = expand(text, registry, shared)
        if not shared.sweeps or expanded == [resolve_arm(text, registry, shared)]:
            places[text] = len(arms)
            changes += _deviations(expanded[0], resolve_arm(text, registry))
        arms += expanded
    refuse_repeated(arms)
    arms = told_apart(arms)
    named = {text: arms[place] for text, place in places.items()}
    claims = [claim for claim in suite.claims if named.keys() >= set(claim.arms)]
    _check_measures(suite, named, claims)
    labels = {text: arm.label for text, arm in named.items()}
    renamed = tuple(claim.renamed(labels) for claim in claims)
    deviation = ", ".join(dict.fromkeys(changes))
    swept = len(arms) > len(suite.arms)
    return ResolvedSuite(tuple(arms), suite.title, suite.name, renamed, deviation, swept)


def _deviations(arm: Arm, original: Arm) -> list[str]:
    """How an arm under the options of a call differs from the arm of the suite's file.

    Raises:
        CmpnetError: the data that the call names cannot be used.
    """
    changes = [str(change) for change in deviations(arm.key, original.key)]
    paths = [{n: a.key.task_options.get(n) for n in a.key.local_paths} for a in (arm, original)]
    if paths[0] != paths[1]:  # the same digits may lie in another folder
        with blame(arm.task.name, arm.owners["task"]):
            own, other = (
                a.task.fingerprint(**{**arm.key.task_options, **path})
                for a, path in zip((arm, original), paths, strict=True)
            )
        changes += ["other data"] if own != other else []
    return changes


def _check(registry: Registry, suite: Suite) -> None:
    """Resolve the arms of a suite without the options of a call, and look up its measures.

    Raises:
        CmpnetError: an arm or a measure is wrong; the message names the suite and the key.
    """
    arms: list[Arm] = []
    for number, text in enumerate(suite.arms, 1):
        try:
            arms.append(resolve_arm(text, registry))
            refuse_repeated(arms)
        except errors.CmpnetError as error:
            raise errors.bad_suite(suite.where, f"'arm' {number}:", str(error)) from None
    _check_measures(suite, dict(zip(suite.arms, arms, strict=True)), suite.claims)


def _check_measures(suite: Suite, arms: Mapping[str, Arm], claims: Sequence[Claim]) -> None:
    """
    Raises:
        CmpnetError: a claim names a measure that the task of its arms does not have.
    """
    for claim in claims:
        name, key = claim.measure, f"'claim' {suite.claims.index(claim) + 1}"
        own = [arms[text] for text in claim.arms]
        for measures in (measures_of(arm.task, arm.metrics) for arm in own):
            if name not in measures:
                known = f"{errors.nearest(name, measures)} Known: {', '.join(measures)}"
                raise errors.bad_suite(suite.where, key, f"has an unknown measure '{name}'.{known}")
            if claim.first_epochs is not None and measures[name].per_epoch is None:
                reason = f"has 'first_epochs', but '{name}' has no value per epoch"
                raise errors.bad_suite(suite.where, key, reason)


# -- reported figures -----------------------------------------------------------------------------


def reported_for(
    registry: Registry, keys: Iterable[ArmKey], suites: Iterable[Suite] = ()
) -> dict[int, Figures]:
    """The figures that reports give for arms: same networks, loss, data and training.

    Looked up in some suites, then in the installed suites of the architectures' owners. A suite
    that cannot be used is skipped, so that it never hides a result.

    Args:
        registry: the installed names.
        keys: the arms.
        suites: suites to look in first.

    Returns:
        Figures by the number of the arm; arms without figures are left out.
    """
    wanted = [_on_cpu(key) for key in keys]
    names = {key.architecture for key in wanted}
    owners = {e.owner for e in registry.entries("architecture") if registry.typed_name(e) in names}
    sources: dict[str, Suite | Entry] = {suite.where: suite for suite in suites}
    for entry in registry.entries("suite"):
        if entry.owner in owners:
            sources.setdefault(_where(entry), entry)
    rows = [row for source in sources.values() for row in _reported(registry, source)]
    matches = {n: [figures for k, figures in rows if k == key] for n, key in enumerate(wanted)}
    return {number: figures[0] for number, figures in matches.items() if figures}


def _reported(registry: Registry, suite: Suite | Entry) -> list[tuple[ArmKey, Figures]]:
    """The figures of a suite by arm; none if the suite cannot be used."""
    try:
        if isinstance(suite, Entry):
            suite = _installed(suite)
        rows = suite.reported.items()
        return [(_on_cpu(resolve_arm(text, registry).key), figures) for text, figures in rows]
    except errors.CmpnetError:
        return []


def _on_cpu(key: ArmKey) -> ArmKey:
    return replace(key, config=replace(key.config, device="cpu"))
