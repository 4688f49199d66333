"""Pictures in files: tests read what matplotlib draws."""

from __future__ import annotations

import io
import itertools
import re
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from cmpnet.plots import matplotlib_backend, matplotlib_charts
from cmpnet.plots.layout import Paper
from cmpnet.plots.pictures import Lines, Picture, Row, Rows
from tests.plots.makers import (
    EVERYTHING,
    GRID,
    LONG,
    make_differences,
    make_lines,
    make_marks,
    make_pairs,
    make_plane,
    make_rows,
)


def axes_of(picture: Picture) -> Axes:
    figure = matplotlib_backend.make_figure([picture])
    figure.savefig(io.BytesIO(), format="png", dpi=50)  # computes the layout
    return figure.axes[0]


def test_a_curve_has_its_values_its_band_and_axis_labels_with_units() -> None:
    axes = axes_of(make_lines([50, 40, 30], spread=10))
    (line,) = axes.lines
    assert line.get_xdata().tolist() == [1, 2, 3]  # type: ignore[union-attr]
    assert line.get_ydata().tolist() == [50, 40, 30]  # type: ignore[union-attr]
    band = axes.collections[0].get_paths()[0].vertices
    assert {20, 60} <= set(np.asarray(band)[:, 1])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "test error / %")


def test_mean_and_sd_are_drawn_within_0_to_100_percent() -> None:
    band = axes_of(make_lines([98, 50, 1], spread=10)).collections[0].get_paths()[0].vertices
    assert np.asarray(band)[:, 1].min() == 0
    assert np.asarray(band)[:, 1].max() == 100
    for points in ([0.0, 0.0, 6.0], [94.0, 100.0, 100.0]):
        axes = axes_of(make_rows(points))
        ends = axes.containers[1].lines[2][0].get_segments()[0][:, 0]  # type: ignore[attr-defined]
        assert 0 <= ends.min() < np.mean(points) < ends.max() <= 100


def test_the_legend_covers_no_data() -> None:
    for picture in (make_lines([50, 40, 30]), make_lines(*[[50.0, 40.0]] * 9, label=LONG)):
        axes = axes_of(picture)
        legend = axes.get_legend()
        assert legend is not None
        assert not legend.get_window_extent().overlaps(axes.patch.get_window_extent())
    axes = axes_of(make_plane())
    legend = axes.get_legend()
    assert legend is not None
    assert not legend.get_window_extent().overlaps(axes.patch.get_window_extent())


def test_bars_are_as_long_as_the_means_and_show_every_repeat_and_the_reported_value() -> None:
    axes = axes_of(make_rows([10.0, 20.0], [30.0, 40.0], reported=12.0))
    widths = [patch.get_width() for patch in axes.patches]  # type: ignore[attr-defined]
    assert widths == [15, 35]
    points = [p for line in axes.lines if line.get_marker() == "o" for p in line.get_xdata()]
    assert points == [10, 20, 30, 40]
    assert [list(line.get_xdata()) for line in axes.lines if line.get_marker() == "D"] == [
        [12],
        [12],
        [],
    ]


def test_a_single_repeat_has_no_sd_and_lost_repeats_are_counted() -> None:
    lost = Row("lost", [10.0], "n=1, 1 diverged, 1 failed", mean=10.0)
    made = make_rows([5.0], [4.0, 4.0])
    axes = axes_of(Rows("t", "x", [*made.rows, lost]))
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "net0\n5.00, n=1",
        "net1\n4.00 ± 0.00, n=2",
        "lost\n10.00, n=1, 1 diverged, 1 failed",
    ]


@pytest.mark.parametrize("arms", [2, 10, 50])
def test_labels_of_any_length_are_complete_and_do_not_overlap(arms: int) -> None:
    axes = axes_of(make_rows(*[[10.0, 20.0]] * arms, label=LONG))
    labels = axes.get_yticklabels()
    assert [text.get_text().replace("\n", "").split("15.00")[0] for text in labels] == [
        f"{LONG}{n}" for n in range(arms)
    ]
    boxes = [label.get_window_extent() for label in labels]
    assert not any(a.overlaps(b) for a, b in itertools.pairwise(boxes))


def test_training_curves_are_dashed_in_the_colour_of_the_test_curve() -> None:
    one = make_lines([50.0, 40], [30.0, 20], [45.0, 35], [25.0, 15])
    lines = axes_of(Lines(one.title, one.x_label, one.y_label, one.lines, per_arm=2)).lines
    colours = [line.get_color() for line in lines]
    assert colours == [matplotlib_charts.COLOURS[n] for n in (0, 0, 1, 1)]
    assert [line.get_linestyle() for line in lines] == ["-", "--"] * 2
    assert [line.get_marker() for line in lines] == ["o", "o", "s", "s"]


def test_the_axis_starts_at_the_first_epoch() -> None:
    axes = axes_of(make_lines([50.0] * 25))
    assert axes.get_xlim() == pytest.approx((1 - 0.48, 25 + 0.48))
    alone = axes_of(make_lines([40.0], [50.0]))
    assert alone.get_xlim() == (0.5, 1.5)
    assert alone.get_ylim() == pytest.approx((0, 52.5))
    assert [x for x in alone.get_xticks() if 0.5 < x < 1.5] == [1]


def test_the_unit_square_is_a_square_with_the_border_above_the_points() -> None:
    axes = axes_of(make_plane())
    box = axes.patch.get_window_extent()
    assert box.width == pytest.approx(box.height, rel=0.01)
    points, _, border = axes.lines
    assert border.get_zorder() > points.get_zorder()
    assert len(border.get_xdata()) == 360  # type: ignore[arg-type]
    assert list(points.get_xdata()) == [0.25] * 3


def test_a_matrix_has_its_numbers_and_a_pair_has_its_images() -> None:
    assert [text.get_text() for text in axes_of(GRID).texts] == ["90", "<1", "", "·", "100", "5"]
    image = axes_of(make_pairs()).images[0].get_array()
    assert image is not None
    assert image.shape == (14, 29)


def test_a_difference_has_its_seeds_its_interval_and_a_line_at_0() -> None:
    axes = axes_of(make_differences(margin=1.0))
    zero, points, interval, mean, *_ = axes.lines
    assert list(zero.get_xdata()) == [0, 0]
    assert list(points.get_xdata()) == [-3, -2, -1]
    assert list(interval.get_xdata()) == [-4.5, 0.5]
    assert list(mean.get_xdata()) == [-2]
    band = np.asarray(axes.collections[0].get_paths()[0].vertices)
    assert (band[:, 0].min(), band[:, 0].max()) == (-1, 1)
    assert [text.get_text().split("\n") for text in axes.get_yticklabels()] == [
        ["ours", "-2.00 [-4.50, +0.50]", "undecided (n=3)"]
    ]


def test_the_line_of_marks_joins_those_that_are_not_dominated() -> None:
    axes = axes_of(make_marks())
    front, *_ = axes.lines
    assert list(front.get_xdata()) == [100, 10_000]
    assert list(front.get_ydata()) == [9, 3]
    assert axes.get_xscale() == "log"
    assert front.get_label() == "not dominated (others are hollow)"
    history = axes_of(make_marks(numbered=True))
    assert history.get_xscale() == "linear"
    assert [x for x in history.get_xticks() if 0.5 < x < 3.5] == [1, 2, 3]


def test_a_file_has_the_size_the_text_and_the_axis_that_are_asked_for() -> None:
    paper = Paper(width=3.0, height=2.5, font_size=7, log=True)
    svg = matplotlib_backend.to_bytes([make_lines([50, 40])], "svg", paper)
    root = ElementTree.fromstring(svg)
    assert (root.get("width"), root.get("height")) == ("216pt", "180pt")
    assert set(re.findall(rb"font-size: (\d+)px", svg)) == {b"7", b"8"}
    for picture in (make_lines([50, 4, 0]), make_rows([10.0, 0.5]), make_marks(), make_lines([0])):
        matplotlib_backend.to_bytes([picture], "svg", Paper(log=True))
    assert (
        matplotlib_backend.make_figure([make_lines([50, 4])], paper).axes[0].get_yscale() == "log"
    )
    bars = matplotlib_backend.make_figure([make_rows([10.0, 20.0])], paper).axes[0]
    assert (bars.get_xscale(), len(bars.patches)) == ("log", 0)


def test_lines_can_be_distinguished_in_grey_and_by_colour_blind_readers() -> None:
    lines = axes_of(make_lines(*[[50.0, 40.0]] * 50)).lines
    dashes = [str(line._dash_pattern) for line in lines]  # type: ignore[attr-defined]
    looks = zip(dashes, [(line.get_color(), line.get_marker()) for line in lines], strict=True)
    assert len(set(looks)) == 50
    assert len(set(dashes[:6])) == 6
    assert len({to_rgb(colour) for colour in matplotlib_charts.COLOURS}) == 8


@pytest.mark.parametrize("number", range(len(EVERYTHING)))
def test_every_picture_becomes_a_file(number: int) -> None:
    content = matplotlib_backend.to_bytes([EVERYTHING[number]], "svg")
    assert ElementTree.fromstring(content).tag.endswith("svg")


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_each_suffix_gives_its_format(suffix: str, start: bytes) -> None:
    assert matplotlib_backend.to_bytes([make_lines([50, 40]), GRID], suffix).startswith(start)


def test_the_same_picture_gives_the_same_file() -> None:
    first, second = (matplotlib_backend.to_bytes([make_plane(), GRID], "svg") for _ in range(2))
    assert first == second


def test_without_matplotlib_one_sentence_says_how_to_install_it() -> None:
    code = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from pathlib import Path; from cmpnet.store import Store; Store(Path('s')).close()\n"
        "from cmpnet.__main__ import main\n"
        "main(['plot', 'errors', '--save', 'x.svg', '--store', 's'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "pip install 'cmpnet[figures]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1
