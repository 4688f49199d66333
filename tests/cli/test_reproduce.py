"""An export trained again: bit-identical repeats, and why others may differ."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cmpnet
from cmpnet import CmpnetError
from tests.helpers import QUICK, TINY, call, make_plugin
from tests.tasks.test_mnist import make_folder

Change = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def export(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An export of two arms with two repeats each."""
    folder = tmp_path_factory.mktemp("export")
    results = cmpnet.bench(
        ["baseline", "ws"], repeats=2, epochs=2, pairs=50, store=folder / "store"
    )
    results.save(folder / "x.json")
    return (folder / "x.json").read_text()


def changed(text: str, change: Change) -> str:
    """A file with the export after a change to its document."""
    document = json.loads(text)
    change(document)
    Path("x.json").write_text(json.dumps(document))
    return "x.json"


def test_an_export_is_reproduced_bit_by_bit_without_touching_the_store(export: str) -> None:
    Path("x.json").write_text(export)
    done = call("reproduce", "x.json", "--quiet")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "baseline: bit-identical for seeds 0-1",
        "ws: bit-identical for seeds 0-1",
        "4 of 4 repeats are bit-identical to those of x.json.",
    ]
    assert [path.name for path in Path().iterdir()] == ["x.json"]
    assert done.stderr == ""


def test_it_trains_again_what_a_store_of_its_own_has(export: str) -> None:
    Path("x.json").write_text(export)
    for _ in range(2):
        done = call("reproduce", "x.json", "--store", "kept")
        assert done.returncode == 0
        assert "from the store" not in done.stderr
    assert len(cmpnet.load(store="kept").arms) == 2


def test_a_repeat_that_differs_is_named_with_both_errors_and_the_causes(export: str) -> None:
    def change(document: dict[str, Any]) -> None:
        first = document["arms"][0]
        first["repeats"][1]["curves"]["train_loss"][0] += 1e-9
        first["code"] |= {"torch": "1.0", "numerics": "torch-000000000000"}
        other = document["arms"][1]["repeats"][0]
        other |= {"error_count": 0, "test_error": 0, "mistakes": []}
        other["curves"]["test_error"][-1] = 0
        document["provenance"]["python"] = "3.0"

    done = call("reproduce", changed(export, change), "--quiet")
    assert done.returncode == 1
    lines = done.stdout.splitlines()
    assert lines[0] == "baseline: bit-identical for seed 0"
    error = json.loads(export)["arms"][0]["repeats"][1]["test_error"]
    assert lines[1] == (
        f"baseline, seed 1: different in curves; test error {100 * error:.2f} % in the file, "
        f"test error {100 * error:.2f} % here"
    )
    assert "Python 3.0 in the file, " in lines[2]
    assert "torch 1.0 in the file, " in lines[2]
    assert "arithmetic torch-000000000000 in the file, " in lines[2]
    assert "(another CPU, instruction set or BLAS)" in lines[2]
    assert lines[4].startswith("ws, seed 0: different in test error, error count")
    assert "test error 0.00 % in the file" in lines[4]
    assert lines[-1] == "2 of 4 repeats are bit-identical to those of x.json."


def test_a_difference_without_a_cause_says_so(export: str) -> None:
    def change(document: dict[str, Any]) -> None:
        document["arms"][0]["repeats"][0]["curves"]["train_loss"][0] += 1e-9

    done = cmpnet.reproduce(changed(export, change))
    assert not done.complete
    assert "not deterministic or the file was changed" in str(done)
    assert [repeat.identical for repeat in done.repeats] == [False, True, True, True]
    assert done.repeats[0].differing == ["curves"]


def test_what_was_left_out_of_a_file_is_not_compared(export: str) -> None:
    def change(document: dict[str, Any]) -> None:
        for arm in document["arms"]:
            for repeat in arm["repeats"]:
                repeat |= {"details": {}, "mistakes": [], "curves": {}}

    assert cmpnet.reproduce(changed(export, change)).complete


def test_an_arm_whose_plugin_is_missing_does_not_stop_the_others(export: str) -> None:
    def change(document: dict[str, Any]) -> None:
        document["arms"][0]["architecture"] = "gone"
        document["arms"][1]["repeats"] = document["arms"][1]["repeats"][1:]

    done = call("reproduce", changed(export, change), "--quiet")
    assert done.returncode == 1
    assert done.stdout.splitlines()[0].startswith(
        "baseline: not trained: There is no architecture 'gone'"
    )
    assert "ws: bit-identical for seed 1" in done.stdout
    assert "1 of 3 repeats are bit-identical" in done.stdout


def test_data_that_a_file_cannot_hold_are_given_as_an_option() -> None:
    make_folder(Path("digits"), digits=40)
    options: dict[str, Any] = {"epochs": 1, "pairs": 10, "store": "store"}
    cmpnet.bench("baseline", repeats=1, data_dir="digits", **options).save("x.json")
    done = call("reproduce", "x.json", "--quiet")
    assert done.returncode == 1
    assert "give the data that it was trained on with -o data-dir=PATH" in done.stdout
    assert "0 of 1 repeats" in done.stdout
    assert call("reproduce", "x.json", "-o", "data-dir=digits", "--quiet").returncode == 0
    assert cmpnet.reproduce("x.json", data_dir="digits").complete
    make_folder(Path("more"), digits=60)
    other = call("reproduce", "x.json", "-o", "data-dir=more", "--quiet")
    assert other.returncode == 1
    assert "its data are not those here" in other.stdout


def test_a_network_of_a_script_is_not_taken_for_an_installed_one(export: str) -> None:
    def change(document: dict[str, Any]) -> None:
        document["arms"][0]["code"]["own"] = "0123456789ab"

    done = call("reproduce", changed(export, change), "--quiet")
    assert (
        "baseline: not trained: 'baseline' has a network, loss or task of a script" in done.stdout
    )


def test_a_training_that_fails_here_is_different(site: Path) -> None:
    make_plugin(site, "tiny-plugin", TINY, {"architectures": {"tiny": "TINY"}})
    call("bench", "tiny", *QUICK, "--repeats", "1", "--export-json", "x.json", "--quiet")
    broken = TINY.replace("return Net(width)", "raise ValueError('sour milk')")
    make_plugin(site, "tiny-plugin", broken, {"architectures": {"tiny": "TINY"}})
    done = call("reproduce", "x.json", "--quiet")
    assert done.returncode == 1
    assert " in the file, failed here" in done.stdout
    assert "tiny-plugin 1.0+" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.json"], "'nowhere.json' cannot be read"),
        (["damaged.json"], "give a file that --export-json wrote"),
        (["x.json", "-o", "pairs=5"], "'pairs' cannot be given: the file holds every option"),
        (["x.json", "-o", "data-dir"], "write NAME=VALUE"),
        (["x.json", "--store", ""], "it is empty"),
        (["x.json", "--executor", "locl"], "Did you mean 'local'"),
        (["x.json", "--workers", "0"], "--workers"),
    ],
)
def test_a_wrong_call_is_one_sentence_and_exit_2(
    export: str, arguments: list[str], message: str
) -> None:
    Path("x.json").write_text(export)
    Path("damaged.json").write_text('{"schema": 1')
    done = call("reproduce", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_a_file_without_repeats_is_refused_by_whoever_reads_it(export: str) -> None:
    def change(document: dict[str, Any]) -> None:
        for arm in document["arms"]:
            arm["repeats"] = []

    for command in ("reproduce", "compare"):
        done = call(command, changed(export, change))
        assert done.returncode == 2
        assert "'x.json' cannot be read: it has no repeats" in done.stderr


def test_the_python_verb_refuses_the_same(export: str) -> None:
    Path("x.json").write_text(export)
    with pytest.raises(CmpnetError, match="'pairs' cannot be given"):
        cmpnet.reproduce("x.json", pairs=5)
