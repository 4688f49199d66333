"""``compare`` and ``bench --reference`` and ``-L``, as a user calls them."""

from __future__ import annotations

import contextlib
import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from cmpnet import ArmResults
from cmpnet.store import Identity, Store
from tests.helpers import arm_results, call, cmpnet

QUICK = ("--epochs", "1", "--pairs", "60", "--no-plot", "--quiet")


@pytest.fixture
def run_ids() -> list[str]:
    """The ids of the runs of a store: two benches with one seed in common, and single arms.

    Their repeats are made up, of two arms of 25 epochs and 1000 pairs unless the label says so.
    """
    arms = (arm_results("baseline", [180, 190, 170, 185]), arm_results("ws", [110, 105, 120, 100]))
    other = (
        arm_results("baseline", [0, 0, 170, 185, 175]),
        arm_results("ws", [0, 0, 120, 100, 90]),
    )
    runs = [
        (arms, range(3)),
        (other, range(2, 5)),
        ([arm_results("ws[epochs=2]", [300, 310, 320], epochs=2)], range(3)),
        ([arm_results("ws[pairs=50]", [300, 310, 320], pairs=50)], range(3)),
        ([arm_results("ws[lr=0.2]", [0] * 9 + [130])], [9]),
        ([arm_results("net", [50, 40, 60], task="disk")], range(3)),
    ]
    with contextlib.closing(Store(Path(".cmpnet"))) as store:
        return [_stored(store, results, seeds) for results, seeds in runs]


def _stored(store: Store, results: Sequence[ArmResults], seeds: Sequence[int]) -> str:
    run = store.begin_run([arm.key for arm in results], list(seeds))
    for number, arm in enumerate(results):
        for seed in seeds:
            ident = Identity(arm.key, seed, "data", {"cmpnet": "1"})
            store.add_to_run(run, number, store.put(ident, arm.repeats[seed], {}))
    return run


def test_two_arms_of_the_store_are_compared_with_the_first_as_the_reference(
    run_ids: list[str],
) -> None:
    done = call("compare", "ws[epochs=2]", "baseline")
    assert done.returncode == 0, done.stderr
    assert "Test error against ws[epochs=2], paired by seed" in done.stdout
    assert "Test error %: spread over the repeats" in done.stdout
    assert "baseline (25 epochs) and ws[epochs=2] were trained for 25 and 2 epochs." in done.stderr
    assert "baseline (25 epochs) and ws[epochs=2] have 1 seed in common, of 3 and 3." in done.stderr
    # Both have seed 2: 170 and 320 errors of 1000.
    assert "-15.00" in done.stdout


def test_two_runs_are_compared_arm_by_arm(run_ids: list[str]) -> None:
    first, second = run_ids[:2]
    done = cmpnet("compare", first, second[:7], "--export-json", "-")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    pairs = [(row["arm"], row["reference"], row["n"]) for row in document["comparisons"]]
    assert pairs == [(f"baseline ({second})", "baseline", 1), (f"ws ({second})", "ws", 1)]
    assert [row["difference"] for row in document["comparisons"]] == [0, 0]
    assert first in document["provenance"]["source"]
    assert "Against" in done.stderr  # the table, since stdout is the JSON's


def test_a_run_alone_is_compared_within_itself_and_its_export_says_the_same(
    run_ids: list[str],
) -> None:
    done = call("compare", run_ids[0], "--export-json", "one.json", "--export-csv", "c.csv")
    assert done.returncode == 0, done.stderr
    with Path("c.csv").open() as file:
        assert len(list(csv.DictReader(file))) == 6
    nowhere = {"CMPNET_STORE": "nowhere"}  # files alone need no store
    again = call("compare", "one.json", "--export-json", "two.json", environment=nowhere)
    assert again.returncode == 0, again.stderr
    assert not Path("nowhere").exists()
    one, two = (json.loads(Path(name).read_text()) for name in ("one.json", "two.json"))
    assert one["arms"] == two["arms"]
    assert one["comparisons"] == two["comparisons"]
    # By hand: 110, 105, 120 against 180, 190, 170 are -70, -85, -50 errors of 1000.
    assert one["comparisons"][0]["difference"] == pytest.approx(-205 / 3000)
    mixed = call("compare", "one.json", "ws[epochs=2]")
    assert "from one.json; run" in mixed.stdout
    assert mixed.returncode == 0, mixed.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ws", "ws"], "name at least two arms"),
        (["baseline"], "name at least two arms"),
        (["ws[pairs=50]", "baseline"], "pairs is 1000, not 50"),
        (["ws[lr=0.2]", "baseline"], "no finished seed in common"),
        (["baseline", "net"], "no two arms have the same protocol"),
        (["baseline", "wsx"], "no arm and no run 'wsx'"),
        (["baseline", "nowhere.json"], "'nowhere.json' cannot be read"),
        (["baseline", "./damaged"], "--export-json"),
        (["baseline", "ws", "--store", "nowhere"], "has no results"),
        (["baseline", "ws", "--export-csv", "-", "--export-latex", "-"], "two different files"),
        (["baseline", "ws", "--export-csv", "x", "--export-json", "./x"], "two different files"),
        (["baseline", "ws", "--export-csv", "no/such/x"], "Cannot write the CSV export"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence_and_exit_2(
    run_ids: list[str], arguments: list[str], message: str
) -> None:
    Path("damaged").write_text('{"schema": 1')
    done = call("compare", *arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stdout == ""


def test_arms_of_another_protocol_are_left_out_unless_they_are_chosen(run_ids: list[str]) -> None:
    done = call("compare", "baseline", "ws")
    assert done.returncode == 0, done.stderr
    assert "Warning: Only results of digit-pairs, 25 epochs, pairs 1000" not in done.stderr
    short = call("compare", "baseline", "ws", "--where", "epochs=2")
    assert short.returncode == 2
    assert "No arm of baseline has epochs=2" in short.stderr
    mixed = call("compare", "ws[epochs=2]", "ws[epochs=25]")
    assert "Mixed in this table: epochs 2 (ws[epochs=2]), 25 (ws (25 epochs))" in mixed.stdout
    assert "|epochs=mixed|" in mixed.stdout


def test_arms_that_are_already_included_are_left_out_with_a_warning(run_ids: list[str]) -> None:
    alone = call("compare", run_ids[0], "--export-json", "a.json")
    assert "against baseline" in alone.stdout
    for arguments in ((run_ids[1], "ws"), ("a.json", "./a.json"), ("a.json", run_ids[0])):
        done = call("compare", *arguments)
        assert done.returncode == 0
        assert f"Warning: '{arguments[1]}' adds nothing" in done.stderr
        assert "against baseline" in done.stdout


def test_an_arm_without_a_finished_repeat_is_left_out_and_the_others_compared() -> None:
    good = [arm_results("baseline", [180, 190, 170]), arm_results("ws", [110, 105, 120])]
    arms = [good[0], arm_results("wild", [None, None, None]), good[1]]
    with contextlib.closing(Store(Path(".cmpnet"))) as store:
        run = _stored(store, arms, range(3))
        other = _stored(store, arms[1:2], range(3))
    done = call("compare", run)
    assert done.returncode == 0, done.stderr
    assert "-70" not in done.stdout
    assert "-6.83" in done.stdout  # by hand: -70, -85, -50 of 1000
    assert "Warning: wild: 0 of 3 repeats succeeded (seed 0, 1, 2 diverged)" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    alone = call("compare", "ws", other)
    assert alone.returncode == 2
    assert "no repeat of 'wild' counts" in alone.stderr


def test_bench_takes_another_reference_and_refuses_a_wrong_one_before_training() -> None:
    done = call("bench", "baseline", "ws", "--repeats", "2", "--reference", "ws", "--full", *QUICK)
    assert "Test error against ws, paired by seed" in done.stdout
    wrong = call("bench", "baseline", "ws", "--reference", "wss", "--store", "new", *QUICK)
    assert wrong.returncode == 2
    assert "Did you mean 'ws'" in wrong.stderr
    assert len(wrong.stderr.splitlines()) == 1
    assert not Path("new").exists()


def test_a_sweep_is_one_table_and_is_stored_per_value() -> None:
    sweep = ("-L", "alpha", "0,0.5", "-L", "lr", "0.05,0.1")
    done = call("bench", "ws-aux", "baseline[lr=0.2]", *sweep, "--repeats", "1", *QUICK)
    assert done.returncode == 0, done.stderr
    assert "alpha 0,0.5, lr 0.05,0.1" in done.stdout
    call("compare", "ws-aux", "--export-json", "sweep.json", "--store", ".cmpnet")
    names = [arm["name"] for arm in json.loads(Path("sweep.json").read_text())["arms"]]
    assert names == [f"ws-aux[alpha={a},lr={lr}]" for a in (0, 0.5) for lr in (0.05, 0.1)]
    same = ("--on", "validation", "--seed", "100", "--repeats", "1")
    again = call("bench", "ws-aux[alpha=0.5,lr=0.1]", *same, *QUICK)
    assert "1 of 1 repeats came from the store" in again.stdout
    assert "alpha" in call("plot", "alpha", "ws-aux").stdout


@pytest.mark.parametrize(
    ("sweep", "message"),
    [
        (["-L", "nope", "1,2"], "None of these arms has an option 'nope'"),
        (["-L", "alpha"], "Option '-L' requires 2 arguments"),
        (["-L", "alpha", "0,1", "--alpha", "1"], "given twice"),
    ],
)
def test_a_wrong_sweep_is_one_sentence(sweep: list[str], message: str) -> None:
    done = call("bench", "ws-aux", *sweep)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_warning_is_on_stderr_and_leaves_stdout_to_the_results() -> None:
    wild = ("--epochs", "3", "--pairs", "60", "--repeats", "1", "--lr", "1000", "--quiet")
    done = cmpnet("bench", "ws-plain", "baseline", *wild, "--export-csv", "-")
    assert done.returncode == 1
    assert "Warning: ws-plain: 0 of 1 repeats succeeded (seed 0 diverged)" in done.stderr
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["status"] for row in rows] == ["diverged", "diverged"]
