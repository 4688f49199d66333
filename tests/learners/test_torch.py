"""The torch learner: its optimizers, its losses and what it imports."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from cmpnet import CmpnetError, training
from cmpnet.arms import Shared, resolve
from cmpnet.learners.torch import TorchLearner, at_rate
from cmpnet.registry import Registry
from cmpnet.spec import Augmentation, Loss

OPTIMIZERS: list[tuple[str, dict[str, Any], type[torch.optim.Optimizer], dict[str, Any]]] = [
    ("sgd", {}, torch.optim.SGD, {}),
    ("sgd", {"weight_decay": 0.1}, torch.optim.SGD, {"weight_decay": 0.1}),
    (
        "sgd",
        {"momentum": 0.5, "weight_decay": 0.1},
        torch.optim.SGD,
        {"momentum": 0.5, "weight_decay": 0.1},
    ),
    ("momentum", {}, torch.optim.SGD, {"momentum": 0.9}),
    ("momentum", {"nesterov": True}, torch.optim.SGD, {"momentum": 0.9, "nesterov": True}),
    ("adam", {}, torch.optim.Adam, {}),
    ("adam", {"weight_decay": 0.1}, torch.optim.Adam, {"weight_decay": 0.1}),
    (
        "adam",
        {"beta1": 0.5, "beta2": 0.9, "eps": 0.1},
        torch.optim.Adam,
        {"betas": (0.5, 0.9), "eps": 0.1},
    ),
    ("adamw", {}, torch.optim.AdamW, {}),
    ("adamw", {"weight_decay": 0.5}, torch.optim.AdamW, {"weight_decay": 0.5}),
]


@pytest.mark.parametrize(("name", "options", "kind", "arguments"), OPTIMIZERS)
def test_each_optimizer_makes_the_steps_of_torchs_optimizer_at_a_changing_rate(
    name: str,
    options: dict[str, Any],
    kind: Callable[..., torch.optim.Optimizer],
    arguments: dict[str, Any],
) -> None:
    nets = []
    for _ in range(2):
        torch.manual_seed(7)
        net = nn.Sequential(nn.Linear(5, 4), nn.Tanh(), nn.Linear(4, 2))
        net.register_parameter("unused", nn.Parameter(torch.ones(3)))
        nets.append(net)
    ours, theirs = nets
    made = Registry().record("optimizer", name).make(list(ours.parameters()), **options)
    update = at_rate(made) if isinstance(made, torch.optim.Optimizer) else made
    optimizer = kind(list(theirs.parameters()), lr=1.0, **arguments)
    for step in range(5):
        x = torch.randn(8, 5)
        for net in nets:
            net.zero_grad()
            net(x).square().mean().backward()
        update(0.1 / (step + 1))
        optimizer.param_groups[0]["lr"] = 0.1 / (step + 1)
        optimizer.step()
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-6, atol=1e-7)


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


# -- what a loss may ask for -----------------------------------------------------------------------


def cross_entropy(output: Any, batch: Any) -> Tensor:
    return nn.functional.cross_entropy(output["verdict"], batch["target"])


def learner_with(loss: Callable[..., Any], **options: object) -> TorchLearner:
    record = Loss(name="own", summary="", fn=loss, needs=("verdict",))
    arm = resolve("ws", Registry(), Shared({"pairs": 20, **options}, record))
    learner, _ = training.make_learner(arm, [0])
    assert isinstance(learner, TorchLearner)
    return learner


def weights_after(learner: TorchLearner, steps: int = 3) -> dict[str, Any]:
    for step in range(steps):
        learner.step(np.arange(20)[None], lr=0.1, progress=step / steps)
    return learner.weights()[0]


def test_a_loss_that_penalises_the_weights_of_the_net_is_torchs_weight_decay() -> None:
    def penalised(output: Any, batch: Any, *, decay: float = 0.3, net: nn.Module) -> Tensor:
        squares = sum((p.square().sum() for p in net.parameters()), torch.zeros(()))
        return cross_entropy(output, batch) + decay / 2 * squares

    ours = weights_after(learner_with(penalised))
    torchs = weights_after(learner_with(cross_entropy, weight_decay=0.3))
    plain = weights_after(learner_with(cross_entropy))
    for name, value in torchs.items():
        np.testing.assert_allclose(ours[name], value, rtol=1e-4, atol=1e-6)
    assert any(np.abs(plain[name] - torchs[name]).max() > 0.01 for name in plain)


def test_a_loss_is_given_the_numbers_of_its_samples_and_the_samples_that_the_net_saw() -> None:
    seen: dict[str, Any] = {}

    def looking(output: Any, batch: Any, *, ids: Tensor, x: Tensor, net: nn.Module) -> Tensor:
        seen.update(ids=ids, x=x, again=net(x)["verdict"], batch=batch)
        each = nn.functional.cross_entropy(output["verdict"], batch["target"], reduction="none")
        weights = torch.linspace(0, 1, 20)[ids]  # one per training sample
        seen["loss"] = (weights * each).sum() / weights.sum()
        return seen["loss"]

    learner = learner_with(looking)
    rows = np.array([[3, 1, 19]])
    (loss,) = learner.step(rows, lr=0.1, progress=0.0)
    assert (seen["ids"].tolist(), seen["ids"].dtype) == ([3, 1, 19], torch.int64)
    x, targets = learner.parts["train"]
    assert torch.equal(seen["x"], x[[3, 1, 19]])
    assert torch.equal(seen["batch"]["target"], targets["target"][[3, 1, 19]])
    assert seen["again"].shape == (3, 2)
    assert loss == seen["loss"].item()


def test_a_loss_may_compare_the_outputs_for_two_versions_of_the_samples() -> None:
    def consistent(output: Any, batch: Any, *, x: Tensor, net: nn.Module) -> Tensor:
        other = net(x.flip(1))["verdict"]  # the two digits change places
        return cross_entropy(output, batch) + (output["verdict"] - other.flip(1)).square().mean()

    losses = [
        learner_with(loss).step(np.arange(20)[None], lr=0.1, progress=0.0)[0]
        for loss in (cross_entropy, consistent)
    ]
    assert losses[0] < losses[1] < 10


# -- augmentations ---------------------------------------------------------------------------------


def augmented(augmentation: object, **options: object) -> TorchLearner:
    given = {"pairs": 20, "augmentation": augmentation, **options}
    learner, _ = training.make_learner(resolve("ws", Registry(), Shared(given)), [0])
    assert isinstance(learner, TorchLearner)
    return learner


def test_an_augmentation_that_changes_nothing_leaves_weights_and_order_as_they_are() -> None:
    unchanged = Augmentation(
        name="draws", summary="", fn=lambda x, g: x + 0 * torch.rand(x.shape, generator=g)
    )
    one, other = (weights_after(augmented(each)) for each in ("none", unchanged))
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_an_augmentation_changes_training_samples_and_none_to_predict_for() -> None:
    seen: list[Tensor] = []

    def zeros(x: Tensor, generator: torch.Generator) -> Tensor:
        seen.append(x)
        return torch.zeros_like(x)

    learner = augmented(Augmentation(name="zeros", summary="", fn=zeros))
    before = learner.predict("train")["verdict"]
    learner.step(np.arange(20)[None], lr=0.0, progress=0.0)
    assert len(seen) == 1
    assert np.ptp(before, axis=1).min() > 0


def test_the_two_digits_of_a_pair_are_images_of_their_own() -> None:
    shapes: list[tuple[int, ...]] = []

    def noting(x: Tensor, generator: torch.Generator) -> Tensor:
        shapes.append(tuple(x.shape))
        return x

    augmentation = Augmentation(name="noting", summary="", fn=noting)
    augmented(augmentation).step(np.arange(20)[None], lr=0.1, progress=0.0)
    assert shapes == [(40, 1, 14, 14)]


def test_an_augmentation_that_asks_for_targets_changes_them_too() -> None:
    def swapped(x: Tensor, generator: torch.Generator, *, targets: Any) -> Any:
        return x.flip(1), {**targets, "target": 1 - targets["target"]}

    seen: dict[str, Any] = {}

    def looking(output: Any, batch: Any, *, x: Tensor) -> Tensor:
        seen.update(x=x, target=batch["target"])
        return cross_entropy(output, batch)

    learner = learner_with(
        looking, augmentation=Augmentation(name="swapped", summary="", fn=swapped)
    )
    learner.step(np.arange(20)[None], lr=0.1, progress=0.0)
    x, targets = learner.parts["train"]
    assert torch.equal(seen["x"], x.flip(1))
    assert torch.equal(seen["target"], 1 - targets["target"])


def test_an_augmentation_that_changes_the_shape_is_refused_in_a_sentence() -> None:
    cropped = Augmentation(name="cropped", summary="", fn=lambda x, generator: x[..., 1:])
    with pytest.raises(CmpnetError, match="'cropped' returned samples of shape"):
        augmented(cropped).step(np.arange(20)[None], lr=0.1, progress=0.0)


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
