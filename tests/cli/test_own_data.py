"""A user's own file from the command line: from a table to a verdict, and back from an export."""

from __future__ import annotations

import json
from pathlib import Path

from tests.helpers import call, make_table

QUICK = ("--epochs", "2", "--no-plot", "--quiet")


def test_two_networks_are_compared_on_a_table() -> None:
    make_table("iris.csv")
    result = call("bench", "linear", "mlp", "--data", "iris.csv", "--repeats", "2", *QUICK)
    assert result.returncode == 0, result.output
    assert "data iris.csv" in result.stdout
    assert "Against linear" in result.stdout
    assert "task=classes|test_share=0.2|" in result.stdout


def test_a_stored_repeat_is_reused_for_the_same_samples_only() -> None:
    make_table("iris.csv")
    bench = ("bench", "linear", "--repeats", "1", "--epochs", "2", "--no-plot")
    assert "from the store" not in call(*bench, "--data", "iris.csv").stderr
    assert "from the store" in call(*bench, "--data", "iris.csv").stderr
    Path("iris.csv").write_text(Path("iris.csv").read_text().replace("setosa", "Setosa"))
    assert "from the store" not in call(*bench, "--data", "iris.csv").stderr


def test_without_data_nothing_is_trained() -> None:
    for arguments in (("bench", "linear", "mlp"), ("train", "mlp", "--data", "none.csv")):
        result = call(*arguments)
        assert result.returncode == 2
        assert "a folder that has one subfolder of images per class." in result.stderr


def test_the_task_and_its_networks_are_shown_with_and_without_data() -> None:
    task = call("show", "classes").stdout
    assert all(name in task for name in ("test-share", "size", "validation"))
    without = call("show", "linear")
    assert without.returncode == 0
    assert "scores (B, classes)" in without.stdout
    assert "The layers depend on the data." in without.stdout
    make_table("iris.csv")
    assert "layers.0" in call("show", "linear", "-o", "data=iris.csv").stdout
    assert call("show", "linear", "-o", "data=none.csv").returncode == 2


def test_the_confusion_matrix_has_the_names_of_the_classes_without_the_file() -> None:
    make_table("iris.csv")
    call("bench", "linear", "--data", "iris.csv", "--repeats", "2", *QUICK)
    Path("iris.csv").unlink()
    picture = call("plot", "confusion", "linear").stdout
    assert "predicted class, % of each true class (n=2)" in picture
    assert all(name in picture for name in ("setosa", "versicolor", "virginica"))


def test_a_saved_network_and_an_export_need_the_file_again_and_then_give_the_same() -> None:
    make_table("iris.csv")
    call("train", "mlp", "--data", "iris.csv", *QUICK, "--save", "m.safetensors")
    call("train", "mlp", "--data", "iris.csv", *QUICK, "--export-json", "m.json")
    assert "iris.csv" not in Path("m.json").read_text()
    (arm,) = json.loads(Path("m.json").read_text())["arms"]
    count = arm["repeats"][0]["error_count"]
    assert "or -o data=PATH to any command" in call("evaluate", "m.safetensors").stderr
    result = call("evaluate", "m.safetensors", "-o", "data=iris.csv")
    assert f"{count} of 30 test samples" in result.stdout
    assert call("reproduce", "m.json", "-o", "data=iris.csv").returncode == 0


def test_a_sweep_measures_on_validation_samples() -> None:
    make_table("iris.csv")
    result = call("bench", "mlp", "--data", "iris.csv", "--sweep", "hidden=2,4", *QUICK[:2],
                  "--repeats", "1", "--no-plot")  # fmt: skip
    assert result.returncode == 0, result.output
    assert "Validation error %" in result.stdout
