"""Tables on the terminal: whole at every width, and text only where there is no terminal."""

from __future__ import annotations

import io
import subprocess
import sys
from dataclasses import replace

import pytest

from cmpnet import RepeatResult
from cmpnet.output import terminal
from cmpnet.output.table_data import errors_table, pages
from cmpnet.results import ArmResults, Results
from tests.helpers import arm_results, results_of, section_of

LABEL = "ws-aux:aux-scheduled[alpha=0.25]"
REPORTED = {
    "train_error": 0.042,
    "train_sd_count": 6.8,
    "test_error": 0.082,
    "test_sd_count": 5.4,
    "repeats": 10,
}


def printed_errors(arm: ArmResults, width: int = 110) -> str:
    file = io.StringIO()
    console = terminal.console(file)
    console.width = width
    console.print(terminal.rich_table(errors_table([arm], "t"), width))
    return file.getvalue()


def test_the_table_has_mean_sd_and_the_sd_of_the_error_count() -> None:
    # Mean 70, SD 10 errors of 1000, by hand.
    text = printed_errors(arm_results(LABEL, [60, 70, 80], reported=REPORTED))
    assert "7.00 ± 1.00" in text
    assert " 10.0 " in text
    assert "1,234" in text
    row = next(line for line in text.splitlines() if "reported" in line)
    assert row.split()[1:] == ["10", "4.20", "6.8", "8.20", "5.4"]


def test_missing_repeats_are_counted_and_explained() -> None:
    arm = arm_results(LABEL, [60], wanted=2)
    failed = RepeatResult(seed=1, status="failed", cause="KeyError: 'x'\nTraceback ...")
    arm = replace(arm, repeats={**arm.repeats, 1: failed})
    text = terminal.results_text(results_of([arm]))
    assert "1 of 2" in text
    assert f"{LABEL}, seed 1, failed: KeyError: 'x'\n" in f"{text}\n"
    assert "Traceback" not in text


@pytest.mark.parametrize("width", [80, 110, 200])
def test_a_long_name_is_whole_at_every_width(width: int) -> None:
    text = printed_errors(arm_results(LABEL, [60]), width)
    assert all(len(line) <= width for line in text.splitlines())
    for piece in ("ws-aux:", "aux-scheduled", "[alpha=0.25]"):
        assert piece in text


def test_an_arm_without_a_finished_repeat_is_shown_without_numbers() -> None:
    assert "0 of 1" in printed_errors(arm_results(LABEL, [None]))


@pytest.mark.parametrize("width", [80, 110])
def test_no_table_is_wider_than_the_terminal(width: int) -> None:
    arms = [arm_results(f"ws-aux:aux-scheduled[alpha=0.{n},lr=0.05]", [500] * 7) for n in range(3)]
    # Two references: two columns of names.
    section = replace(section_of(arms), pairs=((1, 0), (2, 1)))
    tables = pages(Results(sections=(section,)))[0].tables[1:]
    assert len(tables) == 2
    for table in tables:
        file = io.StringIO()
        console = terminal.console(file)
        console.width = width
        console.print(terminal.rich_table(table, width))
        lines = file.getvalue().splitlines()
        assert all(len(line.rstrip()) <= width for line in lines)
        assert not any("…" in line for line in lines)


def test_a_label_is_printed_literally() -> None:
    arms = [arm_results("a", [60] * 7), arm_results("b:x:ce[/red]", [70] * 7)]
    text = terminal.results_text(results_of(arms))
    assert text.count("b:x:ce[/red]") == 3  # once per table


def test_results_as_text_have_no_escape_codes_whatever_the_environment_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    results = results_of([arm_results("a", [60, 70]), arm_results("b", [50, 40])])
    text = terminal.results_text(results)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "40")
    assert terminal.results_text(results) == text
    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) > 80


def test_sections_are_printed_one_below_the_other() -> None:
    sections = [section_of([arm_results(name, [60])], title=f"title {name}") for name in "ab"]
    text = terminal.results_text(Results(sections=tuple(sections)))
    first, second = text.split("title b")
    assert first.startswith("title a")
    assert first.endswith("\n\n")
    assert " b " in second


def test_the_catalogue_and_the_terminal_import_no_heavy_package() -> None:
    code = (
        "import sys, cmpnet.output.catalogue, cmpnet.output.terminal, cmpnet.output.progress\n"
        "print({'numpy', 'scipy', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
