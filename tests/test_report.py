"""What a person reads, checked by what stands in it."""

from __future__ import annotations

import io
import math
from dataclasses import replace

import pytest

from cmpnet import Arm, RepeatResult, TrainConfig, report
from cmpnet.bench import ArmResults, Finished
from cmpnet.stats import summarise

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
    out.print(report.bench_table([results], given, title="t", repeats=repeats, width=width))
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
    assert any("KeyError: 'x'" in note for note in report.bench_notes([results]))


@pytest.mark.parametrize("width", [80, 110, 200])
def test_a_long_name_is_whole_at_every_width(width: int) -> None:
    text = printed(ArmResults(ARM, {0: repeat(0, 60)}), repeats=1, width=width)
    assert all(len(line) <= width for line in text.splitlines())
    for piece in ("ws-aux:", "aux-scheduled", "[alpha=0.25]"):
        assert piece in text


def test_an_arm_without_one_good_repeat_is_shown_without_numbers() -> None:
    diverged = RepeatResult(seed=0, status="diverged", cause="the loss was no longer finite")
    assert "0 of 1" in printed(ArmResults(ARM, {0: diverged}), repeats=1)


def test_summary_is_that_of_the_textbook() -> None:
    summary = summarise([2, 4, 4, 4, 5, 5, 7, 9])
    assert summary.n == 8
    assert summary.mean == 5
    assert summary.sd == pytest.approx(math.sqrt(32 / 7))
    assert summarise([0.5]).sd is None
    assert summarise([]).mean is None


def test_piped_progress_is_a_plain_line_a_repeat(capsys: pytest.CaptureFixture[str]) -> None:
    progress = report.BenchProgress([ARM], 2, quiet=False)
    with progress:
        progress(Finished(0, repeat(0, 60), stored=False))
        progress(Finished(0, replace(repeat(1, 70), seed=1), stored=True))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("[1/2] ws-aux:aux-scheduled[alpha=0.25] seed 0: test error 6.00 %")
    assert "from the store" in lines[1]
    assert not any("\x1b" in line for line in lines)
