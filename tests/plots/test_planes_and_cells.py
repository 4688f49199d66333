"""The unit square, matrices and images in the terminal: tests read the characters."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from cmpnet.plots import Screen
from cmpnet.plots.cells import Grid, Pair, Pairs, Plane
from cmpnet.plots.terminal_backend import draw
from tests.plots.makers import GRID, SCREEN, inside, make_pairs, make_plane


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 60), (30, 60), (20, 8)])
def test_the_unit_square_has_two_columns_per_line(width: int, height: int) -> None:
    text = draw(make_plane(), Screen(width, height))
    rows = inside(text)
    assert {len(row) for row in rows} == {2 * len(rows)}
    assert len(rows) > 10 or height == 8 or width == 30
    assert all(len(line) <= width for line in text.splitlines())


def test_the_misclassified_point_the_region_and_the_border_are_at_their_coordinates() -> None:
    rows = inside(draw(make_plane(), Screen(100, 46)))
    height, width = len(rows), len(rows[0])
    at = next((i, row.index("×")) for i, row in enumerate(rows) if "×" in row)
    assert at[0] / (height - 1) == pytest.approx(0.75, abs=0.03)
    assert at[1] / (width - 1) == pytest.approx(0.25, abs=0.03)
    assert not any("░" in row[: width // 2 - 1] for row in rows)
    assert all(row[-1] == "░" for row in rows)
    for i, row in enumerate(rows):
        for j in (j for j, letter in enumerate(row) if letter == "o"):
            radius = math.hypot(j / (width - 1) - 0.5, i / (height - 1) - 0.5)
            assert radius == pytest.approx(0.4, abs=0.03)


def test_a_misclassified_point_does_not_hide_the_border() -> None:
    plane = make_plane(0)
    assert plane.outline is not None
    covered = Plane(plane.title, plane.outline, plane.outline, plane.region)
    bare, full = ("".join(inside(draw(p, SCREEN))) for p in (plane, covered))
    assert bare.count("o") == full.count("*") > 40
    assert full.count("o") == full.count("×") == 0
    assert "* both" in draw(covered, SCREEN)


def test_the_border_is_one_colour_also_under_mistakes() -> None:
    plane = make_plane(0)
    assert plane.outline is not None
    half = Plane(plane.title, plane.outline[:180], plane.outline, plane.region)
    text = draw(half, Screen(80, 24, colour=True))
    colours: dict[str, set[str]] = {}
    for colour, marks in re.findall(r"38;5;(\d+)m([^\x1b]+)", text):
        for mark in marks:
            colours.setdefault(mark, set()).add(colour)
    assert colours["o"] == colours["*"]
    assert len(colours["o"]) == 1
    assert colours["×"] != colours["o"]


def test_a_matrix_has_its_numbers_in_their_cells() -> None:
    rows = [row.split() for row in inside(draw(GRID, SCREEN))]
    assert rows == [["0", "1", "2"], ["90", "<1", "-"], ["·", "100", "5"]]


def test_a_matrix_of_named_classes_has_their_names_beside_rows_and_columns() -> None:
    picture = Grid("t", "true", "predicted", [[90.0, 10.0], [0.0, 100.0]], ("cat", "a" * 30))
    rows = [row.replace("│", " ").split() for row in draw(picture, SCREEN).splitlines()[2:]]
    cut = "a" * 14
    assert [row for row in rows if row[0] in ("cat", cut)] == [
        ["cat", cut + "a"],
        ["cat", "90", "10"],
        [cut, "·", "100"],
    ]
    narrow = [row.split() for row in inside(draw(picture, Screen(20, 24)))]
    assert narrow == [["cat", "aaaaa"], ["90", "10"], ["·", "100"]]


def test_a_narrow_terminal_shows_a_matrix_in_shades() -> None:
    cells: list[list[float | None]] = [[float(10 * j + i) for j in range(10)] for i in range(10)]
    text = draw(Grid("t", "true", "predicted", cells, top=99), Screen(20, 24))
    assert inside(text)[1] == " .:-=+*#%@"


@pytest.mark.parametrize("top", [100.0, 13.0])
def test_the_largest_value_of_a_matrix_is_white_and_0_is_black(top: float) -> None:
    picture = Grid("t", "true", "predicted", [[top, top / 2], [0.0, None]], top=top)
    text = draw(picture, Screen(80, 24, colour=True))
    assert [int(back) - 232 for back in re.findall(r"48;5;(\d+)", text)] == [23, 12, 0, 0]
    wide = draw(Grid("t", "true", "predicted", [[top] + [0.0] * 9], top=top), Screen(20, 24))
    assert f"up to {top:.0f} %" in wide.replace("\n", " ")
    assert "@" in inside(wide)[1]


def test_less_or_equal_is_two_characters_in_ascii() -> None:
    text = draw(make_pairs(1), Screen(80, 24, unicode=False))
    assert "5 > 4, says <= (92 %)" in text


def test_a_character_shows_two_pixels() -> None:
    first, *_ = draw(make_pairs(1), SCREEN).splitlines()[1:]
    assert first == "▀" * 14 + " " + "▄" * 14
    ascii_first = draw(make_pairs(1), Screen(80, 24, unicode=False)).splitlines()[1]
    assert ascii_first == "+" * 14 + " " + "+" * 14


def test_as_many_pairs_as_fit_are_drawn_and_their_number_is_stated() -> None:
    text = draw(make_pairs(9), SCREEN)
    assert text.count("5 > 4, says ≤ (92 %)") == 4
    assert "4 shown; --height shows more" in text
    assert draw(make_pairs(9), Screen(120, 60)).count("read as 3 and 9") == 9
    narrow = draw(make_pairs(1), Screen(20, 24))
    assert "says ≤" in narrow
    assert "(92 %)" in narrow


def test_images_wider_than_the_screen_lose_columns() -> None:
    images = np.ones((2, 27, 61))
    for width in (20, 40, 60, 100):
        lines = draw(Pairs("t", [Pair(images, ("5 > 4", ""))]), Screen(width, 40)).splitlines()
        assert max(map(len, lines)) <= width
        assert ["█" in line for line in lines[1:15]] == [True] * 13 + [False]
        assert "▀" in lines[14]


def test_pairs_with_and_without_a_second_caption_are_drawn_side_by_side() -> None:
    images = np.zeros((2, 14, 14))
    pair, other = Pair(images, ("5 > 4", "")), Pair(images, ("3 > 1", "read as 1 and 3"))
    *_, captions, second = draw(Pairs("t", [pair, other]), SCREEN).splitlines()
    assert captions.split() == ["5", ">", "4", "3", ">", "1"]
    assert second.index("read") == captions.index("3 >")
