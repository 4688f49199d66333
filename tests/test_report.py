"""What a person reads, checked by what stands in it."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from cmpnet import Arm, RepeatResult, TrainConfig
from cmpnet.analysis.comparisons import against, with_reference
from cmpnet.bench import ArmResults, Finished
from cmpnet.output import report, sheets
from tests.helpers import arm_with

ARM = Arm(
    label="ws-aux:aux-scheduled[alpha=0.25]",
    architecture="ws-aux",
    loss="aux-scheduled",
    task="digit-pairs",
    architecture_options={},
    loss_options={},
    task_options={},
    config=TrainConfig(),
)


def repeat(seed: int, errors: int) -> RepeatResult:
    return RepeatResult(
        seed=seed,
        status="ok",
        train_error=0.1,
        test_error=errors / 1000,
        error_count=errors,
        train_count=100,
        train_samples=1000,
        test_samples=1000,
        seconds=1.5,
        parameters=1234,
    )


def printed(results: ArmResults, *, repeats: int, width: int = 110, figures: bool = False) -> str:
    reported = {
        "train_error": 0.042,
        "train_sd_count": 6.8,
        "test_error": 0.082,
        "test_sd_count": 5.4,
    }
    out = report.console(io.StringIO())
    out.width = width
    given = [reported if figures else None]
    results.wanted = repeats
    out.print(report.sheet_table(sheets.errors_sheet([results], given, title="t"), width))
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_the_table_has_mean_sd_and_the_sd_of_the_error_count() -> None:
    # Mean 70, SD 10 errors of 1000, by hand.
    results = ArmResults(ARM, {s: repeat(s, e) for s, e in enumerate((60, 70, 80))})
    text = printed(results, repeats=3, figures=True)
    assert "7.00 ± 1.00" in text
    assert " 10.0 " in text
    assert "1,234" in text
    row = next(line for line in text.splitlines() if "the report" in line)
    assert row.split()[2:] == ["10", "4.20", "6.8", "8.20", "5.4"]


def test_missing_repeats_are_said() -> None:
    failed = RepeatResult(seed=1, status="failed", cause="KeyError: 'x'\nTraceback ...")
    results = ArmResults(ARM, {0: repeat(0, 60), 1: failed})
    assert "1 of 2" in printed(results, repeats=2)
    assert any("KeyError: 'x'" in note for note in sheets.notes([results]))


@pytest.mark.parametrize("width", [80, 110, 200])
def test_a_long_name_is_whole_at_every_width(width: int) -> None:
    text = printed(ArmResults(ARM, {0: repeat(0, 60)}), repeats=1, width=width)
    assert all(len(line) <= width for line in text.splitlines())
    for piece in ("ws-aux:", "aux-scheduled", "[alpha=0.25]"):
        assert piece in text


def test_an_arm_without_one_good_repeat_is_shown_without_numbers() -> None:
    diverged = RepeatResult(seed=0, status="diverged", cause="the loss was no longer finite")
    assert "0 of 1" in printed(ArmResults(ARM, {0: diverged}), repeats=1)


def test_a_difference_is_shown_with_its_interval_and_a_tilde_if_it_may_be_chance() -> None:
    first = ArmResults(replace(ARM, label="first"), {s: repeat(s, 100 + s) for s in range(8)})
    lower = ArmResults(replace(ARM, label="lower"), {s: repeat(s, 60 + s % 3) for s in range(8)})
    same = ArmResults(replace(ARM, label="same"), {s: repeat(s, 100 + s % 4) for s in range(8)})
    rows = against([first, lower, same], with_reference(3))
    out = report.console(io.StringIO())
    out.print(report.sheet_table(sheets.comparison_sheet(rows)))
    assert isinstance(out.file, io.StringIO)
    lines = out.file.getvalue().splitlines()
    low = next(line for line in lines if "lower" in line)
    # 60, 61, 62, 60, ... against 100 ... 107: by hand a mean of -42.625 errors of 1000.
    assert "-4.26" in low
    assert "~" not in low
    assert "~" in next(line for line in lines if "same" in line)
    assert any("chance" in note for note in sheets.comparison_notes(rows))


def test_below_six_pairs_there_is_advice_in_place_of_a_p() -> None:
    first = ArmResults(replace(ARM, label="first"), {s: repeat(s, 100) for s in range(5)})
    other = ArmResults(replace(ARM, label="other"), {s: repeat(s, 60 + s) for s in range(5)})
    rows = against([first, other], with_reference(2))
    assert rows[0].comparison.p is None
    assert any("it takes 6 finished" in note for note in sheets.comparison_notes(rows))


def test_only_an_arm_that_lost_repeats_is_told_that_it_has_too_few() -> None:
    arms = [arm_with("a", range(100, 108)), arm_with("b", range(50, 58))]
    lost = arm_with("lost", [60, 61, 62, 63, 64, None, None, None])
    gone = arm_with("gone", [None] * 8)
    notes = sheets.comparison_notes(against([*arms, lost, gone], with_reference(4)))
    (said,) = [note for note in notes if "0.05" in note]
    assert said == (
        "lost: with 5 pairs no such test can reach 0.05; it takes 7 finished repeats of both."
    )


def test_piped_progress_is_a_plain_line_a_repeat(capsys: pytest.CaptureFixture[str]) -> None:
    progress = report.BenchProgress([ARM], 2, quiet=False)
    with progress:
        progress(Finished(0, repeat(0, 60), stored=False))
        progress(Finished(0, replace(repeat(1, 70), seed=1), stored=True))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("[1/2] ws-aux:aux-scheduled[alpha=0.25] seed 0: test error 6.00 %")
    assert "from the store" in lines[1]
    assert not any("\x1b" in line for line in lines)


def test_the_spread_by_seed_stands_apart_from_the_sampling_error() -> None:
    # 60, 70, 80 errors of 1000: SD 1.00; sampling sqrt(0.07 * 0.93 / 999) = 0.81; the rest 0.59.
    wide = ArmResults(ARM, {s: repeat(s, e) for s, e in enumerate((60, 70, 80))}, wanted=3)
    tight = ArmResults(ARM, {s: repeat(s, e) for s, e in enumerate((70, 71, 72))}, wanted=3)
    sheet = sheets.spread_sheet([wide, tight])
    assert sheet.rows[0].cells[2:] == ("7.00", "6.00-8.00", "1.00", "0.59", "0.81")
    assert sheet.rows[0].cells[1] == "[4.52, 9.48]"  # 7 -+ 4.303 / sqrt(3), t(0.975, 2) of a table
    assert sheet.rows[1].cells[4:] == ("0.10", "none seen", "0.81")
    assert any("none seen" in note for note in sheets.notes([wide, tight]))
    assert not any("none seen" in note for note in sheets.notes([wide]))


@pytest.mark.parametrize("width", [80, 110])
def test_no_table_is_wider_than_the_terminal(width: int) -> None:
    arms = [arm_with(f"ws-aux:aux-scheduled[alpha=0.{n},lr=0.05]", [500] * 7) for n in range(3)]
    rows = against(arms, [(1, 0), (2, 1)])  # two references: two columns of names
    for sheet in (sheets.spread_sheet(arms), sheets.comparison_sheet(rows)):
        out = report.console(io.StringIO())
        out.width = width
        out.print(report.sheet_table(sheet, width))
        assert isinstance(out.file, io.StringIO)
        lines = out.file.getvalue().splitlines()
        assert all(len(line.rstrip()) <= width for line in lines)
        assert not any("…" in line for line in lines)


def test_with_more_arms_a_test_needs_more_pairs_than_six() -> None:
    arms = [arm_with(name, [100 + n + k for k in range(6)]) for n, name in enumerate("abcd")]
    rows = against(arms, with_reference(4))
    assert any("6 pairs and 3 comparisons" in note for note in sheets.comparison_notes(rows))
    assert any("it takes 7 finished" in note for note in sheets.comparison_notes(rows))
