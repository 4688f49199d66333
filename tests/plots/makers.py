"""Pictures and results of made-up numbers."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from cmpnet import ArmKey, ArmResults, Curves, RepeatResult, TrainConfig
from cmpnet.plots import Screen
from cmpnet.plots.cells import Grid, Pair, Pairs, Plane
from cmpnet.plots.pictures import (
    DifferenceRow,
    Differences,
    Line,
    Lines,
    Mark,
    Marks,
    Picture,
    Row,
    Rows,
)

SCREEN = Screen(80, 24)
LONG = "ws-aux:" + "very-" * 14 + "long"


def make_results(
    *curves: list[float], label: str = "net", alpha: float | None = None, **config: Any
) -> ArmResults:
    """An arm whose repeats have these test errors by epoch; training errors are half of them."""
    key = ArmKey(
        label=label,
        architecture="net",
        loss="loss",
        task="task",
        architecture_options={},
        loss_options={} if alpha is None else {"alpha": alpha},
        task_options={},
        config=TrainConfig(**config),
    )
    repeats = {}
    for seed, errors in enumerate(curves):
        halves = [error / 2 for error in errors]
        repeats[seed] = RepeatResult(
            seed=seed,
            status="ok",
            test_error=errors[-1],
            train_error=halves[-1],
            curves=Curves(train_loss=errors, train_error=halves, test_error=errors),
        )
    return ArmResults(key=key, repeats=repeats)


def with_repeats(arm: ArmResults, *repeats: RepeatResult) -> ArmResults:
    """The arm with further repeats, or with others in place of those with the same seeds."""
    return replace(arm, repeats={**arm.repeats, **{repeat.seed: repeat for repeat in repeats}})


def diverged(seed: int, *errors: float) -> RepeatResult:
    """A repeat that diverged after an epoch with the last of these errors."""
    curves = Curves(train_loss=[*errors], train_error=[*errors], test_error=[*errors])
    return RepeatResult(seed=seed, status="diverged", curves=curves, cause="not finite")


def make_lines(*ys: list[float], label: str = "net", spread: float = 0.0) -> Lines:
    lines = []
    for number, values in enumerate(ys):
        x = [float(e) for e in range(1, len(values) + 1)]
        more = ([spread] * len(x), [2] * len(x))
        lines.append(Line(f"{label}{number} (n=2)", x, values, *more))
    return Lines("Test error per epoch", "epoch", "test error / %", lines)


def make_rows(
    *points: list[float], label: str = "net", reported: float | None = None, boxes: bool = False
) -> Rows:
    rows = []
    for number, values in enumerate(points):
        mean = float(np.mean(values)) if values else None
        sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
        box = tuple(np.percentile(values, [0, 25, 50, 75, 100])) if values else None
        note = f"n={len(values)}" if values else "n=0, 3 diverged"
        seeds = [*range(len(values))]
        row = Row(f"{label}{number}", values, note, mean, sd, box, reported, seeds=seeds)
        rows.append(row)
    return Rows("Test error after the last epoch", "test error / %", rows, boxes)


def make_plane(n: int = 3) -> Plane:
    angle = np.linspace(0, 2 * np.pi, 360)
    circle = 0.5 + 0.4 * np.stack([np.cos(angle), np.sin(angle)], 1)
    region = np.zeros((10, 10))
    region[:, 5:] = 1
    return Plane("net: points", np.full((n, 2), 0.25), circle, region)


def make_pairs(n: int = 3) -> Pairs:
    images = np.zeros((2, 14, 14))
    images[0, 0, :] = images[1, 1, :] = 1
    return Pairs("pairs", [Pair(images, ("5 > 4, says ≤ (92 %)", "read as 3 and 9"))] * n)


def make_differences(
    rows: int = 1, margin: float | None = None, label: str = "ours"
) -> Differences:
    row = DifferenceRow(
        label, [-3.0, -2.0, -1.0], -2.0, (-4.5, 0.5), "undecided", "n=3", margin, seeds=[0, 1, 2]
    )
    return Differences("Test error minus that of net", "difference / points", [row] * rows)


def make_marks(*, numbered: bool = False) -> Marks:
    places = [(100.0, 9.0, True), (10_000.0, 3.0, True), (10_000.0, 5.0, False)]
    marks = [
        Mark(
            f"net{n} (n=2)",
            n + 1.0 if numbered else x,
            y,
            (y - 1, y + 1),
            [y - 0.5, y + 0.5],
            joined or numbered,
            [0, 1],
        )
        for n, (x, y, joined) in enumerate(places)
    ]
    joined = "order of time" if numbered else "not dominated"
    return Marks("t", "place", "test error / %", marks, joined, numbered=numbered)


GRID = Grid("t", "true digit", "predicted digit", [[90.0, 0.2, None], [0.0, 100.0, 4.6]])

EVERYTHING: list[Picture] = [
    make_lines(),
    make_lines([]),
    make_lines([30.0]),
    make_lines([0.0, 0.0]),
    make_lines(*[[50.0, 20.0, 3.0]] * 50, label=LONG, spread=3.0),
    *(
        rows
        for boxes in (False, True)
        for rows in (
            make_rows(boxes=boxes),
            make_rows([], boxes=boxes),
            make_rows([0.0], boxes=boxes),
            make_rows([5.0], boxes=boxes),
            make_rows(*[[50.0, 20.0, 3.0]] * 50, label=LONG, reported=4.0, boxes=boxes),
            make_rows([1e-9, 2e-9], boxes=boxes),
        )
    ),
    make_differences(),
    make_differences(30, margin=1.0, label=LONG),
    Differences("t", "x", [DifferenceRow("net", [0.0], 0.0, None, "undecided", "n=1", seeds=[0])]),
    make_marks(),
    make_marks(numbered=True),
    Marks("t", "x", "y", [Mark(LONG, 1.0, 0.0, None, [0.0], seeds=[0])] * 60, "joined"),
    Plane(LONG * 2, np.zeros((0, 2)), None, np.zeros((1, 1))),
    make_plane(500),
    Pairs(LONG, []),
    make_pairs(50),
    GRID,
    Grid(LONG, "true", "predicted", [[None] * 10] * 10),
]
"""Pictures of every kind: empty, with a single value, and with many."""


def inside(text: str) -> list[str]:
    """The lines inside the frame, without the labels to its left."""
    rows = [re.split("[│┤]", line, maxsplit=1)[1] for line in text.splitlines() if "│" in line]
    return [row.removesuffix("│") for row in rows]
