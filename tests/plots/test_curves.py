"""Curves in the terminal: tests read the characters on the canvas."""

from __future__ import annotations

import re

import pytest

from cmpnet.plots import Screen
from cmpnet.plots.canvas import nice_ticks
from cmpnet.plots.pictures import Line, Lines
from cmpnet.plots.terminal_backend import draw
from tests.plots.makers import LONG, SCREEN, inside, make_lines


def test_a_falling_curve_starts_high_and_ends_low() -> None:
    rows = inside(draw(make_lines([50, 30, 20, 10, 5]), SCREEN))
    first = next(i for i, row in enumerate(rows) if row[:2].strip())
    last = next(i for i, row in enumerate(rows) if row[-2:].strip())
    assert first < 2
    assert last > len(rows) - 4


def test_every_point_is_at_its_coordinates() -> None:
    text = draw(make_lines([0, 50, 100]), Screen(80, 24, unicode=False))
    rows = [line.split("|", 1)[1][:-1] for line in text.splitlines() if "|" in line]
    middle = (len(rows[0]) - 1) // 2
    at = next(i for i, row in enumerate(rows) if row[middle] == "*")
    # 50 of 105 (the top is 5 % above the highest value), counted from below.
    assert (len(rows) - 1 - at) / (len(rows) - 1) == pytest.approx(50 / 105, abs=1 / len(rows))
    assert rows[-1][0] == "*"


@pytest.mark.parametrize("unicode", [True, False])
def test_the_band_covers_every_cell_between_mean_minus_sd_and_mean_plus_sd(unicode: bool) -> None:
    screen, dot = Screen(80, 24, unicode=unicode), "·" if unicode else "."
    assert dot not in draw(make_lines([50, 40, 30]), screen)
    text = draw(make_lines([50, 40, 30], spread=10), screen)
    rows = [re.split("[│┤|]", line, maxsplit=1)[1][:-1] for line in text.splitlines()[4:-3]]
    columns = ["".join(column) for column in zip(*rows, strict=True)]
    cell = 63 / (
        len(rows) - 1
    )  # % per row: the highest value is 60, and the axis ends 5 % above it
    for number, column in enumerate(columns):
        mean = 50 - 20 * number / (len(columns) - 1)
        drawn = [len(rows) - 1 - at for at, letter in enumerate(column) if letter != " "]
        assert drawn == list(range(drawn[-1], drawn[0] + 1))[::-1]  # without a gap
        assert drawn[0] * cell == pytest.approx(mean + 10, abs=cell)
        assert drawn[-1] * cell == pytest.approx(mean - 10, abs=cell)
        assert dot in column
    assert f"{dot} {'±' if unicode else '+-'} SD" in text


def test_bands_of_many_lines_are_left_out_and_the_legend_says_so() -> None:
    text = draw(make_lines(*[[50, 40]] * 6, spread=5), SCREEN)
    assert "· " not in text
    assert "± SD not drawn" in text


def test_epoch_ticks_are_whole_numbers() -> None:
    assert ".5" not in draw(make_lines([50, 40, 30]), SCREEN)


def test_ticks_are_at_the_values_of_alpha_and_a_single_epoch_is_in_the_middle() -> None:
    line = Line("net", [0.0, 0.25, 1.0], [5, 4, 3], [0, 0, 0])
    ticks = draw(Lines("t", "alpha", "y", [line]), SCREEN).splitlines()[-2]
    assert ticks.split() == ["0", "0.25", "1"]
    *_, frame, ticks, _ = draw(make_lines([30.0]), SCREEN).splitlines()
    assert ticks.split() == ["1"]
    assert ticks.index("1") / len(frame) == pytest.approx(0.5, abs=0.03)


def test_test_and_training_curves_of_an_arm_share_a_colour_and_no_marker() -> None:
    one = make_lines([50.0, 40], [30.0, 20], [45.0, 35], [25.0, 15])
    both = Lines(one.title, one.x_label, one.y_label, one.lines, per_arm=2)
    for picture, colours in ((one, 4), (both, 2)):
        text = draw(picture, Screen(80, 24, colour=True))
        assert len(set(re.findall(r"38;5;(\d+)", text))) == colours
        assert len(set(re.findall(r"38;5;(\d+)m\S\x1b\[0m net", text))) == colours  # the legend
        plain = draw(picture, SCREEN)
        assert all(sample in plain for sample in ("▚ net0", "⢕ net1", "• net2", "× net3"))


def test_training_curves_are_dashed_and_test_curves_are_not() -> None:
    one = make_lines([50.0] * 9, [20.0] * 9)
    both = Lines(one.title, one.x_label, one.y_label, one.lines, per_arm=2)
    text = draw(both, Screen(80, 24, unicode=False))
    assert re.search(r"\|\*{70}", text)
    assert re.search(r"\|oooo   oooo   oooo", text)


def test_the_values_of_an_option_are_marked_on_their_line() -> None:
    line = Line("net", [0.0, 0.5, 1.0], [5, 4, 3], [0, 0, 0], [2, 3, 2])
    text = draw(Lines("t", "alpha", "y", [line], marked=True), SCREEN)
    assert "• net" in text
    assert sum(row.count("•") for row in inside(text)) == 3


def test_the_curves_keep_half_of_the_height_below_a_long_legend() -> None:
    text = draw(make_lines(*[[50.0, 40.0]] * 50, label=LONG), SCREEN)
    assert len(inside(text)) == 12


def test_50_lines_have_50_different_markers() -> None:
    for screen in (SCREEN, Screen(80, 24, unicode=False)):
        text = draw(make_lines(*[[50.0 - n, 40.0] for n in range(50)]), screen)
        samples = [re.search(rf"(\S) net{n} ", text) for n in range(50)]
        assert len({sample[1] for sample in samples if sample}) == 50


def test_ticks_are_round_numbers() -> None:
    assert nice_ticks(1, 25, 5) == [5, 10, 15, 20, 25]
    assert nice_ticks(0, 0.04, 4) == [0, 0.01, 0.02, 0.03, 0.04]
