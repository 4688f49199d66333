"""From what a user types to an arm."""

from __future__ import annotations

import pytest

from cmpnet import CmpnetError, TrainConfig
from cmpnet.arms import assignments, make_arm, make_arms
from cmpnet.registry import Registry

REGISTRY = Registry()


def test_a_bare_name_takes_the_architectures_own_loss_task_and_recipe() -> None:
    arm, _ = make_arm(REGISTRY, "ws-aux")
    assert (arm.label, arm.loss, arm.task) == ("ws-aux", "aux-discounted", "digit-pairs")
    assert arm.config == TrainConfig(epochs=25, batch_size=100, lr=0.1, optimizer="sgd")
    assert arm.loss_options == {"alpha": 1.0}
    assert arm.task_options == {"pairs": 1000, "data_dir": None}


def test_alpha_on_ws_aux_means_equation_2() -> None:
    arm, used = make_arm(REGISTRY, "ws-aux", {"alpha": "0.75"})
    assert (arm.loss, arm.loss_options) == ("aux-discounted", {"alpha": 0.75})
    assert arm.label == "ws-aux[alpha=0.75]"
    assert used == {"alpha"}


def test_loss_and_options_can_stand_in_the_arm() -> None:
    arm, _ = make_arm(REGISTRY, "ws-aux:aux-scheduled[alpha=0.25, decay=none, batch-size=50]")
    assert arm.loss == "aux-scheduled"
    assert arm.loss_options == {"alpha": 0.25, "decay": "none"}
    assert arm.config.batch_size == 50
    assert arm.label == "ws-aux:aux-scheduled[alpha=0.25,decay=none,batch-size=50]"


def test_a_label_writes_whole_numbers_as_one_types_them() -> None:
    text = "ws[dropout=0,gain=0.5,hidden=10,lr=1]"
    assert make_arm(REGISTRY, text)[0].label == text


def test_an_arms_own_options_go_before_those_given_to_all() -> None:
    arms = make_arms(REGISTRY, ["ws-aux[alpha=0.5]", "ws-aux"], {"alpha": "0.25"})
    assert [arm.loss_options["alpha"] for arm in arms] == [0.5, 0.25]


def test_what_is_given_to_all_goes_to_the_arms_that_have_it() -> None:
    arms = make_arms(REGISTRY, ["baseline", "ws-aux"], {"alpha": "0.5", "epochs": "3"})
    assert [arm.config.epochs for arm in arms] == [3, 3]
    assert [arm.loss_options for arm in arms] == [{}, {"alpha": 0.5}]


def test_a_part_can_be_named_where_two_have_the_option() -> None:
    arm, _ = make_arm(REGISTRY, "ws[training.lr=0.5]")
    assert arm.config.lr == 0.5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("wsaux", "Did you mean 'ws-aux'"),
        ("ws-aux:aux-constnat", "Did you mean 'aux-constant'"),
        ("ws-aux[aplha=0.5]", "Did you mean 'alpha'"),
        ("ws-aux[alpha=2]", "a number from 0 to 1"),
        ("ws-aux[alpha]", "NAME=VALUE"),
        ("ws-aux[alpha=0.5", "is not an arm"),
        ("[alpha=0.5]", "is not an arm"),
        ("", "is not an arm"),
        ("baseline:aux-constant", "needs 'digits', which 'baseline' does not give"),
        ("simple:ce", "needs 'verdict', which 'simple' does not give"),
        ("ws:bce", "needs 'logit', which 'ws' does not give"),
        ("ws[epochs=0]", "a whole number from 1"),
        ("ws[optimizer=sdg]", "one of sgd"),
    ],
)
def test_a_wrong_arm_is_refused_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(CmpnetError) as caught:
        make_arm(REGISTRY, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_option_that_fits_no_arm_is_refused() -> None:
    with pytest.raises(CmpnetError, match="None of these arms has an option 'alpha'"):
        make_arms(REGISTRY, ["baseline", "ws"], {"alpha": "0.5"})


def test_the_same_arm_twice_is_refused_however_it_is_written() -> None:
    with pytest.raises(CmpnetError, match="given twice"):
        make_arms(REGISTRY, ["ws-aux", "ws-aux:aux-discounted[alpha=1]"], {})


def test_assignments_take_hyphens_and_keep_equals_signs_in_values() -> None:
    assert assignments(["batch-size=3", "a=b=c"]) == {"batch_size": "3", "a": "b=c"}
