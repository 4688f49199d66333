"""Progress while arms are trained, where stderr is no terminal."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cmpnet import RepeatResult
from cmpnet.events import Capacity, Epoch, Finished, Planned, Started, Waiting
from cmpnet.output.progress import BenchProgress, EpochLines
from tests.helpers import arm_results

LABEL = "ws-aux:aux-scheduled[alpha=0.25]"
(RESULT,) = arm_results(LABEL, [60]).repeats.values()
FAILED = RepeatResult(seed=2, status="failed", cause="KeyError: 'x'\nTraceback ...")


def planned(*labels: str, repeats: int = 1, epochs: int = 25) -> Planned:
    arms = tuple(arm_results(label, [], epochs=epochs).key for label in labels)
    return Planned(arms, tuple(range(repeats)))


def test_piped_progress_is_one_plain_line_per_repeat(capsys: pytest.CaptureFixture[str]) -> None:
    with BenchProgress() as progress:
        progress(planned(LABEL, repeats=3))
        progress(Started(0, (0, 1)))
        progress(Epoch(0, 1, 0.5, 0.1, 0.2))
        progress(Finished(0, RESULT, stored=False))
        progress(Finished(0, replace(RESULT, seed=1), stored=True))
        progress(Finished(0, FAILED, stored=False))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0].startswith(f"[1/3] {LABEL} seed 0: test error 6.00 %, train 0.00 %, 1.5 s")
    assert "from the store" in lines[1]
    assert lines[2] == f"[3/3] {LABEL}, seed 2, failed: KeyError: 'x', ETA 0 s"
    assert not any("\x1b" in line for line in lines)


def test_waiting_is_reported_once(capsys: pytest.CaptureFixture[str]) -> None:
    with BenchProgress() as progress:
        progress(planned(LABEL, repeats=2))
        progress(Waiting(2))
        progress(Waiting(1))
    text = capsys.readouterr().err
    assert text == "waiting for 2 repeats that another cmpnet is training\n"


def test_quiet_progress_prints_nothing_but_the_tracebacks_that_were_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for verbose, expected in ((False, ""), (True, "Traceback ...\n")):
        with BenchProgress(quiet=True, verbose=verbose) as progress:
            progress(planned(LABEL, repeats=2))
            progress(Finished(0, RESULT, stored=False))
            progress(Finished(0, FAILED, stored=False))
            progress(Waiting(1))
        assert capsys.readouterr().err == expected


def test_a_terminal_shows_the_mean_errors_and_every_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with BenchProgress() as progress:
        progress(planned("ws[lr=1]", "other"))
        progress(Finished(0, RESULT, stored=False))
        progress(Finished(1, FAILED, stored=False))
    text = capsys.readouterr().err
    assert "ws[lr=1] 6.0" in text
    assert "other, seed 2, failed: KeyError: 'x'" in text


@pytest.mark.parametrize(
    ("columns", "shown"),
    [("200", "a 6.0  b 6.0  b 6.0"), ("90", "b 6.0"), ("65", "b" * 19 + "…")],
)
def test_mean_errors_that_do_not_fit_are_those_of_the_last_arm(
    columns: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", columns)
    progress = BenchProgress()
    progress(planned(*(letter * 30 for letter in "abb")))
    for arm in range(3):
        progress(Finished(arm, RESULT, stored=False))
    assert progress._mean_errors(1).replace("a" * 30, "a").replace("b" * 30, "b") == shown


def test_an_epoch_is_one_line_and_other_events_are_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show = EpochLines()
    show(planned(LABEL, epochs=10))
    show(Started(0, (0,)))
    show(Epoch(0, 1, 0.5, 0.1, 0.25))
    show(Epoch(0, 10, 12.25, 0.0, 1.0))
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith(
        "epoch  1/10  train loss  0.5000  train error 10.00 %  test error 25.00 %  ETA "
    )
    assert last == (
        "epoch 10/10  train loss 12.2500  train error  0.00 %  test error 100.00 %  ETA 0 s"
    )


def test_quiet_epochs_print_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    show = EpochLines(quiet=True)
    show(planned(LABEL, epochs=10))
    show(Epoch(0, 1, 0.5, 0.1, 0.25))
    assert capsys.readouterr().err == ""


def test_workers_that_join_or_are_refused_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with BenchProgress() as progress:
        progress(planned(LABEL))
        progress(Capacity(1, 1))
        progress(Capacity(2, 9, ("tcp://a:1 is not used: it has torch 2.12, this machine 2.13",)))
    assert capsys.readouterr().err.splitlines() == [
        "training on 1 worker, 1 slot",
        "tcp://a:1 is not used: it has torch 2.12, this machine 2.13",
        "training on 2 workers, 9 slots",
    ]
