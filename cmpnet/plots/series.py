"""Results as plain series: everything a picture shows, as numbers and words, before it is drawn.

Errors are in % here. Every number is finite: what is not is left out, and a note says what became
of it. What draws these (``plots``, ``figures``) computes nothing.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cmpnet import errors
from cmpnet.analysis.stats import five_numbers, summarise
from cmpnet.bench import ArmResults
from cmpnet.plots.pictures import Floats, Grid, Line, Lines, Pair, Pairs, Plane, Row, Rows
from cmpnet.spec import Arm, RepeatResult, Task

Reported = Mapping[str, float] | None


def finite(values: Sequence[float | None]) -> list[float]:
    """The values that are numbers, in %.

    >>> finite([0.5, None, math.nan, math.inf])
    [50.0]
    """
    return [100 * value for value in values if value is not None and math.isfinite(value)]


def note(results: ArmResults) -> str:
    """How many repeats count, and what became of the others: "n=2, 1 diverged"."""
    counts = Counter(repeat.status for repeat in results.repeats.values())
    lost = [f"{counts[status]} {status}" for status in ("diverged", "failed") if counts[status]]
    return ", ".join([f"n={counts['ok']}", *lost])


# -- lines ----------------------------------------------------------------------------------------


def line(label: str, columns: Sequence[tuple[float, list[float]]], said: str = "") -> Line:
    """Mean ± SD of the values (in %) at each x; an x without values is left out."""
    kept = [(x, summarise(values)) for x, values in columns if values]
    means = [summary.mean or 0.0 for _, summary in kept]
    sds = [summary.sd or 0.0 for _, summary in kept]
    return Line(
        label,
        [x for x, _ in kept],
        means,
        [mean - sd for mean, sd in zip(means, sds, strict=True)],
        [mean + sd for mean, sd in zip(means, sds, strict=True)],
        said,
    )


def error_curves(results: Sequence[ArmResults], *, train: bool = False) -> Lines:
    """Test error per epoch, with ``train`` the training error too.

    An arm of which no repeat counts is drawn up to where it diverged.
    """
    lines = []
    for arm in results:
        repeats = arm.ok() or list(arm.repeats.values())
        for part in ("test", "train") if train else ("test",):
            curves = [getattr(repeat.curves, f"{part}_error") for repeat in repeats]
            epochs = range(max(map(len, curves), default=0))
            columns = [(e + 1.0, finite([c[e] for c in curves if e < len(c)])) for e in epochs]
            label = f"{arm.arm.label}, {part}" if train else arm.arm.label
            lines.append(line(label, columns, note(arm)))
    title = "Test and train error per epoch" if train else "Test error per epoch"
    y_label = "error / %" if train else "test error / %"
    return Lines(title, "epoch", y_label, lines, each=2 if train else 1)


def _family(arm: Arm) -> dict[str, Any]:
    """All that distinguishes two arms but their label and alpha."""
    return {
        "": arm.architecture + ":" + arm.loss,
        **arm.task_options,
        **arm.architecture_options,
        **{key: value for key, value in arm.loss_options.items() if key != "alpha"},
        **asdict(arm.config),
    }


def alpha_lines(results: Sequence[ArmResults]) -> Lines:
    """Last test error against alpha, a line for each family of arms that differ in alpha alone.

    Raises:
        CmpnetError: no arm has an alpha.
    """
    families: list[tuple[dict[str, Any], dict[float, list[ArmResults]]]] = []
    for arm in results:
        if not isinstance(alpha := arm.arm.loss_options.get("alpha"), int | float):
            continue
        family = _family(arm.arm)
        found = next((alphas for known, alphas in families if known == family), None)
        if found is None:
            families.append((family, found := {}))
        found.setdefault(float(alpha), []).append(arm)
    if not families:
        raise errors.no_alpha([arm.arm.label for arm in results])
    differing = {
        key
        for known, _ in families
        for key in known
        if any(other.get(key) != known[key] for other, _ in families)
    }
    lines = []
    for known, alphas in families:
        named = [f"{key}={value}" for key, value in known.items() if key and key in differing]
        merged = [r for arms in alphas.values() for arm in arms for r in arm.repeats.values()]
        columns = [
            (alpha, [e for arm in arms for e in finite(arm.test_errors())])
            for alpha, arms in sorted(alphas.items())
        ]
        label = ", ".join([known[""], *named])
        lines.append(line(label, columns, note(ArmResults(arm.arm, dict(enumerate(merged))))))
    return Lines("Test error against alpha", "alpha", "test error / %", lines)


# -- rows -----------------------------------------------------------------------------------------


def rows(
    results: Sequence[ArmResults], reported: Sequence[Reported] = (), *, train: bool = False
) -> Rows:
    """The last error of every repeat, a row an arm."""
    part = "train" if train else "test"
    made = []
    for number, arm in enumerate(results):
        points = finite(arm.train_errors() if train else arm.test_errors())
        summary = summarise(points)
        figures = reported[number] if number < len(reported) else None
        said = finite([(figures or {}).get(f"{part}_error")])
        told, box = said[0] if said else None, five_numbers(points)
        made.append(Row(arm.arm.label, points, summary.mean, summary.sd, box, told, note(arm)))
    return Rows(f"{part.capitalize()} error after the last epoch", f"{part} error / %", made)


# -- grids ----------------------------------------------------------------------------------------


def _summed(arm: ArmResults, name: str) -> Floats | None:
    kept = [np.asarray(r.details[name], float) for r in arm.ok() if name in r.details]
    return np.sum(kept, axis=0) if kept and len({a.shape for a in kept}) == 1 else None


def _shares(part: Floats, whole: Floats) -> list[list[float | None]]:
    """100 part / whole, None where the whole is 0."""
    return [
        [100 * float(a) / float(b) if b else None for a, b in zip(*both, strict=True)]
        for both in zip(part, np.broadcast_to(whole, part.shape), strict=True)
    ]


def confusion(arm: ArmResults) -> list[Grid]:
    """Which class is taken for which, where the net learns them; and the error rate by pair.

    Raises:
        CmpnetError: the repeats keep no such counts.
    """
    grids, label = [], arm.arm.label
    matrix = _summed(arm, "confusion")
    if matrix is not None:
        cells = _shares(matrix, matrix.sum(1, keepdims=True))
        title = f"{label}: digits taken for which, % of each true digit ({note(arm)})"
        grids.append(Grid(title, "true digit", "predicted digit", cells))
    pairs, wrong = _summed(arm, "pairs"), _summed(arm, "wrong_pairs")
    if pairs is not None and wrong is not None:
        untaught = "" if matrix is not None else ", it is not taught the digits"
        title = f"{label}: error rate of the comparison by pair, % ({note(arm)}{untaught})"
        grids.append(Grid(title, "first digit", "second digit", _shares(wrong, pairs)))
    if not grids:
        raise errors.no_picture("confusion", label, "its repeats keep no counts by class")
    return grids


# -- samples --------------------------------------------------------------------------------------


def _samples(arm: ArmResults, task: Task, kind: str, shape: str) -> list[tuple[RepeatResult, Any]]:
    """The repeats that count with their test part, made again from the seed."""
    found = [(r, task.load(r.seed, **arm.arm.task_options).test) for r in arm.ok()]
    if not found:
        raise errors.no_picture(kind, arm.arm.label, f"no repeat of it counts ({note(arm)})")
    x = found[0][1].x
    if (x.ndim, x.shape[1]) != ((2, 2) if kind == "map" else (4, 2)):
        raise errors.no_picture(kind, arm.arm.label, f"its samples are not {shape}")
    return found


def learnt_region(x: Floats, inside: NDArray[np.bool_]) -> Floats:
    """Share of "inside" among the verdicts on points (N, 2) of the unit square, by cell.

    A cell without a point takes the nearest cell's share; there are about four points a cell.
    """
    side = int(np.clip(math.sqrt(len(x) / 4), 8, 100))
    column, row = np.clip((x * side).astype(int), 0, side - 1).T
    total = np.bincount(side * row + column, minlength=side * side)
    share = np.bincount(side * row + column, inside, side * side) / np.maximum(total, 1)
    at = np.stack(np.divmod(np.arange(side * side), side), 1)
    filled = np.flatnonzero(total)
    for cell in np.flatnonzero(total == 0):
        share[cell] = share[filled[((at[filled] - at[cell]) ** 2).sum(1).argmin()]]
    return np.asarray(share.reshape(side, side))


def plane(arm: ArmResults, task: Task) -> Plane:
    """Where in the square the misjudged test points of all repeats lie.

    Raises:
        CmpnetError: the samples are no points of a plane, or no repeat counts.
    """
    found = _samples(arm, task, "map", "points of a plane")
    wrong = [np.isin(np.arange(len(test.x)), result.mistakes) for result, test in found]
    x = np.concatenate([test.x for _, test in found]).astype(float)
    truth = np.concatenate([test.targets["target"] for _, test in found]).astype(bool)
    missed = np.concatenate(wrong)
    kept = np.isfinite(x).all(1)
    x, truth, missed = x[kept], truth[kept], missed[kept]
    border = task.outline(**arm.arm.task_options) if task.outline else None
    title = f"{arm.arm.label}: {missed.sum()} of {len(x)} test points misclassified ({note(arm)})"
    outline = None if border is None else np.asarray(border, float)
    return Plane(title, x[missed], outline, learnt_region(x, truth ^ missed))


def pairs(arm: ArmResults, task: Task, *, most: int = 200) -> Pairs:
    """The misjudged pairs themselves, at most so many, the surest first.

    Raises:
        CmpnetError: the samples are no pairs of images, or no repeat counts.
    """
    found = _samples(arm, task, "pairs", "pairs of images")
    every = []
    for result, test in found:
        sure = result.details.get("confidence") or [None] * len(result.mistakes)
        read = result.details.get("predicted") or [None] * len(result.mistakes)
        every += list(zip(result.mistakes, sure, read, [test] * len(sure), strict=False))
    every.sort(key=lambda mistake: -(mistake[1] or 0))
    title = f"{arm.arm.label}: {len(every)} misclassified pairs, the surest first ({note(arm)})"
    return Pairs(title, [_pair(test, at, sure, read) for at, sure, read, test in every[:most]])


def _pair(test: Any, at: int, sure: float | None, read: Sequence[int] | None) -> Pair:
    first, second = test.targets["classes"][at]
    true, said = ("≤", ">") if test.targets["target"][at] else (">", "≤")
    low, high = float(test.x.min()), float(test.x.max())
    images = (test.x[at].astype(float) - low) / ((high - low) or 1.0)
    certainty = "" if sure is None else f" ({100 * sure:.0f} %)"
    taken = "" if read is None else f"read as {read[0]} and {read[1]}"
    return Pair(images, (f"{first} {true} {second}, says {said}{certainty}", taken))
