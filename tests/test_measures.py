"""What is compared: measures of a repeat, and what is known about their differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

from cmpnet import CmpnetError, Curves, Data, Measure, RepeatResult, Split, Task
from cmpnet.analysis.decide import Difference
from cmpnet.analysis.measures import MEASURES, Contrast, Quantity, difference, measures_of
from cmpnet.registry import Registry
from cmpnet.results import ArmResults
from tests.helpers import arm_results

ERROR = Quantity()


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


def minus(quantity: Quantity, arm: ArmResults, other: ArmResults | float) -> Difference:
    """A measure of an arm minus that of another arm, or minus a number."""
    if isinstance(other, ArmResults):
        return difference(Contrast(quantity, ((1, arm), (-1, other))))
    return difference(Contrast(quantity, ((1, arm),), other))


# -- differences ----------------------------------------------------------------------------------


def test_a_difference_is_exact_although_floats_are_not() -> None:
    made = minus(ERROR, arm_results("a", [300, 200]), arm_results("b", [200, 100]))
    assert made.values == (0.1, 0.1)  # as floats, 0.3 - 0.2 is less than 0.2 - 0.1


def test_the_counts_of_two_arms_have_at_least_mcnemars_variance() -> None:
    # 30 errors of the one arm only and none of the other only, of 1000: a binomial share.
    made = minus(ERROR, arm_results("a", [130]), arm_results("b", [100]))
    assert made.sampling == pytest.approx((stats.binom(1000, 0.03).var() / 1000**2,))
    assert made.limits == (-1, 1)


def test_the_counts_of_an_arm_against_a_number_have_the_variance_of_its_error() -> None:
    made = minus(ERROR, arm_results("a", [130]), 0.1)
    assert made.values == (0.03,)
    assert made.sampling == pytest.approx((stats.binom(1000, 0.13).var() / 1000**2,))
    assert made.limits == (-0.1, 0.9)


def test_a_sum_of_errors_lies_between_those_of_its_weights() -> None:
    arms = [arm_results(name, [count]) for name, count in (("a", 300), ("b", 200), ("c", 150))]
    made = difference(Contrast(ERROR, tuple(zip((1, -2, 1), arms, strict=True)), 0.25))
    assert made.values == (-0.2,)  # 0.3 - 0.4 + 0.15 - 0.25
    assert made.limits == (-2.25, 1.75)


def test_only_errors_of_the_finished_network_are_counted_on_one_test_part() -> None:
    arms = arm_results("a", [130]), arm_results("b", [100])
    assert minus(Quantity("gap"), *arms).sampling
    assert minus(Quantity("train_error"), *arms).sampling == (0.001 * 0.999 / 1000,)
    early = Quantity("test_error", first_epochs=1)
    learnt = [
        replace(arm, repeats={0: replace(arm.repeats[0], curves=Curves(test_error=[error, 0.1]))})
        for arm, error in zip(arms, (0.5, 0.25), strict=True)
    ]
    assert minus(early, *learnt) == Difference(values=(0.25,))
    assert minus(Quantity("seconds"), *arms).sampling == ()


# -- test samples from one pool -------------------------------------------------------------------


def pooled(label: str, mistakes: list[int]) -> ArmResults:
    """Three repeats that are all tested on the same two items."""
    task = replace(
        task_with(MEASURES["gap"]),
        sampled=lambda seed, **options: np.array([[0], [1]]),
        fingerprint=lambda **options: "",
    )
    repeats = {
        seed: RepeatResult(
            seed=seed,
            status="ok",
            train_error=0.0,
            test_error=len(mistakes) / 2,
            error_count=len(mistakes),
            mistakes=mistakes,
            test_samples=2,
            train_samples=2,
        )
        for seed in range(3)
    }
    return replace(arm_results(label, []), repeats=repeats, task=task)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (pooled("b", []), 0.125),  # by hand: deviations of -1/4 and 1/4, the same in each repeat
        (0.3, 0.125),
        (pooled("b", [0]), 0.5),  # deviations of -1/2 and 1/2
        (pooled("b", [1]), 0),  # both arms miss the same item: their difference shares nothing
    ],
)
def test_repeats_that_are_tested_on_the_same_items_share_variance(
    other: Any, expected: float
) -> None:
    made = minus(ERROR, pooled("a", [1]), other)
    assert [made.shared(repeats) for repeats in (2, 3)] == [expected] * 2
    assert made.shared(1) == 0


def test_nothing_is_shared_but_test_samples_from_one_pool() -> None:
    one, other = pooled("a", [1]), pooled("b", [])
    assert minus(Quantity("train_error"), one, other).shared(3) == 0
    assert one.task is not None
    for task in (None, replace(one.task, sampled=None)):
        assert minus(ERROR, replace(one, task=task), other).shared(3) == 0


# -- measures of a task ---------------------------------------------------------------------------


def own_arm(measure: Measure) -> ArmResults:
    arm = arm_results("a", [100, 120, 110, 90])
    key = replace(arm.key, task_options={"points": 5})
    return replace(arm, key=key, task=task_with(measure))


def test_a_task_has_measures_of_its_own_beside_those_of_every_task() -> None:
    own = Measure(summary="own", of=lambda repeat, data, options: 1.0)
    assert measures_of(None) == MEASURES
    assert measures_of(task_with(own)) == {**MEASURES, "own": own}
    assert Quantity("own").of(own_arm(own)) is own
    assert Quantity("own").values(own_arm(own)) == dict.fromkeys(range(4), 1.0)


def test_a_measure_reads_the_options_and_if_it_asks_for_it_the_data_of_each_repeat() -> None:
    def of(repeat: RepeatResult, data: Data | None, options: object) -> float:
        assert options == {"points": 5}
        return -1.0 if data is None else float(data.test.x.sum())

    for needs_data, expected in ((True, [0, 5, 10, 15]), (False, [-1] * 4)):
        arm = own_arm(Measure(summary="", of=of, needs_data=needs_data))
        assert [*Quantity("own").values(arm).values()] == expected


def test_repeats_without_a_value_do_not_count() -> None:
    values = {0: None, 1: float("nan"), 2: 4.0, 3: 6.0}
    own = Measure(summary="", of=lambda repeat, data, options: values[repeat.seed])
    assert Quantity("own").values(own_arm(own)) == {2: 4, 3: 6}
    empty = Measure(summary="", of=lambda *_: 0.0, per_epoch=lambda curves: [])
    assert Quantity("own", first_epochs=1).values(own_arm(empty)) == {}


def test_a_measure_that_raises_is_named() -> None:
    own = Measure(summary="", of=lambda repeat, data, options: 1 / 0)
    with pytest.raises(CmpnetError, match="'own of a' raised ZeroDivisionError"):
        Quantity("own").values(own_arm(own))


def test_the_border_measure_tells_mistakes_on_the_border_from_mistakes_anywhere() -> None:
    pytest.importorskip("cmpnet_minidl")
    task = Registry().task("disk")
    key = replace(
        arm_results("a", []).key, task="disk", task_options={"points": 2000, "radius": 0.3}
    )
    x = task.load(7, **key.task_options).test.x.astype(float)
    distance = abs(np.hypot(*(x - 0.5).T) - 0.3)  # from the circle itself, not from its outline
    nearest = np.argsort(distance)[:50]
    shares = []
    for mistakes in (nearest, np.arange(0, 2000, 2)):
        repeat = RepeatResult(seed=7, status="ok", mistakes=mistakes.tolist())
        arm = ArmResults(key=key, repeats={7: repeat}, task=task)
        share = Quantity("border").values(arm)[7]
        assert share == pytest.approx(distance[mistakes].mean() / distance.mean(), abs=2e-4)
        shares.append(share)
    assert shares[0] < 0.05
    assert shares[1] == pytest.approx(1, abs=0.1)


def test_a_repeat_without_mistakes_has_no_border_measure() -> None:
    pytest.importorskip("cmpnet_minidl")
    task = Registry().task("disk")
    key = replace(arm_results("a", [], task="disk").key, task_options={"points": 10, "radius": 0.3})
    arm = ArmResults(key=key, repeats={7: RepeatResult(seed=7, status="ok")}, task=task)
    assert Quantity("border").values(arm) == {}
