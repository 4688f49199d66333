"""The second report's networks: weight sharing, sizes, and the losses of a plain computation."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from cmpnet.models.layers import Dropout
from tests.benchmarks import plain
from tests.twins import REGISTRY, Named, build, check_twin


@pytest.mark.parametrize("name", ["baseline", "ws-plain", "ws", "ws-aux"])
def test_output_has_the_entries_and_shapes_that_the_record_promises(name: str) -> None:
    output = build(name).eval()(torch.randn(3, 2, 14, 14))
    assert {key: len(values) for key, values in output.items()} == dict.fromkeys(output, 3)
    shapes = {key: tuple(values.shape[1:]) for key, values in output.items()}
    assert shapes == REGISTRY.architecture(name).outputs


@pytest.mark.parametrize("name", ["ws-plain", "ws"])
def test_weight_sharing_networks_read_both_images_with_the_same_weights(name: str) -> None:
    model = build(name).eval()
    x = torch.randn(5, 2, 14, 14)
    digits, swapped = model(x)["digits"], model(x.flip(1))["digits"]
    torch.testing.assert_close(digits, swapped.flip(1))


def test_the_baseline_has_neither_batchnorm_nor_dropout() -> None:
    kinds = {type(module).__name__ for module in build("baseline").modules()}
    assert not kinds & {"BatchNorm2d", "BatchNorm1d", "Dropout", "Dropout2d"}
    assert kinds >= {"Conv2d", "Linear"}


def test_ws_has_the_dropout_of_table_2_and_ws_plain_has_none() -> None:
    rates = [(m.channels, m.p) for m in build("ws").modules() if isinstance(m, Dropout)]
    assert rates == [(True, 0.3), (True, 0.3), (False, 0.5)]
    kinds = {type(module).__name__ for module in build("ws-plain").modules()}
    assert not kinds & {"BatchNorm2d", "BatchNorm1d", "Dropout", "Dropout2d"}


def test_parameter_counts_are_comparable() -> None:
    counts = {
        n: sum(p.numel() for p in build(n).parameters()) for n in ("baseline", "ws-plain", "ws")
    }
    assert max(counts.values()) / min(counts.values()) < 1.05, counts


# In float64 the two computations agree over any number of steps. In float32, at a learning rate of
# 0.1, rounding errors grow with every step (they can change which pixel of a pooling window is the
# largest), so only the first steps can be compared.
@pytest.mark.parametrize(
    ("dtype", "steps", "tolerance"), [(torch.float64, 10, 1e-9), (torch.float32, 2, 1e-5)]
)
@pytest.mark.parametrize("name", ["baseline", "ws-plain", "ws", "ws-aux"])
def test_training_gives_the_losses_of_the_plain_computation(
    name: str, dtype: torch.dtype, steps: int, tolerance: float
) -> None:
    def loss(output: Named, targets: Named) -> torch.Tensor:
        total = functional.cross_entropy(output["verdict"], targets["target"])
        if name == "ws-aux":
            for image in (0, 1):
                classes = targets["classes"][:, image]
                total = total + functional.cross_entropy(output["digits"][:, image], classes)
        return total

    slow = plain.Baseline() if name == "baseline" else plain.WeightSharing(name != "ws-plain")
    check_twin(name, slow, lambda p: torch.optim.SGD(p, lr=0.1), loss, dtype, steps, tolerance)
