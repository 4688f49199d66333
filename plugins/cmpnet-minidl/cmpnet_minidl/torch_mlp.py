"""The control: the report's network in torch, trained with autograd."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh}


class TorchMLP(nn.Module):
    """Linear layers with an activation between them.

    Args:
        sizes: features of the input, of each hidden layer and of the output.
        activation: "relu" or "tanh".
        init: "xavier", "uniform" or "he", as in ``minidl.INITIALISATIONS``.
    """

    def __init__(self, sizes: tuple[int, ...], activation: str, init: str) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(sizes):
            linear = nn.Linear(inputs, outputs)
            initialise(linear, init)
            layers += [linear, ACTIVATIONS[activation]()]
        self.body = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map points (B, 2) to ``inside`` (B, 1)."""
        return {"inside": self.body(x)}


def initialise(linear: nn.Linear, init: str) -> None:
    """Draw weights from the distributions of ``minidl.INITIALISATIONS``; set biases to zero."""
    bound = linear.in_features**-0.5
    match init:
        case "xavier":
            nn.init.xavier_uniform_(linear.weight)
        case "uniform":
            nn.init.uniform_(linear.weight, -bound, bound)
        case "he":
            nn.init.kaiming_normal_(linear.weight)
    nn.init.zeros_(linear.bias)
