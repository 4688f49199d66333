"""The control: the report's network in torch, with autograd."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


class Twin(nn.Module):
    """Linear layers with an activation between them: (B, 2) to ``inside`` (B, 1)."""

    def __init__(self, sizes: tuple[int, ...], activation: str, init: str) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(sizes):
            linear = nn.Linear(inputs, outputs)
            begin(linear, init)
            layers += [linear, ACTIVATIONS[activation]()]
        self.body = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(B, 2) to inside (B, 1)."""
        return {"inside": self.body(x)}


def begin(linear: nn.Linear, init: str) -> None:
    """Weights as minidl draws them (``minidl.INITIALISATIONS``), biases zero."""
    bound = linear.in_features**-0.5
    match init:
        case "xavier":
            nn.init.xavier_uniform_(linear.weight)
        case "uniform":
            nn.init.uniform_(linear.weight, -bound, bound)
        case "he":
            nn.init.kaiming_normal_(linear.weight)
    nn.init.zeros_(linear.bias)
