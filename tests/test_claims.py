"""Claims are decided by the paired interval alone, checked against scipy and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from cmpnet import (
    ArmKey,
    CmpnetError,
    Curves,
    Data,
    Measure,
    RepeatResult,
    Split,
    Task,
    TrainConfig,
)
from cmpnet.analysis.claims import MEASURES, Claim, decide, measures_of
from cmpnet.output.table_data import claim_lines
from cmpnet.registry import Registry
from cmpnet.results import ArmResults

KEY = ArmKey(
    label="a",
    architecture="baseline",
    loss="ce",
    task="digit-pairs",
    architecture_options={},
    loss_options={},
    task_options={},
    config=TrainConfig(),
)


def results(errors: list[float], *, first: int = 0, curve: tuple[float, ...] = ()) -> ArmResults:
    repeats = {
        seed: RepeatResult(
            seed=seed,
            status="ok",
            train_error=error / 2,
            test_error=error,
            seconds=10 * error,
            curves=Curves(
                train_error=[value / 4 for value in (*curve, error)], test_error=[*curve, error]
            ),
        )
        for seed, error in enumerate(errors, first)
    }
    return ArmResults(key=KEY, repeats=repeats)


LOW, HIGH = [0.10, 0.12, 0.11, 0.09], [0.20, 0.23, 0.20, 0.22]


def test_the_interval_is_scipys_paired_t_interval() -> None:
    verdict = decide(Claim("", "a", "b"), {"a": results(LOW), "b": results(HIGH)})
    expected = stats.ttest_rel(LOW, HIGH).confidence_interval(0.95)
    assert verdict.ci95 == pytest.approx((expected.low, expected.high))
    assert verdict.difference == pytest.approx(np.mean(LOW) - np.mean(HIGH))
    assert (verdict.n, verdict.verdict) == (4, "holds")


def test_the_contrary_does_not_hold_and_an_interval_around_zero_decides_nothing() -> None:
    arms = {"a": results(LOW), "b": results(HIGH), "c": results(LOW[::-1])}
    assert decide(Claim("", "b", "a"), arms).verdict == "does not hold"
    assert decide(Claim("", "a", "c"), arms).verdict == "not decided"


def test_only_seeds_that_both_arms_have_are_paired() -> None:
    arms = {"a": results(LOW), "b": results([0.9, 0.12, 0.14], first=1)}
    diverged = replace(arms["a"].repeats[2], status="diverged", test_error=None)
    arms["a"] = replace(arms["a"], repeats={**arms["a"].repeats, 2: diverged})
    verdict = decide(Claim("", "a", "b"), arms)
    assert verdict.n == 2  # seeds 1 and 3
    assert verdict.difference == pytest.approx((0.12 - 0.9 + 0.09 - 0.14) / 2)


def test_fewer_than_two_pairs_decide_nothing() -> None:
    arms = {"a": results([0.1]), "b": results([0.9])}
    verdict = decide(Claim("", "a", "b"), arms)
    assert (verdict.verdict, verdict.n, verdict.ci95) == ("not decided", 1, None)
    assert "give --repeats 2" in claim_lines([verdict], 1)[-1]
    arms["b"] = replace(arms["b"], repeats={})
    assert decide(Claim("", "a", "b"), arms).verdict == "not decided"


@pytest.mark.parametrize(
    ("within", "expected"), [(0.02, "holds"), (0.008, "not decided"), (0.0, "not decided")]
)
def test_arms_are_the_same_if_the_whole_interval_is_within_the_margin(
    within: float, expected: str
) -> None:
    # Differences 0.01, 0, -0.01, 0.008, 0: mean 0.0016, SD 0.0078, t(4) 2.776: +-0.0097 by hand.
    arms = {"a": results([0.11, 0.1, 0.09, 0.108, 0.1]), "b": results([0.1] * 5)}
    assert decide(Claim("", "a", "b", within=within), arms).verdict == expected


def test_arms_are_not_the_same_if_the_interval_is_outside_the_margin() -> None:
    arms = {"a": results(LOW), "b": results(HIGH)}
    assert decide(Claim("", "a", "b", within=0.05), arms).verdict == "does not hold"
    assert decide(Claim("", "b", "a", within=0.05), arms).verdict == "does not hold"


def test_an_arm_is_compared_with_a_number() -> None:
    arms = {"a": results(LOW)}
    below, above = Claim("b", "a", 0.2), Claim("b", 0.2, "a")
    assert decide(below, arms).verdict == "holds"
    assert decide(above, arms).verdict == "does not hold"
    expected = stats.t.interval(0.95, 3, np.mean(LOW), stats.sem(LOW))
    for claim, side in ((below, "below"), (above, "above")):
        line = claim_lines([decide(claim, arms)], 4)[-1]
        low, high = (f"{100 * end:.2f}" for end in expected)
        assert f"10.50 points [{low}, {high}] ({side} 20)" in line


def test_each_measure_agrees_with_hand_calculation() -> None:
    arms = {"a": results(LOW, curve=(0.5, 0.3)), "b": results(HIGH, curve=(0.7, 0.4))}
    by_hand = {
        Claim("", "a", "b"): np.mean(LOW) - np.mean(HIGH),
        Claim("", "a", "b", measure="train_error"): (np.mean(LOW) - np.mean(HIGH)) / 2,
        Claim("", "a", "b", measure="gap"): (np.mean(LOW) - np.mean(HIGH)) / 2,
        Claim("", "a", "b", measure="seconds"): 10 * (np.mean(LOW) - np.mean(HIGH)),
        Claim("", "a", "b", first_epochs=2): 0.4 - 0.55,
        Claim("", "a", "b", measure="train_error", first_epochs=2): (0.4 - 0.55) / 4,
        Claim("", "a", "b", measure="gap", first_epochs=2): (0.4 - 0.55) * 3 / 4,
        Claim("", "a", "b", first_epochs=99): (0.8 + np.mean(LOW) - 1.1 - np.mean(HIGH)) / 3,
    }
    for claim, expected in by_hand.items():
        verdict = decide(claim, arms)
        assert verdict.difference == pytest.approx(expected), claim
        assert verdict.measure is MEASURES[claim.measure]
    assert {claim.measure for claim in by_hand} == set(MEASURES)


def test_the_reports_own_figures_give_the_reported_difference() -> None:
    figures = {"train_error": 0.04, "test_error": 0.07}
    arms = {
        "a": replace(results(LOW), reported=figures),
        "b": replace(results(HIGH), reported={"train_error": 0.05, "test_error": 0.2}),
    }
    assert decide(Claim("", "a", "b"), arms).reported == pytest.approx(-0.13)
    gap = decide(Claim("", "a", "b", measure="gap"), arms)
    assert gap.reported == pytest.approx(-0.12)
    assert "(reported: -12.00)" in claim_lines([gap], 4)[-1]
    assert decide(Claim("", "a", 0.05), arms).reported == pytest.approx(0.02)
    assert decide(Claim("", "a", "b", measure="seconds"), arms).reported is None
    assert decide(Claim("", "a", "b", first_epochs=2), arms).reported is None
    arms["b"] = results(HIGH)
    assert decide(Claim("", "a", "b"), arms).reported is None


def test_a_claim_is_printed_with_the_interval_that_decides_it() -> None:
    verdict = decide(Claim("a is better", "a", "b"), {"a": results(LOW), "b": results(HIGH)})
    title, line = claim_lines([verdict], 5)[1:]
    assert title.startswith("Claims")
    # By hand: SD 1.708, over the root of 4, times t(3) 3.182.
    assert line == "  a is better: holds, -10.75 points [-13.47, -8.03] (4 of 5 seeds)"


def test_a_claim_has_a_formula() -> None:
    assert Claim("", "ws", "baseline").formula == "ws < baseline"
    assert Claim("", 0, "ws", within=0.03).formula == "0 = ws, within 0.03"


# -- measures of a task ---------------------------------------------------------------------------


def load(seed: int, *, points: int = 3) -> Data:
    part = Split(np.full(points, float(seed)), {})
    return Data(part, part)


def task_with(measure: Measure) -> Task:
    return Task(
        name="digit-pairs",
        summary="",
        load=load,
        wrong=lambda output, targets: np.zeros(0, bool),
        fingerprint=lambda: "",
        measures={"own": measure, "seconds": measure},
    )


def own_results(measure: Measure) -> ArmResults:
    key = replace(KEY, task_options={"points": 5})
    return replace(results(LOW), key=key, task=task_with(measure))


def test_a_task_has_measures_of_its_own_beside_those_of_every_task() -> None:
    own = Measure(summary="own", of=lambda repeat, data, options: 1.0)
    assert measures_of(None) == MEASURES
    assert measures_of(task_with(own)) == {**MEASURES, "own": own}
    verdict = decide(Claim("", "a", 2, measure="own"), {"a": own_results(own)})
    assert verdict.measure is own
    assert (verdict.verdict, verdict.difference) == ("holds", -1)


def test_a_measure_reads_the_options_and_if_it_asks_for_it_the_data_of_each_repeat() -> None:
    def of(repeat: RepeatResult, data: Data | None, options: object) -> float:
        assert options == {"points": 5}
        return -1.0 if data is None else float(data.test.x.sum())

    for needs_data, expected in ((True, 5 * (0 + 1 + 2 + 3) / 4), (False, -1)):
        arm = own_results(Measure(summary="", of=of, needs_data=needs_data))
        assert decide(Claim("", "a", 0, measure="own"), {"a": arm}).difference == expected


def test_repeats_without_a_value_do_not_count() -> None:
    values = {0: None, 1: float("nan"), 2: 4.0, 3: 6.0}
    own = Measure(summary="", of=lambda repeat, data, options: values[repeat.seed])
    verdict = decide(Claim("", "a", 0, measure="own"), {"a": own_results(own)})
    assert (verdict.n, verdict.difference) == (2, 5)
    empty = Measure(summary="", of=lambda *_: 0.0, per_epoch=lambda curves: [])
    claim = Claim("", "a", 0, measure="own", first_epochs=1)
    assert decide(claim, {"a": own_results(empty)}).n == 0


def test_a_measure_that_raises_is_named() -> None:
    own = Measure(summary="", of=lambda repeat, data, options: 1 / 0)
    with pytest.raises(CmpnetError, match="'own of a' raised ZeroDivisionError"):
        decide(Claim("", "a", 0, measure="own"), {"a": own_results(own)})


def test_the_border_measure_tells_mistakes_on_the_border_from_mistakes_anywhere() -> None:
    pytest.importorskip("cmpnet_minidl")
    task = Registry().task("disk")
    key = replace(KEY, task="disk", task_options={"points": 2000, "radius": 0.3})
    x = task.load(7, **key.task_options).test.x.astype(float)
    distance = abs(np.hypot(*(x - 0.5).T) - 0.3)  # from the circle itself, not from its outline
    nearest = np.argsort(distance)[:50]
    shares = []
    for mistakes in (nearest, np.arange(0, 2000, 2)):
        repeat = RepeatResult(seed=7, status="ok", mistakes=mistakes.tolist())
        arm = ArmResults(key=key, repeats={7: repeat}, task=task)
        share = decide(Claim("", "a", 0, measure="border"), {"a": arm}).difference
        assert share is not None
        assert share == pytest.approx(distance[mistakes].mean() / distance.mean(), abs=2e-4)
        shares.append(share)
    assert shares[0] < 0.05
    assert shares[1] == pytest.approx(1, abs=0.1)


def test_a_repeat_without_mistakes_has_no_border_measure() -> None:
    pytest.importorskip("cmpnet_minidl")
    task = Registry().task("disk")
    key = replace(KEY, task="disk", task_options={"points": 10, "radius": 0.3})
    arm = ArmResults(key=key, repeats={7: RepeatResult(seed=7, status="ok")}, task=task)
    assert decide(Claim("", "a", 0, measure="border"), {"a": arm}).n == 0
