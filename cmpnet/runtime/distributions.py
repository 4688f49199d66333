"""Installed distributions and what they register: metadata is read, nothing is imported.

``importlib.metadata.entry_points`` fails for all distributions where one of them has damaged
metadata. Here, such a distribution is a sentence and the others are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import metadata

from cmpnet.errors import nearest


@dataclass(frozen=True, slots=True)
class Point:
    """One entry point: what registers which name.

    Attributes:
        group: its group, such as ``cmpnet.losses``.
        name: the registered name.
        target: where it is defined, as ``module:attribute``.
        owner: the distribution's name.
        version: the distribution's version.
    """

    group: str
    name: str
    target: str
    owner: str
    version: str


def points(prefix: str, groups: Iterable[str]) -> tuple[list[Point], list[str]]:
    """The entry points of some groups, and a sentence for each that cannot be used.

    Args:
        prefix: what the names of our groups begin with; others are not looked at.
        groups: the groups.
    """
    known, usable, faults = set(groups), [], []
    seen: set[str] = set()
    for one in metadata.distributions():
        try:
            if prefix not in (one.read_text("entry_points.txt") or ""):
                continue
            read = [*_points(one)]
        except Exception as error:
            faults.append(f"The metadata of {_place(one)} cannot be read: {_text(error)}.")
            continue
        mine = [point for point in read if point.group.startswith(prefix)]
        if not mine or mine[0].owner in seen:  # the first on the path hides the others
            continue
        seen.add(mine[0].owner)
        usable += [point for point in mine if point.group in known]
        for group in dict.fromkeys(point.group for point in mine if point.group not in known):
            faults.append(
                f"{mine[0].owner} {mine[0].version} registers names in the group '{group}', which "
                f"does not exist.{nearest(group, known)} Groups: {', '.join(sorted(known))}."
            )
    return usable, faults


def _points(one: metadata.Distribution) -> Iterator[Point]:
    """
    Raises:
        Exception: whatever damaged metadata raise.
    """
    name, version = one.name, one.version or "?"  # each parses all of the metadata
    if not name:
        raise ValueError("it gives no name")
    for point in one.entry_points:
        yield Point(point.group, point.name, point.value, name, version)


def _place(one: metadata.Distribution) -> str:
    """What to call a distribution whose name may not be readable."""
    path = getattr(one, "_path", None)
    return f"'{path.name}'" if path is not None else f"a distribution in {one.locate_file('')}"


def _text(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "it is not UTF-8 text"
    if isinstance(error, TypeError | AttributeError):  # importlib on a line without "="
        return "entry_points.txt has a line that is not NAME = MODULE:ATTRIBUTE"
    return str(error) or type(error).__name__
