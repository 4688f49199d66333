"""The torch learner: its optimizers, its losses and what it imports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from cmpnet import training
from cmpnet.arms import Shared, resolve
from cmpnet.learners.torch import TorchLearner, make_update
from cmpnet.registry import Registry
from cmpnet.spec import TrainConfig

TORCH: dict[str, Callable[[list[nn.Parameter]], torch.optim.Optimizer]] = {
    "sgd": lambda parameters: torch.optim.SGD(parameters),
    "momentum": lambda parameters: torch.optim.SGD(parameters, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters),
    "adamw": lambda parameters: torch.optim.AdamW(parameters),
}


@pytest.mark.parametrize("name", TORCH)
def test_each_optimizer_makes_the_steps_of_torchs_optimizer_at_a_changing_rate(name: str) -> None:
    nets = []
    for _ in range(2):
        torch.manual_seed(7)
        net = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2))
        net.register_parameter("unused", nn.Parameter(torch.ones(3)))
        nets.append(net)
    ours, theirs = nets
    update = make_update(list(ours.parameters()), TrainConfig(optimizer=name))  # type: ignore[arg-type]
    optimizer = TORCH[name](list(theirs.parameters()))
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


class Subclass(TorchLearner):
    """A learner of a plugin's own."""


@pytest.mark.parametrize("loss", ["ce", "aux-constant", "aux-discounted", "aux-scheduled"])
def test_a_subclass_of_the_torch_learner_trains_with_every_loss_for_torch(loss: str) -> None:
    registry = Registry()
    network = replace(registry.architecture("ws"), learner=f"{Subclass.__module__}:Subclass")
    arm = resolve(network, registry, Shared(options={"pairs": 20}, loss=loss))
    learner, _ = training.make_learner(arm, [0])
    assert type(learner).__name__ == "Subclass"
    losses = learner.step(np.arange(20)[None], lr=0.1, progress=0.5)
    assert losses.shape == (1,)
    assert np.isfinite(losses).all()


def test_training_does_not_import_torchs_compiler() -> None:
    script = """
import sys
from cmpnet.arms import Shared, resolve
from cmpnet.registry import Registry
from cmpnet.training import run
arm = resolve("ws-aux", Registry(), Shared(options={"pairs": 100, "epochs": 1}))
*_, trained = run(arm, [100])
assert trained.results[0].status == "ok", trained.results[0].cause
assert "torch._dynamo" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)
