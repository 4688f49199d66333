"""Progress while arms are trained: plain lines, and lines that a terminal redraws."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from rich.text import Text

from cmpnet import Curves, RepeatResult
from cmpnet.events import Capacity, Epoch, Event, Finished, Planned, Started, Timed, Waiting
from cmpnet.output.epochs import EpochProgress
from cmpnet.output.live import sparkline
from cmpnet.output.progress import BenchProgress
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
    assert lines[2] == f"[3/3] {LABEL}, seed 2, failed: KeyError: 'x', ETA 0:00"
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


@pytest.fixture
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stderr counts as a terminal of 80 columns."""
    for name, value in (("TERM", "xterm"), ("FORCE_COLOR", "1"), ("COLUMNS", "80")):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)


def drawn(progress: BenchProgress | EpochProgress, width: int = 80, height: int = 24) -> list[str]:
    """The lines that a terminal shows now."""
    screen = Console(file=io.StringIO(), force_terminal=True, width=width, height=height)
    progress._console = screen
    with screen.capture() as capture:
        screen.print(progress._lines())
    plain = "".join(segment.text for segment in screen.render(Text.from_ansi(capture.get())))
    return [text.rstrip() for text in plain.splitlines() if text.strip()]


def show(progress: BenchProgress | EpochProgress, *events: Event) -> None:
    for event in events:
        progress(event)


@pytest.mark.usefixtures("_terminal")
def test_a_terminal_shows_a_line_per_running_training_and_a_summary() -> None:
    times = iter([0.0, 0.0, *[10.0] * 100])
    progress = BenchProgress(clock=lambda: next(times))
    show(progress, planned(LABEL, "ws", repeats=10), Started(1, (0,)), Started(0, (10,)))
    for epoch, error in enumerate((0.4, 0.2, 0.3), 1):
        progress(Epoch(10, epoch, 0.5, 0.0, error, arm=0))
    ws, aux, summary = drawn(progress)
    assert ws.split() == ["ws", "seed", "0", "epoch", "0/25"]
    assert aux.split() == [LABEL, *["seed", "10", "epoch", "3/25", "error", "30.00", "%", "█▁▄"]]
    assert ws.index("seed") == aux.index("seed")
    assert summary.endswith(" 0/20 repeats  0:10  ETA 0:00")
    show(progress, Finished(0, replace(RESULT, seed=10), stored=False))
    assert [line.split()[0] for line in drawn(progress)][:-1] == ["ws"]
    assert f"{LABEL} 6.0" in drawn(progress, 120)[-1]


@pytest.mark.parametrize("width", [80, 40, 20])
@pytest.mark.usefixtures("_terminal")
def test_no_line_is_wider_than_the_terminal_whatever_the_labels_and_metrics(width: int) -> None:
    label = "ws-aux:aux-scheduled[alpha=0.25,decay=none,hidden=128,weight-decay=0.05]"
    progress = BenchProgress()
    plan = planned(label, "ws", repeats=1000, epochs=1000)
    show(progress, replace(plan, curves=("a-very-long-name-of-a-metric",) * 2))
    for arm in (0, 1):
        progress(Started(arm, tuple(range(900, 950))))
        for epoch in range(1, 500):
            progress(Epoch(900, epoch, 0.5, None, None, 1.0, 1000 / epoch, arm=arm))
    lines = drawn(progress, width)
    assert len(lines) == 3
    assert max(map(len, lines)) <= width
    if width == 80:
        assert "…" in lines[0]
        assert lines[0].startswith("ws-aux:a")
        assert "seeds 900-949  epoch  499/1000  a-very…metric 2.004  █▂▁" in lines[0]


@pytest.mark.usefixtures("_terminal")
def test_trainings_that_the_terminal_is_too_low_for_are_counted() -> None:
    progress = BenchProgress()
    show(progress, planned("ws", repeats=30), *(Started(0, (seed,)) for seed in range(30)))
    lines = drawn(progress, height=10)
    assert len(lines) == 9
    assert lines[-2] == "and 23 more"


@pytest.mark.usefixtures("_terminal")
def test_a_terminal_keeps_every_failure(capsys: pytest.CaptureFixture[str]) -> None:
    with BenchProgress() as progress:
        show(progress, planned("other"), Started(0, (2,)), Finished(0, FAILED, stored=False))
    assert "other, seed 2, failed: KeyError: 'x'" in capsys.readouterr().err


@pytest.mark.usefixtures("_terminal")
def test_a_terminal_shows_the_round_of_the_timings() -> None:
    now = [0.0]
    progress = BenchProgress(clock=lambda: now[0])
    show(progress, planned("ws"), Finished(0, RESULT, stored=True), Timed(0, 10, 2))
    now[0] = 6.0
    show(progress, Timed(3, 10, 2))
    assert drawn(progress)[0].endswith("round 3/10 of timings  0:06  ETA 0:14")


@pytest.mark.parametrize("variable", ["TERM=dumb", "NO_COLOR=1"])
@pytest.mark.usefixtures("_terminal")
def test_a_dumb_terminal_and_no_color_get_plain_lines_of_80_columns(
    variable: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*variable.split("="))
    with BenchProgress() as progress:
        show(progress, planned(LABEL), Started(0, (0,)), Finished(0, RESULT, stored=False))
    with EpochProgress() as epochs:
        show(epochs, planned(LABEL, epochs=10), Started(0, (0,)), Epoch(0, 1, 0.5, 0.1, 0.25))
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("[1/1] ws-a")
    assert " seed 0: test error 6.00 %, train 0.00 %, 1.5 s, ETA 0:00" in first
    assert second.startswith("epoch  1/10  loss 0.5000  error: train 10.00 %, test 25.00 %  ETA ")
    assert all(len(line) <= 80 and line.isascii() is ("…" not in line) for line in (first, second))
    assert "\x1b" not in first + second


def test_an_epoch_is_one_line_and_other_events_are_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with EpochProgress() as progress:
        show(progress, planned(LABEL, epochs=10), Started(0, (0,)))
        show(progress, Epoch(0, 1, 0.5, 0.1, 0.25), Epoch(0, 10, 12.25, 0.0, 1.0))
    first, last = capsys.readouterr().err.splitlines()
    assert first.startswith("epoch  1/10  loss 0.5000  error: train 10.00 %, test 25.00 %  ETA ")
    assert last == "epoch 10/10  loss 12.2500  error: train  0.00 %, test 100.00 %  ETA 0:00"


@pytest.mark.usefixtures("_terminal")
def test_a_training_on_a_terminal_is_a_bar_with_its_last_values_and_curve() -> None:
    now = [0.0]
    progress = EpochProgress(clock=lambda: now[0])
    show(progress, planned("ws", epochs=4), Started(0, (0,)))
    for epoch in (1, 2):
        now[0] = 3.0 * epoch
        show(progress, Epoch(0, epoch, 0.5 / epoch, 0.1, 0.5 / epoch))
    bar, values = drawn(progress)
    assert bar.endswith(" epoch 2/4  0:06  ETA 0:06")
    assert values == "loss 0.2500  error: train 10.00 %, test 25.00 %  █▁"
    assert max(map(len, drawn(progress, 30))) <= 30


STORED = replace(
    RESULT, curves=Curves(train_loss=[0.5, 0.25], train_error=[0.1, 0.0], test_error=[0.2, 0.06])
)


def test_a_stored_repeat_is_replayed_at_once_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with EpochProgress(sleep=lambda seconds: pytest.fail("it waits")) as progress:
        show(progress, planned("ws", epochs=2), Finished(0, STORED, stored=True))
    assert capsys.readouterr().err.splitlines() == [
        "seed 0 is in the store; replaying its 2 epochs (--fresh trains it again)",
        "epoch 1/2  loss 0.5000  error: train 10.00 %, test 20.00 %",
        "epoch 2/2  loss 0.2500  error: train  0.00 %, test  6.00 %",
    ]


@pytest.mark.parametrize("epochs", [2, 25, 1000])
@pytest.mark.usefixtures("_terminal")
def test_a_replay_on_a_terminal_takes_3_seconds_at_most(epochs: int) -> None:
    waits: list[float] = []
    progress = EpochProgress(sleep=waits.append)
    each = [0.5] * epochs
    curves = Curves(train_loss=each, train_error=each, test_error=each)
    show(progress, planned("ws", epochs=epochs))
    show(progress, Finished(0, replace(RESULT, curves=curves), stored=True))
    assert len(waits) == epochs
    assert 0.2 < sum(waits) < 3.001
    assert drawn(progress)[0].endswith(f"epoch {epochs}/{epochs}  from the store")


def test_a_new_repeat_is_not_replayed_and_a_quiet_training_prints_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show(EpochProgress(), planned("ws", epochs=2), Finished(0, STORED, stored=False))
    quiet = EpochProgress(quiet=True)
    show(quiet, planned("ws", epochs=2), Epoch(0, 1, 0.5, 0.1, 0.25))
    show(quiet, Finished(0, STORED, stored=True), Waiting(1))
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


@pytest.mark.parametrize(
    ("values", "width", "expected"),
    [
        ([], 8, ""),
        ([0.3], 8, "▁"),
        ([0.3, 0.3, 0.3], 8, "▁▁▁"),
        ([float("nan"), 1.0, float("inf"), 0.0], 8, "█▁"),
        ([8.0, 0.0, 3.0, 3.0], 2, "█▁"),
        ([3.0, 1.0], 0, ""),
    ],
)
def test_a_sparkline_shows_finite_values_and_joins_those_that_do_not_fit(
    values: list[float], width: int, expected: str
) -> None:
    assert sparkline(values, width) == expected
