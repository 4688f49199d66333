"""What the store holds, for those who look: runs, and the arms a user means by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cmpnet import errors, file_errors
from cmpnet.bench import ArmResults
from cmpnet.store import RunRow, Store

_ID = re.compile(r"[0-9a-f]{3,12}")


@dataclass(frozen=True, slots=True)
class Selection:
    """The arms to draw, and a sentence that says where they are from."""

    results: list[ArmResults]
    source: str


def results_of(store: Store, run: RunRow) -> list[ArmResults]:
    """Every arm of a run with the repeats it has."""
    results = [ArmResults(arm) for arm in run.arms]
    for number, result in store.repeats(run.id):
        if number < len(results):
            results[number].repeats[result.seed] = result
    return results


def everything(store: Store) -> list[ArmResults]:
    """Every arm of every run, each once, with the newest repeat of each seed."""
    found: list[ArmResults] = []
    for run in store.runs():
        for results in results_of(store, run):
            same = [f for f in found if replace(f.arm, label="") == replace(results.arm, label="")]
            if same:
                same[0].repeats.update(results.repeats)
            else:
                found.append(results)
    return [results for results in found if results.repeats]


def latest(runs: Sequence[RunRow]) -> list[RunRow]:
    """Runs with results, those to prefer first: benches before single trainings, newest first."""
    return sorted(
        (run for run in reversed(runs) if run.finished_repeats),
        key=lambda run: len(run.arms) * len(run.seeds) == 1,
    )


def select(store: Store, names: Sequence[str]) -> Selection:
    """The latest bench; or the runs that begin with an id, and arms by name from their last bench.

    An arm is meant by its whole name, or by its architecture with or without a loss: then every
    arm of the last bench that has such arms.

    Raises:
        CmpnetError: nothing is stored, or a name means nothing or two runs.
    """
    runs = latest(store.runs())
    if not runs:
        raise file_errors.empty_store(store.path.parent)
    if not names:
        return Selection(_with_repeats(results_of(store, runs[0])), _source(runs[0]))
    chosen: list[ArmResults] = []
    used: list[RunRow] = []
    for name in names:
        run, results = _meant(store, runs, name)
        if run not in used:
            used.append(run)
        for arm in results:
            if any(arm.arm == other.arm and arm.repeats == other.repeats for other in chosen):
                continue
            if any(arm.arm.label == other.arm.label for other in chosen):
                arm = ArmResults(replace(arm.arm, label=f"{arm.arm.label} ({run.id})"), arm.repeats)
            chosen.append(arm)
    return Selection(chosen, "; ".join(_source(run) for run in used))


def matches(results: ArmResults, name: str) -> bool:
    """Whether a name means an arm: its label, or its start up to a loss or options."""
    return re.match(re.escape(name) + r"([:\[]|$)", results.arm.label) is not None


def _meant(store: Store, runs: Sequence[RunRow], name: str) -> tuple[RunRow, list[ArmResults]]:
    if _ID.fullmatch(name):
        begun = [run for run in runs if run.id.startswith(name)]
        if len(begun) > 1:
            raise errors.ambiguous_run(name, [run.id for run in begun])
        if begun:
            return begun[0], _with_repeats(results_of(store, begun[0]))
    for exact in (True, False):
        for run in runs:
            found = [
                arm
                for arm in _with_repeats(results_of(store, run))
                if (arm.arm.label == name if exact else matches(arm, name))
            ]
            if found:
                return run, found
    labels = {arm.label for run in runs for arm in run.arms}
    raise errors.unknown_selection(name, sorted(labels))


def _with_repeats(results: Sequence[ArmResults]) -> list[ArmResults]:
    return [arm for arm in results if arm.repeats]


def _source(run: RunRow) -> str:
    count, whole = run.finished_repeats, len(run.arms) * len(run.seeds)
    of = f"{whole}" if count == whole else f"{count} of {whole}"
    return f"run {run.id}, {run.started[:10]}, {of} {'repeat' if whole == 1 else 'repeats'}"
