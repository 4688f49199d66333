"""Sweeps: one arm per value of an option, or per combination of several."""

from __future__ import annotations

import pytest

from cmpnet import Architecture, CmpnetError
from cmpnet.arms import Shared, resolve, resolve_all
from cmpnet.registry import Registry
from cmpnet.spec import Arm
from cmpnet.syntax import read_sweeps

REGISTRY = Registry()


def arms(named: list[str | Architecture | Arm], *sweeps: str, **options: str) -> list[Arm]:
    return resolve_all(named, REGISTRY, Shared(options, sweeps=read_sweeps(sweeps, options)))


def labels(named: list[str | Architecture | Arm], *sweeps: str) -> list[str]:
    return [arm.label for arm in arms(named, *sweeps)]


def test_each_value_is_an_arm_labelled_as_a_user_would_type_it() -> None:
    assert labels(["ws-aux"], "alpha=0, 0.5,1") == [
        "ws-aux[alpha=0]",
        "ws-aux[alpha=0.5]",
        "ws-aux[alpha=1]",
    ]


def test_several_sweeps_give_every_combination_and_options_in_brackets_are_kept() -> None:
    assert labels(["ws-aux:aux-scheduled[dropout=0.1]"], "alpha=0,1", "lr=0.1,0.2") == [
        f"ws-aux:aux-scheduled[dropout=0.1,alpha={alpha},lr={lr}]"
        for alpha in (0, 1)
        for lr in (0.1, 0.2)
    ]


def test_an_arm_without_the_option_or_with_its_own_value_is_not_swept() -> None:
    assert labels(["baseline", "ws-aux[alpha=0.3]", "ws-aux"], "alpha=0,1") == [
        "baseline",
        "ws-aux[alpha=0.3]",
        "ws-aux[alpha=0]",
        "ws-aux[alpha=1]",
    ]


def test_training_options_are_swept_too_and_named_in_the_label() -> None:
    swept = arms(["ws", "baseline"], "batch-size=20,50")
    assert [arm.config.batch_size for arm in swept] == [20, 50, 20, 50]
    assert swept[0].label == "ws[batch-size=20]"


def test_a_swept_arm_equals_the_arm_with_the_value_typed() -> None:
    (swept,) = arms(["ws-aux"], "alpha=0.5", epochs="3")
    assert swept == resolve("ws-aux[alpha=0.5,epochs=3]", REGISTRY)


def test_an_architecture_record_is_swept_like_its_name() -> None:
    record = REGISTRY.architecture("ws-aux")
    swept = arms([record], "alpha=0,1")
    assert [arm.key for arm in swept] == [arm.key for arm in arms(["ws-aux"], "alpha=0,1")]
    assert all(arm.architecture is record for arm in swept)


@pytest.mark.parametrize(
    ("sweeps", "message"),
    [
        (["alpha"], "is not a valid sweep"),
        (["alpha=0,,1"], "is not a valid sweep"),
        (["=1"], "is not a valid sweep"),
        (["alpha=0,2"], "a number from 0 to 1"),
        (["alpha=0", "alpha=1"], "given twice"),
        (["alpha=0,0.0"], "given twice"),
    ],
)
def test_an_invalid_sweep_is_refused(sweeps: list[str], message: str) -> None:
    with pytest.raises(CmpnetError, match=message):
        arms(["ws-aux"], *sweeps)


def test_a_sweep_that_fits_no_arm_is_refused() -> None:
    shared = Shared(sweeps=read_sweeps(["nope=1,2"], {}))
    swept = resolve_all(["ws-aux"], REGISTRY, shared)
    with pytest.raises(CmpnetError, match="None of these arms has an option 'nope'"):
        shared.refuse_unused(arm.label for arm in swept)


def test_an_option_is_either_swept_or_given() -> None:
    with pytest.raises(CmpnetError, match="given twice"):
        read_sweeps(["alpha=0,1"], {"alpha": "0.5"})
