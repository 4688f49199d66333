"""Curves in the terminal, checked by what stands on the canvas."""

from __future__ import annotations

import re

import pytest

from cmpnet.plots import Screen, draw
from cmpnet.plots.canvas import nice_ticks
from cmpnet.plots.pictures import Line, Lines
from tests.plots.makers import LONG, WIDE, inside, make_lines


def test_the_curve_starts_high_and_ends_low() -> None:
    rows = inside(draw(make_lines([50, 30, 20, 10, 5]), WIDE))
    first = next(i for i, row in enumerate(rows) if row[:2].strip())
    last = next(i for i, row in enumerate(rows) if row[-2:].strip())
    assert first < 2
    assert last > len(rows) - 4


def test_every_point_is_where_its_numbers_say() -> None:
    text = draw(make_lines([0, 50, 100]), Screen(80, 24, unicode=False))
    rows = [line.split("|", 1)[1][:-1] for line in text.splitlines() if "|" in line]
    middle = (len(rows[0]) - 1) // 2
    at = next(i for i, row in enumerate(rows) if row[middle] == "*")
    # 50 of 105 (the top is 5 % above the highest value), counted from below.
    assert (len(rows) - 1 - at) / (len(rows) - 1) == pytest.approx(50 / 105, abs=1 / len(rows))
    assert rows[-1][0] == "*"


@pytest.mark.parametrize("unicode", [True, False])
def test_the_band_is_every_cell_between_mean_minus_and_plus_sd(unicode: bool) -> None:
    on, dot = Screen(80, 24, unicode=unicode), "·" if unicode else "."
    assert dot not in draw(make_lines([50, 40, 30]), on)
    text = draw(make_lines([50, 40, 30], spread=10), on)
    rows = [re.split("[│┤|]", line, maxsplit=1)[1][:-1] for line in text.splitlines()[4:-3]]
    columns = ["".join(column) for column in zip(*rows, strict=True)]
    cell = 63 / (len(rows) - 1)  # % a row: the highest value is 60, and 5 % above it the top
    for number, column in enumerate(columns):
        mean = 50 - 20 * number / (len(columns) - 1)
        drawn = [len(rows) - 1 - at for at, letter in enumerate(column) if letter != " "]
        assert drawn == list(range(drawn[-1], drawn[0] + 1))[::-1]  # without a gap
        assert drawn[0] * cell == pytest.approx(mean + 10, abs=cell)
        assert drawn[-1] * cell == pytest.approx(mean - 10, abs=cell)
        assert dot in column
    assert f"{dot} {'±' if unicode else '+-'} SD" in text


def test_bands_of_many_lines_are_left_out_and_that_is_said() -> None:
    text = draw(make_lines(*[[50, 40]] * 6, spread=5), WIDE)
    assert "· " not in text
    assert "± SD not drawn" in text


def test_epochs_are_never_halved_on_the_axis() -> None:
    assert ".5" not in draw(make_lines([50, 40, 30]), WIDE)


def test_the_values_of_alpha_are_on_its_axis_and_a_single_epoch_is_in_the_middle() -> None:
    line = Line("net", [0.0, 0.25, 1.0], [5, 4, 3], [5, 4, 3], [5, 4, 3])
    ticks = draw(Lines("t", "alpha", "y", [line]), WIDE).splitlines()[-2]
    assert ticks.split() == ["0", "0.25", "1"]
    *_, frame, ticks, _ = draw(make_lines([30.0]), WIDE).splitlines()
    assert ticks.split() == ["1"]
    assert ticks.index("1") / len(frame) == pytest.approx(0.5, abs=0.03)


def test_test_and_training_of_an_arm_share_a_colour_and_not_a_marker() -> None:
    one = make_lines([50.0, 40], [30.0, 20], [45.0, 35], [25.0, 15])
    both = Lines(one.title, one.x_label, one.y_label, one.lines, each=2)
    for picture, colours in ((one, 4), (both, 2)):
        text = draw(picture, Screen(80, 24, colour=True))
        assert len(set(re.findall(r"38;5;(\d+)", text))) == colours
        assert all(sample in text for sample in ("▚ net0", "⢕ net1", "• net2", "× net3"))


def test_a_long_legend_leaves_half_the_height_to_the_curves() -> None:
    text = draw(make_lines(*[[50.0, 40.0]] * 50, label=LONG), WIDE)
    assert len(inside(text)) == 12


def test_every_line_has_a_marker_of_its_own_without_colour() -> None:
    for on in (WIDE, Screen(80, 24, unicode=False)):
        text = draw(make_lines(*[[50.0 - n, 40.0] for n in range(50)]), on)
        samples = [re.search(rf"(\S) net{n} ", text) for n in range(50)]
        assert len({sample[1] for sample in samples if sample}) == 50


def test_ticks_are_round_numbers() -> None:
    assert nice_ticks(1, 25, 5) == [5, 10, 15, 20, 25]
    assert nice_ticks(0, 0.04, 4) == [0, 0.01, 0.02, 0.03, 0.04]
