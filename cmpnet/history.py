"""What the store holds, for those who look: runs, and the arms a user means by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from cmpnet import errors
from cmpnet.bench import ArmResults
from cmpnet.store import RunRow, Store

_ID = re.compile(r"[0-9a-f]{1,12}")


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
    """The latest bench; or arms by name from their last bench, and runs by the start of their id.

    An arm is meant by its whole name, or by its architecture with or without a loss and options:
    then every arm of the last bench that has such arms.

    Raises:
        CmpnetError: nothing is stored, or a name means nothing, two runs, or no results.
    """
    every = store.runs()
    runs = latest(every)
    if not (runs if not names else every):
        raise errors.no_results("store", store.path.parent)
    if not names:
        newest = max(runs, key=every.index)
        newer = "" if newest == runs[0] else f"; newer: run {newest.id}"
        return Selection(_with_repeats(results_of(store, runs[0])), _source(runs[0]) + newer)
    chosen: list[ArmResults] = []
    used: list[RunRow] = []
    for name in names:
        run, results = _meant(store, every, name)
        if run not in used:
            used.append(run)
        for arm in results:
            if any(arm.arm == other.arm and arm.repeats == other.repeats for other in chosen):
                continue
            if any(arm.arm.label == other.arm.label for other in chosen):
                arm = ArmResults(replace(arm.arm, label=f"{arm.arm.label} ({run.id})"), arm.repeats)
            chosen.append(arm)
    return Selection(chosen, "; ".join(_source(run) for run in used))


def _parts(label: str) -> tuple[str, set[tuple[str, float | str]]]:
    """Names and options of a label, however its numbers are written.

    >>> _parts("ws-aux[batch_size=50,alpha=1]") == _parts("ws-aux[alpha=1.0,batch-size=50]")
    True
    """
    names, _, options = label.rstrip(" ]").partition("[")
    pairs = [text.partition("=") for text in options.replace("_", "-").split(",") if text]
    return names.strip(), {(key.strip(), _number(value)) for key, _, value in pairs}


def _number(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text.strip()


def matches(results: ArmResults, name: str) -> bool:
    """Whether an arm is of the architecture, and of the loss and options, that a name gives."""
    arm = results.arm
    (names, options), (given, wanted) = _parts(arm.label), _parts(name)
    parts = (arm.architecture_options, arm.loss_options, arm.task_options, asdict(arm.config))
    for part in parts:  # those that the label leaves out as well
        options |= _parts(f"[{','.join(f'{key}={value}' for key, value in part.items())}]")[1]
    return (names == given or names.startswith(f"{given}:")) and wanted <= options


def _meant(store: Store, every: Sequence[RunRow], name: str) -> tuple[RunRow, list[ArmResults]]:
    """The last run with arms of this name; else the run whose id begins so."""
    runs = latest(every)
    for exact in (True, False):
        for run in runs:
            found = [
                arm
                for arm in _with_repeats(results_of(store, run))
                if (_parts(arm.arm.label) == _parts(name) if exact else matches(arm, name))
            ]
            if found:
                return run, found
    begun = [run for run in every if run.id.startswith(name)] if _ID.fullmatch(name) else []
    if len(begun) > 1:
        raise errors.ambiguous_run(name, [run.id for run in begun])
    if not begun:
        raise errors.unknown_selection(name, sorted({a.label for run in runs for a in run.arms}))
    if not (results := _with_repeats(results_of(store, begun[0]))):
        raise errors.no_results("run", begun[0].id)
    return begun[0], results


def _with_repeats(results: Sequence[ArmResults]) -> list[ArmResults]:
    return [arm for arm in results if arm.repeats]


def _source(run: RunRow) -> str:
    count, whole = run.finished_repeats, len(run.arms) * len(run.seeds)
    of = f"{whole}" if count == whole else f"{count} of {whole}"
    return f"run {run.id}, {run.started[:10]}, {of} {'repeat' if whole == 1 else 'repeats'}"
