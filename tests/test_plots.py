"""Terminal pictures, checked by what stands on the canvas."""

from __future__ import annotations

import io
import math
import re
from itertools import product

import numpy as np
import pytest
from rich.console import Console

from cmpnet.output import report
from cmpnet.plots import Screen, draw, screen
from cmpnet.plots.canvas import nice_ticks, shorten
from cmpnet.plots.pictures import Grid, Line, Lines, Pair, Pairs, Picture, Plane, Row, Rows

WIDE = Screen(80, 24)
LONG = "ws-aux:" + "very-" * 14 + "long"


def make_lines(*ys: list[float], label: str = "net", spread: float = 0.0) -> Lines:
    lines = []
    for number, values in enumerate(ys):
        x = [float(e) for e in range(1, len(values) + 1)]
        low, high = [y - spread for y in values], [y + spread for y in values]
        lines.append(Line(f"{label}{number}", x, values, low, high, "n=2"))
    return Lines("Test error per epoch", "epoch", "test error / %", lines)


def make_rows(*points: list[float], label: str = "net", reported: float | None = None) -> Rows:
    rows = []
    for number, values in enumerate(points):
        mean = float(np.mean(values)) if values else None
        sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
        box = tuple(np.percentile(values, [0, 25, 50, 75, 100])) if values else None
        note = f"n={len(values)}" if values else "n=0, 3 diverged"
        rows.append(Row(f"{label}{number}", values, mean, sd, box, reported, note))
    return Rows("Test error after the last epoch", "test error / %", rows)


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


GRID = Grid("t", "true digit", "predicted digit", [[90.0, 0.2, None], [0.0, 100.0, 4.6]])


def inside(text: str) -> list[str]:
    """The rows inside a frame, without what stands left of it."""
    rows = [re.split("[│┤]", line, maxsplit=1)[1] for line in text.splitlines() if "│" in line]
    return [row.removesuffix("│") for row in rows]


# -- curves ---------------------------------------------------------------------------------------


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


# -- bars and boxes -------------------------------------------------------------------------------


@pytest.mark.parametrize("height", [24, 11, 9])
def test_bars_are_as_long_as_the_means(height: int) -> None:
    text = draw(make_rows([10.0, 10.0], [20.0, 20.0], [40.0, 40.0]), Screen(100, height))
    bars = [n for row in inside(text) if (n := row.count("█") + row.count("░"))]
    if height == 9:  # a single line an arm: its points lie on the bar's end
        bars = [n + 1 for n in bars]
    assert bars[1] / bars[0] == pytest.approx(2, rel=0.1)
    assert bars[2] / bars[0] == pytest.approx(4, rel=0.1)


def test_every_repeat_is_a_point_and_the_reported_value_is_marked() -> None:
    text = draw(make_rows([10.0, 20.0, 30.0], [5.0, 25.0], reported=12.0), WIDE)
    assert sum(row.count("•") for row in inside(text)) == 5
    assert sum(row.count("◆") for row in inside(text)) == 2
    assert "◆ reported" in text
    assert "20.00 ± 10.00  (n=3)" in text


@pytest.mark.parametrize(
    ("height", "each"),
    [(24, 4), (16, 3), (13, 2), (10, 1)],
)
def test_the_sd_is_seen_where_there_is_a_line_for_it(height: int, each: int) -> None:
    text = draw(make_rows([10.0, 30.0], [20.0, 22.0], [5.0, 15.0]), Screen(100, height))
    rows = inside(text)
    assert len(rows) == 3 * each - (each == 4)
    assert len(text.splitlines()) <= height
    assert ("├┤ ± SD" in text) == (each > 1)
    top = 30 + 4.1421  # 20 + its SD is the highest there is, and 2 % above it the end of the axis
    end = 1.02 * top
    for row in (rows[each * n + 1] for n in range(3) if each > 2):
        assert row.count("├") == row.count("┤") == 1
    if each > 2:
        low, high = rows[1].index("├"), rows[1].index("┤")
        assert low / (len(rows[1]) - 1) * end == pytest.approx(20 - 14.142, abs=0.7)
        assert high / (len(rows[1]) - 1) * end == pytest.approx(20 + 14.142, abs=0.7)
        assert sum(row.count("•") for row in rows) == 6


def test_one_repeat_takes_no_line_for_an_sd() -> None:
    text = draw(make_rows([10.0], [20.0]), WIDE)
    assert "SD" not in text
    assert len(inside(text)) == 5
    assert [row.count("•") for row in inside(text)] == [0, 1, 0, 0, 1]


def test_a_line_an_arm_still_says_its_value_and_what_was_lost() -> None:
    made = make_rows(*[[10.0, 11.0]] * 10)
    lost = Row("lost", [10.0], 10.0, None, None, None, "n=1, 1 diverged, 1 failed")
    gone = Row("gone", [], None, None, None, None, "n=0, 3 diverged")
    text = draw(Rows(made.title, made.x_label, [*made.rows, lost, gone]), WIDE)
    assert "net0  10.50 ± 0.71┤░" in text
    assert "lost  10.00  (n=1, 1 diverged, 1 failed)┤" in text
    assert "gone  3 diverged┤" in text
    assert len(text.splitlines()) <= 24


def test_the_sd_is_cut_at_0_without_an_end() -> None:
    text = draw(make_rows([0.0, 30.0]), WIDE)
    row = next(row for row in inside(text) if "┤" in row)
    assert row.startswith("─")
    assert "├" not in row


def test_a_box_lies_between_its_quartiles() -> None:
    text = draw(make_rows([0.0, 10.0, 20.0, 30.0, 40.0]), Screen(100, 24), boxes=True)
    row = next(row for row in inside(text) if "┃" in row)
    left, right = row.index("▒"), row.rindex("▒")
    whisker = row.index("┤")
    assert left / whisker == pytest.approx(0.25, abs=0.03)
    assert right / whisker == pytest.approx(0.75, abs=0.03)
    assert row.index("┃") / whisker == pytest.approx(0.5, abs=0.03)


def test_an_arm_that_diverged_is_there_and_has_no_bar() -> None:
    text = draw(make_rows([10.0], []), WIDE)
    assert "3 diverged" in text
    assert sum("█" in row for row in inside(text)) == 1
    alone = draw(make_rows([]), WIDE)
    assert "net0: n=0, 3 diverged" in alone


def test_long_names_are_moved_above_the_canvas_in_full() -> None:
    text = draw(make_rows([10.0], [20.0], label=LONG), WIDE)
    flat = text.replace("\n", "")
    assert f"1: {LONG}0" in flat.replace("  ", " ")
    assert f"2: {LONG}1" in flat.replace("  ", " ")
    assert re.search(r"^ *2┤█", text, re.M)


# -- the square -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(80, 24), (200, 60), (30, 60), (20, 8)])
def test_the_square_is_a_square(width: int, height: int) -> None:
    text = draw(make_plane(), Screen(width, height))
    rows = inside(text)
    assert {len(row) for row in rows} == {2 * len(rows)}
    assert len(rows) > 10 or height == 8 or width == 30
    assert all(len(line) <= width for line in text.splitlines())


def test_the_misclassified_point_the_region_and_the_border_are_in_their_places() -> None:
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
    bare, full = ("".join(inside(draw(p, WIDE))) for p in (plane, covered))
    assert bare.count("o") == full.count("*") > 40
    assert full.count("o") == full.count("×") == 0
    assert "* both" in draw(covered, WIDE)


# -- cells ----------------------------------------------------------------------------------------


def test_a_matrix_has_its_numbers_in_their_cells() -> None:
    rows = [row.split() for row in inside(draw(GRID, WIDE))]
    assert rows == [["0", "1", "2"], ["90", "<1", "-"], ["·", "100", "5"]]


def test_a_matrix_in_a_narrow_terminal_is_of_shades() -> None:
    cells: list[list[float | None]] = [[float(10 * j + i) for j in range(10)] for i in range(10)]
    text = draw(Grid("t", "true", "predicted", cells), Screen(20, 24))
    assert inside(text)[1] == " .:-=+*#%@"


@pytest.mark.parametrize("top", [100.0, 13.0])
def test_the_largest_of_a_matrix_is_white_and_0_black(top: float) -> None:
    picture = Grid("t", "true", "predicted", [[top, top / 2], [0.0, None]])
    text = draw(picture, Screen(80, 24, colour=True))
    assert [int(back) - 232 for back in re.findall(r"48;5;(\d+)", text)] == [23, 12, 0, 0]
    wide = draw(Grid("t", "true", "predicted", [[top] + [0.0] * 9]), Screen(20, 24))
    assert f"up to {top:.0f} %" in wide.replace("\n", " ")
    assert "@" in inside(wide)[1]


def test_less_or_equal_stays_what_it_is_in_ascii() -> None:
    text = draw(make_pairs(1), Screen(80, 24, unicode=False))
    assert "5 > 4, says <= (92 %)" in text


def test_pixels_are_halves_of_a_block() -> None:
    first, *_ = draw(make_pairs(1), WIDE).splitlines()[1:]
    assert first == "▀" * 14 + " " + "▄" * 14
    ascii_first = draw(make_pairs(1), Screen(80, 24, unicode=False)).splitlines()[1]
    assert ascii_first == "+" * 14 + " " + "+" * 14


def test_as_many_pairs_as_fit_are_drawn_with_their_captions_and_the_rest_is_said() -> None:
    text = draw(make_pairs(9), WIDE)
    assert text.count("5 > 4, says ≤ (92 %)") == 4
    assert "4 of them; --height shows more" in text
    assert draw(make_pairs(9), Screen(120, 60)).count("read as 3 and 9") == 9
    narrow = draw(make_pairs(1), Screen(20, 24))
    assert "says ≤" in narrow
    assert "(92 %)" in narrow


# -- whatever comes -------------------------------------------------------------------------------

EVERYTHING: list[Picture] = [
    make_lines(),
    make_lines([]),
    make_lines([30.0]),
    make_lines([0.0, 0.0]),
    make_lines(*[[50.0, 20.0, 3.0]] * 50, label=LONG, spread=3.0),
    make_rows(),
    make_rows([]),
    make_rows([0.0]),
    make_rows([5.0]),
    make_rows(*[[50.0, 20.0, 3.0]] * 50, label=LONG, reported=4.0),
    make_rows([1e-9, 2e-9]),
    Plane(LONG * 2, np.zeros((0, 2)), None, np.zeros((1, 1))),
    make_plane(500),
    Pairs(LONG, []),
    make_pairs(50),
    GRID,
    Grid(LONG, "true", "predicted", [[None] * 10] * 10),
]


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


def test_shortening_keeps_both_ends() -> None:
    assert shorten("abcdefghij", 5) == "ab…ij"
    assert [len(shorten("abcdefghij", n)) for n in (1, 2, 3, 10, 99)] == [1, 2, 3, 10, 10]


def test_a_pipe_is_80_columns_without_colour_and_as_the_stream_can_encode() -> None:
    assert screen(report.console(io.StringIO())) == Screen(80, 24, colour=False, unicode=True)
    narrow = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    assert not screen(report.console(narrow)).unicode
    assert screen(report.console(io.StringIO()), 5, 2) == Screen(20, 8)


def test_a_terminal_that_shows_no_colour_is_given_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def seen(**variables: str) -> Screen:
        environment = {"TERM": "xterm-256color", "COLUMNS": "60", "LINES": "30", **variables}
        return screen(Console(file=io.StringIO(), force_terminal=True, _environ=environment))

    assert seen() == Screen(60, 28, colour=True)
    assert not seen(NO_COLOR="1").colour
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setenv("LINES", "30")
    assert seen(TERM="dumb") == Screen(60, 28, colour=False)
