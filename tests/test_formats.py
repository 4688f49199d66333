"""CSV, Markdown and LaTeX, read back by their readers: csv, the grammar of a table, pdflatex."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import fields, replace
from pathlib import Path

import pytest

from cmpnet import CmpnetError, RepeatResult
from cmpnet.output import latex_export
from cmpnet.output.csv_export import records, to_csv
from cmpnet.output.formats import FORMATS, render
from cmpnet.output.latex_export import to_latex
from cmpnet.output.markdown_export import to_markdown
from cmpnet.results import ArmResults, Results
from tests.helpers import arm_results, results_of

NASTY = r"ws_aux:a&b[x=-1,y=50%,z=#$~^\{}|<>'\"`*é±λ-–]"


FIGURES = {
    "train_error": 0.042,
    "train_sd_count": 6.8,
    "test_error": 0.082,
    "test_sd_count": 5.4,
}


def arms() -> list[ArmResults]:
    return [
        arm_results("baseline", [100, 110, 120, None], reported=FIGURES),
        arm_results(NASTY, [60, 70, 90, 80]),
    ]


def results() -> Results:
    return results_of(arms(), title="50 % of it_all\n[second] line")


def test_csv_has_one_row_per_repeat_with_every_single_number() -> None:
    first, second = arms()
    second = replace(second, key=replace(second.key, loss_options={"alpha": 0.5}))
    text = to_csv(results_of([first, second])).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["arm"], row["seed"], row["status"]) for row in rows[2:5]] == [
        ("baseline", "2", "ok"),
        ("baseline", "3", "diverged"),
        (NASTY, "0", "ok"),
    ]
    assert [row["test_error"] for row in rows[:4]] == ["0.1", "0.11", "0.12", ""]
    assert [row["loss.alpha"] for row in rows[3:5]] == ["", "0.5"]
    assert rows[0]["task.pairs"] == "1000"
    assert rows[0]["epochs"] == "25"
    assert "task.data_dir" not in rows[0]
    scalars = {f.name for f in fields(RepeatResult)} - {"curves", "mistakes", "details", "metrics"}
    assert scalars <= set(rows[0])
    assert None not in rows[0]


def test_records_are_the_rows_of_the_csv_with_their_types() -> None:
    first, second = arms()
    second = replace(second, key=replace(second.key, loss_options={"alpha": 0.5}))
    rows = records([first, second])
    assert len({tuple(row) for row in rows}) == 1, "every record has the same keys"
    assert (rows[0]["test_error"], rows[0]["seed"], rows[0]["loss.alpha"]) == (0.1, 0, None)
    assert (rows[3]["test_error"], rows[4]["loss.alpha"]) == (None, 0.5)


def test_csv_has_only_the_first_line_of_a_failure() -> None:
    failed = RepeatResult(seed=0, status="failed", cause="KeyError: 'x'\n/home/me/x.py")
    arm = replace(arm_results("a", [100]), repeats={0: failed})
    (row,) = csv.DictReader(io.StringIO(to_csv(results_of([arm])).decode()))
    assert row["cause"] == "KeyError: 'x'"


def test_a_markdown_table_has_the_same_number_of_cells_in_each_row() -> None:
    text = to_markdown(results()).decode()
    blocks = [block.splitlines() for block in text.split("\n\n") if block.startswith("|")]
    assert len(blocks) == 3
    for block in blocks:
        # A cell ends at a bar that is not escaped.
        widths = {len(line.replace(r"\|", "").split("|")) for line in block}
        assert len(widths) == 1
        assert set(block[1]) <= set("|-: ")
    assert r"| baseline | 3 of 4 |" in text
    assert r"ws\_aux:a&b\[x=-1,y=50%" in text
    assert text.startswith("**50 % of it\\_all**  \n**\\[second\\] line**\n\n| Arm |")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex on this machine")
@pytest.mark.parametrize("inside", [False, True])
def test_latex_compiles_alone_and_inside_a_document(inside: bool) -> None:
    twice = replace(results(), sections=results().sections * 2)
    Path("table.tex").write_bytes(to_latex(twice))
    if inside:
        Path("paper.tex").write_text(
            "\\documentclass{article}\n\\begin{document}\nBefore.\n\\input{table}\n"
            "After.\n\\end{document}\n"
        )
    name = "paper" if inside else "table"
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"],
        capture_output=True,
        timeout=120,
        check=False,
    )
    log = Path(f"{name}.log").read_text(errors="replace")
    assert done.returncode == 0, log[-2000:]
    assert Path(f"{name}.pdf").stat().st_size > 1000
    assert "LaTeX Warning" not in log
    assert "Missing character" not in log


def test_every_letter_of_latin_1_compiles_or_becomes_its_code() -> None:
    letters = "".join(chr(code) for code in range(0xA0, 0x100))
    escaped = latex_export._escape(letters)
    assert "é" in escaped
    assert "U+00DF" in escaped  # ß has no decomposition
    if shutil.which("pdflatex"):
        Path("l.tex").write_text(
            f"\\documentclass{{article}}\\begin{{document}}{escaped}\\end{{document}}"
        )
        call = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "l.tex"]
        done = subprocess.run(call, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout[-1000:]


@pytest.mark.parametrize("suffix", FORMATS)
def test_results_are_saved_in_the_format_of_the_files_ending(suffix: str) -> None:
    results().save(f"out.{suffix.upper()}")
    assert Path(f"out.{suffix.upper()}").read_bytes() == render(results(), suffix, "out")


@pytest.mark.parametrize("path", ["out.xlsx", "out"])
def test_an_unknown_ending_is_refused_with_the_known_ones(path: str) -> None:
    with pytest.raises(CmpnetError, match=rf"'{path}'.*\.csv, \.json, \.md, \.tex"):
        results().save(path)
    assert not Path(path).exists()
