"""Bars and box plots in the terminal: tests read the characters on the canvas."""

from __future__ import annotations

import re

import pytest

from cmpnet.plots import Screen
from cmpnet.plots.pictures import Row, Rows
from cmpnet.plots.terminal_backend import draw
from tests.plots.makers import LONG, SCREEN, inside, make_rows


@pytest.mark.parametrize("height", [24, 11, 9])
def test_bars_are_as_long_as_the_means(height: int) -> None:
    text = draw(make_rows([10.0, 10.0], [20.0, 20.0], [40.0, 40.0]), Screen(100, height))
    bars = [n for row in inside(text) if (n := row.count("█") + row.count("░"))]
    if height == 9:  # one line per arm: its points cover the end of the bar
        bars = [n + 1 for n in bars]
    assert bars[1] / bars[0] == pytest.approx(2, rel=0.1)
    assert bars[2] / bars[0] == pytest.approx(4, rel=0.1)


def test_every_repeat_is_a_point_and_the_reported_value_is_marked() -> None:
    text = draw(make_rows([10.0, 20.0, 30.0], [5.0, 25.0], reported=12.0), SCREEN)
    assert sum(row.count("•") for row in inside(text)) == 5
    assert sum(row.count("◆") for row in inside(text)) == 2
    assert "◆ reported" in text
    assert "20.00 ± 10.00  (n=3)" in text


@pytest.mark.parametrize(
    ("height", "each"),
    [(24, 4), (16, 3), (13, 2), (10, 1)],
)
def test_the_sd_is_drawn_where_an_arm_has_more_than_one_line(height: int, each: int) -> None:
    text = draw(make_rows([10.0, 30.0], [20.0, 22.0], [5.0, 15.0]), Screen(100, height))
    rows = inside(text)
    assert len(rows) == 3 * each - (each == 4)
    assert len(text.splitlines()) <= height
    assert ("├┤ ± SD" in text) == (each > 1)
    top = 30 + 4.1421  # 20 + its SD is the highest value; the axis ends 2 % above it
    end = 1.02 * top
    for row in (rows[each * n + 1] for n in range(3) if each > 2):
        assert row.count("├") == row.count("┤") == 1
    if each > 2:
        low, high = rows[1].index("├"), rows[1].index("┤")
        assert low / (len(rows[1]) - 1) * end == pytest.approx(20 - 14.142, abs=0.7)
        assert high / (len(rows[1]) - 1) * end == pytest.approx(20 + 14.142, abs=0.7)
        assert sum(row.count("•") for row in rows) == 6


def test_single_repeats_get_no_line_for_the_sd() -> None:
    text = draw(make_rows([10.0], [20.0]), SCREEN)
    assert "SD" not in text
    assert len(inside(text)) == 5
    assert [row.count("•") for row in inside(text)] == [0, 1, 0, 0, 1]


def test_an_arm_with_one_line_still_shows_its_mean_and_its_lost_repeats() -> None:
    made = make_rows(*[[10.0, 11.0]] * 10)
    lost = Row("lost", [10.0], "n=1, 1 diverged, 1 failed", mean=10.0)
    gone = Row("gone", [], "n=0, 3 diverged")
    text = draw(Rows(made.title, made.x_label, [*made.rows, lost, gone]), SCREEN)
    assert "net0  10.50 ± 0.71┤░" in text
    assert "lost  10.00  (n=1, 1 diverged, 1 failed)┤" in text
    assert "gone  3 diverged┤" in text
    assert len(text.splitlines()) <= 24


def test_the_sd_is_cut_off_at_0() -> None:
    text = draw(make_rows([0.0, 30.0]), SCREEN)
    row = next(row for row in inside(text) if "┤" in row)
    assert row.startswith("─")
    assert "├" not in row


def test_a_box_extends_from_quartile_to_quartile() -> None:
    text = draw(make_rows([0.0, 10.0, 20.0, 30.0, 40.0], boxes=True), Screen(100, 24))
    row = next(row for row in inside(text) if "┃" in row)
    left, right = row.index("▒"), row.rindex("▒")
    whisker = row.index("┤")
    assert left / whisker == pytest.approx(0.25, abs=0.03)
    assert right / whisker == pytest.approx(0.75, abs=0.03)
    assert row.index("┃") / whisker == pytest.approx(0.5, abs=0.03)


def test_an_arm_that_diverged_has_a_label_and_no_bar() -> None:
    text = draw(make_rows([10.0], []), SCREEN)
    assert "3 diverged" in text
    assert sum("█" in row for row in inside(text)) == 1
    alone = draw(make_rows([]), SCREEN)
    assert "net0: n=0, 3 diverged" in alone


def test_long_labels_are_moved_above_the_canvas_in_full() -> None:
    text = draw(make_rows([10.0], [20.0], label=LONG), SCREEN)
    flat = text.replace("\n", "")
    assert f"1: {LONG}0" in flat.replace("  ", " ")
    assert f"2: {LONG}1" in flat.replace("  ", " ")
    assert re.search(r"^ *2┤█", text, re.M)
