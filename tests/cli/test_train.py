"""``train`` as a user calls it, in an empty folder."""

from __future__ import annotations

import json
import stat
from pathlib import Path

from safetensors.numpy import load_file

from tests.helpers import QUICK, call
from tests.tasks.test_mnist import make_folder


def test_train_prints_one_line_per_epoch_a_table_and_a_curve() -> None:
    done = call("train", "ws-aux", "--alpha", "0.75", "--epochs", "3", "--pairs", "50")
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    assert [line.split()[1] for line in lines] == ["1/3", "2/3", "3/3"]
    assert all(word in lines[0] for word in ("loss", "error: train", "test", "ETA"))
    assert "ws-aux[alpha=0.75]" in done.stdout
    assert "epochs" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_train_makes_the_same_repeat_as_a_bench_and_shares_its_store() -> None:
    first = call("bench", "baseline", *QUICK, "--repeats", "2")
    assert first.returncode == 0, first.stderr
    then = call("train", "baseline", *QUICK, "--seed", "1", "--export-json", "t.json")
    assert "came from the store" in then.stdout
    replay = then.stderr.splitlines()
    assert replay[0] == "seed 1 is in the store; replaying its 1 epoch (--fresh trains it again)"
    assert replay[1].startswith("epoch 1/1  loss ")
    call("bench", "baseline", *QUICK, "--repeats", "2", "--export-json", "b.json")
    repeats = json.loads(Path("b.json").read_text())["arms"][0]["repeats"]
    assert json.loads(Path("t.json").read_text())["arms"][0]["repeats"] == repeats[1:]


def test_a_checkpoint_has_the_weights_and_their_settings() -> None:
    done = call("train", "ws", *QUICK, "--save", "ws.safetensors", "-o", "hidden=8")
    assert done.returncode == 0, done.stderr
    weights = load_file("ws.safetensors")
    assert weights["digits.0.weight"].shape == (8, 256)
    header = Path("ws.safetensors").read_bytes()[8:2000].decode(errors="ignore")
    assert "aux" not in header
    assert '\\"hidden\\": 8' in header
    mode = stat.S_IMODE(Path("ws.safetensors").stat().st_mode)
    assert mode & 0o400


def test_another_data_set_in_a_folder_is_used(tmp_path: Path) -> None:
    make_folder(tmp_path / "other", digits=40)
    done = call("train", "baseline", "--epochs", "1", "--pairs", "20", "--data-dir", "other")
    assert done.returncode == 0, done.stderr
    more = call("train", "baseline", "--epochs", "1", "--pairs", "21", "--data-dir", "other")
    assert more.returncode == 2
    assert "it must be at most 20, since the train split has 40 digits" in more.stderr
