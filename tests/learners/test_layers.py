"""Layers of networks that are not a plain stack of modules, and the contract with such networks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from cmpnet import Architecture
from cmpnet.arms import Shared, resolve
from cmpnet.contract import networks
from cmpnet.registry import Registry
from cmpnet.training import make_learner


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(28, 5, batch_first=True)
        self.out = nn.Linear(5, 2)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        states, _ = self.rnn(x.permute(0, 2, 1, 3).reshape(len(x), 14, 28))
        return {"verdict": self.out(states[:, -1])}


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.position = nn.Parameter(torch.zeros(28, 14))
        self.attention = nn.MultiheadAttention(14, 2, batch_first=True)
        self.out = nn.Linear(14, 2)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        rows = x.reshape(len(x), 28, 14) + self.position
        return {"verdict": self.out(self.attention(rows, rows, rows)[0].mean(1))}


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(196, 2), nn.Linear(196, 2)
        self.second.weight = self.first.weight

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"verdict": self.first(x[:, 0].flatten(1)) - self.second(x[:, 1].flatten(1))}


EXPECTED = {  # parameters by hand: a GRU has 3 (in h + h h + 2 h), attention 4 (d d + d)
    Recurrent: [("rnn", 3 * (28 * 5 + 5 * 5 + 2 * 5)), ("out", 12)],
    Attention: [("attention", 4 * (14 * 14 + 14)), ("out", 30), ("position", 28 * 14)],
    Tied: [("first", 394), ("second", 2)],
}


def arm(build: Any) -> Any:
    record = Architecture(
        name="mine", summary="", build=build, outputs={"verdict": (2,)}, task="digit-pairs",
        loss="ce",
    )  # fmt: skip
    return resolve(record, Registry(), Shared({"pairs": 20, "lr": 0.01}))


@pytest.mark.parametrize("kind", EXPECTED)
def test_every_trainable_parameter_is_shown_once_as_far_as_layers_go(kind: type) -> None:
    learner, _ = make_learner(arm(lambda: kind()), [0])
    assert [(one.name, one.parameters) for one in learner.layers()] == EXPECTED[kind]
    assert sum(n for _, n in EXPECTED[kind]) == learner.parameters


@pytest.mark.parametrize("kind", EXPECTED)
def test_recurrent_attention_and_tied_networks_keep_the_contract(kind: type) -> None:
    assert [*networks.promises(networks.small(arm(lambda: kind())))][-1] == "layers"


def test_what_is_no_module_is_named() -> None:
    broken = networks.promises(networks.small(arm(lambda: len)))
    with pytest.raises(AssertionError, match="of type builtin_function_or_method, not a torch"):
        list(broken)


def test_small_keeps_everything_but_the_size() -> None:
    one = arm(lambda: Tied())
    assert replace(networks.small(one), key=one.key, task=one.task) == one
