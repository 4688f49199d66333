"""The plugin's names on cmpnet's command line."""

from __future__ import annotations

import json

import pytest

from cmpnet.__main__ import main


def run(capfd: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a successful command prints on stdout."""
    with pytest.raises(SystemExit) as end:
        main([*arguments])
    captured = capfd.readouterr()
    assert end.value.code in (0, None), captured.err
    return captured.out


def test_train_takes_the_options_of_the_report(capfd: pytest.CaptureFixture[str]) -> None:
    output = run(
        capfd,
        *("train", "minidl-relu", "-o", "init=uniform", "--batch-size", "5", "--lr", "0.002"),
        *("-o", "points=300", "--epochs", "2", "--export-json", "-"),
    )
    (arm,) = json.loads(output)["arms"]
    assert arm["parameters"] == 1401
    assert arm["config"]["lr"] == 0.002
    assert arm["config"]["batch_size"] == 5
    assert arm["options"]["architecture"]["init"] == "uniform"


def test_show_lists_the_layers(capfd: pytest.CaptureFixture[str]) -> None:
    assert "Linear" in run(capfd, "show", "minidl-relu")


def test_bench_compares_the_networks(capfd: pytest.CaptureFixture[str]) -> None:
    arms = ("minidl-relu", "minidl-tanh", "torch-mlp")
    output = run(capfd, "bench", *arms, "-o", "points=200", "--epochs", "1", "--repeats", "2")
    for name in arms:
        assert name in output
