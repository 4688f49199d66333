"""Suites: named benches as data, one TOML file each, with what the reports say and claim.

A distribution registers one as an entry point of the group ``cmpnet.suites``: its name is that of
the file, its value the package the file is in. A user's own file is named by its path. A registered
suite also says what is reported of its owner's architectures, whoever benches them.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cmpnet import sweeps
from cmpnet.analysis.sections import Section
from cmpnet.arms import make_arm, refuse_twice, refuse_unused
from cmpnet.errors import CmpnetError, suite_errors
from cmpnet.registry import Entry, Registry
from cmpnet.spec import Arm
from cmpnet.suites.reading import Suite, read

__all__ = ["Reported", "Suite", "check", "chosen", "is_file", "load", "sections"]


def is_file(name: str) -> bool:
    """Whether a name means a user's own file: no registered name ends so or has a separator."""
    return name.endswith(".toml") or any(s in name for s in (os.sep, os.altsep) if s)


def load(registry: Registry, name: str) -> Suite:
    """A suite by name or file; imports no plugin.

    Raises:
        CmpnetError: there is no such suite, or its file cannot be used.
    """
    if is_file(name):
        try:
            text = Path(name).read_text("utf-8-sig")
        except (OSError, UnicodeError) as error:
            raise suite_errors.unreadable(name, error) from None
        return read(text, Path(name).stem, f"'{name}'")
    entry = registry.find("suite", name)
    with registry.blame(entry):
        text = _packaged(entry).read_text("utf-8")
    return read(text, entry.name, _where(entry))


def _where(entry: Entry) -> str:
    return f"Suite '{entry.name}' of {entry.owner} {entry.version}"


def _packaged(entry: Entry) -> Path:
    """The file of a registered suite, found without importing the package it is in."""
    top, *below = entry.point.module.split(".")
    spec = importlib.util.find_spec(top)
    homes = (spec.submodule_search_locations if spec else None) or [top]
    return next(
        (path for home in homes if (path := Path(home, *below, f"{entry.name}.toml")).exists()),
        Path(homes[0], *below, f"{entry.name}.toml"),
    )


def chosen(registry: Registry, name: str) -> list[Suite]:
    """What a name means: one suite, or those that a suite of suites names.

    Raises:
        CmpnetError: as :func:`load`.
    """
    suite = load(registry, name)
    if not suite.suites:
        return [suite]
    names = [*suite.suites]
    if "*" in names:
        at = names.index("*")
        names[at : at + 1] = registry.known("suite")
    try:
        loaded = [load(registry, name) for name in dict.fromkeys(names)]
    except CmpnetError as error:
        raise suite_errors.bad_suite(suite.where, "suites:", str(error)) from None
    return [one for one in loaded if one.arms]  # a suite of suites is not gone into


def _plain(registry: Registry, suite: Suite) -> list[Arm]:
    """Its arms as the file has them, without what a call adds.

    Raises:
        CmpnetError: one of them cannot be; the sentence names the file.
    """
    arms = []
    for number, text in enumerate(suite.arms, 1):
        try:
            arms.append(make_arm(registry, text)[0])
            refuse_twice(arms)
        except CmpnetError as error:
            raise suite_errors.bad_suite(suite.where, f"arm {number}:", str(error)) from None
    return arms


def check(registry: Registry, name: str) -> None:
    """Look up all that a suite names.

    Raises:
        CmpnetError: some of it is missing or broken.
    """
    sections(registry, chosen(registry, name), {}, loss=None)


def sections(
    registry: Registry,
    suites: Sequence[Suite],
    given: Mapping[str, str],
    *,
    loss: str | None,
    sweep: Mapping[str, Sequence[str]] | None = None,
) -> list[Section]:
    """The suites with their arms made, every given option used by an arm of one of them.

    A ``sweep`` puts arms with each of its values in the place of one; claims on that one are left.

    Raises:
        CmpnetError: as :func:`cmpnet.arms.make_arms`; a fault of a file is named as such.
    """
    reported = Reported(registry)
    for suite in suites:
        reported.add(suite)  # first of all, since a fault of a file is named as such
    made, every = [], []
    for suite in suites:
        reported.add(suite)
    swept = sweeps.arms(registry, [suite.arms for suite in suites], sweep or {}, loss=loss)
    for suite, texts in zip(suites, swept, strict=True):
        pairs = [make_arm(registry, text, given, loss=loss) for text in texts]
        every += pairs
        arms = [arm for arm, _ in pairs]
        refuse_twice(arms)
        figures = [reported.of(arm) for arm in arms]
        claims = [claim for claim in suite.claims if claim.arms <= set(texts)]
        made.append(Section(suite.title, arms, figures, suite.name, texts, claims))
    refuse_unused(given, every)
    return made


class Reported:
    """What suites report of arms; each is read once, the installed ones when they are needed."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._rows: list[tuple[Arm, Mapping[str, Any]]] = []
        self._read: set[str] = set()

    def add(self, suite: Suite) -> None:
        """Take in what a suite reports.

        Raises:
            CmpnetError: one of its arms cannot be; the sentence names its file.
        """
        self._read.add(suite.where)
        if suite.where:
            for text, arm in zip(suite.arms, _plain(self.registry, suite), strict=True):
                if text in suite.reported:
                    self._rows.append((_comparable(arm), suite.reported[text]))

    def of(self, arm: Arm) -> Mapping[str, Any] | None:
        """The figures of this very arm: same nets, loss, data and training; else None.

        Raises:
            CmpnetError: its architecture is gone, or a suite of its owner cannot be used.
        """
        owner = self.registry.find("architecture", arm.architecture).owner
        for entry in self.registry.entries("suite"):
            if entry.owner == owner and _where(entry) not in self._read:
                self.add(load(self.registry, entry.qualified))
        same = _comparable(arm)
        return next((figures for known, figures in self._rows if known == same), None)

    def of_stored(self, arm: Arm) -> Mapping[str, Any] | None:
        """The same of a stored arm, whose plugin may have gone while its numbers are there."""
        try:
            return self.of(arm)
        except CmpnetError:
            return None


def _comparable(arm: Arm) -> Arm:
    return replace(arm, label="", config=replace(arm.config, device="cpu"))
