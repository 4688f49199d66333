"""Sweeps: what becomes of arms and values before anything is trained."""

from __future__ import annotations

import pytest

from cmpnet import CmpnetError, sweeps
from cmpnet.arms import make_arms
from cmpnet.registry import Registry

REGISTRY = Registry()


def arms(texts: list[str], *sweep: str) -> list[str]:
    (found,) = sweeps.arms(REGISTRY, [texts], sweeps.read(sweep, {}))
    return found


def test_each_value_is_an_arm_as_one_would_type_it() -> None:
    assert arms(["ws-aux"], "alpha=0, 0.5,1") == [
        "ws-aux[alpha=0]",
        "ws-aux[alpha=0.5]",
        "ws-aux[alpha=1]",
    ]


def test_several_sweeps_are_a_full_product_and_brackets_stay() -> None:
    assert arms(["ws-aux:aux-scheduled[dropout=0.1]"], "alpha=0,1", "lr=0.1,0.2") == [
        f"ws-aux:aux-scheduled[dropout=0.1,alpha={alpha},lr={lr}]"
        for alpha in (0, 1)
        for lr in (0.1, 0.2)
    ]


def test_an_arm_without_the_option_or_with_a_value_of_its_own_stays_as_it_is() -> None:
    texts = ["baseline", "ws-aux[alpha=0.3]", "ws-aux"]
    assert arms(texts, "alpha=0,1") == [
        "baseline",
        "ws-aux[alpha=0.3]",
        "ws-aux[alpha=0]",
        "ws-aux[alpha=1]",
    ]


def test_options_of_training_are_swept_too_and_named_in_the_label() -> None:
    made = make_arms(REGISTRY, arms(["ws", "baseline"], "batch-size=20,50"), {})
    assert [arm.config.batch_size for arm in made] == [20, 50, 20, 50]
    assert made[0].label == "ws[batch-size=20]"


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        (["nope=1,2"], "None of these arms has an option 'nope'"),
        (["alpha"], "is no sweep"),
        (["alpha=0,,1"], "is no sweep"),
        (["=1"], "is no sweep"),
        (["alpha=0,2"], "a number from 0 to 1"),
        (["alpha=0", "alpha=1"], "given twice"),
    ],
)
def test_a_sweep_that_cannot_be_is_refused(sweep: list[str], said: str) -> None:
    with pytest.raises(CmpnetError, match=said):
        make_arms(REGISTRY, arms(["ws-aux"], *sweep), {})


def test_an_option_is_either_swept_or_given() -> None:
    with pytest.raises(CmpnetError, match="given twice"):
        sweeps.read(["alpha=0,1"], {"alpha": "0.5"})
