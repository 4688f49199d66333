"""Ctrl-C and SIGTERM: finished repeats are kept, one line says so, nothing is left running."""

from __future__ import annotations

import os
import random
import signal
import textwrap
from pathlib import Path

import pytest

from tests.helpers import TINY, make_plugin
from tests.processes import Running, running, stored

BENCH = ("bench", "baseline", "ws", "--pairs", "60", "--repeats", "50", "--no-plot")
STORE = Path(".cmpnet")


def ctrl_c(bench: Running) -> None:
    """As a terminal does it: to every process of the group."""
    os.killpg(bench.group, signal.SIGINT)


@pytest.mark.parametrize(
    ("number", "code", "message"),
    [(signal.SIGINT, 130, "Stopped by Ctrl-C"), (signal.SIGTERM, 143, "Stopped by SIGTERM")],
)
def test_a_stopped_bench_keeps_finished_repeats_and_says_how_to_resume(
    number: signal.Signals, code: int, message: str
) -> None:
    with running(*BENCH) as bench:
        bench.wait_until(lambda: len(bench.reported()) > 2)
        os.killpg(bench.group, number)
        assert bench.wait() == code
        last = bench.stderr.splitlines()[-1]
    assert message in last
    assert "rerun the same command to resume" in last
    assert bench.messages() == [last]
    assert bench.reported() <= stored(STORE).keys()


@pytest.mark.parametrize("times", [3, pytest.param(30, marks=pytest.mark.slow)])
def test_ctrl_c_at_any_moment_of_a_bench_is_one_line(times: int) -> None:
    moments = random.Random(times)
    for number in range(times):
        store = Path(f"store{number}")  # a new one: a bench of stored repeats would be over
        with running(*BENCH, "--store", str(store)) as bench:
            # From 0.3 s on: before, Python itself is not up.
            bench.wait_at_most(moments.uniform(0.3, 3))
            ctrl_c(bench)
            # Python ends so itself if it was inside exec(); to a shell it is 130 as well.
            assert bench.wait() in (130, -signal.SIGINT), bench.stderr
            assert len(bench.messages()) == 1, bench.stderr
            assert bench.reported() <= (stored(store).keys() if store.exists() else set())


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.slow)])
def test_a_second_ctrl_c_ends_at_once_and_leaves_nothing_running(times: int) -> None:
    moments = random.Random(times)
    for number in range(times):
        store = Path(f"store{number}")  # a new one: a bench of stored repeats would be over
        with running(*BENCH, "--store", str(store)) as bench:
            bench.wait_until(bench.reported)
            ctrl_c(bench)
            bench.wait_at_most(moments.uniform(0, 0.15))
            if bench.process.poll() is None:
                ctrl_c(bench)
            assert bench.wait(5) in (130, -signal.SIGINT)
            assert "Traceback" not in bench.stderr
            assert bench.reported() <= stored(store).keys()


@pytest.mark.parametrize(
    "moment",
    {
        # An exception would abort the interpreter in torch's extensions: the import ends first.
        "an import": (
            "import torch",
            "import signal; signal.raise_signal(2); import torch; open('imported', 'w').close()",
        ),
        # Python drops exceptions there.
        "a weakref's callback": (
            "return Net(width)",
            "import signal, weakref\n"
            "    ref = weakref.ref(Net(width), lambda _: signal.raise_signal(2))\n"
            "    return Net(width)",
        ),
    }.items(),
    ids=lambda moment: moment[0],
)
def test_ctrl_c_where_python_cannot_raise_it_stops_a_moment_later(
    moment: tuple[str, tuple[str, str]], tmp_path: Path
) -> None:
    make_plugin(
        tmp_path / "site",
        "stopping",
        textwrap.dedent(TINY).replace(*moment[1]),
        {"architectures": {"tiny": "TINY"}},
    )
    arguments = ("train", "tiny", "--epochs", "100000", "--pairs", "20", "--no-plot")
    with running(*arguments, site=tmp_path / "site") as train:
        assert train.wait() == 130
        assert "Traceback" not in train.stderr
        assert "Exception ignored" not in train.stderr
        assert "Stopped by Ctrl-C" in train.stderr.splitlines()[-1]
    assert Path("imported").exists() == (moment[0] == "an import")


def test_ctrl_c_in_a_single_training_is_one_line_too() -> None:
    with running("train", "ws", "--epochs", "100000", "--pairs", "20", "--no-plot") as train:
        train.wait_until(lambda: "epoch" in train.stderr)
        ctrl_c(train)
        assert train.wait() == 130
        assert "Traceback" not in train.stderr
        assert "Stopped by Ctrl-C" in train.stderr.splitlines()[-1]
