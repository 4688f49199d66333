"""The report's networks: what is shared, their sizes, the fast path against a plain one."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from cmpnet import train
from cmpnet.arms import load_parts, make_arms
from cmpnet.learners.torch import TorchLearner
from cmpnet.models.layers import Dropout
from cmpnet.registry import Registry
from tests.benchmarks import plain

REGISTRY = Registry()


def net(name: str, **options: object) -> torch.nn.Module:
    built: torch.nn.Module = REGISTRY.architecture(name).build(**options)
    return built


def copy_parameters(source: torch.nn.Module, to: torch.nn.Module) -> None:
    """Both have the same parameters in the same order, in modules of other names."""
    with torch.no_grad():
        for old, new in zip(to.parameters(), source.parameters(), strict=True):
            old.copy_(new)


def same_masks(net: torch.nn.Module) -> torch.nn.Module:
    """Dropout of our own drawing, so that the same seed drops the same units in both nets."""
    for module in list(net.modules()):
        for name, child in module.named_children():
            if isinstance(child, torch.nn.Dropout | torch.nn.Dropout2d):
                channels = isinstance(child, torch.nn.Dropout2d)
                setattr(module, name, Dropout(child.p, channels=channels))
    return net


@pytest.mark.parametrize("name", ["baseline", "ws-plain", "ws", "ws-aux"])
def test_output_has_the_entries_and_shapes_it_says(name: str) -> None:
    output = net(name).eval()(torch.randn(3, 2, 14, 14))
    shapes = {key: f"{tuple(value.shape)}".replace("(3,", "(B,") for key, value in output.items()}
    assert shapes == dict(REGISTRY.architecture(name).gives)


@pytest.mark.parametrize("name", ["ws-plain", "ws"])
def test_weight_sharing_reads_both_images_with_the_same_weights(name: str) -> None:
    model = net(name).eval()
    x = torch.randn(5, 2, 14, 14)
    digits, swapped = model(x)["digits"], model(x.flip(1))["digits"]
    torch.testing.assert_close(digits, swapped.flip(1))


def test_the_baseline_shares_nothing_and_normalises_nothing() -> None:
    kinds = {type(module).__name__ for module in net("baseline").modules()}
    assert not kinds & {"BatchNorm2d", "BatchNorm1d", "Dropout", "Dropout2d"}
    assert kinds >= {"Conv2d", "Linear"}


def test_ws_has_the_dropout_of_table_2_and_ws_plain_none() -> None:
    rates = [(m.channels, m.p) for m in net("ws").modules() if isinstance(m, Dropout)]
    assert rates == [(True, 0.3), (True, 0.3), (False, 0.5)]
    kinds = {type(module).__name__ for module in net("ws-plain").modules()}
    assert not kinds & {"BatchNorm2d", "BatchNorm1d", "Dropout", "Dropout2d"}


def test_parameter_counts_are_comparable() -> None:
    counts = {
        n: sum(p.numel() for p in net(n).parameters()) for n in ("baseline", "ws-plain", "ws")
    }
    assert max(counts.values()) / min(counts.values()) < 1.05, counts


# In float64 the two agree for as long as one likes; in float32 rounding grows with every step of
# lr 0.1 (a pooling maximum that changes place), so only the first steps can be compared.
@pytest.mark.parametrize(
    ("dtype", "steps", "tolerance"), [(torch.float64, 10, 1e-9), (torch.float32, 2, 1e-5)]
)
@pytest.mark.parametrize("name", ["baseline", "ws-plain", "ws", "ws-aux"])
def test_the_fast_path_gives_the_losses_of_the_plain_computation(
    name: str, dtype: torch.dtype, steps: int, tolerance: float
) -> None:
    (arm,) = make_arms(REGISTRY, [name], {"pairs": "300"})
    parts = load_parts(REGISTRY, name)
    learner, (data,) = train.make_learner(parts, arm, [100])
    assert isinstance(learner, TorchLearner)
    if dtype == torch.float64:
        learner.net.double()
        learner.parts = {k: (x.double(), targets) for k, (x, targets) in learner.parts.items()}
    slow = plain.Baseline() if name == "baseline" else plain.WeightSharing(name != "ws-plain")
    copy_parameters(learner.net, slow)
    slow = same_masks(slow).to(dtype)
    optimizer = torch.optim.SGD(slow.parameters(), lr=0.1)
    x = torch.from_numpy(data.train.x).to(dtype)
    targets = {key: torch.from_numpy(value) for key, value in data.train.targets.items()}
    for step in range(steps):
        rows = np.arange(60 * step, 60 * step + 60) % 300
        torch.manual_seed(step)  # both draw the same dropout masks
        (fast_loss,) = learner.step(rows[None], lr=0.1, progress=0.0)
        torch.manual_seed(step)
        output = slow(x[rows])
        loss = functional.cross_entropy(output["verdict"], targets["target"][rows])
        if name == "ws-aux":
            for image in (0, 1):
                classes = targets["classes"][rows, image]
                loss = loss + functional.cross_entropy(output["digits"][:, image], classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        assert fast_loss == pytest.approx(loss.item(), rel=tolerance), step
    slow.eval()
    with torch.no_grad():
        expected = slow(torch.from_numpy(data.test.x).to(dtype))["verdict"].numpy()
    found = learner.predict("test")["verdict"][0]
    np.testing.assert_allclose(found, expected, rtol=100 * tolerance, atol=100 * tolerance)
