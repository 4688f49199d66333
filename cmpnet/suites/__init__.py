"""Suites: named benches as data, one TOML file each, with what a report says and claims.

A distribution registers a suite as an entry point of the group ``cmpnet.suites``. The entry point's
name is that of the file, its value the package that the file is in. A user's own suite is named by
its path, or is a record in a Python file. The figures that a registered suite reports are shown
wherever its arms are benched.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar, cast

from cmpnet import errors
from cmpnet.analysis.claims import Claim, JointClaim
from cmpnet.analysis.measures import measures_of
from cmpnet.arms import Shared, expand, refuse_repeated, told_apart
from cmpnet.arms import resolve as resolve_arm
from cmpnet.own_files import is_in_file
from cmpnet.protocol import deviations
from cmpnet.registry import Entry, Registry, blame
from cmpnet.results import Figures
from cmpnet.spec import Arm, ArmKey, Suite
from cmpnet.suites.reading import ParsedSuite as ParsedSuite
from cmpnet.suites.reading import of_record, read

Said = TypeVar("Said")  # what suites say of an arm: figures, or a title
EVERY = "*"  # in a suite of suites: every installed one


@dataclass(frozen=True, slots=True)
class ResolvedSuite:
    """A suite whose arms are ready to train.

    Attributes:
        arms: its arms, under the options of the call.
        titles: what tables call an arm, by its place among the arms.
        title: title of its table.
        suite: name of the suite.
        claims: the claims about these arms, which they call by their labels.
        deviation: how the arms differ from those of the suite's file ("3 of 25 epochs"), or "".
        swept: whether a sweep has replaced an arm by several.
    """

    arms: tuple[Arm, ...]
    titles: Mapping[int, str] = field(default_factory=dict)
    title: str = ""
    suite: str = ""
    claims: tuple[Claim | JointClaim, ...] = ()
    deviation: str = ""
    swept: bool = False


# -- reading --------------------------------------------------------------------------------------


def is_file(name: str) -> bool:
    """Whether a name is the path of a .toml file: it ends so or contains a separator.

    >>> [is_file(name) for name in ("mine.toml", "suites/mine.toml", "table3", "suites/mine.py:S")]
    [True, True, False, False]
    """
    is_path = name.endswith(".toml") or any(s in name for s in (os.sep, os.altsep) if s)
    return is_path and not is_in_file(name)


def load(registry: Registry, name: str | Suite) -> ParsedSuite:
    """A suite by its registered name or its file, or that of a record.

    Imports no plugin, but the Python files that are named, among them those beside a suite's file.

    Raises:
        CmpnetError: there is no such suite, or its file cannot be used.
    """
    if isinstance(name, Suite):
        return of_record(name, f"Suite '{name.name}'")
    registry.open_file_of(name)
    if not is_file(name):
        return _registered(registry, registry.find("suite", name))
    try:
        text = Path(name).read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise errors.unreadable_suite(name, error) from None
    suite = read(text, Path(name).stem, f"'{name}'")
    _open_beside(registry, Path(name).parent, suite.arms)
    return suite


def _open_beside(registry: Registry, folder: Path, arms: Iterable[str]) -> None:
    """Open the Python files that arms name and that are not here, but beside the suite's file."""
    pieces = {piece for text in arms for piece in text.partition("[")[0].split(":")}
    for piece in sorted(filter(is_in_file, pieces)):
        if not Path(piece).exists() and (folder / piece).is_file():
            registry.open(str(folder / piece))


def members(registry: Registry, name: str | Suite) -> list[ParsedSuite]:
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


def left_out(registry: Registry, name: str | Suite) -> list[str]:
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


def _registered(registry: Registry, entry: Entry) -> ParsedSuite:
    if entry.in_file:
        return of_record(cast(Suite, registry.load(entry)), _where(entry))
    with blame(entry.name, entry.owner):
        path = _path(entry)
        if not path.is_file():
            raise errors.bad_suite(_where(entry), "its file", f"'{path.name}' does not exist")
        text = path.read_text("utf-8")
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


def resolve(
    registry: Registry, suites: Sequence[ParsedSuite], shared: Shared
) -> list[ResolvedSuite]:
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


def _metrics(registry: Registry, suite: ParsedSuite) -> tuple[str, ...]:
    """The metrics that claims are about, which not every task is measured with."""
    names = dict.fromkeys(part.measure for claim in suite.claims for part in claim.parts)
    for name in names:
        registry.open_file_of(name)
    return tuple(name for name in names if registry.has("metric", name))


def _resolve(registry: Registry, suite: ParsedSuite, shared: Shared) -> ResolvedSuite:
    """One suite under the options of a call."""
    shared = replace(shared, further=_metrics(registry, suite))
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
    titles = {places[text]: title for text, title in suite.titles.items() if text in places}
    return ResolvedSuite(
        arms=tuple(arms),
        titles=titles,
        title=suite.title,
        suite=suite.name,
        claims=renamed,
        deviation=deviation,
        swept=swept,
    )


def _deviations(arm: Arm, original: Arm) -> list[str]:
    """How an arm under the options of a call differs from the arm of the suite's file.

    Raises:
        CmpnetError: the data that the call names cannot be used.
    """
    changes = [str(change) for change in deviations(arm.key, original.key)]
    paths = [{n: a.key.task_options.get(n) for n in a.key.local_paths} for a in (arm, original)]
    if paths[0] != paths[1]:  # the same digits may lie in another folder
        with contextlib.suppress(errors.NoDataError), blame(arm.task.name, arm.owners["task"]):
            own, other = (  # a suite need not name the user's own data
                a.task.fingerprint(**{**arm.key.task_options, **path})
                for a, path in zip((arm, original), paths, strict=True)
            )
            changes += ["other data"] if own != other else []
    return changes


def _check(registry: Registry, suite: ParsedSuite) -> None:
    """Resolve the arms of a suite without the options of a call, and look up its measures.

    Raises:
        CmpnetError: an arm or a measure is wrong; the message names the suite and the key.
    """
    arms: list[Arm] = []
    for number, text in enumerate(suite.arms, 1):
        try:
            arms.append(resolve_arm(text, registry, Shared(further=_metrics(registry, suite))))
            refuse_repeated(arms)
        except errors.CmpnetError as error:
            raise errors.bad_suite(suite.where, f"'arm' {number}:", str(error)) from None
    _check_measures(suite, dict(zip(suite.arms, arms, strict=True)), suite.claims)


def _check_measures(
    suite: ParsedSuite, arms: Mapping[str, Arm], claims: Sequence[Claim | JointClaim]
) -> None:
    """
    Raises:
        CmpnetError: a claim names a measure that the task of its arms does not have.
    """
    for claim in claims:
        key, part = f"'claim' {suite.claims.index(claim) + 1}", claim.parts[0]
        name, own = part.measure, [arms[text] for text in claim.arms]
        for measures in (measures_of(arm.task, arm.metrics) for arm in own):
            if name not in measures:
                known = f"{errors.nearest(name, measures)} Known: {', '.join(measures)}"
                raise errors.bad_suite(suite.where, key, f"has an unknown measure '{name}'.{known}")
            if part.first_epochs is not None and measures[name].per_epoch is None:
                reason = f"has 'first_epochs', but '{name}' has no value per epoch"
                raise errors.bad_suite(suite.where, key, reason)


# -- reported figures and titles ------------------------------------------------------------------


def reported_for(
    registry: Registry, keys: Iterable[ArmKey], suites: Iterable[ParsedSuite] = ()
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
    return _said_of(registry, keys, suites, _figures)


def titles_for(
    registry: Registry, keys: Iterable[ArmKey], suites: Iterable[ParsedSuite] = ()
) -> dict[int, str]:
    """The titles that suites give to arms, looked up as by :func:`reported_for`."""
    return _said_of(registry, keys, suites, _titles)


def _figures(suite: ParsedSuite) -> Mapping[str, Figures]:
    return suite.reported


def _titles(suite: ParsedSuite) -> Mapping[str, str]:
    return suite.titles


def _said_of(
    registry: Registry,
    keys: Iterable[ArmKey],
    suites: Iterable[ParsedSuite],
    of: Callable[[ParsedSuite], Mapping[str, Said]],
) -> dict[int, Said]:
    wanted = [_on_cpu(key) for key in keys]
    names = {key.architecture for key in wanted}
    owners = {e.owner for e in registry.entries("architecture") if registry.typed_name(e) in names}
    sources: dict[str, ParsedSuite | Entry] = {suite.where: suite for suite in suites}
    for entry in registry.entries("suite"):
        if entry.owner in owners:
            sources.setdefault(_where(entry), entry)
    rows = [row for source in sources.values() for row in _rows(registry, source, of)]
    matches = {n: [said for k, said in rows if k == key] for n, key in enumerate(wanted)}
    return {number: said[0] for number, said in matches.items() if said}


def _rows(
    registry: Registry,
    suite: ParsedSuite | Entry,
    of: Callable[[ParsedSuite], Mapping[str, Said]],
) -> list[tuple[ArmKey, Said]]:
    """What a suite says of its arms; nothing if the suite cannot be used."""
    try:
        if isinstance(suite, Entry):
            suite = _registered(registry, suite)
        rows = of(suite).items()
        return [(_on_cpu(resolve_arm(text, registry).key), said) for text, said in rows]
    except errors.CmpnetError:
        return []


def _on_cpu(key: ArmKey) -> ArmKey:
    return replace(key, config=replace(key.config, device="cpu"))
