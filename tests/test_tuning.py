"""Guarded tuning: a sweep uses neither the samples nor the seeds that errors are reported on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import cmpnet
from cmpnet import CmpnetError, tuning
from cmpnet.output.table_data import pages
from cmpnet.registry import Registry
from tests.helpers import QUICK, arm_results, call

SMALL: dict[str, Any] = {"epochs": 1, "pairs": 50, "repeats": 1}
SWEEP = ("--sweep", "alpha=0,1", "--repeats", "1", "--no-plot", *QUICK)
CAUTION = (
    "These values were compared on the test pairs: a choice among them is tuned to these seeds; "
    "report it on others."
)


def test_a_sweep_measures_on_validation_pairs_from_seed_100_on_and_says_so() -> None:
    done = call("bench", "ws-aux", "baseline", *SWEEP, "--full")
    assert done.returncode == 0, done.stderr
    assert "1 repeat, validation pairs, seed 100, epochs 1, pairs 50, alpha 0,1" in done.stdout
    assert "Validation error %" in done.stdout
    assert "Validation error against ws-aux[alpha=0], paired by seed" in done.stdout
    assert "test" not in done.stdout.lower().replace("sign-flip test", "")
    assert "seed 100: validation error " in done.stderr
    assert "pairs 50, on validation, seed 100" in " ".join(call("runs").stdout.split())
    arms = cmpnet.load().arms
    assert [arm.key.measured_on for arm in arms] == ["validation"] * 3
    assert [list(arm.repeats) for arm in arms] == [[100]] * 3


@pytest.mark.parametrize("given", ["--on", "-o"])
def test_a_sweep_on_the_test_pairs_says_that_a_choice_is_tuned_to_them(given: str) -> None:
    flag = ("--on", "test") if given == "--on" else ("-o", "task.on=test")
    done = call("bench", "ws-aux", *SWEEP, *flag, "--export-markdown", "t.md")
    assert done.returncode == 0, done.stderr
    assert CAUTION in done.stdout
    assert CAUTION in Path("t.md").read_text()
    assert "Test error %" in done.stdout
    assert "seed 100" in done.stdout


def test_a_seed_that_is_given_is_used() -> None:
    results = cmpnet.bench("ws-aux", sweep={"alpha": [0, 1]}, seed=7, **SMALL)
    assert {*results.arms[0].repeats} == {7}
    assert {arm.key.measured_on for arm in results.arms} == {"validation"}


def test_an_arm_that_says_what_it_is_measured_on_keeps_it_and_is_not_compared() -> None:
    results = cmpnet.bench(["ws-aux", "ws[on=test]"], sweep={"alpha": [0, 1]}, **SMALL)
    assert [arm.key.measured_on for arm in results.arms] == ["validation", "validation", "test"]
    assert [row.arm for row in results.compare()] == ["ws-aux[alpha=1]"]
    (advice,) = (sentence for sentence in results.advice() if "ws[on=test]" in sentence)
    assert "it is measured on test samples, not validation samples" in advice
    assert CAUTION not in pages(results)[0].notes, "no value of alpha is on test pairs"
    assert "Error %" in pages(results)[0].tables[0].headings


def test_a_bench_without_a_sweep_reports_on_the_test_pairs_of_seed_0() -> None:
    results = cmpnet.bench("ws", **SMALL)
    assert results.arms[0].key.measured_on == "test"
    assert [*results.arms[0].repeats] == [0]
    assert CAUTION not in pages(results)[0].notes


def test_a_sweep_of_a_suite_is_guarded_and_a_suite_of_fixed_values_is_not() -> None:
    swept = cmpnet.bench(suite="table3", sweep={"alpha": [0, 1]}, **SMALL)
    assert {arm.key.measured_on for arm in swept.arms} == {"validation"}
    assert "validation pairs, seed 100" in swept.sections[0].title
    assert all(arm.reported is None for arm in swept.arms), "reports measure on test pairs"
    fixed = cmpnet.bench(suite="table4", **SMALL)
    assert {arm.key.measured_on for arm in fixed.arms} == {"test"}
    assert CAUTION not in pages(fixed)[0].notes


def test_a_task_with_fresh_points_for_each_seed_is_tuned_on_other_seeds() -> None:
    small = {"epochs": 1, "points": 20, "repeats": 1}
    results = cmpnet.bench("minidl-relu", sweep={"lr": [0.1, 0.2]}, **small)
    assert [*results.arms[0].repeats] == [100]
    assert not tuning.caution(results.arms)
    results = cmpnet.bench("minidl-relu", sweep={"lr": [0.1, 0.2]}, seed=0, **small)
    sentence = CAUTION.replace("pairs", "points")
    assert sentence in pages(results)[0].notes


def test_the_repeat_of_a_sweep_is_that_of_the_same_arm_given_by_hand() -> None:
    swept = cmpnet.bench("ws-aux", sweep={"alpha": [0.5, 1]}, **SMALL)
    typed = cmpnet.train("ws-aux[alpha=0.5]", on="validation", seed=100, epochs=1, pairs=50)
    assert typed.arms[0].stored == 1
    assert typed.arms[0].repeats == swept.arms[0].repeats


def test_training_is_the_same_whatever_the_error_is_measured_on() -> None:
    test, validation = (
        cmpnet.train("ws", on=on, epochs=2, pairs=50).arms[0].repeats[0]
        for on in ("test", "validation")
    )
    assert test.curves.train_loss == validation.curves.train_loss
    assert test.curves.train_error == validation.curves.train_error


def test_an_export_without_the_option_compares_as_measured_on_test_samples() -> None:
    cmpnet.bench(["ws", "baseline"], **SMALL).save("new.json")
    document = json.loads(Path("new.json").read_text())
    assert all("on" not in arm["options"]["task"] for arm in document["arms"]), "as 0.1 wrote it"
    cmpnet.bench("ws", on="test", **SMALL).save("test.json")
    assert cmpnet.compare("new.json", "test.json").compare()
    cmpnet.bench("ws", on="validation", **SMALL).save("validation.json")
    with pytest.raises(CmpnetError, match="it is measured on validation samples, not test samples"):
        cmpnet.compare("new.json", "validation.json")


def test_what_is_known_of_the_task_decides_whether_other_seeds_suffice() -> None:
    digits = Registry().task("digit-pairs")
    late = arm_results("ws", [None] * 100 + [30])
    late = cmpnet.ArmResults(key=late.key, repeats={100: late.repeats[100]}, task=digits)
    assert not tuning.is_for_choosing(late), "seed 100 tests on the same 10,000 digits"


# -- pictures -------------------------------------------------------------------------------------


def test_the_picture_that_a_value_is_chosen_by_shows_validation_errors_only() -> None:
    call("bench", "ws-aux[alpha=0.5]", "ws-aux", "--repeats", "1", "--no-plot", *QUICK)
    nothing = call("plot", "alpha")
    assert nothing.returncode == 2
    assert "None of these arms is measured on validation samples: ws-aux, " in nothing.stderr
    assert "'cmpnet bench ws-aux --sweep alpha=0,0.25,0.5,0.75,1'" in nothing.stderr
    assert len(nothing.stderr.splitlines()) == 1
    call("bench", "ws-aux", *SWEEP)
    chosen = call("plot", "alpha")
    assert chosen.returncode == 0, chosen.stderr
    assert "validation error / %" in chosen.stdout
    assert "(n=1 per point)" in chosen.stdout
    assert "measured on test samples; --on test shows them." in chosen.stderr
    tested = call("plot", "alpha", "--on", "test")
    assert "test error / %" in tested.stdout
    assert f"Note: {CAUTION}" in tested.stderr
    assert call("plot", "alpha", "--on", "train").returncode == 2


def test_results_draw_the_picture_under_the_same_rule() -> None:
    results = cmpnet.bench("ws-aux", sweep={"alpha": [0, 1]}, **SMALL)
    assert "validation error / %" in str(results.plot("alpha"))
    with pytest.raises(CmpnetError, match="None of these arms is measured on test samples"):
        results.plot("alpha", on="test")
    with pytest.raises(CmpnetError, match="on is 'train'; it must be 'test' or 'validation'"):
        results.plot("alpha", on="train")
    with pytest.raises(CmpnetError, match="measured on test samples"):
        results.plot("compare", on="test")
    assert "validation error / %" in str(results.plot("compare"))


def test_an_epoch_and_a_saved_network_say_what_they_are_measured_on() -> None:
    quick = ("--epochs", "2", "--pairs", "50")
    done = call("train", "ws", "--on", "validation", *quick, "--save", "w.safetensors")
    assert "error: train " in done.stderr
    assert ", validation " in done.stderr
    assert "Validation and train error per epoch" in done.stdout
    again = call("evaluate", "w.safetensors")
    assert "of 50 validation samples of seed 0" in again.stdout
    assert "validation error" in again.stdout
