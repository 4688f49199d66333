"""The quick checks of ``make smoke``: every part of the program once, in some ten seconds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import cmpnet
from tests.helpers import QUICK, call


@pytest.fixture
def bench() -> None:
    done = call("bench", "baseline", "ws-aux", "--repeats", "2", *QUICK, "--workers", "2")
    assert done.returncode == 0, done.output


def test_a_network_is_trained_and_printed() -> None:
    done = call("train", "ws-aux", "--alpha", "0.75", *QUICK)
    assert done.returncode == 0, done.output
    assert "ws-aux[alpha=0.75]" in done.stdout
    assert "epoch 1/1" in done.stderr


@pytest.mark.usefixtures("bench")
def test_a_bench_is_stored_resumed_drawn_and_compared() -> None:
    again = call("bench", "baseline", "ws-aux", "--repeats", "2", *QUICK, "--export-json", "x.json")
    assert "4 of 4 repeats came from the store" in again.stdout
    assert call("plot", "compare").stdout.count("(n=2)") == 2
    assert "against baseline" in call("compare", "baseline", "ws-aux").stdout
    exported = json.loads(Path("x.json").read_text())
    errors = [repeat["test_error"] for repeat in exported["arms"][1]["repeats"]]
    assert cmpnet.load("x.json").arms[1].test_errors() == errors


def test_a_plugin_is_benched_beside_its_twin_in_torch() -> None:
    done = call(
        "bench", "minidl-relu", "torch-mlp", "--epochs", "1", "--points", "50", "--repeats", "2"
    )
    assert done.returncode == 0, done.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("train", "wsaux"), "Did you mean 'ws-aux'?"),
        (("train", "ws", "--alhpa", "1"), "No such option: --alhpa"),
        (("bench", "ws", "ws"), "given twice"),
        (("bench", "--repeats", "0"), "greater than or equal to 1"),
        (("compare", "ws", "ws-aux"), "has no results"),
        (("show", "nothing"), "There is no name 'nothing'"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_2(arguments: tuple[str, ...], message: str) -> None:
    done = call(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_help_and_names_are_listed() -> None:
    assert "cmpnet bench" in call("--help").stdout
    assert "ws-aux" in call("list", "architectures").stdout
    assert "aux-discounted" in call("show", "ws-aux").stdout
