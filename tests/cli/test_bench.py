"""``bench`` as a user calls it, and what it shares with ``train``."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.helpers import QUICK, TINY, call, cmpnet, make_plugin


@pytest.mark.parametrize("command", ["train", "bench"])
def test_a_terminal_without_unicode_gets_ascii(command: str) -> None:
    env = {"PYTHONIOENCODING": "ascii"}
    done = cmpnet(command, "ws", "--epochs", "2", "--pairs", "50", environment=env)
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()
    assert "----" in done.stdout


def test_quiet_leaves_stderr_empty() -> None:
    assert call("train", "baseline", *QUICK, "--quiet").stderr == ""
    # Workers write to the stderr of the process.
    assert cmpnet("bench", "baseline", *QUICK, "--repeats", "1", "-q").stderr == ""


def test_an_interrupted_bench_is_resumed_with_the_missing_repeats() -> None:
    call("bench", "baseline", *QUICK, "--repeats", "1")
    done = call("bench", "baseline", *QUICK, "--repeats", "3")
    assert "1 of 3 repeats came from the store" in done.stdout
    assert [line.split()[0] for line in done.stderr.splitlines()] == ["[1/3]", "[2/3]", "[3/3]"]


def test_the_store_can_be_elsewhere() -> None:
    call("bench", "baseline", *QUICK, "--repeats", "1", "--store", "elsewhere")
    env = {"CMPNET_STORE": "elsewhere"}
    done = call("bench", "baseline", *QUICK, "--repeats", "1", environment=env)
    assert "1 of 1 repeats came from the store" in done.stdout
    assert not Path(".cmpnet").exists()


def test_a_diverged_repeat_is_shown_as_such_and_exits_with_1() -> None:
    done = call(
        "bench",
        "ws-plain",
        "baseline",
        "--epochs",
        "3",
        "--pairs",
        "60",
        "--repeats",
        "1",
        "--lr",
        "1000",
    )
    assert done.returncode == 1
    assert "0 of 1" in done.stdout
    assert "diverged" in done.stdout


def test_a_failing_arm_exits_with_1_and_the_others_are_trained(site: Path) -> None:
    code = TINY.replace("return Net(width)", "raise ValueError('sour milk')")
    make_plugin(site, "sour", code, {"architectures": {"tiny": "TINY"}})
    done = call("bench", "tiny", "baseline", *QUICK, "--repeats", "1")
    assert done.returncode == 1
    assert "ValueError: sour milk" in done.stdout
    assert "Traceback" not in done.output
    assert "from the store" in call("train", "baseline", *QUICK).stdout


def test_the_store_is_a_plain_sqlite_file_with_provenance() -> None:
    call("bench", "baseline", *QUICK, "--repeats", "2")
    with sqlite3.connect(".cmpnet/results.sqlite") as db:
        rows = db.execute("SELECT seed, status, identity, provenance FROM repeats").fetchall()
        run = db.execute("SELECT finished FROM runs").fetchall()
    db.close()
    assert sorted(row[0] for row in rows) == [0, 1]
    assert json.loads(rows[0][2])["config"]["epochs"] == 1
    assert json.loads(rows[0][3])["torch"]
    assert run[0][0]
