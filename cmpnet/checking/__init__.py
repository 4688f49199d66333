"""Whether registered names keep their promises, each distribution in a process of its own.

An import that never ends, ``os._exit`` or a KeyboardInterrupt is a broken promise like any other:
the process ends, and the next one goes on with the next name.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cmpnet import errors, own_files
from cmpnet.checking import process
from cmpnet.checking.subjects import FILE, Check, Subject, is_file, subject_of, whole
from cmpnet.contract import NamePromise
from cmpnet.registry import GROUPS, HOME, Entry, Registry
from cmpnet.runtime import supervised
from cmpnet.runtime.imports import canonical

TIMEOUT = 60.0  # seconds that one promise may take


# -- what a user names ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Selection:
    """What some words name.

    Attributes:
        entries: names of installed distributions.
        files: files, or names in them.
        faults: sentences about damaged metadata of the distributions.
    """

    entries: Sequence[Entry]
    files: Sequence[str]
    faults: Sequence[str]


def select(registry: Registry, words: Sequence[str]) -> Selection:
    """What the words of a user mean; none is every installed name.

    Raises:
        CmpnetError: a word means nothing.
    """
    files = [word for word in words if is_file(word)]
    for name in files:
        own_files.refuse_missing(name.partition("[")[0].partition(":")[0])
    names = [word for word in words if word not in files]
    if files and not names:
        return Selection((), files, ())
    return Selection(entries_of(registry, names), files, faults_of(registry, names))


def entries_of(registry: Registry, names: Sequence[str]) -> list[Entry]:
    """The entries that names of architectures, losses, ... or distributions mean; none is all.

    Raises:
        CmpnetError: a name means nothing.
    """
    every = [entry for noun in GROUPS for entry in registry.entries(noun)]
    if not names:
        return every
    chosen: dict[Entry, None] = {}
    for name in names:
        meant = [
            entry
            for entry in every
            if canonical(name) == entry.owner
            or name in (registry.typed_name(entry), entry.qualified)
        ]
        if not meant and not faults_of(registry, [name]):
            known = {registry.typed_name(entry) for entry in every} | {e.owner for e in every}
            raise errors.unknown_name("name or distribution", name, known)
        chosen |= dict.fromkeys(meant)
    return [*chosen]


def faults_of(registry: Registry, names: Sequence[str]) -> list[str]:
    """The sentences about damaged metadata of some distributions; no names is all."""
    return [f for f in registry.faults if not names or any(name in f.split() for name in names)]


# -- checking -------------------------------------------------------------------------------------


def check(
    registry: Registry, entries: Iterable[Entry], timeout: float = TIMEOUT
) -> Iterator[Check]:
    """The promises of some names as they are checked; after a broken one, the next name's.

    Args:
        registry: the names.
        entries: those to check.
        timeout: seconds that one promise may take.
    """
    for _, group in itertools.groupby(sorted(entries, key=_owner_order), key=_owner_order):
        todo = [*group]
        while todo:
            names = [(entry.noun, entry.qualified) for entry in todo]
            request = _request(registry, names=names)
            begun = yield from _in_a_process(request, subject_of(todo[0]), timeout)
            todo = [] if begun is None else todo[max(begun, 1) :]


def check_file(registry: Registry, name: str, timeout: float = TIMEOUT) -> Iterator[Check]:
    """The promises of what is in a file, as they are checked.

    Of a Python file, these are its records, its network classes, and the losses
    ``name(output, batch, ...)``. Any other function is checked only by its name, since calling a
    function of a script could do anything.

    Args:
        registry: the names.
        name: the file, ``FILE.py:NAME[OPTIONS]`` or the file of a suite.
        timeout: seconds that one promise may take.
    """
    skip, begun = 0, None
    while skip == 0 or begun:
        request = _request(registry, file=name, skip=skip)
        begun = yield from _in_a_process(request, whole(name), timeout)
        skip += begun or 1


def names_in(registry: Registry, name: str, timeout: float = TIMEOUT) -> list[Subject]:
    """What :func:`check_file` would check; only the file itself if it cannot be imported."""
    request = _request(registry, file=name, skip=0, only_names=True)
    file = whole(name)
    subjects = [one.subject for one in _in_a_process(request, file, timeout)]
    return [one for one in subjects if one != file] or [file]


def check_all(
    registry: Registry, selection: Selection, timeout: float = TIMEOUT
) -> Iterator[Check]:
    """The promises of a selection, as they are checked."""
    yield from check(registry, selection.entries, timeout)
    for name in selection.files:
        yield from check_file(registry, name, timeout)


def verdicts(
    registry: Registry, entries: Iterable[Entry], timeout: float = TIMEOUT
) -> dict[Entry, str]:
    """The first fault of each name, "" if it keeps all of its promises."""
    entries = [*entries]
    faults = {one.subject: one.fault for one in check(registry, entries, timeout)}
    return {entry: faults[subject_of(entry)] for entry in entries}


def _owner_order(entry: Entry) -> tuple[bool, str]:
    return entry.owner != HOME, entry.owner


def _request(registry: Registry, **what: Any) -> dict[str, Any]:
    """What a process is asked to do: see :func:`cmpnet.checking.process.serve`."""
    return {"disabled": sorted(registry.disabled), "plugins": registry.plugins, **what}


def _in_a_process(
    request: Mapping[str, Any], subject: Subject, timeout: float
) -> Generator[Check, None, int | None]:
    """The checks of one process; if it ended early, how many names it had begun, else None.

    Args:
        request: what it is asked to do.
        subject: what is checked first.
        timeout: seconds that one promise may take.
    """
    promise: str = NamePromise.IMPORTS
    begun = 0
    try:
        for fields, promise, fault in supervised.messages(process.__name__, request, timeout):
            subject = Subject(*fields)
            if fault is not None:  # else it has just begun
                yield Check(subject, promise, fault)
            elif promise == NamePromise.IMPORTS and subject.noun != FILE:
                begun += 1
    except supervised.EndedError as end:
        yield Check(subject, promise, str(end))
        return begun
    return None
