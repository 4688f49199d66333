"""``Plot``: which pictures a kind has, and the text, SVG and files they become."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from cmpnet import ArmResults, CmpnetError
from cmpnet.plots import KINDS, Plot, Screen
from cmpnet.plots.cells import Grid
from cmpnet.plots.pictures import Lines, Rows
from tests.plots.makers import make_results, with_repeats


def with_details(arm: ArmResults, **details: Any) -> ArmResults:
    return with_repeats(arm, *(replace(repeat, details=details) for repeat in arm.ok()))


ARMS = [make_results([0.5, 0.2], [0.5, 0.4]), make_results([0.4, 0.1], label="other")]


def test_importing_plots_imports_no_array_or_plotting_library() -> None:
    code = (
        "import sys, cmpnet.plots\n"
        "assert cmpnet.plots.KINDS\n"
        "heavy = {'numpy', 'torch', 'plotext', 'matplotlib', 'rich'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_curves_and_rows_show_all_arms_in_one_picture() -> None:
    (curves,) = Plot.of(ARMS, "errors", train=True).pictures
    assert isinstance(curves, Lines)
    assert len(curves.lines) == 4
    for kind in ("compare", "box"):
        (rows,) = Plot.of(ARMS, kind, train=True).pictures
        assert isinstance(rows, Rows)
        assert rows.boxes == (kind == "box")
        assert [row.label for row in rows.rows] == ["net", "other"]
        assert rows.x_label == "train error / %"


def test_alpha_is_a_picture_of_the_arms_that_have_it() -> None:
    (picture,) = Plot.of([*ARMS, make_results([0.1], alpha=0.5)], "alpha", on="test").pictures
    assert isinstance(picture, Lines)
    assert [line.x for line in picture.lines] == [[0.5]]


def test_an_arm_without_the_picture_is_left_out_with_a_reason() -> None:
    counted = with_details(ARMS[0], pairs=[[1, 2]], wrong_pairs=[[0, 1]])
    plot = Plot.of([counted, ARMS[1]], "confusion")
    (grid,) = plot.pictures
    assert isinstance(grid, Grid)
    assert grid.cells == [[0, 50]]
    (reason,) = plot.left_out
    assert "'other' has no picture 'confusion'" in reason


@pytest.mark.parametrize("confusion", ["x", 3, [["x"]], [[1], [2, 3]]])
def test_details_that_are_not_a_matrix_of_numbers_are_a_reason(confusion: object) -> None:
    with pytest.raises(CmpnetError, match="the details stored with its repeats"):
        Plot.of([with_details(ARMS[0], confusion=confusion)], "confusion")


def test_a_kind_that_no_arm_has_is_refused_with_the_first_reason() -> None:
    with pytest.raises(CmpnetError, match="'net' has no picture 'map': its task's plugin is not"):
        Plot.of(ARMS, "map")


def test_an_unknown_kind_gets_a_suggestion() -> None:
    with pytest.raises(CmpnetError, match="Did you mean 'errors'"):
        Plot.of(ARMS, "erors")
    assert set(KINDS) == {
        *("difference", "errors", "compare", "box", "pareto", "map", "confusion", "alpha"),
        *("history", "pairs"),
    }


def test_the_text_of_a_plot_fits_80_columns_and_24_lines_without_colour() -> None:
    plot = Plot.of(ARMS, "errors")
    lines = str(plot).splitlines()
    assert lines[0] == "Test error per epoch"
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in str(plot)
    assert repr(plot) == str(plot)
    assert plot.draw(Screen(80, 24)) == f"{plot}\n"


def test_a_notebook_shows_svg() -> None:
    svg = Plot.of(ARMS, "box")._repr_svg_()
    assert svg is not None
    assert ElementTree.fromstring(svg).tag.endswith("svg")
    assert "whiskers, quartiles, median" in svg


def test_a_notebook_without_matplotlib_shows_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "cmpnet.plots.matplotlib_backend", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    plot = Plot.of(ARMS, "errors")
    assert plot._repr_svg_() is None
    with pytest.raises(CmpnetError, match=r"pip install 'cmpnet\[figures\]'"):
        plot.save("errors.svg")


@pytest.mark.parametrize(
    ("name", "start"), [("a.svg", b"<?xml"), ("a.PNG", b"\x89PNG"), ("a.pdf", b"%PDF")]
)
def test_a_plot_is_saved_in_the_format_of_the_file_name(
    tmp_path: Path, name: str, start: bytes
) -> None:
    Plot.of(ARMS, "compare").save(tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(start)


def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    plot = Plot.of(ARMS, "compare")
    with pytest.raises(CmpnetError, match=r"must end in \.svg, \.png or \.pdf"):
        plot.save(tmp_path / "a.doc")
    with pytest.raises(CmpnetError, match="Cannot write the picture"):
        plot.save(tmp_path / "none" / "a.svg")
