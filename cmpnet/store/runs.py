"""A run as the store has it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Annotated, Any, Literal

from cmpnet import errors
from cmpnet.decoding import decode, decode_arm
from cmpnet.spec import ArmKey, Bounds, Line

Count = Annotated[int, Bounds(0)]


@dataclass(frozen=True, slots=True)
class About:
    """The note, the tags and the command of a run, which change no number.

    Attributes:
        note: a line about it, or "".
        tags: short names by which runs are found, each once.
        command: the words of the command line that began it; None if it was begun from Python,
            or by a cmpnet that did not record it.
    """

    note: Line | Literal[""] = ""
    tags: tuple[Line, ...] = ()
    command: tuple[str, ...] | None = None

    @classmethod
    def checked(
        cls, note: str = "", tags: Iterable[str] = (), command: Iterable[str] | None = None
    ) -> About:
        """What a user says of a run; a tag that is given twice counts once.

        Raises:
            CmpnetError: the note is more than a line, or a tag is not a word.
        """
        words = tuple(dict.fromkeys(tags))
        try:
            decode(Line | Literal[""], note, "the note")
            decode(tuple[Line, ...], words, "the tags")
        except ValueError as error:
            raise errors.bad_value(str(error)) from None
        for word in words:
            if not re.fullmatch(r"[^\s,]+", word):
                raise errors.bad_tag(word)
        return cls(note.strip(), words, None if command is None else tuple(command))


@dataclass(frozen=True, slots=True)
class Design:
    """How many repeats a run trains of its arms.

    Attributes:
        until_decided: whether their number depends on the results.
        repeats: number of repeats of each arm, failed ones included; empty until the run is
            finished, and in a run of cmpnet 0.1.
        failed: number of repeats that failed, of all arms; None until the run is finished, and in
            older runs. With it, runs are listed without a look at their repeats.
    """

    until_decided: bool = False
    repeats: tuple[Count, ...] = ()
    failed: Count | None = field(default=None, compare=False)

    def check(self, repeats: Sequence[Sequence[object]]) -> None:
        """Refuse a finished run that lacks repeats of an arm.

        Raises:
            ValueError: it does.
        """
        counts = [len(own) for own in repeats]
        if self.repeats and counts != [*self.repeats]:
            raise ValueError(f"a run has {counts} repeats instead of {[*self.repeats]}")


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as the store has it.

    Attributes:
        id: its identifier, 12 hexadecimal digits.
        started: when, ISO 8601 in UTC.
        arms: the arms that were asked for.
        seeds: the seeds that were asked for; in a finished run until decided those it trained.
        finished_repeats: how many repeats have not failed.
        finished: whether it came to its end.
        design: how many repeats it trains.
        about: its note, its tags, and the command that began it.
    """

    id: str
    started: str
    arms: list[ArmKey]
    seeds: list[int]
    finished_repeats: int
    finished: bool = False
    design: Design = field(default_factory=Design)
    about: About = field(default_factory=About)

    @property
    def wanted(self) -> int:
        """The number of repeats that were asked for; until decided, at most so many."""
        return sum(self.design.repeats) or len(self.arms) * len(self.seeds)

    @property
    def complete(self) -> bool:
        """Whether every arm has all its repeats."""
        if self.design.until_decided:
            return self.finished
        return self.finished_repeats >= self.wanted

    @property
    def repeats(self) -> str:
        """The number of repeats in words: "4", "2 of 4", "7 so far"."""
        if self.complete:
            return str(self.wanted)
        if self.design.until_decided:
            return f"{self.finished_repeats} so far"
        return f"{self.finished_repeats} of {self.wanted}"


def decode_design(row: Mapping[str, Any]) -> Design:
    """The design of a run from its row.

    Raises:
        ValueError: it is not a valid one.
    """
    design: Design = decode(Design, json.loads(row["design"]), "the design of a run")
    return design


@lru_cache(maxsize=1000)
def _arms(text: str) -> tuple[ArmKey, ...]:
    """The arms of a run; many runs of a store have the same. 100 take 20 ms."""
    arms = decode(list[dict[str, Any]], json.loads(text), "the arms of a run")
    return tuple(map(decode_arm, arms))


def decode_run(row: Mapping[str, Any], statuses: Sequence[Sequence[str]] | None = None) -> RunRow:
    """A run from its row and the status of each repeat of each arm, where they are known.

    Raises:
        ValueError: the row is not a valid run, or repeats are missing.
    """
    design = decode_design(row)
    finished = sum(design.repeats) - (design.failed or 0)
    if statuses is not None:
        design.check(statuses)
        finished = sum(status != "failed" for own in statuses for status in own)
    return RunRow(
        id=row["id"],
        started=row["started"],
        arms=[*_arms(row["arms"])],
        seeds=decode(list[int], json.loads(row["seeds"]) or None, "the seeds of a run"),
        finished_repeats=finished,
        finished=row["finished"] is not None,
        design=design,
        about=decode(About, json.loads(row["about"]), "what is said of a run"),
    )


@dataclass(frozen=True, slots=True)
class Removal:
    """What is removed with some runs.

    Attributes:
        runs: their ids.
        repeats: rows of the repeats that no other run has.
        shared: number of their repeats that stay, since other runs have them too.
    """

    runs: tuple[str, ...]
    repeats: tuple[int, ...]
    shared: int


def removal_of(links: Mapping[str, Sequence[Sequence[int]]], runs: Sequence[str]) -> Removal:
    """What is removed with some runs.

    Args:
        links: the rows of the repeats of each arm, by the id of the run, of all runs.
        runs: the ids of those that are removed.

    >>> removal_of({"a": [[1, 2], [3]], "b": [[2]]}, ["a"])
    Removal(runs=('a',), repeats=(1, 3), shared=1)
    """
    own: set[int] = set()
    others: set[int] = set()
    for run, by_arm in links.items():
        (own if run in runs else others).update(number for arm in by_arm for number in arm)
    return Removal(tuple(runs), tuple(sorted(own - others)), len(own & others))
