"""A run is shown again as what it was: until decided, or extended from fewer repeats."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import cmpnet
from cmpnet.store import Design, Identity, RunRow, Store, open_readonly
from tests.helpers import arm_results, call

POINTS = ("--points", "20", "--epochs", "1", "--no-plot", "-q")
ARMS = ("minidl-relu", "minidl-relu[lr=0.02]")


def decided(text: str) -> list[str]:
    """The rows of the table of comparisons and the notes about them."""
    lines = [line.rstrip() for line in text.splitlines()]
    start = next(n for n, line in enumerate(lines) if "paired by seed" in line)
    return [line for line in lines[start:] if "±" in line or "[" in line or "95 %" in line]


def the_run() -> RunRow:
    with open_readonly(Path(".cmpnet")) as store:
        return store.runs()[-1]


def comparisons(path: str) -> Any:
    return [{**row, "suite": None} for row in json.loads(Path(path).read_text())["comparisons"]]


def test_a_bench_until_decided_is_compared_again_by_its_own_rule() -> None:
    until = ("--until-decided", "--max-repeats", "7", "--export-json", "bench.json")
    bench = call("bench", *ARMS, *POINTS, *until, "--full")
    assert bench.returncode == 0, bench.stderr
    run = the_run()
    assert run.complete
    assert run.design == Design(until_decided=True, repeats=(len(run.seeds),) * 2)
    assert run.seeds in ([*range(5)], [*range(7)])
    assert run.repeats == str(run.finished_repeats)
    assert f"seeds 0-{len(run.seeds) - 1}" in call("runs").stdout
    compared = call("compare", run.id, "--export-json", "compare.json")
    assert "5 % covers every look" in compared.stdout
    assert decided(compared.stdout) == decided(bench.stdout)
    assert comparisons("compare.json") == comparisons("bench.json")
    assert decided(call("compare", "bench.json").stdout) == decided(bench.stdout)
    assert {arm.wanted for arm in cmpnet.load(run.id).arms} == {len(run.seeds)}


def test_arms_of_a_bench_until_decided_may_have_different_numbers_of_repeats() -> None:
    arms = [arm_results("a", [1] * 5), arm_results("b", [2] * 7)]
    with contextlib.closing(Store(Path(".cmpnet"))) as store:
        name = store.begin_run([arm.key for arm in arms], range(100), Design(until_decided=True))
        for number, arm in enumerate(arms):
            for seed, repeat in arm.repeats.items():
                row = store.put(Identity(arm.key, seed, "", {}), repeat, {})
                store.add_to_run(name, number, row)
        (run,) = store.runs()
        assert (run.complete, run.repeats, run.seeds) == (False, "12 so far", [*range(100)])
        store.end_run(name)
        (run,) = store.runs()
        assert (run.complete, run.repeats, run.seeds) == (True, "12", [*range(7)])
        results = store.results(run)
    assert [(arm.wanted, len(arm.repeats), arm.until_decided) for arm in results] == [
        (5, 5, True),
        (7, 7, True),
    ]
    assert "12 repeats" in call("compare", name).stdout


@pytest.mark.parametrize("value", ['"yes"', "1", "null"])
def test_an_export_that_does_not_say_whether_it_was_until_decided_is_refused(value: str) -> None:
    results = cmpnet.bench("baseline", repeats=1, epochs=1, pairs=20)
    results.save("x.json")
    content = json.loads(Path("x.json").read_text())
    assert content["arms"][0]["until_decided"] is False
    content["arms"][0]["until_decided"] = json.loads(value)
    Path("x.json").write_text(json.dumps(content))
    with pytest.raises(cmpnet.CmpnetError, match="until_decided is"):
        cmpnet.load("x.json")
    del content["arms"][0]["until_decided"]
    Path("x.json").write_text(json.dumps(content))
    assert not cmpnet.load("x.json").until_decided


# -- extended benches -----------------------------------------------------------------------------

AGAIN = "looking again raises the rate of false alarms above 5 %, except with --until-decided."


def bench(*options: str, arms: tuple[str, ...] = ARMS) -> str:
    done = call("bench", *arms, *POINTS, *options)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def test_a_bench_with_more_repeats_than_before_says_that_it_is_a_second_look() -> None:
    assert AGAIN not in bench("--repeats", "3")
    assert AGAIN not in bench("--repeats", "3"), "the same look"
    extended = bench("--repeats", "4")
    assert f"The same arms were compared before with 3 repeats; {AGAIN}" in extended
    assert "before with 4 repeats" in bench("--repeats", "5")
    assert AGAIN not in bench("--repeats", "4", "--seed", "50"), "other seeds"
    assert AGAIN not in bench("--repeats", "6", "--store", "fresh")
    assert AGAIN not in bench("--repeats", "4", arms=(ARMS[0], "minidl-relu[lr=0.03]"))
    assert AGAIN not in bench("--until-decided", "--max-repeats", "6")


def test_a_fixed_number_after_a_bench_until_decided_or_after_more_repeats_is_a_second_look() -> (
    None
):
    assert AGAIN not in bench("--until-decided", "--max-repeats", "5")
    assert AGAIN not in bench("--until-decided", "--max-repeats", "7")
    assert "before with 7 repeats" in bench("--repeats", "8")
    assert "before with 8 repeats" in bench("--repeats", "4")


def test_only_finished_runs_of_at_least_three_repeats_are_looks() -> None:
    bench("--repeats", "2")
    assert AGAIN not in bench("--repeats", "6")
    one, two, three = (replace(arm_results(label, [1]).key, label=label) for label in "abc")
    with contextlib.closing(Store(Path("store"))) as store:
        store.begin_run([one, two], range(3))
        assert store.compared_before([one, two], range(9)) == 0
        for seeds in (range(4), range(6)):
            run = store.begin_run([one, two], seeds)
            for number, key in enumerate([one, two]):
                for seed, repeat in arm_results(key.label, [1] * len(seeds)).repeats.items():
                    row = store.put(Identity(key, seed, "", {}), repeat, {})
                    store.add_to_run(run, number, row)
            store.end_run(run)
        assert store.compared_before([one, two], range(9)) == 6
        assert store.compared_before([three, two, one], range(6)) == 4
        assert store.compared_before([one, two], range(3)) == 6
        assert store.compared_before([three, two], range(9)) == 0
        assert store.compared_before([one, two], range(1, 9)) == 0
