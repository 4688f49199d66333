"""Suites: named benches as data, one TOML file each, with what the reports say of every arm.

A distribution registers one as an entry point of the group ``cmpnet.suites``: its name is that of
the file, its value the package the file is in. A suite also says what is reported of its owner's
architectures, whoever benches them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from typing import Any

from cmpnet import errors
from cmpnet.arms import make_arm
from cmpnet.registry import Registry
from cmpnet.spec import Arm


@dataclass(frozen=True, slots=True)
class Suite:
    """The arms of a bench as a user would type them, and the reported figures of each."""

    name: str
    title: str
    source: str
    arms: tuple[str, ...]
    reported: Mapping[str, Mapping[str, float]]


def load(registry: Registry, name: str) -> Suite:
    """A suite by name.

    Raises:
        CmpnetError: there is no such suite, or its file cannot be used.
    """
    entry = registry.find("suite", name)
    try:
        file = resources.files(entry.point.module).joinpath(f"{entry.name}.toml")
        content: dict[str, Any] = tomllib.loads(file.read_text("utf-8"))
        rows = content["arm"]
        return Suite(
            name=name,
            title=content["title"],
            source=content["source"],
            arms=tuple(row["arm"] for row in rows),
            reported={row["arm"]: row["reported"] for row in rows if "reported" in row},
        )
    except Exception as error:
        raise errors.broken_plugin(name, entry.owner, entry.version, error) from error


def reported(registry: Registry, arm: Arm) -> Mapping[str, float] | None:
    """What a report says of this very arm: same nets, loss, data and training; else None."""
    owner = registry.find("architecture", arm.architecture).owner
    same = _comparable(arm)
    for entry in registry.entries("suite"):
        if entry.owner != owner:
            continue
        for text, figures in load(registry, entry.qualified).reported.items():
            if _comparable(make_arm(registry, text)[0]) == same:
                return figures
    return None


def reported_or_none(registry: Registry, arm: Arm) -> Mapping[str, float] | None:
    """The same of a stored arm, whose plugin may have gone while its numbers are still there."""
    try:
        return reported(registry, arm)
    except errors.CmpnetError:
        return None


def _comparable(arm: Arm) -> Arm:
    return replace(arm, label="", config=replace(arm.config, device="cpu"))
