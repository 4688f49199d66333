"""What repeats share that draw their test samples from one pool."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from cmpnet.analysis.pool import (
    items_by_seed,
    mistakes_by_seed,
    shared_error_variance,
    shared_variance,
)
from cmpnet.registry import Registry
from cmpnet.results import ArmResults
from cmpnet.spec import RepeatResult
from tests.helpers import arm_results

Draws = list[NDArray[np.int64]]


def draw(rng: np.random.Generator, repeats: int, pairs: int, pool: int) -> Draws:
    """The items of each repeat: pairs of a pool, without replacement."""
    return [rng.permutation(pool)[: 2 * pairs].reshape(pairs, 2) for _ in range(repeats)]


def mistakes(rng: np.random.Generator, items: Draws, difficulty: NDArray[np.float64]) -> Draws:
    """Mistakes whose rate is 2 % plus the difficulties of both items plus that of the repeat."""
    rates = [0.02 + difficulty[rows].sum(1) + rng.normal(0, 0.005) for rows in items]
    return [(rng.random(len(rate)) < rate).astype(np.int64) for rate in rates]


@pytest.mark.parametrize("pairs", [200, 1000])
def test_the_variance_over_new_seeds_and_new_items_is_that_of_the_model(pairs: int) -> None:
    # 5 % of 2000 items add 30 points to the error, the others 1: sigma_h^2 is 0.05 * 0.95 * 0.29^2
    # by hand, and C is 4 sigma_h^2 / 2000.
    rng = np.random.default_rng(2026)
    shared, variances, means = [], [], []
    for _ in range(600):
        items = draw(rng, 10, pairs, 2000)
        values = mistakes(rng, items, np.where(rng.random(2000) < 0.05, 0.30, 0.01))
        shared.append(shared_variance(values, items))
        errors = [value.mean() for value in values]
        variances.append(np.var(errors, ddof=1))
        means.append(np.mean(errors))
    assert np.mean(shared) == pytest.approx(4 * 0.05 * 0.95 * 0.29**2 / 2000, rel=0.05)
    # The variance of 600 means is known to 6 %.
    expected = np.mean(variances) / 10 + np.mean(shared)
    assert np.var(means) == pytest.approx(expected, rel=0.18)


def test_items_of_equal_difficulty_share_nothing() -> None:
    rng = np.random.default_rng(1)
    items = draw(rng, 50, 500, 1000)
    values = mistakes(rng, items, np.full(1000, 0.05))
    # The binomial variance of one mean is 0.12 * 0.88 / 500 = 211e-6.
    assert shared_variance(values, items) < 3e-6


def test_a_hundred_repeats_of_5000_pairs_take_less_than_50_ms() -> None:
    rng = np.random.default_rng(1)
    items = draw(rng, 100, 5000, 10_000)
    values = [rng.integers(0, 2, 5000) for _ in items]
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        shared_variance(values, items)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.05


# -- arms -----------------------------------------------------------------------------------------


def digit_arm(wrong_digits: float = 0.0) -> ArmResults:
    """An arm of digit pairs whose mistakes are the pairs with a digit of a fixed random set."""
    task = Registry().task("digit-pairs")
    assert task.sampled is not None
    arm = replace(arm_results("ws", [0] * 10), task=task)
    hard = np.random.default_rng(3).random(10_000) < wrong_digits
    repeats: dict[int, RepeatResult] = {}
    for seed, repeat in arm.repeats.items():
        wrong = np.flatnonzero(hard[task.sampled(seed, pairs=1000)].any(1)).tolist()
        repeats[seed] = replace(
            repeat, mistakes=wrong, error_count=len(wrong), test_error=len(wrong) / 1000
        )
    return replace(arm, repeats=repeats, data=task.fingerprint())


def test_the_items_of_a_pair_are_the_digits_that_it_was_loaded_from() -> None:
    from cmpnet.tasks import mnist
    from cmpnet.tasks.digits import load, sampled

    digits = mnist.source(None)["test"]
    for pairs in (50, 5000):
        rows = sampled(7, pairs=pairs)
        test = load(7, pairs=pairs).test
        assert np.array_equal(digits.labels[rows], test.targets["classes"])
        # The images differ from the packed sums by an affine map.
        slope, intercept = np.polyfit(digits.sums[rows[:20]].ravel(), test.x[:20].ravel(), 1)
        assert np.allclose(digits.sums[rows] * slope + intercept, test.x, atol=1e-3)


def test_an_arms_shared_variance_comes_from_its_stored_mistakes() -> None:
    # A pair is wrong if either digit is hard (1 %), so a digit's effect on a pair has the variance
    # 0.01 * 0.99 * 0.99^2, and the repeats share 4 / 10,000 of it.
    arm = digit_arm(0.01)
    assert mistakes_by_seed(arm)[3].sum() == arm.repeats[3].error_count
    shared = shared_error_variance(arm)
    assert shared == pytest.approx(4 * 0.01 * 0.99**3 / 10_000, rel=0.3)


def test_nothing_is_known_of_repeats_without_task_data_or_mistakes() -> None:
    arm = digit_arm(0.01)
    assert items_by_seed(arm) is not None
    for unknown in (replace(arm, task=None), replace(arm, data="other")):
        assert items_by_seed(unknown) is None
        assert shared_error_variance(unknown) is None
    lost = replace(arm.repeats[3], mistakes=[])
    assert shared_error_variance(replace(arm, repeats={**arm.repeats, 3: lost})) is None
    assert shared_error_variance(replace(arm, repeats={0: arm.repeats[0]})) is None
    options = {"pairs": 1000, "data_dir": "/nowhere"}
    elsewhere = replace(arm, key=replace(arm.key, task_options=options))
    assert items_by_seed(elsewhere) is None
