"""The first report's networks: weight sharing, layers, and the losses of a plain computation."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from cmpnet.models.layers import Dropout
from tests.benchmarks import plain
from tests.twins import REGISTRY, Named, build, check_twin

NAMES = ("simple", "wsnet", "al")
X = torch.randn(5, 2, 14, 14, generator=torch.Generator().manual_seed(0))


class PlainPairwise(nn.Module):
    """Passes one image after the other through ``features``, then both results to ``logit``."""

    def __init__(self, features: nn.Module, logit: nn.Module) -> None:
        super().__init__()
        self.features, self.logit = features, logit

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        features = [self.features(x[:, :1]), self.features(x[:, 1:])]
        return {"logit": self.logit(torch.cat(features, 1))[:, 0]}


class PlainUnshared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.Sequential(plain.convolutions(1, True), plain.dense(10, True)) for _ in range(2)
        )
        self.verdict = nn.Linear(10, 2)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        first, second = self.blocks[0](x[:, :1]), self.blocks[1](x[:, 1:])
        verdict = self.verdict(10 * first.softmax(1) - 10 * second.softmax(1))
        return {"verdict": verdict, "digits": torch.stack([first, second], 1)}


def plain_net(name: str) -> nn.Module:
    if name == "simple":
        features = nn.Sequential(nn.Conv2d(1, 16, 5), nn.ReLU(), nn.Flatten())
        return PlainPairwise(features, nn.Linear(2 * 16 * 10 * 10, 1))
    if name == "wsnet":
        layers: list[nn.Module] = []
        for inputs, outputs in ((1, 16), (16, 32), (32, 64)):
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
        head = nn.Sequential(nn.Linear(128, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 1))
        return PlainPairwise(nn.Sequential(*layers, nn.Flatten()), head)
    return PlainUnshared()


def plain_loss(output: Named, targets: Named) -> Tensor:
    if "logit" in output:
        signs = 1 - 2 * targets["target"]  # log(1 + exp(-z)) for target 1, +z for target 0
        return (1 + (signs * output["logit"]).exp()).log().mean()
    return (
        functional.cross_entropy(output["verdict"], targets["target"])
        + functional.cross_entropy(output["digits"][:, 0], targets["classes"][:, 0])
        + functional.cross_entropy(output["digits"][:, 1], targets["classes"][:, 1])
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_recipe_is_that_of_the_report(name: str) -> None:
    recipe = REGISTRY.architecture(name).recipe
    assert (recipe.epochs, recipe.batch_size, recipe.lr) == (25, 100, 0.002)


@pytest.mark.parametrize(("name", "convolutions", "linear"), [("simple", 1, 1), ("wsnet", 3, 2)])
def test_the_weight_sharing_networks_have_the_layers_that_the_report_names(
    name: str, convolutions: int, linear: int
) -> None:
    kinds = [type(module) for module in build(name).modules()]
    assert kinds.count(nn.Conv2d) == convolutions
    assert kinds.count(nn.Linear) == linear
    assert nn.BatchNorm2d not in kinds


def test_dropout_of_wsnet_can_be_switched_off() -> None:
    rates = [m.p for m in build("wsnet", dropout=0).modules() if isinstance(m, Dropout)]
    assert rates == [0]
    for dropout, same in ((0, True), (0.5, False)):
        model = build("wsnet", dropout=dropout).train()
        assert torch.equal(model(X)["logit"], model(X)["logit"]) == same


@pytest.mark.parametrize("name", ["simple", "wsnet"])
def test_both_images_are_read_with_the_same_weights(name: str) -> None:
    model = build(name).eval()
    logit = model(X)["logit"]
    layer = next(module for module in model.modules() if isinstance(module, nn.Linear))
    with torch.no_grad():  # swaps the weights of the features of the two images
        layer.weight.copy_(layer.weight.roll(layer.in_features // 2, 1))
    torch.testing.assert_close(model(X.flip(1))["logit"], logit)


def test_al_shares_nothing_between_the_images() -> None:
    model = build("al").eval()
    digits = model(X)["digits"]
    changed = torch.cat([X[:, :1], torch.zeros_like(X[:, 1:])], 1)
    torch.testing.assert_close(model(changed)["digits"][:, 0], digits[:, 0])
    assert not torch.allclose(model(X.flip(1))["digits"].flip(1), digits)
    used = []
    for image in (0, 1):
        model.zero_grad()
        model(X)["digits"][:, image].sum().backward()
        used.append({n for n, p in model.named_parameters() if p.grad is not None and p.grad.any()})
    assert used[0]
    assert used[1]
    assert not used[0] & used[1]


@pytest.mark.parametrize("name", NAMES)
def test_training_gives_the_losses_of_the_plain_computation(name: str) -> None:
    def adam(parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters, lr=0.002)

    check_twin(name, plain_net(name), adam, plain_loss, torch.float64, 5, 1e-9)
