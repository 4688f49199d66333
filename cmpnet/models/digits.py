"""The second report's networks for digit pairs: (B, 2, 14, 14) in, a verdict (B, 2) out.

The report gives no sizes. These were chosen once, on seeds from 100 on (seeds 0-9 are for
reporting); both networks take the same ones, which makes their parameter counts comparable.
"""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from cmpnet.models.layers import ConvPool, Dropout
from cmpnet.spec import Architecture, Bounds

SIDE, CLASSES = 14, 10
CHANNELS = (32, 64)
VERDICT = {"verdict": "(B, 2)"}
Hidden = Annotated[int, Bounds(1, 4096), "units of the dense hidden layer"]
Rate = Annotated[float, Bounds(0, 0.99), "probability of a zero"]
Head = Annotated[Literal["outputs", "difference"], "what the comparing layer sees"]
Gain = Annotated[float, Bounds(1e-6, 100), "of the first weights, times Xavier's"]


def convolutions(inputs: int, *, norm: bool, dropout2d: float) -> nn.Sequential:
    """Two 5x5 convolutions, each pooled 2x2: (B, inputs, 14, 14) to (B, 256)."""
    layers: list[nn.Module] = []
    for channels in CHANNELS:
        layers.append(ConvPool(inputs, channels, 5, padding=1, norm=norm))
        layers += [Dropout(dropout2d, channels=True)] if dropout2d else []
        inputs = channels
    return nn.Sequential(*layers, nn.Flatten())


def dense(outputs: int, hidden: int, *, norm: bool, dropout: float) -> nn.Sequential:
    """One hidden layer: (B, 256) to (B, outputs)."""
    layers: list[nn.Module] = [nn.Linear(4 * CHANNELS[-1], hidden)]
    layers += [nn.BatchNorm1d(hidden)] if norm else []
    layers += [nn.ReLU()]
    layers += [Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers, nn.Linear(hidden, outputs))


def xavier(net: nn.Module, gain: float = 1.0) -> None:
    """Xavier-uniform weights times a gain, and zero biases (Glorot and Bengio 2010, eq. 16)."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(module.weight, gain)
            assert module.bias is not None
            nn.init.zeros_(module.bias)


def difference(digits: Tensor) -> Tensor:
    """Ten times the difference of the two images' softmaxes, (B, 2, 10) to (B, 10)."""
    first, second = (CLASSES * digits.softmax(-1)).unbind(1)
    return first - second


class Baseline(nn.Module):
    """Both images as two channels of one: nothing is shared, normalised or dropped."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.features = convolutions(2, norm=False, dropout2d=0)
        self.verdict = dense(2, hidden, norm=False, dropout=0)
        xavier(self)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(B, 2, 14, 14) to verdict (B, 2)."""
        x = x.contiguous(memory_format=torch.channels_last)
        return {"verdict": self.verdict(self.features(x))}


class WeightSharing(nn.Module):
    """One net reads both images; one linear layer compares what it says of them.

    With the head "outputs" that layer sees the ten outputs of both images; with "difference" the
    difference of their softmaxes (times ten: then it starts out of the size of the outputs).
    Measured with the auxiliary loss on seeds 100-105: 5.7 % test error with a head of 64 hidden
    units on the outputs, 3.4 % with one linear layer on both softmaxes: the digits were never the
    limit, comparing them was. Without that loss, seeds 100-119: 12.0 % on both softmaxes, 11.2 % on
    their difference. Without BatchNorm the outputs are better: 14.1 against 15.4 % or more.

    ``gain`` scales the initial weights. Before a BatchNorm their size does not matter, but small
    ones turn faster at one learning rate: gain 0.5 gave `ws` 12.2 %, gain 1 14.1 % (n = 10).
    """

    def __init__(
        self, hidden: int, *, norm: bool, dropout: float, dropout2d: float, head: str, gain: float
    ) -> None:
        super().__init__()
        self.features = convolutions(1, norm=norm, dropout2d=dropout2d)
        self.digits = dense(CLASSES, hidden, norm=norm, dropout=dropout)
        self.difference = head == "difference"
        self.verdict = nn.Linear(CLASSES if self.difference else 2 * CLASSES, 2)
        xavier(self, gain)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """(B, 2, 14, 14) to verdict (B, 2) and digits (B, 2, 10)."""
        # Both images of all pairs in one batch of 2B: half the calls, each twice the size.
        images = x.reshape(-1, 1, SIDE, SIDE).contiguous(memory_format=torch.channels_last)
        digits = self.digits(self.features(images)).reshape(-1, 2, CLASSES)
        if self.difference:
            return {"verdict": self.verdict(difference(digits)), "digits": digits}
        return {"verdict": self.verdict(digits.flatten(1)), "digits": digits}


def baseline(*, hidden: Hidden = 512) -> nn.Module:
    """Two convolutions and two linear layers over both images at once, as in figure 1."""
    return Baseline(hidden)


def ws_plain(*, hidden: Hidden = 512, head: Head = "outputs", gain: Gain = 1.0) -> nn.Module:
    """Weight sharing alone: figure 2 without BatchNorm and dropout."""
    return WeightSharing(hidden, norm=False, dropout=0, dropout2d=0, head=head, gain=gain)


def ws(
    *,
    hidden: Hidden = 512,
    dropout: Rate = 0.5,
    dropout2d: Rate = 0.3,
    head: Head = "difference",
    gain: Gain = 0.5,
) -> nn.Module:
    """Weight sharing with BatchNorm and the dropout of Table II: figures 2 and 3.

    It differs from ws-plain in its head and the gain of its first weights too, each the better one
    for its net; ``ws-plain[head=difference,gain=0.5]`` differs in BatchNorm and dropout alone.
    """
    return WeightSharing(
        hidden, norm=True, dropout=dropout, dropout2d=dropout2d, head=head, gain=gain
    )


BASELINE = Architecture(
    name="baseline",
    summary="convolutions over both images at once, nothing shared",
    build=baseline,
    gives=VERDICT,
    task="digit-pairs",
    loss="ce",
    source="Report 2, section B, figure 1",
)
SHARED = {**VERDICT, "digits": "(B, 2, 10)"}
WS_PLAIN = Architecture(
    name="ws-plain",
    summary="weight sharing, no BatchNorm, no dropout",
    build=ws_plain,
    gives=SHARED,
    task="digit-pairs",
    loss="ce",
    source="Report 2, section C.1, figure 2",
)
WS = Architecture(
    name="ws",
    summary="weight sharing with BatchNorm and dropout",
    build=ws,
    gives=SHARED,
    task="digit-pairs",
    loss="ce",
    source="Report 2, section C.2, figures 2 and 3",
)
WS_AUX = Architecture(
    name="ws-aux",
    summary="the net of ws, trained with the auxiliary digit losses",
    build=ws,
    gives=SHARED,
    task="digit-pairs",
    loss="aux-discounted",
    source="Report 2, section D, figures 2 and 3",
)
