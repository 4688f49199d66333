"""Terminal pictures at every size: no line is too wide, and nothing is left out silently."""

from __future__ import annotations

import re
from itertools import product

import pytest

from cmpnet.plots import Screen
from cmpnet.plots.pictures import Picture, Row, Rows
from cmpnet.plots.terminal_backend import draw
from tests.plots.makers import EVERYTHING, GRID, LONG, make_lines, make_pairs, make_plane, make_rows

WIDTHS = (20, 23, 29, 40, 66, 80, 120, 200)
HEIGHTS = (8, 12, 24, 60)


def draw_at_every_size(picture: Picture) -> list[tuple[Screen, str]]:
    """The picture as plain text at every size, with and without colour and Unicode."""
    drawn = []
    for number, (width, height) in enumerate((w, h) for w in WIDTHS for h in HEIGHTS):
        screen = Screen(width, height, colour=number % 3 == 0, unicode=number % 4 != 1)
        text = draw(picture, screen)
        assert ("\x1b" in text) <= screen.colour
        assert screen.unicode or text.isascii()
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert max(map(len, plain.splitlines())) <= width, plain
        assert screen.spell_out(picture.title).replace(" ", "") in re.sub(r"\s", "", plain)
        drawn.append((screen, plain))
    return drawn


@pytest.mark.parametrize("count", [1, 2, 5, 10, 50])
@pytest.mark.parametrize("label", ["n", LONG])
def test_every_curve_is_in_the_legend_in_full_or_shortened(count: int, label: str) -> None:
    made = make_lines(*[[50.0 - n, 20.0, 3.0] for n in range(count)], label=label, spread=2.0)
    for screen, text in draw_at_every_size(made):
        legend = text[: text.index("test error / %"[: screen.width])]
        assert legend.count("(n=2)") == count
        ends = {match[1] for match in re.finditer(r"(\d+) \(n=2\)", legend)}
        assert ends == {str(n) for n in range(count)}
        assert "SD" in legend


@pytest.mark.parametrize("boxes", [False, True])
@pytest.mark.parametrize("count", [1, 2, 5, 10, 50])
@pytest.mark.parametrize("label", ["n", LONG])
def test_every_arm_of_bars_and_boxes_has_its_label_and_its_mean(
    count: int, label: str, boxes: bool
) -> None:
    made = make_rows(*[[10.0 + n, 12.0 + n] for n in range(count)], label=label, reported=20.0)
    lost = Row("diverged-arm", [], "n=0, 3 diverged")
    picture = Rows(made.title, made.x_label, [*made.rows, lost], boxes)
    for screen, text in draw_at_every_size(picture):
        flat = re.sub(r"\s", "", text)
        for number in range(count):
            assert f"{label}{number}" in flat
            assert screen.spell_out(f"{11 + number}.00±1.41") in flat
        assert "diverged-arm" in flat
        assert "3diverged" in flat
        assert "repeat" in flat
        assert "reported" in flat


@pytest.mark.parametrize("picture", [make_plane(), make_plane(0)], ids=["points", "no-points"])
def test_the_square_has_its_whole_legend_at_every_size(picture: Picture) -> None:
    for _, text in draw_at_every_size(picture):
        for entry in ("misclassified", "predicted inside", "true border", "both"):
            assert entry in text


def test_matrices_have_their_axis_labels_and_pairs_their_captions_at_every_size() -> None:
    for _, text in draw_at_every_size(GRID):
        assert "rows: true digit, columns: predicted digit" in " ".join(text.split())
    for screen, text in draw_at_every_size(make_pairs(30)):
        assert screen.spell_out("5 > 4, says ≤ (92 %)") in " ".join(text.split())
        assert "read as 3 and 9" in " ".join(text.split())
        assert text.count("read") == 30 or "shown; --height" in " ".join(text.split())


@pytest.mark.parametrize(
    ("number", "size", "unicode", "colour"),
    [
        *product(
            range(len(EVERYTHING)), [(20, 8), (80, 24), (300, 90)], [True, False], [True, False]
        )
    ],
)
def test_no_line_is_wider_than_the_screen_and_every_title_is_complete(
    number: int, size: tuple[int, int], unicode: bool, colour: bool
) -> None:
    picture = EVERYTHING[number]
    text = draw(picture, Screen(*size, colour=colour, unicode=unicode))
    assert colour or "\x1b" not in text
    assert unicode or text.isascii()
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert all(len(line) <= size[0] for line in plain.splitlines()), plain
    assert picture.title.replace(" ", "") in re.sub(r"\s", "", plain)
