"""The numbers of every picture, compared with hand calculations or with matplotlib's."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib import cbook

from cmpnet import ArmResults, CmpnetError, Data, Split, Task
from cmpnet.analysis.stats import five_numbers
from cmpnet.plots import Plot
from cmpnet.plots.cells import Grid
from cmpnet.plots.data import grids, lines, rows, samples
from tests.plots.makers import diverged, make_results, with_repeats

# -- curves ---------------------------------------------------------------------------------------


def test_a_curve_is_the_mean_over_repeats_with_a_band_of_one_sd_in_percent() -> None:
    picture = lines.error_curves([make_results([0.5, 0.2], [0.3, 0.4])])
    (line,) = picture.lines
    assert line.x == [1, 2]
    assert line.mean == pytest.approx([40, 30])
    sd = 20 / math.sqrt(2)
    assert line.sd == pytest.approx([sd, sd])
    low, high = picture.band(line)
    assert low.tolist() == pytest.approx([40 - sd, 30 - sd])
    assert high.tolist() == pytest.approx([40 + sd, 30 + sd])
    assert line.label == "net (n=2)"


def test_training_curves_are_added_on_request() -> None:
    picture = lines.error_curves([make_results([0.5, 0.2])], train=True)
    assert [line.label for line in picture.lines] == ["net, test (n=1)", "net, train (n=1)"]
    assert picture.per_arm == 2
    assert picture.lines[1].mean == [25, 10]


def test_a_single_repeat_has_a_band_of_no_width() -> None:
    (line,) = lines.error_curves([make_results([0.5])]).lines
    assert (line.mean, line.sd) == ([50], [0])


def test_an_arm_that_diverged_is_drawn_up_to_that_epoch_and_its_label_says_so() -> None:
    arm = with_repeats(make_results(), diverged(0, 0.5, 0.6), diverged(1))
    (line,) = lines.error_curves([arm]).lines
    assert line.mean == [50, 60]
    assert line.label == "net (n=0, 2 diverged)"
    half = with_repeats(make_results([0.5, 0.2]), diverged(7, 0.9))
    (line,) = lines.error_curves([half]).lines
    assert line.mean == [50, 20]
    assert line.label == "net (n=1, 1 diverged)"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite_are_left_out(bad: float) -> None:
    (line,) = lines.error_curves([make_results([0.5, bad, bad], [0.3, 0.1, bad])]).lines
    assert (line.x, line.mean) == ([1, 2], [40, 10])
    assert rows.rows([make_results([bad])]).rows[0].mean is None


# -- alpha ----------------------------------------------------------------------------------------


def test_the_line_over_alpha_has_a_point_for_each_alpha_from_the_repeats_of_all_runs() -> None:
    picture = lines.option_lines(
        [
            make_results([0.2], [0.4], alpha=1.0, label="net"),
            make_results([0.5], alpha=0.25, label="net[alpha=0.25]"),
        ],
        "alpha",
    )
    (line,) = picture.lines
    assert line.label == "net:loss (n=1, 2)"
    assert line.x == [0.25, 1.0]
    assert line.mean == pytest.approx([50, 30])
    assert line.sd[1] == pytest.approx(20 / math.sqrt(2))


def test_arms_that_differ_in_more_than_alpha_get_separate_lines_that_name_the_difference() -> None:
    picture = lines.option_lines(
        [make_results([0.2], alpha=1.0), make_results([0.2], alpha=1.0, epochs=3)], "alpha"
    )
    assert [line.label for line in picture.lines] == [
        "net:loss, epochs=25 (n=1)",
        "net:loss, epochs=3 (n=1)",
    ]


def test_the_number_of_repeats_against_alpha_is_that_of_each_point() -> None:
    arms = [make_results([0.2], [0.4], alpha=alpha, label=str(alpha)) for alpha in (0.0, 1.0)]
    (line,) = lines.option_lines(arms, "alpha").lines
    assert line.label == "net:loss (n=2 per point)"
    assert line.counts == [2, 2]
    other = replace(arms[0], data="f00d")
    families = lines.option_lines([arms[0], other], "alpha").lines
    assert [line.label for line in families] == [
        "net:loss, data= (n=2)",
        "net:loss, data=f00d (n=2)",
    ]


def test_arms_without_alpha_are_refused() -> None:
    with pytest.raises(CmpnetError, match="None of these arms has the option alpha: net"):
        lines.arms_with_option([make_results([0.2])], "alpha")


# -- rows -----------------------------------------------------------------------------------------


def test_a_row_has_the_mean_the_sd_every_point_and_the_reported_value() -> None:
    known = replace(make_results([0.2], [0.4]), reported={"test_error": 0.126})
    picture = rows.rows([known, make_results()])
    first, empty = picture.rows
    assert first.mean == pytest.approx(30)
    assert first.sd == pytest.approx(20 / math.sqrt(2))
    assert first.points == [20, 40]
    assert first.reported == pytest.approx(12.6)
    assert (empty.points, empty.mean, empty.box, empty.reported) == ([], None, None, None)
    assert empty.note == "n=0"
    assert not picture.boxes
    assert rows.rows([known], boxes=True).boxes
    assert rows.rows([known], train=True).rows[0].points == [10, 20]


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 10, 33])
def test_a_box_equals_that_of_matplotlib(n: int) -> None:
    values = [*np.random.default_rng(n).normal(5, 1, n), 11.0]
    (theirs,) = cbook.boxplot_stats(values)
    keys = ("whislo", "q1", "med", "q3", "whishi")
    assert five_numbers(values) == pytest.approx([theirs[key] for key in keys])
    assert five_numbers([]) is None


# -- grids ----------------------------------------------------------------------------------------


def test_confusion_sums_the_repeats_and_gives_percentages_of_each_true_class() -> None:
    arm = make_results([0.2], [0.2])
    details = {
        "confusion": [[3, 1], [0, 0]],
        "pairs": [[2, 0], [4, 1]],
        "wrong_pairs": [[1, 0], [1, 1]],
    }
    arm = with_repeats(arm, *(replace(r, details=details) for r in arm.ok()))
    digits, errors = grids.confusion(arm)
    assert digits.cells == [[75, 25], [None, None]]
    assert errors.cells == [[50, None], [25, 100]]
    assert "n=2" in digits.title


def test_all_matrices_of_a_picture_have_one_scale() -> None:
    arms = []
    for label, wrong in (("a", [[1, 3], [0, 4]]), ("b", [[4, 0], [1, 4]])):
        arm = make_results([0.2], label=label)
        arms.append(with_repeats(arm, replace(arm.ok()[0], details={"confusion": wrong})))
    first, second = Plot.of(arms, "confusion").pictures
    assert isinstance(first, Grid)
    assert isinstance(second, Grid)
    assert first.top == second.top == 100
    assert (first.arm, second.arm) == ("a", "b")


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["cat", "dog"], ("cat", "dog")),
        (["cat", "d\x1b[2Jog"], ("cat", "d[2Jog")),
        (["cat"], ()),
        ("cd", ("c", "d")),
    ],
)
def test_the_matrix_of_a_task_with_named_classes_has_their_names(
    names: list[str], shown: tuple[str, ...]
) -> None:
    arm = make_results([0.2])
    details = {"confusion": [[3, 1], [0, 4]], "classes": names}
    (grid,) = grids.confusion(with_repeats(arm, replace(arm.ok()[0], details=details)))
    assert grid.names == shown
    assert grid.row_label == ("true class" if shown else "true digit")


def test_an_arm_without_counts_by_class_has_no_confusion_matrix() -> None:
    with pytest.raises(CmpnetError, match="no counts by class"):
        grids.confusion(make_results([0.2]))


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


def test_the_map_has_the_misclassified_points_of_every_repeat_and_the_learnt_region() -> None:
    arm = make_results([0.2], [0.4])
    first, second = arm.ok()
    arm = with_repeats(arm, replace(first, mistakes=[3]), replace(second, mistakes=[3, 4]))
    task = plane_task(POINTS, target=np.array([0, 0, 1, 1, 0]))
    picture = samples.plane(replace(arm, task=task))
    assert picture.points.tolist() == [[0.45, 0.5], [0.45, 0.5], [0.2, 0.8]]
    assert picture.outline is not None
    assert picture.outline.shape == (3, 2)
    # The verdict on (0.5, 0.5) is always "inside", that on (0.45, 0.5) never.
    assert picture.region[4, 4] == 1
    assert picture.region[4, 3] == 0
    assert picture.region[6, 1] == 0.5
    assert "3 of 10 test points" in picture.title


def test_a_cell_without_points_takes_the_share_of_the_nearest_cell() -> None:
    region = samples.learnt_region(np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([True, False]))
    assert region.shape == (8, 8)
    assert region[0, 1] == region[2, 1] == 1
    assert region[7, 6] == region[5, 6] == 0


def test_pairs_are_sorted_by_confidence_and_have_the_verdict_and_the_digits_as_captions() -> None:
    x = np.zeros((3, 2, 4, 4))
    x[1, 0, 0, 0], x[2] = 2.0, -2.0
    details = {"confidence": [0.6, 0.9], "predicted": [[3, 1], [8, 8]]}
    arm = make_results([0.2])
    arm = with_repeats(arm, replace(arm.ok()[0], mistakes=[1, 2], details=details))
    task = plane_task(x, target=np.array([1, 1, 0]), classes=np.array([[0, 0], [3, 4], [8, 2]]))
    arm = replace(arm, task=task)
    picture = samples.pairs(arm)
    assert [pair.caption for pair in picture.pairs] == [
        ("8 > 2, says ≤ (90 %)", "read as 8 and 8"),
        ("3 ≤ 4, says > (60 %)", "read as 3 and 1"),
    ]
    assert picture.pairs[0].images.max() == 0
    assert picture.pairs[1].images[0, 0, 0] == 1
    assert "2 misclassified pairs" in picture.title
    assert len(samples.pairs(arm, limit=1).pairs) == 1


def test_samples_of_another_shape_have_no_such_picture() -> None:
    target = np.zeros(5, dtype=int)
    points = replace(make_results([0.2]), task=plane_task(POINTS, target=target))
    images = replace(points, task=plane_task(np.zeros((5, 2, 4, 4)), target=target))
    with pytest.raises(CmpnetError, match="not pairs of images"):
        samples.pairs(points)
    with pytest.raises(CmpnetError, match="not points of a plane"):
        samples.plane(images)
    with pytest.raises(CmpnetError, match="no successful repeat"):
        samples.plane(replace(points, repeats={0: diverged(0)}))


@pytest.mark.parametrize("make", [samples.plane, samples.pairs])
def test_pictures_of_samples_need_the_task_of_the_arm(make: Callable[[ArmResults], Any]) -> None:
    with pytest.raises(CmpnetError, match="its task's plugin is not installed"):
        make(make_results([0.2]))
