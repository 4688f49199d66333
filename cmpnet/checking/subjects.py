"""What is checked, what it promises, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cmpnet import own_files, suites
from cmpnet.contract import (
    AugmentationPromise,
    ExecutorPromise,
    JudgingPromise,
    MetricPromise,
    NamePromise,
    NetworkPromise,
    OptimizerPromise,
    SchedulePromise,
    TaskPromise,
)
from cmpnet.registry import Entry

FILE = "file"  # the noun of a file itself

PROMISES: Mapping[str, tuple[str, ...]] = {
    "architecture": (
        *(NamePromise.IMPORTS, NamePromise.PARTS, NamePromise.DATA),
        *NetworkPromise,
    ),
    "loss": (NamePromise.IMPORTS, NamePromise.DATA, *NetworkPromise),
    "task": (NamePromise.IMPORTS, *TaskPromise, *JudgingPromise),
    "metric": (NamePromise.IMPORTS, *MetricPromise),
    "optimizer": (
        *(NamePromise.IMPORTS, NamePromise.DATA),
        *(*NetworkPromise, *OptimizerPromise),
    ),
    "schedule": (NamePromise.IMPORTS, *SchedulePromise),
    "augmentation": (
        *(NamePromise.IMPORTS, *AugmentationPromise),
        *(NamePromise.DATA, *NetworkPromise),
    ),
    "executor": (NamePromise.IMPORTS, *ExecutorPromise),
    "suite": (NamePromise.IMPORTS, NamePromise.SUITE),
    FILE: (NamePromise.IMPORTS,),
}
"""Every promise of a kind of name, in the order in which they are checked; some need not apply."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is checked: a name, or a file of the user's own.

    Attributes:
        noun: what kind of thing it is: one of the registry's nouns, or FILE.
        name: its name.
        owner: the distribution or file that it is in.
        version: the version of the distribution, or the digest of the file.
    """

    noun: str
    name: str
    owner: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} ({self.noun} of {self.owner} {self.version})".replace(" )", ")")


@dataclass(frozen=True, slots=True)
class Check:
    """One promise, checked.

    Attributes:
        subject: whose promise it is.
        promise: what is checked.
        fault: why the promise is broken; "" if it is kept.
    """

    subject: Subject
    promise: str
    fault: str = ""


def is_file(name: str) -> bool:
    """Whether a name is that of a Python file, of something in it, or of a suite's file."""
    return own_files.is_in_file(name) or suites.is_file(name)


def subject_of(entry: Entry) -> Subject:
    """The subject that an entry is."""
    return Subject(entry.noun, entry.name, entry.owner, entry.version)


def whole(name: str) -> Subject:
    """The file that a name is in."""
    file = Path(name.partition("[")[0].partition(":")[0]).name
    return Subject(FILE, file, file, "")
