"""Files that ``train`` and ``bench`` write at the end."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.helpers import QUICK, TINY, call, cmpnet, make_plugin
from tests.tasks.test_mnist import make_folder


def test_bench_exports_schema_1_with_every_raw_number() -> None:
    done = cmpnet(
        "bench",
        "baseline",
        "ws-aux:aux-scheduled[alpha=0.25]",
        *QUICK,
        "--repeats",
        "2",
        "--seed",
        "5",
        "--export-json",
        "-",
    )
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["schema"] == 1
    assert [arm["name"] for arm in document["arms"]] == [
        "baseline",
        "ws-aux:aux-scheduled[alpha=0.25]",
    ]
    arm = document["arms"][1]
    assert arm["loss"] == "aux-scheduled"
    assert arm["options"]["loss"] == {"alpha": 0.25, "decay": "linear"}
    assert [repeat["seed"] for repeat in arm["repeats"]] == [5, 6]
    errors = [repeat["test_error"] for repeat in arm["repeats"]]
    assert arm["test_error"]["mean"] == pytest.approx(sum(errors) / 2)
    assert arm["test_error"]["sd"] == pytest.approx(abs(errors[0] - errors[1]) / 2**0.5)
    (row,) = document["comparisons"]
    assert (row["arm"], row["reference"], row["n"]) == (arm["name"], "baseline", 2)
    assert row["p"] is None
    assert arm["repeats"][0]["curves"]["test_error"] == errors[:1]
    assert arm["repeats"][0]["error_count"] == round(errors[0] * 50)
    provenance = document["provenance"]
    for field in (
        "cmpnet",
        "python",
        "torch",
        "numpy",
        "threads",
        "device",
        "cpu",
        "data_sha256",
        "plugins",
        "started",
        "seconds",
    ):
        assert field in provenance
    assert str(Path.cwd()) not in done.stdout
    assert os.uname().nodename not in done.stdout


@pytest.mark.parametrize("command", ["train", "bench"])
def test_stdout_is_pure_json_whatever_a_plugin_prints(command: str, tmp_path: Path) -> None:
    code = TINY.replace("import torch", "import torch; print('at import')")
    code = code.replace("return Net(width)", "print('at build'); return Net(width)")
    make_plugin(tmp_path / "s", "chatty", code, {"architectures": {"tiny": "TINY"}})
    repeats = ["--repeats", "1"] if command == "bench" else []
    done = cmpnet(command, "tiny", *QUICK, *repeats, "--export-json", "-", site=tmp_path / "s")
    assert json.loads(done.stdout)["arms"][0]["name"] == "tiny"
    assert "at build" in done.stderr


def test_no_path_goes_into_an_export_or_a_checkpoint(tmp_path: Path) -> None:
    make_folder(tmp_path / "secret", digits=40)
    arm = f"baseline[data-dir={tmp_path / 'secret'}]"
    small = ("--epochs", "1", "--pairs", "20")
    done = call("bench", arm, *small, "--repeats", "1", "--export-json", "bench.json")
    assert done.returncode == 0, done.stderr
    assert json.loads(Path("bench.json").read_text())["arms"]
    assert str(tmp_path) not in Path("bench.json").read_text()
    assert str(tmp_path) not in done.stdout
    call("train", "baseline", *small, "--data-dir", "secret", "--save", "net.safetensors")
    assert b"secret" not in Path("net.safetensors").read_bytes()


def test_the_cause_of_a_failure_is_exported_without_its_traceback(site: Path) -> None:
    code = TINY.replace("return Net(width)", "raise ValueError('sour milk')")
    make_plugin(site, "sour", code, {"architectures": {"tiny": "TINY"}})
    done = call("bench", "tiny", *QUICK, "--repeats", "1", "--export-json", "sour.json")
    assert done.returncode == 1
    (result,) = json.loads(Path("sour.json").read_text())["arms"][0]["repeats"]
    assert result["cause"] == "ValueError: sour milk"


def test_an_existing_export_is_left_whole_when_the_call_fails() -> None:
    Path("old.json").write_text("precious")
    done = call("train", "ws", "--alpha", "0.5", "--export-json", "old.json")
    assert done.returncode == 2
    assert Path("old.json").read_text() == "precious"


def test_no_output_goes_over_what_the_call_reads_or_keeps() -> None:
    quick = ("--pairs", "50", "--epochs", "1", "--no-plot", "--quiet", "--store", "store")
    export = ("--export-json", "a.json")
    assert call("bench", "baseline", "ws", "--repeats", "1", *quick, *export).returncode == 0
    suite = Path("mine.toml")
    suite.write_text('title = "t"\n[[arm]]\narm = "ws"\n')
    calls = [
        ("bench", "ws", *quick, "--export-json", "store/results.sqlite"),
        ("bench", "ws", *quick, "--export-csv", "./store/../store/results.lock"),
        ("bench", "--suite", "mine.toml", *quick, "--export-latex", "mine.toml"),
        ("train", "ws", *quick, "--save", "store/results.sqlite"),
        ("compare", "ws", "baseline", "--store", "store", "--export-csv", "store/results.sqlite"),
        ("compare", "a.json", "--export-markdown", "a.json"),
    ]
    files = [suite, Path("a.json"), *Path("store").iterdir()]
    before = [file.read_bytes() for file in files]
    for arguments in calls:
        done = call(*arguments)
        assert done.returncode == 2
        assert "would overwrite" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert [file.read_bytes() for file in files] == before
