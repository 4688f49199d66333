"""Networks of the second report for digit pairs: input (B, 2, 14, 14), output verdict (B, 2).

The report gives no layer sizes. They were chosen once, on seeds of 100 and above; seeds 0-9 are
reserved for reported results. All networks have the same sizes, so that their parameter counts are
comparable.
"""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from torch import Tensor, nn

from cmpnet.models.layers import ConvPool, Dropout
from cmpnet.spec import Architecture, Bounds

SIDE, CLASSES = 14, 10
CHANNELS = (32, 64)
VERDICT = {"verdict": (2,)}
Hidden = Annotated[int, Bounds(1, 4096), "units of the hidden linear layer"]
Rate = Annotated[float, Bounds(0, 0.99), "dropout probability of a hidden unit"]
Rate2d = Annotated[float, Bounds(0, 0.99), "dropout probability of a whole channel"]
Head = Annotated[Literal["outputs", "difference"], "input of the comparison layer"]
Gain = Annotated[float, Bounds(1e-6, 100), "factor on the Xavier initial weights"]


def convolutions(inputs: int, *, norm: bool, dropout2d: float) -> nn.Sequential:
    """Two 5x5 convolutions with 2x2 pooling: (B, inputs, 14, 14) to (B, 256).

    Args:
        inputs: input channels.
        norm: whether BatchNorm follows each convolution.
        dropout2d: dropout probability of a channel; 0 adds no dropout layer.
    """
    layers: list[nn.Module] = []
    for channels in CHANNELS:
        layers.append(ConvPool(inputs, channels, 5, padding=1, norm=norm))
        layers += [Dropout(dropout2d, channels=True)] if dropout2d else []
        inputs = channels
    return nn.Sequential(*layers, nn.Flatten())


def dense(outputs: int, hidden: int, *, norm: bool, dropout: float) -> nn.Sequential:
    """Two linear layers with ReLU between them: (B, 256) to (B, outputs).

    Args:
        outputs: output units.
        hidden: hidden units.
        norm: whether BatchNorm follows the first layer.
        dropout: dropout probability of a hidden unit; 0 adds no dropout layer.
    """
    layers: list[nn.Module] = [nn.Linear(4 * CHANNELS[-1], hidden)]
    layers += [nn.BatchNorm1d(hidden)] if norm else []
    layers += [nn.ReLU()]
    layers += [Dropout(dropout)] if dropout else []
    return nn.Sequential(*layers, nn.Linear(hidden, outputs))


def xavier(net: nn.Module, gain: float = 1.0) -> None:
    """Set Xavier-uniform weights times a gain, and zero biases (Glorot and Bengio 2010, eq. 16)."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.xavier_uniform_(module.weight, gain)
            assert module.bias is not None
            nn.init.zeros_(module.bias)


def difference(digits: Tensor) -> Tensor:
    """Ten times the difference between the softmaxes of the two images, (B, 2, 10) to (B, 10)."""
    first, second = (CLASSES * digits.softmax(-1)).unbind(1)
    return first - second


class Baseline(nn.Module):
    """Reads both images as two channels, without weight sharing, BatchNorm or dropout."""

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.features = convolutions(2, norm=False, dropout2d=0)
        self.verdict = dense(2, hidden, norm=False, dropout=0)
        xavier(self)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map images (B, 2, 14, 14) to verdict (B, 2)."""
        x = x.contiguous(memory_format=torch.channels_last)
        return {"verdict": self.verdict(self.features(x))}


class WeightSharing(nn.Module):
    """Reads both images with one digit network, then compares its outputs with one linear layer.

    With the head "outputs" the comparison layer reads the ten outputs of both images. With
    "difference" it reads ten times the difference between their softmaxes; the factor gives the
    difference the initial scale of the outputs.

    Test errors measured with the auxiliary loss on seeds 100-105: 5.7 % with a head of 64 hidden
    units on the outputs, 3.4 % with one linear layer on both softmaxes. So the comparison limited
    the error, not the digits. Without the auxiliary loss, seeds 100-119: 12.0 % on both softmaxes,
    11.2 % on their difference. Without BatchNorm the outputs are better: 14.1 % against at least
    15.4 %.

    ``gain`` scales the initial weights. Before a BatchNorm their scale does not change the output,
    but at a given learning rate smaller weights change direction faster: ``ws`` had 12.2 % test
    error with gain 0.5 and 14.1 % with gain 1 (n = 10).
    """

    def __init__(
        self, hidden: int, *, norm: bool, dropout: float, dropout2d: float, head: str, gain: float
    ) -> None:
        super().__init__()
        self.features = convolutions(1, norm=norm, dropout2d=dropout2d)
        self.digits = dense(CLASSES, hidden, norm=norm, dropout=dropout)
        self.reads_difference = head == "difference"
        self.verdict = nn.Linear(CLASSES if self.reads_difference else 2 * CLASSES, 2)
        xavier(self, gain)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        """Map images (B, 2, 14, 14) to verdict (B, 2) and digits (B, 2, 10)."""
        # One batch of 2B images instead of two of B: half as many calls.
        images = x.reshape(-1, 1, SIDE, SIDE).contiguous(memory_format=torch.channels_last)
        digits = self.digits(self.features(images)).reshape(-1, 2, CLASSES)
        if self.reads_difference:
            return {"verdict": self.verdict(difference(digits)), "digits": digits}
        return {"verdict": self.verdict(digits.flatten(1)), "digits": digits}


def baseline(*, hidden: Hidden = 512) -> nn.Module:
    """Two convolutions and two linear layers that read both images at once, as in figure 1."""
    return Baseline(hidden)


def ws_plain(*, hidden: Hidden = 512, head: Head = "outputs", gain: Gain = 1.0) -> nn.Module:
    """Weight sharing without BatchNorm and dropout, otherwise as in figure 2."""
    return WeightSharing(hidden, norm=False, dropout=0, dropout2d=0, head=head, gain=gain)


def ws(
    *,
    hidden: Hidden = 512,
    dropout: Rate = 0.5,
    dropout2d: Rate2d = 0.3,
    head: Head = "difference",
    gain: Gain = 0.5,
) -> nn.Module:
    """Weight sharing with BatchNorm and the dropout of Table II: figures 2 and 3.

    It also differs from ``ws-plain`` in its head and gain; each network has the better choice for
    itself. ``ws-plain[head=difference,gain=0.5]`` differs only in BatchNorm and dropout.
    """
    return WeightSharing(
        hidden, norm=True, dropout=dropout, dropout2d=dropout2d, head=head, gain=gain
    )


BASELINE = Architecture(
    name="baseline",
    summary="convolutions over both images at once, no weight sharing",
    build=baseline,
    outputs=VERDICT,
    task="digit-pairs",
    loss="ce",
    source="Report 2, section B, figure 1",
)
SHARED = {**VERDICT, "digits": (2, CLASSES)}
WS_PLAIN = Architecture(
    name="ws-plain",
    summary="weight sharing, no BatchNorm, no dropout",
    build=ws_plain,
    outputs=SHARED,
    task="digit-pairs",
    loss="ce",
    source="Report 2, section C.1, figure 2",
)
WS = Architecture(
    name="ws",
    summary="weight sharing with BatchNorm and dropout",
    build=ws,
    outputs=SHARED,
    task="digit-pairs",
    loss="ce",
    source="Report 2, section C.2, figures 2 and 3",
)
WS_AUX = Architecture(
    name="ws-aux",
    summary="the network of ws, trained with the auxiliary digit losses",
    build=ws,
    outputs=SHARED,
    task="digit-pairs",
    loss="aux-discounted",
    source="Report 2, section D, figures 2 and 3",
)
