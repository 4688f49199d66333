"""The runs of a store: what of them a name means, and which protocol is shown of several."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from cmpnet import errors
from cmpnet.protocol import Protocol, as_text, in_words, protocol_of
from cmpnet.results import ArmResults
from cmpnet.selection.matching import Where, is_exactly, matches, satisfies
from cmpnet.spec import ArmKey
from cmpnet.store import RunRow, Store

_ID = re.compile(r"[0-9a-f]{1,12}")
MOST_LEFT_OUT = 3  # protocols that the sentence about them names


@dataclass(frozen=True, slots=True)
class Match:
    """The arms of a run that a name means.

    Attributes:
        run: the run.
        arms: numbers of the arms in the run, with the protocol of each.
        rank: number of the run, the latest first.
    """

    run: RunRow
    arms: Mapping[int, Protocol]
    rank: int = 0

    @property
    def protocols(self) -> list[Protocol]:
        """The protocols of the arms."""
        return [*self.arms.values()]

    def shares(self, protocols: Sequence[Protocol]) -> bool:
        """Whether an arm has one of some protocols."""
        return any(own in protocols for own in self.protocols)

    def protocols_of(self, keys: Sequence[ArmKey]) -> list[Protocol]:
        """The protocols of those arms that are among some others."""
        return [own for number, own in self.arms.items() if self.run.arms[number] in keys]

    @property
    def place(self) -> str:
        """The run, and the arms by label."""
        return f"run {self.run.id}: {', '.join(self.run.arms[n].label for n in self.arms)}"


class Runs:
    """The runs of a store that have results which satisfy ``where``."""

    def __init__(self, store: Store | None, where: Where) -> None:
        self.store = store
        self.all = store.runs() if store else []
        self._data: dict[tuple[str, int], str | None] = {}
        self.where = where

    def _fingerprint(self, run: RunRow, number: int) -> str | None:
        """The data of an arm; None if it has no repeat."""
        if self.store is not None and (run.id, number) not in self._data:
            self._data[run.id, number] = self.store.fingerprint(run.id, number)
        return self._data.get((run.id, number))

    def _has_repeats(self, run: RunRow, number: int) -> bool:
        if counts := run.design.repeats:  # a finished run has noted it
            return number < len(counts) and counts[number] > 0
        return self._fingerprint(run, number) is not None

    def keys(self) -> list[ArmKey]:
        """Every arm that has results."""
        return [
            key
            for run in self.all
            for number, key in enumerate(run.arms)
            if self._has_repeats(run, number)
        ]

    def match(self, run: RunRow, name: str = "", *, exact: bool = False) -> Match | None:
        """The arms of a run that a name means, or all; None without any."""
        means = is_exactly if exact else matches
        arms = {
            number: protocol_of(key, data)
            for number, key in enumerate(run.arms)
            if (not name or means(key, name))
            and satisfies(key, self.where)
            and (data := self._fingerprint(run, number)) is not None
        }
        return Match(run, arms) if arms else None

    def matches(self, name: str = "") -> list[Match]:
        """Every run with such arms, the latest first; those that are named exactly, if any are."""
        for exact in (True, False) if name else (False,):
            ranked = enumerate(latest(self.all))
            own = [(rank, self.match(run, name, exact=exact)) for rank, run in ranked]
            if found := [replace(match, rank=rank) for rank, match in own if match is not None]:
                return found
        return []

    def begun(self, name: str) -> RunRow | None:
        """The run whose id begins so.

        Raises:
            CmpnetError: several do.
        """
        return begun(self.all, name)

    def results(self, match: Match) -> list[ArmResults]:
        """Results of the arms."""
        assert self.store is not None, "a match comes from a store"
        return self.store.results(match.run, match.arms)


def begun(runs: Sequence[RunRow], name: str) -> RunRow | None:
    """The run whose id begins so.

    Raises:
        CmpnetError: several do.
    """
    found = [run for run in runs if run.id.startswith(name)] if _ID.fullmatch(name) else []
    if len(found) > 1:
        raise errors.ambiguous_run(name, [run.id for run in found])
    return found[0] if found else None


def filtered(
    runs: Sequence[RunRow],
    *,
    tags: Collection[str] = (),
    arm: str = "",
    since: datetime | None = None,
) -> list[RunRow]:
    """The runs with all of these tags and an arm of this name that began at this time or later."""
    return [
        run
        for run in runs
        if {*tags} <= {*run.about.tags}
        and (not arm or any(matches(key, arm) for key in run.arms))
        and (since is None or datetime.fromisoformat(run.started) >= since)
    ]


def latest(runs: Sequence[RunRow]) -> list[RunRow]:
    """Runs with results, newest first; benches come before single trainings."""
    return sorted(
        (run for run in reversed(runs) if run.finished_repeats), key=lambda run: run.wanted == 1
    )


def with_repeats(arms: Sequence[ArmResults]) -> list[ArmResults]:
    """The arms that have a repeat, finished or failed."""
    return [arm for arm in arms if arm.repeats]


def source_of(run: RunRow) -> str:
    """A run in words: "run 3f1a..., 2026-11-24, 2 of 4 repeats"."""
    unit = "repeat" if run.wanted == 1 else "repeats"
    return f"run {run.id}, {run.started[:10]}, {run.repeats} {unit}"


# -- protocols ------------------------------------------------------------------------------------


def complete_first(matches: Iterable[Match]) -> list[Match]:
    """Complete benches, then others, then single trainings; each the latest first."""
    return sorted(matches, key=lambda m: (m.run.wanted == 1, not m.run.complete, m.rank))


def default_protocols(named: Sequence[Sequence[Match]]) -> list[Protocol]:
    """The protocols to show where a call does not say which.

    They are those of the newest complete bench that has arms of as many names as possible.
    """

    def names_covered(match: Match) -> int:
        return sum(any(other.shares(match.protocols) for other in own) for own in named)

    ordered = complete_first(match for own in named for match in own)
    best = max(ordered, key=names_covered, default=None)  # the first of equals
    return best.protocols if best else []


def left_out_sentence(shown: Sequence[Protocol], others: Iterable[tuple[Protocol, str]]) -> str:
    """A sentence about results of other protocols, or "".

    Args:
        shown: the protocols that are shown.
        others: protocols, and what there is of each; of equal protocols the first is named.
    """
    distinct: list[tuple[Protocol, str]] = []
    for protocol, what in others:
        if protocol not in shown and all(protocol != other for other, _ in distinct):
            distinct.append((protocol, what))
    if not distinct:
        return ""
    changes = [protocol.differences(shown[0]) for protocol, _ in distinct]
    texts = [
        f"{', '.join(in_words(each.name, each.value) for each in change)} ({what})"
        for change, (_, what) in zip(changes, distinct, strict=True)
    ][:MOST_LEFT_OUT]
    more = len(distinct) - len(texts)
    texts += [f"{more} more protocol{'s' * (more > 1)}"] if more else []
    options = [each for each in changes[0] if each.name != "data"]
    hint = "name a run"
    if options:
        name, value = options[0].name.replace("_", "-"), as_text(options[0].value)
        hint = f"give --where {name}={value}, or {hint}"
    own = " and of ".join(dict.fromkeys(map(str, shown)))
    return (
        f"Only results of {own} are shown; left out: {'; '.join(texts)}. To choose others, {hint}."
    )


def all_arms(store: Store, *, versions: bool = False) -> list[ArmResults]:
    """Every arm of every run once, with the newest repeat of each seed.

    Repeats of another code than that of the newest are left out: they would be of another arm.

    Args:
        store: the store.
        versions: once for each version of the code that trained it, the oldest first.
    """
    merged: list[ArmResults] = []
    started = [(run, arm) for run in store.runs() for arm in with_repeats(store.results(run))]
    for run, arm in started:
        same = [
            (own.key, own.data) == (arm.key, arm.data) and (not versions or own.code == arm.code)
            for own in merged
        ]
        if True not in same:
            merged.append(replace(arm, since=run.started if versions else ""))
            continue
        place = same.index(True)
        earlier = merged[place]
        if earlier.code != arm.code:
            merged[place] = arm
        else:
            merged[place] = replace(
                arm,
                since=earlier.since,
                repeats={**earlier.repeats, **arm.repeats},
                until_decided=earlier.until_decided or arm.until_decided,
            )
    return merged
