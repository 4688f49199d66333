"""Differences, the Pareto front and the history: their numbers, and what a terminal shows."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from cmpnet import ArmResults, CmpnetError, Metric, Results
from cmpnet.plots import Plot, Screen
from cmpnet.plots.pictures import Differences, Marks
from cmpnet.plots.terminal_backend import draw
from tests.helpers import arm_results, results_of
from tests.plots.makers import SCREEN, inside, make_differences, make_marks

RESULTS = results_of(
    [
        arm_results("ws", [100, 120, 110, 130]),
        arm_results("ours", [80, 95, 85, 100]),
        arm_results("lost", [None]),
    ]
)


def records(plot: Plot) -> list[dict[str, str]]:
    """What the CSV file of a plot says, read by the standard library."""
    return list(csv.DictReader(io.StringIO(plot.to_bytes("csv").decode())))


def test_a_difference_has_the_value_of_each_seed_and_the_interval_that_decides() -> None:
    plot = RESULTS.plot("difference")
    (picture,) = plot.pictures
    assert isinstance(picture, Differences)
    (row,) = picture.rows
    assert picture.title == "Test error minus that of ws, paired by seed"
    assert row.points == pytest.approx([-2, -2.5, -2.5, -3])
    assert row.mean == pytest.approx(-2.5)
    (comparison, *_) = RESULTS.compare()
    assert row.interval == pytest.approx(
        [100 * end for end in comparison.comparison.interval or ()]
    )
    assert (row.verdict, row.note) == ("lower", "n=4")
    assert plot.left_out == ["lost: no repeat of 'lost' counts."]


def test_margins_are_drawn_if_given() -> None:
    for margin, drawn in ((None, None), (0.02, pytest.approx(2.0))):
        (picture,) = replace(RESULTS, margin=margin).plot("difference").pictures
        assert isinstance(picture, Differences)
        assert [row.margin for row in picture.rows] == [drawn]


def test_the_side_that_is_better_is_that_of_the_metric() -> None:
    def judged(better: Any) -> Results:
        auc = Metric(name="auc", summary="", fn=float, better=better, limits=(0.0, 1.0))
        arms = []
        for label, values in (("ws", [0.5, 0.6, 0.7]), ("ours", [0.8, 0.9, 0.95])):
            arm = arm_results(label, [1, 2, 3])
            repeats = {
                n: replace(arm.repeats[n], metrics={"auc": {"test": v}})
                for n, v in enumerate(values)
            }
            parameters = replace(arm.judged_by("auc"), repeats=repeats, metrics={"auc": auc})
            arms.append(parameters)
        return results_of(arms)

    assert "better if > 0" in str(judged("higher").plot("difference"))
    assert "better if < 0" in str(judged("lower").plot("difference"))
    for better, joined in (("higher", [False, True]), ("lower", [True, False])):
        (picture,) = judged(better).plot("pareto").pictures
        assert isinstance(picture, Marks)
        assert [mark.joined for mark in picture.marks] == joined
        assert picture.y_label == "test auc"


def test_without_another_arm_there_is_no_difference() -> None:
    with pytest.raises(CmpnetError, match="there is no other arm to compare it with"):
        results_of([arm_results("ws", [1, 2])]).plot("difference")
    with pytest.raises(CmpnetError, match="pairs is 50, not 1000"):
        results_of([arm_results("ws", [1]), arm_results("b", [1], pairs=50)]).plot("difference")


def test_every_seed_the_mean_and_the_interval_are_at_their_places() -> None:
    text = draw(make_differences(), Screen(100, 24))
    interval, points, _ = inside(text)
    width = len(points)

    def column(value: float) -> float:  # the axis goes from -4.5 to 0.5, with 4 % more on each side
        return (value + 4.7) / 5.4 * (width - 1)

    assert [n for n, c in enumerate(points) if c == "•"] == pytest.approx(
        [column(-3), column(-2), column(-1)], abs=1
    )
    assert interval.index("◆") == pytest.approx(column(-2), abs=1)
    assert interval.rindex("┤") == pytest.approx(column(0.5), abs=1)
    assert points.index("│") == pytest.approx(column(0), abs=1)
    assert "-2.00 [-4.50, +0.50]" in text
    assert "undecided (n=3)" in text


def test_rows_of_differences_are_reduced_to_fit_the_screen() -> None:
    for rows in (5, 6, 9, 15):
        assert len(draw(make_differences(rows, margin=1.0), SCREEN).splitlines()) <= 24
    assert "░ counts as no difference" in draw(make_differences(margin=1.0), SCREEN)


# -- the Pareto front -----------------------------------------------------------------------------


def sized(label: str, errors: int, parameters: int, seconds: float = 1.0) -> ArmResults:
    arm = arm_results(label, [errors, errors + 10, errors + 20])
    repeats = {
        seed: replace(repeat, parameters=parameters, seconds=seconds)
        for seed, repeat in arm.repeats.items()
    }
    return replace(arm, repeats=repeats)


SIZED = [sized("small", 90, 100, 9.0), sized("worse", 95, 5000, 1.0), sized("large", 20, 9000, 2.0)]


def test_the_front_joins_the_arms_that_no_other_beats_in_error_and_cost() -> None:
    plot = Plot.of(SIZED, "pareto")
    (picture,) = plot.pictures
    assert isinstance(picture, Marks)
    assert picture.path == ([100, 9000], [10.0, 3.0])
    assert [mark.joined for mark in picture.marks] == [True, False, True]
    low, high = picture.marks[0].interval or (0.0, 0.0)
    assert low < 10 < high
    assert plot.note == ""


def test_wall_clock_times_come_with_a_note_and_cpu_times_are_preferred() -> None:
    plot = Plot.of(SIZED, "pareto", against="seconds")
    (picture,) = plot.pictures
    assert isinstance(picture, Marks)
    assert picture.path == ([1, 2], [10.5, 3])
    assert "wall-clock" in plot.note
    timed = [replace(arm, times=(3.0, 4.0, 8.0)) for arm in SIZED]
    plot = Plot.of(timed, "pareto", against="seconds")
    (picture,) = plot.pictures
    assert isinstance(picture, Marks)
    assert {mark.x for mark in picture.marks} == {4}
    assert "CPU seconds" in picture.x_label
    assert plot.note == ""


def test_an_arm_without_a_value_has_no_place_and_the_reason_is_given() -> None:
    plot = Plot.of([*SIZED, arm_results("lost", [None])], "pareto")
    assert plot.left_out == ["lost: no repeat has a value (n=0, 1 diverged)."]
    with pytest.raises(CmpnetError, match="it must be 'parameters' or 'seconds'"):
        Plot.of(SIZED, "pareto", against="size")  # type: ignore[arg-type]


def test_marks_at_one_place_do_not_hide_each_other() -> None:
    text = draw(make_marks(), SCREEN)
    shown = "".join(inside(text))
    assert all(shown.count(letter) == 1 for letter in "ABC")
    assert "A net0 (n=2)   B net1 (n=2)   C net2 (n=2)" in text


# -- history --------------------------------------------------------------------------------------


def test_a_history_has_the_versions_of_an_arm_in_order_with_what_differs() -> None:
    versions = [
        arm_results(
            "ws", counts, code={"cmpnet": code, "torch": "2"}, since=f"2026-01-0{day}T10:00"
        )
        for day, (code, counts) in enumerate((("0.1+aa", [90, 100]), ("0.1+bb", [50, 60])), 1)
    ]
    plot = Plot.of([*versions, arm_results("other", [1])], "history")
    (picture,) = plot.pictures
    assert isinstance(picture, Marks)
    assert [(mark.label, mark.x, mark.y) for mark in picture.marks] == [
        ("2026-01-01 10:00 cmpnet 0.1+aa (n=2)", 1, 9.5),
        ("2026-01-02 10:00 cmpnet 0.1+bb (n=2)", 2, 5.5),
    ]
    assert picture.marks[0].points == pytest.approx([9, 10])
    assert "'other' has no picture 'history'" in plot.left_out[0]
    with pytest.raises(CmpnetError, match=r"no successful repeat \(n=0, 1 diverged\)"):
        Plot.of([arm_results("lost", [None])], "history")
    assert sum(row.count("◆") for row in inside(str(plot))[1:]) == 2
    assert [r["value"] for r in records(plot) if r["what"] == "seed"] == [
        "9.0",
        "10.0",
        "5.0",
        "6.0",
    ]


# -- numbers --------------------------------------------------------------------------------------


def test_the_numbers_of_a_picture_are_in_its_csv() -> None:
    rows = records(RESULTS.plot("difference"))
    assert [(r["what"], r["seed"]) for r in rows[:5]] == [
        *(("seed", str(seed)) for seed in range(4)),
        ("mean", ""),
    ]
    assert float(rows[4]["value"]) == pytest.approx(-2.5)
    assert {(r["arm"], r["verdict"]) for r in rows} == {("ours", "lower")}
    compared = records(RESULTS.plot("compare"))
    means = {r["arm"]: float(r["value"]) for r in compared if r["what"] == "mean"}
    assert means == pytest.approx({"ws": 11.5, "ours": 9.0})


def test_own_names_of_arms_are_shown_and_must_be_unique_and_printable() -> None:
    titled = RESULTS.titled({"ours": "our network"})
    assert "our network" in str(titled.plot("difference"))
    assert "ours" not in str(titled.plot("compare"))
    for titles, message in (
        ({"ours": "ws"}, "another arm is called so"),
        ({"ours": "a\x1b[2J"}, "printable name"),
        ({"our": "x"}, "There is no arm 'our'"),
    ):
        with pytest.raises(CmpnetError, match=message):
            RESULTS.titled(titles)
