"""Terminal pictures at every size: nothing too wide, nothing silently gone."""

from __future__ import annotations

import re
from itertools import product

import pytest

from cmpnet.plots import Screen, draw
from cmpnet.plots.pictures import Lines, Picture, Row, Rows
from tests.plots.makers import EVERYTHING, GRID, LONG, make_lines, make_pairs, make_plane, make_rows

WIDTHS = (20, 23, 29, 40, 66, 80, 120, 200)
HEIGHTS = (8, 12, 24, 60)


def sweep(picture: Picture, *, boxes: bool = False) -> list[tuple[Screen, str]]:
    """The picture as letters at every size, with every kind of screen at some of them."""
    drawn = []
    for number, (width, height) in enumerate((w, h) for w in WIDTHS for h in HEIGHTS):
        on = Screen(width, height, colour=number % 3 == 0, unicode=number % 4 != 1)
        text = draw(picture, on, boxes=boxes)
        assert ("\x1b" in text) <= on.colour
        assert on.unicode or text.isascii()
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert max(map(len, plain.splitlines())) <= width, plain
        assert on.words(picture.title).replace(" ", "") in re.sub(r"\s", "", plain)
        drawn.append((on, plain))
    return drawn


@pytest.mark.parametrize("count", [1, 2, 5, 10, 50])
@pytest.mark.parametrize("label", ["n", LONG])
def test_every_curve_has_its_place_in_the_legend_shortened_or_whole(count: int, label: str) -> None:
    made = make_lines(*[[50.0 - n, 20.0, 3.0] for n in range(count)], label=label, spread=2.0)
    for on, text in sweep(Lines(made.title, made.x_label, made.y_label, made.lines)):
        legend = text[: text.index("test error / %"[: on.width])]
        assert legend.count("(n=2)") == count
        ends = {match[1] for match in re.finditer(r"(\d+) \(n=2\)", legend)}
        assert ends == {str(n) for n in range(count)}
        assert "SD" in legend


@pytest.mark.parametrize("boxes", [False, True])
@pytest.mark.parametrize("count", [1, 2, 5, 10, 50])
@pytest.mark.parametrize("label", ["n", LONG])
def test_every_arm_of_bars_and_boxes_has_its_name_and_its_value(
    count: int, label: str, boxes: bool
) -> None:
    made = make_rows(*[[10.0 + n, 12.0 + n] for n in range(count)], label=label, reported=20.0)
    lost = Row("diverged-arm", [], None, None, None, None, "n=0, 3 diverged")
    for on, text in sweep(Rows(made.title, made.x_label, [*made.rows, lost]), boxes=boxes):
        flat = re.sub(r"\s", "", text)
        for number in range(count):
            assert f"{label}{number}" in flat
            assert on.words(f"{11 + number}.00±1.41") in flat
        assert "diverged-arm" in flat
        assert "3diverged" in flat
        assert "arepeat" in flat
        assert "reported" in flat


@pytest.mark.parametrize("picture", [make_plane(), make_plane(0)], ids=["points", "no-points"])
def test_the_square_explains_its_letters_at_every_size(picture: Picture) -> None:
    for _, text in sweep(picture):
        for said in ("misclassified", "learnt as inside", "true border", "both"):
            assert said in text


def test_matrices_and_pairs_say_what_they_are_at_every_size() -> None:
    for _, text in sweep(GRID):
        assert "rows: true digit, columns: predicted digit" in " ".join(text.split())
    for on, text in sweep(make_pairs(30)):
        assert on.words("5 > 4, says ≤ (92 %)") in " ".join(text.split())
        assert "read as 3 and 9" in " ".join(text.split())
        assert text.count("read") == 30 or "of them" in text


@pytest.mark.parametrize(
    ("number", "size", "unicode", "colour"),
    [
        *product(
            range(len(EVERYTHING)), [(20, 8), (80, 24), (300, 90)], [True, False], [True, False]
        )
    ],
)
def test_nothing_is_wider_than_the_screen_and_every_title_is_whole(
    number: int, size: tuple[int, int], unicode: bool, colour: bool
) -> None:
    picture = EVERYTHING[number]
    for boxes in (False, True):
        text = draw(picture, Screen(*size, colour=colour, unicode=unicode), boxes=boxes)
        assert colour or "\x1b" not in text
        assert unicode or text.isascii()
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert all(len(line) <= size[0] for line in plain.splitlines()), plain
        assert picture.title.replace(" ", "") in re.sub(r"\s", "", plain)
