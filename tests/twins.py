"""Compares a network of cmpnet with its twin in plain torch, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cmpnet import training
from cmpnet.arms import Shared, resolve
from cmpnet.learners.torch import TorchLearner
from cmpnet.models.layers import Dropout
from cmpnet.registry import Registry

REGISTRY = Registry()
Named = Mapping[str, Tensor]


def build(name: str, **options: object) -> nn.Module:
    """The network of a registered name."""
    net: nn.Module = REGISTRY.architecture(name).build(**options)
    return net


def copy_parameters(source: nn.Module, target: nn.Module) -> None:
    """Copy parameters in order; the modules that hold them may have other names."""
    with torch.no_grad():
        for old, new in zip(target.parameters(), source.parameters(), strict=True):
            old.copy_(new)


def use_same_masks(net: nn.Module) -> nn.Module:
    """Replace torch's dropout by ours, so that one seed drops the same units in both networks."""
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Dropout | nn.Dropout2d):
                channels = isinstance(child, nn.Dropout2d)
                setattr(module, name, Dropout(child.p, channels=channels))
    return net


def check_twin(
    name: str,
    slow: nn.Module,
    make_optimizer: Callable[[list[nn.Parameter]], torch.optim.Optimizer],
    plain_loss: Callable[[Named, Named], Tensor],
    dtype: torch.dtype,
    steps: int,
    tolerance: float,
) -> None:
    """Train a network and its twin with the same weights, pairs and dropout masks.

    Args:
        name: name of the network.
        slow: the twin.
        make_optimizer: makes the twin's optimizer.
        plain_loss: the twin's loss, a function of outputs and targets by name.
        dtype: type of weights and images.
        steps: number of optimizer steps.
        tolerance: relative tolerance of the losses; that of the outputs is 100 times as large.

    Raises:
        AssertionError: a loss, or an output for the test pairs after the last step, differs.
    """
    arm = resolve(name, REGISTRY, Shared(options={"pairs": 300}))
    learner, (data,) = training.make_learner(arm, [100])
    assert isinstance(learner, TorchLearner)
    if dtype == torch.float64:
        learner.net.double()
        learner.parts = {k: (x.double(), targets) for k, (x, targets) in learner.parts.items()}
    copy_parameters(learner.net, slow)
    slow = use_same_masks(slow).to(dtype)
    optimizer = make_optimizer(list(slow.parameters()))
    x = torch.from_numpy(data.train.x).to(dtype)
    targets = {key: torch.from_numpy(value) for key, value in data.train.targets.items()}
    for step in range(steps):
        rows = np.arange(60 * step, 60 * step + 60) % 300
        torch.manual_seed(step)  # the same dropout masks in both networks
        (fast_loss,) = learner.step(rows[None], lr=arm.config.lr, progress=0.0)
        torch.manual_seed(step)
        loss = plain_loss(slow(x[rows]), {key: value[rows] for key, value in targets.items()})
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert fast_loss == pytest.approx(loss.item(), rel=tolerance), step
    slow.eval()
    with torch.no_grad():
        expected = slow(torch.from_numpy(data.test.x).to(dtype))
    outputs = learner.predict("test")
    assert outputs.keys() == expected.keys()
    for entry, values in expected.items():
        np.testing.assert_allclose(
            outputs[entry][0], values.numpy(), rtol=100 * tolerance, atol=100 * tolerance
        )
