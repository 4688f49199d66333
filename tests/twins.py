"""Holds a network of cmpnet against its twin in plain torch: the same losses, step by step."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cmpnet import train
from cmpnet.arms import load_parts, make_arms
from cmpnet.learners.torch import TorchLearner
from cmpnet.models.layers import Dropout
from cmpnet.registry import Registry

REGISTRY = Registry()
Named = Mapping[str, Tensor]


def net(name: str, **options: object) -> nn.Module:
    built: nn.Module = REGISTRY.architecture(name).build(**options)
    return built


def copy_parameters(source: nn.Module, to: nn.Module) -> None:
    """Both have the same parameters in the same order, in modules of other names."""
    with torch.no_grad():
        for old, new in zip(to.parameters(), source.parameters(), strict=True):
            old.copy_(new)


def same_masks(net: nn.Module) -> nn.Module:
    """Dropout of our own drawing, so that the same seed drops the same units in both nets."""
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
    """Train the network and its twin from the same weights, on the same pairs, with the same masks.

    Raises:
        AssertionError: a loss, or at the end an output for the test pairs, differs.
    """
    (arm,) = make_arms(REGISTRY, [name], {"pairs": "300"})
    parts = load_parts(REGISTRY, name)
    learner, (data,) = train.make_learner(parts, arm, [100])
    assert isinstance(learner, TorchLearner)
    if dtype == torch.float64:
        learner.net.double()
        learner.parts = {k: (x.double(), targets) for k, (x, targets) in learner.parts.items()}
    copy_parameters(learner.net, slow)
    slow = same_masks(slow).to(dtype)
    optimizer = make_optimizer(list(slow.parameters()))
    x = torch.from_numpy(data.train.x).to(dtype)
    targets = {key: torch.from_numpy(value) for key, value in data.train.targets.items()}
    for step in range(steps):
        rows = np.arange(60 * step, 60 * step + 60) % 300
        torch.manual_seed(step)  # both draw the same dropout masks
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
    found = learner.predict("test")
    assert found.keys() == expected.keys()
    for entry, values in expected.items():
        np.testing.assert_allclose(
            found[entry][0], values.numpy(), rtol=100 * tolerance, atol=100 * tolerance
        )
