"""What makes results comparable, and how differences are told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cmpnet import TrainConfig
from cmpnet.protocol import deviations, distinctions
from tests.helpers import arm_results

FULL = arm_results("ws", [100], data="a" * 64)
RECIPE = TrainConfig()


def test_task_data_task_options_and_epochs_decide_what_is_comparable() -> None:
    assert FULL.protocol == arm_results("baseline", [200], data="a" * 64).protocol
    for other in (
        arm_results("ws", [100], data="b" * 64),
        arm_results("ws", [100], data="a" * 64, epochs=1),
        arm_results("ws", [100], data="a" * 64, pairs=50),
        arm_results("ws", [100], data="a" * 64, task="disk"),
    ):
        assert FULL.protocol != other.protocol


def test_a_path_on_this_machine_is_no_part_of_the_protocol() -> None:
    options = {**FULL.key.task_options, "data_dir": "/home/me/digits"}
    elsewhere = replace(FULL, key=replace(FULL.key, task_options=options))
    assert elsewhere.protocol == FULL.protocol
    assert deviations(elsewhere.key, FULL.key) == []
    assert "home" not in str(elsewhere.protocol)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"epochs": 1}, ["1 of 25 epochs"]),
        ({"epochs": 50}, ["50 epochs instead of 25"]),
        ({"pairs": 200}, ["pairs 200 instead of 1000"]),
        ({"epochs": 3, "pairs": 200}, ["3 of 25 epochs", "pairs 200 instead of 1000"]),
        ({"data": "b" * 64}, ["other data"]),
        # Other options of a task may mean other data, as they do for points of the disk.
        ({"data": "b" * 64, "pairs": 200}, ["pairs 200 instead of 1000"]),
        ({"task": "disk", "epochs": 1}, ["task disk instead of digit-pairs"]),
        ({}, []),
    ],
)
def test_a_difference_is_told_in_words(changes: dict[str, object], words: list[str]) -> None:
    fields = {"data": "a" * 64, **changes}
    other = arm_results("ws", [100], **fields)  # type: ignore[arg-type]
    assert [str(each) for each in other.protocol.differences(FULL.protocol)] == words


def test_a_setting_of_the_training_is_named_but_may_differ() -> None:
    key = replace(FULL.key, config=TrainConfig(lr=0.05, batch_size=50))
    slow = replace(FULL, key=key, recipe=RECIPE)
    assert slow.protocol == FULL.protocol
    assert slow.protocol.overridden == {"batch_size": 50, "lr": 0.05}
    labelled = slow.labelled("ws[lr=0.05]")  # figure 4 differs in batch sizes on purpose
    assert labelled.protocol.overridden == {"batch_size": 50}


def test_what_tells_results_apart_is_only_what_varies_and_no_label_says() -> None:
    try_out = arm_results("ws", [300], data="a" * 64, epochs=1)
    named = arm_results("ws[epochs=2]", [300], data="a" * 64, epochs=2)
    arms = [FULL, try_out, named]
    assert distinctions([a.protocol for a in arms], [a.label for a in arms]) == [
        ["25 epochs"],
        ["1 epoch"],
        [],
    ]
    disk = arm_results("net", [300], task="disk", epochs=30)
    assert distinctions([FULL.protocol, disk.protocol], ["ws", "net"]) == [
        ["digit-pairs"],
        ["disk"],
    ]
    other = arm_results("ws", [100], data="b" * 64)
    words = distinctions([FULL.protocol, other.protocol], ["ws", "ws"])
    assert words == [["data aaaaaaaa"], ["data bbbbbbbb"]]


def test_a_protocol_reads_as_words() -> None:
    assert str(FULL.protocol) == "digit-pairs, 25 epochs, pairs 1000"
