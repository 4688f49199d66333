"""Suites: named benches as data, one TOML file each, with what the reports say of every arm."""

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


def names() -> list[str]:
    """The suites that come with cmpnet."""
    files = resources.files(__name__).iterdir()
    return sorted(f.name.removesuffix(".toml") for f in files if f.name.endswith(".toml"))


def load(name: str) -> Suite:
    """A suite by name.

    Raises:
        CmpnetError: there is no such suite.
    """
    if name not in names():
        raise errors.unknown_name("suite", name, names())
    content: dict[str, Any] = tomllib.loads(
        resources.files(__name__).joinpath(f"{name}.toml").read_text("utf-8")
    )
    rows = content["arm"]
    return Suite(
        name=name,
        title=content["title"],
        source=content["source"],
        arms=tuple(row["arm"] for row in rows),
        reported={row["arm"]: row["reported"] for row in rows if "reported" in row},
    )


def reported(registry: Registry, arm: Arm) -> Mapping[str, float] | None:
    """What a report says of this very arm: same nets, loss, data and training; else None."""
    same = _comparable(arm)
    for suite in map(load, names()):
        for text, figures in suite.reported.items():
            if _comparable(make_arm(registry, text)[0]) == same:
                return figures
    return None


def _comparable(arm: Arm) -> Arm:
    return replace(arm, label="", config=replace(arm.config, device="cpu"))
