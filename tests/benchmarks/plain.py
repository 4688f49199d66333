"""Table III as a plain PyTorch script would train it: what ``cmpnet bench`` is measured against.

It uses one process, torch's default number of threads, one training after another, and torch's
default memory layout. Its networks compute the same functions as cmpnet's, with the same parameters
in the same order, so the tests compare cmpnet's faster networks with them.

    python -m tests.benchmarks.plain [REPEATS [EPOCHS]]
"""

from __future__ import annotations

import sys

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from cmpnet.models.digits import xavier
from cmpnet.tasks import digits


def convolutions(inputs: int, norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels in (32, 64):
        layers.append(nn.Conv2d(inputs, channels, 5, padding=1))
        if norm:
            layers.append(nn.BatchNorm2d(channels))
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
        if norm:
            layers.append(nn.Dropout2d(0.3))
        inputs = channels
    return nn.Sequential(*layers, nn.Flatten())


def dense(outputs: int, norm: bool) -> nn.Sequential:
    if not norm:
        return nn.Sequential(nn.Linear(256, 512), nn.ReLU(), nn.Linear(512, outputs))
    return nn.Sequential(
        nn.Linear(256, 512),
        nn.BatchNorm1d(512),
        nn.ReLU(),
        nn.Dropout(0.5),
        nn.Linear(512, outputs),
    )


class Baseline(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = convolutions(2, norm=False)
        self.verdict = dense(2, norm=False)
        xavier(self)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        return {"verdict": self.verdict(self.features(x))}


class WeightSharing(nn.Module):
    def __init__(self, norm: bool = True) -> None:
        super().__init__()
        self.features = convolutions(1, norm)
        self.digits = dense(10, norm)
        self.verdict = nn.Linear(10 if norm else 20, 2)
        self.norm = norm
        xavier(self, 0.5 if norm else 1.0)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        digits = self.digits(self.features(x.view(-1, 1, 14, 14))).view(-1, 2, 10)
        if self.norm:
            shares = 10 * digits.softmax(-1)
            return {"verdict": self.verdict(shares[:, 0] - shares[:, 1]), "digits": digits}
        return {"verdict": self.verdict(digits.flatten(1)), "digits": digits}


def error(net: nn.Module, x: Tensor, target: Tensor) -> float:
    net.eval()
    with torch.no_grad():
        wrong = sum(
            (net(part)["verdict"].argmax(1) != answer).sum().item()
            for part, answer in zip(x.split(100), target.split(100), strict=True)
        )
    return wrong / len(x)


def train(name: str, seed: int, epochs: int = 25) -> tuple[float, float]:
    data = digits.load(seed)
    x, test_x = torch.from_numpy(data.train.x), torch.from_numpy(data.test.x)
    target = torch.from_numpy(data.train.targets["target"])
    classes = torch.from_numpy(data.train.targets["classes"])
    test_target = torch.from_numpy(data.test.targets["target"])
    torch.manual_seed(seed)
    net: nn.Module = Baseline() if name == "baseline" else WeightSharing()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    train_error = test_error = 1.0
    for _ in range(epochs):
        net.train()
        for rows in torch.randperm(len(x)).split(100):
            output = net(x[rows])
            loss = functional.cross_entropy(output["verdict"], target[rows])
            if name == "ws-aux":
                loss = loss + functional.cross_entropy(output["digits"][:, 0], classes[rows, 0])
                loss = loss + functional.cross_entropy(output["digits"][:, 1], classes[rows, 1])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        train_error, test_error = error(net, x, target), error(net, test_x, test_target)
    return train_error, test_error


def main(repeats: int = 10, epochs: int = 25) -> None:
    for name in ("baseline", "ws", "ws-aux"):
        errors = np.array([train(name, seed, epochs) for seed in range(repeats)])
        mean, sd = 100 * errors.mean(0), 100 * errors.std(0, ddof=min(1, repeats - 1))
        print(f"{name:9} train {mean[0]:.2f} ± {sd[0]:.2f}  test {mean[1]:.2f} ± {sd[1]:.2f}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
