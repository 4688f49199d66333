"""The torch learner: its optimizers are torch's."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
import torch
from torch import nn

from cmpnet.learners.torch import make_update
from cmpnet.spec import TrainConfig

OWN: dict[str, Callable[[list[nn.Parameter]], torch.optim.Optimizer]] = {
    "sgd": lambda parameters: torch.optim.SGD(parameters),
    "momentum": lambda parameters: torch.optim.SGD(parameters, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters),
    "adamw": lambda parameters: torch.optim.AdamW(parameters),
}


@pytest.mark.parametrize("name", OWN)
def test_each_optimizer_steps_as_torchs_own_does_at_a_changing_rate(name: str) -> None:
    nets = []
    for _ in range(2):
        torch.manual_seed(7)
        net = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2))
        net.register_parameter("unused", nn.Parameter(torch.ones(3)))
        nets.append(net)
    ours, theirs = nets
    update = make_update(list(ours.parameters()), TrainConfig(optimizer=name))  # type: ignore[arg-type]
    optimizer = OWN[name](list(theirs.parameters()))
    for step in range(5):
        x = torch.randn(8, 5)
        for net in nets:
            net.zero_grad()
            net(x).square().mean().backward()
        update(0.1 / (step + 1))
        optimizer.param_groups[0]["lr"] = 0.1 / (step + 1)
        optimizer.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other)


def test_training_does_not_wait_for_the_compiler_of_torch_to_be_imported() -> None:
    script = """
import sys
from cmpnet.arms import load_parts, make_arms
from cmpnet.registry import Registry
from cmpnet.train import run
(arm,) = make_arms(Registry(), ["ws-aux"], {"pairs": "100", "epochs": "1"})
run(load_parts(Registry(), arm.architecture, arm.loss), arm, [100])
assert "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
