"""``compare`` and ``bench --reference`` and ``-L``, as a user calls them."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tests.helpers import cmpnet

QUICK = ("--epochs", "1", "--pairs", "60", "--no-plot", "--quiet")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store of two benches, the second with seeds 2-4 of the same arms, and one
    of other epochs, one of other pairs, one of another seed; and both benches as JSON.
    """
    folder = tmp_path_factory.mktemp("compare")
    store = ("--store", str(folder / "store"))
    calls = [
        ("baseline", "ws", "--repeats", "3", "--export-json", str(folder / "one.json")),
        (
            "baseline",
            "ws",
            "--seed",
            "2",
            "--repeats",
            "3",
            "--export-json",
            str(folder / "t.json"),
        ),
        ("ws[epochs=2]", "--repeats", "2"),
        ("ws[pairs=50]", "--repeats", "2"),
        ("ws[lr=0.2]", "--repeats", "1", "--seed", "9"),
    ]
    for call in calls:
        done = cmpnet("bench", *call, *QUICK, *store)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(autouse=True)
def _here(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CMPNET_STORE", str(kept / "store"))


def runs() -> list[str]:
    words = cmpnet("runs").stdout.split()
    return [word for word in words if len(word) == 12 and set(word) <= set("0123456789abcdef")]


def test_two_arms_of_the_store_are_compared_with_the_first_as_the_reference() -> None:
    done = cmpnet("compare", "ws[epochs=2]", "baseline")
    assert done.returncode == 0, done.stderr
    assert "Test error against ws[epochs=2], paired by seed" in done.stdout
    assert "Test error %: how its repeats spread" in done.stdout
    assert "baseline and ws[epochs=2] were trained for 1 and 2 epochs." in done.stderr


def test_two_runs_are_compared_arm_by_arm() -> None:
    first, second = runs()[:2]
    done = cmpnet("compare", first, second[:6], "--export-json", "-")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    pairs = [(row["arm"], row["reference"], row["n"]) for row in document["comparisons"]]
    assert pairs == [
        (f"baseline ({second})", "baseline", 1),
        (f"ws ({second})", "ws", 1),
    ]
    # Seed 2 is the same training in both, found again in the store.
    assert [row["difference"] for row in document["comparisons"]] == [0, 0]
    assert first in document["provenance"]["source"]
    assert "1 seeds in common, of 3 and 3" in done.stderr


def test_exported_files_are_compared_without_any_store(kept: Path) -> None:
    nowhere = {"CMPNET_STORE": "nowhere"}
    files = (str(kept / "one.json"), str(kept / "t.json"))
    done = cmpnet("compare", *files, environment=nowhere)
    assert done.returncode == 0, done.stderr
    assert "from one.json; t.json" in done.stdout
    assert "ws (t.json)" in done.stdout
    assert not Path("nowhere").exists()
    mixed = cmpnet("compare", files[0], "ws[epochs=2]")
    assert mixed.returncode == 0, mixed.stderr


def test_one_run_is_compared_within_itself_and_is_the_benchs_own_table(kept: Path) -> None:
    done = cmpnet("compare", runs()[0], "--export-json", "-", "--export-csv", "c.csv")
    benched = json.loads((kept / "one.json").read_text())
    found = json.loads(done.stdout)
    assert found["comparisons"] == benched["comparisons"]
    assert found["arms"] == benched["arms"]
    with Path("c.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 6


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (["ws", "ws"], "name at least two arms"),
        (["baseline"], "name at least two arms"),
        (["ws[pairs=50]", "baseline"], "pairs is 60, not 50"),
        (["ws[lr=0.2]", "baseline"], "no finished seed in common"),
        (["baseline", "wsx"], "no arm and no run 'wsx'"),
        (["baseline", "nowhere.json"], "'nowhere.json' cannot be read"),
        (["baseline", "./damaged"], "--export-json"),
        (["baseline", "ws", "--store", "nowhere"], "has no results"),
        (["baseline", "ws", "--export-csv", "-", "--export-latex", "-"], "two different files"),
        (["baseline", "ws", "--export-csv", "no/such/x"], "Cannot write the CSV export"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence_and_exit_2(call: list[str], said: str) -> None:
    Path("damaged").write_text('{"schema": 1')
    done = cmpnet("compare", *call)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_another_task_is_refused() -> None:
    cmpnet("bench", "minidl-relu", "--epochs", "1", "--repeats", "1", "--quiet", "--no-plot")
    done = cmpnet("compare", "baseline", "minidl-relu")
    assert done.returncode == 2
    assert "its task is disk, not digit-pairs" in done.stderr


def test_bench_takes_another_reference_and_refuses_a_wrong_one_before_training() -> None:
    done = cmpnet("bench", "baseline", "ws", "--repeats", "2", "--reference", "ws", *QUICK)
    assert "Test error against ws, paired by seed" in done.stdout
    before = os.listdir()
    wrong = cmpnet("bench", "baseline", "ws", "--reference", "wss", *QUICK)
    assert wrong.returncode == 2
    assert "Did you mean 'ws'" in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1
    assert os.listdir() == before


def test_a_sweep_is_one_table_and_is_stored_per_value() -> None:
    sweep = ("-L", "alpha", "0,0.5", "-L", "lr", "0.05,0.1")
    done = cmpnet("bench", "ws-aux", "baseline[lr=0.2]", *sweep, "--repeats", "1", *QUICK)
    assert done.returncode == 0, done.stderr
    for alpha in ("0.0", "0.5"):
        for lr in ("0.05", "0.1"):
            assert f"ws-aux[alpha={alpha},lr={lr}]" in done.stdout.replace("\n", "")
    assert "alpha 0,0.5, lr 0.05,0.1" in done.stdout
    again = cmpnet("bench", "ws-aux[alpha=0.5,lr=0.1]", "--repeats", "1", *QUICK)
    assert "1 of 1 repeats came from the store" in again.stdout
    assert "alpha" in cmpnet("plot", "alpha", "ws-aux").stdout


def test_a_warning_is_on_stderr_and_leaves_stdout_to_the_results() -> None:
    arms = ("ws-plain", "baseline")
    wild = ("--epochs", "3", "--pairs", "60", "--repeats", "1", "--lr", "1000", "--quiet")
    done = cmpnet("bench", *arms, *wild, "--export-csv", "-")
    assert done.returncode == 1
    assert "Warning: ws-plain: 0 of 1 repeats count (seed 0 diverged)" in done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["status"] for row in rows] == ["diverged", "diverged"]
