"""CSV, Markdown and LaTeX, read back by what reads them: csv, a table's grammar, pdflatex."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from dataclasses import fields, replace
from pathlib import Path

import pytest

from cmpnet import RepeatResult
from cmpnet.bench import ArmResults
from cmpnet.output import formats, sheets
from tests.helpers import arm_with, outcome_of

NASTY = r"ws_aux:a&b[x=-1,y=50%,z=#$~^\{}|<>'\"`*é±λ-–]"


def results() -> list[ArmResults]:
    return [arm_with("baseline", [100, 110, 120, None]), arm_with(NASTY, [60, 70, 90, 80])]


def page(arms: list[ArmResults]) -> sheets.Page:
    figures = {
        "train_error": 0.042,
        "train_sd_count": 6.8,
        "test_error": 0.082,
        "test_sd_count": 5.4,
    }
    return sheets.page(outcome_of(arms, "50 % of it_all\n[second] line", [figures, None]))


def test_csv_has_a_row_a_repeat_with_every_single_number() -> None:
    arms = results()
    arms[1].arm = replace(arms[1].arm, loss_options={"alpha": 0.5})
    text = formats.to_csv(arms).decode()
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
    scalars = {f.name for f in fields(RepeatResult)} - {"curves", "mistakes", "details"}
    assert scalars <= set(rows[0])
    assert None not in rows[0]


def test_csv_has_a_failures_first_line_alone() -> None:
    arm = arm_with("a", [100])
    arm.repeats[0] = RepeatResult(seed=0, status="failed", cause="KeyError: 'x'\n/home/me/x.py")
    (row,) = csv.DictReader(io.StringIO(formats.to_csv([arm]).decode()))
    assert row["cause"] == "KeyError: 'x'"


def test_markdown_is_one_grid_a_table_with_as_many_cells_in_each_row() -> None:
    text = formats.to_markdown([page(results())]).decode()
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
    Path("table.tex").write_bytes(formats.to_latex([page(results()), page(results())]))
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


def test_every_letter_of_latin_1_compiles_or_is_given_as_its_code() -> None:
    letters = "".join(chr(code) for code in range(0xA0, 0x100))
    escaped = formats._escaped(letters)
    assert "é" in escaped
    assert "U+00DF" in escaped  # ß has no decomposition
    if shutil.which("pdflatex"):
        Path("l.tex").write_text(
            f"\\documentclass{{article}}\\begin{{document}}{escaped}\\end{{document}}"
        )
        call = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "l.tex"]
        done = subprocess.run(call, capture_output=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout[-1000:]
