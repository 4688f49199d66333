"""Results become the numbers that a picture shows: every one checked by hand or by matplotlib's."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib import cbook

from cmpnet import Arm, CmpnetError, Curves, Data, RepeatResult, Split, Task, TrainConfig
from cmpnet.analysis.stats import five_numbers
from cmpnet.bench import ArmResults
from cmpnet.plots import series


def make_arm(label: str = "net", alpha: float | None = None, **config: Any) -> Arm:
    return Arm(
        label=label,
        architecture="net",
        loss="loss",
        task="task",
        architecture_options={},
        loss_options={} if alpha is None else {"alpha": alpha},
        task_options={},
        config=TrainConfig(**config),
    )


def make_results(
    *curves: list[float], label: str = "net", alpha: float | None = None, **config: Any
) -> ArmResults:
    """An arm whose repeats have these test errors by epoch; train errors are half of them."""
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
    return ArmResults(make_arm(label, alpha, **config), repeats)


def diverged(seed: int, *errors: float) -> RepeatResult:
    curves = Curves(train_loss=[*errors], train_error=[*errors], test_error=[*errors])
    return RepeatResult(seed=seed, status="diverged", curves=curves, cause="not finite")


# -- curves ---------------------------------------------------------------------------------------


def test_a_curve_is_the_mean_over_repeats_with_a_band_of_one_sd_in_percent() -> None:
    (line,) = series.error_curves([make_results([0.5, 0.2], [0.3, 0.4])]).lines
    assert line.x == [1, 2]
    assert line.y == pytest.approx([40, 30])
    sd = 20 / math.sqrt(2)
    assert line.low == pytest.approx([40 - sd, 30 - sd])
    assert line.high == pytest.approx([40 + sd, 30 + sd])
    assert line.note == "n=2"


def test_train_curves_are_there_when_asked_for() -> None:
    picture = series.error_curves([make_results([0.5, 0.2])], train=True)
    assert [line.label for line in picture.lines] == ["net, test", "net, train"]
    assert picture.lines[1].y == [25, 10]


def test_a_single_repeat_has_a_band_of_no_width() -> None:
    (line,) = series.error_curves([make_results([0.5])]).lines
    assert line.low == line.y == line.high == [50]


def test_an_arm_that_diverged_is_drawn_up_to_there_and_says_so() -> None:
    arm = ArmResults(make_arm(), {0: diverged(0, 0.5, 0.6), 1: diverged(1)})
    (line,) = series.error_curves([arm]).lines
    assert line.y == [50, 60]
    assert line.note == "n=0, 2 diverged"
    half = make_results([0.5, 0.2])
    half.repeats[7] = diverged(7, 0.9)
    (line,) = series.error_curves([half]).lines
    assert line.y == [50, 20]
    assert line.note == "n=1, 1 diverged"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_are_left_out(bad: float) -> None:
    (line,) = series.error_curves([make_results([0.5, bad, bad], [0.3, 0.1, bad])]).lines
    assert (line.x, line.y) == ([1, 2], [40, 10])
    assert series.rows([make_results([bad])]).rows[0].mean is None


# -- alpha ----------------------------------------------------------------------------------------


def test_alpha_has_a_point_for_each_alpha_in_order_with_repeats_of_all_runs() -> None:
    picture = series.alpha_lines(
        [
            make_results([0.2], [0.4], alpha=1.0, label="net"),
            make_results([0.5], alpha=0.25, label="net[alpha=0.25]"),
            make_results([0.9]),
        ]
    )
    (line,) = picture.lines
    assert line.label == "net:loss"
    assert line.x == [0.25, 1.0]
    assert line.y == pytest.approx([50, 30])
    assert line.high[1] - line.y[1] == pytest.approx(20 / math.sqrt(2))


def test_arms_that_differ_in_more_than_alpha_are_lines_of_their_own_and_say_in_what() -> None:
    picture = series.alpha_lines(
        [make_results([0.2], alpha=1.0), make_results([0.2], alpha=1.0, epochs=3)]
    )
    assert [line.label for line in picture.lines] == ["net:loss, epochs=25", "net:loss, epochs=3"]


def test_no_alpha_at_all_is_said() -> None:
    with pytest.raises(CmpnetError, match="None of these arms has an alpha: net"):
        series.alpha_lines([make_results([0.2])])


# -- rows -----------------------------------------------------------------------------------------


def test_a_row_has_the_mean_the_sd_every_point_and_the_reported_value() -> None:
    picture = series.rows([make_results([0.2], [0.4]), make_results()], [{"test_error": 0.126}])
    first, empty = picture.rows
    assert first.mean == pytest.approx(30)
    assert first.sd == pytest.approx(20 / math.sqrt(2))
    assert first.points == [20, 40]
    assert first.reported == pytest.approx(12.6)
    assert (empty.points, empty.mean, empty.box, empty.reported) == ([], None, None, None)
    assert empty.note == "n=0"


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 10, 33])
def test_a_box_is_that_of_matplotlib(n: int) -> None:
    values = [*np.random.default_rng(n).normal(5, 1, n), 11.0]
    (theirs,) = cbook.boxplot_stats(values)
    keys = ("whislo", "q1", "med", "q3", "whishi")
    assert five_numbers(values) == pytest.approx([theirs[key] for key in keys])
    assert five_numbers([]) is None


# -- grids ----------------------------------------------------------------------------------------


def test_confusion_sums_the_repeats_and_gives_shares_of_each_true_class() -> None:
    arm = make_results([0.2], [0.2])
    kept = {
        "confusion": [[3, 1], [0, 0]],
        "pairs": [[2, 0], [4, 1]],
        "wrong_pairs": [[1, 0], [1, 1]],
    }
    arm.repeats = {seed: replace(r, details=kept) for seed, r in arm.repeats.items()}
    digits, errors = series.confusion(arm)
    assert digits.cells == [[75, 25], [None, None]]
    assert errors.cells == [[50, None], [25, 100]]
    assert "n=2" in digits.title


def test_repeats_without_counts_have_no_confusion_matrix() -> None:
    with pytest.raises(CmpnetError, match="no counts by class"):
        series.confusion(make_results([0.2]))


# -- samples --------------------------------------------------------------------------------------

POINTS = np.array([[0.1, 0.1], [0.9, 0.9], [0.5, 0.5], [0.45, 0.5], [0.2, 0.8]])


def plane_task(x: Any, **targets: Any) -> Task:
    split = Split(x, targets)
    return Task(
        name="task",
        summary="",
        load=lambda seed: Data(split, split),
        wrong=lambda output, targets: targets["target"] != 0,
        fingerprint=lambda: "",
        outline=lambda: [[0, 0], [1, 0], [0, 1]],
    )


def test_the_map_has_the_misjudged_points_of_every_repeat_and_the_learnt_region() -> None:
    arm = make_results([0.2], [0.4])
    arm.repeats[0] = replace(arm.repeats[0], mistakes=[3])
    arm.repeats[1] = replace(arm.repeats[1], mistakes=[3, 4])
    picture = series.plane(arm, plane_task(POINTS, target=np.array([0, 0, 1, 1, 0])))
    assert picture.points.tolist() == [[0.45, 0.5], [0.45, 0.5], [0.2, 0.8]]
    assert picture.outline is not None
    assert picture.outline.shape == (3, 2)
    # The point at (0.5, 0.5) is always said to be inside, that at (0.45, 0.5) never.
    assert picture.region[4, 4] == 1
    assert picture.region[4, 3] == 0
    assert picture.region[6, 1] == 0.5
    assert "3 of 10 test points" in picture.title


def test_a_cell_without_a_point_takes_the_nearest_one() -> None:
    region = series.learnt_region(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([True, False]))
    assert region.shape == (8, 8)
    assert region[0, 1] == region[2, 1] == 1
    assert region[7, 6] == region[5, 6] == 0


def test_pairs_are_the_surest_mistakes_first_with_all_that_was_said_of_them() -> None:
    x = np.zeros((3, 2, 4, 4))
    x[1, 0, 0, 0], x[2] = 2.0, -2.0
    arm = make_results([0.2])
    kept = {"confidence": [0.6, 0.9], "predicted": [[3, 1], [8, 8]]}
    arm.repeats[0] = replace(arm.repeats[0], mistakes=[1, 2], details=kept)
    task = plane_task(x, target=np.array([1, 1, 0]), classes=np.array([[0, 0], [3, 4], [8, 2]]))
    picture = series.pairs(arm, task)
    assert [pair.caption for pair in picture.pairs] == [
        ("8 > 2, says ≤ (90 %)", "read as 8 and 8"),
        ("3 ≤ 4, says > (60 %)", "read as 3 and 1"),
    ]
    assert picture.pairs[0].images.max() == 0
    assert picture.pairs[1].images[0, 0, 0] == 1
    assert "2 misclassified pairs" in picture.title
    assert len(series.pairs(arm, task, most=1).pairs) == 1


def test_samples_of_another_shape_have_no_such_picture() -> None:
    arm = make_results([0.2])
    target = np.zeros(5, dtype=int)
    with pytest.raises(CmpnetError, match="not pairs of images"):
        series.pairs(arm, plane_task(POINTS, target=target))
    with pytest.raises(CmpnetError, match="not points of a plane"):
        series.plane(arm, plane_task(np.zeros((5, 2, 4, 4)), target=target))
    with pytest.raises(CmpnetError, match="no repeat of it counts"):
        series.plane(ArmResults(make_arm(), {0: diverged(0)}), plane_task(POINTS, target=target))
