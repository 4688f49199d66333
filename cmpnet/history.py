"""What the store holds, for those who look: runs, and the arms a user means by their names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath

from cmpnet import errors
from cmpnet.arms import label_parts, matches
from cmpnet.bench import ArmResults
from cmpnet.errors import file_errors
from cmpnet.output import exported
from cmpnet.output.export import options_of
from cmpnet.spec import Arm
from cmpnet.store import RunRow, Store

_ID = re.compile(r"[0-9a-f]{1,12}")


@dataclass(frozen=True, slots=True)
class Selection:
    """The arms that are meant, and a sentence that says where they are from.

    ``names`` are the arms' own labels, a list for each name that was given, of what those before it
    did not mean; ``results`` the arms of all these in a row, with labels that tell them apart.
    """

    results: list[ArmResults]
    source: str
    names: list[list[str]]


def results_of(store: Store, run: RunRow) -> list[ArmResults]:
    """Every arm of a run with the repeats it has."""
    results = [ArmResults(arm, wanted=len(run.seeds)) for arm in run.arms]
    for number, data, code in store.origins(run.id):
        if number < len(results):
            results[number].data, results[number].code = data, code
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


def is_file(name: str) -> bool:
    """Whether a name means an exported file: by its ending, or by being a path.

    >>> [is_file(name) for name in ("a.json", "out/a", "ws[alpha=0.5]", "3f1a")]
    [True, True, False, False]
    """
    return name.endswith(".json") or "/" in name.partition("[")[0]


def select(store: Store | None, names: Sequence[str]) -> Selection:
    """What each name means, without any the latest bench.

    A name is that of an exported file, an arm's (its whole label, or its architecture with or
    without a loss and options: then every such arm of the last bench that has one), or the start
    of a run's id. The store may be None where files alone are named.

    Raises:
        CmpnetError: nothing is stored, or a name means nothing, two runs or one without results,
            or a file is damaged.
    """
    runs = store.runs() if store else []
    if store and not (runs if names else latest(runs)):
        raise file_errors.empty_store(store.path.parent)
    chosen: list[ArmResults] = []
    groups: list[list[str]] = []
    sources: list[str] = []
    for name in names or [latest(runs)[0].id]:
        place, source, results = _meant(store, runs, name)
        new = [arm for arm in results if not _has(chosen, arm)]
        groups.append([arm.arm.label for arm in new])
        for arm in new:
            if any(arm.arm.label == other.arm.label for other in chosen):
                arm = replace(arm, arm=replace(arm.arm, label=f"{arm.arm.label} ({place})"))
            chosen.append(arm)
        if source not in sources:
            sources.append(source)
    newest = next((run for run in reversed(runs) if run.finished_repeats), None)
    if not names and newest and newest.id != latest(runs)[0].id:
        sources.append(f"newer: run {newest.id}")
    return Selection(chosen, "; ".join(sources), groups)


def _has(chosen: Sequence[ArmResults], arm: ArmResults) -> bool:
    """Whether an arm is there already, perhaps under another label, or from an exported file."""
    return any(_bare(other) == _bare(arm) and other.repeats == arm.repeats for other in chosen)


def _bare(arm: ArmResults) -> Arm:
    """Without its label, and without the folder of its data, which an export leaves out."""
    return replace(arm.arm, label="", task_options=options_of(arm.arm)["task"])


def _meant(
    store: Store | None, runs: Sequence[RunRow], name: str
) -> tuple[str, str, list[ArmResults]]:
    """A word and a sentence that say where the arms are from, and the arms."""
    if is_file(name):
        file = PurePath(name).name
        return file, file, _with_repeats(exported.read(name))
    assert store is not None, "only files can be named without a store"
    run, results = _stored(store, runs, name)
    return run.id, _source(run), results


def _stored(store: Store, runs: Sequence[RunRow], name: str) -> tuple[RunRow, list[ArmResults]]:
    """The last run with arms of this name; else the run whose id begins so."""
    labels = sorted({arm.label for run in runs for arm in run.arms})
    exact = {label for label in labels if label_parts(label) == label_parts(name)}
    for meant in (exact, {label for label in labels if matches(label, name)}):
        for run in latest(runs) if meant else []:
            found = [r for r in _with_repeats(results_of(store, run)) if r.arm.label in meant]
            if found:
                return run, found
    begun = [run for run in runs if run.id.startswith(name)] if _ID.fullmatch(name) else []
    if len(begun) > 1:
        raise errors.ambiguous_run(name, [run.id for run in begun])
    if not begun:
        raise errors.unknown_selection(name, labels)
    if not (results := _with_repeats(results_of(store, begun[0]))):
        raise errors.empty_run(begun[0].id)
    return begun[0], results


def _with_repeats(results: Sequence[ArmResults]) -> list[ArmResults]:
    return [arm for arm in results if arm.repeats]


def _source(run: RunRow) -> str:
    count, whole = run.finished_repeats, len(run.arms) * len(run.seeds)
    of = f"{whole}" if count == whole else f"{count} of {whole}"
    return f"run {run.id}, {run.started[:10]}, {of} {'repeat' if whole == 1 else 'repeats'}"
